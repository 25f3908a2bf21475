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

use locum_domain::route::Step;
use locum_domain::{Authority, Minutes, Refusal, Request, Route};
use locum_policy::Policies;
use locum_policy::abstraction::{Examined, Extent, Routing, World, examine, promises};

static GUARDRAILS: LazyLock<Policies> = LazyLock::new(|| Policies::load(&BTreeMap::new()).unwrap());

#[test]
fn r05_r08_r09_r11_r12_every_promise_about_routes_holds_for_every_combination() {
    let found = examine(&*GUARDRAILS, &Extent::whole(), |_, _| {});
    assert!(found.len() >= 21, "{}", found.len());
    for it in &found {
        assert!(it.holds(), "{}: {:#?}", it.promise.id, it.failure);
    }
    let ids: BTreeSet<&str> = found.iter().map(|it| it.promise.id).collect();
    assert_eq!(ids.len(), found.len(), "each promise has its own name");
}

/// The program's own way, broken in one place.
struct Broken {
    breaks: fn(&mut Route, &World),
    /// Where a session begins whatever is missing.
    begins: fn(&World) -> bool,
    ignores_more_rules: bool,
}

const WHOLE: Broken = Broken {
    breaks: |_, _| {},
    begins: |_| false,
    ignores_more_rules: false,
};

impl Routing for Broken {
    fn route(&self, world: &World) -> Result<Route, Refusal> {
        let mut route = Routing::route(&*GUARDRAILS, world)?;
        (self.breaks)(&mut route, world);
        Ok(route)
    }

    fn begin(&self, world: &World, request: &Request) -> Result<(), Refusal> {
        match (self.begins)(world) {
            true => Ok(()),
            false => GUARDRAILS.begin(world, request),
        }
    }

    fn with(&self, rule: &str) -> Result<Box<dyn Routing + '_>, String> {
        let more = GUARDRAILS.with(rule)?;
        match self.ignores_more_rules {
            // One rule more, and the step of security goes.
            true => Ok(Box::new(Broken {
                breaks: |route, _| without(Authority::SecurityOrPrivacyOrCompliance, route),
                ..WHOLE
            })),
            false => Ok(more),
        }
    }
}

/// The promises that do not hold of it.
fn missed(broken: &Broken, extent: &Extent) -> BTreeSet<&'static str> {
    let found = examine(broken, extent, |_, _| {});
    let open = found.iter().filter(|it: &&Examined| !it.holds());
    open.map(|it| it.promise.id).collect()
}

fn without(authority: Authority, route: &mut Route) {
    route.steps.retain(|step| step.authority != authority);
}

/// A fault of the route function, and the promise that notices it.
type Mutant = (&'static str, fn(&mut Route, &World));

const MUTANTS: [Mutant; 18] = [
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
        without(Authority::ApplicationOwner, route);
    }),
    ("always-two-authorities-on-sensitive-data", |route, _| {
        without(Authority::SecurityOrPrivacyOrCompliance, route);
    }),
    ("always-a-manager-on-a-crossing", |route, _| {
        without(Authority::ManagerOrSecurityControlOwner, route);
    }),
    ("always-a-named-person-in-an-emergency", |route, _| {
        without(Authority::BreakGlass, route);
    }),
    ("always-both-when-an-emergency-writes", |route, world| {
        if world.is_emergency {
            let first = |step: &mut Step| step.authority != Authority::BreakGlass;
            route.afterwards.extend(route.steps.extract_if(.., first));
        }
    }),
    ("always-a-signature-for-what-was-skipped", |route, _| {
        route.afterwards.clear();
    }),
    ("always-security-in-the-third-emergency", |route, world| {
        // Whoever answers the emergency answers for security too.
        let of = |authority| move |step: &&Step| step.authority == authority;
        let answers = route.steps.iter().find(of(Authority::BreakGlass));
        let answers = answers.map(|step| step.approvers.clone());
        for step in &mut route.steps {
            let is_third = world.history.emergencies_in_30_days >= 2;
            if is_third && step.authority == Authority::SecurityOrPrivacyOrCompliance {
                step.approvers.extend(answers.iter().flatten().cloned());
            }
        }
    }),
    ("always-higher-for-chains-and-doubtful-cases", |route, _| {
        without(Authority::NextAuthority, route);
    }),
    ("always-a-review-and-an-end", |route, _| {
        route.review_within_days = 0;
    }),
    ("always-back-to-whoever-denied", |route, world| {
        let denied = world.history.earlier_decider.as_ref();
        for step in &mut route.steps {
            step.approvers.retain(|it| Some(it) != denied);
        }
    }),
    ("always-the-strictest-application", |route, world| {
        if world.scope.applications().count() > 1 {
            route.decide_within = Minutes(24 * 60);
        }
    }),
    ("never-fewer-for-the-more-sensitive", |route, _| {
        if route.steps.len() > 1 {
            route.steps.truncate(1);
            route.longest = Minutes(480);
        }
    }),
    ("never-milder-after-what-happened", |route, world| {
        if world.history.minutes_in_24h > 0 {
            route.activate_within = Minutes(24 * 60);
        }
    }),
    ("always-shorter-in-an-emergency", |route, _| {
        route.longest = Minutes(60);
    }),
];

/// The same for what is no route.
const OTHERS: [(&str, Broken); 3] = [
    (
        "never-begun-by-fewer-people-than-steps",
        Broken {
            begins: |world| world.case.is_open,
            ..WHOLE
        },
    ),
    (
        "never-on-a-closed-case",
        Broken {
            begins: |world| !world.case.is_open,
            ..WHOLE
        },
    ),
    (
        "never-opened-by-a-forbid",
        Broken {
            ignores_more_rules: true,
            ..WHOLE
        },
    ),
];

/// Every second fault, from this one.
fn noticed(first: usize) {
    for (promise, breaks) in MUTANTS.iter().skip(first).step_by(2) {
        let broken = Broken {
            breaks: *breaks,
            ..WHOLE
        };
        let found = missed(&broken, &Extent::few_routes());
        assert!(found.contains(promise), "{promise} in {found:?}");
    }
}

#[test]
fn r05_to_r27_a_route_function_broken_in_one_place_breaks_the_promise_about_it_part_1() {
    noticed(0);
}

#[test]
fn r05_to_r27_a_route_function_broken_in_one_place_breaks_the_promise_about_it_part_2() {
    noticed(1);
}

#[test]
fn r02_r09_r12_r16_what_begins_or_opens_in_one_place_breaks_just_the_promise_about_it() {
    assert_eq!(
        missed(&WHOLE, &Extent::few()),
        [].into(),
        "nothing is broken"
    );
    for (promise, broken) in OTHERS {
        assert_eq!(missed(&broken, &Extent::few()), [promise].into());
    }
}

#[test]
fn no_promise_about_routes_is_without_a_fault_that_it_notices() {
    let planted = MUTANTS.iter().map(|(promise, _)| *promise);
    let planted: BTreeSet<&str> = planted.chain(OTHERS.iter().map(|it| it.0)).collect();
    let promised: BTreeSet<&str> = promises().iter().map(|it| it.id).collect();
    assert_eq!(planted, promised, "a promise without a planted fault");
}
