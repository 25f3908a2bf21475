//! What is asked for, and under which circumstances.

use jiff::civil::Date;
use locum_domain::{Catalog, Minutes, PrincipalId, Refusal, Scope};

use crate::policies::Policies;

/// The time as policy sees it: in the configured time zone, handed in by the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    pub today: Date,
    /// 0 to 23.
    pub local_hour: u8,
}

/// One actor's wish to act, before any case is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Filing<'a> {
    pub catalog: &'a Catalog,
    pub requester: &'a PrincipalId,
    pub actor: &'a PrincipalId,
    pub scope: &'a Scope,
    pub duration: Minutes,
    pub break_glass: bool,
    pub circumstances: Circumstances,
}

impl Policies {
    /// Whether this may be asked for at all. Answers with the `@id`s of the policies that allowed it.
    ///
    /// # Errors
    /// In this order: `unknown-application`, `unknown-operation`, `closed-operation`, `not-eligible`,
    /// `duration-too-long`; `policy-error` before all of them when a policy cannot be evaluated.
    pub fn may_file(&self, filing: &Filing<'_>) -> Result<Vec<String>, Refusal> {
        let _ = filing;
        Err(locum_domain::Denial::PolicyError.because("not judged"))
    }
}
