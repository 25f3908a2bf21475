//! Credentials of a session at Locum's own doors. Whoever acts as somebody asks, decides and exchanges nothing with
//! what lets them act, so that no session begins inside another (R20).

use axum::http::HeaderMap;
use locum_control::rotate_key::public_keys;
use locum_control::{Caller, Control, Door};
use locum_domain::{Denial, PrincipalId, Refusal, SessionId, Stream};
use locum_token::{AccessToken, Assertion, GrantToken, JwkSet, jws};
use serde::Deserialize;

use crate::state::Front;

/// The types of token that a session has, with what each is called in a refusal.
const KINDS: [(&str, &str); 3] = [
    (GrantToken::TYP, "a grant"),
    (AccessToken::TYP, "an access token"),
    (Assertion::TYP, "an assertion"),
];

/// What all of them say.
#[derive(Deserialize)]
struct OfSession {
    act: Actor,
    sid: String,
}

#[derive(Deserialize)]
struct Actor {
    sub: String,
}

/// A session, by a token of its own that Locum signed. Whether the token is still good elsewhere, and for whom, is
/// no question here: it is never good here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Impersonated {
    actor: PrincipalId,
    session: SessionId,
    kind: &'static str,
}

impl Impersonated {
    /// The session whose token one of these headers carries: as a credential, or injected by a gateway on the way.
    pub(crate) fn in_headers(control: &Control, headers: &HeaderMap) -> Option<Self> {
        let values = headers.values().filter_map(|value| value.to_str().ok());
        // A credential follows the name of its scheme.
        let words = values.filter_map(|value| value.split(' ').next_back());
        words
            .filter(|word| looks_signed(word))
            .find_map(|word| Self::of(control, word))
    }

    /// The session whose token this is.
    pub(crate) fn of(control: &Control, token: &str) -> Option<Self> {
        if !looks_signed(token) {
            return None;
        }
        let keys = JwkSet::of(public_keys(control).into_iter().map(|half| half.key));
        KINDS.iter().find_map(|(typ, kind)| {
            let claims: OfSession = jws::verify(token, typ, &keys).ok()?;
            Some(Self {
                actor: claims.act.sub.parse().ok()?,
                session: claims.sid.parse().ok()?,
                kind,
            })
        })
    }

    /// Refuses it, on the record of the session and as its actor's.
    pub(crate) async fn refused(&self, front: &Front, door: Door, act: &'static str) -> Refusal {
        let caller = Caller::new(self.actor.clone(), door);
        let about = Stream::Session(self.session.clone());
        let detail = format!("{} of a session opens nothing of Locum's own", self.kind);
        let refusal = Denial::NestedSession.because(detail);
        front.control().refused(&caller, act, &about, refusal).await
    }
}

/// Whether this has the form of a compact signature whose header is a JSON object.
fn looks_signed(word: &str) -> bool {
    word.starts_with("ey") && word.bytes().filter(|byte| *byte == b'.').count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_signed_is_looked_at() {
        assert!(looks_signed("eyJhbGciOiJFZERTQSJ9.e30.c2ln"));
        for other in ["", "locum_x.y.z", "eyJ", "ey.a", "ey.a.b.c"] {
            assert!(!looks_signed(other), "{other}");
        }
    }
}
