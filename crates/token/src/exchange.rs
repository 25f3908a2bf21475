//! The token endpoint's words (RFC 8693, RFC 6749): a form in, an answer or an OAuth error out.
//!
//! What the form asks for is only read here; whether it is granted is decided where the session
//! is known. Parameters that would ask for less, more or something else than the grant says are
//! refused, never passed over, because a client that asked for less must not get all.

use serde::Serialize;

use crate::form::{Form, invalid, missing};

/// `grant_type` of a token exchange.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// The token type of a grant token, and one of the two an actor token may have.
pub const TOKEN_TYPE_JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// The token type that is issued.
pub const TOKEN_TYPE_ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// `client_assertion_type` of `private_key_jwt`.
pub const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A well-formed token exchange. Nothing in it has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRequest {
    /// The grant token.
    pub subject_token: String,
    /// The one application's audience.
    pub audience: String,
    /// A person's token, when a person and not a client is the actor.
    pub actor_token: Option<String>,
    /// How the client proves who it is.
    pub client: Option<ClientCredential>,
}

/// `private_key_jwt`: the only proof accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredential {
    /// The signed assertion.
    pub assertion: String,
    /// What the client calls itself, if it does; must equal the assertion's subject.
    pub client_id: Option<String>,
}

/// The error codes of RFC 6749 §5.2 and RFC 8693 §2.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OAuthErrorCode {
    /// A parameter is missing, repeated or malformed, or the subject's or actor's token is invalid, over, or not
    /// acceptable for whatever reason (RFC 8693 §2.2.2).
    InvalidRequest,
    /// The client could not be authenticated.
    InvalidClient,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// No such `grant_type` here.
    UnsupportedGrantType,
    /// A scope cannot be asked for: the grant has one.
    InvalidScope,
    /// The audience is not one of the grant's applications, or not one at all.
    InvalidTarget,
    /// The device code is nobody's, was used, or is another client's (RFC 6749 §5.2).
    InvalidGrant,
    /// Nobody has decided yet; the client asks again (RFC 8628 §3.5).
    AuthorizationPending,
    /// The client asks too often (RFC 8628 §3.5).
    SlowDown,
    /// Somebody said no (RFC 8628 §3.5).
    AccessDenied,
    /// Nobody let the device in in time (RFC 8628 §3.5).
    ExpiredToken,
    /// The server cannot answer now.
    TemporarilyUnavailable,
}

/// What the token endpoint answers when it refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{description}")]
pub struct OAuthError {
    /// The code.
    #[serde(rename = "error")]
    pub code: OAuthErrorCode,
    /// For the client's developer; holds nothing secret.
    #[serde(rename = "error_description")]
    pub description: String,
}

impl OAuthError {
    /// A refusal.
    pub fn new(code: OAuthErrorCode, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
        }
    }

    /// The HTTP status it travels with.
    pub fn status(&self) -> u16 {
        match self.code {
            OAuthErrorCode::InvalidClient => 401,
            OAuthErrorCode::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

/// What the token endpoint answers when it issues. There is no refresh token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExchangeAnswer {
    /// The access token.
    pub access_token: String,
    /// Always [`TOKEN_TYPE_ACCESS_TOKEN`].
    pub issued_token_type: &'static str,
    /// How it is shown.
    pub token_type: &'static str,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// The granted operations.
    pub scope: String,
}

impl ExchangeAnswer {
    /// An answer with a bearer token.
    pub fn bearer(access_token: String, expires_in: i64, scope: String) -> Self {
        Self {
            access_token,
            issued_token_type: TOKEN_TYPE_ACCESS_TOKEN,
            token_type: "Bearer",
            expires_in,
            scope,
        }
    }
}

/// Reads a token exchange out of a form whose `grant_type` was taken.
///
/// # Errors
/// What is wrong with it.
pub fn exchange_of(mut form: Form) -> Result<ExchangeRequest, OAuthError> {
    let client = client_credential(&mut form)?;
    let subject_token = form.demand("subject_token")?;
    if form.demand("subject_token_type")? != TOKEN_TYPE_JWT {
        return Err(invalid(format!(
            "`subject_token_type` must be `{TOKEN_TYPE_JWT}`"
        )));
    }
    let actor_token = actor_token(&mut form)?;
    refuse_unsupported(&mut form)?;
    let audience = one_audience(&mut form)?;
    Ok(ExchangeRequest {
        subject_token,
        audience,
        actor_token,
        client,
    })
}

/// Takes the client's proof out of a form, if there is one.
///
/// # Errors
/// `invalid_client` for a secret, `invalid_request` for another kind of proof.
pub fn client_credential(form: &mut Form) -> Result<Option<ClientCredential>, OAuthError> {
    if form.take("client_secret")?.is_some() {
        return Err(OAuthError::new(
            OAuthErrorCode::InvalidClient,
            "clients prove who they are by `private_key_jwt`, not by a secret",
        ));
    }
    let client_id = form.take("client_id")?;
    let kind = form.take("client_assertion_type")?;
    match (form.take("client_assertion")?, kind.as_deref()) {
        (Some(assertion), Some(CLIENT_ASSERTION_TYPE)) => Ok(Some(ClientCredential {
            assertion,
            client_id,
        })),
        (Some(_), _) => Err(invalid(format!(
            "`client_assertion_type` must be `{CLIENT_ASSERTION_TYPE}`"
        ))),
        (None, Some(_)) => Err(missing("client_assertion")),
        // A name alone proves nothing and changes nothing.
        (None, None) => Ok(None),
    }
}

fn actor_token(form: &mut Form) -> Result<Option<String>, OAuthError> {
    let kind = form.take("actor_token_type")?;
    match (form.take("actor_token")?, kind.as_deref()) {
        (Some(token), Some(TOKEN_TYPE_ACCESS_TOKEN | TOKEN_TYPE_JWT)) => Ok(Some(token)),
        (Some(_), Some(_)) => Err(invalid(format!(
            "`actor_token_type` must be `{TOKEN_TYPE_ACCESS_TOKEN}` or `{TOKEN_TYPE_JWT}`"
        ))),
        (Some(_), None) => Err(missing("actor_token_type")),
        (None, Some(_)) => Err(invalid("`actor_token_type` without `actor_token`")),
        (None, None) => Ok(None),
    }
}

fn refuse_unsupported(form: &mut Form) -> Result<(), OAuthError> {
    if let Some(kind) = form.take("requested_token_type")?
        && kind != TOKEN_TYPE_ACCESS_TOKEN
    {
        return Err(invalid(format!(
            "`requested_token_type` can only be `{TOKEN_TYPE_ACCESS_TOKEN}`"
        )));
    }
    if form.take("scope")?.is_some() {
        return Err(OAuthError::new(
            OAuthErrorCode::InvalidScope,
            "the scope is the grant's and cannot be asked for here",
        ));
    }
    if !form.take_all("resource").is_empty() {
        return Err(OAuthError::new(
            OAuthErrorCode::InvalidTarget,
            "`resource` is not supported: name the application by `audience`",
        ));
    }
    Ok(())
}

fn one_audience(form: &mut Form) -> Result<String, OAuthError> {
    let mut audiences = form.take_all("audience");
    match (audiences.pop(), audiences.is_empty()) {
        (Some(audience), true) => Ok(audience),
        (Some(_), false) => Err(OAuthError::new(
            OAuthErrorCode::InvalidTarget,
            "a token is for one application: name one `audience`",
        )),
        (None, _) => Err(missing("audience")),
    }
}
