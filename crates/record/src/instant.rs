//! The one spelling of a time in canonical bytes: RFC 3339, UTC, six fractional digits.
//!
//! `2026-11-24T22:00:21.000000Z`: always 27 characters between the years 0 and 9999, so that equal
//! times are equal bytes and sort as text. Finer digits are cut off, never rounded up: a record
//! must not say later than it was.
//!
//! For fields: `#[serde(with = "locum_record::instant")]`.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serializer};

static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));

/// A text is not a time in the canonical spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form `2026-11-24T22:00:21.000000Z`")]
pub struct InstantError;

/// Cuts a time to whole microseconds, as [`to_text`] writes it.
#[must_use]
pub fn truncate(at: Timestamp) -> Timestamp {
    // Towards zero never leaves the range of times, so the fallback is never taken.
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// Writes a time in the canonical spelling.
#[must_use]
pub fn to_text(at: Timestamp) -> String {
    PRINTER.timestamp_to_string(&truncate(at))
}

/// Reads the canonical spelling, and no other.
///
/// # Errors
/// [`InstantError`] for any other text.
pub fn parse(text: &str) -> Result<Timestamp, InstantError> {
    let at: Timestamp = text.parse().map_err(|_| InstantError)?;
    if to_text(at) == text {
        Ok(at)
    } else {
        Err(InstantError)
    }
}

/// Serialises in the canonical spelling.
///
/// # Errors
/// The serialiser's own.
pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(*at))
}

/// Deserialises the canonical spelling.
///
/// # Errors
/// When the text is not in the canonical spelling.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_six_digits_and_the_rest_is_cut_off() {
        let cases = [
            ("2026-11-24T22:00:21Z", "2026-11-24T22:00:21.000000Z"),
            (
                "2026-11-24T22:00:21.999999999Z",
                "2026-11-24T22:00:21.999999Z",
            ),
            ("2026-11-24T23:00:21.5+01:00", "2026-11-24T22:00:21.500000Z"),
        ];
        for (text, wanted) in cases {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(to_text(at), wanted);
            assert_eq!(parse(wanted), Ok(truncate(at)));
        }
    }

    #[test]
    fn a_second_spelling_of_a_time_is_refused() {
        for text in [
            "2026-11-24T22:00:21Z",
            "2026-11-24T22:00:21.5Z",
            "2026-11-24T22:00:21.000000000Z",
            "2026-11-24t22:00:21.000000z",
            "2026-11-24 22:00:21.000000Z",
            "2026-11-24T22:00:21.000000+00:00",
            "",
        ] {
            assert_eq!(parse(text), Err(InstantError), "{text}");
        }
    }
}
