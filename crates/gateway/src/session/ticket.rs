//! One-time tickets: from a decision to a browser's cookie, within a minute.

use std::sync::Arc;

use locum_domain::ApplicationId;

use super::LiveSession;
use super::credentials::{CredentialDigest, digest};

/// A ticket is worth nothing after this.
pub(crate) const TICKET_LIFE_MS: u64 = 60_000;

/// Where a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Opens at its first GET.
    Ready,
    /// Must pass the login at `public_url` first.
    MustPass,
    /// Waits there; only the browser that holds this nonce may come back.
    Passing { browser: CredentialDigest },
    /// Has passed; opens for the browser with this nonce.
    Passed { browser: CredentialDigest },
}

/// What a ticket opens.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) session: Arc<LiveSession>,
    pub(crate) application: ApplicationId,
    pub(crate) expires_ms: u64,
    pub(crate) stage: Stage,
}

/// Tickets that were not used yet, by digest.
#[derive(Default)]
pub(crate) struct Tickets(papaya::HashMap<CredentialDigest, Ticket>);

impl Tickets {
    /// Keeps a ticket and forgets those that are late.
    pub(crate) fn keep(&self, token: &str, ticket: Ticket, boot_ms: u64) {
        let tickets = self.0.pin();
        tickets.retain(|_, ticket| boot_ms < ticket.expires_ms);
        tickets.insert(digest(token.as_bytes()), ticket);
    }

    /// Takes a ticket: whoever gets it is the only one. A late one is gone, and nobody gets it.
    pub(crate) fn take(&self, token: &str, boot_ms: u64) -> Option<Ticket> {
        let tickets = self.0.pin();
        let ticket = tickets.remove(&digest(token.as_bytes()))?;
        (boot_ms < ticket.expires_ms).then(|| ticket.clone())
    }

    /// Looks at a ticket without taking it.
    pub(crate) fn peek(&self, token: &str, boot_ms: u64) -> Option<Ticket> {
        let tickets = self.0.pin();
        let ticket = tickets.get(&digest(token.as_bytes()))?;
        (boot_ms < ticket.expires_ms).then(|| ticket.clone())
    }

    /// Forgets the tickets of a session.
    pub(crate) fn forget(&self, session: &locum_domain::SessionId) {
        self.0
            .pin()
            .retain(|_, ticket| ticket.session.facts.id != *session);
    }
}
