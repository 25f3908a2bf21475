//! Routes put together to operations: one for each thing and what is done to it, so that nobody has to grant two
//! hundred lines one by one, and no operation holds two effects or two classes.

use std::collections::BTreeMap;

use locum_domain::catalog::Effect;

use super::closed::{Closed, closed};
use super::effect::{Guess, effect};
use super::object::{SOMETHING, Thing, things};
use super::proposal::ProposedOperation;
use super::route::{Clues, Route, Routes, noun_and_verb};
use super::shadow::ClosedRoutes;
use super::verb::{does_something, verb};
use super::words::{is_plural, slug};

/// What the root of an application is called.
const ROOT: &str = "root";
/// What scripts and pictures are called.
const SHELL: &str = "shell";

/// One route with everything that was guessed about it.
struct Judged {
    route: Route,
    guess: Guess,
    closed: Option<Closed>,
    notes: Vec<String>,
    /// What it is about, where it names one.
    thing: Option<Thing>,
}

/// What the routes of one operation have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    name: String,
    class: Option<&'static str>,
    effect: Effect,
}

/// The operations that these routes make, in the order of their ids, assets first.
pub(super) fn operations(routes: Routes) -> Vec<ProposedOperation> {
    let mut kinds: BTreeMap<Kind, Vec<Judged>> = BTreeMap::new();
    for (route, clues) in routes.0 {
        let (kind, judged) = judge(route, clues);
        kinds.entry(kind).or_default().push(judged);
    }
    note_shadowed(&mut kinds);
    let mut groups: Vec<(Kind, Option<Thing>, Vec<Judged>)> = Vec::new();
    for (kind, members) in kinds {
        for (thing, members) in by_thing(members) {
            groups.push((kind.clone(), thing, members));
        }
    }
    // Of those that would be called the same, the open and the weaker one keeps the name.
    groups.sort_by(|(a, _, _), (b, _, _)| {
        (&a.name, a.class, a.effect).cmp(&(&b.name, b.class, b.effect))
    });
    let mut operations = Vec::new();
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (kind, thing, members) in groups {
        let name = free(&kind, &mut taken);
        operations.push(operation(name, &kind, thing, members));
    }
    operations.sort_by(|a, b| {
        (a.effect != Effect::Asset, &a.id).cmp(&(b.effect != Effect::Asset, &b.id))
    });
    operations
}

/// Tells of open routes that a closed one takes.
fn note_shadowed(kinds: &mut BTreeMap<Kind, Vec<Judged>>) {
    let mut closed = ClosedRoutes::default();
    let of_closed = kinds.iter().filter(|(kind, _)| kind.class.is_some());
    for judged in of_closed.flat_map(|(_, members)| members) {
        closed.insert(&judged.route);
    }
    let of_open = kinds.iter_mut().filter(|(kind, _)| kind.class.is_none());
    for judged in of_open.flat_map(|(_, members)| members) {
        if closed.cover(&judged.route) {
            judged.notes.push(format!(
                "`{}` lies inside of a closed route here, and a closed one always wins",
                judged.route
            ));
        }
    }
}

/// A name that nobody has yet. `taken` holds names with the next number of each.
fn free(kind: &Kind, taken: &mut BTreeMap<String, usize>) -> String {
    let told = match kind.class {
        Some(class) => format!("{}.{class}", kind.name),
        None => format!("{}.{}", kind.name, kind.effect.as_str()),
    };
    for name in [&kind.name, &told] {
        if !taken.contains_key(name) {
            taken.insert(name.clone(), 2);
            return name.clone();
        }
    }
    loop {
        let number = taken.entry(told.clone()).or_insert(2);
        let name = format!("{told}-{number}");
        *number += 1;
        if !taken.contains_key(&name) {
            taken.insert(name.clone(), 2);
            return name;
        }
    }
}

fn judge(route: Route, clues: Clues) -> (Kind, Judged) {
    let closed = closed(&route, &clues);
    let guess = effect(&route, &clues, closed.as_ref());
    let (noun, thing) = about(&route, &clues);
    let name = if clues.is_asset {
        SHELL.to_owned()
    } else {
        format!("{noun}.{}", verb(&route, &clues, guess.effect))
    };
    let kind = Kind {
        name,
        class: closed.as_ref().map(|closed| closed.class),
        effect: guess.effect,
    };
    let judged = Judged {
        thing: thing.filter(|_| !clues.is_asset),
        route,
        guess,
        closed,
        notes: clues.notes.into_iter().collect(),
    };
    (kind, judged)
}

/// What an operation with this route is about, as its id begins, and the thing that its object names.
fn about(route: &Route, clues: &Clues) -> (String, Option<Thing>) {
    let things = things(route);
    let heading = heading(route, clues);
    let own = things.iter().find(|thing| thing.noun == heading);
    if let Some(own) = own.filter(|_| route.is_safe()) {
        return (heading, Some(own.clone()));
    }
    // What stands under a heading besides: `/repos/*/*/issues/comments/*` is a comment, filed under issues. Who may
    // change a project need not be let change its hooks: what changes something is filed finer than what reads.
    let collection = match own {
        Some(_) => deepest_collection(route),
        None => route
            .ending()
            .filter(|it| it.is_plural && !does_something(it.name))
            .map(|it| it.name),
    };
    let (noun, thing) = match (collection, things.last()) {
        (Some(collection), last) => {
            let noun = slug(collection);
            // A collection names no one of it.
            let thing = last.filter(|thing| own.is_some() && thing.noun == noun);
            (noun, thing.cloned())
        }
        (None, Some(thing)) => (thing.noun.clone(), Some(thing.clone())),
        (None, None) => return (heading, None),
    };
    let thing = thing.or_else(|| own.cloned());
    if noun == heading || noun.is_empty() || noun == SOMETHING {
        (heading, thing)
    } else {
        (format!("{heading}.{noun}"), thing)
    }
}

/// The last name of many of something in a path.
fn deepest_collection(route: &Route) -> Option<&str> {
    let literals = route.meaning().iter().filter_map(|it| it.literal());
    literals
        .map(|literal| noun_and_verb(literal).0)
        .rfind(|name| is_plural(name) && !does_something(name))
}

/// What the document files it under, else the first name of its path.
fn heading(route: &Route, clues: &Clues) -> String {
    let literals = route.meaning().iter().filter_map(|it| it.literal());
    let names = literals.map(|literal| noun_and_verb(literal).0);
    clues
        .tag
        .as_deref()
        .into_iter()
        .chain(names)
        .map(slug)
        .find(|it| !it.is_empty())
        .unwrap_or_else(|| ROOT.to_owned())
}

/// Routes with one object each: a template counts stars, so that `customer` and `invoice` cannot share `{1}`. Routes
/// that name nothing go to the largest of them, if its template asks for more stars than they have.
fn by_thing(members: Vec<Judged>) -> Vec<(Option<Thing>, Vec<Judged>)> {
    let mut buckets: BTreeMap<Option<Thing>, Vec<Judged>> = BTreeMap::new();
    for member in members {
        buckets
            .entry(member.thing.clone())
            .or_default()
            .push(member);
    }
    let unnamed = buckets.remove(&None).unwrap_or_default();
    let largest = buckets
        .iter()
        .max_by_key(|(_, members)| members.len())
        .and_then(|(thing, _)| thing.clone());
    for member in unnamed {
        let home = largest
            .clone()
            .filter(|thing| thing.is_beyond(&member.route));
        buckets.entry(home).or_default().push(member);
    }
    buckets.into_iter().collect()
}

fn operation(
    id: String,
    kind: &Kind,
    thing: Option<Thing>,
    members: Vec<Judged>,
) -> ProposedOperation {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut notes = Vec::new();
    let mut routes = Vec::new();
    for member in members {
        *reasons
            .entry(format!(
                "effect `{}`: {}",
                kind.effect.as_str(),
                member.guess.because
            ))
            .or_default() += 1;
        if let Some(closed) = member.closed {
            *reasons
                .entry(format!("closed `{}`: {}", closed.class, closed.because))
                .or_default() += 1;
        }
        notes.extend(member.notes);
        routes.push(member.route);
    }
    if let Some(thing) = &thing {
        let taken = thing
            .stars
            .iter()
            .map(|star| format!("`{{{star}}}`"))
            .collect::<Vec<_>>();
        let because = format!(
            "object: {} is taken for the id of what is called {}",
            taken.join("/"),
            thing.noun
        );
        reasons.insert(because, 1);
    }
    notes.sort();
    notes.dedup();
    routes.sort_by_key(ToString::to_string);
    let count = routes.len();
    let told = |(reason, of): (String, usize)| match of {
        of if of == count || reason.starts_with("object") => reason,
        1 => format!("{reason} (one route)"),
        of => format!("{reason} ({of} routes)"),
    };
    ProposedOperation {
        id,
        effect: kind.effect,
        closed: kind.class,
        object: thing.as_ref().map(Thing::template),
        routes: routes.iter().map(ToString::to_string).collect(),
        graphql: Vec::new(),
        because: reasons.into_iter().map(told).collect(),
        notes,
    }
}
