//! The configuration, catalog and policies of the demonstration, written for the ports it got.
//!
//! The texts lie under `world/` in this crate and are what a real deployment's folder holds, but
//! for `{{names}}` that are filled in here.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// What differs from run to run.
#[derive(Clone)]
pub struct World {
    /// Where everything listens.
    pub ports: Ports,
    /// From which the dates of delegations and certifications are counted.
    pub today: Date,
    /// At least 24 random bytes as base64url; part of every login token, so that no other page in
    /// the visitor's browser can guess one.
    pub login_secret: String,
    /// `whsec_` and the base64 of at least 24 random bytes, shared by the desk and Locum.
    pub webhook_secret: String,
    /// The public half of the key with which the agent Aida signs in.
    pub agent_public_jwk: String,
}

/// Ports on `127.0.0.1`.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// Console and API.
    pub control: u16,
    /// The gateway.
    pub gateway: u16,
    /// [`crate::apps::billing`].
    pub billing: u16,
    /// [`crate::apps::crm`].
    pub crm: u16,
    /// [`crate::desk`].
    pub desk: u16,
}

/// One file of the folder.
pub struct WorldFile {
    /// Relative to the folder, with `/`.
    pub path: &'static str,
    /// Its content.
    pub text: String,
    /// Must nobody else on the machine read it?
    pub is_secret: bool,
}

/// Somebody who may sign in.
pub struct Person {
    /// Their id in Locum.
    pub id: &'static str,
    /// Their name.
    pub name: &'static str,
    /// What a visitor does as them.
    pub part: &'static str,
}

const fn person(id: &'static str, name: &'static str, part: &'static str) -> Person {
    Person { id, name, part }
}

/// Everybody who may sign in, in the order in which the story needs them.
pub static PEOPLE: &[Person] = &[
    person(
        "alice@corp.example",
        "Alice Archer",
        "works on case desk:7 and asks",
    ),
    person("oscar@corp.example", "Oscar Owens", "owns billing"),
    person("prya@corp.example", "Prya Patel", "decides for privacy"),
    person(
        "sam@corp.example",
        "Sam Stone",
        "decides for security and owns its controls",
    ),
    person("petra@corp.example", "Petra Price", "owns customer records"),
    person(
        "paul@corp.example",
        "Paul Penn",
        "decides for Petra while she is away",
    ),
    person(
        "mia@corp.example",
        "Mia Moss",
        "manages support and answers for the whole chain",
    ),
    person(
        "ann@bpo.example",
        "Ann Abbott",
        "works for a vendor and asks",
    ),
    person(
        "bea@bpo.example",
        "Bea Brook",
        "sponsors the vendor's people and decides nothing",
    ),
    person("olga@corp.example", "Olga Orr", "sponsors the agent Aida"),
    person(
        "audrey@corp.example",
        "Audrey Ash",
        "audits: sees everything, decides nothing",
    ),
];

/// Days that a delegation lasts; Locum allows 30 at most.
const DELEGATED_DAYS: i64 = 28;
/// Days that an eligibility is certified for.
const CERTIFIED_DAYS: i64 = 90;

const TEXTS: &[(&str, &str, bool)] = &[
    ("locum.toml", include_str!("../world/locum.toml"), false),
    (
        "development-tokens.toml",
        include_str!("../world/development-tokens.toml"),
        true,
    ),
    (
        "keys/desk-webhook.secret",
        include_str!("../world/desk-webhook.secret"),
        true,
    ),
    (
        "catalog/people.toml",
        include_str!("../world/catalog/people.toml"),
        false,
    ),
    (
        "catalog/keys/aida.pub.jwk",
        include_str!("../world/catalog/aida.pub.jwk"),
        false,
    ),
    (
        "catalog/chains.toml",
        include_str!("../world/catalog/chains.toml"),
        false,
    ),
    (
        "catalog/eligibility.toml",
        include_str!("../world/catalog/eligibility.toml"),
        false,
    ),
    (
        "catalog/applications/billing.toml",
        include_str!("../world/catalog/applications/billing.toml"),
        false,
    ),
    (
        "catalog/applications/crm.toml",
        include_str!("../world/catalog/applications/crm.toml"),
        false,
    ),
    (
        "policies/house.cedar",
        include_str!("../world/policies/house.cedar"),
        false,
    ),
];

impl World {
    /// The files to write into an empty folder. Locum's own keys are not among them.
    pub fn files(&self) -> Vec<WorldFile> {
        let names = self.names();
        TEXTS
            .iter()
            .map(|&(path, text, is_secret)| WorldFile {
                path,
                text: names.iter().fold(text.to_owned(), |text, (name, value)| {
                    text.replace(&format!("{{{{{name}}}}}"), value)
                }),
                is_secret,
            })
            .collect()
    }

    /// The bearer token of one of [`PEOPLE`] (or of anybody else: it signs nobody in then).
    pub fn token(&self, person: &str) -> String {
        let account = person.split('@').next().unwrap_or(person);
        format!("{account}-{}", self.login_secret)
    }

    /// Where Locum's console and API answer.
    pub fn public_url(&self) -> String {
        format!("http://localhost:{}", self.ports.control)
    }

    /// Where Locum publishes its keys, for [`crate::apps::Trust`].
    pub fn jwks_url(&self) -> String {
        format!(
            "http://127.0.0.1:{}/.well-known/jwks.json",
            self.ports.control
        )
    }

    /// Where the desk tells what changes, for [`crate::desk::Webhook`].
    pub fn webhook_url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks/desk", self.ports.control)
    }

    fn names(&self) -> Vec<(&'static str, String)> {
        let ports = &self.ports;
        let tokens: String = PEOPLE
            .iter()
            .map(|person| format!("\"{}\" = \"{}\"\n", self.token(person.id), person.id))
            .collect();
        let until = |days: i64| self.today.saturating_add(days.days()).to_string();
        vec![
            ("control", ports.control.to_string()),
            ("gateway", ports.gateway.to_string()),
            ("billing", ports.billing.to_string()),
            ("crm", ports.crm.to_string()),
            ("desk", ports.desk.to_string()),
            ("delegated_until", until(DELEGATED_DAYS)),
            ("certified_until", until(CERTIFIED_DAYS)),
            ("tokens", tokens),
            ("webhook_secret", self.webhook_secret.clone()),
            ("agent_public_jwk", self.agent_public_jwk.clone()),
        ]
    }
}
