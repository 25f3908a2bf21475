//! What people put on the record beside the catalog, as it holds for one decision: exceptions in force, who is away,
//! who owes an overdue review.

use std::collections::BTreeMap;

use locum_catalog::settings::OverdueReviews;
use locum_domain::catalog::Person;
use locum_domain::{
    Absence, Aggregate, Exception, PrincipalId, Provisions, Refusal, Stream, Timestamp,
};

use crate::control::{Control, unavailable};
use crate::ports::Query;

impl Control {
    /// The provisions for whoever asks at this time.
    ///
    /// # Errors
    /// `recorder-unavailable` when the store gives no answer.
    pub(crate) async fn provisions(
        &self,
        askers: &[&PrincipalId],
        at: Timestamp,
    ) -> Result<Provisions, Refusal> {
        let opened = self.exceptions_in_force(at).await?.into_iter();
        let mut provisions = Provisions {
            opened: opened
                .map(|it| ((it.application, it.operation), it.until))
                .collect(),
            absences: self.absences_on(at).await?,
            ..Provisions::default()
        };
        if self.settings().overdue_reviews == OverdueReviews::Block {
            for asker in askers {
                if self.owes_overdue_review(asker, at).await? {
                    provisions.overdue_reviewers.insert((*asker).clone());
                }
            }
        }
        Ok(provisions)
    }

    /// The exceptions that open something now, for the operation that was looked at and no other of its name; each as its own ledger entries tell it: a row that somebody slipped
    /// into the database opens nothing.
    pub(crate) async fn exceptions_in_force(
        &self,
        at: Timestamp,
    ) -> Result<Vec<Exception>, Refusal> {
        let catalog = &self.in_force().catalog;
        let open = ("state".to_owned(), "open".to_owned());
        let mut found = Vec::new();
        for state in self.all_with("exception", vec![open]).await? {
            let Aggregate::Exception(seen) = state else {
                continue;
            };
            let stream = Stream::Exception(seen.id.clone());
            match self.verified(&stream).await? {
                Some(Aggregate::Exception(exception))
                    if exception.is_in_force(at) && exception.is_about(catalog) =>
                {
                    found.push(*exception);
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// Whoever is away on the day of this moment.
    pub(crate) async fn absences_on(
        &self,
        at: Timestamp,
    ) -> Result<BTreeMap<PrincipalId, Absence>, Refusal> {
        let today = self.circumstances(at).today;
        let announced = ("state".to_owned(), "announced".to_owned());
        let states = self.all_with("absence", vec![announced]).await?.into_iter();
        let absences = states.filter_map(|state| match state {
            Aggregate::Absence(absence) if absence.is_on(today) => {
                Some((absence.person.clone(), *absence))
            }
            _ => None,
        });
        Ok(absences.collect())
    }

    /// What an approver's card and a requester's answer say of those who are away.
    pub(crate) fn said_of_absences(
        &self,
        route: &locum_domain::Route,
        provisions: &Provisions,
        at: Timestamp,
    ) -> Vec<String> {
        let today = self.circumstances(at).today;
        let in_force = self.in_force();
        let name = |id: &PrincipalId| {
            let person: Option<&Person> = in_force.catalog.people.get(id);
            person.map_or_else(|| id.to_string(), |it| it.name.clone())
        };
        let mut said = Vec::new();
        for step in &route.steps {
            let away = |id: &&PrincipalId| provisions.absence(id, today).is_some();
            if step.approvers.iter().all(|id| away(&id)) {
                for id in &step.approvers {
                    let until = provisions.absence(id, today).map(|it| it.until);
                    let authority = step.authority.as_str();
                    said.extend(until.map(|until| {
                        let name = name(id);
                        format!(
                            "{name} is away until {until}, and nobody else decides as {authority}"
                        )
                    }));
                }
            }
        }
        said
    }

    async fn owes_overdue_review(
        &self,
        person: &PrincipalId,
        at: Timestamp,
    ) -> Result<bool, Refusal> {
        let owed = ("reviewer-state".to_owned(), format!("{person}/open"));
        let states = self.all_with("review", vec![owed]).await?;
        Ok(states
            .iter()
            .any(|state| matches!(state, Aggregate::Review(review) if review.due < at)))
    }

    /// Every state of a kind with these keys, newest first.
    pub(crate) async fn all_with(
        &self,
        kind: &'static str,
        keys: Vec<(String, String)>,
    ) -> Result<Vec<Aggregate>, Refusal> {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let query = Query {
                keys: keys.clone(),
                before,
                limit: 200,
            };
            let page = self.ports.store.list(kind, query).await;
            let page = page.map_err(unavailable)?;
            found.extend(page.states);
            match page.next {
                Some(next) => before = Some(next),
                None => return Ok(found),
            }
        }
    }
}
