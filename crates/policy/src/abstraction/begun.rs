//! That no session begins on fewer people than its route has steps (R09, R16).

use std::collections::BTreeSet;

use locum_domain::request::RequestState;
use locum_domain::route::Approval;
use locum_domain::scope::Reason;
use locum_domain::{EventId, Minutes, PrincipalId, Request, RequestId, Route, Timestamp};

use super::examine::{Examined, Failure};
use super::guarantee::Guarantee;
use super::kind::Kind;
use super::promise::{Promise, a_person_each};
use super::routing::Routing;
use super::situation::{Does, People, Situation};
use super::world::World;

pub(super) const BEGUN: Promise = Promise {
    id: "never-begun-by-fewer-people-than-steps",
    guarantee: Guarantee::Approval,
    row: "R09",
    says: "No session begins while one person stands for two steps, or one step lacks its approval.",
};

/// Approves in every way that is not enough, and once as it should be.
pub(super) fn examine(routing: &dyn Routing, kinds: &[Kind]) -> Examined {
    let mut examined = Examined::none_yet(BEGUN);
    for situation in situations(kinds) {
        let world = World::of(&situation);
        let Ok(route) = routing.route(&world) else {
            examined.see(false, || None);
            continue;
        };
        let Some(people) = a_person_each(&route.steps, &mut BTreeSet::new()) else {
            examined.see(false, || None);
            continue;
        };
        let people: Vec<Option<&PrincipalId>> = people.into_iter().map(Some).collect();
        let begins = |by: &[Option<&PrincipalId>]| {
            request(&world, &route, by)
                .is_some_and(|request| routing.begin(&world, &request).is_ok())
        };
        // What never begins proves nothing by not beginning.
        let is_possible = begins(&people);
        for (ways, because) in [
            (
                lacking_one(&people),
                "an approval is missing, and it begins",
            ),
            (
                one_for_two(&people),
                "one person stands for two steps, and it begins",
            ),
        ] {
            for by in ways {
                examined.see(is_possible, || {
                    begins(&by).then(|| Failure::of(&situation, &route, because.to_owned()))
                });
            }
        }
    }
    examined
}

pub(super) fn situations(kinds: &[Kind]) -> Vec<Situation> {
    let mut situations = Vec::new();
    for kind in kinds {
        for applications in [vec![kind.clone()], vec![kind.clone(), kind.clone()]] {
            for is_emergency in [false, true] {
                for people in [People::Plenty, People::Two] {
                    for does in Does::ALL {
                        situations.push(Situation {
                            applications: applications.clone(),
                            is_emergency,
                            people,
                            does,
                            ..Situation::ordinary(kind.clone())
                        });
                    }
                }
            }
        }
    }
    situations
}

type Approvers<'p> = Vec<Option<&'p PrincipalId>>;

fn lacking_one<'p>(people: &Approvers<'p>) -> Vec<Approvers<'p>> {
    let without = |at: usize| {
        let kept = people.iter().enumerate();
        kept.map(|(index, person)| person.filter(|_| index != at))
            .collect()
    };
    (0..people.len()).map(without).collect()
}

/// Each of the people in the place of each other.
fn one_for_two<'p>(people: &Approvers<'p>) -> Vec<Approvers<'p>> {
    let mut ways = Vec::new();
    for (from, person) in people.iter().enumerate() {
        for at in (0..people.len()).filter(|at| *at != from) {
            let mut way = people.clone();
            if let Some(place) = way.get_mut(at) {
                *place = *person;
            }
            ways.push(way);
        }
    }
    ways
}

/// What was asked in this world, approved by these; none where the abstraction's own words are no request.
pub(super) fn request(
    world: &World,
    route: &Route,
    by: &[Option<&PrincipalId>],
) -> Option<Request> {
    let filing = world.filing();
    let mut request = Request {
        id: RequestId::from_bytes([1; 16]),
        event: EventId::from_bytes([2; 16]),
        filed_at: Timestamp::UNIX_EPOCH,
        requester: world.requester.clone(),
        actor: world.actor.clone(),
        accountable_owner: None,
        subject: world.subject.clone(),
        tenant: None,
        case: world.case.clone(),
        reason: Reason::parse("the customer cannot open an invoice", None).ok()?,
        scope: world.scope.clone(),
        duration: Minutes(filing.duration.0),
        break_glass: world.is_emergency,
        version: 1,
        nonce: String::new(),
        subjects: std::collections::BTreeMap::new(),
        route: route.clone(),
        warnings: Vec::new(),
        extends: None,
        questions: Vec::new(),
        escalated: None,
        security_told: Vec::new(),
        owed: None,
        grant: None,
        state: RequestState::Approved {
            at: Timestamp::UNIX_EPOCH,
            activate_by: Timestamp::UNIX_EPOCH,
        },
    };
    let scope_digest = request.scope_digest();
    for (step, by) in request.route.steps.iter_mut().zip(by) {
        step.approval = by.map(|by| Approval {
            by: by.clone(),
            at: Timestamp::UNIX_EPOCH,
            scope_digest: scope_digest.clone(),
            rules: Vec::new(),
            note: None,
            unavoidable_because: None,
            compensating_controls: Vec::new(),
            covers_narrower: false,
            signature: None,
        });
    }
    Some(request)
}
