//! A sealer without keys or tree: it writes entries of the real form and remembers what it was asked.

use std::sync::{Arc, Mutex, PoisonError};

use locum_control::ports::{FullTile, LedgerRow, Sealed, Sealer};
use locum_domain::Happened;
use locum_record::Payload;
use sha2::{Digest, Sha256};

/// Entries under one tile, and bytes of one full tile.
const TILE_WIDTH: u64 = 256;
const TILE_BYTES: usize = 8_192;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealing {
    pub from: u64,
    /// The public kinds of the events, in the order they came.
    pub kinds: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Fault {
    #[default]
    None,
    Refuses,
    LosesTheLast,
}

/// A sealer whose clones share what they remember.
#[derive(Debug, Clone, Default)]
pub struct TestSealer {
    fault: Fault,
    sealings: Arc<Mutex<Vec<Sealing>>>,
}

impl TestSealer {
    /// One that seals.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that always fails.
    pub fn that_refuses() -> Self {
        Self {
            fault: Fault::Refuses,
            ..Self::default()
        }
    }

    /// One that seals one row too few.
    pub fn that_loses_the_last() -> Self {
        Self {
            fault: Fault::LosesTheLast,
            ..Self::default()
        }
    }

    /// As the store takes it.
    pub fn boxed(&self) -> Box<dyn Sealer> {
        Box::new(self.clone())
    }

    /// What it was asked so far.
    pub fn sealings(&self) -> Vec<Sealing> {
        self.sealings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The checkpoint it writes over `size` entries.
    pub fn checkpoint(size: u64) -> String {
        format!("ledger of a test\n{size}\n")
    }
}

impl Sealer for TestSealer {
    fn seal(&mut self, from: u64, events: &[Happened]) -> Result<Sealed, String> {
        self.sealings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Sealing {
                from,
                kinds: events.iter().map(|it| it.event.kind()).collect(),
            });
        if self.fault == Fault::Refuses {
            return Err("the test's sealer refuses".to_owned());
        }
        let mut rows = Vec::new();
        let mut tiles = Vec::new();
        let mut size = from;
        for event in events {
            rows.push(row(size, event)?);
            size += 1;
            if size.is_multiple_of(TILE_WIDTH) {
                tiles.push(FullTile {
                    level: 0,
                    index: size / TILE_WIDTH - 1,
                    bytes: vec![7; TILE_BYTES],
                });
            }
        }
        if self.fault == Fault::LosesTheLast {
            rows.pop();
        }
        Ok(Sealed {
            rows,
            tiles,
            checkpoint: Self::checkpoint(size),
        })
    }
}

fn row(position: u64, happened: &Happened) -> Result<LedgerRow, String> {
    let salt: [u8; 32] = Sha256::digest(position.to_be_bytes()).into();
    let places = happened.event.personal(&happened.stream);
    let payload = Payload::of(&happened.event, places, salt, || salt.map(|byte| !byte))
        .map_err(|error| error.to_string())?;
    let commitment = payload.commitment().map_err(|error| error.to_string())?;
    let entry = serde_json::json!({
        "at": happened.at,
        "commitment": hex::encode(commitment),
        "kind": happened.event.kind(),
        "v": 1,
    });
    Ok(LedgerRow {
        position,
        entry: entry.to_string().into_bytes(),
        stream: happened.stream.clone(),
        salt,
        body: payload.body,
        personal: payload.personal,
    })
}
