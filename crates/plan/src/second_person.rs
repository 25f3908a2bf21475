//! Who could be the second person, as far as catalogs tell: in person, and signed where signatures are demanded, is the
//! server's to ask.

use std::collections::BTreeSet;

use locum_domain::catalog::{Application, Role};
use locum_domain::{ApplicationId, Catalog, PrincipalId};
use locum_policy::plan::Verdict;

use crate::field::FieldChange;
use crate::kin::{Gain, Kin};
use crate::{Plan, Version};

/// How many guards a sentence names.
const MOST_NAMED: usize = 5;

impl Plan {
    /// Whoever held the authority that everything loosened here concerns before it, and gains nothing by it (R33).
    /// Nobody where nothing loosens, or before the founding. Nobody proposed it yet: whoever will is still among them,
    /// and owners who could only be second to security.
    pub fn could_confirm(&self, before: Option<&Version>, after: &Version) -> Vec<PrincipalId> {
        let Some(before) = before.filter(|_| !self.loosens().is_empty()) else {
            return Vec::new();
        };
        let kin = Kin::of([&before.catalog, &after.catalog]);
        let gains = kin.behind(self.gainers());
        let concerns = self.concerns();
        let people = before.catalog.people.keys();
        let may = |who: &&PrincipalId| {
            is_within(concerns.as_ref(), &before.catalog, who) && !gains.contains_key(*who)
        };
        people.filter(may).cloned().collect()
    }

    /// The same, as second person to whoever proposes it.
    pub fn could_confirm_for(
        &self,
        before: &Version,
        after: &Version,
        by: &PrincipalId,
    ) -> Vec<PrincipalId> {
        let kin = Kin::of([&before.catalog, &after.catalog]);
        let proposer = kin.same_human(by);
        let mut people = self.could_confirm(Some(before), after);
        let catalog: &Catalog = &before.catalog;
        people.retain(|who| {
            let two = [(catalog, by), (catalog, who)];
            !proposer.contains(who) && self.lacks_security(two).is_none()
        });
        people
    }

    /// Whether this person holds, by this catalog, the authority that everything loosened here concerns: security over
    /// anything, the owners of an application over what concerns that application alone.
    pub fn is_within_authority(&self, catalog: &Catalog, who: &PrincipalId) -> bool {
        is_within(self.concerns().as_ref(), catalog, who)
    }

    /// The applications that it loosens something in; nothing where it concerns the whole house, or nobody.
    fn concerns(&self) -> Option<BTreeSet<ApplicationId>> {
        let loosens = self.loosens().into_iter();
        let applications: Option<BTreeSet<_>> = loosens.map(|it| it.application).collect();
        applications.filter(|it| !it.is_empty())
    }

    /// Why these two, proposer and second person, do not let it count between themselves, each by a catalog as it is
    /// before the change: it takes security, and neither holds a role of it.
    pub fn lacks_security(&self, two: [(&Catalog, &PrincipalId); 2]) -> Option<String> {
        let is_there = two.iter().any(|(catalog, who)| is_security(catalog, who));
        self.needs_security().filter(|_| !is_there)
    }

    /// Why two owners do not let it count between themselves, in a sentence; nothing where they may.
    ///
    /// An application's owners give what is theirs: where it runs, what of its open operations can be asked for, who
    /// stands in for them. What keeps them and everybody else within bounds there (R09, R20, R21: the tier, what stays
    /// closed, who is protected, what is recorded) is not theirs alone.
    pub fn needs_security(&self) -> Option<String> {
        let guards = self.guards();
        let mut places: Vec<String> = guards
            .iter()
            .take(MOST_NAMED)
            .map(|it| it.place())
            .collect();
        match guards.len().saturating_sub(MOST_NAMED) {
            0 => {}
            more => places.push(format!("{more} more")),
        }
        let what = match guards.len() {
            0 => return None,
            1 => "a guard",
            _ => "guards",
        };
        Some(format!(
            "needs security: one of the two holds a role of security before the change, for it takes {what} away ({})",
            places.join("; ")
        ))
    }

    /// What of an application's guards it takes away.
    fn guards(&self) -> Vec<&FieldChange> {
        let loosens = self.fields.iter();
        let loosens = loosens.filter(|it| it.verdict == Verdict::Loosens);
        loosens.filter(|it| it.is_guard).collect()
    }

    /// What keeps this person from confirming: that they gain by it, by whatever account, or answer for somebody who
    /// does. By either catalog: an account, a sponsor or a chain that it gives or takes away makes nobody a second person.
    pub fn gain(&self, before: &Version, after: &Version, who: &PrincipalId) -> Option<Gain> {
        let kin = Kin::of([&before.catalog, &after.catalog]);
        kin.behind(self.gainers()).remove(who)
    }
}

fn is_within(
    concerns: Option<&BTreeSet<ApplicationId>>,
    catalog: &Catalog,
    who: &PrincipalId,
) -> bool {
    let owns = |it: &Application| {
        let owners = [&it.product_owner, &it.data_owner];
        it.owner == *who || owners.into_iter().flatten().any(|it| it == who)
    };
    let owns_all = |all: &BTreeSet<ApplicationId>| {
        all.iter()
            .all(|id| catalog.applications.get(id).is_some_and(owns))
    };
    let works_here = catalog.people.get(who).is_some_and(|it| it.is_active);
    is_security(catalog, who) || (works_here && concerns.is_some_and(owns_all))
}

fn is_security(catalog: &Catalog, who: &PrincipalId) -> bool {
    let is_role = |role: &Role| matches!(role, Role::Security | Role::SecurityControlOwner);
    let person = catalog.people.get(who).filter(|it| it.is_active);
    person.is_some_and(|it| it.roles.iter().any(is_role))
}
