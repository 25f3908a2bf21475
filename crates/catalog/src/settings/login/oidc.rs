//! `[login.oidc]`: the identity provider that people sign in with, and what counts in its answers.

use std::collections::BTreeMap;
use std::path::Path;

use locum_domain::catalog::Role;

use crate::address::{is_loopback, web};
use crate::catalog::role_words;
use crate::problem::Problems;
use crate::read::{Fields, choose};
use crate::secret::{SecretRef, secret};
use crate::source::At;

/// An OpenID provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oidc {
    /// As the provider writes itself, to the last slash: it is compared letter by letter (OpenID Connect
    /// Discovery 1.0, section 4.3).
    pub issuer: String,
    pub client_id: String,
    /// Without one Locum is a public client; the code is protected by PKCE either way.
    pub client_secret: Option<SecretRef>,
    pub scopes: Vec<String>,
    /// The claim of the ID token that names the account.
    pub account_claim: String,
    /// The `system` of the accounts in people.toml that are the provider's.
    pub system: String,
    pub groups_claim: String,
    /// Which role a group lets count. A role counts in a login when the catalog gives it and, where the role
    /// stands here, one of its groups is in the login: the table narrows and never grants.
    pub roles: BTreeMap<String, Role>,
    /// The values of `acr` that count as stepped up.
    pub stepped_up_acr: Vec<String>,
}

const WHAT: &str = "[login.oidc]";
const NAMES: [&str; 9] = [
    "issuer",
    "client_id",
    "client_secret",
    "scopes",
    "account_claim",
    "system",
    "groups_claim",
    "roles",
    "stepped_up_acr",
];

pub(super) fn oidc(section: &Fields<'_>, folder: &Path) -> Option<Oidc> {
    let fields = section.table("oidc", WHAT, &NAMES)?;
    let issuer = fields.need::<String>("issuer");
    let issuer = issuer.filter(|issuer| is_issuer(issuer, fields.problems));
    let client_id = fields.need::<String>("client_id");
    let has_secret = fields.node("client_secret").is_some();
    let client_secret = secret(&fields, "client_secret", folder);
    let scopes = scopes(&fields);
    let or = |name: &str, usual: &str| {
        let stated = fields.get::<String>(name);
        stated.map_or_else(|| usual.to_owned(), |stated| stated.value)
    };
    let account_claim = or("account_claim", "sub");
    let system = or("system", "idp");
    let groups_claim = or("groups_claim", "groups");
    let roles = roles(&fields);
    let acr = fields.list::<String>("stepped_up_acr");
    if has_secret && client_secret.is_none() {
        return None;
    }
    Some(Oidc {
        issuer: issuer?.value,
        client_id: client_id?.value,
        client_secret: client_secret.map(|secret| secret.value),
        scopes,
        account_claim,
        system,
        groups_claim,
        roles,
        stepped_up_acr: acr.into_iter().map(|acr| acr.value).collect(),
    })
}

/// An issuer is an https address without query and fragment (OpenID Connect Core 1.0, section 2); plain http is
/// for a provider on this machine.
fn is_issuer(issuer: &At<String>, problems: &Problems) -> bool {
    let Some(url) = web(issuer, "issuer", problems) else {
        return false;
    };
    if url.query().is_some() {
        problems.error_with(
            &issuer.place,
            "`issuer` has a query",
            "write it as the provider's discovery document does",
        );
        return false;
    }
    if url.scheme() != "https" && !is_loopback(&url) {
        problems.error_with(
            &issuer.place,
            "`issuer` is reached without TLS: whoever sits on the way could sign in as anybody",
            "write \"https://…\"",
        );
        return false;
    }
    true
}

fn scopes(fields: &Fields<'_>) -> Vec<String> {
    if fields.node("scopes").is_none() {
        return vec!["openid".to_owned()];
    }
    let scopes = fields.list::<String>("scopes");
    for scope in &scopes {
        // RFC 6749, section 3.3: a scope is one word.
        let is_word = scope
            .value
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
        if !is_word {
            fields.problems.error_with(
                &scope.place,
                format!("{:?} is not a scope", scope.value),
                "one word each: scopes = [\"openid\", \"email\"]",
            );
        }
    }
    let scopes: Vec<String> = scopes.into_iter().map(|scope| scope.value).collect();
    if !scopes.iter().any(|scope| scope == "openid") {
        fields.problems.error_with(
            fields.place_of("scopes"),
            "without the scope `openid` the provider sends no ID token",
            "add \"openid\"",
        );
    }
    scopes
}

fn roles(fields: &Fields<'_>) -> BTreeMap<String, Role> {
    let words = role_words();
    let stated = fields.map::<String>("roles").into_iter();
    stated
        .filter_map(|(group, role)| {
            let role = choose(role, "roles", &words, fields.problems)?;
            Some((group.value, role.value))
        })
        .collect()
}
