//! The event feed: every position of the ledger in order, whole or in outline.

use locum_domain::{Event, Recorded, Refusal, Stream, Timestamp};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ledger::open_row;
use crate::sight;

/// What a look at the feed is called on the record, before the positions.
const FEED: &str = "events ";

/// One item of the feed.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedItem {
    Whole(Box<Recorded>),
    /// Not for this caller's eyes: only what the public entry shows.
    Outline {
        position: u64,
        at: Timestamp,
        kind: &'static str,
    },
}

/// The feed after a position: gap-free for those who see everything; others see only kinds and times of what is
/// not theirs to read. An auditor's look at a page is on the record once.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer, a row is not what was recorded, or the look cannot be
/// recorded.
pub async fn feed(
    control: &Control,
    caller: &Caller,
    after: Option<u64>,
    limit: u32,
) -> Result<Vec<FeedItem>, Refusal> {
    let from = after.map_or(0, |after| after.saturating_add(1));
    let rows = control
        .ports
        .store
        .rows(from, limit.clamp(1, 1_000))
        .await
        .map_err(unavailable)?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let recorded = open_row(&row).map_err(unavailable)?;
        let is_visible = control.may_see_stream(caller, &recorded.stream).await?
            && control.may_see_facts(caller, &recorded.event);
        items.push(if is_visible {
            FeedItem::Whole(Box::new(recorded))
        } else {
            FeedItem::outline(&recorded)
        });
    }
    control.looked_at(caller, &items).await?;
    Ok(items)
}

impl FeedItem {
    fn outline(recorded: &Recorded) -> Self {
        FeedItem::Outline {
            position: recorded.position,
            at: recorded.at,
            kind: recorded.event.kind(),
        }
    }
}

impl Control {
    /// Records that an auditor saw this page. Whoever follows the feed sees the looks at it as well; a page of
    /// nothing but looks at the feed, or of the auditor's own, is recorded by what it shows: else the followers
    /// would wake themselves and each other for ever.
    async fn looked_at(&self, caller: &Caller, items: &[FeedItem]) -> Result<(), Refusal> {
        let shown = || {
            items.iter().filter_map(|item| match item {
                FeedItem::Whole(recorded) => Some(&**recorded),
                FeedItem::Outline { .. } => None,
            })
        };
        let is_echo = |recorded: &Recorded| match &recorded.event {
            Event::EvidenceRead { by, what, .. } => {
                *by == caller.principal || what.starts_with(FEED)
            }
            _ => false,
        };
        let (Some(first), Some(last)) = (shown().next(), shown().next_back()) else {
            return Ok(());
        };
        if shown().all(is_echo) {
            return Ok(());
        }
        let about = Stream::Principal(caller.principal.clone());
        let what = format!("{FEED}{} to {}", first.position, last.position);
        self.looked(caller, &about, &what).await
    }

    /// What a decision read tells of colleagues: their roles, employers and accounts. Whoever sees a request need not.
    fn may_see_facts(&self, caller: &Caller, event: &Event) -> bool {
        let is_facts = matches!(event, Event::FactsRead { .. });
        !is_facts || sight::sees_every_word(&self.catalog_for(caller), &caller.principal)
    }

    pub(crate) async fn may_see_stream(
        &self,
        caller: &Caller,
        stream: &Stream,
    ) -> Result<bool, Refusal> {
        let catalog = self.catalog_for(caller);
        if sight::sees_all(&catalog, &caller.principal) {
            return Ok(true);
        }
        match stream {
            Stream::Principal(id) => Ok(*id == caller.principal),
            Stream::Governance
            | Stream::Case(_)
            | Stream::Doors
            | Stream::Witnesses
            | Stream::Rules
            | Stream::Restores => Ok(false),
            Stream::Request(_)
            | Stream::Session(_)
            | Stream::Review(_)
            | Stream::Hold(_)
            | Stream::Change(_)
            | Stream::Exception(_)
            | Stream::Erasure(_)
            | Stream::Delegations(_)
            | Stream::Absence(_)
            | Stream::Founding
            | Stream::Enrolment(_) => self.sees(caller, stream).await,
        }
    }
}
