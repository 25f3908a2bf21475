//! What was touched: requests in applications, counted by object and by what became of them.
//!
//! Access records come by the million, so they are counted as they pass and not kept: what grows is the number of
//! different rows, and of requests that nobody has answered yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use locum_domain::access::{Admitted, AdmittedBy, Completed, Outcome, RefusedInSession};
use locum_domain::{ApplicationId, Event, OperationId, RecordId, Recorded, SessionId};

use crate::examined::AfterEnd;

use super::told::answered;
use super::{AccessEvent, Accessed, Ends, Line, Outcomes, RefusedElsewhere, RefusedInApplication};

/// The access records of one access event, counted.
#[derive(Default)]
pub(super) struct Work {
    applications: BTreeMap<ApplicationId, InApplication>,
    /// Whose records these are, each with its first.
    sessions: BTreeMap<SessionId, u64>,
    /// Completions that no open admission precedes.
    unbegun: Counted,
}

/// The work in one application; rows stand in the order of their first entry.
#[derive(Default)]
struct InApplication {
    /// The first admission.
    admitted: Option<u64>,
    accessed: Rows<Accessed>,
    refused: Rows<RefusedInApplication>,
    /// Admissions without a completion so far: the row that each counts in, and its entry.
    open: HashMap<RecordId, (usize, u64)>,
    requests: Outcomes,
    upstreams: BTreeSet<String>,
    /// Admissions that do not say what they touched.
    without_object: BTreeMap<OperationId, Counted>,
}

/// Access records that lack their other half, or their place in the session.
pub(super) struct Gaps {
    /// Admissions that no completion followed.
    pub(super) unfinished: Counted,
    /// Completions that no open admission precedes.
    pub(super) unbegun: Counted,
    /// The first admission at each application that the session does not have.
    pub(super) elsewhere: Vec<u64>,
    /// Admissions that do not say what they touched, by application and operation.
    pub(super) without_object: Vec<(ApplicationId, OperationId, Counted)>,
    /// The first admission anywhere.
    pub(super) first_admitted: Option<u64>,
    /// Entries that a finding must have seen.
    pub(super) after_end: AfterEnd,
}

impl Gaps {
    /// What the counted records lack in this session.
    pub(super) fn of(work: &Work, after_end: AfterEnd, session: &AccessEvent) -> Self {
        let open = work.applications.values().flat_map(|it| it.open.values());
        let positions = open.map(|(_, position)| *position);
        let unfinished = Counted {
            count: positions.clone().count(),
            first: positions.min(),
        };
        let has = |id: &ApplicationId| session.applications.iter().any(|it| it.application == *id);
        let others = work.applications.iter().filter(|(id, _)| !has(id));
        let mut elsewhere: Vec<u64> = others.filter_map(|(_, it)| it.admitted).collect();
        elsewhere.sort_unstable();
        let without_object = work.applications.iter().flat_map(|(id, it)| {
            let operations = it.without_object.iter();
            operations.map(|(operation, counted)| (id.clone(), operation.clone(), *counted))
        });
        let mut without_object: Vec<_> = without_object.collect();
        without_object.sort_by_key(|(_, _, counted)| counted.first);
        Self {
            unfinished,
            unbegun: work.unbegun,
            elsewhere,
            without_object,
            first_admitted: work.first_admitted(),
            after_end,
        }
    }
}

/// How many, and the first of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) count: usize,
    pub(super) first: Option<u64>,
}

impl Counted {
    fn one(&mut self, position: u64) {
        self.count += 1;
        self.first.get_or_insert(position);
    }
}

impl Work {
    /// Counts an access record; `false` for any other event.
    pub(super) fn hear(&mut self, recorded: &Recorded) -> bool {
        let line = Line::of(recorded);
        let session = match &recorded.event {
            Event::AccessAdmitted(it) => {
                self.of(&it.application).admitted(it, line);
                &it.session
            }
            Event::AccessCompleted(it) => {
                if !self.of(&it.application).completed(it) {
                    self.unbegun.one(line.position);
                }
                &it.session
            }
            Event::AccessRefused(it) => {
                self.of(&it.application).refused(it, line);
                &it.session
            }
            _ => return false,
        };
        if !self.sessions.contains_key(session) {
            self.sessions.insert(session.clone(), line.position);
        }
        true
    }

    fn of(&mut self, application: &ApplicationId) -> &mut InApplication {
        self.applications.entry(application.clone()).or_default()
    }

    /// The first access record.
    pub(super) fn first(&self) -> Option<u64> {
        self.sessions.values().copied().min()
    }

    /// The first admission at any application.
    pub(super) fn first_admitted(&self) -> Option<u64> {
        let first = self.applications.values().filter_map(|it| it.admitted);
        first.min()
    }

    /// The first access record of any other session than this one.
    pub(super) fn stray(&self, session: Option<&SessionId>) -> Option<u64> {
        let others = self.sessions.iter().filter(|(id, _)| Some(*id) != session);
        others.map(|(_, first)| *first).min()
    }

    /// Tells the requests of all applications.
    pub(super) fn tell(self, told: &mut AccessEvent) {
        let mut applications = self.applications;
        for application in &mut told.applications {
            let Some(work) = applications.remove(&application.application) else {
                continue;
            };
            application.requests = work.counted();
            application.accessed = work.accessed.rows;
            application.refused = work.refused.rows;
            application.upstreams = work.upstreams;
            told.requests.add(&application.requests);
        }
        for (application, stray) in applications {
            told.requests.add(&stray.counted());
            let elsewhere = stray.refused.rows.into_iter();
            told.refused_elsewhere
                .extend(elsewhere.map(|refused| RefusedElsewhere {
                    application: application.clone(),
                    refused,
                }));
        }
    }
}

impl InApplication {
    fn admitted(&mut self, it: &Admitted, line: Line) {
        self.admitted.get_or_insert(line.position);
        self.requests.admitted += 1;
        let key = [
            it.operation.as_str(),
            it.object.as_deref().unwrap_or_default(),
            it.rule.as_str(),
            &it.method,
            &it.template,
            &it.path,
        ];
        let place = self.accessed.place(key, it.object.is_some(), || Accessed {
            operation: it.operation.clone(),
            rule: it.rule,
            object: it.object.clone(),
            method: it.method.clone(),
            template: it.template.to_string(),
            path: it.path.clone(),
            ends: Ends::from(line),
            outcomes: BTreeMap::new(),
            statuses: BTreeMap::new(),
            longest_us: 0,
        });
        if it.object.is_none() && it.rule != AdmittedBy::Asset {
            match self.without_object.get_mut(&it.operation) {
                Some(counted) => counted.one(line.position),
                None => {
                    let mut counted = Counted::default();
                    counted.one(line.position);
                    self.without_object.insert(it.operation.clone(), counted);
                }
            }
        }
        if let Some(row) = self.accessed.rows.get_mut(place) {
            row.ends.add(line);
        }
        self.open.insert(it.record.clone(), (place, line.position));
    }

    /// `false` when no open admission has this record.
    fn completed(&mut self, it: &Completed) -> bool {
        self.requests.complete(it);
        if let Some(upstream) = &it.upstream
            && !self.upstreams.contains(&**upstream)
        {
            self.upstreams.insert(upstream.to_string());
        }
        let Some((place, _)) = self.open.remove(&it.record) else {
            return false;
        };
        if let Some(row) = self.accessed.rows.get_mut(place) {
            *row.outcomes
                .entry(outcome_word(it.outcome).to_owned())
                .or_default() += 1;
            answered(&mut row.statuses, it.status);
            row.longest_us = row.longest_us.max(it.duration_us);
        }
        true
    }

    fn refused(&mut self, it: &RefusedInSession, line: Line) {
        self.requests.refused += 1;
        let operation = it.operation.as_ref().map(|operation| operation.as_str());
        let key = [
            it.denial.code(),
            operation.unwrap_or_default(),
            it.rule.as_deref().unwrap_or_default(),
            &it.method,
            &it.path,
        ];
        let place = self
            .refused
            .place(key, operation.is_some(), || RefusedInApplication {
                code: it.denial,
                operation: it.operation.clone(),
                rule: it.rule.clone(),
                method: it.method.clone(),
                path: it.path.clone(),
                ends: Ends::from(line),
            });
        if let Some(row) = self.refused.rows.get_mut(place) {
            row.ends.add(line);
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

/// Rows in the order of their first entry, each found by what it says.
struct Rows<R> {
    rows: Vec<R>,
    places: HashMap<String, usize>,
    /// The key that is looked for: kept, so that looking allocates nothing.
    key: String,
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            places: HashMap::new(),
            key: String::new(),
        }
    }
}

impl<R> Rows<R> {
    /// Where the row of these texts stands; `has_second` tells an absent second text from an empty one.
    fn place<const N: usize>(
        &mut self,
        texts: [&str; N],
        has_second: bool,
        row: impl FnOnce() -> R,
    ) -> usize {
        self.key.clear();
        self.key.push(if has_second { '1' } else { '0' });
        for text in texts {
            // Writing to a string cannot fail.
            let _ = write!(self.key, "{}:{text}", text.len());
        }
        if let Some(place) = self.places.get(&self.key) {
            return *place;
        }
        let place = self.rows.len();
        self.rows.push(row());
        self.places.insert(self.key.clone(), place);
        place
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
