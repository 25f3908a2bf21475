//! A request: one actor asking to act as one subject in listed applications for one case and one reason.

mod approval_words;
mod countersign;
mod decide;
mod evolve;
mod told;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::ids::{
    ApplicationId, EventId, GrantId, PrincipalId, RequestId, SessionId, SubjectId, TenantId,
};
use crate::personal::ERASED;
use crate::route::Route;
use crate::scope::{Minutes, Reason, Scope, ScopeDigest, Shown};

pub use approval_words::ApprovalWords;
pub use countersign::Countersigning;
pub use decide::{Approving, Offering};
pub use told::{Owed, Told};

/// A request in whatever state its life has reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: RequestId,
    /// The access event that tells the whole story; an extension's is its session's.
    pub event: EventId,
    pub filed_at: Timestamp,
    pub requester: PrincipalId,
    /// Who acts; usually the requester.
    pub actor: PrincipalId,
    /// Who was answerable for the actor's chain when the request was filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accountable_owner: Option<PrincipalId>,
    pub subject: SubjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// The case as its system attested it when the request was filed.
    pub case: Case,
    pub reason: Reason,
    pub scope: Scope,
    pub duration: Minutes,
    pub break_glass: bool,
    /// 1 for what was filed, one more for each accepted offer.
    pub version: u32,
    pub nonce: String,
    /// Who the subject is in each application.
    pub subjects: BTreeMap<ApplicationId, SubjectThere>,
    pub route: Route,
    /// What an approver should see first: mismatches, reused reasons, unusual things.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The session that this request would lengthen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// Whom the unanswered request was escalated to. It gives them no authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated: Option<PrincipalId>,
    /// Who looks after security and was told of the emergency when it was filed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_told: Vec<PrincipalId>,
    /// What those whom an emergency skipped were told once it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Owed>,
    /// The grant, once every demanded approval was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    pub state: RequestState,
}

/// Who the case's subject is in one application, as that application says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectThere {
    /// The subject's id in the application.
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// Where a request stands. Each variant holds just what is true then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum RequestState {
    Pending {
        decide_by: Timestamp,
    },
    /// An approver offered a narrower version; the requester's move.
    Offered {
        decide_by: Timestamp,
        offer: Box<Offer>,
    },
    Approved {
        at: Timestamp,
        activate_by: Timestamp,
    },
    Denied {
        at: Timestamp,
        by: PrincipalId,
        reason: String,
    },
    Withdrawn {
        at: Timestamp,
        by: PrincipalId,
    },
    /// Nobody decided, or nobody activated, in time.
    Lapsed {
        at: Timestamp,
    },
    Activated {
        at: Timestamp,
        session: SessionId,
    },
    Ended {
        at: Timestamp,
        session: SessionId,
    },
}

impl RequestState {
    /// The state as the contract writes it.
    pub fn as_str(&self) -> &'static str {
        match self {
            RequestState::Pending { .. } => "pending",
            RequestState::Offered { .. } => "offered",
            RequestState::Approved { .. } => "approved",
            RequestState::Denied { .. } => "denied",
            RequestState::Withdrawn { .. } => "withdrawn",
            RequestState::Lapsed { .. } => "lapsed",
            RequestState::Activated { .. } => "activated",
            RequestState::Ended { .. } => "ended",
        }
    }

    /// Whether nothing can come of the request any more, or something already has.
    pub fn is_settled(&self) -> bool {
        !matches!(
            self,
            RequestState::Pending { .. }
                | RequestState::Offered { .. }
                | RequestState::Approved { .. }
        )
    }
}

/// An approver's question, and the requester's answer on the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub by: PrincipalId,
    pub at: Timestamp,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// A narrower version that an approver would approve: a version of the request with its own digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub by: PrincipalId,
    pub at: Timestamp,
    pub note: String,
    pub scope: Scope,
    pub duration: Minutes,
    pub scope_digest: ScopeDigest,
    /// The step its maker decides, which the offer approves once the requester takes it where an offer can, and
    /// the rules that let its maker decide it.
    pub step: usize,
    pub rules: Vec<String>,
}

impl Request {
    /// What an approver is shown, and what an approval covers.
    pub fn shown(&self) -> Shown<'_> {
        Shown {
            request: &self.id,
            version: self.version,
            requester: &self.requester,
            actor: &self.actor,
            subject: &self.subject,
            case: &self.case.reference,
            reason: &self.reason,
            scope: &self.scope,
            duration_minutes: self.duration,
            break_glass: self.break_glass,
            nonce: &self.nonce,
        }
    }

    /// Whether its subject's data was erased: what approvals were given for cannot be rebuilt.
    pub fn is_erased(&self) -> bool {
        self.nonce == ERASED
    }

    /// The digest an approval of this version binds to.
    pub fn scope_digest(&self) -> ScopeDigest {
        self.shown().digest()
    }

    /// The digest that a narrower version would have.
    pub fn digest_of(&self, scope: &Scope, duration: Minutes) -> ScopeDigest {
        let version = self.version.saturating_add(1);
        Shown {
            version,
            scope,
            duration_minutes: duration,
            ..self.shown()
        }
        .digest()
    }

    /// The session this request began or lengthened.
    pub fn session(&self) -> Option<&SessionId> {
        match &self.state {
            RequestState::Activated { session, .. } | RequestState::Ended { session, .. } => {
                Some(session)
            }
            _ => None,
        }
    }

    /// Under which keys a request is found.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        let state = self.state.as_str();
        let mut keys = vec![
            ("state", state.to_owned()),
            ("requester", self.requester.to_string()),
            ("actor", self.actor.to_string()),
            ("subject", self.subject.to_string()),
            ("case", self.case.reference.to_string()),
            ("event", self.event.to_string()),
        ];
        if let Some(session) = &self.extends {
            keys.push(("extends", session.to_string()));
        }
        if !self.state.is_settled() {
            keys.push(("open-requester", self.requester.to_string()));
        }
        if self.session().is_some() {
            let afterwards = self.route.afterwards.iter();
            let unsigned = afterwards.filter(|step| step.approval.is_none());
            let people: std::collections::BTreeSet<&PrincipalId> =
                unsigned.flat_map(|step| &step.approvers).collect();
            let key = |person: &PrincipalId| ("countersigner", person.to_string());
            keys.extend(people.into_iter().map(key));
            if self.unsigned_afterwards().next().is_some() {
                keys.push(("owed", "countersignature".to_owned()));
            }
        }
        let is_over =
            self.state.is_settled() && !matches!(self.state, RequestState::Activated { .. });
        if !is_over {
            let told = self.security_told.iter();
            keys.extend(told.map(|person| ("told", person.to_string())));
        }
        let people: std::collections::BTreeSet<&PrincipalId> = self
            .route
            .steps
            .iter()
            .flat_map(|step| &step.approvers)
            .collect();
        keys.extend(
            people
                .into_iter()
                .map(|person| ("approver", person.to_string())),
        );
        keys
    }
}
