//! An identity provider in memory, which signs with a real key.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use locum_domain::Timestamp;
use locum_login::Ports;
use locum_login::oidc::{FormAnswer, IdentityProviderWeb, Provider, ProviderSettings, Silent};
use locum_testkit::house::FakeClock;
use locum_token::{Algorithm, JwkSet, SigningKey, generate_pem, jws};
use ring::rand::SystemRandom;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::world::HOST;

pub(crate) const ISSUER: &str = "https://idp.corp.example";

/// The provider, and who sits at its sign-in page.
pub(crate) struct Idp {
    key: SigningKey,
    clock: Arc<FakeClock>,
    pub(crate) account: Mutex<String>,
    pub(crate) acr: Mutex<Option<String>>,
    pub(crate) end_session_endpoint: Mutex<String>,
    pub(crate) is_silent: Mutex<bool>,
    /// Nonces by code.
    codes: Mutex<BTreeMap<String, String>>,
}

impl Idp {
    pub(crate) fn new(clock: Arc<FakeClock>) -> Self {
        let random = SystemRandom::new();
        let pem = generate_pem(Algorithm::EdDsa, &random).unwrap();
        Self {
            key: SigningKey::from_pkcs8_pem(&pem, &random).unwrap(),
            clock,
            account: Mutex::new("alice@corp.example".into()),
            acr: Mutex::default(),
            end_session_endpoint: Mutex::new(format!("{ISSUER}/logout")),
            is_silent: Mutex::default(),
            codes: Mutex::default(),
        }
    }

    /// The client of it.
    pub(crate) fn provider(self: &Arc<Self>, ports: Ports) -> Provider {
        let settings = ProviderSettings {
            issuer: ISSUER.into(),
            client_id: "locum".into(),
            client_secret: None,
            scopes: vec!["openid".into()],
            account_claim: "sub".into(),
            groups_claim: None,
            stepped_up_acr: vec!["phr".into()],
            redirect_uri: format!("{HOST}/login/oidc/callback"),
            post_logout_redirect_uri: format!("{HOST}/login"),
            is_secure: false,
        };
        Provider::new(settings, Arc::clone(self) as _, ports)
    }

    /// What the browser does there: somebody signs in, and it comes back by this address.
    pub(crate) fn visit(&self, location: &str) -> String {
        let url = Url::parse(location).unwrap();
        assert_eq!(url.origin().ascii_serialization(), ISSUER);
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["redirect_uri"], format!("{HOST}/login/oidc/callback"));
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), asked["nonce"].clone());
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", ISSUER)
            .finish();
        format!("/login/oidc/callback?{query}")
    }

    fn now(&self) -> Timestamp {
        self.clock.says()
    }
}

#[async_trait]
impl IdentityProviderWeb for Idp {
    async fn get_json(&self, url: &str, _: Option<&SecretString>) -> Result<Value, Silent> {
        if *self.is_silent.lock().unwrap() {
            return Err(Silent("it cannot be connected to".to_owned()));
        }
        if url == format!("{ISSUER}/jwks") {
            return Ok(JwkSet::of([self.key.verifying_key().clone()]).to_json());
        }
        Ok(json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/auth"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/jwks"),
            "end_session_endpoint": *self.end_session_endpoint.lock().unwrap(),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        }))
    }

    async fn post_form(
        &self,
        _: &str,
        _: Option<&SecretString>,
        form: String,
    ) -> Result<FormAnswer, Silent> {
        let said: BTreeMap<String, String> = form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect();
        let Some(nonce) = self.codes.lock().unwrap().remove(&said["code"]) else {
            let body = json!({"error": "invalid_grant"});
            return Ok(FormAnswer { status: 400, body });
        };
        let now = self.now().as_second();
        let mut claims = json!({
            "iss": ISSUER, "sub": *self.account.lock().unwrap(), "aud": "locum",
            "iat": now, "exp": now + 300, "auth_time": now - 1, "nonce": nonce, "sid": "s1",
        });
        if let Some(acr) = &*self.acr.lock().unwrap() {
            claims["acr"] = json!(acr);
        }
        let id_token = jws::sign(&claims, "JWT", &self.key, &SystemRandom::new()).unwrap();
        let body = json!({"access_token": "access", "token_type": "Bearer", "id_token": id_token});
        Ok(FormAnswer { status: 200, body })
    }
}
