//! Authenticators, their enrolments and the founding, on the wire.

use locum_domain::authenticator::{Decided, Enrolment, Founding, Held, Means, Revoked, Thumbprint};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::signature::{SignatureBody, StatementView};

/// One key of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuthenticatorView {
    pub id: String,
    pub person: String,
    /// What its owner calls it.
    pub name: String,
    /// `passkey` or `key-file`.
    pub kind: String,
    /// The key's RFC 7638 thumbprint: what auditors keep.
    pub thumbprint: String,
    /// Whether a passkey's maker may copy it to other devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_synced: Option<bool>,
    pub enrolled_at: String,
    /// Who signed for it; absent for a founder's, which the other founder signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolled_by: Option<String>,
    /// From when on it signs for `regulated` applications. A key file never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signs_regulated_from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<RevokedView>,
}

/// That a key counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokedView {
    pub by: String,
    pub at: String,
    pub because: String,
}

/// An enrolment that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnrolmentView {
    pub id: String,
    /// `waiting`, `approved` or `denied`.
    pub state: String,
    pub person: String,
    /// The key's id, `aut_…`.
    pub authenticator: String,
    pub name: String,
    /// `passkey` or `key-file`.
    pub kind: String,
    /// The key's RFC 7638 thumbprint. Whoever approves compares it with what its owner reads out.
    pub thumbprint: String,
    /// The lost key whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// Who invited the person to ask, who then signs nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<String>,
    pub asked_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<String>,
    /// What the caller would sign, where they may approve it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementView>,
}

/// Asking that the key of a file count. Passkeys are asked for in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolBody {
    /// What its owner calls it.
    #[schema(min_length = 1)]
    pub name: String,
    pub public_key: PublicKeyBody,
    /// Ed25519 over `locum-possession/v1`, a line feed and the key's thumbprint, in base64url.
    pub possession: String,
    /// The lost key whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// An Ed25519 public key as a JSON Web Key (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicKeyBody {
    #[schema(example = "OKP")]
    pub kty: String,
    #[schema(example = "Ed25519")]
    pub crv: String,
    pub x: String,
}

/// Inviting somebody who has nothing to sign in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteBody {
    /// A person's id.
    pub person: String,
}

/// The link that lets somebody ask for their first key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationView {
    pub person: String,
    /// Works once. Whoever holds it asks as this person: it is handed over in person, and it makes no key count.
    pub link: String,
    pub good_until: String,
}

/// The approval of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveEnrolmentBody {
    pub signature: SignatureBody,
}

/// Why an enrolment is denied, or a key revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    #[schema(min_length = 3, max_length = 2000)]
    pub reason: String,
}

/// The founding: whose keys everything else is signed under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundingView {
    /// `not-begun`, `begun` or `complete`.
    pub state: String,
    /// The ledger's origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    pub founders: Vec<FounderView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
}

/// One founder, and how far they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FounderView {
    pub person: String,
    /// The key's id, `aut_…`, once they have enrolled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticator: Option<String>,
    /// The key's RFC 7638 thumbprint: what auditors keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbprint: Option<String>,
    pub has_signed: bool,
}

fn kind(means: &Means) -> String {
    match means {
        Means::Passkey { .. } => "passkey",
        Means::KeyFile => "key-file",
    }
    .to_owned()
}

impl AuthenticatorView {
    /// The view of a key that counts, or once did.
    pub fn of(held: &Held, revoked: Option<&Revoked>) -> Self {
        let authenticator = &held.authenticator;
        let is_synced = match &authenticator.means {
            Means::Passkey { is_synced, .. } => Some(*is_synced),
            Means::KeyFile => None,
        };
        Self {
            id: authenticator.id.to_string(),
            person: authenticator.person.to_string(),
            name: authenticator.name.clone(),
            kind: kind(&authenticator.means),
            thumbprint: authenticator.thumbprint().to_string(),
            is_synced,
            enrolled_at: held.enrolled_at.to_string(),
            enrolled_by: held.enrolled_by.as_ref().map(ToString::to_string),
            signs_regulated_from: is_synced.map(|_| held.signs_regulated_from().to_string()),
            revoked: revoked.map(RevokedView::from),
        }
    }
}

impl From<&Revoked> for RevokedView {
    fn from(revoked: &Revoked) -> Self {
        Self {
            by: revoked.by.to_string(),
            at: revoked.at.to_string(),
            because: revoked.because.clone(),
        }
    }
}

impl EnrolmentView {
    /// The view of an enrolment, and of what became of it.
    pub fn of(enrolment: &Enrolment, decided: Option<&Decided>) -> Self {
        let authenticator = &enrolment.authenticator;
        let state = match decided {
            None => "waiting",
            Some(decided) if decided.is_approved => "approved",
            Some(_) => "denied",
        };
        Self {
            id: enrolment.id.to_string(),
            state: state.to_owned(),
            person: authenticator.person.to_string(),
            authenticator: authenticator.id.to_string(),
            name: authenticator.name.clone(),
            kind: kind(&authenticator.means),
            thumbprint: authenticator.thumbprint().to_string(),
            replaces: enrolment.replaces.as_ref().map(ToString::to_string),
            invited_by: enrolment.invited_by.as_ref().map(ToString::to_string),
            asked_at: enrolment.at.to_string(),
            decided_by: decided.map(|decided| decided.by.to_string()),
            decided_at: decided.map(|decided| decided.at.to_string()),
            statement: None,
        }
    }
}

impl From<Option<&Founding>> for FoundingView {
    fn from(founding: Option<&Founding>) -> Self {
        let Some(founding) = founding else {
            return Self {
                state: "not-begun".to_owned(),
                origin: None,
                founders: Vec::new(),
                begun_at: None,
                completed_at: None,
            };
        };
        let founder = |person: &locum_domain::PrincipalId| {
            let enrolled = founding.enrolled.get(person);
            FounderView {
                person: person.to_string(),
                authenticator: enrolled.map(|it| it.id.to_string()),
                thumbprint: enrolled.map(|it| it.thumbprint().to_string()),
                has_signed: founding.signed.contains_key(person),
            }
        };
        let state = if founding.is_complete() {
            "complete"
        } else {
            "begun"
        };
        Self {
            state: state.to_owned(),
            origin: Some(founding.origin.clone()),
            founders: founding.founders.iter().map(founder).collect(),
            begun_at: Some(founding.begun_at.to_string()),
            completed_at: founding.completed_at.map(|at| at.to_string()),
        }
    }
}

/// What the private half of a key file signs to prove that whoever asks for its enrolment holds it.
pub fn possession_message(thumbprint: &Thumbprint) -> Vec<u8> {
    format!("locum-possession/v1\n{thumbprint}").into_bytes()
}
