//! Which entries of the catalog a decision's questions touch. By the slice of them every question is the same as by the
//! whole catalog, entities included, and so is every answer: the tests compare question by question.
//!
//! What is left out was not looked at. What is in although nothing asks about it does no harm: an entry is what it is in
//! the whole catalog, and nobody is found who would not be found there.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::{Application, Role};
use locum_domain::facts::{
    AgentSliced, ApplicationSliced, EligibilitySliced, EmergencySliced, PersonSliced, Slice,
};
use locum_domain::request::SubjectThere;
use locum_domain::{ApplicationId, Case, PrincipalId, Request, Route};

use crate::entities::owners;
use crate::filing::Filing;
use crate::holders::candidates;
use crate::index::Indexed;
use crate::parties::Parties;
use crate::route::History;

impl Filing<'_> {
    /// What filing this reads, the route that it was given included.
    pub fn slice(
        &self,
        case: &Case,
        subjects: &BTreeMap<ApplicationId, SubjectThere>,
        history: &History,
        route: &Route,
    ) -> Slice {
        let mut cut = Cut::of(self.catalog);
        let parties = Parties::of_filing(self, case);
        cut.parties(&parties);
        cut.asked(self);
        cut.subject(case, subjects);
        for step in route.steps.iter().chain(&route.afterwards) {
            let application = step.application.as_ref();
            let application = application.and_then(|id| self.catalog.applications.get(id));
            cut.people(candidates(&parties, step.authority, application));
        }
        cut.people(self.catalog.in_roles(&[Role::SecurityControlOwner]));
        cut.people(&history.earlier_decider);
        cut.slice(|id| self.scope.0.get(id).cloned().unwrap_or_default())
    }

    /// What activating this request reads, by the case as it was just looked up.
    pub fn slice_to_activate(&self, request: &Request, case: &Case) -> Slice {
        let mut cut = Cut::of(self.catalog);
        cut.parties(&Parties::of_request(self.catalog, request));
        cut.asked(self);
        cut.subject(case, &request.subjects);
        cut.people(request.route.approvals().map(|it| &it.by));
        cut.slice(|id| self.scope.0.get(id).cloned().unwrap_or_default())
    }
}

impl Indexed {
    /// What is read to tell whether this person may decide this request, afterwards included, and whether the case still
    /// justifies it.
    pub fn slice_to_decide(&self, request: &Request, person: &PrincipalId) -> Slice {
        let mut cut = Cut::of(self);
        cut.parties(&Parties::of_request(self, request));
        cut.people([person]);
        cut.slice(|id| request.scope.0.get(id).cloned().unwrap_or_default())
    }
}

/// The entries so far.
struct Cut<'a> {
    catalog: &'a Indexed,
    principals: BTreeSet<&'a PrincipalId>,
    applications: BTreeSet<&'a ApplicationId>,
    eligibilities: BTreeSet<&'a str>,
}

impl<'a> Cut<'a> {
    fn of(catalog: &'a Indexed) -> Self {
        Self {
            catalog,
            principals: BTreeSet::new(),
            applications: BTreeSet::new(),
            eligibilities: BTreeSet::new(),
        }
    }

    /// These people, and the sponsor of each that is an agent.
    fn people<'i>(&mut self, ids: impl IntoIterator<Item = &'i PrincipalId>) {
        let catalog = &**self.catalog;
        for id in ids {
            if let Some((id, _)) = catalog.people.get_key_value(id) {
                self.principals.insert(id);
            } else if let Some((id, agent)) = catalog.agents.get_key_value(id) {
                self.principals.extend([id, &agent.sponsor]);
            }
        }
    }

    /// Everybody with a part in the request, and whose the applications are.
    fn parties(&mut self, parties: &Parties<'a>) {
        self.people(parties.everybody().iter().copied());
        self.people(parties.manager());
        for id in parties.applications() {
            if let Some(application) = self.catalog.applications.get(id) {
                self.application(application);
            }
        }
    }

    fn application(&mut self, application: &'a Application) {
        self.applications.insert(&application.id);
        self.people(owners(application));
        let delegates = application.delegates.iter();
        self.people(delegates.flat_map(|it| [&it.person, &it.by]));
    }

    /// The eligibilities by which the askers could ask.
    fn asked(&mut self, filing: &Filing<'_>) {
        let catalog = self.catalog;
        for asker in filing.askers() {
            let agent = catalog
                .agents
                .contains_key(filing.actor)
                .then_some(filing.actor);
            for (application, _) in filing.asked() {
                let found = catalog.eligibilities_of(&application.id, asker, agent);
                self.eligibilities
                    .extend(found.map(|(it, _)| it.id.as_str()));
            }
        }
    }

    /// Whoever of ours the subject's names would be taken for.
    fn subject(&mut self, case: &Case, subjects: &BTreeMap<ApplicationId, SubjectThere>) {
        let of_case = case.subject.iter().map(|it| it.as_str());
        for name in of_case.chain(subjects.values().map(|it| it.id.as_str())) {
            if self.catalog.is_ours(name) {
                self.named(name);
            }
        }
    }

    fn named(&mut self, name: &str) {
        let catalog = self.catalog;
        let is_it = |text: &str| text.eq_ignore_ascii_case(name);
        let people = catalog.people.values().filter(|it| {
            is_it(it.id.as_str()) || it.accounts.iter().any(|account| is_it(&account.id))
        });
        let agents = catalog.agents.values().filter(|it| {
            is_it(it.id.as_str()) || it.accounts.iter().any(|account| is_it(&account.id))
        });
        self.people(people.map(|it| &it.id).chain(agents.map(|it| &it.id)));
    }

    /// The slice, with these operations of each application.
    fn slice(
        &self,
        operations: impl Fn(&ApplicationId) -> BTreeSet<locum_domain::OperationId>,
    ) -> Slice {
        let catalog = &**self.catalog;
        let mut slice = Slice::default();
        for id in &self.principals {
            if let Some(person) = catalog.people.get(*id) {
                slice
                    .people
                    .insert(person.id.clone(), PersonSliced::of(person));
                let vendor = person.employer.as_ref();
                let vendor = vendor.and_then(|it| catalog.vendors.get(it));
                slice
                    .vendors
                    .extend(vendor.map(|it| (it.id.clone(), it.sponsor.clone())));
            } else if let Some(agent) = catalog.agents.get(*id) {
                slice
                    .agents
                    .insert(agent.id.clone(), AgentSliced::of(agent));
            }
        }
        for id in &self.applications {
            if let Some(application) = catalog.applications.get(*id) {
                let sliced = ApplicationSliced::of(application, &operations(id));
                slice.applications.insert((*id).clone(), sliced);
            }
        }
        let eligibilities = catalog.eligibilities.iter();
        let asked = eligibilities.filter(|it| self.eligibilities.contains(it.id.as_str()));
        slice.eligibilities = asked.map(EligibilitySliced::of).collect();
        let lines = catalog.break_glass.iter();
        let lines = lines.filter(|it| self.principals.contains(&it.person));
        slice.emergencies = lines
            .map(|it| EmergencySliced {
                person: it.person.clone(),
                applications: it.applications.clone(),
            })
            .collect();
        slice
    }
}
