//! The house's control room: ports, the sequencer, and what is in force.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::tz::TimeZone;
use locum_catalog::Bundle;
use locum_catalog::settings::{Governed, OverdueReviews, SignatureRule};
use locum_domain::{
    Denial, EventId, GrantId, HoldId, Refusal, RequestId, ReviewId, SessionId, Timestamp,
};
use locum_tlog::LedgerKey;
use locum_token::{JwkSet, SigningKey};
use ring::rand::SecureRandom;

use crate::catalog_for::TrimmedCatalogs;
use crate::facts::RulesOnRecord;
use crate::governance::{self, Applying, InForce};
use crate::ids::uuid_v7;
use crate::ledger::{CommitListener, Sequencer, SequencerError, Start};
use crate::meter::Meters;
use crate::ports::{
    CaseSystems, Clock, DataPlane, Entropy, Journal, KeyRing, Store, StoreError, SubjectDirectory,
    grant_verifiers,
};
use crate::recorder_found::RecorderFindings;
use crate::unrecorded::Unrecorded;
use crate::witnessing::{WitnessSettings, Witnessing};

/// Everything outside that the use cases need.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub journal: Arc<dyn Journal>,
    pub cases: CaseSystems,
    pub subjects: Arc<dyn SubjectDirectory>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub data_plane: Arc<dyn DataPlane>,
    pub key_ring: Arc<dyn KeyRing>,
}

/// Limits per person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    pub open_requests: u32,
    pub live_sessions: u32,
    pub subjects_per_day: u32,
}

/// What the operator configured, as far as use cases depend on it.
#[derive(Debug, Clone)]
pub struct ControlSettings {
    /// The issuer of grants and assertions: `public_url` without a trailing slash.
    pub issuer: String,
    pub is_production: bool,
    pub signature_demanded: bool,
    pub overdue_reviews: OverdueReviews,
    pub time_zone: TimeZone,
    pub budgets: Budgets,
    pub witnesses: WitnessSettings,
}

impl ControlSettings {
    /// The same with what was applied where the files on the disk say something else: a security setting counts
    /// only as recorded.
    pub(crate) fn governed_by(&self, governed: &Governed) -> Result<Self, StartError> {
        let time_zone = TimeZone::get(&governed.time_zone)
            .map_err(|error| StartError::Governance(error.to_string()))?;
        Ok(Self {
            signature_demanded: governed.approvals_signature == SignatureRule::Required,
            overdue_reviews: governed.overdue_reviews,
            time_zone,
            budgets: Budgets {
                open_requests: governed.budgets.open_requests,
                live_sessions: governed.budgets.live_sessions,
                subjects_per_day: governed.budgets.subjects_per_day,
            },
            witnesses: WitnessSettings::read(governed.witnesses.as_ref())
                .map_err(|error| StartError::Governance(error.to_string()))?,
            ..self.clone()
        })
    }
}

/// The control room.
#[derive(Clone)]
pub struct Control {
    pub(crate) ports: Ports,
    pub(crate) sequencer: Sequencer,
    pub(crate) in_force: Arc<ArcSwap<InForce>>,
    pub(crate) applying: Arc<Applying>,
    /// The digest of the files that lay on the disk at the start.
    pub(crate) on_disk: Arc<str>,
    pub(crate) random: Arc<dyn SecureRandom + Send + Sync>,
    pub(crate) meters: Arc<Meters>,
    /// Ends that were ordered while nothing could be recorded.
    pub(crate) unrecorded: Arc<Unrecorded>,
    pub(crate) trimmed_catalogs: Arc<TrimmedCatalogs>,
    pub(crate) witnessing: Arc<Witnessing>,
    pub(crate) recorder_findings: RecorderFindings,
    pub(crate) rules_on_record: Arc<RulesOnRecord>,
    ledger_key: Arc<LedgerKey>,
}

/// Why the control room cannot open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the ledger cannot be taken up")]
    Ledger(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("what was recorded cannot be put in force: {0}")]
    Governance(String),
    #[error("what a restore ends cannot be ended: {0}")]
    Restored(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the clock cannot be trusted: {0}")]
    Clock(#[from] crate::ports::ClockUntrusted),
}

impl Control {
    /// Opens the control room: takes the ledger up, records the founding or compares the files with what is
    /// in force, and gives the data plane its routes and live sessions.
    ///
    /// # Errors
    /// When the ledger and its signed checkpoint disagree, or what was recorded cannot be put in force.
    pub async fn open(
        ports: Ports,
        settings: ControlSettings,
        proposed: &Bundle,
        ledger_key: Arc<LedgerKey>,
        random: Arc<dyn SecureRandom + Send + Sync>,
        mut listeners: Vec<Arc<dyn CommitListener>>,
    ) -> Result<Self, StartError> {
        listeners.push(Arc::new(DataPlaneFeed(Arc::clone(&ports.data_plane))));
        let applying: Arc<Applying> = Arc::default();
        listeners.push(Arc::clone(&applying) as Arc<dyn CommitListener>);
        let rules_on_record: Arc<RulesOnRecord> = Arc::default();
        listeners.push(Arc::clone(&rules_on_record) as Arc<dyn CommitListener>);
        let start = Start {
            store: Arc::clone(&ports.store),
            journal: Arc::clone(&ports.journal),
            key: Arc::clone(&ledger_key),
            clock: Arc::clone(&ports.clock),
            entropy: Arc::clone(&ports.entropy),
            listeners,
        };
        let sequencer = Sequencer::start(start)
            .await
            .map_err(|error| StartError::Ledger(error.into()))?;
        let in_force =
            governance::found_or_compare(&ports, &sequencer, &settings, proposed).await?;
        ports
            .data_plane
            .install(&in_force.catalog)
            .map_err(StartError::Governance)?;
        // The founding is in force already.
        applying.all_in_force();
        let control = Self {
            ports,
            sequencer,
            in_force: Arc::new(ArcSwap::from_pointee(in_force)),
            applying,
            on_disk: proposed.digest().into(),
            random,
            meters: Arc::default(),
            unrecorded: Arc::default(),
            trimmed_catalogs: Arc::default(),
            witnessing: Arc::default(),
            recorder_findings: Arc::default(),
            rules_on_record,
            ledger_key,
        };
        control.begin_founding().await?;
        control
            .settle_restoration()
            .await
            .map_err(|refusal| StartError::Restored(refusal.detail))?;
        control.begin_live_sessions().await?;
        Ok(control)
    }

    /// Gives the data plane what the ledger says is live. A session that only the tables know, or know otherwise,
    /// does not begin.
    async fn begin_live_sessions(&self) -> Result<(), StartError> {
        for seen in self.live_sessions(&[]).await? {
            let session = self.verified_session(&seen.id).await;
            let request = self.verified_request(&seen.request).await;
            match (session, request) {
                (Ok(session), Ok(request)) if request.session() == Some(&session.id) => {
                    self.ports.data_plane.begin(&session);
                }
                _ => {
                    tracing::error!(session = %seen.id, "the tables have a session that the ledger does not")
                }
            }
        }
        Ok(())
    }

    /// The catalog and policies that count now.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.load_full()
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<ControlSettings> {
        Arc::clone(&self.in_force.load().settings)
    }

    /// The sequencer, for whoever follows the feed.
    pub fn sequencer(&self) -> &Sequencer {
        &self.sequencer
    }

    /// The store, for whoever reads the ledger.
    pub fn store(&self) -> &dyn Store {
        &*self.ports.store
    }

    /// The enforcement points.
    pub fn data_plane(&self) -> &dyn DataPlane {
        &*self.ports.data_plane
    }

    /// Whether records can be made durable now.
    pub fn is_recording(&self) -> bool {
        self.ports.journal.is_available()
    }

    /// The ledger's verifier key.
    pub fn ledger_verifier(&self) -> &locum_tlog::VerifierKey {
        self.ledger_key.verifier_key()
    }

    /// The keys by which a grant may be verified at this moment.
    pub fn grant_verifiers(&self, now: Timestamp) -> JwkSet {
        grant_verifiers(&*self.ports.key_ring, now)
    }

    /// The key that signs access tokens.
    pub fn access_token_key(&self) -> Arc<SigningKey> {
        self.ports.key_ring.access_token_key()
    }

    /// The time, or a refusal.
    ///
    /// # Errors
    /// `clock-untrusted`.
    pub fn now(&self) -> Result<Timestamp, Refusal> {
        let now = self.ports.clock.now();
        now.map(locum_record::instant::truncate)
            .map_err(|untrusted| Denial::ClockUntrusted.because(untrusted.to_string()))
    }

    /// The time at which access is taken away: also while the clock cannot be believed, and then that of the
    /// last entry, below which time never falls.
    pub fn time_to_end(&self) -> Timestamp {
        let now = self.ports.clock.now();
        locum_record::instant::truncate(now.unwrap_or_else(|untrusted| untrusted.last))
    }

    pub(crate) fn id(&self, at: Timestamp) -> [u8; 16] {
        uuid_v7(at, &*self.ports.entropy)
    }
    pub(crate) fn request_id(&self, at: Timestamp) -> RequestId {
        RequestId::from_bytes(self.id(at))
    }
    pub(crate) fn event_id(&self, at: Timestamp) -> EventId {
        EventId::from_bytes(self.id(at))
    }
    pub(crate) fn grant_id(&self, at: Timestamp) -> GrantId {
        GrantId::from_bytes(self.id(at))
    }
    pub(crate) fn session_id(&self, at: Timestamp) -> SessionId {
        SessionId::from_bytes(self.id(at))
    }
    pub(crate) fn review_id(&self, at: Timestamp) -> ReviewId {
        ReviewId::from_bytes(self.id(at))
    }
    pub(crate) fn hold_id(&self, at: Timestamp) -> HoldId {
        HoldId::from_bytes(self.id(at))
    }
}

/// Nothing could be decided because the store or the sequencer gave no answer.
pub(crate) fn unavailable(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "refused because nothing can be recorded");
    Denial::RecorderUnavailable.because("nothing can be recorded at the moment")
}

impl From<SequencerError> for StartError {
    fn from(error: SequencerError) -> Self {
        StartError::Ledger(error.into())
    }
}

/// Keeps the enforcement points' memory in step with the ledger.
struct DataPlaneFeed(Arc<dyn DataPlane>);

impl CommitListener for DataPlaneFeed {
    fn committed(&self, events: &[locum_domain::Recorded]) {
        use locum_domain::Event;
        for recorded in events {
            match &recorded.event {
                Event::SessionStarted { session } => {
                    let activation = recorded.position;
                    self.0.begin(&locum_domain::Session {
                        activation,
                        ..(**session).clone()
                    });
                }
                Event::SessionExtended {
                    session, end_by, ..
                } => self.0.extend(session, *end_by),
                Event::SessionEnded {
                    session,
                    because,
                    at,
                    ..
                } => {
                    let cut = self.0.end(session, *because, *at);
                    tracing::info!(%session, because = because.as_str(), in_flight = cut.in_flight, "session ended");
                }
                _ => {}
            }
        }
    }
}
