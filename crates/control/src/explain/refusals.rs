//! Refusals that filed nothing, explained from the record: by their place in the ledger, or one's own last ones.

use locum_domain::{Denial, Event, Recorded, Refusal, Stream, Timestamp};
use locum_policy::Rule;

use super::in_session::RefusedUse;
use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ledger::open_row;
use crate::read::{self, RequestFilter};

/// How many of somebody's newest requests are looked through for refusals.
const REQUESTS: u32 = 20;

/// One recorded refusal.
#[derive(Debug, Clone)]
pub struct ExplainedRefusal {
    pub position: u64,
    pub at: Timestamp,
    pub by: locum_domain::PrincipalId,
    /// What was refused: `file`, `approve`…
    pub act: String,
    /// What it was about: the request or session, or the person's own asking.
    pub about: Stream,
    pub refusal: Refusal,
    /// The rule as it said then; what it read stands with the refusal.
    pub rule: Option<Rule>,
    /// What was wanted in a session, where it was there.
    pub used: Option<RefusedUse>,
}

/// The refusal at this place in the ledger.
///
/// # Errors
/// `not-found` where no refusal stands, or none that the caller may see.
pub async fn explain_refusal(
    control: &Control,
    caller: &Caller,
    position: u64,
) -> Result<ExplainedRefusal, Refusal> {
    let none = || Denial::NotFound.because("no refusal of yours stands there");
    let rows = control.ports.store.rows(position, 1).await;
    let row = rows.map_err(unavailable)?.into_iter().next();
    let row = row
        .filter(|row| row.position == position)
        .ok_or_else(none)?;
    let recorded = open_row(&row).map_err(unavailable)?;
    let is_own = matches!(&recorded.event, Event::Refused { by, .. } if *by == caller.principal);
    if !is_own && !control.may_see_stream(caller, &recorded.stream).await? {
        return Err(none());
    }
    let explained = control
        .explained(caller, &recorded)
        .await?
        .ok_or_else(none)?;
    let what = format!("the refusal at {position}, explained");
    control.looked(caller, &recorded.stream, &what).await?;
    Ok(explained)
}

/// The caller's own refusals, the newest first: those that filed nothing, and those in requests they have a part in.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn explain_own_refusals(
    control: &Control,
    caller: &Caller,
    most: usize,
) -> Result<Vec<ExplainedRefusal>, Refusal> {
    let who = &caller.principal;
    let mut streams = vec![Stream::Principal(who.clone())];
    let part = [
        RequestFilter {
            requester: Some(who.clone()),
            ..RequestFilter::default()
        },
        RequestFilter {
            approver: Some(who.clone()),
            ..RequestFilter::default()
        },
    ];
    for filter in part {
        let listed = read::requests(control, caller, &filter, None, REQUESTS).await?;
        for request in listed.items {
            let stream = Stream::Request(request.id);
            if !streams.contains(&stream) {
                streams.push(stream);
            }
        }
    }
    let mut refusals: Vec<Recorded> = Vec::new();
    for stream in &streams {
        let events = control.recorded_of(stream).await?.into_iter();
        let is_own = |it: &Recorded| matches!(&it.event, Event::Refused { by, .. } if by == who);
        refusals.extend(events.filter(is_own));
    }
    refusals.sort_by_key(|it| std::cmp::Reverse(it.position));
    let mut explained = Vec::new();
    for recorded in refusals.iter().take(most) {
        explained.extend(control.explained(caller, recorded).await?);
    }
    Ok(explained)
}

impl Control {
    async fn explained(
        &self,
        caller: &Caller,
        recorded: &Recorded,
    ) -> Result<Option<ExplainedRefusal>, Refusal> {
        let (by, act, refusal, used) = match &recorded.event {
            Event::Refused {
                by, act, refusal, ..
            } => (by.clone(), act.clone(), refusal.clone(), None),
            Event::AccessRefused(refused) => {
                let used = self.refused_use(caller, recorded.position, refused).await?;
                let refusal = used.denial.because(&used.because);
                (used.actor.clone(), "use".to_owned(), refusal, Some(used))
            }
            _ => return Ok(None),
        };
        let rule = match &refusal.rule {
            Some(rule) => self
                .in_force_before(recorded.position)
                .await?
                .policies
                .rule(rule),
            None => None,
        };
        Ok(Some(ExplainedRefusal {
            position: recorded.position,
            at: recorded.at,
            by,
            act,
            about: recorded.stream.clone(),
            refusal,
            rule,
            used,
        }))
    }
}
