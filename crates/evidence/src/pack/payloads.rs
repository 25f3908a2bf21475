//! The disclosed payloads as files: one line for each, those below one entry bundle together.

use std::collections::BTreeMap;

use locum_domain::Stream;
use locum_record::{Personal, PersonalValues, canonical, is_canonical};
use locum_tlog::Hash;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::source::bundle_of;
use super::{PackError, PackRow, layout};

/// One line: canonical JSON of body, position, salt in hexadecimal and stream. The body's canonical bytes
/// stand in it as they were committed to.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disclosed<Body, Named> {
    body: Body,
    /// What is left of personal values that were erased.
    #[serde(
        default,
        deserialize_with = "there",
        skip_serializing_if = "Option::is_none"
    )]
    erased: Option<Hash>,
    #[serde(
        default,
        deserialize_with = "there",
        skip_serializing_if = "Option::is_none"
    )]
    personal: Option<Apart>,
    position: u64,
    salt: Hash,
    stream: Named,
}

/// A member that stands in the line has a value: `null` is none.
fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Personal values by their places, and their salt.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Apart {
    salt: Hash,
    values: BTreeMap<String, String>,
}

impl Apart {
    fn of(known: &PersonalValues) -> Self {
        Self {
            salt: Hash::from_bytes(known.salt),
            values: known.values.clone(),
        }
    }

    fn into_values(self) -> PersonalValues {
        PersonalValues {
            salt: *self.salt.as_bytes(),
            values: self.values,
        }
    }
}

/// The lines of one bundle's rows.
pub(crate) fn encode(rows: &[PackRow]) -> Result<Vec<u8>, PackError> {
    let mut file = Vec::new();
    for row in rows {
        let (personal, erased) = match &row.personal {
            None => (None, None),
            Some(Personal::Known(known)) => (Some(Apart::of(known)), None),
            Some(Personal::Erased(digest)) => (None, Some(Hash::from_bytes(*digest))),
        };
        let body: Value =
            serde_json::from_slice(&row.body).map_err(|_| PackError::Body(row.position))?;
        let disclosed = Disclosed {
            body,
            erased,
            personal,
            position: row.position,
            salt: Hash::from_bytes(row.salt),
            stream: row.stream.clone(),
        };
        file.extend(canonical(&disclosed)?);
        file.push(b'\n');
    }
    Ok(file)
}

/// The disclosed payloads of one bundle.
pub(crate) enum Rows {
    AtHand(Vec<PackRow>),
    /// As they lie in their file.
    Written {
        bundle: u64,
        file: Vec<u8>,
    },
}

impl Rows {
    /// The payloads themselves, each in its one spelling.
    ///
    /// # Errors
    /// [`PackError`] when they are not those of this bundle in this form.
    pub(crate) fn read(self) -> Result<Vec<PackRow>, PackError> {
        let (bundle, file) = match self {
            Rows::AtHand(rows) => {
                let misspelt = rows.iter().find(|row| !is_canonical(&row.body));
                return match misspelt {
                    Some(row) => Err(PackError::Body(row.position)),
                    None => Ok(rows),
                };
            }
            Rows::Written { bundle, file } => (bundle, file),
        };
        let name = layout::payloads(bundle);
        let rows = decode(&name, &file)?;
        if rows.is_empty() || rows.iter().any(|row| bundle_of(row.position) != bundle) {
            return Err(PackError::Form(name));
        }
        Ok(rows)
    }
}

fn decode(name: &str, bytes: &[u8]) -> Result<Vec<PackRow>, PackError> {
    let mut rows = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let form = || PackError::Form(name.to_owned());
        let line = line.strip_suffix(b"\n").ok_or_else(form)?;
        let disclosed: Disclosed<&RawValue, &str> =
            serde_json::from_slice(line).map_err(|_| form())?;
        let stream: Stream = disclosed.stream.parse().map_err(|_| form())?;
        if !is_canonical(line) || stream.to_string() != disclosed.stream {
            return Err(PackError::Spelling(name.to_owned()));
        }
        let personal = match (disclosed.personal, disclosed.erased) {
            (None, None) => None,
            (Some(apart), None) => Some(Personal::Known(apart.into_values())),
            (None, Some(digest)) => Some(Personal::Erased(*digest.as_bytes())),
            (Some(_), Some(_)) => return Err(form()),
        };
        rows.push(PackRow {
            position: disclosed.position,
            stream,
            salt: *disclosed.salt.as_bytes(),
            body: disclosed.body.get().as_bytes().to_vec(),
            personal,
        });
    }
    Ok(rows)
}
