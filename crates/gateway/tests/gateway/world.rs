//! A gateway, two applications, one session, and everything around them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use locum_domain::access::{Completed, Outcome};
use locum_domain::catalog::{
    Application as Entry, Effect, IdentityHeader, Operation, RecordTiming, SigningAlgorithm, Tier,
};
use locum_domain::session::{ApplicationSession, ApplicationState, EndedBecause};
use locum_domain::{
    ApplicationId, Catalog, Event, EventId, GrantId, Happened, Minutes, RequestId, Session,
    SessionId,
};
use locum_gateway::{
    AccessRecorder, AssertionKeys, Clock, EndNotRecorded, EndOrders, Gateway, GatewaySettings,
    Limits, Listener, Pass, Ports, RecordNotKept, Strangers,
};
use locum_token::{Algorithm, JwkSet, SigningKey, generate_pem};
use tokio::net::TcpListener;

use crate::application::{Application, Log};
use crate::client::{PATIENCE, Reply, send};

pub(crate) const ISSUER: &str = "https://locum.test";
pub(crate) const ACTOR: &str = "ada@corp.example";

/// Keeps records in memory, and refuses when told to.
pub(crate) struct Kept {
    pub(crate) log: Log,
    pub(crate) records: Mutex<Vec<Happened>>,
    pub(crate) is_broken: AtomicBool,
    pub(crate) is_slow: AtomicBool,
}

impl Kept {
    /// Queues a record; answers what the log says once it is durable.
    fn keep(&self, record: &Bytes) -> String {
        let happened: Happened = serde_json::from_slice(record).unwrap();
        let says = format!("record {}", happened.event.kind());
        self.records.lock().unwrap().push(happened);
        says
    }
}

impl AccessRecorder for Kept {
    fn append(&self, record: Bytes) -> BoxFuture<'_, Result<(), RecordNotKept>> {
        if self.is_broken.load(Ordering::SeqCst) {
            return Box::pin(async { Err(RecordNotKept) });
        }
        let says = self.keep(&record);
        Box::pin(async move {
            if self.is_slow.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            } else {
                tokio::task::yield_now().await;
            }
            self.log.lock().unwrap().push(says);
            Ok(())
        })
    }

    fn append_unawaited(&self, record: Bytes) {
        let says = self.keep(&record);
        self.log.lock().unwrap().push(says);
    }
}

/// A clock that a test can move.
pub(crate) struct Moved {
    start: Instant,
    pub(crate) by_ms: AtomicI64,
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_millis(self.by_ms.load(Ordering::SeqCst))
    }
    fn boot_us(&self) -> u64 {
        let by_us = self.by_ms.load(Ordering::SeqCst) * 1000;
        let us = self.start.elapsed().as_micros() as i64 + by_us;
        u64::try_from(us).unwrap() + 1_000_000_000
    }
}

#[derive(Default)]
pub(crate) struct Told {
    pub(crate) ended_by_actor: Mutex<Vec<SessionId>>,
    pub(crate) expired: Mutex<Vec<SessionId>>,
    pub(crate) strangers: Mutex<Vec<String>>,
    pub(crate) is_broken: AtomicBool,
}

impl EndOrders for Told {
    fn ended_by_actor<'a>(
        &'a self,
        session: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), EndNotRecorded>> {
        Box::pin(async move {
            if self.is_broken.load(Ordering::SeqCst) {
                return Err(EndNotRecorded("no store".into()));
            }
            self.ended_by_actor.lock().unwrap().push(session.clone());
            Ok(())
        })
    }
    fn expired(&self, session: &SessionId) {
        self.expired.lock().unwrap().push(session.clone());
    }
}

impl Strangers for Told {
    fn refused(&self, listener: &str, reason: &str) {
        self.strangers
            .lock()
            .unwrap()
            .push(format!("{listener} {reason}"));
    }
}

pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) door: SocketAddr,
    /// The wiki's own listener.
    pub(crate) wiki_door: SocketAddr,
    pub(crate) application: Application,
    pub(crate) kept: Arc<Kept>,
    pub(crate) clock: Arc<Moved>,
    pub(crate) told: Arc<Told>,
    pub(crate) session: Session,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) log: Log,
    /// Stops the listeners.
    pub(crate) stop: tokio::sync::watch::Sender<bool>,
    pub(crate) served: Vec<tokio::task::JoinHandle<()>>,
}

pub(crate) fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().unwrap()
}

fn operation(
    name: &str,
    effect: Effect,
    routes: &[&str],
) -> (locum_domain::OperationId, Operation) {
    let operation = Operation {
        id: id(name),
        effect,
        routes: routes.iter().map(|it| (*it).to_owned()).collect(),
        graphql: Vec::new(),
        graphql_hashes: Vec::new(),
        closed: None,
        object: None,
        max_per_session: None,
    };
    (operation.id.clone(), operation)
}

pub(crate) fn entry(name: &str, upstream: SocketAddr, record: RecordTiming) -> Entry {
    let mut operations: BTreeMap<_, _> = [
        operation("shell", Effect::Asset, &["GET /static/**", "GET /shell/*"]),
        operation(
            "invoice.read",
            Effect::Read,
            &["GET /invoices", "GET /invoices/*"],
        ),
        operation(
            "invoice.resend",
            Effect::Write,
            &["POST /invoices/*/resend"],
        ),
        operation(
            "echo",
            Effect::Read,
            &["GET /echo/**", "POST /echo/**", "MOVE /echo/**"],
        ),
        operation(
            "pages",
            Effect::Read,
            &[
                "GET /page",
                "GET /fragment",
                "GET /gzip",
                "GET /packed/*",
                "GET /bomb",
                "GET /login",
                "GET /redirect",
                "GET /drip",
                "GET /flood",
                "GET /large",
                "GET /wait",
                "GET /chunked",
                "POST /upload",
            ],
        ),
        operation("payout.create", Effect::Write, &["POST /payouts"]),
        operation("capped", Effect::Read, &["GET /capped"]),
    ]
    .into();
    operations.get_mut(&id("invoice.read")).unwrap().object = Some("invoice:{1}".to_owned());
    operations.get_mut(&id("payout.create")).unwrap().closed = Some("money".to_owned());
    operations.get_mut(&id("capped")).unwrap().max_per_session = Some(2);
    Entry {
        id: id(name),
        name: name.to_owned(),
        tier: Tier::Standard,
        data: BTreeSet::new(),
        owner: id("oscar@corp.example"),
        product_owner: None,
        data_owner: None,
        reviewer: None,
        delegates: Vec::new(),
        reason_prompt: None,
        upstream: format!("http://{upstream}"),
        address: None,
        identity: IdentityHeader {
            assertion_header: "Locum-Assertion".to_owned(),
            algorithm: SigningAlgorithm::EdDSA,
            audience: format!("app:{name}"),
            trusted_header: Some("X-Remote-User".to_owned()),
        },
        secret_header: Some(("X-Proxy-Secret".to_owned(), "env:SECRET".to_owned())),
        strip_headers: vec!["X-Debug-As".to_owned()],
        harmless_cookies: ["theme".to_owned(), "domain".to_owned()].into(),
        record,
        subjects: None,
        protected_subjects: Vec::new(),
        graphql_endpoints: Vec::new(),
        operations,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default(), RecordTiming::Before).await
    }

    pub(crate) async fn with(limits: Limits, record: RecordTiming) -> Self {
        Self::build(limits, record, None).await
    }

    /// With another recorder than the one in memory.
    pub(crate) async fn build(
        limits: Limits,
        record: RecordTiming,
        recorder: Option<Arc<dyn AccessRecorder>>,
    ) -> Self {
        Self::build_as(limits, record, recorder, false).await
    }

    /// Of a development server.
    pub(crate) async fn development() -> Self {
        Self::build_as(Limits::default(), RecordTiming::Before, None, true).await
    }

    async fn build_as(
        limits: Limits,
        record: RecordTiming,
        recorder: Option<Arc<dyn AccessRecorder>>,
        is_development: bool,
    ) -> Self {
        let log: Log = Arc::default();
        let application = Application::start(log.clone()).await;
        let kept = Arc::new(Kept {
            log: log.clone(),
            records: Mutex::default(),
            is_broken: AtomicBool::new(false),
            is_slow: AtomicBool::new(false),
        });
        let clock = Arc::new(Moved {
            start: Instant::now(),
            by_ms: AtomicI64::new(0),
        });
        let told = Arc::new(Told::default());
        let random = Arc::new(ring::rand::SystemRandom::new());
        let pem = generate_pem(Algorithm::EdDsa, random.as_ref()).unwrap();
        let key = Arc::new(SigningKey::from_pkcs8_pem(&pem, random.as_ref()).unwrap());
        let domain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wiki = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (door, wiki_door) = (domain.local_addr().unwrap(), wiki.local_addr().unwrap());
        let settings = GatewaySettings {
            domain: "gw.localhost".to_owned(),
            is_https: false,
            port: Some(door.port()),
            issuer: ISSUER.to_owned(),
            public_url: "http://locum.localhost:8080".to_owned(),
            is_cleartext_loopback: true,
            is_development,
            limits,
        };
        let ports = Ports {
            recorder: recorder.unwrap_or_else(|| kept.clone()),
            end_orders: told.clone(),
            strangers: told.clone(),
            clock: clock.clone(),
            random,
        };
        // Three of its own, and three that the tests install.
        let names = ["billing", "crm", "wiki", "a", "b", "c"];
        let signing = names.map(|id| (id.parse().unwrap(), key.clone()));
        let keys = AssertionKeys {
            signing: BTreeMap::from(signing),
            access_tokens: JwkSet::of([key.verifying_key().clone()]),
        };
        let gateway = Gateway::new(settings, ports, keys).unwrap();
        let mut catalog = Catalog::default();
        let mut secrets = BTreeMap::new();
        for name in ["billing", "crm", "wiki"] {
            let mut entry = entry(name, application.address, record);
            if name == "wiki" {
                entry.address = Some(wiki_door.to_string());
            }
            secrets.insert(entry.id.clone(), "hunter2".to_owned());
            catalog.applications.insert(entry.id.clone(), entry);
        }
        gateway.install(&catalog, &secrets).unwrap();
        let session = session(1, &["billing", "crm", "wiki"]);
        gateway.begin(&session);
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let mut served = Vec::new();
        for (listener, which) in [
            (domain, Listener::Domain),
            (wiki, Listener::Application(id("wiki"))),
        ] {
            let gateway = gateway.clone();
            let mut stopped = stopped.clone();
            served.push(tokio::spawn(async move {
                let stop = async move {
                    let _ = stopped.wait_for(|stop| *stop).await;
                };
                gateway.serve(listener, which, stop).await;
            }));
        }
        Self {
            gateway,
            door,
            wiki_door,
            application,
            kept,
            clock,
            told,
            session,
            key,
            log,
            stop,
            served,
        }
    }

    /// Puts another application behind `billing`.
    pub(crate) fn install(&self, upstream: &str) {
        let mut entry = entry("billing", self.application.address, RecordTiming::Before);
        entry.upstream = upstream.to_owned();
        let secrets = [(entry.id.clone(), "hunter2".to_owned())].into();
        let mut catalog = Catalog::default();
        catalog.applications.insert(entry.id.clone(), entry);
        self.gateway.install(&catalog, &secrets).unwrap();
    }

    pub(crate) fn host(&self, application: &str) -> String {
        format!("{application}.gw.localhost:{}", self.door.port())
    }

    pub(crate) fn ticket(&self, application: &str) -> String {
        let url = self
            .gateway
            .ticket(&self.session.id, &id(application), Pass::Bearer)
            .unwrap();
        path_of(&url)
    }

    /// A session cookie for one application, as a header.
    pub(crate) async fn cookie(&self, application: &str) -> String {
        let path = self.ticket(application);
        let reply = send(self.door, "GET", &path, &self.host(application), &[]).await;
        cookie_of(&reply)
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str, headers: &[(&str, &str)]) -> Reply {
        self.ask("GET", path, cookie, headers).await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut all = vec![("Cookie", cookie)];
        all.extend_from_slice(headers);
        send(self.door, method, path, &self.host("billing"), &all).await
    }

    pub(crate) fn end(&self, because: EndedBecause) -> usize {
        self.gateway
            .end(&self.session.id, because, Timestamp::now())
            .in_flight
    }

    pub(crate) fn records(&self, kind: &str) -> Vec<Event> {
        let records = self.kept.records.lock().unwrap();
        records
            .iter()
            .map(|it| it.event.clone())
            .filter(|it| it.kind() == kind)
            .collect()
    }

    /// The completed records, once there are so many.
    pub(crate) async fn completed(&self, count: usize) -> Vec<Completed> {
        let found = || {
            self.records("access-completed")
                .into_iter()
                .map(|it| match it {
                    Event::AccessCompleted(completed) => completed,
                    other => panic!("{other:?}"),
                })
                .collect::<Vec<_>>()
        };
        eventually(|| found().len() >= count).await;
        found()
    }

    pub(crate) async fn outcome(&self) -> Outcome {
        self.completed(1).await[0].outcome
    }
}

pub(crate) fn session(number: u8, applications: &[&str]) -> Session {
    let now = Timestamp::now();
    let operations: BTreeSet<_> = ["invoice.read", "echo", "pages", "capped"].map(id).into();
    Session {
        id: SessionId::from_bytes([number; 16]),
        event: EventId::from_bytes([number; 16]),
        request: RequestId::from_bytes([number; 16]),
        grant: GrantId::from_bytes([number; 16]),
        requester: id(ACTOR),
        actor: id(ACTOR),
        actor_profile: "user".to_owned(),
        subject: id("cust-7"),
        tenant: None,
        case: id("desk:7"),
        break_glass: false,
        approvers: Vec::new(),
        applications: applications
            .iter()
            .map(|name| {
                let application = ApplicationSession {
                    opened: Default::default(),
                    subject: "kim@customer.example".to_owned(),
                    operations: operations.clone(),
                    record: RecordTiming::Before,
                    state: ApplicationState::Live,
                };
                (id::<ApplicationId>(name), application)
            })
            .collect(),
        started_at: now,
        end_by: now + SignedDuration::from_mins(30),
        idle_within: Minutes(10),
        review_within_days: 3,
        duration: Minutes(30),
        extended_by: None,
        activation: 42,
        is_witnessed: false,
        ended: None,
    }
}

pub(crate) fn path_of(url: &str) -> String {
    let rest = url.split_once("://").unwrap().1;
    rest[rest.find('/').unwrap()..].to_owned()
}

pub(crate) fn cookie_of(reply: &Reply) -> String {
    let line = reply
        .all("set-cookie")
        .into_iter()
        .find(|line| line.starts_with("locum="))
        .unwrap_or_else(|| panic!("no cookie: {reply:?}"));
    line.split(';').next().unwrap().to_owned()
}

pub(crate) async fn eventually(mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "it did not come about");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
