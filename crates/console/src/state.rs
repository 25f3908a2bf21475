//! What the pages stand on.

use std::sync::Arc;

use locum_control::Control;
use locum_control::strangers::Strangers;
use locum_domain::{PrincipalId, Refusal};
use locum_login::attempts::Attempts;
use locum_login::device::Devices;
use locum_login::oidc::Provider;
use locum_login::passkeys::Passkeys;
use locum_login::{FoundingCodes, InvitationCodes, Logins};

use crate::guide::Guide;

/// Takes a one-time ticket that stopped at the console and says where the browser goes on with it. The console
/// has checked the login; the port checks that the ticket belongs to this person, and spends it either way.
pub type ConfirmPass = Arc<dyn Fn(&str, &PrincipalId) -> Result<String, Refusal> + Send + Sync>;

/// Where people sign in who have an account elsewhere.
pub struct IdentityProvider {
    pub provider: Arc<Provider>,
    pub issuer: String,
    /// The system whose accounts in the catalog these are.
    pub system: String,
}

impl IdentityProvider {
    /// What people know it by.
    pub(crate) fn host(&self) -> &str {
        let origin = crate::same_site::origin(&self.issuer);
        origin.split_once("://").map_or(origin, |(_, host)| host)
    }
}

/// Everything the pages need.
#[derive(Clone)]
pub struct ConsoleState {
    pub control: Control,
    pub logins: Arc<Logins>,
    pub identity_provider: Option<Arc<IdentityProvider>>,
    pub passkeys: Arc<Passkeys>,
    pub founding_codes: Arc<FoundingCodes>,
    pub invitation_codes: Arc<InvitationCodes>,
    pub devices: Arc<Devices>,
    /// How often codes and passkeys may be tried from one place.
    pub attempts: Arc<Attempts>,
    /// Counts sign-ins that came to nothing.
    pub strangers: Arc<Strangers>,
    pub confirm_pass: ConfirmPass,
    /// Where people reach the console, without a trailing slash.
    pub public_url: Arc<str>,
    /// What the first screen says when this server is a demonstration.
    pub guide: Option<Arc<Guide>>,
}
