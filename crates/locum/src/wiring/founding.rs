//! The founding as the operator hears of it: how each founder comes in until it is complete, then the fingerprints of
//! their keys, which auditors keep beside the ledger's.
//!
//! Where people sign in with an identity provider, founders do, too, and there is no link. Elsewhere each founder's link
//! stands in a file of its own, to be handed over by itself: whoever saw both could be both founders.

use std::path::PathBuf;
use std::sync::Arc;

use locum_control::Control;
use locum_control::founding::founding;
use locum_control::ledger::CommitListener;
use locum_domain::{Event, Founding, PrincipalId, Recorded};
use locum_login::FoundingCodes;
use secrecy::ExposeSecret as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::for_auditors::keep_for_auditors;
use super::founder_links::FounderLinks;
use super::keys::KeysError;

/// Why nobody can be told how to found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FoundingError {
    #[error("nobody knows how the founding stands: {0}")]
    Unknown(String),
    #[error("a founder's link cannot be kept")]
    Link(#[from] KeysError),
    #[error("the system has no random bytes for the founders' links")]
    NoRandomness,
    #[error(
        "people sign in to this ledger, it demands signatures, and it has no founders: nobody can ever enrol an authenticator, so \
         nothing can ever be approved. Found a new one: name two people in `[login] founders`, and let `[store] url` and \
         `[ledger] origin` name new ones"
    )]
    NoFounders,
}

/// Said while a production server has no way in.
const NOBODY_YET: &str = "founding          nobody can sign in yet: name two people in `[login] founders` and start again";

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
    /// The file for auditors to compare with, beside the ledger's verifier key.
    pub(crate) file: PathBuf,
    pub(crate) links: FounderLinks,
}

impl FoundingDesk {
    /// What an operator reads at the start. Links are made anew: an old one opens nothing any more.
    ///
    /// # Errors
    /// When the ledger gives no answer, a link cannot be made, or a production ledger can never be signed in.
    pub(crate) async fn greeting(&self) -> Result<Vec<String>, FoundingError> {
        self.links.take_all_away();
        let found = founding(&self.control).await;
        let found = found.map_err(|refusal| FoundingError::Unknown(refusal.detail))?;
        let Some(founding) = found else {
            let settings = self.control.settings();
            let is_open = self.control.in_force().login.oidc.is_some();
            return match (settings.is_production, is_open) {
                (true, true) if settings.signature_demanded => Err(FoundingError::NoFounders),
                (true, false) => Ok(vec![NOBODY_YET.to_owned()]),
                _ => Ok(Vec::new()),
            };
        };
        if founding.is_complete() {
            return Ok(self.completed(&founding));
        }
        match &self.control.in_force().login.oidc {
            Some(oidc) => Ok(vec![self.at_provider(&founding, &oidc.issuer)]),
            None => self.by_links(&founding),
        }
    }

    fn at_provider(&self, founding: &Founding, issuer: &str) -> String {
        let founders: Vec<&str> = founding.founders.iter().map(PrincipalId::as_str).collect();
        format!(
            "founding          {} sign in at {issuer} and found at {}/founding, each in their own browser",
            founders.join(" and "),
            self.public_url
        )
    }

    fn by_links(&self, founding: &Founding) -> Result<Vec<String>, FoundingError> {
        // Whoever has signed has nothing left to do, and a link would only let somebody else in.
        let founders = founding.founders.iter();
        let founders = founders.filter(|it| !founding.signed.contains_key(*it));
        let mut lines = Vec::new();
        for founder in founders {
            let code = self
                .codes
                .make(founder)
                .ok_or(FoundingError::NoRandomness)?;
            let link = format!("{}/founding/{}", self.public_url, code.expose_secret());
            let file = self.links.keep(founder, &link)?;
            lines.push(format!(
                "founding          {founder}: their link is in {}, for them alone (once, within 24 hours)",
                file.display()
            ));
        }
        Ok(lines)
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
                Ok(Some(founding)) => {
                    for founder in founding.signed.keys() {
                        self.links.take_away(founder);
                    }
                }
                Ok(None) => {}
                Err(refusal) => tracing::warn!(%refusal, "nobody knows how the founding stands"),
            }
        }
    }

    fn completed(&self, founding: &Founding) -> Vec<String> {
        self.codes.close();
        self.links.take_all_away();
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
