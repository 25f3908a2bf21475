//! A house in which everything is said that files can say, and what another version of it changes.

use std::collections::BTreeMap;

use jiff::civil::date;
use locum_domain::PrincipalId;
use locum_plan::{FieldChange, Plan, Verdict, Version};
use serde_json::Value;

pub(crate) const PEOPLE: &str = "catalog/people.toml";
pub(crate) const CHAINS: &str = "catalog/chains.toml";
pub(crate) const ELIGIBILITY: &str = "catalog/eligibility.toml";
pub(crate) const BILLING: &str = "catalog/applications/billing.toml";
pub(crate) const WIKI: &str = "catalog/applications/wiki.toml";
pub(crate) const SUBJECTS: &str = "catalog/applications/wiki-subjects.toml";
pub(crate) const RULES: &str = "policies/house.cedar";

pub(crate) const ALICE: &str = "alice@corp.example";
pub(crate) const ANN: &str = "ann@bpo.example";
pub(crate) const BEA: &str = "bea@bpo.example";
pub(crate) const CORA: &str = "cora@corp.example";
pub(crate) const DAN: &str = "dan@corp.example";
pub(crate) const MIA: &str = "mia@corp.example";
pub(crate) const OSCAR: &str = "oscar@corp.example";
pub(crate) const PETRA: &str = "petra@corp.example";
pub(crate) const SAM: &str = "sam@corp.example";
pub(crate) const SID: &str = "sid@corp.example";
pub(crate) const SVEN: &str = "sven@corp.example";
pub(crate) const AIDA: &str = "aida";

/// Everybody with a role of security.
pub(crate) const SECURITY: [&str; 4] = [MIA, SAM, SID, SVEN];

/// Files and settings.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) settings: Value,
}

impl House {
    pub(crate) fn new() -> Self {
        let files = [
            (PEOPLE, include_str!("house/people.toml")),
            (CHAINS, include_str!("house/chains.toml")),
            (ELIGIBILITY, include_str!("house/eligibility.toml")),
            (BILLING, include_str!("house/billing.toml")),
            (WIKI, include_str!("house/wiki.toml")),
            (SUBJECTS, include_str!("house/wiki-subjects.toml")),
            (RULES, include_str!("house/house.cedar")),
        ];
        let owned = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned());
        Self {
            files: files.into_iter().map(owned).collect(),
            settings: serde_json::from_str(include_str!("house/settings.json")).unwrap(),
        }
    }

    /// The same with a text replaced that must be there, once.
    pub(crate) fn with(&self, path: &str, from: &str, to: &str) -> Self {
        let mut house = self.clone();
        let file = house.files.get_mut(path).unwrap();
        assert!(file.contains(from), "`{path}` does not say `{from}`");
        *file = file.replacen(from, to, 1);
        house
    }

    /// The same with another setting at this JSON Pointer.
    pub(crate) fn set(&self, pointer: &str, value: Value) -> Self {
        let mut house = self.clone();
        *house.settings.pointer_mut(pointer).unwrap() = value;
        house
    }

    pub(crate) fn version(&self) -> Version {
        Version::recorded(&self.files, &self.settings)
            .unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
    }

    /// What the other changes, compared with this.
    pub(crate) fn changed_to(&self, after: &House) -> Changed {
        let (before, after) = (self.version(), after.version());
        let today = date(2026, 11, 25);
        Changed {
            plan: Plan::between(Some(&before), &after, today, &mut |_, _| {}),
            before,
            after,
        }
    }
}

/// Two versions and what lies between them.
pub(crate) struct Changed {
    pub(crate) before: Version,
    pub(crate) after: Version,
    pub(crate) plan: Plan,
}

impl Changed {
    /// The one field that differs.
    pub(crate) fn field(&self) -> &FieldChange {
        match self.plan.fields.as_slice() {
            [field] => field,
            fields => panic!("not one field: {fields:#?}"),
        }
    }

    pub(crate) fn loosens(&self) -> bool {
        !self.plan.loosens().is_empty()
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.field().verdict
    }

    /// Who could confirm it, as somebody's proposal.
    pub(crate) fn could_confirm(&self, by: &str) -> Vec<String> {
        let by = person(by);
        let people = self.plan.could_confirm_for(&self.before, &self.after, &by);
        people.iter().map(ToString::to_string).collect()
    }

    /// Why somebody confirms nothing of it, if they gain or answer for somebody who does.
    pub(crate) fn gain(&self, who: &str) -> Option<String> {
        let gain = self.plan.gain(&self.before, &self.after, &person(who));
        gain.map(|it| it.says())
    }

    /// Everybody named as somebody who gains.
    pub(crate) fn gainers(&self) -> Vec<String> {
        let gainers = self.plan.gainers();
        gainers.iter().map(ToString::to_string).collect()
    }
}

pub(crate) fn person(id: &str) -> PrincipalId {
    id.parse().unwrap()
}
