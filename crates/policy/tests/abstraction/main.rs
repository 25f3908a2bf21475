//! The route function over its finite abstraction: the promises hold, and each is missed when the function is broken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod matrix;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use locum_domain::{Authority, Minutes, Refusal, Request, Route};
use locum_policy::Policies;
use locum_policy::abstraction::{Examined, Extent, Routing, World, examine};

static GUARDRAILS: LazyLock<Policies> = LazyLock::new(|| Policies::load(&BTreeMap::new()).unwrap());

#[test]
fn r05_r08_r09_r11_r12_every_promise_about_routes_holds_for_every_combination() {
    let found = examine(&*GUARDRAILS, &Extent::whole(), |_, _| {});
    assert!(found.len() >= 18, "{}", found.len());
    for it in &found {
        assert!(it.holds(), "{}: {:#?}", it.promise.id, it.failure);
    }
    let ids: BTreeSet<&str> = found.iter().map(|it| it.promise.id).collect();
    assert_eq!(ids.len(), found.len(), "each promise has its own name");
}

/// The program's own way, broken in one place.
struct Broken {
    breaks: fn(&mut Route, &World),
    begins_always: bool,
    ignores_more_rules: bool,
}

const WHOLE: Broken = Broken {
    breaks: |_, _| {},
    begins_always: false,
    ignores_more_rules: false,
};

impl Routing for Broken {
    fn route(&self, world: &World) -> Result<Route, Refusal> {
        let mut route = Routing::route(&*GUARDRAILS, world)?;
        (self.breaks)(&mut route, world);
        Ok(route)
    }

    fn begin(&self, world: &World, request: &Request) -> Result<(), Refusal> {
        match self.begins_always {
            true => Ok(()),
            false => GUARDRAILS.begin(world, request),
        }
    }

    fn with(&self, rule: &str) -> Result<Box<dyn Routing + '_>, String> {
        let more = GUARDRAILS.with(rule)?;
        match self.ignores_more_rules {
            // One rule more, and the step of security goes.
            true => Ok(Box::new(Broken {
                breaks: |route, _| {
                    let security = Authority::SecurityOrPrivacyOrCompliance;
                    route.steps.retain(|it| it.authority != security);
                },
                ..WHOLE
            })),
            false => Ok(more),
        }
    }
}

fn missed(broken: &Broken) -> BTreeSet<&'static str> {
    let found = examine(broken, &Extent::few(), |_, _| {});
    let open = found.iter().filter(|it: &&Examined| !it.holds());
    open.map(|it| it.promise.id).collect()
}

fn without(authority: Authority) -> impl Fn(&mut Route) {
    move |route| route.steps.retain(|step| step.authority != authority)
}

#[test]
fn r05_to_r27_a_route_function_broken_in_one_place_breaks_the_promise_about_it() {
    type Mutant = (&'static str, fn(&mut Route, &World));
    let mutants: [Mutant; 13] = [
        ("always-an-approval", |route, _| route.steps.clear()),
        ("always-a-person-for-each-step", |route, _| {
            for step in &mut route.steps {
                step.approvers.clear();
            }
        }),
        ("never-a-party-on-the-route", |route, world| {
            for step in &mut route.steps {
                step.approvers.push(world.requester.clone());
            }
        }),
        ("never-one-person-twice", |route, _| {
            let first = route.steps[0].approvers.first().cloned();
            for step in &mut route.steps {
                step.approvers = first.iter().cloned().collect();
            }
        }),
        ("always-each-application-by-its-own", |route, _| {
            without(Authority::ApplicationOwner)(route);
        }),
        ("always-two-authorities-on-sensitive-data", |route, _| {
            without(Authority::SecurityOrPrivacyOrCompliance)(route);
        }),
        ("always-a-manager-on-a-crossing", |route, _| {
            without(Authority::ManagerOrSecurityControlOwner)(route);
        }),
        ("always-a-named-person-in-an-emergency", |route, _| {
            without(Authority::BreakGlass)(route);
        }),
        ("always-a-signature-for-what-was-skipped", |route, _| {
            route.afterwards.clear();
        }),
        ("always-higher-for-chains-and-doubtful-cases", |route, _| {
            without(Authority::NextAuthority)(route);
        }),
        ("always-a-review-and-an-end", |route, _| {
            route.review_within_days = 0;
        }),
        ("always-shorter-in-an-emergency", |route, _| {
            route.longest = Minutes(60);
        }),
        ("never-fewer-for-the-more-sensitive", |route, _| {
            if route.steps.len() > 1 {
                route.steps.truncate(1);
                route.longest = Minutes(480);
            }
        }),
    ];
    assert_eq!(missed(&WHOLE), BTreeSet::new(), "nothing is broken");
    for (promise, breaks) in mutants {
        let found = missed(&Broken { breaks, ..WHOLE });
        assert!(found.contains(promise), "{promise} in {found:?}");
    }
}

#[test]
fn r09_r16_a_session_that_begins_without_its_people_is_noticed() {
    let begins_always = Broken {
        begins_always: true,
        ..WHOLE
    };
    let found = missed(&begins_always);
    assert_eq!(found, ["never-begun-by-fewer-people-than-steps"].into());
}

#[test]
fn r12_a_rule_that_opens_something_by_forbidding_is_noticed() {
    let opens = Broken {
        ignores_more_rules: true,
        ..WHOLE
    };
    assert_eq!(missed(&opens), ["never-opened-by-a-forbid"].into());
}
