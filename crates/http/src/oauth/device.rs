//! Letting a device in (RFC 8628): it asks here, a person answers in the console, and it asks again until it hears.

use axum::extract::{Request, State};
use axum::response::Response;
use locum_api::{DeviceAuthorizationView, OAuthProblem, TokenView};
use locum_login::SeenFrom;
use locum_login::attempts::Attempt;
use locum_login::device::DeviceRefused;
use locum_token::Form;
use locum_token::exchange::{OAuthError, OAuthErrorCode};
use secrecy::ExposeSecret as _;

use super::answer::{self, Unanswered};
use super::form::{self, DeviceForm};
use super::login::begun;
use crate::refused::Refused;
use crate::sender::Sender;
use crate::state::Front;

/// `grant_type` of a device that was told to wait.
pub(crate) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The only client that is let in as a device: the command line.
const CLIENT: &str = "locum-cli";

/// Where a device is let in, in the console.
fn verification_uri(issuer: &str) -> String {
    format!("{issuer}/device")
}

/// Puts a device in line. Whoever is signed in and enters its code lets it in.
#[utoipa::path(
    post,
    path = "/oauth2/device_authorization",
    tag = "oauth",
    request_body(content = DeviceForm, content_type = "application/x-www-form-urlencoded", description = "RFC 8628, section 3.1"),
    responses(
        (status = 200, body = DeviceAuthorizationView, description = "The codes (RFC 8628, section 3.2)"),
        (status = 400, body = OAuthProblem, description = "There is no `client_id`, or a `scope`"),
        (status = 401, body = OAuthProblem, description = "`invalid_client`: another client than `locum-cli`"),
        (status = 405, body = OAuthProblem, description = "Only POST, and `Allow` says so"),
        (status = 408, body = OAuthProblem, description = "The body took longer than 30 seconds"),
        (status = 413, body = OAuthProblem, description = "The body is larger than 256 KiB"),
        (status = 429, body = OAuthProblem, description = "Too many devices wait at this address; `Retry-After` says how long to wait"),
    )
)]
pub(crate) async fn authorize(
    State(front): State<Front>,
    sender: Sender,
    request: Request,
) -> Result<Response, Refused> {
    let (headers, form) = form::read(request).await?;
    let seen_from = SeenFrom::of(&headers, sender.address());
    let codes = form
        .and_then(|mut form| asked(&mut form))
        .map_err(Unanswered::from)
        .and_then(|()| in_line(&front, seen_from));
    Ok(match codes {
        Ok(codes) => answer::json(codes),
        Err(unanswered) => {
            front.stranger_refused(unanswered.counted_as());
            answer::refusal(&unanswered, &headers)
        }
    })
}

fn asked(form: &mut Form) -> Result<(), OAuthError> {
    if form.demand("client_id")? != CLIENT {
        let detail = format!("only `{CLIENT}` is let in as a device");
        return Err(OAuthError::new(OAuthErrorCode::InvalidClient, detail));
    }
    if form.take("scope")?.is_some() {
        let detail = "a device may do what its person may, and cannot ask for less or more";
        return Err(OAuthError::new(OAuthErrorCode::InvalidScope, detail));
    }
    Ok(())
}

fn in_line(front: &Front, seen_from: SeenFrom) -> Result<DeviceAuthorizationView, Unanswered> {
    /// Seconds after which some of the devices that wait have gone.
    const MOMENT: u32 = 60;
    let codes = front.given.devices.ask(CLIENT, seen_from);
    let codes = codes.ok_or(Unanswered::TooOften {
        retry_after_seconds: MOMENT,
    })?;
    let uri = verification_uri(&front.control().settings().issuer);
    let code = codes.user_code.to_string();
    Ok(DeviceAuthorizationView {
        device_code: codes.device_code.expose_secret().to_owned(),
        verification_uri_complete: Some(format!("{uri}?user_code={code}")),
        verification_uri: uri,
        user_code: code,
        expires_in: codes.expires_in_seconds.into(),
        interval: codes.interval_seconds.into(),
    })
}

/// The token of a device that was let in, or what it hears instead (section 3.5).
pub(crate) async fn let_in(
    front: &Front,
    mut form: Form,
    sender: Sender,
) -> Result<TokenView, Unanswered> {
    let client = form.demand("client_id")?;
    let code = form.demand("device_code")?;
    let refused = |code, detail: &str| Unanswered::from(OAuthError::new(code, detail));
    if client != CLIENT {
        front.stranger_refused("invalid-client");
        return Err(refused(
            OAuthErrorCode::InvalidClient,
            "this code is another client's",
        ));
    }
    let login = match front.given.devices.redeem(&code) {
        Ok(login) => login,
        Err(DeviceRefused::Pending) => {
            let detail = "nobody has answered yet";
            return Err(refused(OAuthErrorCode::AuthorizationPending, detail));
        }
        Err(DeviceRefused::SlowDown) => {
            let detail = "wait five seconds longer between two questions";
            return Err(refused(OAuthErrorCode::SlowDown, detail));
        }
        Err(DeviceRefused::Denied) => {
            let detail = "somebody refused this device";
            return Err(refused(OAuthErrorCode::AccessDenied, detail));
        }
        Err(DeviceRefused::Expired) => {
            let detail = "nobody entered the code in time";
            return Err(refused(OAuthErrorCode::ExpiredToken, detail));
        }
        Err(DeviceRefused::Unknown) => {
            front.stranger_refused("invalid-grant");
            front.counted(Attempt::DeviceCode, sender, None)?;
            let detail = "the code is nobody's, or was used";
            return Err(refused(OAuthErrorCode::InvalidGrant, detail));
        }
    };
    begun(front, login).await
}
