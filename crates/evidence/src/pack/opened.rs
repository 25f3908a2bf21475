//! A pack taken as true so far as its own key goes.

use std::collections::BTreeMap;

use locum_domain::access::{Admitted, Completed};
use locum_domain::{Event, Recorded};
use locum_record::{CanonicalError, ERASED, Entry, Payload, Personal, is_canonical, take_out};
use locum_tlog::{Checkpoint, VerifierKey, verify_checkpoint};
use serde::Deserialize as _;
use serde_json::Value;

use super::source::bundle_of;
use super::tiles::{Tiles, first_of};
use super::whole::Whole;
use super::{PackError, PackRow, Source};
use crate::examined::Examined;
use crate::story::{Telling, ToldWhole};
use crate::witnessed::Beginnings;

/// The checkpoint, what it covers, and what that says.
pub(crate) struct Opened {
    pub(crate) key: VerifierKey,
    /// The note, verbatim.
    pub(crate) note: String,
    pub(crate) checkpoint: Checkpoint,
    /// The story, and the events behind it that are no access records.
    pub(crate) told: ToldWhole,
    pub(crate) disclosed: Disclosed,
    /// Whether none of the event's entries before the last was left out.
    pub(crate) whole: Whole,
    /// How the session stood where a reviewer can have seen it.
    pub(crate) examined: Examined,
    /// What witnesses had signed when the session began.
    pub(crate) beginnings: Beginnings,
    pub(super) tiles: Tiles,
}

/// Which entries the pack discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disclosed {
    pub(crate) count: usize,
    /// The lowest and the highest position.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The highest of those whose personal values are not there.
    pub(crate) last_erased: Option<u64>,
    /// The bundles that they stand in, in ascending order.
    pub(crate) bundles: Vec<u64>,
}

/// Checks everything that the pack's own key can vouch for, one bundle after the other.
///
/// # Errors
/// [`PackError`] says what does not hold.
pub(crate) fn open(
    source: &mut impl Source,
    key: &VerifierKey,
    note: &str,
) -> Result<Opened, PackError> {
    let checkpoint = verify_checkpoint(note, key)?;
    let size = checkpoint.size();
    let bundles = source.bundles();
    if let Some(beyond) = bundles.iter().find(|bundle| first_of(**bundle) >= size) {
        let row = source.rows(*beyond)?.into_iter().next();
        let position = row.map_or_else(|| first_of(*beyond), |row| row.position);
        return Err(PackError::Beyond { position, size });
    }
    let mut tiles = Tiles::of(source, size, &bundles)?;
    tiles.check(checkpoint.root())?;
    let (mut telling, mut whole) = (Telling::default(), Whole::default());
    let mut examined = Examined::default();
    let (mut count, mut first, mut last, mut last_erased) = (0, None, 0, None);
    for bundle in &bundles {
        let entries = tiles.bundle(source, *bundle)?;
        for row in source.rows(*bundle)? {
            let position = row.position;
            let place = usize::try_from(position.wrapping_sub(first_of(*bundle)));
            let entry = place.ok().and_then(|place| entries.get(place));
            let (entry, leaf) = entry.ok_or(PackError::Beyond { position, size })?;
            if row.personal.as_ref().is_some_and(Personal::is_erased) {
                last_erased = Some(position);
            }
            let recorded = disclosed(row, entry)?;
            whole.hear(&recorded, entry, *leaf);
            examined.see(&recorded, *leaf);
            telling.hear(&recorded)?;
            count += 1;
            first.get_or_insert(position);
            last = position;
        }
    }
    let told = telling.end()?;
    let beginnings = Beginnings::open(&told.events, key, &checkpoint, source)?;
    let disclosed = Disclosed {
        count,
        first: first.unwrap_or_default(),
        last,
        last_erased,
        bundles,
    };
    tiles.keep_for_proofs(source, [bundle_of(disclosed.first), bundle_of(last)])?;
    Ok(Opened {
        key: key.clone(),
        note: note.to_owned(),
        checkpoint,
        told,
        disclosed,
        whole,
        examined,
        beginnings,
        tiles,
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
    if !is_canonical(&payload.body) {
        return Err(body());
    }
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
