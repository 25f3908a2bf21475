//! The declarative connector: one GET per case, fields by JSON Pointer.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::{COMMON, Common, Pointer, common};
use crate::address::{is_token, web};
use crate::problem::Problems;
use crate::read::{Fields, Node};
use crate::secret::{SecretRef, secret};
use crate::source::At;

/// A case system that answers one GET with JSON.
#[derive(Debug, Clone)]
pub struct GenericSettings {
    /// `{id}` stands for the case's number, which is percent-encoded.
    pub url: String,
    /// The header that proves us to the case system, and where its value is kept.
    pub auth: Option<(String, SecretRef)>,
    pub id_pattern: Option<IdPattern>,
    pub map: CaseMap,
    pub live: Live,
    pub common: Common,
}

/// What a case's number looks like. The whole number must match, whether the pattern says so or not.
#[derive(Debug, Clone)]
pub struct IdPattern(regex::Regex);

impl IdPattern {
    /// Parses the operator's regular expression.
    ///
    /// # Errors
    /// When it is none, or too large to compile.
    pub fn parse(text: &str) -> Result<Self, regex::Error> {
        // Compiled alone first: `a)(?:b` is no expression and must not become one by being wrapped.
        regex::Regex::new(text)?;
        let whole = regex::RegexBuilder::new(&format!("^(?:{text})$"))
            .size_limit(1 << 20)
            .build()?;
        Ok(Self(whole))
    }

    /// Whether this is a number the case system could have given.
    pub fn matches(&self, number: &str) -> bool {
        self.0.is_match(number)
    }
}

/// Where in the answer each field stands (JSON Pointers).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseMap {
    pub state: String,
    /// The states that count as open.
    pub open: BTreeSet<String>,
    pub assignee: String,
    /// The attested requester, never an address typed into the case.
    pub subject: String,
    pub tenant: Option<String>,
    pub id: Option<String>,
    pub title: Option<String>,
    pub text: Option<String>,
    pub opened_at: Option<String>,
    /// Without it the desk cannot tell who made the case.
    pub opened_by: Option<String>,
    /// Without it whoever opened the case set its subject.
    pub subject_set_by: Option<String>,
    pub priority: Option<String>,
    pub queue: Option<String>,
}

/// What `check --live` tries, to prove that the credentials only read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// A case that exists, to prove that the credentials read at all.
    pub case: Option<String>,
    /// Sent with an empty JSON object to the case's address; anything but a refusal is a finding.
    pub write_method: String,
    /// Where writes go, when that is another address than reads; `{id}` as in `url`.
    pub write_url: Option<String>,
}

const OWN: [&str; 4] = ["auth_header", "auth_value", "id_pattern", "live"];
const MAP: [&str; 13] = [
    "state",
    "open",
    "assignee",
    "subject",
    "tenant",
    "id",
    "title",
    "text",
    "opened_at",
    "opened_by",
    "subject_set_by",
    "priority",
    "queue",
];

pub(super) fn generic(node: &Node, folder: &Path, problems: &Problems) -> Option<GenericSettings> {
    let names: Vec<&str> = COMMON.into_iter().chain(OWN).collect();
    let fields = Fields::open(node, "[connectors.NAME]", &names, problems);
    let url = fields.need::<String>("url");
    let url = url.filter(|url| is_case_url(url, "url", problems));
    let auth = auth(&fields, folder);
    let id_pattern = fields.get::<String>("id_pattern").map(|text| {
        IdPattern::parse(&text.value).map_err(|_| {
            problems.error_with(
                &text.place,
                "`id_pattern` is not a regular expression",
                "as \"[0-9]+\"",
            )
        })
    });
    let map = map(&fields);
    let live = live(&fields);
    let common = common(&fields, folder);
    Some(GenericSettings {
        url: url?.value,
        auth: auth?,
        id_pattern: id_pattern.transpose().ok()?,
        map: map?,
        live,
        common: common?,
    })
}

fn is_case_url(url: &At<String>, name: &str, problems: &Problems) -> bool {
    let is_address = web(
        &url.map_ref(|text| text.replace("{id}", "1")),
        name,
        problems,
    )
    .is_some();
    // In the host, a case's number would choose whom we ask.
    let (before, after) = url.value.split_once("{id}").unwrap_or((&url.value, ""));
    let is_in_path =
        before.splitn(4, '/').count() == 4 && !after.contains("{id}") && url.value.contains("{id}");
    if is_address && !is_in_path {
        let message = format!("`{name}` says once, after the host, where the case's number goes");
        problems.error_with(
            &url.place,
            message,
            "as \"https://desk.example/cases/{id}\"",
        );
    }
    is_address && is_in_path
}

/// `Some(None)` when the case system asks for no proof.
fn auth(fields: &Fields<'_>, folder: &Path) -> Option<Option<(String, SecretRef)>> {
    let header = fields.get::<String>("auth_header");
    if let Some(header) = header.as_ref().filter(|header| !is_token(&header.value)) {
        fields.problems.unquoted(
            &header.place,
            "`auth_header` is the name of a header",
            "as \"Authorization\"",
        );
        return None;
    }
    match (
        fields.node("auth_header").is_some(),
        fields.node("auth_value").is_some(),
    ) {
        (false, false) => Some(None),
        (true, false) => {
            fields.problems.error(
                fields.place_of("auth_header"),
                "`auth_header` needs `auth_value`",
            );
            None
        }
        (_, true) => {
            let value = secret(fields, "auth_value", folder)?;
            let header = header.map_or_else(|| "Authorization".to_owned(), |header| header.value);
            Some(Some((header, value.value)))
        }
    }
}

fn map(fields: &Fields<'_>) -> Option<CaseMap> {
    let problems = fields.problems;
    if fields.node("map").is_none() {
        problems.error(
            &fields.place,
            "[connectors.NAME] needs [connectors.NAME.map]",
        );
        return None;
    }
    let section = fields.table_or_empty("map", "[connectors.NAME.map]", &MAP);
    let state = section.need::<Pointer>("state");
    let open = section.need_list::<String>("open");
    let assignee = section.need::<Pointer>("assignee");
    let subject = section.need::<Pointer>("subject");
    let optional = |name: &str| section.get::<Pointer>(name).map(|pointer| pointer.value.0);
    let map = CaseMap {
        tenant: optional("tenant"),
        id: optional("id"),
        title: optional("title"),
        text: optional("text"),
        opened_at: optional("opened_at"),
        opened_by: optional("opened_by"),
        subject_set_by: optional("subject_set_by"),
        priority: optional("priority"),
        queue: optional("queue"),
        state: state?.value.0,
        open: open.into_iter().map(|state| state.value).collect(),
        assignee: assignee?.value.0,
        subject: subject?.value.0,
    };
    if section.node("tenant").is_none() {
        let message = "without `tenant` nobody can tell whether a case and an account are of the same customer";
        problems.warning(&section.place, message, "as tenant = \"/customer/tenant\"");
    }
    Some(map)
}

fn live(fields: &Fields<'_>) -> Live {
    let section = fields.table_or_empty(
        "live",
        "[connectors.NAME.live]",
        &["case", "write_method", "write_url"],
    );
    let method = section.get::<String>("write_method");
    if let Some(method) = method.as_ref().filter(|method| !is_token(&method.value)) {
        section
            .problems
            .error(&method.place, format!("`{}` is not a method", method.value));
    }
    let write_url = section
        .get::<String>("write_url")
        .filter(|url| is_case_url(url, "write_url", section.problems));
    Live {
        case: section.get::<String>("case").map(|case| case.value),
        write_method: method.map_or_else(|| "PATCH".to_owned(), |method| method.value),
        write_url: write_url.map(|url| url.value),
    }
}
