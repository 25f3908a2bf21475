//! Typed refusals. The code is for machines and evidence; the remedy is for the person who was refused.

use serde::{Deserialize, Serialize};

macro_rules! denials {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $code:literal, $remedy:literal;)*) => {
        /// Why something is refused. Each variant is one of the contract's reason codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Denial {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Denial {
            /// Every code there is.
            pub const ALL: &'static [Denial] = &[$(Denial::$name),*];

            /// The reason code, as the contract writes it.
            pub fn code(self) -> &'static str {
                match self { $(Denial::$name => $code),* }
            }

            /// The status (RFC 9110, section 15) that a refusal for this reason travels with, in every room that
            /// speaks HTTP.
            pub fn status(self) -> u16 {
                match self { $(Denial::$name => $status),* }
            }

            /// What the person who was refused can do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Denial::$name => $remedy),* }
            }
        }
    };
}

denials! {
    SessionEnded = 401, "session-ended", "ask again in a new request if the case is still open";
    SignatureRequired = 401, "signature-required", "decide in the console with your authenticator";
    Malformed = 422, "malformed", "correct the request as the detail says";
    UnknownApplication = 422, "unknown-application", "name an application of the catalog";
    UnknownOperation = 422, "unknown-operation", "name an operation that the application declares";
    Wildcard = 422, "wildcard", "name applications and operations one by one";
    ReasonMissing = 422, "reason-missing", "say in your own words what you must do and why";
    DurationTooLong = 422, "duration-too-long", "ask for fewer minutes";
    StaleApproval = 409, "stale-approval", "reload the request and decide on what it says now";
    AlreadyDecided = 409, "already-decided", "nothing is left to decide here";
    Lapsed = 409, "lapsed", "file a new request";
    BudgetSpent = 429, "budget-spent", "wait until tomorrow or end what you no longer need";
    TooManyOpen = 429, "too-many-open", "end or withdraw what you no longer need";
    RecorderUnavailable = 503, "recorder-unavailable", "wait until the record can be written again";
    NoticeUnavailable = 503, "notice-unavailable", "wait until the notice channel works again";
    ClockUntrusted = 503, "clock-untrusted", "have the server's clock corrected";
    OutOfScope = 403, "out-of-scope", "ask for this operation in a new request";
    ClosedOperation = 403, "closed-operation", "only the user can do this";
    UnclassifiedRoute = 403, "unclassified-route", "ask the application's owner to classify this route";
    WrongApplication = 403, "wrong-application", "open this application from its own session";
    CaseNotOpen = 403, "case-not-open", "reopen the case or name an open one";
    CaseUnreachable = 403, "case-unreachable", "try again when the case system answers";
    CaseMismatch = 403, "case-mismatch", "name the subject and tenant that the case names";
    NotTheAssignee = 403, "not-the-assignee", "have the case assigned to you first";
    SelfMadeCase = 403, "self-made-case", "the subject's own confirmation is needed";
    SelfApproval = 403, "self-approval", "somebody else must decide";
    ConflictOfInterest = 403, "conflict-of-interest", "somebody who gains nothing must decide";
    NotAnApprover = 403, "not-an-approver", "ask one of the people the route names";
    NotANamedPerson = 403, "not-a-named-person", "sign in as yourself";
    NonHumanApprover = 403, "non-human-approver", "a named person must decide";
    MissingApproval = 403, "missing-approval", "wait for the approvals the route demands";
    NoApproverLeft = 403, "no-approver-left", "have an owner or deputy named for the authority that has nobody";
    NestedSession = 403, "nested-session", "end the other session first";
    ProtectedSubject = 403, "protected-subject", "nobody can act as this user";
    SubjectUnknown = 403, "subject-unknown", "the application must know the case's subject";
    NotEligible = 403, "not-eligible", "have an eligibility granted by its owner first";
    ReviewOverdue = 403, "review-overdue", "complete your overdue review first";
    SecondPersonRequired = 403, "second-person-required", "somebody else must lift or confirm this";
    Held = 403, "held", "wait until a second person lifts the hold";
    PolicyError = 403, "policy-error", "have the policy corrected";
    NotFound = 404, "not-found", "check the id; what you may not see is not shown";
    Conflict = 409, "conflict", "reload and try again";
}

/// One refusal: the code, and what exactly was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}: {detail}", .denial.code())]
pub struct Refusal {
    pub denial: Denial,
    /// A sentence for the person refused.
    pub detail: String,
    /// JSON Pointer (RFC 6901) to the place in the body, where one place is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The `@id` of the rule that decided, where a rule did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What the person can do, where the rule that decided says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Box<str>>,
    /// What the rule read, where whoever was refused may be told. Of what was asked for nothing else stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Box<[Read]>>,
}

/// One attribute that a rule read, with its value then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// Where the rule finds it, such as `context.duration_minutes`.
    pub path: String,
    /// What it is called, and what it was.
    pub of: String,
    pub is: String,
}

impl Denial {
    /// A refusal for this reason.
    pub fn because(self, detail: impl Into<String>) -> Refusal {
        Refusal {
            denial: self,
            detail: detail.into(),
            pointer: None,
            rule: None,
            remedy: None,
            read: None,
        }
    }
}

impl Refusal {
    /// The same refusal, pointing at a place in the body.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
    /// What the person who was refused can do: as the rule that decided says, or else as anybody can who is refused
    /// for this reason.
    pub fn remedy(&self) -> &str {
        self.remedy.as_deref().unwrap_or(self.denial.remedy())
    }

    /// The same refusal, with what the rule that decided says can be done.
    pub fn remedied(mut self, remedy: Option<String>) -> Self {
        self.remedy = remedy.map(String::into_boxed_str);
        self
    }

    /// The same refusal, naming the rule that decided.
    pub fn by(mut self, rule: impl Into<String>) -> Self {
        self.rule = Some(rule.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract's table of refusals, row by row.
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
            assert_eq!(denial.status(), *status, "{}", denial.code());
        }
    }
}
