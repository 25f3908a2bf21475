//! Making a passkey within a login: the options for the browser, and the authenticator that came of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_domain::authenticator::Means;
use locum_domain::{Authenticator, Denial, Refusal};
use locum_login::passkeys::RegistrationResponse;

use crate::ceremony::{Asked, CREDENTIAL, refusal};
use crate::posted::Fields;
use crate::visitor::Visitor;

/// What the browser is asked for. The authenticators that the person has already are left out.
///
/// # Errors
/// `recorder-unavailable` without random bytes.
pub(crate) fn options(visitor: &Visitor, existing: &[Authenticator]) -> Result<Asked, Refusal> {
    let person = &visitor.caller.principal;
    let known = visitor.view.catalog.principal(person);
    let name = known.as_ref().map_or(person.as_str(), |it| it.name());
    let passkeys = &visitor.state.passkeys;
    let options = passkeys.registration_options(&visitor.login, person, name, existing);
    let options =
        options.ok_or_else(|| Denial::RecorderUnavailable.because("there are no random bytes"))?;
    Ok(Asked::of(options))
}

/// The reader's new passkey, under the name that the form gives it.
///
/// # Errors
/// `malformed` when the browser's answer is not to what this login asked, or does not verify.
pub(crate) fn registered(visitor: &Visitor, fields: &Fields) -> Result<Authenticator, Refusal> {
    let response = RegistrationResponse::read(fields.words(CREDENTIAL).as_bytes());
    let response = response.map_err(|refused| refusal(&refused))?;
    let credential = visitor.state.passkeys.register(&visitor.login, &response);
    let credential = credential.map_err(|refused| refusal(&refused))?;
    let control = &visitor.state.control;
    let means = Means::Passkey {
        credential_id: URL_SAFE_NO_PAD.encode(credential.credential_id),
        rp_id: control.in_force().login.rp_id.clone(),
        origin: control.settings().issuer.clone(),
        is_synced: credential.is_synced,
    };
    let person = visitor.caller.principal.clone();
    let name = fields.words("name").to_owned();
    Ok(Authenticator::new(
        person,
        name,
        credential.public_key,
        means,
    ))
}
