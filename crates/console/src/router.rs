//! Every address of the console.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::routing::{get, post};

use crate::pages::{
    account, changes, confirm, countersigning, deciding, delegations, device, enrolments, erasures,
    event, exceptions, explain, filing, founding, holds, invitation, ledger, login, lost, moves,
    open, refusal, request, request_list, review, review_list, session, session_list, stop, today,
    unclassified,
};
use crate::state::ConsoleState;
use crate::{script, security_headers, stylesheet};

/// A form of words and ticks is far smaller.
const LARGEST_FORM_BYTES: usize = 64 * 1024;

/// The console. It has no fallback, so that it can be merged into a router that answers for every other address.
pub fn router(console: ConsoleState) -> Router {
    Router::new()
        .route(stylesheet::PATH, get(stylesheet::stylesheet))
        .route(script::path(), get(script::script))
        .route("/", get(today::show))
        .route("/login", get(login::show).post(login::pick::pick))
        .route("/login/oidc", get(login::oidc::start))
        .route("/login/oidc/callback", get(login::oidc::callback))
        .route("/login/passkey/options", post(login::passkey::options))
        .route("/login/passkey/verify", post(login::passkey::verify))
        .route("/logout", post(login::sign_out::sign_out))
        .route("/confirm", get(confirm::show).post(confirm::confirm))
        .route("/confirm/options", post(confirm::options))
        .route("/account", get(account::show))
        .route("/account/signed", get(account::signed::show))
        .route("/account/authenticators/options", post(account::options))
        .route("/account/authenticators/register", post(account::register))
        .route("/account/authenticators/{id}/revoke", post(account::revoke))
        .route(
            "/account/logins/end-others",
            post(account::own_logins::end_others),
        )
        .route("/account/logins/{id}/end", post(account::own_logins::end))
        .route("/account/absence", post(account::absence::announce))
        .route("/account/absence/end", post(account::absence::end))
        .route("/erasures", get(erasures::show).post(erasures::ask))
        .route("/erasures/{id}/statement", post(erasures::statement))
        .route("/erasures/{id}/confirm", post(erasures::confirm))
        .route("/erasures/{id}/deny", post(erasures::deny))
        .route("/exceptions", get(exceptions::show).post(exceptions::ask))
        .route("/exceptions/{id}/statement", post(exceptions::statement))
        .route("/exceptions/{id}/confirm", post(exceptions::confirm))
        .route("/exceptions/{id}/deny", post(exceptions::deny))
        .route("/exceptions/{id}/end", post(exceptions::end))
        .route("/changes", get(changes::show_all))
        .route("/changes/{id}", get(changes::show))
        .route("/changes/{id}/statement", post(changes::statement))
        .route("/changes/{id}/confirm", post(changes::confirm))
        .route("/changes/{id}/deny", post(changes::deny))
        .route("/changes/{id}/withdraw", post(changes::withdraw))
        .route("/delegations", get(delegations::show))
        .route("/delegations/confirm", post(delegations::confirm))
        .route("/enrolments", get(enrolments::show_all))
        .route("/enrolments/lost", get(lost::show))
        .route("/enrolments/{id}", get(enrolments::show))
        .route("/enrolments/{id}/statement", post(enrolments::statement))
        .route("/enrolments/{id}/approve", post(enrolments::approve))
        .route("/enrolments/{id}/deny", post(enrolments::deny))
        .route("/enrolments/invite", post(invitation::invite))
        .route("/invitation", post(invitation::enrol))
        .route("/invitation/options", post(invitation::options))
        .route("/invitation/{code}", get(invitation::open))
        .route("/founding", get(founding::show))
        .route("/founding/{code}", get(founding::open))
        .route("/founding/begin", post(founding::begin))
        .route("/founding/options", post(founding::options))
        .route("/founding/enrol", post(founding::enrol))
        .route("/founding/statement", post(founding::statement))
        .route("/founding/sign", post(founding::sign))
        .route("/device", get(device::show).post(device::look))
        .route("/device/allow", post(device::allow))
        .route("/device/deny", post(device::deny))
        .route("/applications/{id}/unclassified", get(unclassified::show))
        .route("/requests", get(request_list::show).post(filing::file))
        .route("/requests/new", get(filing::show))
        .route("/requests/preview", post(filing::preview))
        .route("/requests/change", post(filing::change))
        .route("/requests/{id}", get(request::show))
        .route("/requests/{id}/explain", get(explain::show))
        .route("/refusals", get(explain::own))
        .route("/requests/{id}/statement", post(deciding::statement))
        .route("/requests/{id}/approve", post(deciding::approve))
        .route("/requests/{id}/offer", post(deciding::offer))
        .route("/requests/{id}/ask", post(deciding::ask))
        .route("/requests/{id}/countersign", post(countersigning::sign))
        .route(
            "/requests/{id}/countersign/statement",
            post(countersigning::statement),
        )
        .route("/requests/{id}/deny", post(deciding::deny))
        .route("/requests/{id}/answer", post(moves::answer))
        .route("/requests/{id}/accept", post(moves::accept))
        .route("/requests/{id}/withdraw", post(moves::withdraw))
        .route("/requests/{id}/activate", post(moves::activate))
        .route("/requests/{id}/extend", post(moves::extend))
        .route("/sessions", get(session_list::show))
        .route("/sessions/{id}", get(session::show))
        .route("/sessions/{id}/explain", get(explain::session))
        .route("/sessions/{id}/open", post(session::open))
        .route("/sessions/{id}/end", post(session::end))
        .route("/open/{token}", get(open::pass))
        .route("/reviews", get(review_list::show))
        .route("/reviews/{id}", get(review::show))
        .route("/reviews/{id}/complete", post(review::complete))
        .route("/reviews/{id}/statement", post(review::statement))
        .route("/events/{id}", get(event::show))
        .route("/events/{id}/evidence", get(event::pack))
        .route("/stop", get(stop::show).post(stop::stop))
        .route("/record", get(ledger::show))
        .route("/holds", get(holds::show))
        .route("/holds/{id}/lift", post(holds::lift))
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .layer(map_response(security_headers::add))
        .layer(DefaultBodyLimit::max(LARGEST_FORM_BYTES))
        .with_state(console)
}
