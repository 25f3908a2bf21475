//! Routes that a closed one takes: a closed operation always wins, so that an open route inside of it is never
//! reached, which its reviewer should know.

use std::collections::BTreeMap;

use super::route::{Route, Segment};

/// Closed routes, segment by segment.
#[derive(Debug, Default)]
pub(super) struct ClosedRoutes(BTreeMap<String, Node>);

#[derive(Debug, Default)]
struct Node {
    next: BTreeMap<Segment, Node>,
    is_end: bool,
}

impl ClosedRoutes {
    pub(super) fn insert(&mut self, route: &Route) {
        let mut node = self.0.entry(route.method.clone()).or_default();
        for segment in &route.segments {
            node = node.next.entry(segment.clone()).or_default();
        }
        node.is_end = true;
    }

    /// Whether a closed route matches whatever `route` does.
    pub(super) fn cover(&self, route: &Route) -> bool {
        self.0
            .get(&route.method)
            .is_some_and(|root| root.covers(&route.segments))
    }
}

impl Node {
    fn covers(&self, segments: &[Segment]) -> bool {
        let many = self.next.get(&Segment::Many);
        if many.is_some_and(|many| {
            (0..=segments.len())
                .any(|skip| segments.get(skip..).is_some_and(|rest| many.covers(rest)))
        }) {
            return true;
        }
        let Some((first, rest)) = segments.split_first() else {
            return self.is_end;
        };
        let same = self.next.get(first).is_some_and(|node| node.covers(rest));
        let is_one = !matches!(first, Segment::Many) && first.literal() != Some("");
        same || is_one
            && self
                .next
                .get(&Segment::One)
                .is_some_and(|node| node.covers(rest))
    }
}
