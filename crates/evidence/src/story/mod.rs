//! The access event: who asked, who approved and on what grounds, what was touched, when and why it ended.

mod about;
mod crossing;
mod findings;
mod request;
mod session;
mod timeline;
mod told;
mod work;

use locum_domain::{Event, EventId, Recorded, RequestId};

use crate::examined::AfterEnd;

use about::About;
pub(crate) use request::signed_by;
pub use told::*;
use work::{Gaps, Work};

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
    let mut telling = Telling::default();
    for recorded in events {
        telling.hear(recorded)?;
    }
    Ok(telling.end()?.story)
}

/// A story that is told while its events pass by in ledger order. Access records are counted and not kept, so that
/// a session of a million requests needs no more room than one of a hundred.
#[derive(Default)]
pub(crate) struct Telling {
    last: Option<u64>,
    events: Vec<Recorded>,
    work: Work,
    after_end: AfterEnd,
}

/// The story, and the events behind it without the access records.
pub(crate) struct ToldWhole {
    pub(crate) story: AccessEvent,
    pub(crate) events: Vec<Recorded>,
}

impl Telling {
    /// Takes the next event in.
    ///
    /// # Errors
    /// [`StoryError`] when its place or its stream is wrong.
    pub(crate) fn hear(&mut self, recorded: &Recorded) -> Result<(), StoryError> {
        if self.last.is_some_and(|last| last >= recorded.position) {
            return Err(StoryError::Order(recorded.position));
        }
        if !recorded.event.is_about(&recorded.stream) {
            return Err(StoryError::OtherStream(recorded.position));
        }
        self.last = Some(recorded.position);
        self.after_end.hear(recorded);
        if !self.work.hear(recorded) {
            self.events.push(recorded.clone());
        }
        Ok(())
    }

    /// Tells what was heard.
    ///
    /// # Errors
    /// [`StoryError`] when the events do not all belong to one access event, or its filing is not among them.
    pub(crate) fn end(self) -> Result<ToldWhole, StoryError> {
        let Self {
            events,
            work,
            after_end,
            ..
        } = self;
        let about = About::of(&events, work.first())?;
        let strangers = events.iter().filter(|recorded| !about.covers(recorded));
        let strangers = strangers.map(|stranger| stranger.position);
        if let Some(first) = strangers.chain(work.stray(about.session)).min() {
            return Err(StoryError::OtherEvent(first));
        }
        let mut story = request::tell(&about, &events)?;
        session::tell(&mut story, &about, &events);
        let gaps = Gaps::of(&work, after_end, &story);
        work.tell(&mut story);
        story.timeline = timeline::tell(&story, &events);
        story.findings = findings::find(&story, &events, &gaps);
        Ok(ToldWhole { story, events })
    }
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

impl Line {
    /// Where and when the ledger says this.
    pub(crate) fn of(recorded: &Recorded) -> Self {
        Self {
            position: recorded.position,
            at: locum_record::instant::truncate(recorded.at),
        }
    }
}
