//! The Roundup issue tracker, read through its REST API.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::{COMMON, Common, common};
use crate::address::web;
use crate::problem::Problems;
use crate::read::{Fields, Node};
use crate::secret::{SecretRef, secret};

/// One tracker.
#[derive(Debug, Clone)]
pub struct RoundupSettings {
    /// The tracker's web address with its final slash, as its own `config.ini` has it.
    pub url: String,
    /// The account that reads issues; it needs no right to change them.
    pub user: String,
    pub password: SecretRef,
    pub fields: RoundupFields,
    pub common: Common,
}

/// Which properties of an issue mean what. The defaults are those of Roundup's `classic` template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoundupFields {
    /// The property with the status.
    pub state: String,
    /// The names of the statuses that count as open; Roundup itself knows no "closed".
    pub open: BTreeSet<String>,
    pub assignee: String,
    /// The attested requester: who created the issue, unless another property says so.
    pub subject: String,
    pub title: String,
    pub opened_at: String,
    pub opened_by: String,
    pub priority: Option<String>,
    pub tenant: Option<String>,
    pub queue: Option<String>,
}

const OPEN: [&str; 6] = [
    "unread",
    "deferred",
    "chatting",
    "need-eg",
    "in-progress",
    "testing",
];
const MAP: [&str; 10] = [
    "state",
    "open",
    "assignee",
    "subject",
    "title",
    "opened_at",
    "opened_by",
    "priority",
    "tenant",
    "queue",
];

pub(super) fn roundup(node: &Node, folder: &Path, problems: &Problems) -> Option<RoundupSettings> {
    let names: Vec<&str> = COMMON.into_iter().chain(["user", "password"]).collect();
    let fields = Fields::open(node, "[connectors.NAME]", &names, problems);
    let url = fields.need::<String>("url").and_then(|text| {
        let url = web(&text, "url", problems)?;
        let url = url.as_str();
        Some(if url.ends_with('/') {
            url.to_owned()
        } else {
            format!("{url}/")
        })
    });
    let user = fields.need::<String>("user");
    if fields.node("password").is_none() {
        problems.error_with(
            &fields.place,
            "[connectors.NAME] needs `password`",
            "\"env:NAME\" or \"file:PATH\"",
        );
    }
    let password = secret(&fields, "password", folder);
    let properties = properties(&fields);
    let common = common(&fields, folder);
    Some(RoundupSettings {
        url: url?,
        user: user?.value,
        password: password?.value,
        fields: properties,
        common: common?,
    })
}

fn properties(fields: &Fields<'_>) -> RoundupFields {
    let section = fields.table_or_empty("map", "[connectors.NAME.map]", &MAP);
    let property = |name: &str| {
        let stated = section.get::<String>(name)?;
        if !stated
            .value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            let message = format!("`{}` is not the name of a property", stated.value);
            section.problems.error_with(
                &stated.place,
                message,
                "Roundup's own name for it, as \"creator\"",
            );
        }
        Some(stated.value)
    };
    let or = |name: &str, default: &str| property(name).unwrap_or_else(|| default.to_owned());
    let open = match section.node("open") {
        Some(_) => section
            .need_list::<String>("open")
            .into_iter()
            .map(|state| state.value)
            .collect(),
        None => OPEN.into_iter().map(str::to_owned).collect(),
    };
    RoundupFields {
        state: or("state", "status"),
        open,
        assignee: or("assignee", "assignedto"),
        subject: or("subject", "creator"),
        title: or("title", "title"),
        opened_at: or("opened_at", "creation"),
        opened_by: or("opened_by", "creator"),
        priority: property("priority").or_else(|| Some("priority".to_owned())),
        tenant: property("tenant"),
        queue: property("queue"),
    }
}
