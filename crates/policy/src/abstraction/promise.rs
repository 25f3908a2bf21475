//! What is promised of every single route.

use std::collections::BTreeSet;

use locum_domain::catalog::{Role, Tier};
use locum_domain::route::Step;
use locum_domain::{ApplicationId, Authority, PrincipalId, Route};
use serde::Serialize;

use super::guarantee::Guarantee;
use super::kind::Kind;
use super::situation::{CaseOrigin, Does, People, Situation};
use super::staff;
use super::world::{World, id};

/// One promise in one sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// Its name, for good.
    pub id: &'static str,
    /// What it is part of.
    pub guarantee: Guarantee,
    /// The requirement it answers.
    pub row: &'static str,
    pub says: &'static str,
}

/// A routed situation, as the promises look at it.
pub(super) struct Seen<'s> {
    pub(super) situation: &'s Situation,
    pub(super) world: &'s World,
    pub(super) route: &'s Route,
}

/// Whether a promise says anything about this route.
pub(super) type Due = fn(&Seen<'_>) -> bool;

/// What is wrong with a route about which the promise is, if anything is.
pub(super) type Check = fn(&Seen<'_>) -> Option<String>;

const fn promise(
    id: &'static str,
    guarantee: Guarantee,
    row: &'static str,
    says: &'static str,
) -> Promise {
    Promise {
        id,
        guarantee,
        row,
        says,
    }
}

/// Every promise about one route, with its check.
pub(super) const OF_ONE_ROUTE: [(Promise, Due, Check); 14] = [
    (
        promise(
            "always-an-approval",
            Guarantee::Approval,
            "R07",
            "Every route demands an approval, so that every grant has one.",
        ),
        always,
        an_approval,
    ),
    (
        promise(
            "always-a-person-for-each-step",
            Guarantee::NamedApprover,
            "R06",
            "Every step of a route names somebody who is a person, here and active; else filing is refused.",
        ),
        always,
        a_person_for_each_step,
    ),
    (
        promise(
            "never-a-party-on-the-route",
            Guarantee::OwnApproval,
            "R05",
            "No route names the requester, whoever acts, a sponsor, the case's opener or the subject, by whatever account.",
        ),
        always,
        nobody_with_a_part,
    ),
    (
        promise(
            "never-one-person-twice",
            Guarantee::TwoPeople,
            "R09",
            "The steps of every route can be taken by as many different people.",
        ),
        always,
        different_people,
    ),
    (
        promise(
            "always-each-application-by-its-own",
            Guarantee::Further,
            "R07",
            "An ordinary request has a step of the owner's side of each application: of its delegate where it is low.",
        ),
        is_ordinary,
        each_application_by_its_own,
    ),
    (
        promise(
            "always-two-authorities-on-sensitive-data",
            Guarantee::TwoPeople,
            "R09",
            "Regulated, finance, HR and health data takes two different people of different authority.",
        ),
        is_sensitive,
        two_authorities_on_sensitive_data,
    ),
    (
        promise(
            "always-a-manager-on-a-crossing",
            Guarantee::Crossing,
            "R08",
            "A crossing takes a manager or security control owner besides every owner.",
        ),
        is_crossing,
        a_manager_on_a_crossing,
    ),
    (
        promise(
            "always-a-named-person-in-an-emergency",
            Guarantee::Further,
            "R11",
            "An emergency is answered by a person of the written list, and by nobody of a vendor.",
        ),
        is_emergency,
        a_named_person_in_an_emergency,
    ),
    (
        promise(
            "always-both-when-an-emergency-writes",
            Guarantee::Further,
            "R11",
            "An emergency that writes where regulated data lies takes the ordinary authorities too.",
        ),
        is_emergency_that_writes,
        both_when_an_emergency_writes,
    ),
    (
        promise(
            "always-a-signature-for-what-was-skipped",
            Guarantee::Further,
            "R11",
            "Whatever authority an emergency skips is named to sign afterwards.",
        ),
        is_emergency,
        a_signature_for_what_was_skipped,
    ),
    (
        promise(
            "always-security-in-the-third-emergency",
            Guarantee::Further,
            "R11",
            "The third emergency in 30 days takes security itself.",
        ),
        is_third_emergency,
        security_in_the_third_emergency,
    ),
    (
        promise(
            "always-higher-for-chains-and-doubtful-cases",
            Guarantee::Further,
            "R04",
            "What goes past the day's minutes, an old case or a case nobody vouches for takes the next authority too.",
        ),
        is_doubtful,
        higher_for_chains_and_doubtful_cases,
    ),
    (
        promise(
            "always-a-review-and-an-end",
            Guarantee::Further,
            "R27",
            "Every route sets a review, and lapses when nobody decides or begins.",
        ),
        always,
        a_review_and_an_end,
    ),
    (
        promise(
            "always-back-to-whoever-denied",
            Guarantee::Further,
            "R13",
            "What was denied and is asked again goes back to whoever denied it, or to their named escalation.",
        ),
        was_denied,
        back_to_whoever_denied,
    ),
];

impl Seen<'_> {
    fn steps_of(&self, authority: Authority) -> impl Iterator<Item = &Step> {
        let steps = self.route.steps.iter();
        steps.filter(move |step| step.authority == authority)
    }

    fn has(&self, authority: Authority, application: Option<&ApplicationId>) -> bool {
        has(&self.route.steps, authority, application)
    }

    /// The applications asked for, each with its kind.
    fn asked(&self) -> impl Iterator<Item = (ApplicationId, &Kind)> {
        let ids = self.world.scope.applications().cloned();
        ids.zip(&self.situation.applications)
    }

    /// What the ordinary route of this situation must have, by the requirements' own words.
    fn ordinary(&self) -> Vec<(Authority, Option<ApplicationId>)> {
        let mut demanded: Vec<_> = self
            .asked()
            .map(|(application, kind)| (owners_side(kind), Some(application)))
            .collect();
        if self.situation.crosses() {
            demanded.push((Authority::ManagerOrSecurityControlOwner, None));
        }
        if self.situation.is_sensitive() {
            demanded.push((Authority::SecurityOrPrivacyOrCompliance, None));
        }
        demanded
    }

    fn writes_regulated(&self) -> bool {
        let mut kinds = self.situation.applications.iter();
        self.situation.does == Does::Write && kinds.any(|kind| kind.tier == Tier::Regulated)
    }
}

fn owners_side(kind: &Kind) -> Authority {
    match kind.tier {
        Tier::Low => Authority::Delegate,
        Tier::Standard | Tier::Regulated => Authority::ApplicationOwner,
    }
}

pub(super) fn has(
    steps: &[Step],
    authority: Authority,
    application: Option<&ApplicationId>,
) -> bool {
    let is_it =
        |step: &Step| step.authority == authority && step.application.as_ref() == application;
    steps.iter().any(is_it)
}

fn named(authority: Authority, application: Option<&ApplicationId>) -> String {
    match application {
        Some(application) => format!("`{}` of `{application}`", authority.as_str()),
        None => format!("`{}`", authority.as_str()),
    }
}

fn missing(authority: Authority, application: Option<&ApplicationId>) -> String {
    format!("no step for {}", named(authority, application))
}

fn always(_: &Seen<'_>) -> bool {
    true
}

fn is_ordinary(seen: &Seen<'_>) -> bool {
    !seen.situation.is_emergency
}

fn is_sensitive(seen: &Seen<'_>) -> bool {
    is_ordinary(seen) && seen.situation.is_sensitive()
}

fn is_crossing(seen: &Seen<'_>) -> bool {
    is_ordinary(seen) && seen.situation.crosses()
}

fn is_emergency(seen: &Seen<'_>) -> bool {
    seen.situation.is_emergency
}

fn is_emergency_that_writes(seen: &Seen<'_>) -> bool {
    is_emergency(seen) && seen.writes_regulated()
}

fn is_third_emergency(seen: &Seen<'_>) -> bool {
    is_emergency(seen) && seen.situation.past.two_emergencies
}

fn is_doubtful(seen: &Seen<'_>) -> bool {
    let past = seen.situation.past;
    past.chained || past.old_case || seen.situation.case != CaseOrigin::Confirmed
}

fn was_denied(seen: &Seen<'_>) -> bool {
    seen.situation.past.denied
}

fn an_approval(seen: &Seen<'_>) -> Option<String> {
    let is_empty = seen.route.steps.is_empty();
    is_empty.then(|| "nobody has to approve it".to_owned())
}

fn a_person_for_each_step(seen: &Seen<'_>) -> Option<String> {
    for step in &seen.route.steps {
        let of = named(step.authority, step.application.as_ref());
        if step.approvers.is_empty() {
            return Some(format!("nobody is named for {of}"));
        }
        let is_here = |id: &&PrincipalId| {
            let person = seen.world.catalog.people.get(*id);
            person.is_some_and(|person| person.is_active)
        };
        if let Some(nobody) = step.approvers.iter().find(|id| !is_here(id)) {
            return Some(format!(
                "`{nobody}` is no active person, and named for {of}"
            ));
        }
    }
    None
}

fn nobody_with_a_part(seen: &Seen<'_>) -> Option<String> {
    let steps = seen.route.steps.iter().chain(&seen.route.afterwards);
    for step in steps {
        let mut approvers = step.approvers.iter();
        if let Some(party) = approvers.find(|id| seen.world.parties.contains(*id)) {
            let of = named(step.authority, step.application.as_ref());
            return Some(format!("`{party}` has a part in it, and is named for {of}"));
        }
    }
    None
}

fn different_people(seen: &Seen<'_>) -> Option<String> {
    let possible = a_person_each(&seen.route.steps, &mut BTreeSet::new());
    possible
        .is_none()
        .then(|| "one person would have to take two steps".to_owned())
}

/// Different people for these steps, by trying everybody: a few steps with a few people each.
pub(super) fn a_person_each<'r>(
    steps: &'r [Step],
    taken: &mut BTreeSet<&'r PrincipalId>,
) -> Option<Vec<&'r PrincipalId>> {
    let Some((first, rest)) = steps.split_first() else {
        return Some(Vec::new());
    };
    for person in &first.approvers {
        if taken.insert(person) {
            if let Some(mut others) = a_person_each(rest, taken) {
                others.insert(0, person);
                return Some(others);
            }
            taken.remove(person);
        }
    }
    None
}

fn each_application_by_its_own(seen: &Seen<'_>) -> Option<String> {
    let mut asked = seen.asked().map(|(id, kind)| (owners_side(kind), id));
    let without = asked.find(|(authority, id)| !seen.has(*authority, Some(id)));
    without.map(|(authority, id)| missing(authority, Some(&id)))
}

fn two_authorities_on_sensitive_data(seen: &Seen<'_>) -> Option<String> {
    if !seen.has(Authority::SecurityOrPrivacyOrCompliance, None) {
        return Some(missing(Authority::SecurityOrPrivacyOrCompliance, None));
    }
    let authorities: BTreeSet<Authority> = seen.route.steps.iter().map(|it| it.authority).collect();
    let people = a_person_each(&seen.route.steps, &mut BTreeSet::new());
    let people: BTreeSet<&PrincipalId> = people.into_iter().flatten().collect();
    if authorities.len() < 2 || people.len() < 2 {
        return Some("one person of one authority suffices".to_owned());
    }
    None
}

fn a_manager_on_a_crossing(seen: &Seen<'_>) -> Option<String> {
    let manager = Authority::ManagerOrSecurityControlOwner;
    (!seen.has(manager, None)).then(|| missing(manager, None))
}

fn a_named_person_in_an_emergency(seen: &Seen<'_>) -> Option<String> {
    let Some(step) = seen.steps_of(Authority::BreakGlass).next() else {
        return Some(missing(Authority::BreakGlass, None));
    };
    for id in &step.approvers {
        let is_of_vendor = seen
            .world
            .catalog
            .people
            .get(id)
            .is_some_and(|it| it.employer.is_some());
        if is_of_vendor {
            return Some(format!("`{id}` of a vendor answers an emergency"));
        }
        let lines = seen.world.catalog.break_glass.iter();
        let mut listed = lines.filter(|line| line.person == *id);
        let covers = |applications: &BTreeSet<ApplicationId>| {
            let mut asked = seen.world.scope.applications();
            asked.all(|application| applications.contains(application))
        };
        if !listed.any(|line| covers(&line.applications)) {
            return Some(format!(
                "`{id}` answers an emergency, and is not on the list for all of it"
            ));
        }
    }
    None
}

fn both_when_an_emergency_writes(seen: &Seen<'_>) -> Option<String> {
    let demanded = seen.ordinary().into_iter();
    let mut without = demanded.filter(|(it, application)| !seen.has(*it, application.as_ref()));
    without
        .next()
        .map(|(it, application)| missing(it, application.as_ref()))
}

fn a_signature_for_what_was_skipped(seen: &Seen<'_>) -> Option<String> {
    let demanded = seen.ordinary().into_iter();
    let mut unsigned = demanded.filter(|(authority, application)| {
        let application = application.as_ref();
        !seen.has(*authority, application) && !has(&seen.route.afterwards, *authority, application)
    });
    let (authority, application) = unsigned.next()?;
    let of = named(authority, application.as_ref());
    Some(format!(
        "{of} is skipped, and signs neither before nor afterwards"
    ))
}

fn security_in_the_third_emergency(seen: &Seen<'_>) -> Option<String> {
    let security = Authority::SecurityOrPrivacyOrCompliance;
    let Some(step) = seen.steps_of(security).next() else {
        return Some(missing(security, None));
    };
    let is_security = |id: &&PrincipalId| {
        let person = seen.world.catalog.people.get(*id);
        person.is_some_and(|person| person.roles.contains(&Role::Security))
    };
    let other = step.approvers.iter().find(|id| !is_security(id))?;
    Some(format!(
        "`{other}` is not security, and decides the third emergency"
    ))
}

fn higher_for_chains_and_doubtful_cases(seen: &Seen<'_>) -> Option<String> {
    let next = Authority::NextAuthority;
    (!seen.has(next, None)).then(|| missing(next, None))
}

fn a_review_and_an_end(seen: &Seen<'_>) -> Option<String> {
    let route = seen.route;
    // A review within a working week, and nothing that waits for longer than a day.
    let day = 24 * 60;
    let due = [
        ("review", route.review_within_days, 5),
        ("deadline", route.decide_within.0, day),
        ("deadline to begin", route.activate_within.0, day),
        ("longest session", route.longest.0, day),
    ];
    let mut wrong = due
        .into_iter()
        .filter(|(_, is, most)| *is == 0 || is > most);
    wrong
        .next()
        .map(|(what, is, _)| format!("the {what} is {is}"))
}

fn back_to_whoever_denied(seen: &Seen<'_>) -> Option<String> {
    let decider = seen.world.history.earlier_decider.as_ref()?;
    let manager = seen.world.catalog.people.get(decider)?.manager.as_ref();
    let above = manager.or(seen.route.escalation.as_ref());
    for step in &seen.route.steps {
        let mut approvers = step.approvers.iter();
        let other = approvers.find(|id| *id != decider && Some(*id) != above);
        if let Some(other) = other
            && step.approvers.contains(decider)
        {
            let of = named(step.authority, step.application.as_ref());
            return Some(format!(
                "`{other}` may decide {of}, which `{decider}` denied"
            ));
        }
    }
    // Where the decider holds an authority that is demanded, some step is theirs.
    let is_owner = seen.situation.people == People::Plenty
        && *decider == id(&staff::owner("first"))
        && !seen.situation.is_emergency
        && seen
            .situation
            .applications
            .first()
            .is_some_and(|kind| kind.tier != Tier::Low);
    let is_asked = seen
        .route
        .steps
        .iter()
        .any(|step| step.approvers.contains(decider));
    (is_owner && !is_asked).then(|| format!("`{decider}` denied it, and is not asked again"))
}
