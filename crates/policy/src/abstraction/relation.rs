//! What is promised of two routes beside each other.

use std::collections::BTreeMap;

use locum_domain::route::Step;
use locum_domain::{ApplicationId, Refusal, Route};

use super::guarantee::Guarantee;
use super::kind::Kind;
use super::promise::{Promise, has};
use super::situation::{Past, Situation};
use super::world::id;

/// What became of every situation.
pub(super) type Routed = BTreeMap<Situation, Result<Route, Refusal>>;

/// How two situations that belong together are found, and what is wrong with their routes.
pub(super) struct Relation {
    pub(super) promise: Promise,
    /// The situations that this one is held against.
    pub(super) others: fn(&Situation) -> Vec<Situation>,
    pub(super) wrong: fn(&Route, &Route, &Situation, &Situation) -> Option<String>,
}

/// Looked at for every length too.
pub(super) const SHORTER: Promise = Promise {
    id: "always-shorter-in-an-emergency",
    guarantee: Guarantee::ShortEmergency,
    row: "R11",
    says: "An emergency expires strictly sooner than the ordinary request would.",
};

pub(super) const OF_TWO_ROUTES: [Relation; 4] = [
    Relation {
        promise: Promise {
            id: "always-the-strictest-application",
            guarantee: Guarantee::Further,
            row: "R12",
            says: "Of several applications the strictest decides: crossing demands and limits all that each alone does.",
        },
        others: with_another,
        wrong: crossing_is_milder,
    },
    Relation {
        promise: Promise {
            id: "never-fewer-for-the-more-sensitive",
            guarantee: Guarantee::Further,
            row: "R12",
            says: "A more sensitive application never needs fewer approvals, nor allows more time.",
        },
        others: more_sensitive,
        wrong: fewer,
    },
    Relation {
        promise: Promise {
            id: "never-milder-after-what-happened",
            guarantee: Guarantee::Further,
            row: "R04",
            says: "Nothing that happened before takes a step from a route.",
        },
        others: after_more,
        wrong: a_step_is_gone,
    },
    Relation {
        promise: SHORTER,
        others: as_an_emergency,
        wrong: not_shorter,
    },
];

fn with_another(situation: &Situation) -> Vec<Situation> {
    let [alone] = situation.applications.as_slice() else {
        return Vec::new();
    };
    let with = |other: Kind| {
        let mut applications = vec![alone.clone(), other];
        applications.sort();
        Situation {
            applications,
            ..situation.clone()
        }
    };
    Kind::plain().into_iter().map(with).collect()
}

fn more_sensitive(situation: &Situation) -> Vec<Situation> {
    let mut others = Vec::new();
    for (index, kind) in situation.applications.iter().enumerate() {
        for more in Kind::all() {
            if more != *kind && more.is_as_sensitive_as(kind) {
                let mut other = situation.clone();
                if let Some(it) = other.applications.get_mut(index) {
                    *it = more;
                }
                other.applications.sort();
                others.push(other);
            }
        }
    }
    others
}

fn after_more(situation: &Situation) -> Vec<Situation> {
    let more = Past::all().into_iter();
    more.filter(|past| situation.past != *past && situation.past.is_part_of(past))
        .map(|past| Situation {
            past,
            ..situation.clone()
        })
        .collect()
}

fn as_an_emergency(situation: &Situation) -> Vec<Situation> {
    let emergency = Situation {
        is_emergency: true,
        ..situation.clone()
    };
    Some(emergency)
        .filter(|_| !situation.is_emergency)
        .into_iter()
        .collect()
}

fn crossing_is_milder(
    alone: &Route,
    crossing: &Route,
    situation: &Situation,
    other: &Situation,
) -> Option<String> {
    // Alone it is the first; beside another it stands where its kind does.
    let at = other
        .applications
        .iter()
        .position(|it| situation.applications.contains(it))?;
    let names = ["first", "second"];
    let there: ApplicationId = id(names.get(at)?);
    let mut gone = alone.steps.iter().filter(|step| {
        let application = step.application.as_ref().map(|_| &there);
        !has(&crossing.steps, step.authority, application)
    });
    if let Some(step) = gone.next() {
        return Some(format!("crossing takes away `{}`", step.authority.as_str()));
    }
    laxer(alone, crossing)
}

fn fewer(mild: &Route, strict: &Route, _: &Situation, _: &Situation) -> Option<String> {
    if strict.steps.len() < mild.steps.len() {
        let (mild, strict) = (mild.steps.len(), strict.steps.len());
        return Some(format!(
            "{strict} approvals where the less sensitive needs {mild}"
        ));
    }
    laxer(mild, strict)
}

fn a_step_is_gone(before: &Route, after: &Route, _: &Situation, _: &Situation) -> Option<String> {
    gone(before, after).or_else(|| laxer(before, after))
}

pub(super) fn gone(before: &Route, after: &Route) -> Option<String> {
    let kept = |step: &&Step| !has(&after.steps, step.authority, step.application.as_ref());
    let step = before.steps.iter().find(kept)?;
    Some(format!("the step of `{}` is gone", step.authority.as_str()))
}

/// Whether a route that should be at least as strict allows more time for anything.
pub(super) fn laxer(mild: &Route, strict: &Route) -> Option<String> {
    let times = [
        ("longest session", strict.longest.0, mild.longest.0),
        (
            "time to decide",
            strict.decide_within.0,
            mild.decide_within.0,
        ),
        (
            "time to begin",
            strict.activate_within.0,
            mild.activate_within.0,
        ),
        ("idle time", strict.idle_within.0, mild.idle_within.0),
        (
            "time to the review",
            strict.review_within_days,
            mild.review_within_days,
        ),
    ];
    let mut longer = times.into_iter().filter(|(_, is, most)| is > most);
    longer
        .next()
        .map(|(what, is, most)| format!("the {what} grows from {most} to {is}"))
}

fn not_shorter(
    ordinary: &Route,
    emergency: &Route,
    _: &Situation,
    _: &Situation,
) -> Option<String> {
    let (is, most) = (emergency.longest.0, ordinary.longest.0);
    (is >= most)
        .then(|| format!("an emergency lasts {is} minutes, and the ordinary session {most}"))
}
