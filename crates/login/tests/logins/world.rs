//! Logins with a clock one can move and randomness one can foresee.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use jiff::Timestamp;
use locum_domain::catalog::Role;
use locum_domain::{AuthenticatorId, PrincipalId};
use locum_login::device::LettingIn;
use locum_login::{
    BearerTokens, How, Judgement, LoginSettings, Logins, NewLogin, NotBegun, OidcSignIn, Ports,
    SecretKey, SeenFrom, Started,
};
use secrecy::ExposeSecret as _;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const ISSUER: &str = "https://idp.corp.example";

pub(crate) struct World {
    pub(crate) logins: Logins,
    second: Arc<AtomicI64>,
}

impl World {
    /// Anybody may pick who they are, as in development.
    pub(crate) fn development() -> Self {
        Self::of(true, false, Judgement::default())
    }

    pub(crate) fn production() -> Self {
        Self::of(false, true, judgement())
    }

    pub(crate) fn of(is_picking_allowed: bool, is_secure: bool, judgement: Judgement) -> Self {
        let second = Arc::new(AtomicI64::new(1_800_000_000));
        let clock = Arc::clone(&second);
        let drawn = AtomicU8::new(0);
        let settings = LoginSettings {
            is_secure,
            tokens: BearerTokens::from_iter([("token-alice", alice())]),
            is_picking_allowed,
            judgement,
        };
        let ports = Ports::new(
            SecretKey::new(&[7; 32]),
            Arc::new(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap()),
            Arc::new(move || Some([drawn.fetch_add(1, Ordering::Relaxed); 32])),
        );
        Self {
            logins: Logins::new(settings, ports),
            second,
        }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.second.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.second.load(Ordering::Relaxed)).unwrap()
    }

    pub(crate) fn pick(&self, principal: PrincipalId) -> Option<Started> {
        self.logins.pick(principal, SeenFrom::default())
    }

    /// Somebody who is signed in with this cookie, about to let a device in.
    pub(crate) fn letting_in(&self, set_cookie: &str) -> LettingIn {
        let signed_in = self.logins.authenticate(&with_cookie(set_cookie));
        LettingIn::by(&signed_in.unwrap()).unwrap()
    }

    /// The token of a device that somebody lets in so.
    pub(crate) fn let_in(&self, who: LettingIn) -> Result<String, NotBegun> {
        let token = self.logins.begin_token(who.device(SeenFrom::default()))?;
        Ok(token.token.expose_secret().to_owned())
    }

    pub(crate) fn begin(&self, how: How) -> Started {
        self.logins.begin(alice_by(how)).unwrap()
    }
}

/// Security is confirmed by a group, and `phr` stands for an authenticator.
pub(crate) fn judgement() -> Judgement {
    Judgement {
        is_signature_optional: false,
        stepped_up_acr: vec!["phr".to_owned()],
        roles: [("locum-security".to_owned(), Role::Security)].into(),
    }
}

pub(crate) fn alice() -> PrincipalId {
    "alice@corp.example".parse().unwrap()
}

pub(crate) fn bob() -> PrincipalId {
    "bob@corp.example".parse().unwrap()
}

pub(crate) fn alice_by(how: How) -> NewLogin {
    NewLogin::new(alice(), how, SeenFrom::default())
}

/// Alice at the provider, in its session `s1`.
pub(crate) fn oidc(acr: Option<&str>, authenticated_at: Option<Timestamp>) -> OidcSignIn {
    OidcSignIn {
        issuer: ISSUER.to_owned(),
        subject: "alice".to_owned(),
        session: Some("s1".to_owned()),
        acr: acr.map(str::to_owned),
        amr: vec!["pwd".to_owned()],
        authenticated_at,
        groups: BTreeSet::new(),
    }
}

pub(crate) fn with_cookie(set_cookie: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let pair = set_cookie.split(';').next().unwrap();
    headers.insert(COOKIE, pair.parse().unwrap());
    headers
}

pub(crate) fn with_authorization(value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, value.parse().unwrap());
    headers
}

/// Two authenticators.
pub(crate) fn authenticator(last: u8) -> AuthenticatorId {
    format!("aut_{last:032x}").parse().unwrap()
}

pub(crate) fn passkey() -> How {
    How::Passkey {
        authenticator: authenticator(1),
    }
}
