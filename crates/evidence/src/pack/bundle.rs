//! One bundle of entries with the payloads that are disclosed below it, opened by itself: many are at once.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

use locum_domain::access::{Admitted, Completed};
use locum_domain::{Event, Recorded};
use locum_record::{CanonicalError, ERASED, Entry, Payload, Personal, take_out};
use locum_tlog::Hash;
use serde::Deserialize as _;
use serde_json::Value;

use super::tiles::{Tiles, first_of};
use super::{PackError, PackRow, Rows, Source};

/// A bundle as its source holds it.
pub(super) struct Bundle {
    index: u64,
    entries: Vec<u8>,
    rows: Rows,
}

/// A disclosed payload and its entry, both as the ledger committed to them.
pub(super) struct Disclosure {
    pub(super) recorded: Recorded,
    pub(super) entry: Entry,
    pub(super) leaf: Hash,
    /// Whether its personal values are gone.
    pub(super) is_erased: bool,
}

impl Bundle {
    pub(super) fn read(
        source: &mut impl Source,
        tiles: &Tiles,
        index: u64,
    ) -> Result<Self, PackError> {
        let (_, entries) = tiles.read(source, index)?;
        let rows = source.rows(index)?;
        Ok(Self {
            index,
            entries,
            rows,
        })
    }

    /// What it discloses, in ledger order.
    pub(super) fn open(self, tiles: &Tiles) -> Result<Vec<Disclosure>, PackError> {
        let size = tiles.size();
        let entries = tiles.entries(self.index, &self.entries)?;
        let open = |row: PackRow| {
            let position = row.position;
            let place = usize::try_from(position.wrapping_sub(first_of(self.index)));
            let entry = place.ok().and_then(|place| entries.get(place));
            let (entry, leaf) = entry.ok_or(PackError::Beyond { position, size })?;
            Ok(Disclosure {
                is_erased: row.personal.as_ref().is_some_and(Personal::is_erased),
                recorded: disclosed(row, entry)?,
                entry: entry.clone(),
                leaf: *leaf,
            })
        };
        self.rows.read()?.into_iter().map(open).collect()
    }
}

/// Does this to each of them on all processors, and answers in their order.
pub(super) fn in_parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = items.len().div_ceil(processors).max(1);
    let mut items = items.into_iter();
    let shares = std::iter::from_fn(|| {
        let share: Vec<T> = items.by_ref().take(share).collect();
        (!share.is_empty()).then_some(share)
    });
    let work = &work;
    thread::scope(|scope| {
        let workers: Vec<_> = shares
            .map(|share| scope.spawn(move || share.into_iter().map(work).collect::<Vec<R>>()))
            .collect();
        let done = workers.into_iter().map(|worker| worker.join());
        done.flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

/// The event that an entry commits to and its payload discloses.
fn disclosed(row: PackRow, entry: &Entry) -> Result<Recorded, PackError> {
    let position = row.position;
    let payload = Payload {
        salt: row.salt,
        body: row.body,
        personal: row.personal,
    };
    if !payload.opens(entry) {
        return Err(PackError::Payload(position));
    }
    let body = || PackError::Body(position);
    let value = payload.value().map_err(|_| body())?;
    let event = event_of(&value).map_err(|_| body())?;
    let mut again = serde_json::to_value(&event).map_err(CanonicalError::from)?;
    if again != value || event.kind() != entry.kind() {
        return Err(body());
    }
    let values = take_out(&mut again, event.personal(&row.stream));
    if !keeps_apart(&values, payload.personal.as_ref()) {
        return Err(PackError::Personal(position));
    }
    Ok(Recorded {
        position,
        stream: row.stream,
        at: entry.at(),
        event,
    })
}

/// Whether values that are there say that they are gone: of what is erased less can be checked. Nobody is called so,
/// no nonce is that, and a finding is longer.
fn feigns(values: &BTreeMap<String, String>) -> bool {
    let told = [
        "/request/subject",
        "/request/nonce",
        "/session/subject",
        "/completion/note",
    ];
    told.iter()
        .any(|place| values.get(*place).is_some_and(|value| value == ERASED))
}

/// Whether just these personal values of an event were kept apart, or erased.
fn keeps_apart(values: &BTreeMap<String, String>, apart: Option<&Personal>) -> bool {
    match apart {
        None => values.is_empty(),
        Some(Personal::Known(known)) => *values == known.values && !feigns(values),
        Some(Personal::Erased(_)) => {
            !values.is_empty() && values.values().all(|value| value == ERASED)
        }
    }
}

/// The event that a value says. Access records come by the million, and are read without the detour by which an event
/// is told from the others.
fn event_of(value: &Value) -> Result<Event, serde_json::Error> {
    match value.get("type").and_then(Value::as_str) {
        Some("access-admitted") => Admitted::deserialize(value).map(Event::AccessAdmitted),
        Some("access-completed") => Completed::deserialize(value).map(Event::AccessCompleted),
        _ => Event::deserialize(value),
    }
}
