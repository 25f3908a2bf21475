//! Where a document says that its paths are: what stands before them, and at which host.

use super::document::{Document, Operation, PathItem, Server};
use super::lenient::{Lenient, Listed};
use crate::propose::Gathered;

/// The first server's host and path, with the defaults of its variables.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Nothing where the address names none: it is the document's own.
    host: Option<String>,
    pub(super) path: String,
}

impl Place {
    fn of(server: &Server) -> Self {
        let mut url = server.url.0.clone();
        for (name, variable) in &server.variables.0 {
            let default = variable.default.as_ref().map_or("", |default| &default.0);
            url = url.replace(&format!("{{{name}}}"), default);
        }
        let after = url.split_once("://").map(|(_, after)| after);
        let (host, path) = match after.or_else(|| url.strip_prefix("//")) {
            Some(after) => {
                let (host, path) = after.split_at(after.find('/').unwrap_or(after.len()));
                (Some(host.to_ascii_lowercase()), path)
            }
            None => (None, url.as_str()),
        };
        Self {
            host: host.filter(|host| !host.is_empty()),
            path: path.trim_matches('/').to_owned(),
        }
    }
}

/// Where the whole document is.
pub(super) fn whole(document: &Document, gathered: &mut Gathered) -> Place {
    if let Some(path) = &document.base_path {
        return Place {
            host: None,
            path: path.0.trim_matches('/').to_owned(),
        };
    }
    first(&document.servers, gathered).unwrap_or_default()
}

/// Where one operation is, if it says so itself or its path does. Another host than the document's is told.
pub(super) fn own(
    operation: &Operation,
    item: &PathItem,
    whole: &Place,
    gathered: &mut Gathered,
) -> Option<Place> {
    let own = [&operation.servers, &item.servers]
        .into_iter()
        .find_map(|servers| first(servers, gathered))?;
    if let (Some(host), Some(known)) = (&own.host, &whole.host)
        && host != known
    {
        gathered.warn(format!(
            "some paths are at `{host}`, and the others at `{known}`: see which of them this application's upstream answers"
        ));
    }
    Some(own)
}

fn first(servers: &Listed<Lenient<Server>>, gathered: &mut Gathered) -> Option<Place> {
    let mut places = servers
        .0
        .iter()
        .filter_map(|it| it.0.as_ref())
        .map(Place::of);
    let first = places.next()?;
    if places.any(|other| other.path != first.path) {
        gathered.warn(format!(
            "the document names servers with different paths; `/{}` is used: another one with `--base`",
            first.path
        ));
    }
    Some(first)
}
