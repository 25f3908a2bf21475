//! `[login.passkeys]`: the name that passkeys are bound to.

use url::{Host, Url};

use crate::problem::Problems;
use crate::read::Fields;
use crate::settings::Server;
use crate::settings::listeners::SERVER_KEYS;
use crate::source::At;

/// The relying party id: a name that the console's host is or is below (WebAuthn Level 3, section 5.1.3).
pub(super) fn rp_id(
    server: &Server,
    stated: Option<&At<String>>,
    root: &Fields<'_>,
    problems: &Problems,
) -> Option<String> {
    let url = Url::parse(&server.public_url).ok()?;
    let host = url.host_str()?.to_owned();
    let section = root.table_or_empty("server", "[server]", &SERVER_KEYS);
    let place = stated.map_or_else(
        || section.place_of("public_url").clone(),
        |stated| stated.place.clone(),
    );
    if !matches!(url.host(), Some(Host::Domain(_))) {
        let message =
            format!("`{host}` is an address: passkeys need a name, so nobody can use one here");
        problems.warning(
            &place,
            message,
            "write \"http://localhost:PORT\" or a domain name in public_url",
        );
    }
    let Some(stated) = stated else {
        return Some(host);
    };
    if host != stated.value && !host.ends_with(&format!(".{}", stated.value)) {
        let message = format!("`rp_id` must be `{host}` or a domain above it");
        problems.error_with(
            &stated.place,
            message,
            format!("leave it out, or write \"{host}\""),
        );
    }
    Some(stated.value.clone())
}
