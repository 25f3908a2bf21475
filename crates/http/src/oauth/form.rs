//! OAuth's forms: how they are read, and how the description shows them.

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use locum_token::Form;
use locum_token::exchange::{
    CLIENT_ASSERTION_TYPE, GRANT_TYPE, OAuthError, OAuthErrorCode, TOKEN_TYPE_ACCESS_TOKEN,
    TOKEN_TYPE_JWT,
};
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::device::DEVICE_CODE;
use super::program::CLIENT_CREDENTIALS;
use crate::payload;
use crate::refused::Refused;

/// The headers and the form of a request by somebody we may not know.
pub(crate) async fn read(
    request: Request,
) -> Result<(HeaderMap, Result<Form, OAuthError>), Refused> {
    let (parts, body) = request.into_parts();
    let body = payload::of_anybody(body).await?;
    let form = if is_form(&parts.headers) {
        Form::read(&body)
    } else {
        let detail = "the body must be `application/x-www-form-urlencoded`";
        Err(OAuthError::new(OAuthErrorCode::InvalidRequest, detail))
    };
    Ok((parts.headers, form))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
}

fn only(value: &str) -> ObjectBuilder {
    text().enum_values(Some([value]))
}

fn with_client(form: ObjectBuilder) -> ObjectBuilder {
    form.property("client_id", text())
        .property("client_assertion_type", only(CLIENT_ASSERTION_TYPE))
        .property("client_assertion", text())
}

/// The parameters of the token endpoint (RFC 8693, section 2.1; RFC 7523, section 2.2; RFC 8628, section 3.4).
pub(crate) struct TokenForm;

impl PartialSchema for TokenForm {
    fn schema() -> RefOr<Schema> {
        let actor_token_type = text().enum_values(Some([TOKEN_TYPE_ACCESS_TOKEN, TOKEN_TYPE_JWT]));
        let exchange = ObjectBuilder::new()
            .property("grant_type", only(GRANT_TYPE))
            .required("grant_type")
            .property("subject_token", text())
            .required("subject_token")
            .property("subject_token_type", only(TOKEN_TYPE_JWT))
            .required("subject_token_type")
            .property("audience", text())
            .required("audience")
            .property("actor_token", text())
            .property("actor_token_type", actor_token_type);
        let program = ObjectBuilder::new()
            .property("grant_type", only(CLIENT_CREDENTIALS))
            .required("grant_type")
            .required("client_assertion_type")
            .required("client_assertion");
        let device = ObjectBuilder::new()
            .property("grant_type", only(DEVICE_CODE))
            .required("grant_type")
            .property("device_code", text())
            .required("device_code")
            .property("client_id", text())
            .required("client_id");
        let any = OneOfBuilder::new()
            .item(with_client(exchange))
            .item(with_client(program))
            .item(device);
        any.into()
    }
}

impl ToSchema for TokenForm {}

/// The parameters of a device that wants to be let in (RFC 8628, section 3.1).
pub(crate) struct DeviceForm;

impl PartialSchema for DeviceForm {
    fn schema() -> RefOr<Schema> {
        let form = ObjectBuilder::new()
            .property("client_id", text())
            .required("client_id");
        form.into()
    }
}

impl ToSchema for DeviceForm {}

/// The parameters of a revocation (RFC 7009, section 2.1).
pub(crate) struct RevocationForm;

impl PartialSchema for RevocationForm {
    fn schema() -> RefOr<Schema> {
        let form = ObjectBuilder::new()
            .property("token", text())
            .required("token")
            .property("token_type_hint", text())
            .property("client_id", text());
        form.into()
    }
}

impl ToSchema for RevocationForm {}

/// The parameters of a back-channel logout (Back-Channel Logout 1.0, section 2.5).
pub(crate) struct LogoutForm;

impl PartialSchema for LogoutForm {
    fn schema() -> RefOr<Schema> {
        let form = ObjectBuilder::new()
            .property("logout_token", text())
            .required("logout_token");
        form.into()
    }
}

impl ToSchema for LogoutForm {}
