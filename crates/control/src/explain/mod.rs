//! Explain: which policies decided, which facts they read, and what would have to change; as it was decided, and as
//! it stands now. Nobody is told more by an explanation than they may see without one.

mod answer;
mod in_session;
mod judged;
mod people;
mod recorded;
mod refusals;
mod then;
mod today;
mod withheld;

use locum_domain::{PrincipalId, Recorded, Refusal, Request, RequestId, Stream};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ledger::open_row;

pub use locum_policy::{ExplainedRule, Fact, Rule};

pub use in_session::{RefusedUse, explain_session};
pub use judged::{Judged, Verdict};
pub use people::{MayDecide, Seat};
pub use recorded::Decided;
pub use refusals::{ExplainedRefusal, explain_own_refusals, explain_refusal};
pub use today::Today;

/// Everything there is to say about how a request was and would be decided.
#[derive(Debug, Clone)]
pub struct Explanation {
    pub request: Request,
    /// What is to be known first, a sentence each.
    pub answer: Vec<String>,
    /// What the reader can do next.
    pub next: Vec<String>,
    /// What was decided, in the order of the ledger.
    pub decided: Vec<Decided>,
    /// The same questions put again, to the catalog and policies of today.
    pub today: Today,
    /// Where today's answers are others than those that were recorded.
    pub differences: Vec<String>,
}

/// Explains a request to somebody who may see it; `also` is one more person of whom is said whether they may decide.
/// An auditor's look is on the record.
///
/// # Errors
/// `not-found` for what is not there or not for the caller's eyes, `also` included; `clock-untrusted`.
pub async fn explain_request(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    also: Option<&PrincipalId>,
) -> Result<Explanation, Refusal> {
    let (request, _) = control.visible_request(caller, id).await?;
    if let Some(person) = also {
        control.may_be_told_of(caller, &request, person)?;
    }
    let stream = Stream::Request(id.clone());
    let what = format!("{id}, explained");
    control.looked(caller, &stream, &what).await?;
    let at = control.now()?;
    let events = control.recorded_of(&stream).await?;
    let decided = control.decided(caller, &request, &events).await?;
    let today = control.today(caller, &request, &events, also, at).await?;
    let differences = answer::differences(&request, &decided, &today);
    Ok(Explanation {
        answer: answer::answer(&request, &today, &decided),
        next: answer::next(caller, &request, &today),
        request,
        decided,
        today,
        differences,
    })
}

impl Control {
    /// What the ledger holds of one stream, in order.
    async fn recorded_of(&self, stream: &Stream) -> Result<Vec<Recorded>, Refusal> {
        let rows = self
            .ports
            .store
            .history(stream)
            .await
            .map_err(unavailable)?;
        let events: Result<Vec<Recorded>, _> = rows.iter().map(open_row).collect();
        events.map_err(unavailable)
    }
}
