//! The people around a request whom separation of duties keeps away from deciding it (R05).

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy_core::ast::Entity;
use locum_domain::{ApplicationId, Case, PrincipalId, Request, Scope, SubjectId};

use crate::case::sponsors;
use crate::entities;
use crate::filing::Filing;
use crate::index::Indexed;
use crate::names;
use crate::value::Attributes;

/// Who they are, each as an entry of the catalog.
#[derive(Debug)]
pub(crate) struct Parties<'a> {
    pub(crate) catalog: &'a Indexed,
    requester: &'a PrincipalId,
    actor: &'a PrincipalId,
    scope: &'a Scope,
    break_glass: bool,
    sponsors: BTreeSet<&'a PrincipalId>,
    assignees: BTreeSet<&'a PrincipalId>,
    openers: BTreeSet<&'a PrincipalId>,
    subjects: BTreeSet<&'a PrincipalId>,
    /// All of them.
    everybody: BTreeSet<&'a PrincipalId>,
    /// Everybody in the catalog who is one of them, entered again.
    again: BTreeSet<&'a PrincipalId>,
}

impl<'a> Parties<'a> {
    /// The parties of what is about to be filed.
    pub(crate) fn of_filing(filing: &Filing<'a>, case: &'a Case) -> Self {
        let subjects = case.subject.iter().map(SubjectId::as_str).collect();
        let Filing {
            catalog,
            requester,
            actor,
            scope,
            break_glass,
            ..
        } = *filing;
        Self::gather(
            catalog,
            requester,
            actor,
            scope,
            break_glass,
            case,
            subjects,
        )
    }

    /// The parties of a filed request: the subject by every name that an application gives them.
    pub(crate) fn of_request(catalog: &'a Indexed, request: &'a Request) -> Self {
        let there = request.subjects.values().map(|it| it.id.as_str());
        let subjects = there.chain([request.subject.as_str()]).collect();
        Self::gather(
            catalog,
            &request.requester,
            &request.actor,
            &request.scope,
            request.break_glass,
            &request.case,
            subjects,
        )
    }

    fn gather(
        catalog: &'a Indexed,
        requester: &'a PrincipalId,
        actor: &'a PrincipalId,
        scope: &'a Scope,
        break_glass: bool,
        case: &'a Case,
        subjects: BTreeSet<&'a str>,
    ) -> Self {
        let desk = case.reference.connector();
        let at_desk = |account: &'a Option<String>| {
            let account = account.iter();
            account.flat_map(move |account| catalog.called(desk, account))
        };
        let sponsors: BTreeSet<_> = sponsors(catalog, requester)
            .chain(sponsors(catalog, actor))
            .collect();
        let assignees: BTreeSet<_> = at_desk(&case.assignee).collect();
        let openers: BTreeSet<_> = at_desk(&case.opened_by)
            .chain(at_desk(&case.subject_set_by))
            .collect();
        let subjects: BTreeSet<_> = subjects
            .into_iter()
            .flat_map(|subject| catalog.called_anywhere(subject))
            .collect();
        let everybody: BTreeSet<_> = [requester, actor]
            .into_iter()
            .chain(
                [&sponsors, &assignees, &openers, &subjects]
                    .into_iter()
                    .flatten()
                    .copied(),
            )
            .collect();
        let again = everybody.iter().flat_map(|id| catalog.entered_again(id));
        Self {
            catalog,
            requester,
            actor,
            scope,
            break_glass,
            again: again.collect(),
            sponsors,
            assignees,
            openers,
            subjects,
            everybody,
        }
    }

    /// The person above whoever asks: an agent's is its sponsor's.
    pub(crate) fn manager(&self) -> Option<&'a PrincipalId> {
        let person = match self.catalog.agents.get(self.requester) {
            Some(agent) => &agent.sponsor,
            None => self.requester,
        };
        self.catalog.people.get(person)?.manager.as_ref()
    }

    /// Whoever asks or acts.
    pub(crate) fn asks_or_acts(&self, person: &PrincipalId) -> bool {
        self.requester == person || self.actor == person
    }

    pub(crate) fn applications(&self) -> impl Iterator<Item = &'a ApplicationId> + use<'a> {
        self.scope.applications()
    }

    /// Everybody whom a candidate might turn out to be, entered again.
    pub(crate) fn everybody(&self) -> &BTreeSet<&'a PrincipalId> {
        &self.everybody
    }

    /// Everybody who is one of them, entered again.
    pub(crate) fn again(&self) -> impl Iterator<Item = &'a PrincipalId> {
        self.again.iter().copied()
    }

    /// A person as Cedar sees them who would decide.
    pub(crate) fn candidate(&self, person: &'a PrincipalId) -> Arc<Entity> {
        match self.again.contains(person) {
            true => entities::principal(self.catalog, person, &self.everybody),
            false => self.catalog.principal_alone(person),
        }
    }

    /// The request as Cedar sees it.
    pub(crate) fn entity(&self) -> Arc<Entity> {
        let is_person = |id: &&PrincipalId| !self.catalog.agents.contains_key(*id);
        let other = (self.actor != self.requester).then_some(self.actor);
        let people = |ids: &BTreeSet<&PrincipalId>| {
            let uids: Vec<_> = ids.iter().map(|id| names::person(id)).collect();
            uids
        };
        let attributes = Attributes::default()
            .entities("applications", self.applications().map(names::application))
            .truth("break_glass", self.break_glass)
            .entities(
                "requester",
                Some(self.requester).filter(is_person).map(names::person),
            )
            .entities("actor", other.filter(is_person).map(names::person))
            .entities("sponsors", people(&self.sponsors))
            .entities("assignees", people(&self.assignees))
            .entities("openers", people(&self.openers))
            .entities("subjects", people(&self.subjects))
            .maybe_entity("manager", self.manager().map(names::person));
        entities::entity(names::request(), attributes, [])
    }
}
