//! Acting on one version and no other (`If-Match`): who decides on an old copy is told so, once nothing else
//! speaks against it.

use locum_domain::{Denial, Refusal, Stream};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ports::{Guard, Proposal};

impl Control {
    /// What was decided, if it was decided about the version that the caller means. Everything that the verb
    /// itself refuses comes first, and the version is compared again inside the transaction.
    ///
    /// # Errors
    /// What `decided` refused; `conflict` for another version.
    pub(crate) async fn on_version(
        &self,
        caller: &Caller,
        about: &Stream,
        decided: impl Future<Output = Result<Proposal, Refusal>>,
    ) -> Result<Proposal, Refusal> {
        let mut proposal = decided.await?;
        let Some(meant) = caller.on_version else {
            return Ok(proposal);
        };
        let guarded = proposal.guards.iter().find_map(|guard| match guard {
            Guard::Version { stream, version } if stream == about => Some(*version),
            _ => None,
        });
        let version = match guarded {
            Some(version) => version,
            None => {
                let loaded = self.ports.store.load(about).await.map_err(unavailable)?;
                proposal.guards.push(Guard::Version {
                    stream: about.clone(),
                    version: meant,
                });
                loaded.version
            }
        };
        if version == meant {
            Ok(proposal)
        } else {
            Err(Denial::Conflict.because("it is not what `If-Match` names any more"))
        }
    }
}
