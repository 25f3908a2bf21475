//! Where the way into an application passes once through the console, so that a ticket alone opens nothing.

use axum::extract::Path;
use axum::response::Response;

use super::refusal::Refused;
use crate::visitor::Visitor;

/// `/open/{token}`: the login is checked by getting here at all; the ticket must be this person's.
pub(crate) async fn pass(visitor: Visitor, Path(token): Path<String>) -> Response {
    let to = (visitor.state.confirm_pass)(&token, &visitor.caller.principal);
    visitor.go(
        to,
        Refused::new("open the application with this ticket", "/sessions"),
    )
}
