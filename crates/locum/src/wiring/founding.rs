//! The founding as the terminal tells it: a link for each founder until it is complete, then the fingerprints of
//! their keys, which auditors keep beside the ledger's.

use std::path::PathBuf;
use std::sync::Arc;

use locum_control::Control;
use locum_control::founding::founding;
use locum_control::ledger::CommitListener;
use locum_domain::{Event, Founding, Recorded, Refusal};
use locum_login::FoundingCodes;
use secrecy::ExposeSecret as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::for_auditors::keep_for_auditors;

/// Learns that a founder signed.
#[derive(Default)]
pub(crate) struct FounderSigned(Notify);

impl CommitListener for FounderSigned {
    fn committed(&self, events: &[Recorded]) {
        let is_signed = |it: &Recorded| matches!(it.event, Event::FoundingSigned { .. });
        if events.iter().any(is_signed) {
            self.0.notify_one();
        }
    }
}

/// Where the founding stands, and whom it concerns.
pub(crate) struct FoundingDesk {
    pub(crate) control: Control,
    pub(crate) codes: Arc<FoundingCodes>,
    pub(crate) public_url: String,
    /// The file for auditors, beside the ledger's verifier key.
    pub(crate) file: PathBuf,
}

impl FoundingDesk {
    /// What an operator reads at the start. Links are made anew: an old one opens nothing any more.
    ///
    /// # Errors
    /// When the ledger gives no answer.
    pub(crate) async fn greeting(&self) -> Result<Vec<String>, Refusal> {
        match founding(&self.control).await? {
            None => Ok(Vec::new()),
            Some(founding) if founding.is_complete() => Ok(self.completed(&founding)),
            Some(founding) => {
                // Whoever has signed has nothing left to do, and a link would only let somebody else in.
                let founders = founding.founders.iter();
                let founders = founders.filter(|it| !founding.signed.contains_key(*it));
                let links = founders.filter_map(|founder| {
                    let code = self.codes.make(founder)?;
                    let (url, code) = (&self.public_url, code.expose_secret());
                    Some(format!(
                        "founding          {founder}  {url}/founding/{code}  (once, within 24 hours)"
                    ))
                });
                Ok(links.collect())
            }
        }
    }

    /// Waits for the last signature, and tells it.
    pub(crate) async fn watch(self, signed: Arc<FounderSigned>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = signed.0.notified() => {}
            }
            match founding(&self.control).await {
                Ok(Some(founding)) if founding.is_complete() => {
                    for line in self.completed(&founding) {
                        crate::tell(&line);
                    }
                    return;
                }
                Ok(_) => {}
                Err(refusal) => tracing::warn!(%refusal, "nobody knows how the founding stands"),
            }
        }
    }

    fn completed(&self, founding: &Founding) -> Vec<String> {
        self.codes.close();
        let keys = fingerprints(founding);
        if let Err(error) = keep_for_auditors(&self.file, &keys) {
            tracing::warn!(%error, file = %self.file.display(), "the founders' fingerprints are not in their file");
        }
        let lines = keys.lines().map(|line| format!("founder           {line}"));
        lines.collect()
    }
}

/// One founder a line: the person and the fingerprint of their key.
fn fingerprints(founding: &Founding) -> String {
    let enrolled = founding.founders.iter().filter_map(|founder| {
        let authenticator = founding.enrolled.get(founder)?;
        Some(format!("{founder} {}\n", authenticator.thumbprint()))
    });
    enrolled.collect()
}
