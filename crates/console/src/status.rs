//! With which status a refusal is answered: the contract's section 5.

use axum::http::StatusCode;
use locum_domain::Denial;

/// The status of a refusal's page, the same as of its problem document.
pub(crate) fn of(denial: Denial) -> StatusCode {
    match denial {
        Denial::SessionEnded | Denial::SignatureRequired => StatusCode::UNAUTHORIZED,
        Denial::NotFound => StatusCode::NOT_FOUND,
        Denial::Malformed
        | Denial::UnknownApplication
        | Denial::UnknownOperation
        | Denial::Wildcard
        | Denial::ReasonMissing
        | Denial::DurationTooLong => StatusCode::UNPROCESSABLE_ENTITY,
        Denial::StaleApproval | Denial::AlreadyDecided | Denial::Lapsed | Denial::Conflict => {
            StatusCode::CONFLICT
        }
        Denial::BudgetSpent | Denial::TooManyOpen => StatusCode::TOO_MANY_REQUESTS,
        Denial::RecorderUnavailable | Denial::NoticeUnavailable | Denial::ClockUntrusted => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::FORBIDDEN,
    }
}
