//! Erasures: two people without any part take away what the record holds of one subject (R26). What stays says who did
//! what, when and by whose word, and no longer about whom.

use std::collections::BTreeSet;

use locum_domain::catalog::Role;
use locum_domain::erasure::{ErasureState, Involved, Kept};
use locum_domain::hold::Reach;
use locum_domain::{
    Aggregate, ApplicationId, Denial, Erasure, ErasureId, Event, Happened, PrincipalId, Refusal,
    Request, RequestState, Signature, Stream, SubjectId, Timestamp,
};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::in_person::just_proved;
use crate::ports::{Guard, Proposal};
use crate::statement::StatementToSign;
use crate::{sight, stop};

/// Who may ask for an erasure.
const MAY_ASK: &[Role] = &[Role::Privacy, Role::Compliance];
/// Who may confirm or deny one that somebody else asked for.
const MAY_DECIDE: &[Role] = &[Role::Privacy, Role::Compliance, Role::Security];

/// Asks for everything personal that the record holds of a subject to be erased. Nothing is before somebody else
/// confirms.
///
/// # Errors
/// `not-an-approver`, `signature-required`, `not-found` when nothing is held, `reason-missing`, `conflict-of-interest` for
/// whoever had a part, `conflict` while something is open, `held`; `already-decided` while the same waits.
pub async fn ask_erasure(
    control: &Control,
    caller: &Caller,
    subject: &SubjectId,
    reason: &str,
) -> Result<Erasure, Refusal> {
    let about = &Stream::Principal(caller.principal.clone());
    let events = control
        .attempt(caller, "ask-erasure", about, |at| async move {
            let version = control.in_force().version;
            control.may_erase(caller, MAY_ASK)?;
            let held = control.held_of(subject).await?;
            if let Some(waiting) = control.waiting_for(subject).await? {
                let detail = format!("{waiting} asks for exactly this and waits");
                return Err(Denial::AlreadyDecided.because(detail));
            }
            let erasure = Erasure {
                id: ErasureId::from_bytes(control.id(at)),
                subject: subject.clone(),
                reason: reason.to_owned(),
                asked_by: caller.principal.clone(),
                asked_at: at,
                state: ErasureState::Waiting,
            };
            let stream = Stream::Erasure(erasure.id.clone());
            let event = erasure.ask(&held.involved)?;
            Ok(Proposal {
                guards: vec![governed(version)],
                events: vec![Happened { stream, at, event }],
                outbox: Vec::new(),
            })
        })
        .await?;
    let asked = events
        .into_iter()
        .find_map(|recorded| match recorded.event {
            Event::ErasureAsked { erasure } => Some(*erasure),
            _ => None,
        });
    asked.ok_or_else(|| Denial::Conflict.because("nothing was asked for"))
}

/// Confirms it, as somebody else: the keys are destroyed in the same commit that records it.
///
/// # Errors
/// `not-found`, `not-an-approver`, `signature-required`, `second-person-required`, `already-decided`, and those of
/// [`ask_erasure`] about what is open, held or the caller's own.
pub async fn confirm_erasure(
    control: &Control,
    caller: &Caller,
    id: &ErasureId,
    signature: Option<&Signature>,
) -> Result<Erasure, Refusal> {
    let stream = &Stream::Erasure(id.clone());
    control
        .attempt(caller, "confirm-erasure", stream, |at| async move {
            let governance = control.in_force().version;
            let (erasure, version) = control.recorded_erasure(id).await?;
            control.may_erase(caller, MAY_DECIDE)?;
            let catalog = control.catalog_for(caller);
            if catalog.is_same_human(&caller.principal, &erasure.asked_by) {
                let detail = "whoever asked for an erasure cannot confirm it";
                return Err(Denial::SecondPersonRequired.because(detail));
            }
            let held = control.held_of(&erasure.subject).await?;
            let by = &caller.principal;
            let event = erasure.confirm(by, &held.involved, signature.cloned(), at)?;
            let unchanged = control
                .confirmed(caller, stream, &erasure.digest(), signature, at)
                .await?;
            let mut proposal = Proposal::of(stream, version, event, at);
            proposal.guards.extend(unchanged);
            proposal.guards.push(governed(governance));
            proposal.guards.extend(held.unchanged(&erasure.subject));
            let told = held.requests.iter().map(|request| Happened {
                stream: Stream::Request(request.id.clone()),
                at,
                event: erasure.told(&request.id, by, at),
            });
            proposal.events.extend(told);
            Ok(proposal)
        })
        .await?;
    Ok(control.erasure(id).await?.0)
}

/// What the caller signs to confirm it.
///
/// # Errors
/// As for [`confirm_erasure`]; nothing is on the record, for nothing was decided.
pub async fn erasure_statement(
    control: &Control,
    caller: &Caller,
    id: &ErasureId,
) -> Result<StatementToSign, Refusal> {
    let (erasure, _) = control.recorded_erasure(id).await?;
    control.may_erase(caller, MAY_DECIDE)?;
    let about = Stream::Erasure(id.clone());
    control.to_confirm(caller, &about, &erasure.digest()).await
}

/// Says no to it; whoever asked may take it back so.
///
/// # Errors
/// `not-found`, `not-an-approver`, `reason-missing`, `already-decided`.
pub async fn deny_erasure(
    control: &Control,
    caller: &Caller,
    id: &ErasureId,
    reason: &str,
) -> Result<Erasure, Refusal> {
    let stream = &Stream::Erasure(id.clone());
    control
        .attempt(caller, "deny-erasure", stream, |at| async move {
            let (erasure, version) = control.erasure(id).await?;
            control.decides_on_erasures(caller, MAY_DECIDE)?;
            let event = erasure.deny(&caller.principal, reason, at)?;
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    Ok(control.erasure(id).await?.0)
}

/// Every erasure, newest first, for privacy, compliance, security and auditors; nobody else sees one. An auditor's look
/// is on the record.
///
/// # Errors
/// `not-found` for anybody else, `recorder-unavailable` when the store gives no answer.
pub async fn erasures(control: &Control, caller: &Caller) -> Result<Vec<Erasure>, Refusal> {
    if !control.sees_erasures(caller) {
        return Err(Denial::NotFound.because("no such list"));
    }
    let states = control.all_with("erasure", Vec::new()).await?.into_iter();
    let about = Stream::Principal(caller.principal.clone());
    control.looked(caller, &about, "erasures").await?;
    Ok(states
        .filter_map(|state| match state {
            Aggregate::Erasure(erasure) => Some(*erasure),
            _ => None,
        })
        .collect())
}

/// What the record holds of a subject.
struct Held {
    requests: Vec<Request>,
    involved: Involved,
}

impl Held {
    /// The guards by which whatever comes first wins: a new request of the subject, and a hold on what there is.
    fn unchanged(&self, subject: &SubjectId) -> Vec<Guard> {
        let count = u64::try_from(self.requests.len()).unwrap_or(u64::MAX);
        let mut guards = vec![Guard::AtMost {
            kind: "request",
            key: "subject",
            value: subject.to_string(),
            most: count,
        }];
        let scopes: BTreeSet<_> = self.requests.iter().flat_map(reached).collect();
        guards.extend(scopes.iter().map(stop::unheld));
        guards
    }
}

/// Every scope that a hold on this request could have.
fn reached(request: &Request) -> Vec<locum_domain::hold::StopScope> {
    let applications: Vec<&ApplicationId> = request.scope.applications().collect();
    reach(request, &applications).scopes()
}

fn reach<'r>(request: &'r Request, applications: &'r [&'r ApplicationId]) -> Reach<'r> {
    Reach {
        applications,
        actor: &request.actor,
        case: &request.case.reference,
        subject: &request.subject,
        tenant: request.tenant.as_ref(),
    }
}

fn governed(version: u64) -> Guard {
    Guard::Version {
        stream: Stream::Governance,
        version,
    }
}

impl Control {
    fn decides_on_erasures(&self, caller: &Caller, roles: &[Role]) -> Result<(), Refusal> {
        if sight::has_role(&self.catalog_for(caller), &caller.principal, roles) {
            return Ok(());
        }
        let detail = "privacy and compliance ask for erasures; they or security confirm them";
        Err(Denial::NotAnApprover.because(detail))
    }

    fn may_erase(&self, caller: &Caller, roles: &[Role]) -> Result<(), Refusal> {
        self.decides_on_erasures(caller, roles)?;
        let is_demanded = self.settings().signature_demanded;
        just_proved(caller, is_demanded, "erases nothing")
    }

    /// Whether the caller may see that somebody is to be, or was, erased.
    pub(crate) fn sees_erasures(&self, caller: &Caller) -> bool {
        let (catalog, who) = (self.catalog_for(caller), &caller.principal);
        sight::has_role(&catalog, who, MAY_DECIDE) || sight::sees_all(&catalog, who)
    }

    async fn erasure(&self, id: &ErasureId) -> Result<(Erasure, u64), Refusal> {
        let stream = Stream::Erasure(id.clone());
        let loaded = self.ports.store.load(&stream).await.map_err(unavailable)?;
        match loaded.state {
            Some(Aggregate::Erasure(erasure)) => Ok((*erasure, loaded.version)),
            _ => Err(Denial::NotFound.because("no such erasure")),
        }
    }

    /// The erasure as its own ledger entries tell it: nobody confirms what the database alone says.
    async fn recorded_erasure(&self, id: &ErasureId) -> Result<(Erasure, u64), Refusal> {
        let stream = Stream::Erasure(id.clone());
        match self.verified_with_version(&stream).await? {
            (Some(Aggregate::Erasure(erasure)), version) => Ok((*erasure, version)),
            _ => Err(Denial::NotFound.because("no such erasure")),
        }
    }

    /// The erasure of this subject that waits for a second person.
    async fn waiting_for(&self, subject: &SubjectId) -> Result<Option<ErasureId>, Refusal> {
        let keys = vec![
            ("subject".to_owned(), subject.to_string()),
            ("state".to_owned(), "waiting".to_owned()),
        ];
        let found = self.all_with("erasure", keys).await?.into_iter();
        Ok(found
            .filter_map(|state| match state {
                Aggregate::Erasure(erasure) => Some(erasure.id),
                _ => None,
            })
            .next())
    }

    /// What the record holds of a subject, who had a part in it, and what keeps it.
    async fn held_of(&self, subject: &SubjectId) -> Result<Held, Refusal> {
        let requests = self
            .requests_with("subject", subject.as_str(), Timestamp::MIN)
            .await?;
        if requests.is_empty() {
            return Err(Denial::NotFound.because("the record holds nothing of such a subject"));
        }
        let mut involved = Involved::default();
        for request in &requests {
            self.took_part(request, &mut involved.people);
            let kept = match is_under_way(request) {
                Some(kept) => Some(kept),
                None => self.kept_by_session(request, &mut involved.people).await?,
            };
            involved.kept = involved.kept.or(kept);
        }
        let holds = stop::holds(self).await?;
        let holds = holds.iter().find(|hold| {
            requests.iter().any(|request| {
                let applications: Vec<&ApplicationId> = request.scope.applications().collect();
                hold.scope.reaches(reach(request, &applications))
            })
        });
        let held = holds.map(|hold| Kept::Held(hold.id.to_string()));
        involved.kept = involved.kept.or(held);
        Ok(Held { requests, involved })
    }

    /// Whoever asked for a request, used it, decided on it or answers for whoever did.
    fn took_part(&self, request: &Request, people: &mut BTreeSet<PrincipalId>) {
        let in_force = self.in_force();
        let sponsors = [&request.requester, &request.actor]
            .into_iter()
            .filter_map(|it| in_force.catalog.sponsor_of(it));
        let approvals = request.route.approvals();
        let approvals = approvals.chain(request.route.countersignatures());
        let mut part: Vec<&PrincipalId> = vec![&request.requester, &request.actor];
        part.extend(sponsors);
        part.extend(&request.accountable_owner);
        part.extend(approvals.map(|approval| &approval.by));
        part.extend(request.questions.iter().map(|question| &question.by));
        match &request.state {
            RequestState::Denied { by, .. } | RequestState::Withdrawn { by, .. } => part.push(by),
            RequestState::Offered { offer, .. } => part.push(&offer.by),
            _ => {}
        }
        people.extend(part.into_iter().cloned());
    }

    /// What of a request's session is not over, and who had a part in it.
    async fn kept_by_session(
        &self,
        request: &Request,
        people: &mut BTreeSet<PrincipalId>,
    ) -> Result<Option<Kept>, Refusal> {
        let Some(id) = request.session() else {
            return Ok(None);
        };
        let (session, _) = self.existing_session(id).await?;
        people.extend(session.approvers.iter().cloned());
        people.extend(session.ended.iter().filter_map(|ended| ended.by.clone()));
        if session.is_live() || session.unconfirmed().next().is_some() {
            return Ok(Some(Kept::UnderWay(format!("session {id}"))));
        }
        if request.unsigned_afterwards().next().is_some() {
            let what = format!("the signature for what {} skipped", request.id);
            return Ok(Some(Kept::Owed(what)));
        }
        let reviews = self.reviews_of(id).await?;
        for review in &reviews {
            people.extend(review.reviewer.iter().cloned());
            people.extend(review.completed.iter().map(|it| it.by.clone()));
        }
        let open = reviews.iter().find(|review| review.completed.is_none());
        Ok(match open {
            Some(review) => Some(Kept::Owed(format!("review {}", review.id))),
            // Its review is opened a moment after its end.
            None if reviews.is_empty() => Some(Kept::Owed(format!("the review of {id}"))),
            None => None,
        })
    }
}

/// A request that can still lead to access.
fn is_under_way(request: &Request) -> Option<Kept> {
    let is_open = !request.state.is_settled()
        || matches!(request.state, RequestState::Activated { .. }) && request.extends.is_none();
    is_open.then(|| Kept::UnderWay(format!("request {}", request.id)))
}
