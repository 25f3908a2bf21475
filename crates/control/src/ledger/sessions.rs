//! When a session began and ended, by the ledger's own entries and not by the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use locum_domain::{
    Aggregate, ApplicationId, Event, EventId, Recorded, Refusal, RequestId, Session, SessionId,
    Stream, Timestamp,
};
use locum_record::Entry;
use locum_tlog::{Tree, VerifierKey, leaf_hash, verify_checkpoint};

use super::head::History;
use super::verified::{open_row, read_history};
use crate::control::{Control, unavailable};
use crate::ports::{LedgerRow, Store, StoreError};

/// Rows read at a time.
const AT_ONCE: u32 = 1_024;

/// A commit is visible in the tables a moment before the ledger's head has it.
const MOMENT: Duration = Duration::from_millis(20);
const MOMENTS: u32 = 50;

/// What the ledger says of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOnRecord {
    pub event: EventId,
    pub applications: BTreeSet<ApplicationId>,
    pub started_at: Timestamp,
    /// `None` while it is live.
    pub ended_at: Option<Timestamp>,
}

/// Every session of a ledger, in memory.
pub type SessionsOnRecord = BTreeMap<SessionId, SessionOnRecord>;

impl SessionOnRecord {
    fn begun(session: &Session) -> Self {
        Self {
            event: session.event.clone(),
            applications: session.applications.keys().cloned().collect(),
            started_at: session.started_at,
            ended_at: None,
        }
    }
}

impl Control {
    /// What the ledger says of a session. The tables say where to look and are believed in nothing: both its start and
    /// the end of the request it stood on are shown to be in the tree. A row that somebody hid makes a session unknown
    /// or the answer fail, and lets none pass.
    ///
    /// # Errors
    /// `recorder-unavailable` when the store gives no answer, or tells of an end that the ledger does not hold.
    pub(crate) async fn session_on_record(
        &self,
        id: &SessionId,
    ) -> Result<Option<SessionOnRecord>, Refusal> {
        let stream = Stream::Session(id.clone());
        let said = self.store().load(&stream).await.map_err(unavailable)?;
        let Some(Aggregate::Session(said)) = said.state else {
            return Ok(None);
        };
        let head = self.head_over(&stream, said.activation).await;
        let is_live = !head.positions.is_empty();
        let begin = at(&head.tree, vec![said.activation]);
        let begun = read_history(self.store(), &begin, &stream)
            .await
            .map_err(unavailable)?;
        let Some(begun) = begun.ok().as_deref().and_then(begins) else {
            tracing::error!(session = %id, "the tables have a session that the ledger does not");
            return Ok(None);
        };
        let mut on_record = SessionOnRecord::begun(&begun);
        if !is_live {
            let end = self.end_on_record(&head.tree, &begun.request, id).await?;
            on_record.ended_at = Some(end);
        }
        Ok(Some(on_record))
    }

    /// The head, once it has this position.
    async fn head_over(&self, stream: &Stream, position: u64) -> History {
        for _ in 0..MOMENTS {
            let head = self.sequencer().history(stream);
            if head.tree.size() > position {
                return head;
            }
            tokio::time::sleep(MOMENT).await;
        }
        self.sequencer().history(stream)
    }

    /// A session's request ends in the same commit. Its stream is short, that of a session may be a million long.
    async fn end_on_record(
        &self,
        tree: &Tree,
        request: &RequestId,
        session: &SessionId,
    ) -> Result<Timestamp, Refusal> {
        let stream = Stream::Request(request.clone());
        let rows = self.store().history(&stream).await.map_err(unavailable)?;
        let within = rows.iter().map(|row| row.position);
        let positions = within.filter(|position| *position < tree.size()).collect();
        let events = read_history(self.store(), &at(tree, positions), &stream)
            .await
            .map_err(unavailable)?
            .map_err(unavailable)?;
        let end = events.iter().find_map(|recorded| match &recorded.event {
            Event::RequestEnded {
                session: of, at, ..
            } if of == session => Some(*at),
            _ => None,
        });
        end.ok_or_else(|| unavailable(format!("the end of {session} is not where it belongs")))
    }
}

fn at(tree: &Tree, positions: Vec<u64>) -> History {
    History {
        tree: tree.clone(),
        positions,
    }
}

fn begins(events: &[Recorded]) -> Option<Session> {
    match events {
        [
            Recorded {
                event: Event::SessionStarted { session },
                ..
            },
        ] => Some((**session).clone()),
        _ => None,
    }
}

/// Reads every session out of a whole ledger, which must have the root that its key signed. No server is asked.
///
/// # Errors
/// [`StoreError`] when the store gives no answer. Inside, a sentence that says what does not agree.
pub async fn sessions_on_record(
    store: &dyn Store,
    key: &VerifierKey,
) -> Result<Result<SessionsOnRecord, String>, StoreError> {
    let Some(note) = store.checkpoint().await? else {
        return Ok(Ok(SessionsOnRecord::new()));
    };
    let signed = match verify_checkpoint(&note, key) {
        Ok(signed) => signed,
        Err(error) => {
            let fault = format!("the checkpoint is not signed by the ledger's key: {error}");
            return Ok(Err(fault));
        }
    };
    let (mut tree, mut sessions) = (Tree::new(), SessionsOnRecord::new());
    while tree.size() < signed.size() {
        let left = u32::try_from(signed.size() - tree.size()).unwrap_or(u32::MAX);
        let rows = store.rows(tree.size(), left.min(AT_ONCE)).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.position != tree.size() {
                return Ok(Err(format!("entry {} is missing", tree.size())));
            }
            if let Err(fault) = take_in(&mut sessions, &row) {
                return Ok(Err(fault));
            }
            let _full = tree.append(leaf_hash(&row.entry));
        }
    }
    if tree.root() != signed.root() {
        let size = signed.size();
        let fault = format!("the {size} entries do not have the root that was signed");
        return Ok(Err(fault));
    }
    Ok(Ok(sessions))
}

fn take_in(sessions: &mut SessionsOnRecord, row: &LedgerRow) -> Result<(), String> {
    let entry = Entry::parse(&row.entry).map_err(|error| error.to_string())?;
    if !matches!(entry.kind(), "session-started" | "session-ended") {
        return Ok(());
    }
    match open_row(row).map_err(|fault| fault.to_string())?.event {
        Event::SessionStarted { session } => {
            sessions.insert(session.id.clone(), SessionOnRecord::begun(&session));
        }
        Event::SessionEnded { session, at, .. } => {
            if let Some(known) = sessions.get_mut(&session) {
                known.ended_at = Some(at);
            }
        }
        _ => {}
    }
    Ok(())
}
