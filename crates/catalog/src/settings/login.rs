//! `[login]`: development tokens, and the name passkeys are bound to.

use std::path::Path;

use url::{Host, Url};

use super::{Environment, Login, Server};
use crate::problem::Problems;
use crate::read::Fields;
use crate::secret::secret;
use crate::source::{At, Place};

/// What was read, and where the tokens file is named.
pub(super) struct LoginRead {
    pub(super) login: Option<Login>,
    pub(super) tokens_place: Option<Place>,
}

pub(super) fn login(
    root: &Fields<'_>,
    environment: Option<Environment>,
    folder: &Path,
    server: Option<&Server>,
) -> LoginRead {
    let section = root.table_or_empty("login", "[login]", &["development", "passkeys"]);
    let development = section.table("development", "[login.development]", &["tokens"]);
    let is_refused = environment == Some(Environment::Production);
    if let Some(development) = development.as_ref().filter(|_| is_refused) {
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
    let rp_id = server.and_then(|server| rp_id(server, stated.as_ref(), root, section.problems));
    let is_broken = development.is_some() && tokens.is_none();
    let login = rp_id.filter(|_| !is_broken).map(|rp_id| Login {
        development_tokens: tokens.map(|tokens| tokens.value),
        rp_id,
    });
    LoginRead {
        login,
        tokens_place,
    }
}

/// The relying party id: a name that the console's host is or is below (WebAuthn Level 3, section 5.1.3).
fn rp_id(
    server: &Server,
    stated: Option<&At<String>>,
    root: &Fields<'_>,
    problems: &Problems,
) -> Option<String> {
    let url = Url::parse(&server.public_url).ok()?;
    let host = url.host_str()?.to_owned();
    let section = root.table_or_empty("server", "[server]", &["listen", "public_url"]);
    let place = stated.map_or_else(
        || section.place_of("public_url").clone(),
        |stated| stated.place.clone(),
    );
    if !matches!(url.host(), Some(Host::Domain(_))) {
        let message =
            format!("`{host}` is an address: passkeys need a name, so nobody can use one here");
        problems.warning(
            &place,
            message,
            "write \"http://localhost:PORT\" or a domain name in public_url",
        );
    }
    let Some(stated) = stated else {
        return Some(host);
    };
    if host != stated.value && !host.ends_with(&format!(".{}", stated.value)) {
        let message = format!("`rp_id` must be `{host}` or a domain above it");
        problems.error_with(
            &stated.place,
            message,
            format!("leave it out, or write \"{host}\""),
        );
    }
    Some(stated.value.clone())
}
