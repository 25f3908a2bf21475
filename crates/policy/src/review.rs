//! Who examines a finished session (R27).

use locum_domain::{Catalog, PrincipalId, Request};

use crate::policies::Policies;

impl Policies {
    /// The named person who reviews: the application's reviewer, else a security control owner, else the
    /// requester's manager; security first when applications were crossed. Never who asked, acted, approved
    /// or sponsored, and never one of `barred`.
    pub fn reviewer(
        &self,
        catalog: &Catalog,
        request: &Request,
        barred: &[PrincipalId],
    ) -> Option<PrincipalId> {
        let _ = (catalog, request, barred);
        None
    }
}
