//! An identity provider in memory. It signs with real keys, exchanges each code once, and can be made to misbehave.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_login::oidc::{FormAnswer, IdentityProviderWeb, Silent};
use locum_token::{Algorithm, JwkSet, SigningKey, generate_pem, jws};
use ring::rand::SystemRandom;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

pub(crate) const ISSUER: &str = "https://idp.corp.example";
pub(crate) const CLIENT: &str = "locum";
pub(crate) const NOW: i64 = 1_800_000_000;

/// Changes the claims before they are signed.
pub(crate) type Spoil = Box<dyn Fn(&mut Value) + Send>;
/// Makes the whole token out of the claims, instead of signing them.
pub(crate) type Forge = Box<dyn Fn(&Value, &SigningKey) -> String + Send>;

pub(crate) struct Idp(Mutex<State>);

pub(crate) struct State {
    pub(crate) metadata: Value,
    pub(crate) signing: SigningKey,
    /// What the provider publishes; not always the key it signs with.
    pub(crate) published: JwkSet,
    pub(crate) spoil: Option<Spoil>,
    pub(crate) forge: Option<Forge>,
    pub(crate) userinfo: Value,
    pub(crate) is_silent: bool,
    pub(crate) jwks_asked: usize,
    pub(crate) metadata_asked: usize,
    pub(crate) exchanges: usize,
    codes: BTreeMap<String, Code>,
    pub(crate) now: i64,
}

struct Code {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    let random = SystemRandom::new();
    let pem = generate_pem(algorithm, &random).unwrap();
    SigningKey::from_pkcs8_pem(&pem, &random).unwrap()
}

pub(crate) fn published(keys: &[&SigningKey]) -> JwkSet {
    JwkSet::of(keys.iter().map(|key| key.verifying_key().clone()))
}

/// Signs claims as a JWT of this type.
pub(crate) fn signed(claims: &Value, typ: &str, key: &SigningKey) -> String {
    jws::sign(claims, typ, key, &SystemRandom::new()).unwrap()
}

impl Idp {
    pub(crate) fn new() -> Arc<Self> {
        let signing = key(Algorithm::Es256);
        let metadata = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/auth?tenant=corp"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/jwks"),
            "userinfo_endpoint": format!("{ISSUER}/me"),
            "end_session_endpoint": format!("{ISSUER}/logout"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        Arc::new(Self(Mutex::new(State {
            metadata,
            published: published(&[&signing]),
            signing,
            spoil: None,
            forge: None,
            userinfo: json!({"sub": "u-alice", "groups": ["from-userinfo"]}),
            is_silent: false,
            jwks_asked: 0,
            metadata_asked: 0,
            exchanges: 0,
            codes: BTreeMap::new(),
            now: NOW,
        })))
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    /// What the person's browser does at the provider: they sign in there, and it comes back with this query.
    pub(crate) fn visit(&self, location: &str) -> String {
        let url = Url::parse(location).unwrap();
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["tenant"], "corp", "the endpoint's own query is kept");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        let code = Code {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: asked["redirect_uri"].clone(),
        };
        self.with(|state| {
            let name = format!("code-{}", state.codes.len() + state.exchanges);
            state.codes.insert(name.clone(), code);
            form_urlencoded::Serializer::new(String::new())
                .append_pair("code", &name)
                .append_pair("state", &asked["state"])
                .append_pair("iss", ISSUER)
                .finish()
        })
    }
}

impl State {
    fn exchange(&mut self, authorization: Option<&str>, form: &str) -> FormAnswer {
        self.exchanges += 1;
        let said: BTreeMap<String, String> = form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect();
        let no = |error: &str| FormAnswer {
            status: 400,
            body: json!({ "error": error }),
        };
        // locum:secret
        let is_known = match authorization {
            Some(header) => header == "Basic bG9jdW06c2VjcmV0",
            None => said.get("client_id").is_some_and(|it| it == CLIENT),
        };
        if !is_known {
            return no("invalid_client");
        }
        let Some(code) = said.get("code").and_then(|code| self.codes.remove(code)) else {
            return no("invalid_grant");
        };
        let verifier = Sha256::digest(said["code_verifier"].as_bytes());
        let is_bound = URL_SAFE_NO_PAD.encode(verifier) == code.challenge;
        if !is_bound || said["redirect_uri"] != code.redirect_uri {
            return no("invalid_grant");
        }
        let mut claims = json!({
            "iss": ISSUER,
            "sub": "u-alice",
            "aud": CLIENT,
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": code.nonce,
            "at_hash": at_hash("access"),
            "sid": "s1",
            "acr": "phr",
            "amr": ["hwk", "user"],
            "auth_time": self.now - 5,
            "email": "alice@corp.example",
            "email_verified": true,
        });
        if let Some(spoil) = &self.spoil {
            spoil(&mut claims);
        }
        let id_token = match &self.forge {
            Some(forge) => forge(&claims, &self.signing),
            None => signed(&claims, "JWT", &self.signing),
        };
        FormAnswer {
            status: 200,
            body: json!({"access_token": "access", "token_type": "bearer", "id_token": id_token}),
        }
    }
}

/// The left half of the SHA-256, as for ES256.
pub(crate) fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token.as_bytes())[..16])
}

#[async_trait]
impl IdentityProviderWeb for Idp {
    async fn get_json(
        &self,
        url: &str,
        authorization: Option<&SecretString>,
    ) -> Result<Value, Silent> {
        self.with(|state| {
            let path = url
                .strip_prefix(ISSUER)
                .expect("only the provider is asked");
            if state.is_silent {
                return Err(Silent("it cannot be connected to".to_owned()));
            }
            match path {
                "/.well-known/openid-configuration" => {
                    state.metadata_asked += 1;
                    Ok(state.metadata.clone())
                }
                "/jwks" => {
                    state.jwks_asked += 1;
                    Ok(state.published.to_json())
                }
                "/me" => {
                    let header = authorization.map(|it| it.expose_secret().to_owned());
                    assert_eq!(header.as_deref(), Some("Bearer access"));
                    Ok(state.userinfo.clone())
                }
                other => panic!("{other} is not asked"),
            }
        })
    }

    async fn post_form(
        &self,
        url: &str,
        authorization: Option<&SecretString>,
        form: String,
    ) -> Result<FormAnswer, Silent> {
        assert_eq!(url, format!("{ISSUER}/token"));
        let authorization = authorization.map(|it| it.expose_secret().to_owned());
        Ok(self.with(|state| state.exchange(authorization.as_deref(), &form)))
    }
}
