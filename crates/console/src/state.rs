//! What the pages stand on.

use std::sync::Arc;

use locum_control::Control;
use locum_domain::{PrincipalId, Refusal};
use locum_login::Logins;

use crate::guide::Guide;

/// Takes a one-time ticket that stopped at the console and says where the browser goes on with it. The console
/// has checked the login; the port checks that the ticket belongs to this person, and spends it either way.
pub type ConfirmPass = Arc<dyn Fn(&str, &PrincipalId) -> Result<String, Refusal> + Send + Sync>;

/// Everything the pages need.
#[derive(Clone)]
pub struct ConsoleState {
    pub control: Control,
    pub logins: Arc<Logins>,
    pub confirm_pass: ConfirmPass,
    /// Where people reach the console, without a trailing slash.
    pub public_url: Arc<str>,
    /// What the first screen says when this server is a demonstration.
    pub guide: Option<Arc<Guide>>,
}
