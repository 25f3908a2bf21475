//! Every address of the console.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::routing::{get, post};

use crate::pages::{
    deciding, event, filing, holds, login, moves, open, refusal, request, request_list, review,
    review_list, session, session_list, stop, today,
};
use crate::security_headers;
use crate::state::ConsoleState;
use crate::stylesheet;

/// A form of words and ticks is far smaller.
const LARGEST_FORM_BYTES: usize = 64 * 1024;

/// The console. It has no fallback, so that it can be merged into a router that answers for every other address.
pub fn router(console: ConsoleState) -> Router {
    Router::new()
        .route(stylesheet::PATH, get(stylesheet::stylesheet))
        .route("/", get(today::show))
        .route("/login", get(login::show).post(login::begin))
        .route("/logout", post(login::end))
        .route("/requests", get(request_list::show).post(filing::file))
        .route("/requests/new", get(filing::show))
        .route("/requests/preview", post(filing::preview))
        .route("/requests/change", post(filing::change))
        .route("/requests/{id}", get(request::show))
        .route("/requests/{id}/approve", post(deciding::approve))
        .route("/requests/{id}/offer", post(deciding::offer))
        .route("/requests/{id}/ask", post(deciding::ask))
        .route("/requests/{id}/deny", post(deciding::deny))
        .route("/requests/{id}/answer", post(moves::answer))
        .route("/requests/{id}/accept", post(moves::accept))
        .route("/requests/{id}/withdraw", post(moves::withdraw))
        .route("/requests/{id}/activate", post(moves::activate))
        .route("/requests/{id}/extend", post(moves::extend))
        .route("/sessions", get(session_list::show))
        .route("/sessions/{id}", get(session::show))
        .route("/sessions/{id}/open", post(session::open))
        .route("/sessions/{id}/end", post(session::end))
        .route("/open/{token}", get(open::pass))
        .route("/reviews", get(review_list::show))
        .route("/reviews/{id}", get(review::show))
        .route("/reviews/{id}/complete", post(review::complete))
        .route("/events/{id}", get(event::show))
        .route("/events/{id}/evidence", get(event::pack))
        .route("/stop", get(stop::show).post(stop::stop))
        .route("/holds", get(holds::show))
        .route("/holds/{id}/lift", post(holds::lift))
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .layer(map_response(security_headers::add))
        .layer(DefaultBodyLimit::max(LARGEST_FORM_BYTES))
        .with_state(console)
}
