//! File: one actor asks to act as one subject in listed applications for one case and one reason.

use locum_domain::{Event, Happened, Refusal, Request, RequestId, Stream, Timestamp};

use crate::caller::Caller;
use crate::control::Control;
use crate::ports::{Guard, Proposal};
use crate::prepare::{Asked, Prepared};
use crate::reminders::told_of_emergency;

/// Files a request.
///
/// # Errors
/// Every code of the contract's filing order; each is on the record.
pub async fn file_request(
    control: &Control,
    caller: &Caller,
    asked: &Asked,
) -> Result<Request, Refusal> {
    let about = &Stream::Principal(caller.principal.clone());
    let events = control
        .attempt(caller, "file", about, |at| async move {
            let prepared = control.prepare(caller, asked, None, at).await?;
            control.filing(prepared, at).await
        })
        .await?;
    control.filed(&events).await
}

impl Control {
    /// The proposal that files what was prepared.
    ///
    /// # Errors
    /// `recorder-unavailable` when the store gives no answer.
    pub(crate) async fn filing(
        &self,
        prepared: Prepared,
        at: Timestamp,
    ) -> Result<Proposal, Refusal> {
        let Prepared {
            request,
            in_force,
            facts,
            unheld,
            nothing_since,
        } = prepared;
        let mut guards = vec![Guard::Version {
            stream: Stream::Governance,
            version: in_force.version,
        }];
        guards.extend(unheld);
        guards.extend(nothing_since);
        let id = request.id.clone();
        let stream = Stream::Request(id.clone());
        let told = told_of_emergency(&request, &in_force, at);
        let filed = Event::RequestFiled {
            request: Box::new(request),
        };
        let happened = |event| Happened {
            stream: stream.clone(),
            at,
            event,
        };
        let proposal = Proposal {
            guards,
            events: [filed].into_iter().chain(told).map(happened).collect(),
            outbox: Vec::new(),
        };
        self.with_facts(proposal, &in_force, &id, facts, at).await
    }

    /// The request that these events filed.
    pub(crate) async fn filed(
        &self,
        events: &[locum_domain::Recorded],
    ) -> Result<Request, Refusal> {
        let filed = events.iter().find_map(|recorded| match &recorded.event {
            Event::RequestFiled { request } => Some(request.id.clone()),
            _ => None,
        });
        self.request_or_not_found(filed.as_ref()).await
    }

    async fn request_or_not_found(&self, id: Option<&RequestId>) -> Result<Request, Refusal> {
        let missing = || locum_domain::Denial::NotFound.because("no such request");
        let id = id.ok_or_else(missing)?;
        self.request(id)
            .await?
            .map(|(request, _)| request)
            .ok_or_else(missing)
    }
}
