//! What differs though no field says so. Fields are compared by their values, and what has none does not compile; should
//! a difference slip through all the same, it loosens.
//!
//! Values are compared and not texts: a comment, a space, the order of a list or a value that would be so anyway changes
//! nothing that anybody acts on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use locum_catalog::settings::{Governed, GovernedConnector};
use locum_domain::catalog::{Application, Operation, SubjectSource};
use locum_domain::{ApplicationId, Catalog};
use serde_json::Value;

use crate::field::{FieldChange, Kind, Sheet, loosens};
use crate::version::Version;

/// What an entry is: its kind, its application, its id.
type Entry = (Kind, Option<ApplicationId>, String);

/// Notes every entry that differs and is not noted yet.
pub(crate) fn note(before: &Version, after: &Version, changes: &mut Vec<FieldChange>) {
    let entry = |it: &FieldChange| (it.kind, it.application.clone(), it.id.clone());
    let noted: BTreeSet<Entry> = changes.iter().map(entry).collect();
    let (old, new) = (entries(before), entries(after));
    let all: BTreeSet<&Entry> = old.keys().chain(new.keys()).collect();
    for entry in all {
        if old.get(entry) == new.get(entry) || noted.contains(entry) {
            continue;
        }
        let (kind, application, id) = entry;
        let mut sheet = Sheet {
            kind: *kind,
            id: id.clone(),
            application: application.as_ref(),
            gains: BTreeSet::new(),
            changes,
        };
        let because = "it differs in a way that Locum does not weigh";
        sheet.note("", (None, None), loosens(because), []);
    }
}

/// Every entry with all that it says, in a form in which lists have no order of their own.
fn entries(version: &Version) -> BTreeMap<Entry, String> {
    let Catalog {
        people,
        agents,
        vendors,
        chains,
        applications,
        eligibilities,
        break_glass,
    } = &*version.catalog;
    let mut found = Found(BTreeMap::new());
    for it in people.values() {
        let mut said = it.clone();
        said.accounts.sort();
        found.add(Kind::Person, &it.id, &said);
    }
    for it in agents.values() {
        let mut said = it.clone();
        said.accounts.sort();
        found.add(Kind::Agent, &it.id, &said);
    }
    for it in vendors.values() {
        found.add(Kind::Vendor, &it.id, it);
    }
    for it in chains {
        found.add(Kind::Chain, &it.id, it);
    }
    for it in eligibilities {
        found.add(Kind::Eligibility, &it.id, it);
    }
    for it in break_glass {
        for application in &it.applications {
            found.add(Kind::BreakGlass, &it.person, application);
        }
    }
    for it in applications.values() {
        found.add_to(Some(&it.id), Kind::Application, &it.id, &application(it));
        for operation in it.operations.values() {
            let said = self::operation(operation);
            found.add_to(Some(&it.id), Kind::Operation, &operation.id, &said);
        }
    }
    let Governed { connectors, .. } = &version.settings;
    for (name, it) in connectors {
        let GovernedConnector {
            kind,
            url,
            map,
            grace_seconds,
        } = it;
        let said = (kind, url, in_order(map), grace_seconds);
        found.add(Kind::Connector, name, &said);
    }
    let mut settings = version.settings.clone();
    settings.connectors.clear();
    if let Some(oidc) = &mut settings.login.oidc {
        oidc.scopes.sort();
        oidc.stepped_up_acr.sort();
    }
    found.add(Kind::Settings, &"", &settings);
    found.0
}

/// A value as text in which members have no order of their own: what was recorded has another than what was read.
fn in_order(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, it)| (name, in_order(it)));
            format!("{:?}", members.collect::<BTreeMap<_, _>>())
        }
        Value::Array(items) => format!("{:?}", items.iter().map(in_order).collect::<Vec<_>>()),
        plain => plain.to_string(),
    }
}

struct Found(BTreeMap<Entry, String>);

impl Found {
    fn add(&mut self, kind: Kind, id: &impl ToString, said: &impl Debug) {
        self.add_to(None, kind, id, said);
    }

    /// What stands on several lines is one entry.
    fn add_to(
        &mut self,
        application: Option<&ApplicationId>,
        kind: Kind,
        id: &impl ToString,
        said: &impl Debug,
    ) {
        let entry = (kind, application.cloned(), id.to_string());
        let told = self.0.entry(entry).or_default();
        let lines = told.lines().map(str::to_owned);
        let mut lines: BTreeSet<String> = lines.collect();
        lines.insert(format!("{said:?}"));
        *told = lines.into_iter().collect::<Vec<_>>().join("\n");
    }
}

fn application(it: &Application) -> Application {
    let mut said = it.clone();
    said.operations.clear();
    said.delegates.sort_by_cached_key(|it| format!("{it:?}"));
    said.protected_subjects
        .sort_by_cached_key(|it| format!("{it:?}"));
    said.strip_headers.sort();
    said.graphql_endpoints.sort();
    if let Some(SubjectSource::File { subjects }) = &mut said.subjects {
        subjects.sort_by(|a, b| a.case_subject.cmp(&b.case_subject));
    }
    said
}

fn operation(it: &Operation) -> Operation {
    let mut said = it.clone();
    for list in [
        &mut said.routes,
        &mut said.graphql,
        &mut said.graphql_hashes,
    ] {
        list.sort();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_that_was_recorded_is_the_one_that_was_read() {
        let read: Value = serde_json::from_str(r#"{"state":"/s","id":{"b":1,"a":[2,1]}}"#).unwrap();
        let recorded: Value =
            serde_json::from_str(r#"{"id":{"a":[2,1],"b":1},"state":"/s"}"#).unwrap();
        assert_eq!(in_order(&read), in_order(&recorded));
        let other: Value =
            serde_json::from_str(r#"{"id":{"a":[1,2],"b":1},"state":"/s"}"#).unwrap();
        assert_ne!(in_order(&read), in_order(&other));
    }
}
