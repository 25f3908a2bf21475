//! Typed refusals. The code is for machines and evidence; the remedy is for the person who was refused.

use serde::{Deserialize, Serialize};

macro_rules! denials {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $remedy:literal;)*) => {
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

            /// What the person who was refused can do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Denial::$name => $remedy),* }
            }
        }
    };
}

denials! {
    SessionEnded = "session-ended", "ask again in a new request if the case is still open";
    SignatureRequired = "signature-required", "decide in the console with your authenticator";
    Malformed = "malformed", "correct the request as the detail says";
    UnknownApplication = "unknown-application", "name an application of the catalog";
    UnknownOperation = "unknown-operation", "name an operation that the application declares";
    Wildcard = "wildcard", "name applications and operations one by one";
    ReasonMissing = "reason-missing", "say in your own words what you must do and why";
    DurationTooLong = "duration-too-long", "ask for fewer minutes";
    StaleApproval = "stale-approval", "reload the request and decide on what it says now";
    AlreadyDecided = "already-decided", "nothing is left to decide here";
    Lapsed = "lapsed", "file a new request";
    BudgetSpent = "budget-spent", "wait until tomorrow or end what you no longer need";
    TooManyOpen = "too-many-open", "end or withdraw what you no longer need";
    RecorderUnavailable = "recorder-unavailable", "wait until the record can be written again";
    NoticeUnavailable = "notice-unavailable", "wait until the notice channel works again";
    ClockUntrusted = "clock-untrusted", "have the server's clock corrected";
    OutOfScope = "out-of-scope", "ask for this operation in a new request";
    ClosedOperation = "closed-operation", "only the user can do this";
    UnclassifiedRoute = "unclassified-route", "ask the application's owner to classify this route";
    WrongApplication = "wrong-application", "open this application from its own session";
    CaseNotOpen = "case-not-open", "reopen the case or name an open one";
    CaseUnreachable = "case-unreachable", "try again when the case system answers";
    CaseMismatch = "case-mismatch", "name the subject and tenant that the case names";
    NotTheAssignee = "not-the-assignee", "have the case assigned to you first";
    SelfMadeCase = "self-made-case", "the subject's own confirmation is needed";
    SelfApproval = "self-approval", "somebody else must decide";
    ConflictOfInterest = "conflict-of-interest", "somebody who gains nothing must decide";
    NotAnApprover = "not-an-approver", "ask one of the people the route names";
    NotANamedPerson = "not-a-named-person", "sign in as yourself";
    NonHumanApprover = "non-human-approver", "a named person must decide";
    MissingApproval = "missing-approval", "wait for the approvals the route demands";
    NoApproverLeft = "no-approver-left", "have an owner or deputy named for the authority that has nobody";
    NestedSession = "nested-session", "end the other session first";
    ProtectedSubject = "protected-subject", "nobody can act as this user";
    SubjectUnknown = "subject-unknown", "the application must know the case's subject";
    NotEligible = "not-eligible", "have an eligibility granted by its owner first";
    ReviewOverdue = "review-overdue", "complete your overdue review first";
    SecondPersonRequired = "second-person-required", "somebody else must lift or confirm this";
    Held = "held", "wait until a second person lifts the hold";
    PolicyError = "policy-error", "have the policy corrected";
    NotFound = "not-found", "check the id; what you may not see is not shown";
    Conflict = "conflict", "reload and try again";
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
}

impl Denial {
    /// A refusal for this reason.
    pub fn because(self, detail: impl Into<String>) -> Refusal {
        Refusal {
            denial: self,
            detail: detail.into(),
            pointer: None,
            rule: None,
        }
    }
}

impl Refusal {
    /// The same refusal, pointing at a place in the body.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
    /// The same refusal, naming the rule that decided.
    pub fn by(mut self, rule: impl Into<String>) -> Self {
        self.rule = Some(rule.into());
        self
    }
}
