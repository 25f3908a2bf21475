//! Activate: only now does access exist. Everything is looked at again: the ledger, the case, policy, holds.

use locum_domain::catalog::Tier;
use locum_domain::facts::{Decision, Facts};
use locum_domain::{
    ApplicationId, Case, Denial, Event, Happened, Refusal, Request, Session, SessionId, Stream,
    Timestamp,
};
use locum_policy::Filing;
use locum_token::{Actor, ActorProfile, GrantToken, GrantTokenInput};

use crate::begin::{begin, within_exceptions};
use crate::caller::{Caller, Door};
use crate::control::Control;
use crate::facts::looked_up;
use crate::governance::InForce;
use crate::in_person::just_proved;
use crate::ports::{Guard, Pass, Proposal};

/// How often the tables and the ledger are compared before they count as different, and how long between.
const READS: usize = 5;
const MOMENT: std::time::Duration = std::time::Duration::from_millis(2);

/// A live session and the ways into it.
#[derive(Debug, Clone)]
pub struct Activated {
    pub session: Session,
    /// What a program exchanges for access tokens.
    pub grant_token: String,
    pub ways: Vec<WayIn>,
}

/// One application of a session: where it answers and the one-time way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayIn {
    pub application: ApplicationId,
    pub open_url: String,
    pub base_url: String,
}

/// Begins the session of an approved request, or lengthens the one it extends.
///
/// # Errors
/// `missing-approval`, `lapsed`, `already-decided`, `signature-required`, `held`, the case's codes, `not-eligible`,
/// `too-many-open`; each is on the record. `recorder-unavailable` where the session crosses applications, began, and is
/// not entered before witnesses have signed for it.
pub async fn activate(
    control: &Control,
    caller: &Caller,
    id: &locum_domain::RequestId,
) -> Result<Activated, Refusal> {
    let stream = &Stream::Request(id.clone());
    let events = control
        .attempt(caller, "activate", stream, |at| async move {
            control.activation(caller, id, at).await
        })
        .await?;
    let session = events.iter().find_map(|recorded| match &recorded.event {
        Event::RequestActivated { session, .. } => Some(session.clone()),
        _ => None,
    });
    let session = session.ok_or_else(|| Denial::Conflict.because("nothing was activated"))?;
    control.witness_beginning(&session).await?;
    control.ways_into(caller, &session).await
}

impl Control {
    async fn activation(
        &self,
        caller: &Caller,
        id: &locum_domain::RequestId,
        at: Timestamp,
    ) -> Result<Proposal, Refusal> {
        let (seen, version) = self.visible_request(caller, id).await?;
        if seen.actor != caller.principal {
            return Err(Denial::NotEligible.because("only the actor activates"));
        }
        let session = seen.extends.clone().unwrap_or_else(|| self.session_id(at));
        // What the tables say may refuse and opens nothing: from here on the request is the ledger's.
        if let Err(refusal) = seen.activate(session.clone(), at) {
            return Err(self.why_lapsed(&seen, refusal, at).await);
        }
        let request = self.request_as_recorded(&seen).await?;
        let activated = request.activate(session.clone(), at)?;
        let still_signed = self.approvals_still_signed(&request).await?;
        is_sure_enough(caller, &request)?;
        self.must_be_witnessed()?;
        let in_force = self.in_force();
        let (case, case_unchanged) = self.case_still_justifies(&in_force, &request, at).await?;
        let provisions = self.provisions(&[], at).await?;
        let filing = Filing {
            provisions: &provisions,
            ..self.filing_of(&in_force, &request, at)
        };
        in_force.policies.may_activate(&filing, &request, &case)?;
        self.subjects_are_the_same(&in_force, &request, &case, at)
            .await?;
        let holds = self.not_held_request(&request).await?;
        let mut guards = vec![
            Guard::Version {
                stream: Stream::Request(id.clone()),
                version,
            },
            Guard::Version {
                stream: Stream::Governance,
                version: in_force.version,
            },
            case_unchanged,
        ];
        guards.extend(holds);
        guards.extend(still_signed);
        let happened = |stream, event| Happened { stream, at, event };
        let asked = self.asked_afterwards(&request, &activated, at);
        let of_request = [activated].into_iter().chain(asked);
        let mut events: Vec<Happened> = of_request
            .map(|event| happened(Stream::Request(id.clone()), event))
            .collect();
        let stream = Stream::Session(session.clone());
        if request.extends.is_some() {
            let approvals = request.route.approvals();
            let approvers: Vec<_> = approvals.map(|approval| approval.by.clone()).collect();
            let (seen, session_version) = self.existing_session(&session).await?;
            seen.extend(id, request.duration, approvers.clone(), at)?;
            guards.push(Guard::Version {
                stream: stream.clone(),
                version: session_version,
            });
            let running = self.verified_session(&session).await?;
            let extended = running.extend(id, request.duration, approvers, at)?;
            let extended = within_exceptions(extended, &running, &provisions);
            events.push(happened(stream, extended));
        } else {
            guards.extend(self.session_budgets(&request));
            let session = Box::new(begin(&in_force, &provisions, &request, session, at)?);
            events.push(happened(stream, Event::SessionStarted { session }));
        }
        let proposal = Proposal {
            guards,
            events,
            outbox: Vec::new(),
        };
        let slice = filing.slice_to_activate(&request, &case);
        let facts = Facts {
            case: looked_up(&case, &request),
            ..self.facts(Decision::Activation, &in_force, slice, &provisions, at)
        };
        self.with_facts(proposal, &in_force, id, facts, at).await
    }

    /// The request as its own ledger entries tell it, which must be what the tables say.
    ///
    /// # Errors
    /// `missing-approval` when they tell another story: somebody wrote to the database.
    pub(crate) async fn request_as_recorded(&self, seen: &Request) -> Result<Request, Refusal> {
        for _ in 0..READS {
            match self.verified_request(&seen.id).await {
                Ok(request) if request == *seen => return Ok(request),
                Ok(_) => {}
                Err(refusal) if refusal.denial == Denial::NotFound => {}
                Err(refusal) => return Err(refusal),
            }
            // A commit is visible in the tables a moment before the ledger's head has it.
            tokio::time::sleep(MOMENT).await;
        }
        Err(Denial::MissingApproval.because("the ledger does not hold what the tables say"))
    }

    /// Who the subject is in each application must not have changed since it was shown.
    async fn subjects_are_the_same(
        &self,
        in_force: &InForce,
        request: &Request,
        case: &Case,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let filing = self.filing_of(in_force, request, at);
        let now = self
            .subjects_there(in_force, &filing, case, &request.subject)
            .await?;
        if now != request.subjects {
            let detail =
                "an application says something else of the subject than when this was approved";
            return Err(Denial::CaseMismatch.because(detail));
        }
        Ok(())
    }

    fn session_budgets(&self, request: &Request) -> Vec<Guard> {
        let case_and_subject = format!("{} {}", request.case.reference, request.subject);
        let most = u64::from(self.settings().budgets.live_sessions).saturating_sub(1);
        let actor = request.actor.to_string();
        vec![
            Guard::AtMost {
                kind: "session",
                key: "live-actor",
                value: actor,
                most,
            },
            Guard::AtMost {
                kind: "session",
                key: "live-case-subject",
                value: case_and_subject,
                most: 0,
            },
        ]
    }

    /// Fresh one-time ways into every application of a live session, and the grant for programs.
    async fn ways_into(&self, caller: &Caller, id: &SessionId) -> Result<Activated, Refusal> {
        let (session, _) = self.existing_session(id).await?;
        let at = self.now()?;
        let mut ways = Vec::new();
        for application in session.applications.keys() {
            ways.push(self.way_in(caller, &session, application)?);
        }
        let profile = match session.actor_profile.as_str() {
            "ai_agent" => ActorProfile::AiAgent,
            "service" => ActorProfile::Service,
            _ => ActorProfile::User,
        };
        let input = GrantTokenInput {
            issuer: self.settings().issuer.clone(),
            subject: session.subject.to_string(),
            actor: Actor::new(
                self.settings().issuer.clone(),
                session.actor.to_string(),
                profile,
            ),
            session: session.id.to_string(),
            grant: session.grant.to_string(),
            request: session.request.to_string(),
            token_id: hex::encode(self.id(at)),
            session_ends_at: session.end_by,
        };
        let grant_token =
            GrantToken::issue(input, at, &self.ports.key_ring.grant_key(), &*self.random)
                .map_err(|error| Denial::SessionEnded.because(error.to_string()))?;
        Ok(Activated {
            session,
            grant_token,
            ways,
        })
    }

    pub(crate) fn way_in(
        &self,
        caller: &Caller,
        session: &Session,
        application: &ApplicationId,
    ) -> Result<WayIn, Refusal> {
        let pass = if caller.door == Door::Console {
            Pass::Console
        } else {
            Pass::Bearer
        };
        let plane = &self.ports.data_plane;
        let gone = |why: String| Denial::SessionEnded.because(why);
        let open_url = plane.ticket(&session.id, application, pass).map_err(gone)?;
        let base_url = plane
            .base_url(application)
            .ok_or_else(|| gone(format!("`{application}` is not served here any more")))?;
        Ok(WayIn {
            application: application.clone(),
            open_url,
            base_url,
        })
    }
}

/// Whether the login is sure enough for what begins: for `regulated` applications the actor proved a moment ago who
/// they are.
fn is_sure_enough(caller: &Caller, request: &Request) -> Result<(), Refusal> {
    match request.route.strictest {
        Tier::Regulated => {
            let is_signed = request.route.signature_demanded;
            just_proved(caller, is_signed, "begins nothing that is `regulated`")
        }
        Tier::Standard | Tier::Low => Ok(()),
    }
}
