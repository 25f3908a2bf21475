//! Everything that can happen. Events are facts: they are folded, never judged.

mod kind;
mod stream;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::absence::Absence;
use crate::access::{Admitted, Completed, RefusedInSession};
use crate::aggregate::Stream;
use crate::authenticator::{Authenticator, Enrolment, Founding, Signature};
use crate::case::CaseChange;
use crate::catalog::Delegate;
use crate::change::Change;
use crate::delegations::ConfirmedDelegation;
use crate::denial::Refusal;
use crate::erasure::Erasure;
use crate::exception::Exception;
use crate::facts::Facts;
use crate::governance::Applied;
use crate::hold::Hold;
use crate::ids::{
    ApplicationId, AuthenticatorId, CaseRef, ChangeId, EnrolmentId, ErasureId, ExceptionId,
    GrantId, HoldId, PrincipalId, RequestId, ReviewId, SessionId,
};
use crate::request::{Offer, Question, Request, Told};
use crate::restoration::Restoration;
use crate::review::{Completion, Review};
use crate::route::Approval;
use crate::rules::RulesInForce;
use crate::session::{EndedBecause, Session};
use crate::witness::WitnessStanding;

/// One thing that happened. The tag is also the public `kind` of its ledger entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// The first files that counted.
    Founded { applied: Box<Applied> },
    /// Files that count from now on.
    Applied { applied: Box<Applied> },

    /// The rules that the decisions from here on stand on, until the next of these.
    RulesInForce {
        rules: Box<RulesInForce>,
        at: Timestamp,
    },

    /// Somebody wants other files and settings to count.
    ChangeProposed { change: Box<Change> },
    /// It counts; the `applied` event of the same moment says what.
    ChangeApplied {
        change: ChangeId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmed_by: Option<PrincipalId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<Signature>,
        at: Timestamp,
    },
    /// A second person said no.
    ChangeDenied {
        change: ChangeId,
        by: PrincipalId,
        reason: String,
        at: Timestamp,
    },
    /// Whoever proposed it took it back.
    ChangeWithdrawn {
        change: ChangeId,
        by: PrincipalId,
        at: Timestamp,
    },
    /// Whoever lent an authority stands for it: the delegation counts from now on.
    DelegationConfirmed {
        application: ApplicationId,
        confirmed: Box<ConfirmedDelegation>,
    },
    /// The line left what counts; written again, it waits for its delegator again.
    DelegationEnded {
        application: ApplicationId,
        delegation: Box<Delegate>,
        at: Timestamp,
    },
    /// Somebody is away for a time, and who stands in.
    AbsenceAnnounced { absence: Box<Absence> },
    /// They are back before its last day.
    AbsenceEnded { person: PrincipalId, at: Timestamp },
    /// Somebody wants a closed operation to be open for a time.
    ExceptionAsked { exception: Box<Exception> },
    /// Somebody of the other authority opened it.
    ExceptionConfirmed {
        exception: ExceptionId,
        by: PrincipalId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<Signature>,
        at: Timestamp,
    },
    /// Somebody of the other authority said no.
    ExceptionDenied {
        exception: ExceptionId,
        by: PrincipalId,
        reason: String,
        at: Timestamp,
    },
    /// Somebody ended it before its time.
    ExceptionEnded {
        exception: ExceptionId,
        by: PrincipalId,
        at: Timestamp,
    },

    /// Somebody asked what a request would get, without filing it.
    RequestPreviewed {
        by: PrincipalId,
        case: CaseRef,
        at: Timestamp,
        answer: serde_json::Value,
    },
    /// Somebody asked to act as somebody, or to go on for longer.
    RequestFiled { request: Box<Request> },
    /// One named person approved one step.
    RequestApproved {
        request: RequestId,
        step: usize,
        approval: Approval,
        /// The grant, when this approval was the last one demanded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        granted: Option<Granted>,
    },
    /// One named person said no, and it is over.
    RequestDenied {
        request: RequestId,
        by: PrincipalId,
        at: Timestamp,
        reason: String,
    },
    /// An approver asked back.
    QuestionAsked {
        request: RequestId,
        question: Question,
    },
    /// The requester answered.
    QuestionAnswered {
        request: RequestId,
        by: PrincipalId,
        at: Timestamp,
        answer: String,
    },
    /// An approver would approve less.
    OfferMade {
        request: RequestId,
        offer: Box<Offer>,
    },
    /// The requester takes the less that was offered.
    OfferAccepted {
        request: RequestId,
        by: PrincipalId,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        granted: Option<Granted>,
    },
    /// Nobody decided in time, and the person named for that heard of it. It gives them no authority.
    RequestEscalated {
        request: RequestId,
        to: PrincipalId,
        at: Timestamp,
    },
    /// Locum told people of the request. It gives them no authority.
    RequestTold {
        request: RequestId,
        told: Told,
        to: Vec<PrincipalId>,
        /// Until when they are to do what they were told of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        at: Timestamp,
    },
    /// The requester took it back, or an approver their approval.
    RequestWithdrawn {
        request: RequestId,
        by: PrincipalId,
        at: Timestamp,
    },
    /// It can come to nothing any more.
    RequestLapsed {
        request: RequestId,
        /// Why it can come to nothing any more; absent when nobody answered or used it in time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Refusal>,
        at: Timestamp,
    },
    /// An authority that an emergency skipped signed afterwards.
    RequestCountersigned {
        request: RequestId,
        /// Its place among the route's `afterwards`.
        step: usize,
        approval: Approval,
    },
    /// The grant was used, once and for all.
    RequestActivated {
        request: RequestId,
        session: SessionId,
        at: Timestamp,
    },
    /// Its session ended, and it with it.
    RequestEnded {
        request: RequestId,
        session: SessionId,
        at: Timestamp,
    },

    /// What the decision before this read. It changes nothing.
    FactsRead {
        request: RequestId,
        facts: Box<Facts>,
        at: Timestamp,
    },

    /// The actor acts as the subject from now on.
    SessionStarted { session: Box<Session> },
    /// Witnesses had signed for the ledger with the session's beginning in it.
    SessionWitnessed {
        session: SessionId,
        /// The cosigned checkpoint, verbatim (C2SP tlog-checkpoint).
        checkpoint: String,
        at: Timestamp,
    },
    /// A way into one application was handed out: a one-time ticket or an access token.
    SessionOpened {
        session: SessionId,
        application: ApplicationId,
        way: Way,
        at: Timestamp,
    },
    /// It lasts longer, by a request of its own.
    SessionExtended {
        session: SessionId,
        request: RequestId,
        end_by: Timestamp,
        /// Whose approvals the lengthened session stands on besides the first ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        approvers: Vec<PrincipalId>,
        at: Timestamp,
    },
    /// The end is ordered; each application becomes `ending` until it is confirmed there.
    SessionEnded {
        session: SessionId,
        because: EndedBecause,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PrincipalId>,
        at: Timestamp,
    },
    /// One application confirmed that the session is over there.
    ApplicationEnded {
        session: SessionId,
        application: ApplicationId,
        at: Timestamp,
    },

    /// A request in a session was allowed, and is forwarded only after this is durable.
    AccessAdmitted(Admitted),
    /// What became of it. An admission without this is a finding.
    AccessCompleted(Completed),
    /// A request in a session was refused, and went no further.
    AccessRefused(RefusedInSession),

    /// What its system says of a case is not what it said before.
    CaseChanged { change: CaseChange },

    /// A named person owes a review of a session.
    ReviewOpened { review: Review },
    /// They gave it.
    ReviewCompleted {
        review: ReviewId,
        completion: Completion,
    },

    /// Somebody stopped a scope, and holds it.
    HoldPlaced { hold: Hold },
    /// A second person lifted the hold.
    HoldLifted {
        hold: HoldId,
        by: PrincipalId,
        at: Timestamp,
    },

    /// Somebody wants what the record holds of one subject to be erased.
    ErasureAsked { erasure: Box<Erasure> },
    /// A second person confirmed, and the keys are gone.
    ErasureConfirmed {
        erasure: ErasureId,
        by: PrincipalId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<Signature>,
        at: Timestamp,
    },
    /// A second person said no.
    ErasureDenied {
        erasure: ErasureId,
        by: PrincipalId,
        reason: String,
        at: Timestamp,
    },
    /// The personal data of this request, and of whatever came of it, was erased.
    PersonalErased {
        request: RequestId,
        erasure: ErasureId,
        asked_by: PrincipalId,
        confirmed_by: PrincipalId,
        at: Timestamp,
    },

    /// Two named people begin to found whose keys count.
    FoundingBegun { founding: Box<Founding> },
    /// A founder's key is there. It counts once both have signed.
    FounderEnrolled {
        authenticator: Box<Authenticator>,
        at: Timestamp,
    },
    /// A founder signed both founders' keys; with the last signature they count.
    FoundingSigned {
        by: PrincipalId,
        signature: Signature,
        at: Timestamp,
    },
    /// Somebody who cannot sign in yet was invited to ask for their first authenticator.
    EnrolmentInvited {
        person: PrincipalId,
        by: PrincipalId,
        at: Timestamp,
    },
    /// Somebody asks for a key of theirs to count.
    EnrolmentAsked { enrolment: Box<Enrolment> },
    /// Somebody else signed that the authenticator is this person's: it counts from now on.
    EnrolmentApproved {
        enrolment: EnrolmentId,
        person: PrincipalId,
        by: PrincipalId,
        signature: Signature,
        /// Whom Locum tells: the person and their manager.
        announced_to: Vec<PrincipalId>,
        at: Timestamp,
    },
    /// Somebody else said no to it.
    EnrolmentDenied {
        enrolment: EnrolmentId,
        person: PrincipalId,
        by: PrincipalId,
        reason: String,
        at: Timestamp,
    },
    /// A key counts no longer.
    AuthenticatorRevoked {
        authenticator: AuthenticatorId,
        person: PrincipalId,
        by: PrincipalId,
        because: String,
        at: Timestamp,
    },
    /// Somebody signed in.
    LoginBegan {
        by: PrincipalId,
        login: LoginBegun,
        at: Timestamp,
    },
    /// A login ended before its time.
    LoginEnded {
        by: PrincipalId,
        /// The login's id; no secret.
        login: String,
        because: LoginEndedBecause,
        at: Timestamp,
    },
    /// One of Locum's own signing keys gave way to another.
    KeyRotated {
        rotation: KeyRotation,
        by: PrincipalId,
        at: Timestamp,
    },

    /// A known principal was refused.
    Refused {
        by: PrincipalId,
        /// The verb that was refused: `file`, `approve`, `activate`…
        act: String,
        at: Timestamp,
        refusal: Refusal,
    },
    /// Strangers were refused: one entry a minute for each listener and reason.
    StrangersRefused {
        listener: String,
        reason: String,
        count: u64,
        at: Timestamp,
    },
    /// The recorder lacks access records that it had said were durable: each break in a sentence.
    RecorderFound { found: Vec<String>, at: Timestamp },
    /// How a witness stands to this ledger is not as it was.
    WitnessHeard {
        /// The name of its key.
        witness: String,
        #[serde(flatten)]
        standing: WitnessStanding,
        at: Timestamp,
    },
    /// The record was put back from a copy. Sessions and grants of before it end and lapse.
    Restored { restoration: Box<Restoration> },
    /// A known principal was refused more often than is recorded one by one: one entry a minute.
    RefusalsCounted {
        by: PrincipalId,
        count: u64,
        at: Timestamp,
    },
    /// Somebody looked at evidence.
    EvidenceRead {
        by: PrincipalId,
        what: String,
        at: Timestamp,
    },
}

/// The grant that the last approval made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    pub grant: GrantId,
    pub activate_by: Timestamp,
}

/// How somebody showed who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginBegun {
    /// The login's id; no secret.
    pub id: String,
    /// `passkey`, `oidc`, `device`, `founding` or `picked`.
    pub how: String,
    /// The identity provider's words on how sure it is (OpenID Connect Core, section 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
}

/// Why a login ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginEndedBecause {
    /// Its owner signed out here.
    SignedOut,
    /// Its owner ended it from another login.
    Revoked,
    /// The identity provider ended it (OpenID Connect Back-Channel Logout 1.0).
    ProviderLogout,
    /// It began with a founder's link, and the founding is complete.
    FoundingComplete,
}

/// Which key gave way to which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRotation {
    /// What the key is for: `assertion`, `grant`, `access-token`.
    pub purpose: String,
    /// Whose assertions it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    pub old_kid: String,
    /// The public half of the old key as a JWK, with which what it signed is still verified.
    pub old_public_key: serde_json::Value,
    pub new_kid: String,
}

/// By what somebody entered an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    Ticket,
    AccessToken,
}

/// Something that happened and has no place in the ledger yet: what a decision proposes, and what the recorder
/// keeps until the sequencer takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Happened {
    /// What the event is about: the stream whose history it belongs to.
    pub stream: Stream,
    pub at: Timestamp,
    pub event: Event,
}

impl Happened {
    /// The event at its place in the ledger.
    pub fn at_position(self, position: u64) -> Recorded {
        Recorded {
            position,
            stream: self.stream,
            at: self.at,
            event: self.event,
        }
    }
}

/// An event with its place in the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub position: u64,
    /// What the event is about: the stream whose history it belongs to.
    pub stream: Stream,
    pub at: Timestamp,
    pub event: Event,
}
