//! What the provider says of itself (OpenID Connect Discovery 1.0, RFC 8414).

use serde::Deserialize;
use serde_json::Value;
use url::{Host, Url};

use super::failure::ProviderFailure;

/// The algorithms of ID tokens that are believed.
const ALGORITHMS: [&str; 4] = ["RS256", "ES256", "EdDSA", "Ed25519"];

/// The provider's metadata, as far as this client needs it; checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) jwks_uri: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) end_session_endpoint: Option<Url>,
    /// Whether every authorization answer says whose it is (RFC 9207).
    pub(super) is_issuer_in_answers: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    end_session_endpoint: Option<String>,
    response_types_supported: Vec<String>,
    #[serde(rename = "subject_types_supported")]
    _subject_types_supported: Vec<String>,
    id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Where an issuer's metadata stands (Discovery 1.0, §4).
pub(super) fn address(issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    format!("{issuer}/.well-known/openid-configuration")
}

impl Metadata {
    /// Reads and checks the metadata of `issuer` for a client that has a secret, or has none.
    pub(super) fn read(
        document: Value,
        issuer: &str,
        is_secret_known: bool,
    ) -> Result<Self, ProviderFailure> {
        let wrong = |why: String| ProviderFailure::Discovery(why);
        let document: Document =
            serde_json::from_value(document).map_err(|error| wrong(error.to_string()))?;
        // §4.3: anybody could serve a document that names somebody else's endpoints.
        if document.issuer != issuer {
            return Err(wrong(format!("it says that it is `{}`", document.issuer)));
        }
        if !document
            .response_types_supported
            .iter()
            .any(|it| it == "code")
        {
            return Err(wrong("it does not know the response type `code`".into()));
        }
        let algorithms = &document.id_token_signing_alg_values_supported;
        if !algorithms
            .iter()
            .any(|it| ALGORITHMS.contains(&it.as_str()))
        {
            let offered = algorithms.join(" ");
            return Err(wrong(format!(
                "it signs ID tokens by none we trust: {offered}"
            )));
        }
        match &document.code_challenge_methods_supported {
            Some(methods) if methods.iter().any(|it| it == "S256") => {}
            // A client with a secret is bound to its code by that and by the nonce, and sends the challenge anyway.
            None if is_secret_known => {}
            _ => return Err(wrong("it does not know PKCE by `S256`".into())),
        }
        if let Some(methods) = &document.token_endpoint_auth_methods_supported
            && is_secret_known
            && !methods.iter().any(|it| it == "client_secret_basic")
        {
            return Err(wrong("it does not take `client_secret_basic`".into()));
        }
        let issuer = endpoint("issuer", issuer, None)?;
        let required = |name: &str, text: &str| endpoint(name, text, Some(&issuer));
        let optional = |name: &str, text: Option<String>| {
            text.map(|text| endpoint(name, &text, Some(&issuer)))
                .transpose()
        };
        Ok(Self {
            authorization_endpoint: required(
                "authorization_endpoint",
                &document.authorization_endpoint,
            )?,
            token_endpoint: required("token_endpoint", &document.token_endpoint)?,
            jwks_uri: required("jwks_uri", &document.jwks_uri)?,
            userinfo_endpoint: optional("userinfo_endpoint", document.userinfo_endpoint)?,
            end_session_endpoint: optional("end_session_endpoint", document.end_session_endpoint)?,
            is_issuer_in_answers: document.authorization_response_iss_parameter_supported,
        })
    }
}

/// An address over TLS. Cleartext only from this machine to itself, and never because a provider elsewhere says so.
fn endpoint(name: &str, text: &str, issuer: Option<&Url>) -> Result<Url, ProviderFailure> {
    let wrong = || ProviderFailure::Discovery(format!("`{name}` is no https address"));
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let is_allowed = match url.scheme() {
        "https" => issuer.is_none_or(is_loopback) || !is_loopback(&url),
        "http" => is_loopback(&url) && issuer.is_none_or(is_loopback),
        _ => false,
    };
    (is_plain && is_allowed).then_some(url).ok_or_else(wrong)
}

/// Whether an address is this machine's own.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ISSUER: &str = "https://idp.corp.example";

    fn good() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://idp.corp.example/auth",
            "token_endpoint": "https://idp.corp.example/token",
            "jwks_uri": "https://idp.corp.example/jwks",
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["HS256", "RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut document = good();
        document[name] = value;
        document
    }

    #[test]
    fn r33_a_provider_that_is_wrong_in_one_member_is_not_used() {
        assert!(Metadata::read(good(), ISSUER, true).is_ok());
        assert!(Metadata::read(good(), "https://idp.corp.example/", true).is_err());
        for (name, value) in [
            ("issuer", json!("https://idp.corp.example/")),
            ("issuer", json!("https://evil.example")),
            ("authorization_endpoint", Value::Null),
            (
                "authorization_endpoint",
                json!("http://idp.corp.example/auth"),
            ),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("token_endpoint", json!("http://127.0.0.1:1/token")),
            ("token_endpoint", json!("https://127.0.0.1:1/token")),
            (
                "token_endpoint",
                json!("https://user:word@idp.corp.example/"),
            ),
            ("jwks_uri", json!("file:///etc/passwd")),
            ("response_types_supported", json!(["id_token"])),
            ("subject_types_supported", Value::Null),
            (
                "id_token_signing_alg_values_supported",
                json!(["none", "HS256"]),
            ),
            ("code_challenge_methods_supported", json!(["plain"])),
            (
                "token_endpoint_auth_methods_supported",
                json!(["private_key_jwt"]),
            ),
        ] {
            let document = with(name, value.clone());
            assert!(
                Metadata::read(document, ISSUER, true).is_err(),
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn a_public_client_needs_a_provider_that_says_it_knows_pkce() {
        let mut silent = good();
        silent
            .as_object_mut()
            .unwrap()
            .remove("code_challenge_methods_supported");
        assert!(Metadata::read(silent.clone(), ISSUER, true).is_ok());
        assert!(Metadata::read(silent, ISSUER, false).is_err());
        assert!(Metadata::read(good(), ISSUER, false).is_ok());
    }

    #[test]
    fn on_loopback_a_provider_may_do_without_tls() {
        let text = good().to_string().replace(ISSUER, "http://127.0.0.1:3000");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert!(Metadata::read(document, "http://127.0.0.1:3000", true).is_ok());
        assert_eq!(
            address("https://idp.corp.example/tenant/"),
            "https://idp.corp.example/tenant/.well-known/openid-configuration"
        );
    }
}
