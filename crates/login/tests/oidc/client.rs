//! Our side of the provider, with a clock one can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use http::HeaderMap;
use http::header::COOKIE;
use jiff::Timestamp;
use locum_login::oidc::{Begun, Finished, Provider, ProviderFailure, ProviderSettings, Wish};
use locum_login::{LoginSettings, Logins, Ports, SecretKey};
use secrecy::SecretString;

use crate::idp::{CLIENT, ISSUER, Idp};

pub(crate) struct Client {
    pub(crate) idp: Arc<Idp>,
    pub(crate) provider: Provider,
    pub(crate) logins: Logins,
}

pub(crate) fn settings() -> ProviderSettings {
    ProviderSettings {
        issuer: ISSUER.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: Some(SecretString::from("secret")),
        scopes: vec!["openid".to_owned(), "email".to_owned()],
        account_claim: "email".to_owned(),
        groups_claim: None,
        stepped_up_acr: vec!["phr".to_owned()],
        redirect_uri: "https://locum.corp.example/login/oidc/callback".to_owned(),
        post_logout_redirect_uri: "https://locum.corp.example/".to_owned(),
        is_secure: true,
    }
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::of(settings())
    }

    pub(crate) fn of(settings: ProviderSettings) -> Self {
        let idp = Idp::new();
        let clock = Arc::clone(&idp);
        let drawn = AtomicU8::new(0);
        let ports = Ports::new(
            SecretKey::new(&[7; 32]),
            Arc::new(move || Timestamp::from_second(clock.with(|it| it.now)).unwrap()),
            Arc::new(move || Some([drawn.fetch_add(1, Ordering::Relaxed); 32])),
        );
        let web = Arc::clone(&idp) as _;
        Self {
            idp,
            provider: Provider::new(settings, web, ports.clone()),
            logins: Logins::new(LoginSettings::default(), ports),
        }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.idp.with(|state| state.now += seconds);
    }

    pub(crate) async fn begin(&self) -> Begun {
        let wish = Wish::SignIn {
            to: "/requests/req_1".to_owned(),
        };
        self.provider.begin(wish).await.unwrap()
    }

    /// There and back again, in one browser.
    pub(crate) async fn sign_in(&self) -> Result<Finished, ProviderFailure> {
        let begun = self.begin().await;
        let query = self.idp.visit(&begun.location);
        self.provider.finish(&browser(&begun), &query).await
    }
}

/// The browser that this sign-in was begun in.
pub(crate) fn browser(begun: &Begun) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let pair = begun.set_cookie.split(';').next().unwrap();
    headers.insert(COOKIE, pair.parse().unwrap());
    headers
}

/// The word of a sign-in that came to nothing.
pub(crate) fn refused(outcome: Result<Finished, ProviderFailure>) -> &'static str {
    outcome.expect_err("somebody was signed in").code()
}
