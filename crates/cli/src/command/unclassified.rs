//! What sessions asked an application for and nobody classified, as lines for its file.

use std::fmt::Write as _;

use locum_api::{Listing, UnclassifiedView};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::{encoded, query};

const LIMIT: &str = "200";

pub(crate) async fn run(
    client: &Connection<'_>,
    output: &Output,
    application: &str,
) -> Result<(), Failure> {
    let mut all = Listing {
        items: Vec::new(),
        next: None,
    };
    loop {
        let parameters = [("limit", Some(LIMIT)), ("cursor", all.next.as_deref())];
        let path = format!(
            "/api/v1/applications/{}/unclassified?{}",
            encoded(application),
            query(&parameters)
        );
        let page: Listing<UnclassifiedView> = client.get(&path).await?;
        all.items.extend(page.items);
        all.next = page.next;
        if all.next.is_none() {
            break;
        }
    }
    output.answer(&all, || lines(application, &all.items))
}

/// Lists as an `[[operation]]` has them; what each line stands on is said behind it.
fn lines(application: &str, items: &[UnclassifiedView]) -> String {
    if items.is_empty() {
        return format!("nothing: whatever sessions asked {application} for has an operation");
    }
    let mut text = format!(
        "# Asked for in sessions of {application} and refused, because no operation has it; ids are folded to `*`.\n\
         # Each needs an [[operation]] with its effect, or stays refused.\n"
    );
    let document = |it: &UnclassifiedView| {
        let asked = it.asked.as_deref();
        asked
            .and_then(|it| it.strip_prefix("document "))
            .map(str::to_owned)
    };
    let field = |it: &UnclassifiedView| it.asked.clone().filter(|_| document(it).is_none());
    let route = |it: &UnclassifiedView| it.asked.is_none().then(|| it.route.clone());
    list(&mut text, "routes", items, route);
    list(&mut text, "graphql", items, field);
    list(&mut text, "graphql_hashes", items, document);
    text.trim_end().to_owned()
}

fn list(
    text: &mut String,
    key: &str,
    items: &[UnclassifiedView],
    line: impl Fn(&UnclassifiedView) -> Option<String>,
) {
    let lines: Vec<(String, &UnclassifiedView)> = items
        .iter()
        .filter_map(|it| Some((line(it)?, it)))
        .collect();
    if lines.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{key} = [");
    for (line, it) in lines {
        let times = match it.count {
            1 => "once".to_owned(),
            count => format!("{count} times since {}", it.first_at),
        };
        let _ = writeln!(
            text,
            "    {line:?}, # {times}, last {} in {}",
            it.last_at, it.last_session
        );
    }
    let _ = writeln!(text, "]");
}
