//! The folder `catalog/`, from its texts to the domain.

mod application;
mod chains;
mod claim;
mod eligibility;
mod graphql;
mod identity;
mod operation;
mod people;
pub(crate) mod reference;
mod shared_mailbox;
mod subjects;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::civil::Date;
use locum_domain::catalog::Account;
use locum_domain::{ApplicationId, Catalog, OperationId, PrincipalId, VendorId};
use url::Url;

use crate::problem::Problems;
use crate::read::{Node, document};
use crate::settings::Environment;
use crate::source::{At, Place, Source};
use claim::Claim;
pub(crate) use people::role_words;

const PEOPLE: &str = "catalog/people.toml";
const CHAINS: &str = "catalog/chains.toml";
const ELIGIBILITY: &str = "catalog/eligibility.toml";
const APPLICATIONS: &str = "catalog/applications/";

/// What came of it.
pub(crate) struct Parsed {
    pub(crate) catalog: Catalog,
    /// Which application listens where, for whoever knows the other listeners.
    pub(crate) addresses: BTreeMap<SocketAddr, At<ApplicationId>>,
    /// Where applications are, for whoever knows where Locum is.
    pub(crate) upstreams: Vec<At<Url>>,
}

/// Reads every file of the catalog, then holds every claim that one makes about another against the whole.
pub(crate) fn parse(
    files: &BTreeMap<String, String>,
    environment: Environment,
    today: Option<Date>,
    shown: &dyn Fn(&str) -> String,
    problems: &Problems,
) -> Parsed {
    let mut reading = Reading {
        files,
        environment,
        shown,
        problems,
        catalog: Catalog::default(),
        claims: Vec::new(),
        seen: Seen::default(),
    };
    people::read(&mut reading);
    chains::read(&mut reading);
    application::read_all(&mut reading);
    eligibility::read(&mut reading);
    people::settle(&reading);
    chains::settle(&mut reading);
    claim::settle(&reading, today);
    Parsed {
        catalog: reading.catalog,
        addresses: reading.seen.addresses,
        upstreams: reading.seen.upstreams,
    }
}

/// Whether a file of the bundle means anything: the known names, and what they name.
pub(crate) fn is_read(key: &str, files: &BTreeMap<String, String>) -> bool {
    let Some(rest) = key.strip_prefix("catalog/") else {
        return true;
    };
    matches!(rest, "people.toml" | "chains.toml" | "eligibility.toml")
        || rest
            .strip_prefix("applications/")
            .is_some_and(|name| name.ends_with(".toml") && !name.contains('/'))
        || reference::named_files(files).iter().any(|(by, path)| {
            reference::find(files, by, path).is_some_and(|(found, _)| found == key)
        })
}

/// The catalog as far as it is read.
struct Reading<'a> {
    files: &'a BTreeMap<String, String>,
    environment: Environment,
    /// How people know a file.
    shown: &'a dyn Fn(&str) -> String,
    problems: &'a Problems,
    catalog: Catalog,
    /// What one file says about another; settled when all are read.
    claims: Vec<At<Claim>>,
    seen: Seen,
}

/// Every name that is declared, and where first. A name counts as declared even when the rest of its entry is
/// wrong, so that one mistake is reported once.
#[derive(Default)]
struct Seen {
    people: BTreeMap<PrincipalId, Place>,
    agents: BTreeMap<PrincipalId, Place>,
    vendors: BTreeMap<VendorId, Place>,
    applications: BTreeMap<ApplicationId, Place>,
    operations: BTreeMap<(ApplicationId, OperationId), bool>,
    accounts: BTreeMap<Account, At<PrincipalId>>,
    audiences: BTreeMap<String, ApplicationId>,
    addresses: BTreeMap<SocketAddr, At<ApplicationId>>,
    upstreams: Vec<At<Url>>,
    /// Vendors and queues that some chain names.
    chained_vendors: BTreeMap<VendorId, Place>,
    queues: BTreeMap<String, Place>,
    eligibilities: BTreeMap<String, Place>,
}

impl<'a> Reading<'a> {
    /// The document of a file, if the file is there.
    fn document(&self, key: &str) -> Option<Node> {
        let text = self.files.get(key)?;
        Some(document(
            &Source::new((self.shown)(key), text.as_str()),
            self.problems,
        ))
    }

    fn claim(&mut self, place: &Place, claim: Claim) {
        self.claims.push(At {
            value: claim,
            place: place.clone(),
        });
    }

    /// Claims that this is a person, and answers who.
    fn person(
        &mut self,
        person: Option<At<PrincipalId>>,
        office: &'static str,
    ) -> Option<PrincipalId> {
        let At { value, place } = person?;
        self.claim(
            &place,
            Claim::Person {
                id: value.clone(),
                office,
            },
        );
        Some(value)
    }
}

/// Notes that a name is declared; a second declaration is a problem.
fn declare<K: Ord + Clone + std::fmt::Display>(
    seen: &mut BTreeMap<K, Place>,
    id: &At<K>,
    what: &str,
    problems: &Problems,
) -> bool {
    if let Some(first) = seen.get(&id.value) {
        let (line, _) = first.source.line_and_column(first.span.start);
        let hint = format!("first in {}, line {line}", first.source.name);
        problems.error_with(
            &id.place,
            format!("{what} `{}` is declared twice", id.value),
            hint,
        );
        return false;
    }
    seen.insert(id.value.clone(), id.place.clone());
    true
}
