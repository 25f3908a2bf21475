//! Requests on the wire.

use locum_domain::{Request, RequestState, request};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::signature::SignatureBody;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestBody {
    /// The case, as `CONNECTOR:NUMBER`.
    #[schema(example = "desk:7")]
    pub case: String,
    /// The requester's own words: 15 to 2,000 characters, at least 3 different words.
    #[schema(min_length = 15, max_length = 2000)]
    pub reason: String,
    /// The user to act as; defaults to the case's, and must equal it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[schema(min_items = 1)]
    pub applications: Vec<ApplicationScope>,
    #[schema(minimum = 1)]
    pub duration_minutes: u32,
    #[serde(default)]
    pub break_glass: bool,
    /// Who will act, when it is not the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// One application and the operations in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationScope {
    #[schema(example = "billing", min_length = 1)]
    pub application: String,
    #[schema(min_items = 1)]
    pub operations: Vec<String>,
}

/// One demanded approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    pub authority: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// The people who may decide this step.
    pub approvers: Vec<String>,
    /// The `@id` of the rule that demands the step.
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
}

/// The case as its system attested it when the request was filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseView {
    pub id: String,
    pub is_open: bool,
    pub state: String,
    pub title: Option<String>,
    pub assignee: Option<String>,
    pub opened_by: Option<String>,
    pub priority: Option<String>,
    pub looked_up_at: String,
}

/// One compensating control and whether Locum sees it hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControlSeenView {
    /// `requests-recorded read-only banner short-expiry`.
    pub control: String,
    pub holds: bool,
    /// What was seen, in a sentence.
    pub because: String,
}

/// A signature for an authority that an emergency skipped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountersignBody {
    pub scope_digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The caller's own, over what `/countersign/statement` answers, where signatures are demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureBody>,
}

/// The words of a countersignature before it is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountersignWordsBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuestionView {
    pub by: String,
    pub at: String,
    pub question: String,
    pub answer: Option<String>,
}

/// An offer that waits for the requester.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferView {
    pub by: String,
    pub note: String,
    pub applications: Vec<ApplicationScope>,
    pub duration_minutes: u32,
    /// What `accept` names.
    pub scope_digest: String,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RequestView {
    pub id: String,
    /// `pending offered approved denied withdrawn lapsed activated ended`.
    pub state: String,
    /// 64 lower-case hexadecimal digits: what an approval names.
    pub scope_digest: String,
    pub route: Vec<StepView>,
    /// The authorities that an emergency skips: each signs within one working day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub afterwards: Vec<StepView>,
    /// Until when those of `afterwards` who have not signed do; absent before the emergency was used and once all have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countersign_by: Option<String>,
    /// The compensating controls that Locum looked for itself, where applications are crossed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls_seen: Vec<ControlSeenView>,
    pub decide_by: Option<String>,
    pub activate_by: Option<String>,
    pub warnings: Vec<String>,
    pub filed_at: String,
    pub requester: String,
    pub actor: String,
    /// Who is answerable for the actor's chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accountable_owner: Option<String>,
    pub subject: String,
    pub tenant: Option<String>,
    pub case: CaseView,
    pub reason: String,
    pub applications: Vec<ApplicationScope>,
    pub duration_minutes: u32,
    pub break_glass: bool,
    pub version: u32,
    /// Random, so that nobody can prepare a signature.
    pub nonce: String,
    pub escalation: Option<String>,
    pub questions: Vec<QuestionView>,
    pub offer: Option<OfferView>,
    pub grant: Option<String>,
    pub session: Option<String>,
    pub event: String,
    pub extends: Option<String>,
    /// Why it was denied.
    pub denied_because: Option<String>,
}

/// What a request would get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreviewView {
    pub route: Vec<StepView>,
    /// The authorities that an emergency skips: each signs within one working day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub afterwards: Vec<StepView>,
    /// The compensating controls that Locum looked for itself, where applications are crossed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls_seen: Vec<ControlSeenView>,
    pub decide_by: Option<String>,
    pub warnings: Vec<String>,
    pub subject: String,
    pub tenant: Option<String>,
    pub case: CaseView,
}

/// An approval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveBody {
    pub scope_digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why crossing applications is unavoidable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavoidable_because: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compensating_controls: Vec<String>,
    #[serde(default)]
    pub covers_narrower: bool,
    /// The approver's own, over what `/statement` answers to the same words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureBody>,
}

/// The words of an approval that is about to be signed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why crossing applications is unavoidable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavoidable_because: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compensating_controls: Vec<String>,
    #[serde(default)]
    pub covers_narrower: bool,
}

/// A denial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DenyBody {
    pub reason: String,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBody {
    pub question: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    pub answer: String,
}

/// A narrower version; what is left out stays as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applications: Option<Vec<ApplicationScope>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<u32>,
    pub note: String,
}

/// The offer that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptBody {
    pub scope_digest: String,
}

/// A longer session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendBody {
    pub duration_minutes: u32,
    pub reason: String,
}

fn applications(scope: &locum_domain::Scope) -> Vec<ApplicationScope> {
    let one = |(application, operations): (
        &locum_domain::ApplicationId,
        &std::collections::BTreeSet<_>,
    )| {
        ApplicationScope {
            application: application.to_string(),
            operations: operations
                .iter()
                .map(locum_domain::OperationId::to_string)
                .collect(),
        }
    };
    scope.0.iter().map(one).collect()
}

impl From<&locum_domain::route::Step> for StepView {
    fn from(step: &locum_domain::route::Step) -> Self {
        let approval = step.approval.as_ref();
        Self {
            authority: step.authority.as_str().to_owned(),
            application: step.application.as_ref().map(ToString::to_string),
            approvers: step.approvers.iter().map(ToString::to_string).collect(),
            rule: step.rule.clone(),
            decided_by: approval.map(|approval| approval.by.to_string()),
            decision: approval.map(|_| "approved".to_owned()),
        }
    }
}

impl From<&locum_domain::route::ControlSeen> for ControlSeenView {
    fn from(seen: &locum_domain::route::ControlSeen) -> Self {
        Self {
            control: seen.control.as_str().to_owned(),
            holds: seen.holds,
            because: seen.because.clone(),
        }
    }
}

impl From<&locum_domain::Case> for CaseView {
    fn from(case: &locum_domain::Case) -> Self {
        Self {
            id: case.reference.to_string(),
            is_open: case.is_open,
            state: case.state.clone(),
            title: case.title.clone(),
            assignee: case.assignee.clone(),
            opened_by: case.opened_by.clone(),
            priority: case.priority.clone(),
            looked_up_at: case.looked_up_at.to_string(),
        }
    }
}

impl From<&request::Question> for QuestionView {
    fn from(question: &request::Question) -> Self {
        Self {
            by: question.by.to_string(),
            at: question.at.to_string(),
            question: question.text.clone(),
            answer: question.answer.clone(),
        }
    }
}

impl From<&request::Offer> for OfferView {
    fn from(offer: &request::Offer) -> Self {
        Self {
            by: offer.by.to_string(),
            note: offer.note.clone(),
            applications: applications(&offer.scope),
            duration_minutes: offer.duration.0,
            scope_digest: offer.scope_digest.as_str().to_owned(),
        }
    }
}

impl From<&Request> for RequestView {
    fn from(request: &Request) -> Self {
        let (mut decide_by, mut activate_by, mut offer, mut denied_because) =
            (None, None, None, None);
        match &request.state {
            RequestState::Pending { decide_by: by } => decide_by = Some(by.to_string()),
            RequestState::Offered {
                decide_by: by,
                offer: made,
            } => {
                decide_by = Some(by.to_string());
                offer = Some(OfferView::from(&**made));
            }
            RequestState::Approved {
                activate_by: by, ..
            } => activate_by = Some(by.to_string()),
            RequestState::Denied { reason, .. } => denied_because = Some(reason.clone()),
            _ => {}
        }
        let mut route: Vec<StepView> = request.route.steps.iter().map(StepView::from).collect();
        if let RequestState::Denied { by, .. } = &request.state {
            let by = by.to_string();
            let open = route
                .iter_mut()
                .find(|step| step.decision.is_none() && step.approvers.contains(&by));
            if let Some(step) = open {
                step.decided_by = Some(by);
                step.decision = Some("denied".to_owned());
            }
        }
        Self {
            id: request.id.to_string(),
            state: request.state.as_str().to_owned(),
            scope_digest: request.scope_digest().as_str().to_owned(),
            route,
            afterwards: request
                .route
                .afterwards
                .iter()
                .map(StepView::from)
                .collect(),
            countersign_by: request.countersign_by().map(|due| due.to_string()),
            controls_seen: request
                .route
                .controls_seen
                .iter()
                .map(ControlSeenView::from)
                .collect(),
            decide_by,
            activate_by,
            warnings: request.warnings.clone(),
            filed_at: request.filed_at.to_string(),
            requester: request.requester.to_string(),
            actor: request.actor.to_string(),
            accountable_owner: request.accountable_owner.as_ref().map(ToString::to_string),
            subject: request.subject.to_string(),
            tenant: request.tenant.as_ref().map(ToString::to_string),
            case: CaseView::from(&request.case),
            reason: request.reason.as_str().to_owned(),
            applications: applications(&request.scope),
            duration_minutes: request.duration.0,
            break_glass: request.break_glass,
            version: request.version,
            nonce: request.nonce.clone(),
            escalation: request.route.escalation.as_ref().map(ToString::to_string),
            questions: request.questions.iter().map(QuestionView::from).collect(),
            offer,
            grant: request.grant.as_ref().map(ToString::to_string),
            session: request.session().map(ToString::to_string),
            event: request.event.to_string(),
            extends: request.extends.as_ref().map(ToString::to_string),
            denied_because,
        }
    }
}

impl From<&Request> for PreviewView {
    fn from(request: &Request) -> Self {
        let whole = RequestView::from(request);
        Self {
            route: whole.route,
            afterwards: whole.afterwards,
            controls_seen: whole.controls_seen,
            decide_by: whole.decide_by,
            warnings: whole.warnings,
            subject: whole.subject,
            tenant: whole.tenant,
            case: whole.case,
        }
    }
}
