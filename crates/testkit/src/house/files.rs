//! The operator's files of a house: a support team, a vendor, an agent, three applications.

use locum_catalog::settings::Witnesses;
use std::collections::BTreeMap;

use locum_catalog::Bundle;
use locum_control::Budgets;
use serde_json::json;

use super::{FOUNDERS, RP_ID};

/// The ledger's name in every house.
pub(super) const ORIGIN: &str = "locum.corp.example.development";
/// Where the people of every house work.
pub(super) const TIME_ZONE: &str = "Europe/Berlin";

/// What `locum.toml` says besides.
#[derive(Debug, Clone)]
pub(super) struct Configured {
    pub(super) budgets: Budgets,
    pub(super) is_production: bool,
    pub(super) is_signed: bool,
    pub(super) has_founders: bool,
    pub(super) witnesses: Option<Witnesses>,
}

/// Files by their path relative to the folder of `locum.toml`.
#[derive(Debug, Clone)]
pub struct Files(BTreeMap<String, String>);

impl Default for Files {
    fn default() -> Self {
        let files = [
            ("catalog/people.toml", include_str!("world/people.toml")),
            ("catalog/chains.toml", include_str!("world/chains.toml")),
            (
                "catalog/eligibility.toml",
                include_str!("world/eligibility.toml"),
            ),
            (
                "catalog/applications/billing.toml",
                include_str!("world/billing.toml"),
            ),
            (
                "catalog/applications/crm.toml",
                include_str!("world/crm.toml"),
            ),
            (
                "catalog/applications/wiki.toml",
                include_str!("world/wiki.toml"),
            ),
            ("policies/house.cedar", include_str!("world/house.cedar")),
        ];
        let owned = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned());
        Self(files.into_iter().map(owned).collect())
    }
}

impl Files {
    /// Writes a file.
    pub fn put(&mut self, path: &str, text: &str) -> &mut Self {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Adds to the end of a file.
    pub fn append(&mut self, path: &str, text: &str) -> &mut Self {
        let file = self.0.entry(path.to_owned()).or_default();
        file.push('\n');
        file.push_str(text);
        self
    }

    /// Replaces text that must be there.
    pub fn replace(&mut self, path: &str, from: &str, to: &str) -> &mut Self {
        let file = self.0.get_mut(path).expect("no such file");
        assert!(file.contains(from), "`{path}` does not say `{from}`");
        *file = file.replace(from, to);
        self
    }

    /// Takes a file away.
    pub fn remove(&mut self, path: &str) -> &mut Self {
        self.0.remove(path);
        self
    }

    /// The files as they are proposed at the start.
    pub(super) fn bundle(&self, configured: &Configured) -> Bundle {
        let Configured {
            budgets,
            is_production,
            is_signed,
            has_founders,
            witnesses,
        } = configured;
        let founders: &[&str] = if *has_founders { &FOUNDERS } else { &[] };
        let mut settings = json!({
            "environment": if *is_production { "production" } else { "development" },
            "origin": ORIGIN,
            "time_zone": TIME_ZONE,
            "approvals_signature": if *is_signed { "required" } else { "optional" },
            "budgets": {
                "open_requests": budgets.open_requests,
                "live_sessions": budgets.live_sessions,
                "subjects_per_day": budgets.subjects_per_day,
            },
            "login": { "founders": founders, "rp_id": RP_ID, "oidc": null },
            "connectors": {
                "desk": {
                    "kind": "generic",
                    "url": "http://127.0.0.1:9300/cases/{id}",
                    "map": {},
                    "grace_seconds": 60,
                },
            },
        });
        if let Some(witnesses) = witnesses {
            settings["witnesses"] = json!(witnesses);
        }
        Bundle::recorded(self.0.clone(), settings).unwrap()
    }
}
