//! What a path is about: the things whose ids stand in it.

use super::route::{Route, Segment, noun_and_verb};
use super::words::{is_technical, slug};

/// What a star stands for where nothing before it says so.
pub(super) const SOMETHING: &str = "object";

/// A thing in a path: what it is called, and which stars are its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Thing {
    pub(super) noun: String,
    /// From 1, as `{n}` counts: `*` only.
    pub(super) stars: Vec<usize>,
}

impl Thing {
    /// `invoice:{1}`, or `repo:{1}/{2}` where two ids stand behind each other.
    pub(super) fn template(&self) -> String {
        let stars: Vec<String> = self
            .stars
            .iter()
            .map(|star| format!("{{{star}}}"))
            .collect();
        format!("{}:{}", self.noun, stars.join("/"))
    }

    /// Whether `route` names fewer stars than this asks for, so that nothing is named there.
    pub(super) fn is_beyond(&self, route: &Route) -> bool {
        self.stars.last().is_some_and(|last| *last > route.stars())
    }
}

/// Every thing that a path names, from left to right.
pub(super) fn things(route: &Route) -> Vec<Thing> {
    let mut things: Vec<Thing> = Vec::new();
    let mut star = 0;
    let mut before: Option<&Segment> = None;
    for segment in &route.segments {
        if *segment == Segment::One {
            star += 1;
            match (before, things.last_mut()) {
                (Some(Segment::One), Some(thing)) => thing.stars.push(star),
                (before, _) => things.push(Thing {
                    noun: noun(before),
                    stars: vec![star],
                }),
            }
        }
        before = Some(segment);
    }
    things
}

fn noun(before: Option<&Segment>) -> String {
    before
        .and_then(Segment::literal)
        .filter(|text| !is_technical(text))
        .map(|text| slug(noun_and_verb(text).0))
        .filter(|slug| !slug.is_empty())
        .unwrap_or_else(|| SOMETHING.to_owned())
}
