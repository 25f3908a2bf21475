//! What was touched: requests in applications, counted by object and by what became of them.

use std::collections::{BTreeMap, HashMap};

use locum_domain::access::{Admitted, Outcome, RefusedInSession};
use locum_domain::{ApplicationId, Event, RecordId, Recorded};

use super::{AccessEvent, Accessed, Ends, Line, Outcomes, RefusedElsewhere, RefusedInApplication};

/// One row of what was touched: operation, object, method and path.
type AccessKey<'e> = (&'e str, Option<&'e str>, &'e str, &'e str);
/// One row of what was refused: code, operation, method and path.
type RefusalKey<'e> = (&'e str, Option<&'e str>, &'e str, &'e str);

/// The work in one application while it is being counted; rows stand in the order of their first entry.
#[derive(Default)]
struct Work<'e> {
    accessed: Vec<Accessed>,
    places: HashMap<AccessKey<'e>, usize>,
    /// Which row an admission without a completion so far counts in.
    open: HashMap<&'e RecordId, usize>,
    refused: Vec<RefusedInApplication>,
    refusals: HashMap<RefusalKey<'e>, usize>,
    requests: Outcomes,
}

/// Tells the requests of all applications.
pub(super) fn tell(told: &mut AccessEvent, events: &[Recorded]) {
    let mut work: BTreeMap<&ApplicationId, Work<'_>> = BTreeMap::new();
    for recorded in events {
        let line = Line::of(recorded);
        match &recorded.event {
            Event::AccessAdmitted(it) => {
                work.entry(&it.application).or_default().admitted(it, line)
            }
            Event::AccessCompleted(it) => {
                let work = work.entry(&it.application).or_default();
                work.requests
                    .complete(it.outcome, it.bytes_in, it.bytes_out);
                work.completed(&it.record, it.outcome);
            }
            Event::AccessRefused(it) => work.entry(&it.application).or_default().refused(it, line),
            _ => {}
        }
    }
    for application in &mut told.applications {
        let Some(work) = work.remove(&application.application) else {
            continue;
        };
        application.requests = work.counted();
        application.accessed = work.accessed;
        application.refused = work.refused;
        told.requests.add(&application.requests);
    }
    for (application, stray) in work {
        told.requests.add(&stray.counted());
        let elsewhere = stray.refused.into_iter();
        told.refused_elsewhere
            .extend(elsewhere.map(|refused| RefusedElsewhere {
                application: application.clone(),
                refused,
            }));
    }
}

impl<'e> Work<'e> {
    fn admitted(&mut self, it: &'e Admitted, line: Line) {
        self.requests.admitted += 1;
        let key = (
            it.operation.as_str(),
            it.object.as_deref(),
            it.method.as_str(),
            it.path.as_str(),
        );
        let place = *self.places.entry(key).or_insert_with(|| {
            self.accessed.push(Accessed {
                operation: it.operation.clone(),
                object: it.object.clone(),
                method: it.method.clone(),
                path: it.path.clone(),
                ends: Ends {
                    count: 0,
                    first: line,
                    last: line,
                },
                outcomes: BTreeMap::new(),
            });
            self.accessed.len() - 1
        });
        if let Some(row) = self.accessed.get_mut(place) {
            row.ends.count += 1;
            row.ends.last = line;
        }
        self.open.insert(&it.record, place);
    }

    fn completed(&mut self, record: &RecordId, outcome: Outcome) {
        let Some(place) = self.open.remove(record) else {
            return;
        };
        if let Some(row) = self.accessed.get_mut(place) {
            *row.outcomes
                .entry(outcome_word(outcome).to_owned())
                .or_default() += 1;
        }
    }

    fn refused(&mut self, it: &'e RefusedInSession, line: Line) {
        self.requests.refused += 1;
        let operation = it.operation.as_ref().map(|operation| operation.as_str());
        let key = (
            it.denial.code(),
            operation,
            it.method.as_str(),
            it.path.as_str(),
        );
        let place = *self.refusals.entry(key).or_insert_with(|| {
            self.refused.push(RefusedInApplication {
                code: it.denial,
                operation: it.operation.clone(),
                method: it.method.clone(),
                path: it.path.clone(),
                ends: Ends {
                    count: 0,
                    first: line,
                    last: line,
                },
            });
            self.refused.len() - 1
        });
        if let Some(row) = self.refused.get_mut(place) {
            row.ends.count += 1;
            row.ends.last = line;
        }
    }

    fn counted(&self) -> Outcomes {
        let without_completion = u64::try_from(self.open.len()).unwrap_or(u64::MAX);
        Outcomes {
            without_completion,
            ..self.requests.clone()
        }
    }
}

/// The outcome as the contract's records write it.
pub(super) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Cut => "cut",
        Outcome::Abandoned => "abandoned",
        Outcome::Failed => "failed",
    }
}
