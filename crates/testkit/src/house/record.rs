//! What stands on the record.

use locum_control::ports::Store as _;
use locum_domain::{Denial, Event, Recorded, Refusal, Stream};
use locum_record::Entry;

use super::House;

/// One refusal, as the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub by: String,
    pub act: String,
    pub denial: Denial,
}

impl House {
    /// Everything that was recorded, in order.
    pub async fn history(&self) -> Vec<Recorded> {
        let mut history = Vec::new();
        loop {
            let from = u64::try_from(history.len()).unwrap();
            let rows = self.store.rows(from, 1_000).await.unwrap();
            if rows.is_empty() {
                return history;
            }
            for row in rows {
                let entry = Entry::parse(&row.entry).unwrap();
                let event = row.payload().event().unwrap();
                history.push(Recorded {
                    position: row.position,
                    stream: row.stream,
                    at: entry.at(),
                    event: serde_json::from_slice(&event).unwrap(),
                });
            }
        }
    }

    /// The kinds of everything that was recorded about one thing, in order.
    pub async fn kinds(&self, stream: &Stream) -> Vec<&'static str> {
        let history = self.history().await;
        let about = history.iter().filter(|it| it.stream == *stream);
        about.map(|it| it.event.kind()).collect()
    }

    /// Every refusal of a known principal, in order.
    pub async fn refusals(&self) -> Vec<Refused> {
        let refused = |recorded: Recorded| match recorded.event {
            Event::Refused {
                by, act, refusal, ..
            } => Some(Refused {
                by: by.to_string(),
                act,
                denial: refusal.denial,
            }),
            _ => None,
        };
        let history = self.history().await;
        history.into_iter().filter_map(refused).collect()
    }

    /// Asserts that `by` was refused `act` with this code, and that it is the newest refusal on the record.
    pub async fn assert_refused<T>(
        &self,
        outcome: Result<T, Refusal>,
        by: &str,
        act: &str,
        denial: Denial,
    ) -> Refusal {
        let refusal = match outcome {
            Ok(_) => panic!("{act} by {by} went through and should be {}", denial.code()),
            Err(refusal) => refusal,
        };
        assert_eq!(refusal.denial, denial, "{act} by {by}: {refusal}");
        let newest = self.refusals().await.pop();
        let wanted = Refused {
            by: by.to_owned(),
            act: act.to_owned(),
            denial,
        };
        assert_eq!(newest, Some(wanted), "the refusal is not on the record");
        refusal
    }
}
