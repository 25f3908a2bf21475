//! What every enrolment is held to, the founders' too: whose key it is, and that it is nobody else's.

use locum_domain::authenticator::{Means, PublicKey};
use locum_domain::{Authenticator, Denial, Refusal, Stream};

use crate::caller::Caller;
use crate::control::Control;
use crate::ports::Guard;

/// The longest name somebody can give an authenticator, in characters.
const LONGEST_NAME: usize = 60;

/// Whether the caller is a named human who enrols a key of their own.
///
/// # Errors
/// `non-human-approver` for an agent, `not-a-named-person` for whoever does not work here, `malformed` for somebody
/// else's key.
pub(crate) fn for_themselves(
    control: &Control,
    caller: &Caller,
    authenticator: &Authenticator,
) -> Result<(), Refusal> {
    control.is_named_person(&caller.principal)?;
    if authenticator.person != caller.principal {
        return Err(Denial::Malformed.because("the authenticator is somebody else's"));
    }
    Ok(())
}

/// Whether it could ever verify: made for this deployment's pages, of a kind that is understood, with a name.
///
/// # Errors
/// `malformed`.
pub(crate) fn is_well_formed(
    control: &Control,
    authenticator: &Authenticator,
) -> Result<(), Refusal> {
    let name = &authenticator.name;
    let is_name = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(char::is_control);
    if !is_name {
        let detail = format!("name the authenticator in 1 to {LONGEST_NAME} characters");
        return Err(Denial::Malformed.because(detail).at("/name"));
    }
    match (&authenticator.means, &authenticator.public_key) {
        (Means::Passkey { rp_id, origin, .. }, _) => {
            let own = &control.in_force().login.rp_id;
            if own.is_empty() {
                return Err(Denial::Malformed.because("no `rp_id` was ever applied"));
            }
            if rp_id != own || *origin != control.settings().issuer {
                return Err(Denial::Malformed.because("the passkey was made for another place"));
            }
            Ok(())
        }
        (Means::KeyFile, PublicKey::Okp { .. }) => Ok(()),
        (Means::KeyFile, _) => Err(Denial::Malformed.because("a key file has an Ed25519 key")),
    }
}

/// The guards by which the same key or credential of somebody else, who comes first, wins. `own` are the keys that the
/// person's own state of this kind is found by.
pub(crate) fn nobody_else_has(
    authenticator: &Authenticator,
    kind: &'static str,
    own: &[(&'static str, String)],
) -> Vec<Guard> {
    let credential = authenticator.credential_id().map(ToOwned::to_owned);
    let key = ("authenticator", authenticator.id.to_string());
    let credential = credential.map(|id| ("credential", id));
    let found_by = [key].into_iter().chain(credential);
    let guards = found_by.map(|(key, value)| Guard::AtMost {
        kind,
        key,
        most: u64::from(own.contains(&(key, value.clone()))),
        value,
    });
    guards.collect()
}

/// The guard by which a change of the catalog that comes first wins.
pub(crate) fn catalog_unchanged(version: u64) -> Guard {
    Guard::Version {
        stream: Stream::Governance,
        version,
    }
}

impl Control {
    /// Whether this is a human of the catalog who works here.
    ///
    /// # Errors
    /// `non-human-approver`, `not-a-named-person`.
    pub(crate) fn is_named_person(&self, id: &locum_domain::PrincipalId) -> Result<(), Refusal> {
        let catalog = &self.in_force().catalog;
        if catalog.agents.contains_key(id) {
            return Err(Denial::NonHumanApprover.because("only a person holds authenticators"));
        }
        if !catalog.people.get(id).is_some_and(|it| it.is_active) {
            return Err(Denial::NotANamedPerson.because("nobody of this name works here"));
        }
        Ok(())
    }
}
