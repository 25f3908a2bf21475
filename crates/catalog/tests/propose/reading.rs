//! Proposals, read back by the catalog.

use std::collections::BTreeMap;

use jiff::civil::date;
use locum_catalog::propose::{Proposal, ProposedOperation, from_openapi, from_recordings, toml};
use locum_catalog::{Bundle, Settings};
use locum_domain::access::RouteTable;
use locum_domain::catalog::Application;

const APPLICATION: &str = "id = \"shop\"\nname = \"Shop\"\ntier = \"standard\"\nowner = \"olga@corp.example\"\n\
    upstream = \"http://127.0.0.1:9101\"\ntrusted_header = \"X-Remote-User\"\n";
const PEOPLE: &str = "[[person]]\nid = \"olga@corp.example\"\nname = \"Olga\"\n\n[[person]]\nid = \"sam@corp.example\"\n\
    name = \"Sam\"\nroles = [\"security-control-owner\"]\n";

/// The application with these tables at the end of its file.
pub(crate) fn application(tables: &str) -> Application {
    let settings = "environment = \"development\"\n";
    let files = BTreeMap::from([
        ("catalog/people.toml".to_owned(), PEOPLE.to_owned()),
        ("catalog/eligibility.toml".to_owned(), String::new()),
        (
            "catalog/applications/shop.toml".to_owned(),
            format!("{APPLICATION}\n{tables}"),
        ),
    ]);
    let settings = example_settings(settings);
    let bundle = Bundle { files, settings };
    let catalog = match bundle.check(date(2026, 11, 24)) {
        Ok(checked) => checked.value,
        Err(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!(
                "the catalog refuses what was proposed:\n{}\n\n{tables}",
                lines.join("\n")
            );
        }
    };
    catalog.applications.into_values().next().unwrap()
}

fn example_settings(_: &str) -> locum_catalog::settings::Governed {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/example/locum.toml"
    );
    let text = std::fs::read_to_string(folder).unwrap();
    let parsed = Settings::parse(&text, &BTreeMap::new(), std::path::Path::new("x"));
    parsed.unwrap().value.governed()
}

/// What of an OpenAPI document is proposed; the catalog has read it.
pub(crate) fn imported(document: &str) -> Proposal {
    read_back(from_openapi(document.as_bytes(), None, None).unwrap())
}

/// What recordings show; the catalog has read it.
pub(crate) fn learned(recordings: &[String]) -> Proposal {
    read_back(from_recordings(recordings, &[], None).unwrap())
}

/// Reads a proposal back: the same operations, and each route is its own operation's or a closed one's.
pub(crate) fn read_back(proposal: Proposal) -> Proposal {
    let application = application(&toml(&proposal, "a test"));
    assert_eq!(application.operations.len(), proposal.operations.len());
    let table = RouteTable::compile(&application).unwrap();
    for proposed in &proposal.operations {
        let read = &application.operations[&proposed.id.parse().unwrap()];
        assert_eq!(read.effect, proposed.effect);
        assert_eq!(read.closed.as_deref(), proposed.closed);
        assert_eq!(read.object, proposed.object);
        assert_eq!(read.routes, proposed.routes);
        assert_eq!(read.graphql, proposed.graphql);
        assert!(!proposed.because.is_empty(), "{} says not why", proposed.id);
        for route in &proposed.routes {
            let (method, path) = route.split_once(" /").unwrap();
            let path = path.replace("**", "some/thing").replace('*', "thing-7");
            let path: Vec<&str> = path.split('/').filter(|_| !path.is_empty()).collect();
            let found = table.find(method, &path).unwrap();
            let is_own = found.operation.id.to_string() == proposed.id;
            assert!(is_own || found.operation.closed.is_some(), "{route}");
        }
    }
    proposal
}

/// The operation with this route.
pub(crate) fn of_route<'p>(proposal: &'p Proposal, route: &str) -> &'p ProposedOperation {
    let has = |it: &&ProposedOperation| it.routes.iter().any(|line| line == route);
    let found: Vec<&ProposedOperation> = proposal.operations.iter().filter(has).collect();
    let all: Vec<&String> = proposal
        .operations
        .iter()
        .flat_map(|it| &it.routes)
        .collect();
    assert_eq!(found.len(), 1, "`{route}` in {all:#?}");
    found[0]
}
