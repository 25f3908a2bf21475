//! `[login]`: the founders, the identity provider, the name passkeys are bound to, and development tokens.

mod founders;
mod oidc;
mod rp_id;

use std::path::Path;

use locum_domain::PrincipalId;

pub(crate) use founders::settle as settle_founders;
pub use oidc::Oidc;

use super::{Environment, Login, Server, SignatureRule};
use crate::read::Fields;
use crate::secret::secret;
use crate::source::{At, Place};

/// The remedy, to be written as it stands.
const NAME_THEM: &str = "before anybody can sign in, name two people who enrol the first passkeys: \
     [login] founders = [\"PERSON\", \"PERSON\"]";

const NAMES: [&str; 4] = ["development", "founders", "oidc", "passkeys"];

/// What was read, and what of it is judged against other files.
pub(super) struct LoginRead {
    pub(super) login: Option<Login>,
    /// Where the tokens file is named.
    pub(super) tokens_place: Option<Place>,
    pub(super) founders: Vec<At<PrincipalId>>,
}

pub(super) fn login(
    root: &Fields<'_>,
    environment: Option<Environment>,
    folder: &Path,
    server: Option<&Server>,
    signature: SignatureRule,
) -> LoginRead {
    let section = root.table_or_empty("login", "[login]", &NAMES);
    let development = section.table("development", "[login.development]", &["tokens"]);
    let is_production = environment == Some(Environment::Production);
    if let Some(development) = development.as_ref().filter(|_| is_production) {
        section.problems.error_with(
            &development.place,
            "development tokens are refused in production",
            "remove [login.development]; people sign in by OIDC or passkey",
        );
    }
    let tokens = development.as_ref().and_then(|development| {
        if development.node("tokens").is_none() {
            section
                .problems
                .error(&development.place, "[login.development] needs `tokens`");
        }
        secret(development, "tokens", folder)
    });
    let tokens_place = tokens.as_ref().map(|tokens| tokens.place.clone());
    let passkeys = section.table_or_empty("passkeys", "[login.passkeys]", &["rp_id"]);
    let stated = passkeys.get::<String>("rp_id");
    let rp_id =
        server.and_then(|server| rp_id::rp_id(server, stated.as_ref(), root, section.problems));
    let founders = founders::founders(&section);
    let oidc = oidc::oidc(&section, folder);
    if is_production {
        somebody_can_sign_in(root, &section, signature);
    }
    let is_broken = (development.is_some() && tokens.is_none())
        || (section.node("oidc").is_some() && oidc.is_none());
    let login = rp_id.filter(|_| !is_broken).map(|rp_id| Login {
        development_tokens: tokens.map(|tokens| tokens.value),
        rp_id,
        founders: founders
            .iter()
            .map(|founder| founder.value.clone())
            .collect(),
        oidc,
    });
    LoginRead {
        login,
        tokens_place,
        founders,
    }
}

/// In production there is no development token. Without an identity provider and without founders nobody comes in, until
/// either is named. With a provider alone people come in and nobody could ever sign: founders cannot be named any more
/// once somebody could act.
fn somebody_can_sign_in(root: &Fields<'_>, section: &Fields<'_>, signature: SignatureRule) {
    if section.node("founders").is_some() {
        return;
    }
    let problems = section.problems;
    let Some(_) = section.node("oidc") else {
        problems.warning(
            root.place_of("environment"),
            "nobody can sign in: there is neither [login.oidc] nor `[login] founders`",
            NAME_THEM,
        );
        return;
    };
    match signature {
        SignatureRule::Required => problems.error_with(
            &section.place,
            "every approval needs a passkey's signature, and without founders nobody could ever enrol one",
            NAME_THEM,
        ),
        SignatureRule::Optional => problems.warning(
            &section.place,
            "nobody can ever enrol an authenticator without founders, so no approval can ever be signed",
            NAME_THEM,
        ),
    }
}
