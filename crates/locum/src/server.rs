//! One running Locum: every room opened in order, every listener bound before the first request is taken.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use locum_catalog::settings::{Environment, SignatureRule, Store as StoreSettings};
use locum_catalog::{Deployment, SecretRef, Secrets};
use locum_connectors::{Limits, Subjects, WebClient};
use locum_control::jobs::{DueJobs, Jobs, LookUps};
use locum_control::ports::{CaseSystems, Store as _};
use locum_control::rotate_key::settle_rotations;
use locum_control::strangers::Strangers;
use locum_control::{Budgets, Control, ControlSettings, Difference, Ports};
use locum_domain::ApplicationId;
use locum_gateway::{AssertionKeys, Gateway, GatewaySettings, Listener};
use locum_record::{Recorder, RecorderOptions};
use locum_store_sqlite::{SqliteOptions, SqliteStore};
use ring::rand::SystemRandom;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::wiring::{
    ConnectorsError, EndOrdersToControl, GatewayPlane, KeyRing, KeysError, RecorderJournal,
    SystemClock, SystemEntropy, case_systems, connections, journal_mark, receivers,
};

/// How often the jobs look for what is due.
const JOBS: Duration = Duration::from_millis(500);
/// How often strangers' refusals are recorded.
const STRANGERS: Duration = Duration::from_secs(60);

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartFailure {
    #[error(transparent)]
    Store(#[from] locum_store_sqlite::OpenError),
    #[error("the store cannot be read")]
    Read(#[from] locum_control::ports::StoreError),
    #[error("the recorder cannot be opened")]
    Recorder(#[from] locum_record::OpenError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Connectors(#[from] ConnectorsError),
    #[error("the web client cannot be made")]
    Web(#[from] locum_connectors::SettingsError),
    #[error("the gateway cannot be made: no random bytes")]
    Gateway,
    #[error("a key rotation that broke off cannot be finished: {0}")]
    Rotation(String),
    #[error(transparent)]
    Control(#[from] locum_control::StartError),
    #[error("`{address}` cannot be listened on")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("`{0}` is no address to listen on")]
    Address(String),
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
        let store = Arc::new(SqliteStore::open(path, SqliteOptions::default())?);
        let is_new_ledger = store.size().await? == 0;
        let keys = Arc::new(KeyRing::read(
            settings,
            &deployment.catalog,
            variables,
            is_new_ledger,
            &random,
        )?);
        let after = store.mark().await?.map(journal_mark);
        let (recorder, recovered) =
            Recorder::open(&records_beside(path), after, RecorderOptions::default())?;
        for torn in &recovered.torn {
            tracing::warn!(
                ?torn,
                "the recorder found the end of a segment that was not acknowledged"
            );
        }
        let journal = Arc::new(RecorderJournal::new(recorder));
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
        let cases: CaseSystems = case_systems(&settings.connectors, variables, &web)?;
        let ports = Ports {
            store,
            journal: Arc::clone(&journal) as _,
            cases,
            subjects: Arc::new(Subjects::new(web)),
            clock: Arc::clone(&clock) as _,
            entropy,
            data_plane: Arc::new(plane),
            key_ring: Arc::clone(&keys) as _,
        };
        let control = Control::open(
            ports,
            control_settings(&deployment)?,
            &deployment.bundle,
            Arc::clone(&keys.ledger),
            Arc::new(random.clone()),
            Vec::new(),
        )
        .await?;
        settle_rotations(&control)
            .await
            .map_err(|refusal| StartFailure::Rotation(refusal.detail))?;
        // Only now can a session be live; before, nothing asked for an end.
        end_orders.open(control.clone());
        if control.in_force().difference == Difference::Pending {
            tracing::warn!("files differ from what was applied and have no effect");
        }

        let mut tasks = JoinSet::new();
        let gateway_closed = CancellationToken::new();
        let web_state = WebParts {
            control: control.clone(),
            deployment: &deployment,
            keys: &keys,
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
        tasks.spawn(record_strangers(control.clone(), strangers, stop));
        Ok(Self {
            tasks,
            journal,
            end_orders,
            vkey: control.ledger_verifier().to_string(),
            public_url: settings.server.public_url.clone(),
            gateway: settings
                .gateway
                .base_url("APPLICATION", listeners.gateway_port),
            is_development,
        })
    }

    /// What an operator reads first.
    pub(crate) fn greeting(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.is_development {
            lines
                .push("DEVELOPMENT: loopback only, anybody here may sign in as anybody".to_owned());
        }
        lines.push(format!("console and API   {}", self.public_url));
        lines.push(format!("applications      {}", self.gateway));
        lines.push(format!("ledger key        {}", self.vkey));
        lines
    }

    /// Waits until every listener and job has ended, and what they recorded has its place.
    pub(crate) async fn stopped(mut self) {
        while self.tasks.join_next().await.is_some() {}
        self.journal.drained().await;
        self.end_orders.close();
    }
}

/// What the HTTP rooms are built from.
pub(crate) struct WebParts<'d> {
    pub(crate) control: Control,
    pub(crate) deployment: &'d Deployment,
    pub(crate) keys: &'d KeyRing,
    pub(crate) gateway: Gateway,
    pub(crate) strangers: Arc<Strangers>,
    pub(crate) random: SystemRandom,
    pub(crate) webhooks: BTreeMap<String, crate::wiring::Receiver>,
    pub(crate) guide: Option<locum_console::Guide>,
    /// Cancelled when a door of the gateway has closed, whatever closed it.
    pub(crate) gateway_closed: CancellationToken,
}

struct Listeners {
    server: TcpListener,
    gateway: Vec<(TcpListener, Listener)>,
    gateway_port: u16,
}

impl Listeners {
    async fn bind(deployment: &Deployment) -> Result<Self, StartFailure> {
        let settings = &deployment.settings;
        let server = bind(settings.server.listen).await?;
        let domain = bind(settings.gateway.listen).await?;
        let gateway_port = domain
            .local_addr()
            .map_or(settings.gateway.listen.port(), |bound| bound.port());
        let mut gateway = vec![(domain, Listener::Domain)];
        for (id, application) in &deployment.catalog.applications {
            if let Some(address) = &application.address {
                let address = address
                    .parse()
                    .map_err(|_| StartFailure::Address(address.clone()))?;
                let id: ApplicationId = id.clone();
                gateway.push((bind(address).await?, Listener::Application(id)));
            }
        }
        Ok(Self {
            server,
            gateway,
            gateway_port,
        })
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartFailure> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartFailure::Listen { address, source })
}

/// The recorder's segments stand beside the database they are sequenced into.
fn records_beside(database: &std::path::Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".records");
    PathBuf::from(path)
}

fn gateway_settings(deployment: &Deployment, port: u16, connections: usize) -> GatewaySettings {
    let settings = &deployment.settings;
    let public = settings
        .gateway
        .public_url
        .as_deref()
        .and_then(|url| url.split_once("://"));
    let (is_https, domain, port) = match public {
        Some((scheme, authority)) => match authority.rsplit_once(':') {
            Some((host, port)) => (scheme == "https", host.to_owned(), port.parse().ok()),
            None => (scheme == "https", authority.to_owned(), None),
        },
        None => (false, settings.gateway.domain.clone(), Some(port)),
    };
    GatewaySettings {
        domain,
        is_https,
        port,
        issuer: settings.server.public_url.clone(),
        public_url: settings.server.public_url.clone(),
        // Only there does a browser keep a cookie that any program on the way could read.
        is_cleartext_loopback: !is_https && settings.gateway.listen.ip().is_loopback(),
        is_development: settings.environment == Environment::Development,
        limits: locum_gateway::Limits {
            connections,
            ..locum_gateway::Limits::default()
        },
    }
}

fn control_settings(deployment: &Deployment) -> Result<ControlSettings, StartFailure> {
    let settings = &deployment.settings;
    let zone = &settings.policies.time_zone;
    let budgets = settings.budgets;
    Ok(ControlSettings {
        issuer: settings.server.public_url.clone(),
        is_production: settings.environment == Environment::Production,
        signature_demanded: settings.approvals_signature == SignatureRule::Required,
        time_zone: jiff::tz::TimeZone::get(zone)
            .map_err(|_| StartFailure::TimeZone(zone.clone()))?,
        budgets: Budgets {
            open_requests: budgets.open_requests,
            live_sessions: budgets.live_sessions,
            subjects_per_day: budgets.subjects_per_day,
        },
    })
}

fn read_secret(
    settings: locum_catalog::Settings,
    variables: BTreeMap<String, String>,
) -> crate::wiring::ReadSecret {
    Box::new(move |reference| {
        let reference: SecretRef = settings
            .secret_of_catalog(reference)
            .map_err(|error| error.to_string())?;
        let secret = variables
            .read(&reference)
            .map_err(|error| error.to_string())?;
        Ok(secret.expose_secret().to_owned())
    })
}

struct CountStrangers(Arc<Strangers>);

impl locum_gateway::Strangers for CountStrangers {
    fn refused(&self, listener: &str, reason: &str) {
        self.0.refused(listener, reason);
    }
}

/// What hangs on the clock alone: no case system can hold it up.
async fn run_due_jobs(mut due: DueJobs, control: Control, stop: CancellationToken) {
    let mut pace = jobs_pace();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = pace.tick() => due.run(&control).await,
        }
    }
}

async fn run_look_ups(mut look_ups: LookUps, control: Control, stop: CancellationToken) {
    let mut pace = jobs_pace();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = pace.tick() => look_ups.begin(&control).await,
        }
    }
}

fn jobs_pace() -> tokio::time::Interval {
    let mut pace = tokio::time::interval(JOBS);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    pace
}

async fn record_strangers(control: Control, strangers: Arc<Strangers>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return strangers.record(&control).await,
            () = tokio::time::sleep(STRANGERS) => strangers.record(&control).await,
        }
    }
}
