//! Who may propose a change, who may confirm it, and who gains by it.

use locum_domain::{ApplicationId, Catalog, Denial, PrincipalId, Refusal};
use locum_plan::{Plan, Version};

use crate::caller::Caller;
use crate::control::Control;
use crate::sight::{self, SECURITY};

const WHO_PROPOSES: &str = "security proposes anything, an application's owner what is in that application's own file alone";

/// What a second person stands against: whose change it is, and what it loosens for whom.
pub(super) struct Parties<'a> {
    pub(super) by: &'a PrincipalId,
    pub(super) before: &'a Version,
    pub(super) after: &'a Version,
    pub(super) plan: &'a Plan,
}

impl Parties<'_> {
    /// Whether this person may confirm, by the catalog as it is before the change.
    ///
    /// # Errors
    /// `second-person-required`, `not-an-approver`, `conflict-of-interest`.
    pub(super) fn may_confirm(&self, catalog: &Catalog, who: &PrincipalId) -> Result<(), Refusal> {
        if self.is_proposer(who) {
            let detail = "whoever proposed a change does not confirm it, by whatever account";
            return Err(Denial::SecondPersonRequired.because(detail));
        }
        if !self.plan.is_within_authority(catalog, who) {
            let detail = "security confirms it, or the owners of an application what concerns that application alone";
            return Err(Denial::NotAnApprover.because(detail));
        }
        if let Some(gain) = self.plan.gain(self.before, self.after, who) {
            return Err(Denial::ConflictOfInterest.because(gain.says()));
        }
        let two = [(&*self.before.catalog, self.by), (catalog, who)];
        if let Some(why) = self.plan.lacks_security(two) {
            return Err(Denial::NotAnApprover.because(why));
        }
        Ok(())
    }

    /// Everybody who may confirm; nobody where nothing loosens.
    pub(super) fn confirmers(&self) -> Vec<PrincipalId> {
        self.plan
            .could_confirm_for(self.before, self.after, self.by)
    }

    fn is_proposer(&self, who: &PrincipalId) -> bool {
        locum_plan::is_same_human(self.before, self.after, who, self.by)
    }
}

impl Control {
    /// Whether the caller could propose anything at all, before anything of it is read.
    ///
    /// # Errors
    /// `non-human-approver`, `not-a-named-person`, `not-an-approver`.
    pub(super) fn proposes_something(&self, caller: &Caller) -> Result<(), Refusal> {
        self.is_named_person(&caller.principal)?;
        let (catalog, who) = (self.catalog_for(caller), &caller.principal);
        let owns_any = || {
            catalog
                .applications
                .keys()
                .any(|id| sight::owns(&catalog, who, id))
        };
        if sight::has_role(&catalog, who, SECURITY) || owns_any() {
            return Ok(());
        }
        Err(Denial::NotAnApprover.because(WHO_PROPOSES))
    }

    /// Whether the caller may propose this.
    ///
    /// # Errors
    /// `not-an-approver`.
    pub(super) fn proposes(
        &self,
        caller: &Caller,
        before: &Version,
        after: &Version,
        plan: &Plan,
    ) -> Result<(), Refusal> {
        let (catalog, who) = (self.catalog_for(caller), &caller.principal);
        if sight::has_role(&catalog, who, SECURITY) {
            return Ok(());
        }
        let only = plan.only_application();
        let owned = only.filter(|id| sight::owns(&catalog, who, id));
        match owned {
            Some(application) if is_nothing_else(before, after, &application) => Ok(()),
            _ => Err(Denial::NotAnApprover.because(WHO_PROPOSES)),
        }
    }
}

/// Whether catalogs and settings are the same but for one application, by their values and not by where they stand.
fn is_nothing_else(before: &Version, after: &Version, application: &ApplicationId) -> bool {
    let without = |catalog: &Catalog| {
        let mut catalog = catalog.clone();
        catalog.applications.remove(application);
        catalog
    };
    before.settings == after.settings && without(&before.catalog) == without(&after.catalog)
}
