//! What a person signs: a statement in canonical form under a purpose, so that no signature serves two ends.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Means, Thumbprint};
use crate::ids::{
    ApplicationId, AuthenticatorId, EnrolmentId, EventId, PrincipalId, RequestId, ReviewId,
    SessionId,
};
use crate::review::Finding;
use crate::route::Authority;
use crate::scope::Shown;
use crate::session_shown::SessionShown;

/// The SHA-256 that is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementDigest(pub [u8; 32]);

/// Something that a person can sign.
pub trait Statement: Serialize {
    /// What the signature is for; it stands before the canonical bytes.
    const PURPOSE: &'static str;

    /// SHA-256 over the purpose, a line feed and the canonical form (RFC 8785).
    fn digest(&self) -> StatementDigest {
        // Texts, small integers and maps with text keys: the canonical form always exists.
        let bytes = json_canon::to_vec(self).unwrap_or_default();
        let mut hasher = Sha256::new();
        hasher.update(Self::PURPOSE.as_bytes());
        hasher.update(b"\n");
        hasher.update(&bytes);
        StatementDigest(hasher.finalize().into())
    }
}

/// One approval: exactly what was shown, on whose authority, and the approver's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovalStatement<'a> {
    pub by: &'a PrincipalId,
    pub authority: Authority,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<&'a ApplicationId>,
    /// All that the scope digest covers, the nonce included.
    pub shown: Shown<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavoidable_because: Option<&'a str>,
    pub compensating_controls: &'a [String],
    pub covers_narrower: bool,
}

impl Statement for ApprovalStatement<'_> {
    const PURPOSE: &'static str = "locum-approval/v1";
}

/// One signature afterwards: what an emergency did, which skipped authority is signed for, and the signer's own words.
/// The purpose is another than an approval's: whoever signs that they know of it has approved nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountersignatureStatement<'a> {
    pub by: &'a PrincipalId,
    pub authority: Authority,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<&'a ApplicationId>,
    /// All that the scope digest covers, the nonce included.
    pub shown: Shown<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'a str>,
}

impl Statement for CountersignatureStatement<'_> {
    const PURPOSE: &'static str = "locum-countersignature/v1";
}

/// One finding: what the reviewer saw of the session, and what they say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingStatement<'a> {
    pub by: &'a PrincipalId,
    pub review: &'a ReviewId,
    pub event: &'a EventId,
    pub request: &'a RequestId,
    pub session: &'a SessionId,
    pub finding: Finding,
    pub note: &'a str,
    pub shown: &'a SessionShown,
}

impl Statement for FindingStatement<'_> {
    const PURPOSE: &'static str = "locum-finding/v1";
}

/// That an authenticator is this person's, by somebody else who is sure of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnrolmentStatement<'a> {
    pub by: &'a PrincipalId,
    pub enrolment: &'a EnrolmentId,
    pub person: &'a PrincipalId,
    pub authenticator: &'a AuthenticatorId,
    pub thumbprint: Thumbprint,
    /// How the key is kept: a key file must not pass for a passkey, nor a passkey for one of another place.
    pub means: &'a Means,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<&'a AuthenticatorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<&'a PrincipalId>,
    pub nonce: &'a str,
}

impl Statement for EnrolmentStatement<'_> {
    const PURPOSE: &'static str = "locum-enrolment/v1";
}

/// A second person's yes to something that was put on the record before: a change of what counts, an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfirmationStatement<'a> {
    pub by: &'a PrincipalId,
    /// What it is about: the stream it stands in.
    pub about: &'a str,
    /// SHA-256 over the canonical form of what is confirmed, in hexadecimal.
    pub digest: &'a str,
}

impl Statement for ConfirmationStatement<'_> {
    const PURPOSE: &'static str = "locum-confirmation/v1";
}

/// Whose keys everything else is signed under: both founders sign the same, each the other's key with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundingStatement<'a> {
    /// The ledger's origin.
    pub origin: &'a str,
    /// In order of their ids.
    pub founders: Vec<FoundingStatementKey<'a>>,
    pub nonce: &'a str,
}

/// One founder's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundingStatementKey<'a> {
    pub person: &'a PrincipalId,
    pub thumbprint: Thumbprint,
    pub means: &'a Means,
}

impl Statement for FoundingStatement<'_> {
    const PURPOSE: &'static str = "locum-founding/v1";
}
