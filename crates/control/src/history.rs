//! What happened before: on this case, with this subject, by this actor and requester; as far as a route, a budget
//! or an approver's eyes depend on it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use locum_domain::scope::Reason;
use locum_domain::{
    Aggregate, ApplicationId, Case, Denial, PrincipalId, Refusal, Request, RequestState, SubjectId,
    Timestamp,
};
use locum_policy::{Filing, History};

use crate::control::{Control, unavailable};
use crate::ports::{Guard, Query};

/// What was found, and how much of it.
pub(crate) struct Before {
    pub(crate) history: History,
    /// What of it an approver should see.
    pub(crate) warnings: Vec<String>,
    /// That nothing was filed since: of two requests filed at the same moment on one case or about one subject,
    /// the second is prepared again and sees the first.
    pub(crate) nothing_since: Vec<Guard>,
}

/// Requests on the same case, about the same subject, and of the same people, each list newest first.
pub(crate) struct Earlier {
    pub(crate) of_case: Vec<Request>,
    pub(crate) of_subject: Vec<Request>,
    /// Within a month, as those of the requester.
    pub(crate) of_actor: Vec<Request>,
    pub(crate) of_requester: Vec<Request>,
}

impl Earlier {
    /// What of it a route depends on.
    pub(crate) fn history(&self, filing: &Filing<'_>, case: &Case, at: Timestamp) -> History {
        let day_ago = hours_before(at, 24);
        let emergencies: BTreeSet<_> = self
            .of_actor
            .iter()
            .chain(&self.of_requester)
            .filter(|request| request.break_glass)
            .map(|request| &request.id)
            .collect();
        let age = case
            .opened_at
            .map(|opened| at.duration_since(opened).as_hours() / 24);
        let denied = self.denied(filing, case, at);
        History {
            crossed: crossed(&self.of_case, &self.of_subject, filing, day_ago),
            minutes_in_24h: minutes_granted(&self.of_subject, filing.actor, day_ago),
            case_age_days: age.and_then(|days| u32::try_from(days).ok()),
            emergencies_in_30_days: u32::try_from(emergencies.len()).unwrap_or(u32::MAX),
            earlier_decider: denied.map(|(by, _)| by.clone()),
        }
    }

    /// Who denied the same request within 24 hours, and why.
    fn denied(
        &self,
        filing: &Filing<'_>,
        case: &Case,
        at: Timestamp,
    ) -> Option<(&PrincipalId, &String)> {
        let day_ago = hours_before(at, 24);
        self.of_subject.iter().find_map(|request| {
            let is_refiled = request.case.reference == case.reference
                && (is_by(request, filing.requester) || is_by(request, filing.actor));
            match &request.state {
                RequestState::Denied { by, reason, at } if is_refiled && *at >= day_ago => {
                    Some((by, reason))
                }
                _ => None,
            }
        })
    }
}

impl Control {
    /// Looks back from a filing.
    ///
    /// # Errors
    /// `recorder-unavailable` when the store gives no answer.
    pub(crate) async fn before(
        &self,
        filing: &Filing<'_>,
        reason: &Reason,
        case: &Case,
        subject: &SubjectId,
        at: Timestamp,
    ) -> Result<Before, Refusal> {
        let earlier = self
            .earlier(filing, &case.reference.to_string(), subject, at)
            .await?;
        let mut warnings = Vec::new();
        if let Some((by, reason)) = earlier.denied(filing, case, at) {
            warnings.push(format!("denied within the last 24 hours by {by}: {reason}"));
        }
        warnings.extend(reused(&earlier.of_requester, reason, case));
        let (on_case, about_subject) = (earlier.of_case.len(), earlier.of_subject.len());
        Ok(Before {
            history: earlier.history(filing, case, at),
            warnings,
            nothing_since: vec![
                no_more("case", case.reference.to_string(), on_case),
                no_more("subject", subject.to_string(), about_subject),
            ],
        })
    }

    /// The requests that a filing stands beside.
    pub(crate) async fn earlier(
        &self,
        filing: &Filing<'_>,
        case: &str,
        subject: &SubjectId,
        at: Timestamp,
    ) -> Result<Earlier, Refusal> {
        let (ever, month_ago) = (Timestamp::MIN, hours_before(at, 24 * 30));
        let (requester, actor) = (filing.requester.as_str(), filing.actor.as_str());
        Ok(Earlier {
            of_case: self.requests_with("case", case, ever).await?,
            of_subject: self
                .requests_with("subject", subject.as_str(), ever)
                .await?,
            of_actor: self.requests_with("actor", actor, month_ago).await?,
            of_requester: self
                .requests_with("requester", requester, month_ago)
                .await?,
        })
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

    /// Refuses what is beyond a person's limits; otherwise the guard that keeps what is filed at the same moment
    /// within them too.
    pub(crate) async fn within_budgets(
        &self,
        requester: &PrincipalId,
        actor: &PrincipalId,
        subject: &SubjectId,
        at: Timestamp,
    ) -> Result<Guard, Refusal> {
        let day_ago = hours_before(at, 24);
        let recent = self.requests_with("actor", actor.as_str(), day_ago).await?;
        let mut subjects: BTreeSet<&SubjectId> =
            recent.iter().map(|request| &request.subject).collect();
        subjects.insert(subject);
        let most = self.settings().budgets.subjects_per_day;
        if subjects.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            let detail = format!("`{actor}` asked for {most} subjects within 24 hours already");
            return Err(Denial::BudgetSpent.because(detail));
        }
        let open = self
            .requests_with("open-requester", requester.as_str(), Timestamp::MIN)
            .await?;
        let most = self.settings().budgets.open_requests;
        if open.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            let detail = format!("`{requester}` has {most} open requests already");
            return Err(Denial::TooManyOpen.because(detail));
        }
        Ok(no_more("open-requester", requester.to_string(), open.len()))
    }
}

/// The guard that no request with this key was filed since so many were seen.
fn no_more(key: &'static str, value: String, seen: usize) -> Guard {
    Guard::AtMost {
        kind: "request",
        key,
        value,
        most: u64::try_from(seen).unwrap_or(u64::MAX),
    }
}

/// Other applications of the case ever, and of the subject in 24 hours, whoever the actor (R08).
fn crossed(
    of_case: &[Request],
    of_subject: &[Request],
    filing: &Filing<'_>,
    day_ago: Timestamp,
) -> BTreeSet<ApplicationId> {
    let came_to_nothing = |request: &&Request| {
        matches!(
            request.state,
            RequestState::Denied { .. }
                | RequestState::Withdrawn { .. }
                | RequestState::Lapsed { .. }
        )
    };
    let counts_a_day = |request: &&Request| match request.state {
        RequestState::Ended { at, .. } => at >= day_ago,
        _ => !came_to_nothing(request),
    };
    let on_case = of_case.iter().filter(|it| !came_to_nothing(it));
    on_case
        .chain(of_subject.iter().filter(counts_a_day))
        .flat_map(|request| request.scope.applications())
        .filter(|id| !filing.scope.0.contains_key(*id))
        .cloned()
        .collect()
}

/// Minutes that this actor may still use as the subject, uses, or used until less than 24 hours ago (R04).
fn minutes_granted(of_subject: &[Request], actor: &PrincipalId, day_ago: Timestamp) -> u32 {
    let is_granted = |request: &&Request| match request.state {
        RequestState::Approved { .. } | RequestState::Activated { .. } => true,
        RequestState::Ended { at, .. } => at >= day_ago,
        _ => false,
    };
    of_subject
        .iter()
        .filter(|request| request.actor == *actor)
        .filter(is_granted)
        .map(|request| request.duration.0)
        .fold(0, u32::saturating_add)
}

/// Words that served for another case within a month are no refusal, and something to see.
fn reused(of_requester: &[Request], reason: &Reason, case: &Case) -> Option<String> {
    let earlier = of_requester.iter().find(|request| {
        request.case.reference != case.reference && request.reason.repeats(reason)
    })?;
    let day = earlier.filed_at.strftime("%Y-%m-%d");
    let case = &earlier.case.reference;
    Some(format!("the same reason was given for {case} on {day}"))
}

fn is_by(request: &Request, person: &PrincipalId) -> bool {
    request.requester == *person || request.actor == *person
}

fn hours_before(at: Timestamp, hours: i64) -> Timestamp {
    at.saturating_sub(SignedDuration::from_hours(hours))
        .unwrap_or(at)
}
