//! Everything that is looked up and judged before a request exists; filing and preview differ only in what
//! they do with it.
//!
//! The order is the contract's: reason, applications and operations, closed operations, eligibility, duration,
//! case, subject, nobody left to approve, budgets.

use std::collections::BTreeMap;

use locum_domain::case::CaseLookupError;
use locum_domain::facts::{Decision, Facts};
use locum_domain::request::SubjectThere;
use locum_domain::scope::{Reason, Scope};
use locum_domain::{
    ApplicationId, Case, CaseRef, Catalog, Denial, ERASED, Minutes, OperationId, PrincipalId,
    Refusal, Request, RequestState, Session, SubjectId, Timestamp,
};
use locum_policy::Filing;

use crate::caller::Caller;
use crate::control::Control;
use crate::facts::past;
use crate::governance::InForce;
use crate::ports::{Guard, SubjectLookupError};
use crate::reminders::nobody_hears_of_it;

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
    /// What judging it read.
    pub(crate) facts: Facts,
    /// That no hold reaches it: the commit is guarded with it, so that a stop that comes first wins.
    pub(crate) unheld: Vec<Guard>,
    /// That nothing was filed since it was looked at: else it is prepared again, and sees what was.
    pub(crate) nothing_since: Vec<Guard>,
}

impl Control {
    pub(crate) async fn prepare(
        &self,
        caller: &Caller,
        asked: &Asked,
        extends: Option<&Session>,
        at: Timestamp,
    ) -> Result<Prepared, Refusal> {
        let in_force = self.in_force();
        let catalog = &*self.catalog_for(caller);
        let actor = asked.actor.as_ref().unwrap_or(&caller.principal);
        let prompts = asked.applications.iter().filter_map(|(id, _)| {
            let application = catalog.applications.get(id)?;
            application.reason_prompt.as_deref()
        });
        let reason = Reason::parse(&asked.reason, prompts).map_err(|error| {
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
        let provisions = self.provisions(&[actor, &caller.principal], at).await?;
        let filing = Filing {
            catalog,
            provisions: &provisions,
            requester: &caller.principal,
            actor,
            scope: &scope,
            duration: asked.duration,
            break_glass: asked.break_glass,
            impersonating: false,
            circumstances: self.circumstances(at),
        };
        let policies = &in_force.policies;
        let allowed = policies.with_grounds(|policies| policies.may_file(&filing))?;
        let case = self.look_up_case(&asked.case, at).await?;
        let subject = cited(asked.subject.as_ref(), &case)?;
        let finding = policies
            .with_grounds(|policies| policies.judge_case(&filing, &case, &subject))
            .map_err(|refusal| mismatched(refusal, asked, &case))?;
        let unheld = self.not_held(&scope, actor, &case, &subject).await?;
        let subjects = self
            .subjects_there(&in_force, &filing, &case, &subject)
            .await?;
        let before = self.before(&filing, &reason, &case, &subject, at).await?;
        let is_signed = self.settings().signature_demanded;
        let route = policies.with_grounds(|policies| {
            let history = &before.history;
            policies.route(&filing, &allowed, &case, &finding, history, is_signed)
        })?;
        let slice = filing.slice(&case, &subjects, &before.history, &route);
        let facts = Facts {
            past: Some(past(&before.history)),
            ..self.facts(Decision::Filing, &in_force, slice, &provisions, at)
        };
        let within_budgets = self
            .within_budgets(&caller.principal, actor, &subject, at)
            .await?;
        let away = self.said_of_absences(&route, &provisions, at);
        let warnings = finding.warnings.into_iter();
        let unheard = nobody_hears_of_it(&in_force, asked.break_glass);
        let warnings = warnings.chain(before.warnings).chain(away).chain(unheard);
        let decide_by = at
            .saturating_add(route.decide_within.duration())
            .unwrap_or(at);
        let request = Request {
            id: self.request_id(at),
            event: extends.map_or_else(|| self.event_id(at), |session| session.event.clone()),
            filed_at: at,
            requester: caller.principal.clone(),
            actor: actor.clone(),
            accountable_owner: answerable_for(catalog, actor),
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
            warnings: warnings.collect(),
            extends: extends.map(|session| session.id.clone()),
            questions: Vec::new(),
            escalated: None,
            security_told: Vec::new(),
            owed: None,
            grant: None,
            state: RequestState::Pending { decide_by },
        };
        Ok(Prepared {
            request,
            in_force,
            facts,
            unheld,
            nothing_since: [before.nothing_since, vec![within_budgets]].concat(),
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
                    // A refusal is recorded where nobody could erase it: it names no subject.
                    SubjectLookupError::Unknown => format!("`{id}` does not know the subject"),
                    SubjectLookupError::Unreachable(why) => {
                        format!("`{id}` could not say who the subject is there: {why}")
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
}

/// The owner of the actor's chain, or the successor where the owner has left (R14).
fn answerable_for(catalog: &Catalog, actor: &PrincipalId) -> Option<PrincipalId> {
    let chain = catalog.chain_of(actor)?;
    let works_here = |id: &&PrincipalId| catalog.people.get(*id).is_some_and(|it| it.is_active);
    [&chain.accountable_owner]
        .into_iter()
        .chain(&chain.successor)
        .find(works_here)
        .cloned()
}

fn scope_of(
    catalog: &Catalog,
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
        // Of what is erased less is checked: nobody else is called so.
        Some(subject) if subject.as_str() == ERASED => {
            Err(Denial::SubjectUnknown.because("that is what stands where somebody was erased"))
        }
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
        (Denial::CaseMismatch, Some(_), Some(_)) => {
            let detail = "the case is about another user than the one you named".to_owned();
            (detail, "/subject")
        }
        (Denial::CaseMismatch, _, None) => ("the case names no subject".to_owned(), "/case"),
        _ => return refusal,
    };
    Refusal { detail, ..refusal }.at(pointer)
}
