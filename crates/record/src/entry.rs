//! The public half of an audit event: one leaf of the ledger.

use jiff::Timestamp;
use locum_tlog::Hash;
use serde::{Deserialize, Serialize};

use crate::canonical::CanonicalError;
use crate::event_place::EventPlace;
use crate::instant;

/// The only version of the form so far.
const VERSION: u8 = 1;

/// Bytes in the longest kind; far below what an entry bundle's length field can say.
const LONGEST_KIND: usize = 64;

/// One ledger entry: what happened and when, to which access event it belongs, and a commitment to the rest. It holds
/// no personal data, so it is public and outlives every erasure.
///
/// Canonical bytes: `{"at":"…","commitment":"…","kind":"hold-placed","v":1}`, and of an access event
/// `{"at":"…","commitment":"…","event":"evt_…","kind":"request-approved","nth":2,"previous":"…","v":1}`.
///
/// Whoever can append entries can claim any time in `at`; the ledger shows the order of entries,
/// and checkpoints signed by witnesses bound the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    kind: String,
    at: Timestamp,
    commitment: [u8; 32],
    place: Option<EventPlace>,
}

/// Why bytes are no entry, or parts make none.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// A kind is 1 to 64 lower-case letters, digits and single hyphens.
    #[error("`{0}` is no kind of event")]
    Kind(String),
    /// Not JSON of the entry's form.
    #[error("the entry is not of the form of a ledger entry")]
    Form(#[source] serde_json::Error),
    /// Of the form, but not in canonical bytes.
    #[error("the entry is not in canonical bytes")]
    NotCanonical,
    /// `event`, `nth` and `previous` do not fit each other.
    #[error("the entry does not say its place in its access event as entries do")]
    Place,
    /// A version that this program does not know.
    #[error("entry version {0} is unknown")]
    Version(u64),
    /// The entry cannot be written.
    #[error("the entry cannot be written canonically")]
    Canonical(#[from] CanonicalError),
}

/// In the order of the canonical form. Every text in it is plain ASCII, so that writing it member by member is
/// canonical already; this is done for every entry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(with = "instant")]
    at: Timestamp,
    commitment: Hash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Hash>,
    v: u64,
}

impl Entry {
    /// Makes an entry that belongs to no access event; `at` is cut to microseconds.
    ///
    /// # Errors
    /// [`EntryError::Kind`] when the kind is not lower-case words joined by hyphens.
    pub fn new(
        kind: impl Into<String>,
        at: Timestamp,
        commitment: [u8; 32],
    ) -> Result<Self, EntryError> {
        let kind = kind.into();
        if !is_kind(&kind) {
            return Err(EntryError::Kind(kind));
        }
        Ok(Self {
            kind,
            at: instant::truncate(at),
            commitment,
            place: None,
        })
    }

    /// The same entry at its place in an access event.
    #[must_use]
    pub fn placed(self, place: Option<EventPlace>) -> Self {
        Self { place, ..self }
    }

    /// What happened, as one word: `request-filed`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// When, in whole microseconds.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The commitment to the payload.
    #[must_use]
    pub const fn commitment(&self) -> &[u8; 32] {
        &self.commitment
    }

    /// Where it stands in its access event, if it belongs to one.
    #[must_use]
    pub const fn place(&self) -> Option<EventPlace> {
        self.place
    }

    /// The canonical bytes: what the leaf hash is over.
    ///
    /// # Errors
    /// [`EntryError::Canonical`]; no entry that exists is known to cause it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        let form = Form {
            at: self.at,
            commitment: Hash::from_bytes(self.commitment),
            event: self.place.map(|place| place.id()),
            kind: self.kind.clone(),
            nth: self.place.map(|place| place.nth()),
            previous: self.place.and_then(|place| place.previous()),
            v: u64::from(VERSION),
        };
        Ok(serde_json::to_vec(&form).map_err(CanonicalError::from)?)
    }

    /// Reads canonical bytes, and nothing that merely means the same.
    ///
    /// # Errors
    /// [`EntryError`] says what is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let form: Form = serde_json::from_slice(bytes).map_err(EntryError::Form)?;
        if form.v != u64::from(VERSION) {
            return Err(EntryError::Version(form.v));
        }
        let place = EventPlace::of(form.event.as_deref(), form.nth, form.previous)
            .map_err(|()| EntryError::Place)?;
        let entry = Self::new(form.kind, form.at, *form.commitment.as_bytes())?.placed(place);
        if entry.to_bytes()? != bytes {
            return Err(EntryError::NotCanonical);
        }
        Ok(entry)
    }
}

fn is_kind(kind: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    kind.len() <= LONGEST_KIND && kind.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::is_canonical;

    const BYTES: &str = "{\"at\":\"2026-11-24T22:00:21.123456Z\",\"commitment\":\
        \"0101010101010101010101010101010101010101010101010101010101010101\",\
        \"kind\":\"request-filed\",\"v\":1}";

    #[test]
    fn an_entry_has_one_form_in_bytes() {
        let at = "2026-11-24T22:00:21.123456789Z".parse().unwrap();
        let entry = Entry::new("request-filed", at, [1; 32]).unwrap();
        assert_eq!(entry.to_bytes().unwrap(), BYTES.as_bytes());
        assert_eq!(Entry::parse(BYTES.as_bytes()).unwrap(), entry);
    }

    #[test]
    fn r24_an_entry_of_an_access_event_says_its_place_in_it() {
        let at = "2026-11-24T22:00:21.123456Z".parse().unwrap();
        let entry = || Entry::new("request-filed", at, [1; 32]).unwrap();
        let first = entry().placed(Some(EventPlace::first([2; 16])));
        let id = "evt_02020202020202020202020202020202";
        let bytes = BYTES
            .replace("\"kind\"", &format!("\"event\":\"{id}\",\"kind\""))
            .replace("\"v\"", "\"nth\":1,\"v\"");
        assert_eq!(first.to_bytes().unwrap(), bytes.as_bytes());
        assert_eq!(Entry::parse(bytes.as_bytes()).unwrap(), first);

        let place = EventPlace::later([2; 16], 2, Hash::from_bytes([3; 32]));
        let second = entry().placed(place);
        let previous = format!("\"nth\":2,\"previous\":\"{}\"", "03".repeat(32));
        let bytes = bytes.replace("\"nth\":1", &previous);
        assert_eq!(second.to_bytes().unwrap(), bytes.as_bytes());
        assert!(is_canonical(bytes.as_bytes()));
        assert_eq!(Entry::parse(bytes.as_bytes()).unwrap(), second);
        for (old, new) in [
            ("\"nth\":2", "\"nth\":1"),
            ("\"nth\":2,", ""),
            ("\"nth\":2", "\"nth\":null"),
            ("evt_", "req_"),
            ("evt_02", "evt_0A"),
            (id, ""),
        ] {
            let other = bytes.replace(old, new);
            assert!(Entry::parse(other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn what_merely_means_the_same_is_refused() {
        let cases = [
            BYTES.replace(",\"v\"", ", \"v\""),
            BYTES.replace("\"v\":1", "\"v\":1.0"),
            BYTES.replace("\"v\":1", "\"v\":2"),
            BYTES.replace("\"v\":1", "\"v\":1,\"w\":1"),
            BYTES.replace("\"v\":1", "\"v\":1,\"v\":1"),
            BYTES.replace("request", "re\\u0071uest"),
            BYTES.replace("123456Z", "12345Z"),
            BYTES.replace("0101", "0A01"),
            format!("{BYTES} "),
            String::new(),
        ];
        for bytes in cases {
            assert!(Entry::parse(bytes.as_bytes()).is_err(), "{bytes}");
        }
    }

    #[test]
    fn a_kind_is_lower_case_words_joined_by_hyphens() {
        let at = Timestamp::UNIX_EPOCH;
        for kind in ["a", "session-ended", "tier2-review"] {
            assert!(Entry::new(kind, at, [0; 32]).is_ok(), "{kind}");
        }
        let long = "a".repeat(65);
        for kind in ["", "-a", "a-", "a--b", "A", "a_b", "ä", &long] {
            assert!(Entry::new(kind, at, [0; 32]).is_err(), "{kind}");
        }
    }
}
