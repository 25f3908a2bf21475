//! A house with all its doors on the street: the API and the console on one listener, the gateway on another.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use locum_console::ConsoleState;
use locum_control::strangers::Strangers;
use locum_domain::{Denial, PrincipalId};
use locum_gateway::{Gateway, Listener};
use locum_http::{HttpState, OAuthSettings};
use locum_login::attempts::Attempts;
use locum_login::device::Devices;
use locum_login::passkeys::{PasskeySettings, Passkeys};
use locum_login::{
    BearerTokens, FoundingCodes, How, InvitationCodes, Judgement, LoginSettings, Logins, NewLogin,
    Ports, SecretKey, SeenFrom,
};
use locum_testkit::house::{House, PAGES, RP_ID};
use locum_testkit::scenario::{Played, Stage as _, Step};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::case::State;
use crate::console;
use crate::plane::{self, Plane};
use crate::variation::varied;

pub(crate) struct Street {
    pub(crate) played: Played,
    pub(crate) server: u16,
    pub(crate) gateway: Gateway,
    pub(crate) gateway_port: u16,
    /// The logins of whoever attempts something, begun before anything else happened.
    pub(crate) cookies: BTreeMap<String, String>,
    logins: Arc<Logins>,
    _open: JoinSet<()>,
}

impl Street {
    /// The street where a state begins, with everything given.
    pub(crate) async fn of(state: &State, upstream: u16) -> Self {
        let (server, domain) = (bound().await, bound().await);
        let (port, gateway_port) = (port_of(&server), port_of(&domain));
        let around = Arc::new(plane::House::default());
        let plane = Arc::new(Plane::new(&around, port, gateway_port));
        let gateway = plane.gateway.clone();
        let issuer = format!("http://localhost:{port}");
        // The founders' passkeys are made for the pages of every house.
        let founded = ["approvals are signed", "two founders are named"];
        let has_founders = state.house.iter().any(|it| founded.contains(&it.as_str()));
        let named = if has_founders { PAGES } else { &issuer };
        let builder = House::builder().issuer(named).plane(plane).files(|files| {
            for (id, usual) in [("billing", "9101"), ("crm", "9102"), ("wiki", "9103")] {
                let there = |port: &str| format!("upstream = \"http://127.0.0.1:{port}\"");
                files.replace(
                    &format!("catalog/applications/{id}.toml"),
                    &there(usual),
                    &there(&upstream.to_string()),
                );
            }
        });
        let builder = state
            .house
            .iter()
            .fold(builder, |builder, it| varied(builder, it));
        let house = builder.open().await;
        let _ = around.clock.set(Arc::clone(&house.clock));
        let _ = around.journal.set(Arc::clone(&house.journal));
        let _ = around.control.set(house.control.clone());
        if has_founders {
            house.founded().await;
        }
        let mut open = JoinSet::new();
        let (router, logins) = doors(&house, &gateway, &issuer);
        open.spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(server, service).await.unwrap();
        });
        let serving = gateway.clone();
        open.spawn(async move {
            serving
                .serve(domain, Listener::Domain, std::future::pending())
                .await
        });
        let played = Played::within(house);
        let mut street = Self {
            played,
            server: port,
            gateway,
            gateway_port,
            cookies: BTreeMap::new(),
            logins,
            _open: open,
        };
        street.sign_in(state).await;
        for sentence in &state.given {
            street.happens(sentence).await;
        }
        street
    }

    /// Everybody who attempts something here has their browser open.
    async fn sign_in(&mut self, state: &State) {
        let people = self.played.house.control.in_force().catalog.people.clone();
        for case in &state.cases {
            let name = case.attempt.split(' ').next().unwrap();
            let who = self.played.id(name);
            let is_signed_in = self.cookies.contains_key(&who);
            let person = people.get(&who.parse::<PrincipalId>().unwrap());
            if !is_signed_in && person.is_some_and(|it| it.is_active) {
                let cookie = console::signed_in(self.server, &who).await;
                self.cookies.insert(who, cookie);
            }
        }
    }

    /// What the state says came before.
    pub(crate) async fn happens(&mut self, sentence: &str) {
        let step = Step::of(sentence).unwrap_or_else(|| panic!("`{sentence}` means nothing"));
        for step in [step, Step::ItIsDone] {
            let outcome = self.played.play(step).await;
            outcome.unwrap_or_else(|why| panic!("given `{sentence}`: {why}"));
        }
    }

    /// A bearer token of this principal.
    pub(crate) fn token(&self, who: &str) -> String {
        let catalog = self.played.house.control.in_force().catalog.clone();
        let id: PrincipalId = who.parse().unwrap();
        if catalog.agents.contains_key(&id) {
            let login = NewLogin::new(id, How::Program, SeenFrom::default());
            return self
                .logins
                .begin_token(login)
                .unwrap()
                .token
                .expose_secret()
                .to_owned();
        }
        token(who)
    }

    /// Whether this is somebody of the catalog.
    pub(crate) fn knows(&self, who: &str) -> bool {
        let id: PrincipalId = who.parse().unwrap();
        self.played
            .house
            .control
            .in_force()
            .catalog
            .principal(&id)
            .is_some()
    }

    /// Whether this is an agent.
    pub(crate) fn is_agent(&self, who: &str) -> bool {
        let id: PrincipalId = who.parse().unwrap();
        self.played
            .house
            .control
            .in_force()
            .catalog
            .agents
            .contains_key(&id)
    }

    /// Mends what was broken, and re-verifies the world.
    pub(crate) async fn close(self) {
        let house = &self.played.house;
        house.store.set_fails_commits(false);
        house.journal.set_unavailable(false);
        house.clock.advance(jiff::SignedDuration::from_hours(1));
        house.run_jobs().await;
        house.verify().await;
    }
}

async fn bound() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn port_of(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

fn token(who: &str) -> String {
    format!("token-of-{who}")
}

/// The router as the binary puts it together, and who is signed in.
fn doors(house: &House, gateway: &Gateway, issuer: &str) -> (axum::Router, Arc<Logins>) {
    let control = house.control.clone();
    let catalog = control.in_force().catalog.clone();
    let tokens: Vec<(String, PrincipalId)> = catalog
        .people
        .keys()
        .map(|id| (token(id.as_str()), id.clone()))
        .collect();
    let settings = LoginSettings {
        is_secure: false,
        tokens: tokens
            .iter()
            .map(|(token, id)| (token.as_str(), id.clone()))
            .collect::<BearerTokens>(),
        is_picking_allowed: true,
        judgement: Judgement {
            is_signature_optional: !control.settings().signature_demanded,
            ..Judgement::default()
        },
    };
    let clock = Arc::clone(&house.clock);
    let drawn = AtomicU64::new(0);
    let ports = Ports::new(
        SecretKey::new(&[9; 32]),
        Arc::new(move || clock.says()),
        Arc::new(move || {
            let mut bytes = [0; 32];
            SystemRandom::new().fill(&mut bytes).ok()?;
            drawn.fetch_add(1, Ordering::SeqCst);
            Some(bytes)
        }),
    );
    let logins = Arc::new(Logins::new(settings, ports.clone()));
    let devices = Arc::new(Devices::new(ports.clone()));
    let invitation_codes = Arc::new(InvitationCodes::new(ports.clone()));
    let strangers = Arc::new(Strangers::default());
    let clock = Arc::clone(&house.clock);
    let attempts = Arc::new(Attempts::new(Arc::new(move || clock.says())));
    let http = locum_http::router(HttpState {
        control: control.clone(),
        logins: Arc::clone(&logins),
        devices: Arc::clone(&devices),
        invitation_codes: Arc::clone(&invitation_codes),
        attempts: Arc::clone(&attempts),
        provider: None,
        webhooks: BTreeMap::new(),
        strangers: Arc::clone(&strangers),
        oauth: OAuthSettings {
            random: Arc::new(SystemRandom::new()),
        },
        readiness: Arc::new(|| Ok(())),
    });
    let passkeys = PasskeySettings {
        rp_id: RP_ID.into(),
        rp_name: "Locum".into(),
        origin: issuer.into(),
        is_secure: false,
    };
    let gateway = gateway.clone();
    let console = locum_console::router(ConsoleState {
        control,
        logins: Arc::clone(&logins),
        identity_provider: None,
        passkeys: Arc::new(Passkeys::new(passkeys, ports.clone())),
        founding_codes: Arc::new(FoundingCodes::new(ports)),
        invitation_codes,
        devices,
        attempts,
        strangers,
        confirm_pass: Arc::new(move |token: &str, by: &PrincipalId| {
            let passed = gateway.confirm_pass(token, by);
            passed.map_err(|error| Denial::SessionEnded.because(error.to_string()))
        }),
        public_url: issuer.into(),
        guide: None,
    });
    (http.merge(console.reset_fallback()), logins)
}
