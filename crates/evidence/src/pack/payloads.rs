//! The disclosed payloads as files: one line for each, those below one entry bundle together.

use std::collections::BTreeMap;

use locum_domain::Stream;
use locum_record::canonical;
use locum_tlog::{FULL_WIDTH, Hash};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PackError, PackRow, layout};

/// One line: canonical JSON of body, position, salt in hexadecimal and stream. The body's canonical bytes
/// stand in it as they were committed to.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disclosed {
    body: Value,
    position: u64,
    salt: Hash,
    stream: Stream,
}

pub(super) fn encode(rows: &[PackRow]) -> Result<BTreeMap<String, Vec<u8>>, PackError> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for row in rows {
        let disclosed = Disclosed {
            body: serde_json::from_slice(&row.body).map_err(|_| PackError::Body(row.position))?,
            position: row.position,
            salt: Hash::from_bytes(row.salt),
            stream: row.stream.clone(),
        };
        let file = files
            .entry(layout::payloads(row.position / u64::from(FULL_WIDTH)))
            .or_default();
        file.extend(canonical(&disclosed)?);
        file.push(b'\n');
    }
    Ok(files)
}

/// Reads all payloads in the order of their positions. A line in the wrong file or in another spelling shows
/// when they are written again.
pub(super) fn decode(files: &BTreeMap<&str, &[u8]>) -> Result<Vec<PackRow>, PackError> {
    let mut rows = Vec::new();
    for (name, bytes) in files
        .iter()
        .filter(|(name, _)| name.starts_with(layout::PAYLOADS))
    {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let form = || PackError::Form((*name).to_owned());
            let line = line.strip_suffix(b"\n").ok_or_else(form)?;
            let disclosed: Disclosed = serde_json::from_slice(line).map_err(|_| form())?;
            rows.push(PackRow {
                position: disclosed.position,
                stream: disclosed.stream,
                salt: *disclosed.salt.as_bytes(),
                body: canonical(&disclosed.body)?,
            });
        }
    }
    rows.sort_by_key(|row| row.position);
    Ok(rows)
}
