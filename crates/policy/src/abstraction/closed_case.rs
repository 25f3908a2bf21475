//! That a case which is not open justifies nothing: neither what is asked nor what begins (R02).

use std::collections::BTreeSet;

use locum_domain::PrincipalId;

use super::begun::{request, situations};
use super::examine::{Examined, Failure};
use super::guarantee::Guarantee;
use super::kind::Kind;
use super::promise::{Promise, a_person_each};
use super::routing::Routing;
use super::world::World;

pub(super) const CLOSED_CASE: Promise = Promise {
    id: "never-on-a-closed-case",
    guarantee: Guarantee::OpenCase,
    row: "R02",
    says: "Nothing is asked for on a case that is not open, and no approved request begins once its case is closed.",
};

/// Asks on the closed case, and begins on it what was approved while it was open.
pub(super) fn examine(routing: &dyn Routing, kinds: &[Kind]) -> Examined {
    let mut examined = Examined::none_yet(CLOSED_CASE);
    for situation in situations(kinds) {
        let open = World::of(&situation);
        let mut closed = World::of(&situation);
        closed.case.is_open = false;
        let route = routing.route(&open);
        // What is refused on the open case too says nothing about closed ones.
        examined.see(route.is_ok(), || {
            let asked = routing.route(&closed).ok()?;
            let because = "its case is not open, and it is asked for".to_owned();
            Some(Failure::of(&situation, &asked, because))
        });
        let Ok(route) = route else { continue };
        let people = a_person_each(&route.steps, &mut BTreeSet::new());
        let people: Vec<Option<&PrincipalId>> = people.into_iter().flatten().map(Some).collect();
        let Some(request) = request(&open, &route, &people) else {
            continue;
        };
        examined.see(routing.begin(&open, &request).is_ok(), || {
            let begins = routing.begin(&closed, &request).is_ok();
            let because = || "its case was closed meanwhile, and it begins".to_owned();
            begins.then(|| Failure::of(&situation, &route, because()))
        });
    }
    examined
}
