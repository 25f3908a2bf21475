//! Who the case's subject is in an application, asked of that application.

use async_trait::async_trait;
use locum_domain::SubjectId;
use locum_domain::catalog::Application;
use locum_domain::request::SubjectThere;

/// Why a subject could not be found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectLookupError {
    #[error("the application knows no such subject")]
    Unknown,
    #[error("the application gave no usable answer: {0}")]
    Unreachable(String),
}

/// Asks the application (its file or its URL). Its holder could name another user of that application.
#[async_trait]
pub trait SubjectDirectory: Send + Sync {
    /// The subject's own id, tenant and attributes there.
    ///
    /// # Errors
    /// When the application does not know the subject or cannot be asked. Either refuses.
    async fn look_up(
        &self,
        application: &Application,
        subject: &SubjectId,
    ) -> Result<SubjectThere, SubjectLookupError>;
}
