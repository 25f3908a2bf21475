//! What the wiring hands to a connector: addresses, pointers and secrets that are already resolved.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

/// Why a connector cannot be built. Secrets are never quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The address is none, or not one of the web.
    #[error("`{0}` is not an http or https address")]
    Address(String),
    /// The place to fill in is missing, doubled, or would choose whom we ask.
    #[error("`{template}` must hold {{{place}}} once, after the host")]
    Place {
        template: String,
        place: &'static str,
    },
    /// The header that proves us cannot be sent.
    #[error("the authentication header is no valid header")]
    Header,
    /// The method of the write that is tried is none.
    #[error("`{0}` is not a method")]
    Method(String),
    /// A property's name would change the query it stands in.
    #[error("`{0}` is not the name of a property")]
    Property(String),
    /// The signing secret cannot be a key.
    #[error("the webhook secret is empty or not base64 after `whsec_`")]
    SigningSecret,
    /// The client for outgoing requests could not be set up.
    #[error("no web client: {0}")]
    Client(String),
}

/// How often a case that sessions hang on is polled, and how long silence is borne.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub poll_seconds: u32,
    /// Seconds a case may be unreachable before its sessions end.
    pub grace_seconds: u32,
}

/// Whether a number could be one of this case system; asked before any request is sent.
#[derive(Clone)]
pub struct NumberCheck(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl NumberCheck {
    /// A check by this predicate.
    pub fn new(fits: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(fits))
    }

    pub(crate) fn fits(&self, number: &str) -> bool {
        (self.0)(number)
    }
}

impl fmt::Debug for NumberCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NumberCheck")
    }
}

/// A case system that answers one GET with JSON.
#[derive(Debug, Clone)]
pub struct GenericSettings {
    /// `{id}` stands for the case's number, which is percent-encoded.
    pub url: String,
    /// The header that proves us to the case system, and its whole value.
    pub auth: Option<(String, SecretString)>,
    pub number: Option<NumberCheck>,
    pub map: CaseMap,
    pub pace: Pace,
    pub probe: WriteProbe,
}

/// Where in the answer each field stands (JSON Pointers, RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseMap {
    pub state: String,
    /// The states that count as open.
    pub open: BTreeSet<String>,
    pub assignee: String,
    /// The attested requester, never an address typed into the case.
    pub subject: String,
    pub tenant: Option<String>,
    /// The case's own number; an answer with another one is no answer.
    pub id: Option<String>,
    pub title: Option<String>,
    pub opened_at: Option<String>,
    /// Without it the desk cannot tell who made the case.
    pub opened_by: Option<String>,
    /// Without it whoever opened the case set its subject.
    pub subject_set_by: Option<String>,
    pub priority: Option<String>,
    pub queue: Option<String>,
}

/// The write that must be refused when a credential only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteProbe {
    /// A case that exists, to prove that the credential reads at all.
    pub case: Option<String>,
    /// Sent with an empty JSON object.
    pub method: String,
    /// Where writes go when that is another address than reads; `{id}` as in `url`.
    pub url: Option<String>,
}

impl Default for WriteProbe {
    fn default() -> Self {
        Self {
            case: None,
            method: "PATCH".to_owned(),
            url: None,
        }
    }
}

/// One Roundup tracker.
#[derive(Debug, Clone)]
pub struct RoundupSettings {
    /// The tracker's web address with its final slash, as its own `config.ini` has it.
    pub url: String,
    pub user: String,
    pub password: SecretString,
    pub fields: RoundupFields,
    pub pace: Pace,
}

/// Which properties of an issue mean what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundupFields {
    pub state: String,
    /// The names of the statuses that count as open; Roundup itself knows no "closed".
    pub open: BTreeSet<String>,
    pub assignee: String,
    /// The attested requester.
    pub subject: String,
    pub title: String,
    pub opened_at: String,
    pub opened_by: String,
    pub priority: Option<String>,
    pub tenant: Option<String>,
    pub queue: Option<String>,
}

impl RoundupFields {
    /// The properties of Roundup's `classic` template, with these statuses as open.
    pub fn classic(open: impl IntoIterator<Item = String>) -> Self {
        Self {
            state: "status".to_owned(),
            open: open.into_iter().collect(),
            assignee: "assignedto".to_owned(),
            subject: "creator".to_owned(),
            title: "title".to_owned(),
            opened_at: "creation".to_owned(),
            opened_by: "creator".to_owned(),
            priority: Some("priority".to_owned()),
            tenant: None,
            queue: None,
        }
    }
}
