//! A house with a console in front of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::Router;
use locum_console::{ConsoleState, Guide, IdentityProvider};
use locum_control::strangers::Strangers;
use locum_domain::access::{Admitted, AdmittedBy, Completed, Outcome, RefusedInSession};
use locum_domain::catalog::Role;
use locum_domain::{Denial, Event, EventId, Happened, RecordId, SessionId, Stream, Timestamp};
use locum_login::attempts::Attempts;
use locum_login::device::Devices;
use locum_login::passkeys::{PasskeySettings, Passkeys};
use locum_login::{
    BearerTokens, FoundingCodes, InvitationCodes, Judgement, LoginSettings, Logins, Ports,
    SecretKey,
};
use locum_testkit::house::{House, RP_ID};

use crate::browser::Browser;
use crate::provider::{ISSUER, Idp};
use crate::{ALICE, OSCAR, SAM};

pub(crate) const HOST: &str = "http://localhost:8470";

pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) router: Router,
    pub(crate) founding_codes: Arc<FoundingCodes>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) logins: Arc<Logins>,
    /// The identity provider of a signed house.
    pub(crate) idp: Arc<Idp>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::of(House::new().await)
    }

    /// One where approvals are signed, and founders are named.
    pub(crate) async fn signed() -> Self {
        let builder = House::builder().signature_demanded().founders();
        Self::of(builder.open().await)
    }

    /// One where the identity provider's groups confirm who is security.
    pub(crate) async fn with_groups() -> Self {
        let builder = House::builder().signature_demanded().founders();
        let roles = [("locum-security".to_owned(), Role::Security)];
        Self::confirming(builder.open().await, roles.into_iter().collect())
    }

    pub(crate) fn of(house: House) -> Self {
        Self::confirming(house, BTreeMap::new())
    }

    fn confirming(house: House, roles: BTreeMap<String, Role>) -> Self {
        let clock = Arc::clone(&house.clock);
        let drawn = AtomicU8::new(0);
        let is_signed = house.control.settings().signature_demanded;
        let settings = LoginSettings {
            is_secure: false,
            tokens: [("token-alice", ALICE.parse().unwrap())]
                .into_iter()
                .collect::<BearerTokens>(),
            is_picking_allowed: !house.control.settings().is_production,
            judgement: Judgement {
                is_signature_optional: !is_signed,
                stepped_up_acr: vec!["phr".into()],
                roles,
            },
        };
        let ports = Ports::new(
            SecretKey::new(&[9; 32]),
            Arc::new(move || clock.says()),
            Arc::new(move || Some([drawn.fetch_add(1, Ordering::SeqCst); 32])),
        );
        let logins = Arc::new(Logins::new(settings, ports.clone()));
        let passkeys = PasskeySettings {
            rp_id: RP_ID.into(),
            rp_name: "Locum".into(),
            origin: HOST.into(),
            is_secure: false,
        };
        let founding_codes = Arc::new(FoundingCodes::new(ports.clone()));
        let devices = Arc::new(Devices::new(ports.clone()));
        let clock = Arc::clone(&house.clock);
        let idp = Arc::new(Idp::new(Arc::clone(&house.clock)));
        let provider = IdentityProvider {
            provider: Arc::new(idp.provider(ports.clone())),
            issuer: ISSUER.into(),
            system: "idp".into(),
        };
        let confirm = |token: &str, by: &locum_domain::PrincipalId| match token {
            "1" if by.as_str() == ALICE => Ok("http://billing.support.localhost:8471/go".into()),
            _ => Err(Denial::SessionEnded.because("the ticket is spent or somebody else's")),
        };
        let guide = Guide {
            title: "Try it".into(),
            steps: vec![
                "You are the agent: ask.".into(),
                "Be the owner: approve.".into(),
                "Close the case and watch it end.".into(),
            ],
            places: vec![("Case desk".into(), "http://localhost:9000/".into())],
        };
        let console = ConsoleState {
            control: house.control.clone(),
            logins: Arc::clone(&logins),
            identity_provider: is_signed.then(|| Arc::new(provider)),
            passkeys: Arc::new(Passkeys::new(passkeys, ports.clone())),
            founding_codes: Arc::clone(&founding_codes),
            invitation_codes: Arc::new(InvitationCodes::new(ports)),
            devices: Arc::clone(&devices),
            attempts: Arc::new(Attempts::new(Arc::new(move || clock.says()))),
            strangers: Arc::new(Strangers::default()),
            confirm_pass: Arc::new(confirm),
            public_url: HOST.into(),
            guide: Some(Arc::new(guide)),
        };
        let router = locum_console::router(console);
        Self {
            house,
            router,
            founding_codes,
            devices,
            logins,
            idp,
        }
    }

    /// Nobody's browser.
    pub(crate) fn stranger(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// This person's browser.
    pub(crate) async fn browser(&self, person: &str) -> Browser {
        let mut browser = self.stranger();
        browser.sign_in(person).await;
        browser
    }

    /// A live session of Alice's for `desk:7`, with two records and a refusal in it.
    pub(crate) async fn live(&self) -> SessionId {
        let asked = self.house.asked();
        let begun = self.house.activated(ALICE, &asked).await.session;
        let (session, event) = (begun.id, begun.event);
        let before = self.size().await;
        for (number, path) in [(1, "/invoices/4711"), (2, "/invoices/4712")] {
            let record = RecordId::from_bytes([number; 16]);
            self.append(
                &session,
                Event::AccessAdmitted(Admitted {
                    record: record.clone(),
                    txn: event.clone(),
                    session: session.clone(),
                    actor: ALICE.parse().unwrap(),
                    subject: "kim@customer.example".into(),
                    application: "billing".parse().unwrap(),
                    operation: "invoice.read".parse().unwrap(),
                    rule: AdmittedBy::Grant,
                    method: "GET".into(),
                    template: "/invoices/*".into(),
                    path: path.into(),
                    object: Some(path.replace("/invoices/", "invoice:")),
                    assertion: None,
                    at: self.now(),
                }),
            );
            self.append(
                &session,
                Event::AccessCompleted(Completed {
                    record,
                    session: session.clone(),
                    application: "billing".parse().unwrap(),
                    status: Some(200),
                    bytes_in: 0,
                    bytes_out: 1_000,
                    duration_us: 1_500,
                    upstream: Some("http://127.0.0.1:9101".into()),
                    outcome: Outcome::Answered,
                    at: self.now(),
                }),
            );
        }
        self.append(
            &session,
            Event::AccessRefused(RefusedInSession {
                record: RecordId::from_bytes([3; 16]),
                txn: event,
                session: session.clone(),
                actor: ALICE.parse().unwrap(),
                subject: Some("kim@customer.example".into()),
                application: "billing".parse().unwrap(),
                operation: Some("invoice.resend".parse().unwrap()),
                rule: None,
                method: "POST".into(),
                template: Some("/invoices/*/resend".into()),
                path: "/invoices/4711/resend".into(),
                asked: None,
                denial: Denial::OutOfScope,
                at: self.now(),
            }),
        );
        while self.size().await < before + 5 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        session
    }

    /// A live session that asked billing for an address that no operation has.
    pub(crate) async fn unclassified(&self, path: &str) -> SessionId {
        let session = self.live().await;
        let before = self.size().await;
        let refused = RefusedInSession {
            record: RecordId::from_bytes([4; 16]),
            txn: EventId::from_bytes([4; 16]),
            session: session.clone(),
            actor: ALICE.parse().unwrap(),
            subject: None,
            application: "billing".parse().unwrap(),
            operation: None,
            rule: None,
            method: "GET".into(),
            template: None,
            path: path.into(),
            asked: None,
            denial: Denial::UnclassifiedRoute,
            at: self.now(),
        };
        self.append(&session, Event::AccessRefused(refused));
        while self.size().await < before + 1 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        session
    }

    fn now(&self) -> Timestamp {
        self.house.clock.says()
    }

    async fn size(&self) -> u64 {
        locum_control::ports::Store::size(&*self.house.store)
            .await
            .unwrap()
    }

    fn append(&self, session: &SessionId, event: Event) {
        let (stream, at) = (Stream::Session(session.clone()), self.now());
        self.house.journal.append(&Happened { stream, at, event });
    }

    /// Files, approved by both, whatever else a test needs.
    pub(crate) async fn pending(&self) -> locum_domain::RequestId {
        self.house.filed(ALICE, &self.house.asked()).await.id
    }

    /// Oscar and Sam say yes.
    pub(crate) async fn approved(&self) -> locum_domain::RequestId {
        let id = self.pending().await;
        for person in [OSCAR, SAM] {
            self.house.approve(person, &id).await.unwrap();
        }
        id
    }
}
