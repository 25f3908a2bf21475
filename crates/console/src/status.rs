//! With which status a refusal is answered.

use axum::http::StatusCode;
use locum_domain::Denial;

/// The status of a refusal's page, the same as of its problem document.
pub(crate) fn of(denial: Denial) -> StatusCode {
    StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::FORBIDDEN)
}
