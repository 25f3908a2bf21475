//! The real gateway as the plane of a house of fakes: its clock, recorder and end orders are the house's.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use locum_control::Control;
use locum_control::ports::{Cut, DataPlane, Journal as _, LiveView, Pass};
use locum_domain::session::EndedBecause;
use locum_domain::{ApplicationId, Catalog, Session, SessionId, Timestamp};
use locum_gateway::{
    AccessRecorder, AssertionKeys, Clock, EndNotRecorded, EndOrders, Gateway, GatewaySettings,
    Limits, Ports, RecordNotKept, Strangers,
};
use locum_testkit::house::{FakeClock, FakeJournal};
use locum_token::{Algorithm, JwkSet, SigningKey, generate_pem};
use ring::rand::SystemRandom;

/// What the gateway needs of a house that opens after it.
#[derive(Default)]
pub(crate) struct House {
    pub(crate) clock: OnceLock<Arc<FakeClock>>,
    pub(crate) journal: OnceLock<Arc<FakeJournal>>,
    pub(crate) control: OnceLock<Control>,
}

impl Clock for House {
    fn now(&self) -> Timestamp {
        self.clock
            .get()
            .map_or(Timestamp::UNIX_EPOCH, |clock| clock.says())
    }
    fn boot_us(&self) -> u64 {
        u64::try_from(Clock::now(self).as_microsecond()).unwrap()
    }
}

impl AccessRecorder for House {
    fn append(&self, record: Bytes) -> BoxFuture<'_, Result<(), RecordNotKept>> {
        let journal = self.journal.get().unwrap();
        let is_kept = journal.is_available();
        if is_kept {
            journal.append_bytes(record.to_vec());
        }
        async move { is_kept.then_some(()).ok_or(RecordNotKept) }.boxed()
    }
    fn append_unawaited(&self, record: Bytes) {
        drop(self.append(record));
    }
}

impl EndOrders for House {
    fn ended_by_actor<'a>(
        &'a self,
        session: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), EndNotRecorded>> {
        async move {
            let ended = self
                .control
                .get()
                .unwrap()
                .end_by_itself(session, EndedBecause::EndedByActor)
                .await;
            ended.map_err(|refusal| EndNotRecorded(Box::new(refusal)))
        }
        .boxed()
    }
    // The jobs record it when time passes.
    fn expired(&self, _: &SessionId) {}
}

impl Strangers for House {
    fn refused(&self, _: &str, _: &str) {}
}

pub(crate) struct Plane {
    pub(crate) gateway: Gateway,
    settings: GatewaySettings,
    urls: arc_swap::ArcSwap<BTreeMap<ApplicationId, String>>,
}

/// The key that the fake key ring signs access tokens with.
fn access_token_key() -> SigningKey {
    let pem = locum_tlog::generate_pem(&[11; 32]).unwrap();
    SigningKey::from_pkcs8_pem(&pem, &SystemRandom::new()).unwrap()
}

impl Plane {
    pub(crate) fn new(house: &Arc<House>, server: u16, gateway: u16) -> Self {
        let settings = GatewaySettings {
            domain: "act.localhost".to_owned(),
            is_https: false,
            port: Some(gateway),
            issuer: format!("http://localhost:{server}"),
            public_url: format!("http://localhost:{server}"),
            is_cleartext_loopback: true,
            is_development: true,
            limits: Limits::default(),
        };
        let ports = Ports {
            recorder: Arc::clone(house) as _,
            end_orders: Arc::clone(house) as _,
            strangers: Arc::clone(house) as _,
            clock: Arc::clone(house) as _,
            random: Arc::new(SystemRandom::new()),
        };
        let gateway = Gateway::new(settings.clone(), ports, AssertionKeys::default()).unwrap();
        Self {
            gateway,
            settings,
            urls: arc_swap::ArcSwap::default(),
        }
    }
}

/// One key for all, made for this run.
fn keys(catalog: &Catalog) -> AssertionKeys {
    let random = SystemRandom::new();
    let pem = generate_pem(Algorithm::EdDsa, &random).unwrap();
    let key = Arc::new(SigningKey::from_pkcs8_pem(&pem, &random).unwrap());
    let applications = catalog.applications.keys();
    AssertionKeys {
        signing: applications
            .map(|id| (id.clone(), Arc::clone(&key)))
            .collect(),
        access_tokens: JwkSet::of([access_token_key().verifying_key().clone()]),
    }
}

impl DataPlane for Plane {
    fn could_install(&self, catalog: &Catalog) -> Result<(), String> {
        self.gateway
            .could_install(catalog, &BTreeMap::new(), &keys(catalog))
            .map_err(|error| format!("{error:?}"))
    }
    fn install(&self, catalog: &Catalog) -> Result<(), String> {
        self.gateway.hold(keys(catalog));
        self.gateway
            .install(catalog, &BTreeMap::new())
            .map_err(|error| format!("{error:?}"))?;
        let urls = self
            .settings
            .base_urls(catalog)
            .map(|(id, url)| (id.clone(), url));
        self.urls.store(Arc::new(urls.collect()));
        Ok(())
    }
    fn begin(&self, session: &Session) {
        self.gateway.begin(session);
    }
    fn extend(&self, session: &SessionId, end_by: Timestamp) {
        self.gateway.extend(session, end_by);
    }
    fn end(&self, session: &SessionId, because: EndedBecause, at: Timestamp) -> Cut {
        Cut {
            in_flight: self.gateway.end(session, because, at).in_flight,
        }
    }
    fn ticket(
        &self,
        session: &SessionId,
        application: &ApplicationId,
        pass: Pass,
    ) -> Result<String, String> {
        let pass = match pass {
            Pass::Bearer => locum_gateway::Pass::Bearer,
            Pass::Console => locum_gateway::Pass::Console,
        };
        self.gateway
            .ticket(session, application, pass)
            .map_err(|error| error.to_string())
    }
    fn base_url(&self, application: &ApplicationId) -> Option<String> {
        self.urls.load().get(application).cloned()
    }
    fn idle(&self) -> Vec<SessionId> {
        self.gateway.idle_sessions()
    }
    fn live(&self) -> Vec<LiveView> {
        let view = |view: locum_gateway::LiveView| LiveView {
            session: view.session,
            in_flight: view.in_flight,
            last_operation: view.last_operation,
            refused: view.refused,
        };
        self.gateway.live().into_iter().map(view).collect()
    }
}
