//! Explanations on the wire: which policies decided, which facts they read, what would have to change.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::request::StepView;

/// How a request was and would be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExplanationView {
    pub request: String,
    pub state: String,
    /// What is to be known first, a sentence each.
    pub answer: Vec<String>,
    /// What the caller can do next.
    pub next: Vec<String>,
    /// What was decided, in the order of the ledger.
    pub decided: Vec<DecidedView>,
    /// The same questions put to the catalog and policies of today.
    pub today: TodayView,
    /// Where today's answers are others than the recorded ones.
    pub differences: Vec<String>,
}

/// One recorded decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecidedView {
    /// Its place in the ledger.
    pub position: u64,
    pub at: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    pub sentence: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalView>,
    /// The `@id`s of the rules that were recorded with it.
    pub rules: Vec<String>,
    /// How its questions come out, asked again with what was known then.
    pub questions: Vec<JudgedView>,
    /// Why they do not come out as recorded, where they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs: Option<String>,
}

/// A refusal, in its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusalView {
    pub code: String,
    pub detail: String,
    /// What whoever was refused can do.
    pub remedy: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// One question that was put to the policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JudgedView {
    /// What was asked, in words.
    pub about: String,
    /// `allowed`, `refused`, `demanded` or `policy-error`.
    pub verdict: String,
    /// The policies that decided; those that could not be evaluated, when there are any.
    pub rules: Vec<RuleView>,
    /// The `forbid`s that could have objected and did not.
    pub silent: Vec<RuleView>,
}

/// A policy, and what it had to do with an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleView {
    /// Its `@id`.
    pub id: String,
    /// `permit` or `forbid`.
    pub effect: String,
    /// `locum` or `operator`: who wrote it.
    pub written_by: String,
    /// Its sentence.
    pub because: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The requirement it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    pub file: String,
    pub line: usize,
    /// As it was written; only of those that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it read.
    pub facts: Vec<FactView>,
    /// What would have to be otherwise for it not to object, each enough by itself.
    pub changes: Vec<String>,
    /// Why it could not be evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One attribute that a policy read, with its value then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactView {
    /// Where the policy finds it, such as `resource.requester`.
    pub path: String,
    pub of: String,
    pub is: String,
}

/// How it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TodayView {
    pub at: String,
    /// The route it would take.
    pub route: Vec<StepView>,
    /// Why it would be refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalView>,
    pub questions: Vec<JudgedView>,
    pub people: Vec<MayDecideView>,
    /// Whether it could begin; absent before it is approved and after it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_begin: Option<bool>,
    /// Why it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin_refusal: Option<RefusalView>,
}

/// How one person stands to the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MayDecideView {
    pub person: String,
    pub is_caller: bool,
    /// Whether the route named them when it was filed.
    pub is_named: bool,
    pub has_approved: bool,
    /// What they may decide as.
    pub may_decide: Vec<SeatView>,
    /// Why they may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalView>,
    pub questions: Vec<JudgedView>,
}

/// A step by what decides it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatView {
    pub authority: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
}

/// A recorded refusal, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExplainedRefusalView {
    /// Its place in the ledger.
    pub position: u64,
    pub at: String,
    pub by: String,
    /// What was refused: `file`, `approve`, `use`…
    pub act: String,
    /// What it was about: `request/req_…`, `session/ses_…`, or the person's own asking.
    pub about: String,
    pub refusal: RefusalView,
    /// The rule as it said then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleView>,
    /// What was wanted in a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<RefusedUseView>,
}

/// A request in a session that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedUseView {
    pub session: String,
    /// Its place in the ledger; the last one's, where the same was refused several times.
    pub position: u64,
    pub at: String,
    pub times: usize,
    pub application: String,
    /// The operation that the route is; absent where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// The class that keeps it closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
    pub in_scope: bool,
    pub method: String,
    pub path: String,
    pub code: String,
    pub because: String,
    pub next: String,
    /// What the grant allows in this application.
    pub granted: Vec<String>,
}

impl From<&locum_domain::Refusal> for RefusalView {
    fn from(refusal: &locum_domain::Refusal) -> Self {
        Self {
            code: refusal.denial.code().to_owned(),
            detail: refusal.detail.clone(),
            remedy: refusal.remedy().to_owned(),
            rule: refusal.rule.clone(),
        }
    }
}
