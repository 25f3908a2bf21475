//! The access event: who asked, who approved and on what grounds, what was touched, when and why it ended.

mod about;
mod findings;
mod request;
mod session;
mod timeline;
mod told;
mod work;

use locum_domain::{Event, EventId, Recorded, RequestId};

use about::About;
pub(crate) use request::signed_by;
pub use told::*;

/// Why events tell no story.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoryError {
    /// Every story begins with the filing of its request.
    #[error("no request is filed among the events")]
    NoRequest,
    /// Something happened before the request was filed.
    #[error("entry {0} stands before the filing")]
    BeforeFiling(u64),
    /// Positions are not in order, or one stands twice.
    #[error("entry {0} is out of order")]
    Order(u64),
    /// The event stands in the history of something that it is not about.
    #[error("entry {0} is not about the stream it stands in")]
    OtherStream(u64),
    /// The event belongs to another access event.
    #[error("entry {0} belongs to another access event")]
    OtherEvent(u64),
}

/// Tells the access event whose events these are: all of its request's, its session's, its extension's and
/// its review's, and of its case and of holds those that touched it, in ledger order.
///
/// # Errors
/// [`StoryError`] when the events do not all belong to one access event, or its filing is not among them.
pub fn story(events: &[Recorded]) -> Result<AccessEvent, StoryError> {
    in_order(events)?;
    let about = About::of(events)?;
    if let Some(stranger) = events.iter().find(|recorded| !about.covers(recorded)) {
        return Err(StoryError::OtherEvent(stranger.position));
    }
    let mut told = request::tell(&about, events)?;
    session::tell(&mut told, &about, events);
    work::tell(&mut told, events);
    told.timeline = timeline::tell(&told, events);
    told.findings = findings::find(&told, events);
    Ok(told)
}

/// The id of the access event that these events begin.
pub(crate) fn main_request(events: &[Recorded]) -> Option<(&EventId, &RequestId)> {
    events.iter().find_map(|recorded| match &recorded.event {
        Event::RequestFiled { request } if request.extends.is_none() => {
            Some((&request.event, &request.id))
        }
        _ => None,
    })
}

fn in_order(events: &[Recorded]) -> Result<(), StoryError> {
    let pairs = events.iter().zip(events.iter().skip(1));
    for (before, after) in pairs {
        if before.position >= after.position {
            return Err(StoryError::Order(after.position));
        }
    }
    match events
        .iter()
        .find(|recorded| !recorded.event.is_about(&recorded.stream))
    {
        Some(stray) => Err(StoryError::OtherStream(stray.position)),
        None => Ok(()),
    }
}

impl Line {
    /// Where and when the ledger says this.
    pub(crate) fn of(recorded: &Recorded) -> Self {
        Self {
            position: recorded.position,
            at: locum_record::instant::truncate(recorded.at),
        }
    }
}
