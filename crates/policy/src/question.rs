//! One question to Cedar, and its answer: the `@id`s that allowed it, or the strictest objection.

use std::sync::Arc;

use cedar_policy::Policy;
use cedar_policy_core::ast::{Context, EntityUIDEntry, PolicyID, Request};
use cedar_policy_core::authorizer::AuthorizationError;
use cedar_policy_core::evaluator::EvaluationError;
use locum_domain::{Denial, Refusal};

use crate::engine::Answer;
use crate::known::Known;
use crate::names::{self, Uid};
use crate::policies::Policies;

/// What is asked of the whole policy set.
pub(crate) struct Question<'e> {
    pub(crate) principal: Uid,
    pub(crate) action: Action,
    pub(crate) resource: Uid,
    pub(crate) context: Context,
    pub(crate) known: &'e Known,
}

/// The actions of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    Ask,
    File,
    Cite,
    TrustOrigin,
    ActAs,
    GoWithout,
    Approve,
    Activate,
    Review,
}

impl Action {
    pub(crate) const ALL: [Action; 9] = [
        Action::Ask,
        Action::File,
        Action::Cite,
        Action::TrustOrigin,
        Action::ActAs,
        Action::GoWithout,
        Action::Approve,
        Action::Activate,
        Action::Review,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Action::Ask => "ask",
            Action::File => "file",
            Action::Cite => "cite",
            Action::TrustOrigin => "trust-origin",
            Action::ActAs => "act-as",
            Action::GoWithout => "go-without",
            Action::Approve => "approve",
            Action::Activate => "activate",
            Action::Review => "review",
        }
    }

    /// The code of an operator's `forbid` that names none itself.
    fn denial(self) -> Denial {
        match self {
            Action::Ask | Action::File | Action::Activate | Action::GoWithout => {
                Denial::NotEligible
            }
            Action::Cite => Denial::CaseMismatch,
            Action::TrustOrigin => Denial::SelfMadeCase,
            Action::ActAs => Denial::ProtectedSubject,
            Action::Approve | Action::Review => Denial::NotAnApprover,
        }
    }
}

/// One reason against.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Objection {
    rank: usize,
    /// Operators' rules after guardrails of the same rank.
    is_operators: bool,
    pub(crate) rule: String,
    pub(crate) denial: Denial,
    pub(crate) because: String,
    pub(crate) remedy: Option<String>,
}

impl Objection {
    /// What a `forbid` says where it applies.
    pub(crate) fn of(policy: &Policy, action: Action) -> Self {
        let denial = policy.annotation("reason").and_then(reason);
        let denial = denial.unwrap_or(action.denial());
        let rule = policy.id().to_string();
        let because = policy.annotation("because").map_or_else(
            || format!("the policy `{rule}` forbids it"),
            ToOwned::to_owned,
        );
        Self {
            rank: rank(denial),
            is_operators: !rule.starts_with("guard-"),
            rule,
            denial,
            because,
            remedy: policy.annotation("remedy").map(ToOwned::to_owned),
        }
    }

    pub(crate) fn refusal(&self) -> Refusal {
        self.in_words(&self.because)
    }

    /// The refusal it makes, in more words than its own.
    pub(crate) fn in_words(&self, detail: impl Into<String>) -> Refusal {
        let refusal = self.denial.because(detail).by(&self.rule);
        refusal.remedied(self.remedy.clone())
    }
}

/// Why the answer is no: the strictest objection first, or that no answer could be had.
#[derive(Debug, Clone)]
pub(crate) enum No {
    Objections(Vec<Arc<Objection>>),
    Unanswered(Refusal),
}

impl No {
    /// The strictest of what stands against it.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            No::Unanswered(refusal) => refusal.clone(),
            No::Objections(objections) => objections.first().map_or_else(
                || Denial::PolicyError.because("no policy allows this, and none forbids it"),
                |it| it.refusal(),
            ),
        }
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        No::Unanswered(refusal)
    }
}

/// The order in which codes answer when several apply.
const ORDER: [Denial; 20] = [
    Denial::PolicyError,
    Denial::NestedSession,
    Denial::UnknownApplication,
    Denial::UnknownOperation,
    Denial::ClosedOperation,
    Denial::NotEligible,
    Denial::DurationTooLong,
    Denial::ReviewOverdue,
    Denial::CaseNotOpen,
    Denial::NotTheAssignee,
    Denial::CaseMismatch,
    Denial::SelfMadeCase,
    Denial::SubjectUnknown,
    Denial::ProtectedSubject,
    Denial::NonHumanApprover,
    Denial::NotANamedPerson,
    Denial::SelfApproval,
    Denial::ConflictOfInterest,
    Denial::NotAnApprover,
    Denial::MissingApproval,
];

/// Where a code stands in that order.
pub(crate) fn rank(denial: Denial) -> usize {
    ORDER
        .iter()
        .position(|known| *known == denial)
        .unwrap_or(ORDER.len())
}

/// Whether a policy may name this code as its `@reason`.
pub(crate) fn reason(code: &str) -> Option<Denial> {
    ORDER.into_iter().find(|denial| denial.code() == code)
}

/// The refusal for what Cedar could not be asked or could not answer.
pub(crate) fn broken(error: impl std::fmt::Display) -> Refusal {
    Denial::PolicyError.because(format!("a policy cannot be evaluated: {error}"))
}

fn entry(uid: Uid) -> EntityUIDEntry {
    EntityUIDEntry::Known {
        euid: uid,
        loc: None,
    }
}

impl Policies {
    /// Puts the question. Cedar skips a policy that errors, a `forbid` too, so that any error denies.
    pub(crate) fn ask(&self, question: Question<'_>) -> Result<Vec<String>, No> {
        let answer = self.answer(question)?;
        match answer.is_allowed() {
            true => Ok(answer.rules()),
            false => Err(No::Objections(answer.objections())),
        }
    }

    /// The same, of which only whether it is allowed matters.
    pub(crate) fn allows(&self, question: Question<'_>) -> Result<bool, Refusal> {
        let answer = self.answer(question)?;
        match answer.is_allowed() || answer.is_forbidden() {
            true => Ok(answer.is_allowed()),
            false => Err(No::Objections(Vec::new()).refusal()),
        }
    }

    fn answer(&self, question: Question<'_>) -> Result<Answer<'_>, Refusal> {
        let Question {
            principal,
            action,
            resource,
            context,
            known,
        } = question;
        let sorted = self.relevant.to(&principal, action, &resource, &context);
        let sorted = sorted.ok_or_else(|| broken("nobody could answer such a question"))?;
        let request = Request::new_unchecked(
            entry(principal),
            entry(names::this_action(action)),
            entry(resource),
            Some(context),
        );
        let is_kept = cfg!(debug_assertions) || self.trace.is_some();
        let kept = is_kept.then(|| request.clone());
        let answer = Answer::of(&sorted.rules, request, known);
        if let Some(request) = kept {
            if cfg!(debug_assertions) {
                self.agree(&request, known, &answer)?;
            }
            if let Some(trace) = &self.trace {
                trace.note(&request, known, &answer);
            }
        }
        match answer.errors.first() {
            Some((rule, error)) => {
                let error = AuthorizationError::PolicyEvaluationError {
                    id: PolicyID::from_string(&rule.id),
                    error: EvaluationError::clone(error),
                };
                Err(broken(error).by(&rule.id))
            }
            None => Ok(answer),
        }
    }
}
