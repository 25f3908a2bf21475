//! `TestLocum`: the real control room over the real store, with fakes around it that have faults, and a harness
//! that re-verifies the world when a test is done with it.
//!
//! ```text
//! let house = House::new().await;
//! let request = house.filed("alice@corp.example", &house.asked()).await;
//! let request = house.approved(&request).await;
//! house.desk.close("7");
//! let refusal = house.activate("alice@corp.example", &request.id).await.unwrap_err();
//! house.verify().await;
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod authenticator;
mod builder;
mod clock;
mod desk;
mod entropy;
mod files;
mod gate;
mod journal;
mod key_ring;
mod plane;
mod record;
mod signing;
mod store;
mod story;
mod subjects;
mod verify;
mod witnesses;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use locum_control::{Caller, Control, Door};
use tempfile::TempDir;

pub use authenticator::{PAGES, RP_ID, SoftAuthenticator};
pub use builder::{HouseBuilder, Shut};
pub use clock::FakeClock;
pub use desk::FakeDesk;
pub use entropy::SeededEntropy;
pub use files::Files;
pub use gate::{Gate, Held};
pub use journal::FakeJournal;
pub use key_ring::FakeKeyRing;
pub use plane::{FakeDataPlane, PlaneCall};
pub use record::Refused;
pub use signing::FOUNDERS;
pub use store::FaultyStore;
pub use subjects::FakeSubjects;
pub use witnesses::{RealWitnesses, ledger};

/// The control room, and everything around it within a test's reach.
pub struct House {
    pub control: Control,
    pub store: Arc<FaultyStore>,
    pub desk: Arc<FakeDesk>,
    pub subjects: Arc<FakeSubjects>,
    pub journal: Arc<FakeJournal>,
    pub key_ring: Arc<FakeKeyRing>,
    /// Records what the control room told it, unless the test brought an enforcement point of its own.
    pub plane: Arc<FakeDataPlane>,
    pub clock: Arc<FakeClock>,
    builder: HouseBuilder,
    folder: Option<Arc<TempDir>>,
    is_verified: AtomicBool,
}

impl House {
    /// A house as the files in [`Files::default`] describe it, in memory, on a Monday morning.
    pub async fn new() -> Self {
        Self::builder().open().await
    }

    /// A house with something different about it.
    pub fn builder() -> HouseBuilder {
        HouseBuilder::default()
    }

    /// Somebody, through the API.
    pub fn caller(&self, id: &str) -> Caller {
        self.caller_at(id, Door::Api)
    }

    /// Somebody, through this door.
    pub fn caller_at(&self, id: &str, door: Door) -> Caller {
        Caller::new(id.parse().unwrap(), door)
    }

    /// The database file of a house on disk.
    pub fn database(&self) -> &Path {
        self.store.path().expect("a house in memory has no file")
    }
}
