//! Extend: a new request, linked to the old one, that would lengthen its live session once.

use locum_domain::{Denial, Minutes, Refusal, Request, RequestId, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::prepare::Asked;

/// Files the extension. It takes the same route as any request.
///
/// # Errors
/// `lapsed` when no session of the request is live, `duration-too-long` beyond its first length,
/// `already-decided` when it was lengthened before, and every code of filing.
pub async fn extend(
    control: &Control,
    caller: &Caller,
    id: &RequestId,
    duration: Minutes,
    reason: &str,
) -> Result<Request, Refusal> {
    let events = control
        .attempt(
            caller,
            "extend",
            &Stream::Request(id.clone()),
            |at| async move {
                let (request, _) = control.visible_request(caller, id).await?;
                if request.actor != caller.principal && request.requester != caller.principal {
                    return Err(Denial::NotEligible.because("only requester and actor lengthen"));
                }
                let session = request.session().ok_or_else(|| {
                    Denial::Lapsed.because("the request has no session to lengthen")
                })?;
                let (running, _) = control.existing_session(session).await?;
                running.extend(id, duration, Vec::new(), at)?;
                let applications = request
                    .scope
                    .0
                    .iter()
                    .map(|(application, operations)| {
                        (application.clone(), operations.iter().cloned().collect())
                    })
                    .collect();
                let asked = Asked {
                    case: request.case.reference.clone(),
                    reason: reason.to_owned(),
                    subject: Some(request.subject.clone()),
                    applications,
                    duration,
                    break_glass: request.break_glass,
                    actor: Some(request.actor.clone()),
                };
                let prepared = control.prepare(caller, &asked, Some(&running), at).await?;
                control.filing(prepared, at).await
            },
        )
        .await?;
    control.filed(&events).await
}
