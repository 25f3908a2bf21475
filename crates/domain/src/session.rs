//! A session: one continuous period of an actor acting as a subject under one grant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalog::RecordTiming;
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::{
    ApplicationId, CaseRef, EventId, GrantId, OperationId, PrincipalId, RequestId, SessionId,
    SubjectId, TenantId,
};
use crate::scope::Minutes;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBecause {
    EndedByActor,
    Expired,
    Idle,
    CaseClosed,
    CaseReassigned,
    CaseUnreachable,
    ApproverWithdrew,
    OwnerEnded,
    ActorLeft,
    EligibilityLost,
    PolicyTightened,
    Signal,
    Stopped,
    SubjectObjected,
    RecorderUnavailable,
    /// The record was put back from a copy that still had it live.
    Restored,
}

impl EndedBecause {
    /// The cause as the contract writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            EndedBecause::EndedByActor => "ended-by-actor",
            EndedBecause::Expired => "expired",
            EndedBecause::Idle => "idle",
            EndedBecause::CaseClosed => "case-closed",
            EndedBecause::CaseReassigned => "case-reassigned",
            EndedBecause::CaseUnreachable => "case-unreachable",
            EndedBecause::ApproverWithdrew => "approver-withdrew",
            EndedBecause::OwnerEnded => "owner-ended",
            EndedBecause::ActorLeft => "actor-left",
            EndedBecause::EligibilityLost => "eligibility-lost",
            EndedBecause::PolicyTightened => "policy-tightened",
            EndedBecause::Signal => "signal",
            EndedBecause::Stopped => "stopped",
            EndedBecause::SubjectObjected => "subject-objected",
            EndedBecause::RecorderUnavailable => "recorder-unavailable",
            EndedBecause::Restored => "restored",
        }
    }
}

/// One session, live or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub event: EventId,
    pub request: RequestId,
    pub grant: GrantId,
    pub requester: PrincipalId,
    pub actor: PrincipalId,
    /// `user`, `service` or `ai_agent`.
    pub actor_profile: String,
    pub subject: SubjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    pub case: CaseRef,
    pub break_glass: bool,
    /// Everybody whose approval this session stands on.
    pub approvers: Vec<PrincipalId>,
    pub applications: BTreeMap<ApplicationId, ApplicationSession>,
    pub started_at: Timestamp,
    pub end_by: Timestamp,
    pub idle_within: Minutes,
    pub review_within_days: u32,
    /// The first granted length, which bounds the one extension.
    pub duration: Minutes,
    /// The request that lengthened the session, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_by: Option<RequestId>,
    /// The ledger position of the activation; set when the event is folded.
    #[serde(default)]
    pub activation: u64,
    /// Whether witnesses are known to have signed for its beginning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_witnessed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// One application of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationSession {
    /// The subject's id in this application.
    pub subject: String,
    pub operations: BTreeSet<OperationId>,
    /// Closed operations among them that an exception opened when the session began.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub opened: BTreeSet<OperationId>,
    /// When records of requests there are durable, as it was when the session began.
    pub record: RecordTiming,
    pub state: ApplicationState,
}

/// Where one application of a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationState {
    Live,
    /// The end is ordered and not yet confirmed.
    Ending,
    Ended,
}

impl ApplicationState {
    /// The state as the contract writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            ApplicationState::Live => "live",
            ApplicationState::Ending => "ending",
            ApplicationState::Ended => "ended",
        }
    }
}

/// How and when a session ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub because: EndedBecause,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PrincipalId>,
    pub at: Timestamp,
}

impl Session {
    /// Ends the session. Ending only destroys: nothing here names an identity to return to.
    ///
    /// # Errors
    /// `already-decided` when it has ended.
    pub fn end(
        &self,
        because: EndedBecause,
        by: Option<PrincipalId>,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        if self.ended.is_some() {
            return Err(Denial::AlreadyDecided.because("the session has ended already"));
        }
        Ok(Event::SessionEnded {
            session: self.id.clone(),
            because,
            by,
            at,
        })
    }

    /// Lengthens the session by an approved extension, once, and by no more than its first length. From then on
    /// it stands on the approvals of both, and any of `approvers` can withdraw theirs.
    ///
    /// # Errors
    /// `lapsed` when it has ended, `already-decided` when it was lengthened before, `duration-too-long`.
    pub fn extend(
        &self,
        request: &RequestId,
        by: Minutes,
        approvers: Vec<PrincipalId>,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        if self.ended.is_some() || at >= self.end_by {
            return Err(
                Denial::Lapsed.because("the session has ended; nothing is left to lengthen")
            );
        }
        if self.extended_by.is_some() {
            return Err(Denial::AlreadyDecided.because("a session is lengthened once"));
        }
        if by > self.duration {
            return Err(
                Denial::DurationTooLong.because("an extension is at most the original length")
            );
        }
        let end_by = self
            .end_by
            .saturating_add(by.duration())
            .unwrap_or(self.end_by);
        Ok(Event::SessionExtended {
            session: self.id.clone(),
            request: request.clone(),
            end_by,
            approvers,
            at,
        })
    }

    /// The applications whose end nobody confirmed yet.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &ApplicationId> {
        self.applications
            .iter()
            .filter(|(_, it)| it.state == ApplicationState::Ending)
            .map(|(id, _)| id)
    }

    /// Whether it crosses applications.
    pub fn is_crossing(&self) -> bool {
        self.applications.len() > 1
    }

    /// Whether nobody and nothing has ended it yet.
    pub fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    /// Folds an event of this session's stream.
    pub fn evolve(state: Option<Session>, event: &Event, position: u64) -> Option<Session> {
        let Some(mut session) = state else {
            return match event {
                Event::SessionStarted { session } => Some(Session {
                    activation: position,
                    ..(**session).clone()
                }),
                _ => None,
            };
        };
        match event {
            Event::SessionWitnessed { .. } => session.is_witnessed = true,
            Event::SessionExtended {
                request,
                end_by,
                approvers,
                ..
            } => {
                session.extended_by = Some(request.clone());
                session.end_by = *end_by;
                for person in approvers {
                    if !session.approvers.contains(person) {
                        session.approvers.push(person.clone());
                    }
                }
            }
            Event::SessionEnded {
                because, by, at, ..
            } => {
                session.ended = Some(Ended {
                    because: *because,
                    by: by.clone(),
                    at: *at,
                });
                for application in session.applications.values_mut() {
                    application.state = ApplicationState::Ending;
                }
            }
            Event::ApplicationEnded { application, .. } => {
                if let Some(it) = session.applications.get_mut(application) {
                    it.state = ApplicationState::Ended;
                }
            }
            _ => {}
        }
        Some(session)
    }

    /// Under which keys a session is found.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        let state = if self.is_live() { "live" } else { "ended" };
        let mut keys = vec![
            ("state", state.to_owned()),
            ("actor", self.actor.to_string()),
            ("subject", self.subject.to_string()),
            ("case", self.case.to_string()),
            ("event", self.event.to_string()),
            ("request", self.request.to_string()),
        ];
        keys.extend(
            self.approvers
                .iter()
                .map(|person| ("approver", person.to_string())),
        );
        if self.is_live() {
            keys.push(("live-actor", self.actor.to_string()));
            keys.push(("live-case", self.case.to_string()));
            keys.push((
                "live-case-subject",
                format!("{} {}", self.case, self.subject),
            ));
        }
        if self.unconfirmed().next().is_some() {
            keys.push(("unconfirmed", "yes".to_owned()));
        }
        keys
    }
}
