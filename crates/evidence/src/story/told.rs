//! The access event as it is told: names, order and meaning of every member.
//!
//! The order of members is the order a reader wants them in, and part of the format: `access-event.json` is
//! these structures with two spaces of indentation. Absent members are left out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use locum_domain::access::{AdmittedBy, Completed, Outcome};
use locum_domain::authenticator::Thumbprint;
use locum_domain::catalog::RecordTiming;
use locum_domain::event::Way;
use locum_domain::request::SubjectThere;
use locum_domain::review::Finding as ReviewFinding;
use locum_domain::session::{ApplicationState, EndedBecause};
use locum_domain::{
    ApplicationId, AuthenticatorId, Authority, Case, Denial, EventId, GrantId, HoldId, Minutes,
    OperationId, PrincipalId, RequestId, ReviewId, Scope, SessionId, SessionShown, SubjectId,
    TenantId,
};
use serde::{Deserialize, Serialize};

/// Where and when the ledger says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// The entry's place in the ledger, from 0.
    pub position: u64,
    /// The entry's time, in whole microseconds.
    #[serde(with = "locum_record::instant")]
    pub at: Timestamp,
}

/// The single story of one request and its session, in every application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEvent {
    /// What a reader should see before anything else. Empty when nothing is open or missing.
    pub findings: Vec<Finding>,
    pub id: EventId,
    pub request: RequestId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The request's state: `pending`, `offered`, `approved`, `denied`, `withdrawn`, `lapsed`, `activated`, `ended`.
    pub state: String,
    /// The filing.
    pub filed: Line,
    pub requester: PrincipalId,
    pub actor: PrincipalId,
    /// `user`, `service` or `ai_agent`; known from the activation on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_profile: Option<String>,
    pub subject: SubjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// Who the subject is in each application.
    pub subjects: BTreeMap<ApplicationId, SubjectThere>,
    /// The case as its system attested it at the filing.
    pub case: Case,
    pub reason: String,
    pub scope: Scope,
    pub duration_minutes: Minutes,
    pub break_glass: bool,
    /// 1 for what was filed, one more for each accepted offer.
    pub version: u32,
    /// What approvals bind to.
    pub scope_digest: String,
    pub warnings: Vec<String>,
    pub route: Vec<StepTold>,
    pub questions: Vec<QuestionTold>,
    pub offers: Vec<OfferTold>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated: Option<Escalated>,
    /// The denial, with its reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<Said>,
    /// Who withdrew: the requester their asking, or an approver their approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapsed: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// The activation: where the session starts in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Line>,
    /// The first witnessed checkpoint over the session's beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnessed: Option<WitnessedTold>,
    /// When the session ends by itself, extension included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_by: Option<Timestamp>,
    pub applications: Vec<ApplicationTold>,
    /// Requests of this session at applications that are not part of it, all refused.
    pub refused_elsewhere: Vec<RefusedElsewhere>,
    /// Requests in all applications together.
    pub requests: Outcomes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<EndedBecause>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<PrincipalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewTold>,
    /// Refusals of people: of deciding, activating, reviewing…
    pub refusals: Vec<RefusalTold>,
    pub case_changes: Vec<CaseChangeTold>,
    pub holds: Vec<HoldTold>,
    /// Who looked at this event's evidence.
    pub reads: Vec<ReadTold>,
    /// The story in order; requests in applications stand together, at the first of their kind.
    pub timeline: Vec<TimelineLine>,
}

/// Witnesses had signed for the ledger with the session's beginning in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessedTold {
    #[serde(flatten)]
    pub line: Line,
    /// Entries under the checkpoint that they signed.
    pub entries: u64,
}

/// Something that is open, missing or wrong, for page one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// One of the codes of the format.
    pub code: String,
    pub sentence: String,
    /// The entry that shows it, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
}

/// One demanded approval and, once given, what was decided on which grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTold {
    pub authority: Authority,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// The `@id` of the rule that demanded the step.
    pub rule: String,
    /// Who held the authority at the filing.
    pub approvers: Vec<PrincipalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalTold>,
}

/// One named person's yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalTold {
    pub by: PrincipalId,
    #[serde(flatten)]
    pub line: Line,
    pub scope_digest: String,
    /// The `@id`s of the rules that let this person decide.
    pub rules: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavoidable_because: Option<String>,
    pub compensating_controls: Vec<String>,
    pub covers_narrower: bool,
    /// Whether the approver's own signature is kept.
    pub is_signed: bool,
    /// With which key, and how it came to count; absent when that is not among the events told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<SignedBy>,
}

/// The authenticator that an approval was signed with, as it was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedBy {
    pub authenticator: AuthenticatorId,
    /// The key's fingerprint (RFC 7638).
    pub thumbprint: Thumbprint,
    /// `passkey` or `key-file`.
    pub kind: String,
    /// Where the signature stands from which on the key counted.
    pub enrolled: Line,
    /// Who signed for it; absent for a founder's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolled_by: Option<PrincipalId>,
}

/// A person's words at a place in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub by: PrincipalId,
    #[serde(flatten)]
    pub line: Line,
    pub text: String,
}

/// A person's act at a place in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub by: PrincipalId,
    #[serde(flatten)]
    pub line: Line,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionTold {
    #[serde(flatten)]
    pub question: Said,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Said>,
}

/// A narrower version that somebody would approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferTold {
    #[serde(flatten)]
    pub note: Said,
    pub scope: Scope,
    pub duration_minutes: Minutes,
    pub scope_digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Answer>,
}

/// Whom an unanswered request reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalated {
    pub to: PrincipalId,
    #[serde(flatten)]
    pub line: Line,
}

/// What happened in one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationTold {
    pub application: ApplicationId,
    /// The subject's id there.
    pub subject: String,
    pub operations: BTreeSet<OperationId>,
    /// The origins that answered, as the catalog wrote them.
    pub upstreams: BTreeSet<String>,
    /// When records of requests there were durable.
    pub record: RecordTiming,
    pub state: ApplicationState,
    pub opened: Vec<Opened>,
    pub accessed: Vec<Accessed>,
    pub refused: Vec<RefusedInApplication>,
    pub requests: Outcomes,
    /// The end as the application confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_confirmed: Option<Line>,
}

/// A way into an application was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub way: Way,
    #[serde(flatten)]
    pub line: Line,
}

/// The first and the last of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    pub count: u64,
    pub first: Line,
    pub last: Line,
}

impl Ends {
    /// A row that begins here, with nothing counted.
    pub(super) const fn from(line: Line) -> Self {
        Self {
            count: 0,
            first: line,
            last: line,
        }
    }

    /// One more, here.
    pub(super) const fn add(&mut self, line: Line) {
        self.count += 1;
        self.last = line;
    }
}

/// One object touched by one operation: how often, from when to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accessed {
    pub operation: OperationId,
    /// What let these requests through.
    pub rule: AdmittedBy,
    /// What was touched, as the operation's `object` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    pub method: String,
    /// What of the catalog they matched: a route's path, a root field or a document's hash.
    pub template: String,
    pub path: String,
    #[serde(flatten)]
    pub ends: Ends,
    /// How these requests went, by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// What was answered, by status; a request that nobody answered is not among them.
    pub statuses: BTreeMap<String, u64>,
    /// Microseconds of the longest of them.
    pub longest_us: u64,
}

/// Requests in a session that were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedInApplication {
    pub code: Denial,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    /// The class that closes the operation, or the budget that was spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    pub method: String,
    pub path: String,
    #[serde(flatten)]
    pub ends: Ends,
}

/// Requests refused at an application that the session does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedElsewhere {
    pub application: ApplicationId,
    #[serde(flatten)]
    pub refused: RefusedInApplication,
}

/// Requests counted by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    pub admitted: u64,
    pub completed: u64,
    pub refused: u64,
    /// Completed, of these: the session ended under the request.
    pub cut: u64,
    /// Completed, of these: the client went away first.
    pub abandoned: u64,
    /// Completed, of these: the application could not be reached or broke off.
    pub failed: u64,
    /// Admitted, and nobody recorded what became of it.
    pub without_completion: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// What was answered, by status.
    pub statuses: BTreeMap<String, u64>,
    /// Microseconds of the longest of the completed.
    pub longest_us: u64,
}

/// Counts an answer under its status.
pub(super) fn answered(statuses: &mut BTreeMap<String, u64>, status: Option<u16>) {
    if let Some(status) = status {
        *statuses.entry(status.to_string()).or_default() += 1;
    }
}

impl Outcomes {
    /// Counts one completion.
    pub(super) fn complete(&mut self, it: &Completed) {
        self.completed += 1;
        match it.outcome {
            Outcome::Answered => {}
            Outcome::Cut => self.cut += 1,
            Outcome::Abandoned => self.abandoned += 1,
            Outcome::Failed => self.failed += 1,
        }
        self.bytes_in = self.bytes_in.saturating_add(it.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(it.bytes_out);
        answered(&mut self.statuses, it.status);
        self.longest_us = self.longest_us.max(it.duration_us);
    }

    /// Adds another count.
    pub(super) fn add(&mut self, other: &Outcomes) {
        self.admitted += other.admitted;
        self.completed += other.completed;
        self.refused += other.refused;
        self.cut += other.cut;
        self.abandoned += other.abandoned;
        self.failed += other.failed;
        self.without_completion += other.without_completion;
        self.bytes_in = self.bytes_in.saturating_add(other.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(other.bytes_out);
        for (status, count) in &other.statuses {
            *self.statuses.entry(status.clone()).or_default() += count;
        }
        self.longest_us = self.longest_us.max(other.longest_us);
    }
}

/// The one lengthening of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    #[serde(flatten)]
    pub asked: Asked,
    /// Where the session was lengthened; absent when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_by: Option<Timestamp>,
}

/// A request to lengthen the session, with its own approvals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub request: RequestId,
    pub state: String,
    pub filed: Line,
    pub reason: String,
    pub duration_minutes: Minutes,
    pub scope_digest: String,
    pub route: Vec<StepTold>,
}

/// The review of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewTold {
    pub id: ReviewId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<PrincipalId>,
    /// Whether that person looked after security when the review was opened.
    pub is_security: bool,
    pub due: Timestamp,
    pub opened: Line,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<Verdict>,
}

/// A reviewer's finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub finding: ReviewFinding,
    #[serde(flatten)]
    pub note: Said,
    /// The session as the reviewer saw it.
    pub shown: SessionShown,
    /// Whether the reviewer's own signature is kept.
    pub is_signed: bool,
    /// With which key, and how it came to count; absent when that is not among the events told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<SignedBy>,
}

/// A person was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalTold {
    pub by: PrincipalId,
    #[serde(flatten)]
    pub line: Line,
    /// The verb that was refused.
    pub act: String,
    pub code: Denial,
    pub detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// What Locum learnt about the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseChangeTold {
    #[serde(flatten)]
    pub line: Line,
    pub is_open: bool,
    pub state: String,
    /// `webhook`, `poll`, `look-up` or a person's id.
    pub source: String,
}

/// A stop that reached this event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldTold {
    pub id: HoldId,
    #[serde(flatten)]
    pub placed: Answer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Answer>,
}

/// Somebody looked at this event's evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadTold {
    pub by: PrincipalId,
    #[serde(flatten)]
    pub line: Line,
    pub what: String,
}

/// One thing that happened, in a plain sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineLine {
    #[serde(flatten)]
    pub line: Line,
    /// The kind of the ledger entry.
    pub kind: String,
    pub sentence: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PrincipalId>,
}
