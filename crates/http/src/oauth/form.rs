//! The token endpoint's form, as the description shows it. What is read of it is the token room's to say.

use locum_token::exchange::{
    CLIENT_ASSERTION_TYPE, GRANT_TYPE, TOKEN_TYPE_ACCESS_TOKEN, TOKEN_TYPE_JWT,
};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The parameters of a token exchange (RFC 8693, section 2.1; RFC 7523, section 2.2).
pub(crate) struct ExchangeForm;

impl PartialSchema for ExchangeForm {
    fn schema() -> RefOr<Schema> {
        let text = || {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
        };
        let only = |value: &str| text().enum_values(Some([value]));
        let actor_token_type = text().enum_values(Some([TOKEN_TYPE_ACCESS_TOKEN, TOKEN_TYPE_JWT]));
        let form = ObjectBuilder::new()
            .property("grant_type", only(GRANT_TYPE))
            .required("grant_type")
            .property("subject_token", text())
            .required("subject_token")
            .property("subject_token_type", only(TOKEN_TYPE_JWT))
            .required("subject_token_type")
            .property("audience", text())
            .required("audience")
            .property("actor_token", text())
            .property("actor_token_type", actor_token_type)
            .property("client_id", text())
            .property("client_assertion_type", only(CLIENT_ASSERTION_TYPE))
            .property("client_assertion", text());
        form.into()
    }
}

impl ToSchema for ExchangeForm {}
