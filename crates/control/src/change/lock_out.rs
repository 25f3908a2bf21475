//! Changes that would leave nobody to change anything again, and settings that are fixed for good.

use std::collections::BTreeSet;

use locum_catalog::settings::Governed;
use locum_domain::{Catalog, Denial, PrincipalId, Refusal};
use locum_plan::Version;

use crate::control::Control;
use crate::sight::{self, SECURITY};

/// One proposes and another confirms.
const FEWEST: usize = 2;

impl Control {
    /// Whether enough people remain who can sign in and run Locum's own acts, and nothing is moved that everything else
    /// hangs on.
    ///
    /// # Errors
    /// `conflict`, saying what would be lost.
    pub(super) async fn leaves_a_way_in(
        &self,
        before: &Version,
        after: &Version,
    ) -> Result<(), Refusal> {
        is_fixed(&before.settings, &after.settings)?;
        let old = self.runners(&before.catalog, &before.settings).await?;
        let new = self.runners(&after.catalog, &after.settings).await?;
        if new.len() < FEWEST.min(old.len()) {
            let gone: Vec<String> = old.difference(&new).map(ToString::to_string).collect();
            let detail = format!(
                "{} would be left who can sign in and run security's own acts, and it takes {FEWEST}: one proposes, \
                 another confirms; it would lose {}",
                new.len(),
                gone.join(", ")
            );
            return Err(Denial::Conflict.because(detail).at("/files"));
        }
        let is_unfounded = match self.verified_founding().await? {
            Some(founding) => !founding.is_complete(),
            None => true,
        };
        let mut founders = after
            .settings
            .login
            .founders
            .iter()
            .filter(|_| is_unfounded);
        let works_here =
            |id: &PrincipalId| after.catalog.people.get(id).is_some_and(|it| it.is_active);
        if let Some(missing) = founders.find(|id| !works_here(id)) {
            let detail =
                format!("`{missing}` is to enrol the first passkey, and would not be there");
            return Err(Denial::Conflict.because(detail).at("/files"));
        }
        Ok(())
    }

    /// The people who run Locum's own acts and can sign in to do so, each human once.
    async fn runners(
        &self,
        catalog: &Catalog,
        settings: &Governed,
    ) -> Result<BTreeSet<PrincipalId>, Refusal> {
        let mut runners: BTreeSet<PrincipalId> = BTreeSet::new();
        for id in catalog.people.keys() {
            let is_known = runners.iter().any(|it| catalog.is_same_human(it, id));
            if is_known || !sight::has_role(catalog, id, SECURITY) {
                continue;
            }
            if self.could_sign_in(catalog, settings, id).await? {
                runners.insert(id.clone());
            }
        }
        Ok(runners)
    }

    /// Whether this person has what a sign-in takes: a passkey, or an account at the identity provider. Development
    /// servers let everybody in.
    async fn could_sign_in(
        &self,
        catalog: &Catalog,
        settings: &Governed,
        id: &PrincipalId,
    ) -> Result<bool, Refusal> {
        if !self.settings().is_production {
            return Ok(true);
        }
        let person = catalog.people.get(id);
        if let (Some(oidc), Some(person)) = (&settings.login.oidc, person)
            && person.accounts.iter().any(|it| it.system == oidc.system)
        {
            return Ok(true);
        }
        Ok(self
            .authenticators_of(id)
            .await?
            .live_passkeys()
            .next()
            .is_some())
    }
}

/// What is decided at the founding and never again.
fn is_fixed(before: &Governed, after: &Governed) -> Result<(), Refusal> {
    let fixed = |what: &str| {
        let detail = format!("{what} is fixed at the founding");
        Err(Denial::Conflict.because(detail).at("/settings"))
    };
    if before.environment != after.environment {
        return fixed("`environment`");
    }
    if before.origin != after.origin {
        return fixed("the ledger's `origin`");
    }
    let (old, new) = (&before.login, &after.login);
    // Every passkey is bound to both.
    if !old.rp_id.is_empty() && old.rp_id != new.rp_id {
        return fixed("`rp_id`, to which every passkey is bound,");
    }
    if old.public_origin.is_some() && old.public_origin != new.public_origin {
        return fixed("`[server] public_url`, to which every passkey is bound,");
    }
    Ok(())
}
