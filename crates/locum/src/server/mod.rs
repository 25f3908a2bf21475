//! One running Locum: every room opened in order, every listener bound before the first request is taken.

mod asked;
mod jobs;
mod listeners;
mod settings;
mod sound;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use locum_catalog::settings::{Environment, Store as StoreSettings, WITHOUT_SIGNATURES};
use locum_catalog::{Deployment, SecretError};
use locum_connectors::{Limits, Subjects, WebClient};
use locum_control::jobs::Jobs;
use locum_control::ledger::{CommitListener, restorations};
use locum_control::ports::{CaseSystems, Store};
use locum_control::rotate_key::settle_rotations;
use locum_control::strangers::Strangers;
use locum_control::{Control, Difference, Ports};
use locum_domain::Restoration;
use locum_gateway::{AssertionKeys, Gateway};
use locum_record::{Recorder, RecorderOptions};
use locum_store_sqlite::SqliteStore;
use ring::rand::SystemRandom;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::wiring::{
    ConnectorsError, EndOrdersToControl, FounderLinks, FounderSigned, FoundingDesk, FoundingError,
    GatewayPlane, KeyRing, KeysError, RecordKeys, RecorderJournal, Remembered, RememberedError,
    RetireRecordKeys, SignIn, StandingFile, SystemClock, SystemEntropy, case_systems, connections,
    epoch_of_note, journal_mark, keep_for_auditors, receivers, store_options,
};
use asked::none_knows_more;
pub(crate) use asked::{asked_briefly, witnesses_of};
use jobs::{record_strangers, remember, run_due_jobs, run_look_ups, witness};
use listeners::Listeners;
use settings::{control_settings, gateway_settings, read_secret};
use sound::{is_sound, unopened, unread};

/// The published checkpoint covers everything within two seconds, also while a witness hangs.
const WITNESS_LIMITS: Limits = Limits {
    connect: Duration::from_millis(500),
    total: Duration::from_secs(1),
    body_bytes: 64 * 1024,
};

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartFailure {
    #[error(transparent)]
    Store(#[from] locum_store_sqlite::OpenError),
    #[error("the store cannot be read")]
    Read(#[from] locum_control::ports::StoreError),
    #[error(
        "`{file}` is damaged: {found}. A page was torn or overwritten. Keep the folder as evidence, check the disk, and \
         restore the newest back-up: `locum restore FILE --config locum.toml --aside FOLDER`"
    )]
    Damaged { file: String, found: String },
    #[error("what the recorder lacks cannot be put on the record: {0}")]
    NotRecorded(String),
    #[error("the recorder cannot be opened")]
    Recorder(#[from] locum_record::OpenError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Remembered(#[from] RememberedError),
    #[error(transparent)]
    Connectors(#[from] ConnectorsError),
    #[error("the web client cannot be made")]
    Web(#[from] locum_connectors::SettingsError),
    #[error("the gateway cannot be made: no random bytes")]
    Gateway,
    #[error("a key rotation that broke off cannot be finished: {0}")]
    Rotation(String),
    #[error("the identity provider's secret cannot be read")]
    ClientSecret(#[source] SecretError),
    #[error(transparent)]
    Founding(#[from] FoundingError),
    #[error(transparent)]
    Control(#[from] locum_control::StartError),
    #[error("`{address}` cannot be listened on")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("`{0}` is no address to listen on")]
    Address(String),
    #[error("`[ledger] witnesses` does not read")]
    Witnesses(#[source] locum_tlog::TrustPolicyError),
    #[error("{0}")]
    Witnessed(String),
    #[error("the witnesses cannot be asked about the store")]
    Asked(#[source] locum_control::witnessing::RoundError),
    #[error("`{file}`, what a restore must not undo, cannot be read")]
    Standing {
        file: String,
        source: std::io::Error,
    },
    #[error("a stop that stands cannot be placed again: {0}")]
    NotPlaced(String),
    #[error("the time zone `{0}` is unknown")]
    TimeZone(String),
}

/// A server that runs until its token is cancelled.
pub(crate) struct Server {
    tasks: JoinSet<()>,
    journal: Arc<RecorderJournal>,
    end_orders: Arc<EndOrdersToControl>,
    public_url: String,
    gateway: String,
    is_development: bool,
    /// Whether a production server asks for no signatures.
    is_unsigned: bool,
    /// What the operator reads of the founding.
    founding: Vec<String>,
    /// Of the last restore, where there was one.
    restored: Option<String>,
    /// The ledger's verifier key, for auditors to keep.
    pub(crate) vkey: String,
}

impl Server {
    /// Opens every room. When this answers, requests are taken.
    pub(crate) async fn start(
        deployment: Deployment,
        variables: &BTreeMap<String, String>,
        stop: CancellationToken,
        guide: Option<locum_console::Guide>,
    ) -> Result<Self, StartFailure> {
        let settings = &deployment.settings;
        let is_development = settings.environment == Environment::Development;
        let random = SystemRandom::new();
        let StoreSettings::Sqlite { path } = &settings.store;
        let options = store_options(settings, variables, &random)?;
        let store = SqliteStore::open(path, options);
        let store = Arc::new(store.map_err(|error| unopened(error, path))?);
        is_sound(&store, path).await?;
        let is_new_ledger = store.size().await? == 0;
        let epoch = epoch_of_note(store.checkpoint().await?.as_deref());
        let keys = Arc::new(
            KeyRing::read(
                settings,
                &deployment.catalog,
                variables,
                is_new_ledger,
                &random,
            )?
            .of_epoch(epoch)?,
        );
        let remembered = Remembered::beside(path);
        remembered
            .compare(&*store, keys.ledger.verifier_key())
            .await?;
        let standing_file = StandingFile::beside(path);
        let standing = standing_file
            .read()
            .map_err(|source| StartFailure::Standing {
                file: standing_file.name(),
                source,
            })?;
        let shown = Arc::clone(&store) as Arc<dyn Store>;
        let stated = settings.ledger.witnesses.as_ref();
        none_knows_more(&witnesses_of(&shown, &keys.ledger, stated).await?)?;
        let restorations = restorations(&*store)
            .await
            .map_err(|error| unread(error, path))?;
        let record_keys = RecordKeys::open(&settings.folder.join("keys"), &random)?;
        let after = store.mark().await?.map(journal_mark);
        let (recorder, recovered) =
            Recorder::open(&records_beside(path), after, RecorderOptions::default())?;
        for torn in &recovered.torn {
            if torn.is_finding() {
                tracing::error!("recorder: {torn}");
            } else {
                tracing::info!("recorder: {torn}");
            }
        }
        let journal = Arc::new(RecorderJournal::new(recorder, record_keys));
        let listeners = Listeners::bind(&deployment).await?;

        let clock = Arc::new(SystemClock::default());
        let entropy = Arc::new(SystemEntropy(random.clone()));
        let strangers = Arc::new(Strangers::default());
        let end_orders = Arc::new(EndOrdersToControl::default());
        let connections = connections();
        let gateway_settings = gateway_settings(&deployment, listeners.gateway_port, connections);
        let gateway = Gateway::new(
            gateway_settings.clone(),
            locum_gateway::Ports {
                recorder: Arc::clone(&journal) as _,
                end_orders: Arc::clone(&end_orders) as _,
                strangers: Arc::new(CountStrangers(Arc::clone(&strangers))),
                clock: Arc::clone(&clock) as _,
                random: Arc::new(random.clone()),
            },
            // Its keys come with its applications, and are those of its applications.
            AssertionKeys::default(),
        )
        .map_err(|_| StartFailure::Gateway)?;
        let plane = GatewayPlane {
            gateway: gateway.clone(),
            keys: Arc::clone(&keys),
            settings: gateway_settings,
            read_secret: read_secret(settings.clone(), variables.clone()),
            base_urls: arc_swap::ArcSwap::default(),
        };
        let web = WebClient::new(Limits::default())?;
        let witnesses = asked_briefly()?;
        let cases: CaseSystems = case_systems(&settings.connectors, variables, &web)?;
        let ports = Ports {
            store,
            journal: Arc::clone(&journal) as _,
            cases,
            subjects: Arc::new(Subjects::new(web.clone())),
            clock: Arc::clone(&clock) as _,
            entropy,
            data_plane: Arc::new(plane),
            key_ring: Arc::clone(&keys) as _,
        };
        let founder_signed = Arc::new(FounderSigned::default());
        let control = Control::open(
            ports,
            control_settings(&deployment)?,
            &deployment.bundle,
            Arc::clone(&keys.ledger),
            Arc::new(random.clone()),
            vec![
                Arc::clone(&founder_signed) as Arc<dyn CommitListener>,
                Arc::new(RetireRecordKeys(Arc::clone(&journal))),
            ],
        )
        .await?;
        journal.taken_up();
        let lost = recovered.torn.iter().filter(|torn| torn.is_finding());
        let lost = lost.map(ToString::to_string).collect();
        control
            .record_recorder_findings(lost)
            .await
            .map_err(|refusal| StartFailure::NotRecorded(refusal.detail))?;
        settle_rotations(&control)
            .await
            .map_err(|refusal| StartFailure::Rotation(refusal.detail))?;
        let placed = control.place_again(&standing.holds).await;
        placed.map_err(|refusal| StartFailure::NotPlaced(refusal.detail))?;
        // Only now can a session be live; before, nothing asked for an end.
        end_orders.open(control.clone());
        if control.in_force().difference == Difference::Pending {
            let folder = match settings.folder.as_os_str().is_empty() {
                true => ".".into(),
                false => settings.folder.display().to_string(),
            };
            tracing::warn!(
                "files differ from what was applied and have no effect: `locum plan {folder}` says how, `locum apply \
                 {folder}` proposes them"
            );
        }

        let vkey = control.ledger_verifier().to_string();
        let kept = settings.folder.join("keys").join("ledger.vkey");
        if let Err(error) = keep_for_auditors(&kept, &format!("{vkey}\n")) {
            tracing::warn!(%error, file = %kept.display(), "the ledger's verifier key is not in its file");
        }
        if let Some(witnesses) = &settings.ledger.witnesses {
            let kept = settings.folder.join("keys").join("ledger.policy");
            let policy = format!("log {vkey}\n{}", witnesses.policy);
            if let Err(error) = keep_for_auditors(&kept, &policy) {
                tracing::warn!(%error, file = %kept.display(), "the trust policy is not in its file");
            }
        }
        let sign_in = SignIn::open(
            &deployment,
            &control,
            &keys.cookies,
            variables,
            web,
            random.clone(),
        )
        .map_err(StartFailure::ClientSecret)?;
        let desk = FoundingDesk {
            control: control.clone(),
            codes: Arc::clone(&sign_in.founding_codes),
            public_url: settings.server.public_url.clone(),
            file: settings.folder.join("keys").join("founders"),
            links: FounderLinks(settings.folder.join("keys").join("founding")),
        };
        let founding = desk.greeting().await?;
        let in_force = control.settings();
        let is_unsigned = in_force.is_production && !in_force.signature_demanded;

        let mut tasks = JoinSet::new();
        tasks.spawn(desk.watch(founder_signed, stop.clone()));
        let gateway_closed = CancellationToken::new();
        let web_state = WebParts {
            control: control.clone(),
            deployment: &deployment,
            sign_in,
            gateway: gateway.clone(),
            strangers: Arc::clone(&strangers),
            random: random.clone(),
            webhooks: receivers(&settings.connectors, variables)?,
            guide,
            gateway_closed: gateway_closed.clone(),
        };
        let router = crate::wiring::web(web_state);
        tasks.spawn(crate::listen::serve(
            listeners.server,
            router,
            connections,
            stop.clone(),
        ));
        for (listener, which) in listeners.gateway {
            let (gateway, stop) = (gateway.clone(), stop.clone());
            let closed = gateway_closed.clone().drop_guard();
            tasks.spawn(async move {
                gateway.serve(listener, which, stop.cancelled_owned()).await;
                drop(closed);
            });
        }
        let Jobs { due, look_ups } = Jobs::default();
        tasks.spawn(run_due_jobs(due, control.clone(), stop.clone()));
        tasks.spawn(run_look_ups(look_ups, control.clone(), stop.clone()));
        tasks.spawn(witness(control.clone(), witnesses, stop.clone()));
        tasks.spawn(record_strangers(control.clone(), strangers, stop.clone()));
        tasks.spawn(remember(remembered, standing_file, control, stop));
        Ok(Self {
            tasks,
            journal,
            end_orders,
            vkey,
            public_url: settings.server.public_url.clone(),
            gateway: settings
                .gateway
                .base_url("APPLICATION", listeners.gateway_port),
            is_development,
            is_unsigned,
            founding,
            restored: restorations.last().map(restored_line),
        })
    }

    /// What an operator reads first.
    pub(crate) fn greeting(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.is_development {
            lines
                .push("DEVELOPMENT: loopback only, anybody here may sign in as anybody".to_owned());
        }
        if self.is_unsigned {
            lines.push(format!("UNSIGNED: {WITHOUT_SIGNATURES}"));
        }
        lines.extend(self.restored.clone());
        lines.push(format!("console and API   {}", self.public_url));
        lines.push(format!("applications      {}", self.gateway));
        lines.push(format!("ledger key        {}", self.vkey));
        lines.extend(self.founding.iter().cloned());
        lines
    }

    /// Waits until every listener and job has ended, and what they recorded has its place.
    pub(crate) async fn stopped(mut self) {
        while self.tasks.join_next().await.is_some() {}
        self.journal.drained().await;
        self.end_orders.close();
    }
}

/// What a restore did, in a line that every start shows.
fn restored_line(restoration: &Restoration) -> String {
    let Restoration {
        by,
        reason,
        epoch,
        at,
        ..
    } = restoration;
    let by = by
        .as_deref()
        .map(|by| format!(" by {by}"))
        .unwrap_or_default();
    let reason = reason.as_deref().map(|it| format!(": {it}"));
    let reason = reason.unwrap_or_default();
    match epoch {
        None => format!("restored          on {at}{by}{reason}"),
        Some(epoch) => format!(
            "EPOCH {}           restored on {at}{by}, {} entries that were signed are lost{reason}",
            epoch.number,
            epoch.entries_lost()
        ),
    }
}

/// What the HTTP rooms are built from.
pub(crate) struct WebParts<'d> {
    pub(crate) control: Control,
    pub(crate) deployment: &'d Deployment,
    pub(crate) sign_in: SignIn,
    pub(crate) gateway: Gateway,
    pub(crate) strangers: Arc<Strangers>,
    pub(crate) random: SystemRandom,
    pub(crate) webhooks: BTreeMap<String, crate::wiring::Receiver>,
    pub(crate) guide: Option<locum_console::Guide>,
    /// Cancelled when a door of the gateway has closed, whatever closed it.
    pub(crate) gateway_closed: CancellationToken,
}

/// The recorder's segments stand beside the database they are sequenced into.
pub(crate) fn records_beside(database: &std::path::Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".records");
    PathBuf::from(path)
}

struct CountStrangers(Arc<Strangers>);

impl locum_gateway::Strangers for CountStrangers {
    fn refused(&self, listener: &str, reason: &str) {
        self.0.refused(listener, reason);
    }
}
