//! A site to call: who may call it, and what it answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use locum_control::case_signal::Delivery;
use locum_control::strangers::Strangers;
use locum_domain::Timestamp;
use locum_domain::case::CaseSignal;
use locum_http::{HttpState, OAuthSettings, WebhookReceiver, WebhookRefused, router};
use locum_login::attempts::Attempts;
use locum_login::device::{Devices, LettingIn, UserCode};
use locum_login::{
    BearerTokens, InvitationCodes, Judgement, LoginSettings, Logins, Ports, SecretKey, SeenFrom,
    Started,
};
use locum_testkit::house::{House, HouseBuilder};
use locum_token::SigningKey;
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub(crate) const ISSUER: &str = "http://localhost:8470";
const PEOPLE: [&str; 12] = [
    "alice@corp.example",
    "arno@corp.example",
    "ann@bpo.example",
    "oscar@corp.example",
    "petra@corp.example",
    "paul@corp.example",
    "mia@corp.example",
    "sam@corp.example",
    "sven@corp.example",
    "prya@corp.example",
    "audrey@corp.example",
    "nobody@corp.example",
];

/// A house with its doors open.
pub(crate) struct Site {
    pub(crate) house: House,
    pub(crate) logins: Arc<Logins>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) invitation_codes: Arc<InvitationCodes>,
    pub(crate) strangers: Arc<Strangers>,
    router: Router,
}

/// Whoever says `secret` is believed: `secret ID closed NUMBER` or `secret ID changed NUMBER`.
struct Desk;

impl WebhookReceiver for Desk {
    fn receive(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        _: Option<Timestamp>,
    ) -> Result<Delivery, WebhookRefused> {
        if headers.get("signature").is_none_or(|it| it != "secret") {
            return Err(WebhookRefused::BadSignature);
        }
        let text = std::str::from_utf8(body).unwrap();
        let words: Vec<&str> = text.split(' ').collect();
        let [id, what, number] = words.as_slice() else {
            return Err(WebhookRefused::Stale);
        };
        let case = format!("desk:{number}").parse().unwrap();
        let signal = match *what {
            "closed" => CaseSignal::Closed {
                case,
                state: "resolved".to_owned(),
            },
            _ => CaseSignal::Changed { case },
        };
        Ok(Delivery {
            connector: "desk".to_owned(),
            id: (*id).to_owned(),
            signal,
        })
    }
}

/// The token of somebody: `token-alice`.
pub(crate) fn token(person: &str) -> String {
    format!("token-{}", person.split('@').next().unwrap())
}

pub(crate) fn access_token_key() -> SigningKey {
    let pem = locum_tlog::generate_pem(&[11; 32]).unwrap();
    SigningKey::from_pkcs8_pem(&pem, &SystemRandom::new()).unwrap()
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::of(House::builder()).await
    }

    pub(crate) async fn of(builder: HouseBuilder) -> Self {
        let house = builder.open().await;
        let tokens: Vec<(String, locum_domain::PrincipalId)> = PEOPLE
            .iter()
            .map(|person| (token(person), person.parse().unwrap()))
            .collect();
        let settings = LoginSettings {
            is_secure: false,
            tokens: BearerTokens::from_iter(
                tokens
                    .iter()
                    .map(|(token, it)| (token.as_str(), it.clone())),
            ),
            is_picking_allowed: true,
            // Development: a token stands for somebody who has just proved who they are.
            judgement: Judgement {
                is_signature_optional: true,
                ..Judgement::default()
            },
        };
        let clock = Arc::clone(&house.clock);
        let ports = Ports::new(
            SecretKey::new(&[9; 32]),
            Arc::new(move || clock.says()),
            Arc::new(|| {
                let mut bytes = [0; 32];
                SystemRandom::new().fill(&mut bytes).unwrap();
                Some(bytes)
            }),
        );
        let devices = Arc::new(Devices::new(ports.clone()));
        let invitation_codes = Arc::new(InvitationCodes::new(ports.clone()));
        let clock = Arc::clone(&house.clock);
        let attempts = Arc::new(Attempts::new(Arc::new(move || clock.says())));
        let logins = Arc::new(Logins::new(settings, ports));
        let strangers = Arc::new(Strangers::default());
        let state = HttpState {
            control: house.control.clone(),
            logins: Arc::clone(&logins),
            devices: Arc::clone(&devices),
            invitation_codes: Arc::clone(&invitation_codes),
            attempts,
            provider: None,
            webhooks: BTreeMap::from([(
                "desk".to_owned(),
                Arc::new(Desk) as Arc<dyn WebhookReceiver>,
            )]),
            strangers: Arc::clone(&strangers),
            oauth: OAuthSettings {
                random: Arc::new(SystemRandom::new()),
            },
            readiness: Arc::new(|| Ok(())),
        };
        Self {
            house,
            logins,
            devices,
            invitation_codes,
            strangers,
            router: router(state),
        }
    }

    /// What must be true whatever happened here.
    pub(crate) async fn close(self) {
        self.house.verify().await;
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call {
            site: self,
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Body::empty(),
        }
    }

    pub(crate) async fn get(&self, person: &str, path: &str) -> Answer {
        self.call(Method::GET, path).by(person).send().await
    }

    pub(crate) async fn post(&self, person: &str, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path)
            .by(person)
            .json(&body)
            .send()
            .await
    }

    /// A person's login cookie.
    pub(crate) fn login(&self, person: &str) -> Started {
        let seen_from = SeenFrom::default();
        self.logins
            .pick(person.parse().unwrap(), seen_from)
            .unwrap()
    }

    /// Who lets a device in: this person, from a browser.
    fn letting_in(&self, person: &str) -> LettingIn {
        let started = self.login(person);
        let cookie = started.set_cookie.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        let signed_in = self.logins.authenticate(&headers).unwrap();
        LettingIn::by(&signed_in).unwrap()
    }

    /// A token of a device that this person let in.
    pub(crate) fn device(&self, person: &str) -> String {
        let login = self.letting_in(person).device(SeenFrom::default());
        let token = self.logins.begin_token(login).unwrap().token;
        token.expose_secret().to_owned()
    }

    /// A person types a device's code, and lets it in.
    pub(crate) fn let_in(&self, code: &str, person: &str) -> bool {
        let who = self.letting_in(person);
        self.devices.let_in(&UserCode::read(code).unwrap(), who)
    }

    /// Posts a form, as stock OAuth clients do.
    pub(crate) async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        self.call(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(form.finish())
            .send()
            .await
    }

    /// Half an hour of reading invoices for `desk:7`.
    pub(crate) fn asked(&self) -> Value {
        json!({
            "case": "desk:7",
            "reason": "Carla cannot open her August invoice",
            "applications": [{"application": "billing", "operations": ["invoice.read"]}],
            "duration_minutes": 30,
        })
    }

    pub(crate) async fn filed(&self) -> Value {
        let answer = self.post("alice", "/api/v1/requests", self.asked()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// A request with every approval its route demands.
    pub(crate) async fn approved(&self) -> Value {
        let request = self.filed().await;
        self.approved_of(request).await
    }

    /// This request with every approval its route demands.
    pub(crate) async fn approved_of(&self, mut request: Value) -> Value {
        let path = format!(
            "/api/v1/requests/{}/approve",
            request["id"].as_str().unwrap()
        );
        for _ in 0..4 {
            if request["state"] == "approved" {
                return request;
            }
            let open = request["route"].as_array().unwrap().clone();
            let open = open
                .iter()
                .find(|step| step["decided_by"].is_null())
                .unwrap();
            let approver = open["approvers"][0].as_str().unwrap();
            let body = json!({"scope_digest": request["scope_digest"]});
            let answer = self.post(approver, &path, body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            request = answer.json();
        }
        panic!("never approved: {request}");
    }

    /// A live session: what activation answered.
    pub(crate) async fn activated(&self) -> Value {
        let request = self.approved().await;
        let path = format!(
            "/api/v1/requests/{}/activate",
            request["id"].as_str().unwrap()
        );
        let answer = self.post("alice", &path, json!({})).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// The codes of every refusal on the record.
    pub(crate) async fn refusals(&self) -> Vec<String> {
        let history = self.house.history().await;
        history
            .into_iter()
            .filter_map(|recorded| match recorded.event {
                locum_domain::Event::Refused { refusal, .. } => {
                    Some(refusal.denial.code().to_owned())
                }
                _ => None,
            })
            .collect()
    }
}

/// One call in the making.
pub(crate) struct Call<'s> {
    site: &'s Site,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
}

impl Call<'_> {
    pub(crate) fn by(self, person: &str) -> Self {
        let value = format!("Bearer {}", token(person));
        self.header("authorization", &value)
    }

    /// With this bearer token.
    pub(crate) fn with(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().unwrap());
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json")
            .body(body.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        *request.headers_mut().unwrap() = self.headers;
        let request = request.body(self.body).unwrap();
        let answer = self.site.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.to_vec(),
        }
    }
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The refusal it must be.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header(header::CONTENT_TYPE.as_str()),
            "application/problem+json",
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert!(
            problem["type"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/{code}"))
        );
        problem
    }
}
