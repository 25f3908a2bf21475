//! What a verified assertion says.

use jiff::Timestamp;
use locum_token::{Actor, Assertion, Scope};

/// Somebody acts as somebody else, and Locum vouches for both.
///
/// The subject has not signed in: whoever impersonates cannot confirm, step up or consent in the
/// subject's name, and the application's own record should name the actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impersonation {
    /// Who acts.
    pub actor: Actor,
    /// The Locum that says so (`iss`).
    pub issuer: String,
    /// As whom: the subject's id in this application.
    pub subject: String,
    /// The case that justifies it, as `CONNECTOR:NUMBER`.
    pub case: String,
    /// The session, one for all applications it crosses.
    pub session: String,
    /// The access event that tells the whole story afterwards (`txn`).
    pub access_event: String,
    /// The grant.
    pub grant: String,
    /// What the session may do at most.
    pub mode: String,
    /// Did it come by the emergency route?
    pub break_glass: bool,
    /// The operations granted in this application.
    pub scope: Scope,
    /// The client through which the actor acts.
    pub client_id: String,
    /// The assertion (`jti`), for the application's own log.
    pub assertion: String,
    /// The ledger position of the activation: a witnessed checkpoint beyond it proves that the
    /// session is on the record.
    pub activation: u64,
    /// When this assertion ends; the session may end sooner.
    pub expires_at: Timestamp,
}

impl Impersonation {
    pub(crate) fn of(assertion: Assertion) -> Result<Self, jiff::Error> {
        Ok(Self {
            expires_at: Timestamp::from_second(assertion.exp)?,
            actor: assertion.act,
            issuer: assertion.iss,
            subject: assertion.sub,
            case: assertion.locum.case,
            session: assertion.sid,
            access_event: assertion.txn,
            grant: assertion.locum.grant,
            mode: assertion.locum.mode,
            break_glass: assertion.locum.break_glass,
            scope: assertion.scope,
            client_id: assertion.client_id,
            assertion: assertion.jti,
            activation: assertion.locum.activation,
        })
    }
}
