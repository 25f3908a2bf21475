//! Whether the case, as its system attests it, justifies this filing (R02).

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy_core::ast::Entity;
use locum_domain::catalog::{Principal, Tier};
use locum_domain::{Case, Catalog, PrincipalId, Refusal, SubjectId};

use crate::entities;
use crate::filing::Filing;
use crate::known::Known;
use crate::names;
use crate::policies::Policies;
use crate::question::{Action, No, Question};
use crate::value::Attributes;

/// What an acceptable case still leaves to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFinding {
    /// Sentences that go on top of the decision card.
    pub warnings: Vec<String>,
    /// Whether nobody outside vouches for the case, so that a second approver must.
    pub needs_second_approver: bool,
    /// The `@id`s of the policies that accepted the case or asked for the second approver.
    pub rules: Vec<String>,
}

impl Policies {
    /// Judges the looked-up case.
    ///
    /// # Errors
    /// In this order: `case-not-open`, `not-the-assignee`, `case-mismatch`, `self-made-case`.
    pub fn judge_case(
        &self,
        filing: &Filing<'_>,
        case: &Case,
        subject: &SubjectId,
    ) -> Result<CaseFinding, Refusal> {
        let catalog = filing.catalog;
        let actor = catalog.principal_alone(filing.actor);
        let case_there = entity(case);
        let (who, what) = (names::of(&actor), names::of(&case_there));
        let known = Known::of([actor, case_there])?;
        let ask = |action, context| {
            self.ask(Question {
                principal: Arc::clone(&who),
                action,
                resource: Arc::clone(&what),
                context,
                known: &known,
            })
        };
        let cited = Attributes::default()
            .text("subject", subject.as_str())
            .circumstances(filing.circumstances)
            .context();
        let rules = ask(Action::Cite, cited).map_err(|no| no.refusal())?;
        let beneficiaries = beneficiaries(catalog, filing, case.reference.connector());
        let origin = Attributes::default()
            .texts("beneficiaries", beneficiaries.iter().map(String::as_str))
            .context();
        let objections = match ask(Action::TrustOrigin, origin) {
            Ok(trusted) => {
                let rules = rules.into_iter().chain(trusted).collect();
                return Ok(CaseFinding {
                    rules,
                    warnings: urgency(filing, case).into_iter().collect(),
                    needs_second_approver: false,
                });
            }
            Err(No::Objections(objections)) if !objections.is_empty() => objections,
            Err(no) => return Err(no.refusal()),
        };
        let is_regulated = |(application, _): &(&locum_domain::catalog::Application, _)| {
            application.tier == Tier::Regulated
        };
        if filing.asked().iter().any(is_regulated) {
            return Err(No::Objections(objections).refusal());
        }
        let said = objections.iter().map(|it| it.because.clone());
        let warnings = said.chain(urgency(filing, case)).collect();
        let asked_for = objections.iter().map(|it| it.rule.clone());
        Ok(CaseFinding {
            warnings,
            needs_second_approver: true,
            rules: rules.into_iter().chain(asked_for).collect(),
        })
    }
}

/// What the desk says about an emergency's urgency, for the person who answers it alone (R11).
fn urgency(filing: &Filing<'_>, case: &Case) -> Option<String> {
    filing.break_glass.then(|| match &case.priority {
        Some(priority) => {
            format!("an emergency, and the desk gives the case priority `{priority}`")
        }
        None => "an emergency, and the desk does not say how urgent the case is".to_owned(),
    })
}

fn entity(case: &Case) -> Arc<Entity> {
    let attributes = Attributes::default()
        .text("system", case.reference.connector())
        .truth("open", case.is_open)
        .text("state", &case.state)
        .maybe_text("assignee", case.assignee.as_deref())
        .maybe_text("subject", case.subject.as_ref().map(|it| it.as_str()))
        .maybe_text("tenant", case.tenant.as_ref().map(|it| it.as_str()))
        .maybe_text("opened_by", case.opened_by.as_deref())
        .maybe_text("subject_set_by", case.subject_set_by.as_deref())
        .maybe_text("priority", case.priority.as_deref())
        .maybe_text("queue", case.queue.as_deref());
    entities::entity(names::case(&case.reference.to_string()), attributes, [])
}

/// What the desk calls those who gain: the ids and accounts there of requester, actor and their sponsors.
fn beneficiaries(catalog: &Catalog, filing: &Filing<'_>, desk: &str) -> BTreeSet<String> {
    let mut accounts = BTreeSet::new();
    let askers = [filing.requester, filing.actor];
    let sponsors = askers.into_iter().flat_map(|id| sponsors(catalog, id));
    for id in askers.into_iter().chain(sponsors) {
        accounts.insert(id.to_string());
        let known = match catalog.principal(id) {
            Some(Principal::Person(person)) => &person.accounts,
            Some(Principal::Agent(agent)) => &agent.accounts,
            None => continue,
        };
        let at_desk = known.iter().filter(|account| account.system == desk);
        accounts.extend(at_desk.map(|account| account.id.clone()));
    }
    accounts
}

/// The sponsor of a principal, and of an agent's sponsor: each answers for whom they sponsor, and gains.
pub(crate) fn sponsors<'c>(
    catalog: &'c Catalog,
    id: &PrincipalId,
) -> impl Iterator<Item = &'c PrincipalId> + use<'c> {
    let first = catalog.sponsor_of(id);
    let second = first.and_then(|sponsor| catalog.sponsor_of(sponsor));
    first.into_iter().chain(second)
}
