//! The index: everything that answers on this listener.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

use crate::api::{
    absences, authenticators, catalog, changes, countersigning, decisions, delegations, enrolments,
    erasures, events, exceptions, explain, governance, keys, logins, population, reconcile, record,
    requests, reviews, sessions, stop, unclassified,
};
use crate::state::{Front, HttpState};
use crate::{complete, guard, health, hooks, ledger, metrics, oauth};

/// The router. Its fallback answers 404 with problem details; whatever else the binary serves on the same
/// listener is merged into it and must bring no fallback of its own.
pub fn router(state: HttpState) -> Router {
    let front = Front::new(state);
    let guard = from_fn_with_state(front.clone(), guard::guard);
    let mut router = Router::new();
    for (path, verbs) in api() {
        router = router.route(path, verbs.route_layer(guard.clone()));
    }
    for (path, verbs) in open() {
        router = router.route(path, verbs);
    }
    router
        .fallback(nowhere)
        .layer(from_fn_with_state(front.clone(), complete::complete))
        .with_state(front)
}

async fn nowhere() -> axum::http::StatusCode {
    axum::http::StatusCode::NOT_FOUND
}

/// For known principals only.
fn api() -> Vec<(&'static str, MethodRouter<Front>)> {
    vec![
        ("/api/v1/me", get(catalog::me)),
        ("/api/v1/me/logins", get(logins::list)),
        ("/api/v1/me/logins/{id}/end", post(logins::end)),
        ("/api/v1/authenticators", get(authenticators::list)),
        (
            "/api/v1/authenticators/{id}/revoke",
            post(authenticators::revoke),
        ),
        (
            "/api/v1/enrolments",
            get(enrolments::list).post(enrolments::ask),
        ),
        ("/api/v1/enrolments/invitations", post(enrolments::invite)),
        ("/api/v1/enrolments/{id}", get(enrolments::show)),
        ("/api/v1/enrolments/{id}/approve", post(enrolments::approve)),
        ("/api/v1/enrolments/{id}/deny", post(enrolments::deny)),
        ("/api/v1/erasures", get(erasures::list).post(erasures::ask)),
        ("/api/v1/erasures/{id}/statement", post(erasures::statement)),
        ("/api/v1/erasures/{id}/confirm", post(erasures::confirm)),
        ("/api/v1/erasures/{id}/deny", post(erasures::deny)),
        (
            "/api/v1/exceptions",
            get(exceptions::list).post(exceptions::ask),
        ),
        (
            "/api/v1/exceptions/{id}/statement",
            post(exceptions::statement),
        ),
        ("/api/v1/exceptions/{id}/confirm", post(exceptions::confirm)),
        ("/api/v1/exceptions/{id}/deny", post(exceptions::deny)),
        ("/api/v1/exceptions/{id}/end", post(exceptions::end)),
        (
            "/api/v1/absences",
            get(absences::list).post(absences::announce),
        ),
        ("/api/v1/absences/{person}/end", post(absences::end)),
        ("/api/v1/governance", get(governance::show)),
        ("/api/v1/changes", get(changes::list).post(changes::propose)),
        ("/api/v1/changes/preview", post(changes::preview)),
        ("/api/v1/changes/{id}", get(changes::show)),
        ("/api/v1/changes/{id}/statement", post(changes::statement)),
        ("/api/v1/changes/{id}/confirm", post(changes::confirm)),
        ("/api/v1/changes/{id}/deny", post(changes::deny)),
        ("/api/v1/changes/{id}/withdraw", post(changes::withdraw)),
        ("/api/v1/delegations", get(delegations::list)),
        ("/api/v1/delegations/confirm", post(delegations::confirm)),
        ("/api/v1/founding", get(enrolments::founders)),
        ("/api/v1/keys", get(keys::list)),
        ("/api/v1/keys/{purpose}/rotate", post(keys::rotate)),
        ("/api/v1/catalog/applications", get(catalog::applications)),
        (
            "/api/v1/applications/{id}/unclassified",
            get(unclassified::list),
        ),
        (
            "/api/v1/applications/{id}/reconcile",
            post(reconcile::compare),
        ),
        ("/api/v1/requests", get(requests::list).post(requests::file)),
        ("/api/v1/requests/preview", post(requests::preview)),
        ("/api/v1/requests/{id}", get(requests::show)),
        ("/api/v1/requests/{id}/explain", get(explain::request)),
        ("/api/v1/requests/{id}/approve", post(decisions::approve)),
        (
            "/api/v1/requests/{id}/statement",
            post(decisions::statement),
        ),
        (
            "/api/v1/requests/{id}/countersign",
            post(countersigning::sign),
        ),
        (
            "/api/v1/requests/{id}/countersign/statement",
            post(countersigning::what_to_sign),
        ),
        ("/api/v1/requests/{id}/deny", post(decisions::deny)),
        ("/api/v1/requests/{id}/ask", post(decisions::ask)),
        ("/api/v1/requests/{id}/offer", post(decisions::offer)),
        ("/api/v1/requests/{id}/answer", post(requests::answer)),
        ("/api/v1/requests/{id}/accept", post(requests::accept)),
        ("/api/v1/requests/{id}/withdraw", post(requests::withdraw)),
        ("/api/v1/requests/{id}/extend", post(requests::extend)),
        ("/api/v1/requests/{id}/activate", post(requests::activate)),
        ("/api/v1/sessions", get(sessions::list)),
        ("/api/v1/sessions/{id}", get(sessions::show)),
        ("/api/v1/sessions/{id}/explain", get(explain::session)),
        ("/api/v1/refusals", get(explain::own_refusals)),
        ("/api/v1/refusals/{id}", get(explain::refusal)),
        ("/api/v1/sessions/{id}/open", post(sessions::open)),
        ("/api/v1/sessions/{id}/end", post(sessions::end)),
        ("/api/v1/events", get(events::feed)),
        ("/api/v1/events/{id}", get(events::show)),
        ("/api/v1/events/{id}/evidence", get(events::evidence)),
        ("/api/v1/evidence", get(population::export)),
        ("/api/v1/ledger", get(record::show)),
        ("/api/v1/ledger/verify", get(record::verify)),
        ("/api/v1/reviews", get(reviews::list)),
        ("/api/v1/reviews/{id}", get(reviews::show)),
        ("/api/v1/reviews/{id}/complete", post(reviews::complete)),
        ("/api/v1/reviews/{id}/statement", post(reviews::statement)),
        ("/api/v1/stop", post(stop::stop)),
        ("/api/v1/holds", get(stop::holds)),
        ("/api/v1/holds/{id}/lift", post(stop::lift)),
    ]
}

/// For anybody.
fn open() -> Vec<(&'static str, MethodRouter<Front>)> {
    vec![
        ("/oauth2/token", post(oauth::token)),
        ("/oauth2/device_authorization", post(oauth::authorize)),
        ("/oauth2/revoke", post(oauth::revoke)),
        ("/login/oidc/back-channel-logout", post(oauth::log_out)),
        ("/.well-known/jwks.json", get(oauth::jwks)),
        (
            "/.well-known/oauth-authorization-server",
            get(oauth::metadata),
        ),
        ("/hooks/{connector}", post(hooks::receive)),
        ("/ledger/checkpoint", get(ledger::checkpoint)),
        ("/ledger/tile/{*rest}", get(ledger::tile)),
        ("/healthz", get(health::healthz)),
        ("/readyz", get(health::readyz)),
        ("/metrics", get(metrics::metrics)),
        ("/openapi.json", get(health::openapi)),
    ]
}
