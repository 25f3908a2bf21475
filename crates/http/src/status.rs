//! Which status a refusal travels with, and what a 401 could be answered by.

use axum::http::StatusCode;
use locum_domain::Denial;

/// The status of this reason.
pub(crate) fn status_of(denial: Denial) -> StatusCode {
    StatusCode::from_u16(denial.status()).unwrap_or(StatusCode::FORBIDDEN)
}

/// What `WWW-Authenticate` says with a 401 of this code.
pub(crate) fn challenge(code: &str) -> &'static str {
    match code {
        "session-ended" => "Bearer error=\"invalid_token\"",
        // RFC 9470, section 3.
        "signature-required" => {
            "Bearer error=\"insufficient_user_authentication\", acr_values=\"phr\""
        }
        "unknown-token" | "login-ended" => "Bearer error=\"invalid_token\"",
        "bad-signature" | "stale" => "Webhook-Signature",
        _ => "Bearer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_401_says_by_what_it_could_be_answered() {
        assert_eq!(challenge("session-ended"), "Bearer error=\"invalid_token\"");
        let step_up = challenge("signature-required");
        assert!(step_up.contains("error=\"insufficient_user_authentication\""));
        assert!(step_up.contains("acr_values=\"phr\""));
        assert_eq!(challenge("unauthorized"), "Bearer");
    }
}
