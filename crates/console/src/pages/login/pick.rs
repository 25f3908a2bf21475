//! Picking who one is: development alone.

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use locum_domain::{Catalog, PrincipalId};
use locum_login::{How, local_path};

use super::{NewlyIn, NotIn, begun, not_in};
use crate::peer::Peer;
use crate::posted::Fields;
use crate::same_site::{SentFrom, sent_from};
use crate::state::ConsoleState;

/// Begins the login of whoever was picked. There is no login yet whose token the form could carry, so the
/// browser itself must say that our own page sent it.
pub(crate) async fn pick(
    State(console): State<ConsoleState>,
    peer: Peer,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    let to = local_path(fields.one("to"));
    let refuse = |reason, words, remedy| {
        let why = NotIn {
            status: StatusCode::FORBIDDEN,
            words,
            remedy,
        };
        not_in(&console, &peer.headers, to, reason, why)
    };
    if sent_from(&peer.headers, &console.public_url) != SentFrom::Here {
        return refuse(
            "another-site",
            "The form does not come from this console's own page.",
            "Sign in here.",
        );
    }
    let catalog = console.control.in_force().catalog.clone();
    let Some(person) = fields.one("person").and_then(|id| active(&catalog, id)) else {
        return refuse(
            "no-such-person",
            "Nobody active in the catalog has this id.",
            "Choose somebody of the list.",
        );
    };
    let Some(started) = console.logins.pick(person.clone(), peer.seen_from()) else {
        return refuse(
            "picking-not-allowed",
            "On this server nobody may say who they are without proving it.",
            "Sign in in one of these ways.",
        );
    };
    let how = How::Picked;
    let newly = NewlyIn {
        person,
        how,
        started,
    };
    begun(&console, &peer, newly, to).await.unwrap_or_else(|| {
        refuse(
            "not-recorded",
            "Nobody can be signed in at the moment: nothing can be recorded.",
            "Try again in a minute.",
        )
    })
}

fn active(catalog: &Catalog, id: &str) -> Option<PrincipalId> {
    let id: PrincipalId = id.parse().ok()?;
    catalog
        .people
        .get(&id)
        .filter(|it| it.is_active)
        .map(|_| id)
}
