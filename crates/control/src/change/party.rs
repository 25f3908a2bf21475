//! Who may propose a change, who may confirm it, and who gains by it.

use std::collections::BTreeSet;

use locum_domain::{ApplicationId, Catalog, Change, Denial, PrincipalId, Refusal};
use locum_plan::{Plan, Version};

use crate::caller::Caller;
use crate::control::Control;
use crate::sight::{self, SECURITY};

const WHO_PROPOSES: &str = "security proposes anything, an application's owner what is in that application's own file alone";

/// What a second person stands against: whose change it is, what it loosens for whom, and who gains.
pub(super) struct Parties<'a> {
    pub(super) by: &'a PrincipalId,
    pub(super) before: &'a Catalog,
    pub(super) after: &'a Catalog,
    pub(super) plan: &'a Plan,
}

impl<'a> Parties<'a> {
    pub(super) fn of(
        change: &'a Change,
        before: &'a Version,
        after: &'a Version,
        plan: &'a Plan,
    ) -> Self {
        Self {
            by: &change.by,
            before: &before.catalog,
            after: &after.catalog,
            plan,
        }
    }

    /// Whether this person may confirm, by the catalog as it is before the change.
    ///
    /// # Errors
    /// `second-person-required`, `not-an-approver`, `conflict-of-interest`.
    pub(super) fn may_confirm(&self, catalog: &Catalog, who: &PrincipalId) -> Result<(), Refusal> {
        if self.is_same_human(who, self.by) {
            let detail = "whoever proposed a change does not confirm it, by whatever account";
            return Err(Denial::SecondPersonRequired.because(detail));
        }
        self.holds_authority(catalog, who)?;
        if let Some(gainer) = self.gains(who) {
            let detail = match gainer == *who {
                true => "you gain by it".to_owned(),
                false => format!("`{gainer}` gains by it, and is you by another account"),
            };
            return Err(Denial::ConflictOfInterest.because(detail));
        }
        Ok(())
    }

    /// Whether this person held the authority that everything loosened here concerns.
    ///
    /// # Errors
    /// `not-an-approver`.
    pub(super) fn holds_authority(
        &self,
        catalog: &Catalog,
        who: &PrincipalId,
    ) -> Result<(), Refusal> {
        if sight::has_role(catalog, who, SECURITY) {
            return Ok(());
        }
        let is_active = catalog.people.get(who).is_some_and(|it| it.is_active);
        let holds = |application: &Option<ApplicationId>| {
            let application = application.as_ref();
            is_active && application.is_some_and(|it| sight::owns(catalog, who, it))
        };
        let loosens = self.plan.loosens();
        let mut concerned = loosens.iter().map(|it| &it.application).peekable();
        if concerned.peek().is_some() && concerned.all(holds) {
            return Ok(());
        }
        let detail = "security confirms it, or the owners of an application what concerns that application alone";
        Err(Denial::NotAnApprover.because(detail))
    }

    /// Through which account this person gains by the change, if they do.
    fn gains(&self, who: &PrincipalId) -> Option<PrincipalId> {
        let mut gainers = self.plan.gainers().into_iter();
        gainers.find(|gainer| self.is_same_human(who, gainer))
    }

    /// By either catalog: an account that the change gives or takes away is nobody's second person.
    fn is_same_human(&self, one: &PrincipalId, other: &PrincipalId) -> bool {
        self.before.is_same_human(one, other) || self.after.is_same_human(one, other)
    }

    /// Everybody who may confirm.
    pub(super) fn confirmers(&self) -> BTreeSet<PrincipalId> {
        let people = self.before.people.keys();
        let may = |who: &&PrincipalId| self.may_confirm(self.before, who).is_ok();
        people.filter(may).cloned().collect()
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
