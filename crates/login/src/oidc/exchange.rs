//! A code for an ID token (OpenID Connect Core 1.0, §3.1.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::form_urlencoded;

use super::answer::plain;
use super::failure::ProviderFailure;
use super::pending::Pending;
use super::settings::ProviderSettings;
use super::web::{FormAnswer, IdentityProviderWeb};

/// What the provider gives for a code.
pub(super) struct Tokens {
    pub(super) id_token: SecretString,
    pub(super) access_token: SecretString,
}

/// Exchanges a code, once. The provider refuses a second time, and so do we: the sign-in it belongs to is gone.
pub(super) async fn exchange(
    web: &dyn IdentityProviderWeb,
    settings: &ProviderSettings,
    token_endpoint: &str,
    code: &str,
    pending: &Pending,
) -> Result<Tokens, ProviderFailure> {
    let authorization = settings
        .client_secret
        .as_ref()
        .map(|secret| basic(&settings.client_id, secret));
    let form = form(settings, code, pending);
    let answer = web
        .post_form(token_endpoint, authorization.as_ref(), form)
        .await?;
    read(answer)
}

/// The form of RFC 6749, §4.1.3. A public client says in it who it is.
fn form(settings: &ProviderSettings, code: &str, pending: &Pending) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &settings.redirect_uri)
        .append_pair("code_verifier", &pending.verifier);
    if settings.client_secret.is_none() {
        form.append_pair("client_id", &settings.client_id);
    }
    form.finish()
}

fn read(answer: FormAnswer) -> Result<Tokens, ProviderFailure> {
    let text = |name: &str| answer.body.get(name).and_then(Value::as_str);
    if answer.status != 200 {
        return Err(match text("error") {
            Some(error) => ProviderFailure::Refused(plain(error)),
            None => ProviderFailure::Malformed("a refusal without `error`"),
        });
    }
    if !text("token_type").is_some_and(|it| it.eq_ignore_ascii_case("bearer")) {
        return Err(ProviderFailure::Malformed(
            "tokens that are no bearer tokens",
        ));
    }
    let token = |name, missing| {
        text(name)
            .map(SecretString::from)
            .ok_or(ProviderFailure::Malformed(missing))
    };
    Ok(Tokens {
        id_token: token("id_token", "no `id_token`")?,
        access_token: token("access_token", "no `access_token`")?,
    })
}

/// `client_secret_basic`: both halves are form-urlencoded first (RFC 6749, §2.3.1).
fn basic(client_id: &str, secret: &SecretString) -> SecretString {
    let coded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", coded(client_id), coded(secret.expose_secret()));
    SecretString::from(format!("Basic {}", STANDARD.encode(pair)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_odd_letters_arrives_whole() {
        let header = basic("lo:cum", &SecretString::from("a b+c%:ä"));
        let coded = header.expose_secret().strip_prefix("Basic ").unwrap();
        let pair = STANDARD.decode(coded).unwrap();
        assert_eq!(pair, b"lo%3Acum:a+b%2Bc%25%3A%C3%A4");
    }
}
