//! How a house is made, opened, shut and opened again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use locum_catalog::settings::Witnesses;
use locum_control::ledger::CommitListener;
use locum_control::ports::{CaseSystem, CaseSystems, DataPlane};
use locum_control::witnessing::WitnessSettings;
use locum_control::{Budgets, Control, ControlSettings, Ports, StartError};
use locum_store_sqlite::SqliteStore;
use locum_tlog::LedgerKey;
use ring::rand::SystemRandom;
use tempfile::TempDir;

use super::files::{Configured, Files, ORIGIN, TIME_ZONE};
use super::store::store_options;
use super::{
    FakeClock, FakeDataPlane, FakeDesk, FakeJournal, FakeKeyRing, FakeSubjects, FaultyStore, House,
    SeededEntropy, desk,
};

/// A Monday, ten o'clock in the morning where the people work.
const MONDAY: &str = "2026-08-03T08:00:00Z";
pub(super) const LEDGER_SEED: [u8; 32] = [7; 32];

/// What is different about a house.
#[derive(Clone)]
pub struct HouseBuilder {
    files: Files,
    seed: u64,
    ledger_seed: [u8; 32],
    opens_at: Timestamp,
    issuer: String,
    budgets: Budgets,
    is_production: bool,
    is_signature_demanded: bool,
    has_founders: bool,
    is_on_disk: bool,
    plane: Option<Arc<dyn DataPlane>>,
    cases: CaseSystems,
    listeners: Vec<Arc<dyn CommitListener>>,
    witnesses: Option<Witnesses>,
}

impl Default for HouseBuilder {
    fn default() -> Self {
        Self {
            files: Files::default(),
            seed: 1,
            ledger_seed: LEDGER_SEED,
            opens_at: MONDAY.parse().unwrap(),
            issuer: "http://localhost:8470".to_owned(),
            budgets: Budgets {
                open_requests: 5,
                live_sessions: 2,
                subjects_per_day: 25,
            },
            is_production: false,
            is_signature_demanded: false,
            has_founders: false,
            is_on_disk: false,
            plane: None,
            cases: BTreeMap::new(),
            listeners: Vec::new(),
            witnesses: None,
        }
    }
}

impl HouseBuilder {
    /// Changes the operator's files.
    pub fn files(mut self, change: impl FnOnce(&mut Files)) -> Self {
        change(&mut self.files);
        self
    }

    /// Draws other ids, nonces and salts.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Opens at another time.
    pub fn opens_at(mut self, at: Timestamp) -> Self {
        self.opens_at = at;
        self
    }

    /// Signs the ledger with another key.
    pub fn ledger_seed(mut self, seed: [u8; 32]) -> Self {
        self.ledger_seed = seed;
        self
    }

    /// Issues grants and assertions under another address.
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.issuer = issuer.to_owned();
        self
    }

    /// Other limits per person.
    pub fn budgets(mut self, budgets: Budgets) -> Self {
        self.budgets = budgets;
        self
    }

    /// Has the ledger cosigned.
    pub fn witnesses(mut self, witnesses: Witnesses) -> Self {
        self.witnesses = Some(witnesses);
        self
    }

    /// A production server.
    pub fn production(mut self) -> Self {
        self.is_production = true;
        self
    }

    /// Every approval needs its approver's signature.
    pub fn signature_demanded(mut self) -> Self {
        self.is_signature_demanded = true;
        self
    }

    /// The configuration names two founders: [`FOUNDERS`](super::FOUNDERS).
    pub fn founders(mut self) -> Self {
        self.has_founders = true;
        self
    }

    /// Keeps the store in a file, so that it can be tampered with and outlives a restart.
    pub fn on_disk(mut self) -> Self {
        self.is_on_disk = true;
        self
    }

    /// Another enforcement point than the one that only remembers.
    pub fn plane(mut self, plane: Arc<dyn DataPlane>) -> Self {
        self.plane = Some(plane);
        self
    }

    /// One more case system beside the desk, or another one in its place.
    pub fn case_system(mut self, name: &str, system: Arc<dyn CaseSystem>) -> Self {
        self.cases.insert(name.to_owned(), system);
        self
    }

    /// Somebody who learns of every commit.
    pub fn listener(mut self, listener: Arc<dyn CommitListener>) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Opens the house for the first time.
    pub async fn open(self) -> House {
        let folder = self
            .is_on_disk
            .then(|| Arc::new(tempfile::tempdir().unwrap()));
        let clock = Arc::new(FakeClock::at(self.opens_at));
        let around = Around {
            store: None,
            desk: Arc::new(FakeDesk::new()),
            subjects: Arc::new(FakeSubjects::default()),
            journal: Arc::new(FakeJournal::default()),
            key_ring: Arc::new(FakeKeyRing::default()),
            clock,
            folder,
        };
        around.open(self).await.unwrap()
    }
}

/// What outlives a restart.
struct Around {
    /// A store in memory lives on; one on disk is opened again.
    store: Option<Arc<FaultyStore>>,
    desk: Arc<FakeDesk>,
    subjects: Arc<FakeSubjects>,
    journal: Arc<FakeJournal>,
    key_ring: Arc<FakeKeyRing>,
    clock: Arc<FakeClock>,
    folder: Option<Arc<TempDir>>,
}

impl Around {
    async fn open(self, builder: HouseBuilder) -> Result<House, StartError> {
        let store = self.store.unwrap_or_else(|| {
            let path = self
                .folder
                .as_ref()
                .map(|folder| folder.path().join("locum.db"));
            let inner = match &path {
                Some(path) => SqliteStore::open(path, store_options(path)),
                None => SqliteStore::in_memory(),
            };
            Arc::new(FaultyStore::new(inner.unwrap(), path))
        });
        let plane = Arc::new(FakeDataPlane::default());
        let remembering: Arc<dyn DataPlane> = Arc::clone(&plane) as Arc<dyn DataPlane>;
        let mut cases: CaseSystems = BTreeMap::new();
        cases.insert(
            desk::NAME.to_owned(),
            Arc::clone(&self.desk) as Arc<dyn CaseSystem>,
        );
        cases.extend(builder.cases.clone());
        let size = locum_control::ports::Store::size(&*store).await?;
        let ports = Ports {
            store: Arc::clone(&store) as _,
            journal: Arc::clone(&self.journal) as _,
            cases,
            subjects: Arc::clone(&self.subjects) as _,
            clock: Arc::clone(&self.clock) as _,
            // After a restart other bytes than before it.
            entropy: Arc::new(SeededEntropy::new(builder.seed.wrapping_add(size << 32))),
            data_plane: builder.plane.clone().unwrap_or(remembering),
            key_ring: Arc::clone(&self.key_ring) as _,
        };
        let settings = ControlSettings {
            overdue_reviews: locum_catalog::settings::OverdueReviews::Block,
            issuer: builder.issuer.clone(),
            is_production: builder.is_production,
            signature_demanded: builder.is_signature_demanded,
            time_zone: TimeZone::get(TIME_ZONE).unwrap(),
            budgets: builder.budgets,
            witnesses: WitnessSettings::read(builder.witnesses.as_ref()).unwrap(),
        };
        let proposed = builder.files.bundle(&Configured {
            budgets: builder.budgets,
            is_production: builder.is_production,
            is_signed: builder.is_signature_demanded,
            has_founders: builder.has_founders,
            witnesses: builder.witnesses.clone(),
        });
        let control = Control::open(
            ports,
            settings,
            &proposed,
            Arc::new(LedgerKey::from_seed(ORIGIN, &builder.ledger_seed).unwrap()),
            Arc::new(SystemRandom::new()),
            builder.listeners.clone(),
        )
        .await?;
        Ok(House {
            control,
            store,
            desk: self.desk,
            subjects: self.subjects,
            journal: self.journal,
            key_ring: self.key_ring,
            plane,
            clock: self.clock,
            builder,
            folder: self.folder,
            is_verified: AtomicBool::new(false),
        })
    }
}

/// A house whose process has ended. What lay on disk or at the desk is still there.
pub struct Shut {
    around: Around,
    builder: HouseBuilder,
    database: Option<PathBuf>,
}

impl House {
    /// Ends the process: what was in memory is gone.
    pub async fn shut(self) -> Shut {
        self.is_verified
            .store(true, std::sync::atomic::Ordering::SeqCst);
        let is_on_disk = self.folder.is_some();
        let held: Weak<FaultyStore> = Arc::downgrade(&self.store);
        let around = Around {
            store: (!is_on_disk).then(|| Arc::clone(&self.store)),
            desk: Arc::clone(&self.desk),
            subjects: Arc::clone(&self.subjects),
            journal: Arc::clone(&self.journal),
            key_ring: Arc::clone(&self.key_ring),
            clock: Arc::clone(&self.clock),
            folder: self.folder.clone(),
        };
        let builder = self.builder.clone();
        let database = self.store.path().map(ToOwned::to_owned);
        drop(self);
        let left = usize::from(!is_on_disk);
        for _ in 0..500 {
            if held.strong_count() == left {
                return Shut {
                    around,
                    builder,
                    database,
                };
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("somebody still holds the store: drop every clone of the control room first");
    }
}

impl Shut {
    /// The database file of a house on disk.
    pub fn database(&self) -> PathBuf {
        self.database
            .clone()
            .expect("a house in memory has no file")
    }

    /// Starts again with something different about it.
    pub fn changed(mut self, change: impl FnOnce(HouseBuilder) -> HouseBuilder) -> Self {
        self.builder = change(self.builder);
        self
    }

    /// Starts again.
    ///
    /// # Errors
    /// When the control room does not open.
    pub async fn reopen(self) -> Result<House, StartError> {
        self.around.open(self.builder).await
    }
}
