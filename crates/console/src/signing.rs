//! How the reader can sign what a page shows them.

use locum_domain::authenticator::Held;
use locum_domain::catalog::Tier;
use locum_domain::{Request, Timestamp};

use crate::view::View;

/// Whether an approval needs a signature, and whether the reader has a key for it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    /// Development: approvals work without.
    NotDemanded,
    /// A passkey of the reader's signs it.
    Ready,
    /// The reader's passkeys are too new for a `regulated` application.
    NotBefore(Timestamp),
    /// Only a key file, which signs from the command line.
    KeyFile,
    /// The reader has no authenticator.
    Nothing,
}

impl Signing {
    /// How a reader with these authenticators signs this request.
    pub(crate) fn of(view: &View, request: &Request, held: &[Held]) -> Self {
        if !request.route.signature_demanded {
            return Signing::NotDemanded;
        }
        let tier = request.route.strictest;
        let passkeys = held.iter().filter(|it| it.authenticator.is_passkey());
        let from = passkeys
            .map(|it| match tier {
                Tier::Regulated => it.signs_regulated_from(),
                Tier::Low | Tier::Standard => it.enrolled_at,
            })
            .min();
        match from {
            Some(from) if from <= view.now => Signing::Ready,
            Some(from) => Signing::NotBefore(from),
            None if tier == Tier::Low && !held.is_empty() => Signing::KeyFile,
            None => Signing::Nothing,
        }
    }
}
