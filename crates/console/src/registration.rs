//! Making a passkey: the options for the browser, and the authenticator that came of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_domain::authenticator::Means;
use locum_domain::{Authenticator, Denial, PrincipalId, Refusal};
use locum_login::passkeys::{MadeIn, RegistrationResponse};

use crate::ceremony::{Asked, CREDENTIAL, refusal};
use crate::posted::Fields;
use crate::state::ConsoleState;

/// What the browser is asked for. The authenticators that the person has already are left out.
///
/// # Errors
/// `recorder-unavailable` without random bytes.
pub(crate) fn options(
    console: &ConsoleState,
    made_in: MadeIn<'_>,
    person: &PrincipalId,
    existing: &[Authenticator],
) -> Result<Asked, Refusal> {
    let catalog = &console.control.in_force().catalog;
    let known = catalog.principal(person);
    let name = known.as_ref().map_or(person.as_str(), |it| it.name());
    let options = console
        .passkeys
        .registration_options(made_in, person, name, existing);
    let options =
        options.ok_or_else(|| Denial::RecorderUnavailable.because("there are no random bytes"))?;
    Ok(Asked::of(options))
}

/// The person's new passkey, under the name that the form gives it.
///
/// # Errors
/// `malformed` when the browser's answer is not to what was asked there, or does not verify.
pub(crate) fn registered(
    console: &ConsoleState,
    made_in: MadeIn<'_>,
    person: &PrincipalId,
    fields: &Fields,
) -> Result<Authenticator, Refusal> {
    let response = RegistrationResponse::read(fields.words(CREDENTIAL).as_bytes());
    let response = response.map_err(|refused| refusal(&refused))?;
    let credential = console.passkeys.register(made_in, &response);
    let credential = credential.map_err(|refused| refusal(&refused))?;
    let control = &console.control;
    let means = Means::Passkey {
        credential_id: URL_SAFE_NO_PAD.encode(credential.credential_id),
        rp_id: control.in_force().login.rp_id.clone(),
        origin: control.settings().issuer.clone(),
        is_synced: credential.is_synced,
    };
    let name = fields.words("name").to_owned();
    let key = credential.public_key;
    Ok(Authenticator::new(person.clone(), name, key, means))
}
