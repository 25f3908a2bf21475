//! What clients discover: RFC 8414 metadata and the public keys (RFC 7517). Only what exists is said.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use locum_token::JwkSet;
use locum_token::exchange::GRANT_TYPE;

use super::device::DEVICE_CODE;
use super::program::CLIENT_CREDENTIALS;
use crate::state::Front;

/// Keys and addresses change seldom, and never at once.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The token endpoint's address.
pub(crate) fn token_endpoint(issuer: &str) -> String {
    format!("{issuer}/oauth2/token")
}

/// The authorization server's metadata.
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    tag = "oauth",
    responses((status = 200, body = Object, description = "RFC 8414"))
)]
pub(crate) async fn metadata(State(front): State<Front>) -> Response {
    let settings = front.control().settings();
    let issuer = &settings.issuer;
    let algorithms = ["EdDSA", "Ed25519", "ES256", "RS256"];
    let metadata = serde_json::json!({
        "issuer": issuer,
        "token_endpoint": token_endpoint(issuer),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "device_authorization_endpoint": format!("{issuer}/oauth2/device_authorization"),
        "revocation_endpoint": format!("{issuer}/oauth2/revoke"),
        "grant_types_supported": [GRANT_TYPE, CLIENT_CREDENTIALS, DEVICE_CODE],
        "response_types_supported": [],
        // `none`: a person's token, as `actor_token`, is the proof; and a device has no secret.
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        // Whoever holds a token may throw it away.
        "revocation_endpoint_auth_methods_supported": ["none"],
    });
    ([(header::CACHE_CONTROL, CACHED)], Json(metadata)).into_response()
}

/// The public keys that assertions, access tokens and grants are verified with.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "oauth",
    responses((status = 200, body = Object, content_type = "application/jwk-set+json", description = "RFC 7517"))
)]
pub(crate) async fn jwks(State(front): State<Front>) -> Response {
    let halves = locum_control::rotate_key::public_keys(front.control());
    let keys = JwkSet::of(halves.into_iter().map(|half| half.key)).to_json();
    let json = HeaderValue::from_static("application/jwk-set+json");
    let headers = [
        (header::CONTENT_TYPE, json),
        (header::CACHE_CONTROL, CACHED),
    ];
    (headers, keys.to_string()).into_response()
}
