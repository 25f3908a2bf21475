//! `locum.toml` as a table of contents: one line per section.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use locum_domain::PrincipalId;

use super::{
    Budgets, Environment, Policies, Settings, Store, approvals, connector, ledger, listeners, login,
};
use crate::problem::Problems;
use crate::read::{Fields, Node};
use crate::source::{At, Place};

const SECTIONS: [&str; 10] = [
    "environment",
    "server",
    "gateway",
    "store",
    "catalog",
    "policies",
    "ledger",
    "login",
    "approvals",
    "budgets",
];

/// What can be said of a `locum.toml` even when it has errors, so that the other files are read all the same.
pub(crate) struct Partial {
    pub(crate) settings: Option<Settings>,
    pub(crate) environment: Environment,
    pub(crate) catalog_directory: PathBuf,
    pub(crate) policies_directory: PathBuf,
    /// Where the tokens file is named, for problems about it.
    pub(crate) tokens_place: Option<Place>,
    /// To be held against the catalog.
    pub(crate) founders: Vec<At<PrincipalId>>,
}

/// Reads the document of `locum.toml`; relative paths start at `folder`.
pub(crate) fn read(document: &Node, folder: &Path, problems: &Problems) -> Partial {
    let names: Vec<&str> = SECTIONS.into_iter().chain(["connectors"]).collect();
    let root = Fields::open(document, "locum.toml", &names, problems);

    let stated = root.word(
        "environment",
        &[
            ("production", Environment::Production),
            ("development", Environment::Development),
        ],
    );
    if stated.is_none() && root.node("environment").is_none() {
        problems.error_with(
            &root.place,
            "locum.toml needs `environment`",
            "\"development\" or \"production\"",
        );
    }
    let environment = stated.map(|word| word.value);

    let server = listeners::server(&root, environment);
    let gateway = listeners::gateway(&root, environment, server.as_ref());
    let store = store(&root, folder);
    let catalog_directory = directory(&root, "catalog", "[catalog]", &["directory"], folder);
    let policies_directory = directory(
        &root,
        "policies",
        "[policies]",
        &["directory", "time_zone"],
        folder,
    );
    let time_zone = time_zone(&root);
    let ledger = ledger::ledger(&root, environment, folder);
    let approvals = approvals::approvals(&root, environment);
    let login = login::login(
        &root,
        environment,
        folder,
        server.as_ref(),
        approvals.signature,
    );
    let budgets = budgets(&root);
    let connectors = connector::connectors(&root, folder);
    let (tokens_place, founders) = (login.tokens_place, login.founders);

    let settings = match (server, gateway, store, time_zone, ledger, login.login) {
        (Some(server), Some(gateway), Some(store), Some(time_zone), Some(ledger), Some(login)) => {
            environment.map(|environment| Settings {
                folder: folder.to_owned(),
                environment,
                server,
                gateway,
                store,
                catalog_directory: catalog_directory.clone(),
                policies: Policies {
                    directory: policies_directory.clone(),
                    time_zone,
                },
                ledger,
                login,
                approvals_signature: approvals.signature,
                overdue_reviews: approvals.overdue_reviews,
                budgets,
                connectors,
            })
        }
        _ => None,
    };
    Partial {
        settings,
        // Nothing starts without one; until then the catalog is judged by the milder word.
        environment: environment.unwrap_or(Environment::Development),
        catalog_directory,
        policies_directory,
        tokens_place,
        founders,
    }
}

fn directory(
    root: &Fields<'_>,
    name: &str,
    what: &'static str,
    names: &[&str],
    folder: &Path,
) -> PathBuf {
    let section = root.table_or_empty(name, what, names);
    let stated = section.get::<String>("directory");
    folder.join(stated.map_or_else(|| name.to_owned(), |directory| directory.value))
}

fn store(root: &Fields<'_>, folder: &Path) -> Option<Store> {
    let section = root.table_or_empty("store", "[store]", &["url"]);
    if section.node("url").is_none() {
        return Some(Store::Sqlite {
            path: folder.join("locum.db"),
        });
    }
    let url = section.get::<String>("url")?;
    let problems = section.problems;
    if url.value.starts_with("postgres://") || url.value.starts_with("postgresql://") {
        // The address may carry a password.
        problems.unquoted(
            &url.place,
            "PostgreSQL is not built yet",
            "write \"sqlite:locum.db\"",
        );
        return None;
    }
    match url.value.strip_prefix("sqlite:") {
        Some(path) if !path.is_empty() && !path.starts_with(':') && !path.contains('?') => {
            Some(Store::Sqlite {
                path: folder.join(path.strip_prefix("//").unwrap_or(path)),
            })
        }
        _ => {
            problems.error_with(
                &url.place,
                "`url` names no store on disk",
                "write \"sqlite:locum.db\"",
            );
            None
        }
    }
}

fn time_zone(root: &Fields<'_>) -> Option<String> {
    let section = root.table_or_empty("policies", "[policies]", &["directory", "time_zone"]);
    if section.node("time_zone").is_none() {
        return Some("UTC".to_owned());
    }
    let zone = section.get::<String>("time_zone")?;
    if TimeZone::get(&zone.value).is_err() {
        let message = format!("`{}` is not a time zone", zone.value);
        section
            .problems
            .error_with(&zone.place, message, "an IANA name as \"Europe/Berlin\"");
        return None;
    }
    Some(zone.value)
}

fn budgets(root: &Fields<'_>) -> Budgets {
    let names = ["open_requests", "live_sessions", "subjects_per_day"];
    let section = root.table_or_empty("budgets", "[budgets]", &names);
    let default = Budgets::default();
    let or = |name: &str, default: u32| {
        section
            .get::<u32>(name)
            .map_or(default, |number| number.value)
    };
    Budgets {
        open_requests: or("open_requests", default.open_requests),
        live_sessions: or("live_sessions", default.live_sessions),
        subjects_per_day: or("subjects_per_day", default.subjects_per_day),
    }
}
