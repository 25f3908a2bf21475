//! Everything that is looked up and judged before a request exists; filing and preview differ only in what
//! they do with it.
//!
//! The order is the contract's: reason, applications and operations, closed operations, eligibility, duration,
//! case, subject, nobody left to approve, budgets.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use locum_domain::case::CaseLookupError;
use locum_domain::request::SubjectThere;
use locum_domain::scope::{Reason, Scope};
use locum_domain::{
    Aggregate, ApplicationId, Case, CaseRef, Denial, Minutes, OperationId, PrincipalId, Refusal,
    Request, RequestState, SessionId, SubjectId, Timestamp,
};
use locum_policy::{Filing, History};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::governance::InForce;
use crate::ports::{Query, SubjectLookupError};

/// A request as it is asked for, in the caller's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub case: CaseRef,
    pub reason: String,
    /// Defaults to the case's, and must equal it.
    pub subject: Option<SubjectId>,
    pub applications: Vec<(ApplicationId, Vec<OperationId>)>,
    pub duration: Minutes,
    pub break_glass: bool,
    /// Who will act, when it is not the caller.
    pub actor: Option<PrincipalId>,
}

/// A request that could be filed as it stands.
pub(crate) struct Prepared {
    pub(crate) request: Request,
    pub(crate) in_force: std::sync::Arc<InForce>,
    /// How many holds there were: the commit is guarded with it, so that a stop that comes first wins.
    pub(crate) live_holds: u64,
}

impl Control {
    pub(crate) async fn prepare(
        &self,
        caller: &Caller,
        asked: &Asked,
        extends: Option<&SessionId>,
        at: Timestamp,
    ) -> Result<Prepared, Refusal> {
        let in_force = self.in_force();
        let catalog = &*in_force.catalog;
        let actor = asked.actor.as_ref().unwrap_or(&caller.principal);
        let prompt = asked.applications.iter().find_map(|(id, _)| {
            catalog
                .applications
                .get(id)
                .and_then(|it| it.reason_prompt.as_deref())
        });
        let reason = Reason::parse(&asked.reason, prompt).map_err(|error| {
            Denial::ReasonMissing
                .because(error.to_string())
                .at("/reason")
        })?;
        let scope = scope_of(catalog, &asked.applications)?;
        if asked.duration.0 == 0 {
            let refusal = Denial::Malformed.because("say for how many minutes");
            return Err(refusal.at("/duration_minutes"));
        }
        if catalog.principal(actor).is_none() {
            let refusal = Denial::NotEligible.because(format!("nobody here is called `{actor}`"));
            return Err(refusal.at("/actor"));
        }
        let filing = Filing {
            catalog,
            requester: &caller.principal,
            actor,
            scope: &scope,
            duration: asked.duration,
            break_glass: asked.break_glass,
            circumstances: self.circumstances(at),
        };
        in_force.policies.may_file(&filing)?;
        let case = self.look_up_case(&asked.case, at).await?;
        let subject = cited(asked.subject.as_ref(), &case)?;
        let finding = in_force
            .policies
            .judge_case(&filing, &case, &subject)
            .map_err(|refusal| mismatched(refusal, asked, &case))?;
        let live_holds = self.not_held(&scope, actor, &case, &subject).await?;
        let subjects = self
            .subjects_there(&in_force, &filing, &case, &subject)
            .await?;
        let (history, mut warnings) = self.history(actor, &subject, &case, &scope, at).await?;
        let route = in_force.policies.route(
            &filing,
            &case,
            &finding,
            &history,
            self.settings.signature_demanded,
        )?;
        self.within_budgets(&caller.principal, actor, &subject, at)
            .await?;
        warnings.splice(0..0, finding.warnings);
        let decide_by = at
            .saturating_add(route.decide_within.duration())
            .unwrap_or(at);
        let request = Request {
            id: self.request_id(at),
            event: self.event_id(at),
            filed_at: at,
            requester: caller.principal.clone(),
            actor: actor.clone(),
            tenant: case.tenant.clone(),
            subject,
            case,
            reason,
            scope,
            duration: asked.duration,
            break_glass: asked.break_glass,
            version: 1,
            nonce: hex::encode(self.ports.entropy.bytes()),
            subjects,
            route,
            warnings,
            extends: extends.cloned(),
            questions: Vec::new(),
            escalated: None,
            grant: None,
            state: RequestState::Pending { decide_by },
        };
        Ok(Prepared {
            request,
            in_force,
            live_holds,
        })
    }

    /// The case as its system attests it now.
    pub(crate) async fn look_up_case(
        &self,
        case: &CaseRef,
        at: Timestamp,
    ) -> Result<Case, Refusal> {
        let system = self.ports.cases.get(case.connector()).ok_or_else(|| {
            Denial::CaseNotOpen
                .because(format!("no case system is called `{}`", case.connector()))
                .at("/case")
        })?;
        system.look_up(case, at).await.map_err(|error| match error {
            CaseLookupError::Unknown => Denial::CaseNotOpen
                .because(format!("`{case}` is no case there"))
                .at("/case"),
            CaseLookupError::Unreachable(why) => {
                Denial::CaseUnreachable.because(format!("`{case}` could not be looked up: {why}"))
            }
        })
    }

    pub(crate) async fn subjects_there(
        &self,
        in_force: &InForce,
        filing: &Filing<'_>,
        case: &Case,
        subject: &SubjectId,
    ) -> Result<BTreeMap<ApplicationId, SubjectThere>, Refusal> {
        let mut subjects = BTreeMap::new();
        for id in filing.scope.applications() {
            let Some(application) = filing.catalog.applications.get(id) else {
                continue;
            };
            let there = self.ports.subjects.look_up(application, subject).await;
            let there = there.map_err(|error| {
                let what = match &error {
                    SubjectLookupError::Unknown => format!("`{id}` does not know `{subject}`"),
                    SubjectLookupError::Unreachable(why) => {
                        format!("`{id}` could not say who `{subject}` is there: {why}")
                    }
                };
                Denial::SubjectUnknown.because(what)
            })?;
            in_force
                .policies
                .judge_subject(filing, application, case, &there)?;
            subjects.insert(id.clone(), there);
        }
        Ok(subjects)
    }

    /// What happened before on this case and with this subject, and what of it an approver should see.
    async fn history(
        &self,
        actor: &PrincipalId,
        subject: &SubjectId,
        case: &Case,
        scope: &Scope,
        at: Timestamp,
    ) -> Result<(History, Vec<String>), Refusal> {
        let day_ago = at
            .saturating_sub(SignedDuration::from_hours(24))
            .unwrap_or(at);
        let month_ago = at
            .saturating_sub(SignedDuration::from_hours(24 * 30))
            .unwrap_or(at);
        let of_case = self
            .requests_with("case", &case.reference.to_string(), Timestamp::MIN)
            .await?;
        let of_subject = self
            .requests_with("subject", subject.as_str(), day_ago)
            .await?;
        let of_actor = self
            .requests_with("actor", actor.as_str(), month_ago)
            .await?;
        let counts = |request: &&Request| {
            !matches!(
                request.state,
                RequestState::Denied { .. }
                    | RequestState::Withdrawn { .. }
                    | RequestState::Lapsed { .. }
            )
        };
        let crossed: BTreeSet<ApplicationId> = of_case
            .iter()
            .chain(&of_subject)
            .filter(counts)
            .flat_map(|request| request.scope.applications().cloned())
            .filter(|id| !scope.0.contains_key(id))
            .collect();
        let minutes_in_24h = of_subject
            .iter()
            .filter(|request| request.actor == *actor && request.session().is_some())
            .map(|request| request.duration.0)
            .fold(0, u32::saturating_add);
        let emergencies = of_actor
            .iter()
            .filter(|request| request.break_glass)
            .count();
        let denied = of_subject.iter().find_map(|request| match &request.state {
            RequestState::Denied { by, reason, at }
                if request.actor == *actor
                    && request.case.reference == case.reference
                    && *at >= day_ago =>
            {
                Some((by.clone(), reason.clone()))
            }
            _ => None,
        });
        let mut warnings = Vec::new();
        if let Some((by, reason)) = &denied {
            warnings.push(format!("denied within the last 24 hours by {by}: {reason}"));
        }
        let age = case
            .opened_at
            .map(|opened| at.duration_since(opened).as_hours() / 24);
        let history = History {
            crossed,
            minutes_in_24h,
            case_age_days: age.and_then(|days| u32::try_from(days).ok()),
            emergencies_in_30_days: u32::try_from(emergencies).unwrap_or(u32::MAX),
            earlier_decider: denied.map(|(by, _)| by),
        };
        Ok((history, warnings))
    }

    /// Requests with this key that were filed at or after `since`, newest first.
    pub(crate) async fn requests_with(
        &self,
        key: &str,
        value: &str,
        since: Timestamp,
    ) -> Result<Vec<Request>, Refusal> {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let keys = vec![(key.to_owned(), value.to_owned())];
            let query = Query {
                keys,
                before,
                limit: 200,
            };
            let page = self
                .ports
                .store
                .list("request", query)
                .await
                .map_err(unavailable)?;
            for state in page.states {
                match state {
                    Aggregate::Request(request) if request.filed_at >= since => {
                        found.push(*request)
                    }
                    // Newest first: nothing after this one is young enough.
                    _ => return Ok(found),
                }
            }
            match page.next {
                Some(next) => before = Some(next),
                None => return Ok(found),
            }
        }
    }

    async fn within_budgets(
        &self,
        requester: &PrincipalId,
        actor: &PrincipalId,
        subject: &SubjectId,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let day_ago = at
            .saturating_sub(SignedDuration::from_hours(24))
            .unwrap_or(at);
        let recent = self.requests_with("actor", actor.as_str(), day_ago).await?;
        let mut subjects: BTreeSet<&SubjectId> =
            recent.iter().map(|request| &request.subject).collect();
        subjects.insert(subject);
        let most = self.settings.budgets.subjects_per_day;
        if subjects.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            let detail = format!("`{actor}` asked for {most} subjects within 24 hours already");
            return Err(Denial::BudgetSpent.because(detail));
        }
        let open = self
            .requests_with("open-requester", requester.as_str(), Timestamp::MIN)
            .await?;
        let most = self.settings.budgets.open_requests;
        if open.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            let detail = format!("`{requester}` has {most} open requests already");
            return Err(Denial::TooManyOpen.because(detail));
        }
        Ok(())
    }
}

fn scope_of(
    catalog: &locum_domain::Catalog,
    applications: &[(ApplicationId, Vec<OperationId>)],
) -> Result<Scope, Refusal> {
    let mut scope = Scope::default();
    for (index, (id, operations)) in applications.iter().enumerate() {
        let Some(application) = catalog.applications.get(id) else {
            let refusal =
                Denial::UnknownApplication.because(format!("no application is called `{id}`"));
            return Err(refusal.at(format!("/applications/{index}/application")));
        };
        for (place, operation) in operations.iter().enumerate() {
            if !application.operations.contains_key(operation) {
                let detail = format!("`{id}` has no operation `{operation}`");
                let pointer = format!("/applications/{index}/operations/{place}");
                return Err(Denial::UnknownOperation.because(detail).at(pointer));
            }
        }
        if operations.is_empty() {
            let refusal =
                Denial::Malformed.because(format!("name the operations in `{id}` one by one"));
            return Err(refusal.at(format!("/applications/{index}/operations")));
        }
        if scope
            .0
            .insert(id.clone(), operations.iter().cloned().collect())
            .is_some()
        {
            let refusal = Denial::Malformed.because(format!("`{id}` is named twice"));
            return Err(refusal.at(format!("/applications/{index}/application")));
        }
    }
    if scope.is_empty() {
        return Err(Denial::Malformed
            .because("name at least one application")
            .at("/applications"));
    }
    Ok(scope)
}

/// Whom the request cites as the case's subject: whether the case agrees is policy's to say, after what is worse.
fn cited(asked: Option<&SubjectId>, case: &Case) -> Result<SubjectId, Refusal> {
    match asked.or(case.subject.as_ref()) {
        Some(subject) => Ok(subject.clone()),
        // The case names nobody, and nobody is called like a case.
        None => case
            .reference
            .to_string()
            .parse()
            .map_err(|_| Denial::CaseMismatch.because("the case names no subject")),
    }
}

/// A mismatch in the words of whoever asked.
fn mismatched(refusal: Refusal, asked: &Asked, case: &Case) -> Refusal {
    let (detail, pointer) = match (refusal.denial, &asked.subject, &case.subject) {
        (Denial::CaseMismatch, Some(asked), Some(attested)) => {
            let detail = format!("the case is about `{attested}`, not `{asked}`");
            (detail, "/subject")
        }
        (Denial::CaseMismatch, _, None) => ("the case names no subject".to_owned(), "/case"),
        _ => return refusal,
    };
    Refusal { detail, ..refusal }.at(pointer)
}
