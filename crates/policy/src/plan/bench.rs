//! Who may decide: the people whom Cedar lets hold an authority, over one application or over any request.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use jiff::civil::Date;
use locum_domain::catalog::Application;
use locum_domain::route::{Route, Step};
use locum_domain::{Authority, Minutes, PrincipalId, Scope};

use super::asking::{Terms, Urgency};
use super::judge::{Judge, case};
use crate::entities::owners;
use crate::filing::Circumstances;
use crate::holders::candidates;
use crate::parties::Parties;
use crate::question::No;
use crate::seat::Seat;

/// The benches that were asked for already.
#[derive(Default)]
pub(crate) struct Benches<'a> {
    pools: RefCell<HashMap<(Authority, Option<&'a str>), People<'a>>>,
    benches: RefCell<HashMap<Key<'a>, People<'a>>>,
}

type People<'a> = Rc<[&'a PrincipalId]>;

/// Authority, application, rule, whether owners stand in, urgency, day, hour.
type Key<'a> = (Authority, Option<&'a str>, String, bool, Urgency, Date, u8);

/// Which bench.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) authority: Authority,
    pub(crate) application: &'a Application,
    pub(crate) urgency: Urgency,
    pub(crate) circumstances: Circumstances,
}

/// The rule that commonly demands an authority, where none is at hand.
pub(crate) fn usual_rule(authority: Authority) -> &'static str {
    match authority {
        Authority::ApplicationOwner => "guard-owner-decides",
        Authority::Delegate => "guard-delegate-decides",
        Authority::ManagerOrSecurityControlOwner => "guard-crossing",
        Authority::SecurityOrPrivacyOrCompliance => "guard-two-people",
        Authority::BreakGlass => "guard-break-glass",
        Authority::NextAuthority => "guard-daily-ceiling",
    }
}

/// Whether the authority is held for one application; the others are held over any request.
pub(crate) fn is_of_application(authority: Authority) -> bool {
    matches!(
        authority,
        Authority::ApplicationOwner | Authority::Delegate | Authority::BreakGlass
    )
}

/// Whether the requester's own manager holds it too.
fn is_of_managers(authority: Authority) -> bool {
    matches!(
        authority,
        Authority::ManagerOrSecurityControlOwner | Authority::NextAuthority
    )
}

impl Terms {
    /// Whether whose manager somebody is makes a difference.
    pub(crate) fn is_of_managers(&self) -> bool {
        self.demands.iter().any(|(it, _)| is_of_managers(*it))
    }
}

impl<'a> Judge<'a> {
    /// Whoever may give this approval to somebody with whom they have nothing to do.
    pub(crate) fn bench(&self, at: At<'a>, rule: &str) -> People<'a> {
        let seated = self.seated(at, rule, false);
        if seated.is_empty() && at.authority == Authority::Delegate {
            return self.seated(at, rule, true);
        }
        seated
    }

    /// Whoever may give it to this asker. Only those of `special` are judged anew: nobody else is in any way the asker,
    /// their sponsor or their manager, and the rules about deciding see of an asker nothing else.
    pub(crate) fn approvers(
        &self,
        at: At<'a>,
        rule: &str,
        asker: &'a PrincipalId,
        special: &BTreeSet<&'a PrincipalId>,
    ) -> Vec<&'a PrincipalId> {
        let stand_in = at.authority == Authority::Delegate;
        let seated = self.seated_for(at, rule, false, asker, special);
        match seated.is_empty() && stand_in {
            true => self.seated_for(at, rule, true, asker, special),
            false => seated,
        }
    }

    fn seated_for(
        &self,
        at: At<'a>,
        rule: &str,
        stand_in: bool,
        asker: &'a PrincipalId,
        special: &BTreeSet<&'a PrincipalId>,
    ) -> Vec<&'a PrincipalId> {
        let neutral = self.seated(at, rule, stand_in);
        let catalog = self.side.catalog;
        let manager = special
            .iter()
            .copied()
            .filter(|it| is_of_managers(at.authority) && self.manager(asker) == Some(*it));
        let pool = self.pool(at, stand_in);
        let concerned = pool.iter().any(|it| special.contains(it));
        let manager: Vec<&PrincipalId> = manager.collect();
        if !concerned && manager.is_empty() {
            return neutral.to_vec();
        }
        let mut judged = manager;
        judged.extend(pool.iter().copied().filter(|it| special.contains(it)));
        let sits = self.those_who_sit(at, rule, stand_in, asker, judged);
        let mut seated: Vec<&PrincipalId> = Vec::new();
        let others = pool.iter().copied().filter(|it| !special.contains(it));
        let others = others.filter(|it| neutral.contains(it));
        for id in sits.into_iter().chain(others) {
            if catalog.people.contains_key(id) && !seated.contains(&id) {
                seated.push(id);
            }
        }
        seated
    }

    /// The person above this asker: an agent's is its sponsor's.
    pub(crate) fn manager(&self, asker: &PrincipalId) -> Option<&'a PrincipalId> {
        let catalog = self.side.catalog;
        let person = catalog.agents.get(asker).map_or(asker, |it| &it.sponsor);
        catalog.people.get(person)?.manager.as_ref()
    }

    /// Everybody who might sit on some bench.
    pub(crate) fn everybody_who_might(
        &self,
        application: &'a Application,
    ) -> BTreeSet<&'a PrincipalId> {
        let at = |authority| At {
            authority,
            application,
            urgency: Urgency::Ordinary,
            circumstances: Circumstances {
                today: Date::ZERO,
                local_hour: 0,
            },
        };
        let pools = ALL.iter().map(|authority| self.pool(at(*authority), false));
        pools.flat_map(|pool| pool.to_vec()).collect()
    }

    fn pool(&self, at: At<'a>, stand_in: bool) -> People<'a> {
        if stand_in {
            return owners(at.application).into();
        }
        let of = is_of_application(at.authority).then_some(at.application);
        let of = of.filter(|_| at.authority != Authority::BreakGlass);
        let key = (at.authority, of.map(|it| it.id.as_str()));
        if let Some(pool) = self.benches.pools.borrow().get(&key) {
            return pool.clone();
        }
        let scope = Scope::default();
        let filing = self.filing(self.nobody, &scope, at.urgency, at.circumstances);
        let found: People<'a> = case()
            .map_or_else(Vec::new, |case| {
                let parties = Parties::of_filing(&filing, &case);
                let found = candidates(&parties, at.authority, of);
                let known = |id: &&PrincipalId| self.side.catalog.people.get_key_value(*id);
                found.iter().filter_map(known).map(|(id, _)| id).collect()
            })
            .into();
        self.benches.pools.borrow_mut().insert(key, found.clone());
        found
    }

    fn seated(&self, at: At<'a>, rule: &str, stand_in: bool) -> People<'a> {
        // Without a rule of the operator's about deciding, an authority over any request is held over all alike.
        let is_alike = !is_of_application(at.authority) && !self.reading.decides;
        let urgency = if is_alike {
            Urgency::Ordinary
        } else {
            at.urgency
        };
        let application = (!is_alike).then_some(at.application.id.as_str());
        let Circumstances { today, local_hour } = at.circumstances;
        let key = (
            at.authority,
            application,
            rule.to_owned(),
            stand_in,
            urgency,
            today,
            local_hour,
        );
        if let Some(bench) = self.benches.benches.borrow().get(&key) {
            return bench.clone();
        }
        let pool = self.pool(at, stand_in).to_vec();
        let found: People<'a> = self
            .those_who_sit(at, rule, stand_in, self.nobody, pool)
            .into();
        self.benches.benches.borrow_mut().insert(key, found.clone());
        found
    }

    fn those_who_sit(
        &self,
        at: At<'a>,
        rule: &str,
        owner_stands_in: bool,
        asker: &PrincipalId,
        people: Vec<&'a PrincipalId>,
    ) -> Vec<&'a PrincipalId> {
        let Some(case) = case() else {
            return Vec::new();
        };
        let scope = Scope([(at.application.id.clone(), BTreeSet::new())].into());
        let filing = self.filing(asker, &scope, at.urgency, at.circumstances);
        let parties = Parties::of_filing(&filing, &case);
        let of = is_of_application(at.authority) && at.authority != Authority::BreakGlass;
        let seat = Seat {
            authority: at.authority,
            application: of.then_some(at.application),
            rule,
            named: &[],
            owner_stands_in,
            circumstances: at.circumstances,
        };
        let sits = |person: &&PrincipalId| match self.side.policies.may_sit(&parties, seat, person)
        {
            Ok(_) => true,
            Err(No::Objections(objections)) if !objections.is_empty() => false,
            Err(no) => self.heard(Err(no.refusal())),
        };
        people.into_iter().filter(sits).collect()
    }
}

/// Every authority, in the order of a route.
pub(crate) const ALL: [Authority; 6] = [
    Authority::BreakGlass,
    Authority::ApplicationOwner,
    Authority::Delegate,
    Authority::ManagerOrSecurityControlOwner,
    Authority::SecurityOrPrivacyOrCompliance,
    Authority::NextAuthority,
];

/// The authority for which nobody is left when every approval needs a person of its own.
pub(crate) fn left_alone(steps: &[(Authority, Vec<&PrincipalId>)]) -> Option<Authority> {
    let step = |(authority, people): &(Authority, Vec<&PrincipalId>)| Step {
        authority: *authority,
        application: None,
        rule: String::new(),
        approvers: people.iter().map(|it| (*it).clone()).collect(),
        approval: None,
    };
    let route = Route {
        steps: steps.iter().map(step).collect(),
        afterwards: Vec::new(),
        controls_seen: Vec::new(),
        decide_within: Minutes(1),
        activate_within: Minutes(1),
        escalation: None,
        longest: Minutes(1),
        idle_within: Minutes(1),
        review_within_days: 1,
        signature_demanded: false,
        strictest: locum_domain::catalog::Tier::Low,
    };
    route.unstaffed_step().map(|it| it.authority)
}
