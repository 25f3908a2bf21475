//! Preview: what a request would get. It files nothing, and is recorded like a request.

use locum_domain::{Denial, Event, Happened, Refusal, Request, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::ports::Proposal;
use crate::prepare::Asked;

/// The request as it would be filed, or the refusal it would get.
///
/// # Errors
/// The same refusals as filing, on the record; `budget-spent` for whoever previews without end.
pub async fn preview(
    control: &Control,
    caller: &Caller,
    asked: &Asked,
) -> Result<Request, Refusal> {
    let about = &Stream::Principal(caller.principal.clone());
    let shown = &std::sync::Mutex::new(None);
    control
        .attempt(caller, "preview", about, |at| async move {
            let prepared = control.prepare(caller, asked, None, at).await?;
            if !control.meters.previews.take(&caller.principal, at) {
                let detail = "you previewed as often within an hour as anybody may";
                return Err(Denial::BudgetSpent.because(detail));
            }
            let steps = &prepared.request.route.steps;
            let answer = serde_json::json!({
                "applications": prepared.request.scope,
                "route": steps.iter().map(|step| step.authority.as_str()).collect::<Vec<_>>(),
            });
            let event = Event::RequestPreviewed {
                by: caller.principal.clone(),
                case: asked.case.clone(),
                at,
                answer,
            };
            *shown
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(prepared.request);
            let events = vec![Happened {
                stream: about.clone(),
                at,
                event,
            }];
            Ok(Proposal {
                events,
                ..Proposal::default()
            })
        })
        .await?;
    let shown = shown
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .take();
    shown.ok_or_else(|| Denial::Conflict.because("nothing was previewed"))
}
