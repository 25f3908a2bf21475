//! Logins that ended, on the record. They have ended whether that can be recorded or not.

use locum_control::sign_in;
use locum_domain::event::LoginEndedBecause;
use locum_login::{Ended, How};

use crate::state::Front;

/// Records the end of these logins. A program's is over in minutes anyway, and began off the record.
pub(crate) async fn signed_out(front: &Front, ended: &[Ended], because: LoginEndedBecause) {
    for login in ended.iter().filter(|login| login.how != How::Program) {
        let id = login.id.as_str();
        if let Err(error) = sign_in::end(front.control(), &login.principal, id, because).await {
            tracing::warn!(%error, "the end of a login is not on the record");
        }
    }
}
