//! Case systems: the tickets that justify access. A case system can end access and never grant it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use locum_domain::case::CaseLookupError;
use locum_domain::{Case, CaseRef, Timestamp};

/// Looks cases up, read-only. Its holder could show a case that does not exist, but no case is an approval.
#[async_trait]
pub trait CaseSystem: Send + Sync {
    /// The case as its system attests it now.
    ///
    /// # Errors
    /// `Unknown` when the system answered that there is none; `Unreachable` for anything else that is no answer.
    async fn look_up(&self, case: &CaseRef, now: Timestamp) -> Result<Case, CaseLookupError>;
    /// Seconds between two polls of a case that sessions hang on.
    fn poll_seconds(&self) -> u32;
    /// Seconds a case may be unreachable before its sessions end.
    fn grace_seconds(&self) -> u32;
}

/// The configured case systems, by connector name.
pub type CaseSystems = BTreeMap<String, Arc<dyn CaseSystem>>;
