//! Which status a refusal travels with: the contract's table, in one place.

use axum::http::StatusCode;
use locum_domain::Denial;

/// The status of this reason.
pub fn status_of(denial: Denial) -> StatusCode {
    use Denial as D;
    match denial {
        D::SessionEnded | D::SignatureRequired => StatusCode::UNAUTHORIZED,
        D::Malformed
        | D::UnknownApplication
        | D::UnknownOperation
        | D::Wildcard
        | D::ReasonMissing
        | D::DurationTooLong => StatusCode::UNPROCESSABLE_ENTITY,
        D::StaleApproval | D::AlreadyDecided | D::Lapsed | D::Conflict => StatusCode::CONFLICT,
        D::BudgetSpent | D::TooManyOpen => StatusCode::TOO_MANY_REQUESTS,
        D::RecorderUnavailable | D::NoticeUnavailable | D::ClockUntrusted => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        D::NotFound => StatusCode::NOT_FOUND,
        D::OutOfScope
        | D::ClosedOperation
        | D::UnclassifiedRoute
        | D::WrongApplication
        | D::CaseNotOpen
        | D::CaseUnreachable
        | D::CaseMismatch
        | D::NotTheAssignee
        | D::SelfMadeCase
        | D::SelfApproval
        | D::ConflictOfInterest
        | D::NotAnApprover
        | D::NotANamedPerson
        | D::NonHumanApprover
        | D::MissingApproval
        | D::NoApproverLeft
        | D::NestedSession
        | D::ProtectedSubject
        | D::SubjectUnknown
        | D::NotEligible
        | D::ReviewOverdue
        | D::SecondPersonRequired
        | D::Held
        | D::PolicyError => StatusCode::FORBIDDEN,
    }
}

/// What `WWW-Authenticate` says with a 401 of this code.
pub(crate) fn challenge(code: &str) -> &'static str {
    match code {
        "session-ended" => "Bearer error=\"invalid_token\"",
        // RFC 9470, section 3.
        "signature-required" => "Bearer error=\"insufficient_user_authentication\"",
        "unknown-token" | "login-ended" => "Bearer error=\"invalid_token\"",
        "bad-signature" | "stale" => "Webhook-Signature",
        _ => "Bearer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract, section 5, row by row.
    const TABLE: [(u16, &str); 8] = [
        (401, "session-ended signature-required"),
        (
            422,
            "malformed unknown-application unknown-operation wildcard reason-missing duration-too-long",
        ),
        (409, "stale-approval already-decided lapsed conflict"),
        (429, "budget-spent too-many-open"),
        (
            503,
            "recorder-unavailable notice-unavailable clock-untrusted",
        ),
        (404, "not-found"),
        (
            403,
            "out-of-scope closed-operation unclassified-route wrong-application case-not-open case-unreachable \
             case-mismatch not-the-assignee self-made-case self-approval conflict-of-interest not-an-approver \
             not-a-named-person non-human-approver missing-approval no-approver-left nested-session",
        ),
        (
            403,
            "protected-subject subject-unknown not-eligible review-overdue second-person-required held policy-error",
        ),
    ];

    #[test]
    fn every_reason_code_has_the_status_of_the_contract() {
        for denial in Denial::ALL {
            let row = TABLE
                .iter()
                .find(|(_, codes)| codes.split_whitespace().any(|code| code == denial.code()));
            let (status, _) = row.unwrap_or_else(|| panic!("no row has {}", denial.code()));
            assert_eq!(status_of(*denial).as_u16(), *status, "{}", denial.code());
        }
    }

    #[test]
    fn a_401_says_by_what_it_could_be_answered() {
        assert_eq!(challenge("session-ended"), "Bearer error=\"invalid_token\"");
        assert!(challenge("signature-required").contains("insufficient_user_authentication"));
        assert_eq!(challenge("unauthorized"), "Bearer");
    }
}
