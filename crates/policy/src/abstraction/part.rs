//! The parts of an examination. None needs anything of another, so that whoever has several processors can take each
//! on its own.

use super::examine::Examined;
use super::extent::Extent;
use super::promise::{OF_ONE_ROUTE, Promise};
use super::relation::OF_TWO_ROUTES;
use super::routing::Routing;
use super::{begun, closed_case, examine, lengths, more_rules};

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Every combination, alone and beside others.
    Routes,
    /// Every length that an eligibility may allow.
    Lengths,
    /// Every way to begin on too little.
    Beginning,
    ClosedCases,
    /// One rule more.
    MoreRules,
}

impl Part {
    pub const ALL: [Self; 5] = [
        Self::Routes,
        Self::Lengths,
        Self::Beginning,
        Self::ClosedCases,
        Self::MoreRules,
    ];

    /// Takes the combinations of this part through `routing`. `told` hears now and then how many are done, and of
    /// how many.
    pub fn examine(
        self,
        routing: &dyn Routing,
        extent: &Extent,
        told: impl FnMut(usize, usize),
    ) -> Vec<Examined> {
        match self {
            Self::Routes => examine::routes(routing, extent, told),
            Self::Lengths => vec![lengths::examine(routing, &extent.minutes, told)],
            Self::Beginning => vec![begun::examine(routing, &extent.kinds)],
            Self::ClosedCases => vec![closed_case::examine(routing, &extent.kinds)],
            Self::MoreRules => vec![more_rules::examine(routing, &extent.kinds, told)],
        }
    }
}

/// Every promise about routes, in the order in which they are told.
pub fn promises() -> Vec<Promise> {
    let of_one = OF_ONE_ROUTE.iter().map(|(promise, ..)| *promise);
    let of_two = OF_TWO_ROUTES.iter().map(|relation| relation.promise);
    let others = [
        begun::BEGUN,
        closed_case::CLOSED_CASE,
        more_rules::MORE_RULES,
    ];
    of_one.chain(of_two).chain(others).collect()
}

/// What the parts found, each promise once and in order.
pub fn together(parts: impl IntoIterator<Item = Examined>) -> Vec<Examined> {
    let mut found: Vec<Examined> = promises().into_iter().map(Examined::none_yet).collect();
    for part in parts {
        let mut known = found.iter_mut();
        if let Some(known) = known.find(|it| it.promise == part.promise) {
            known.combinations = known.combinations.saturating_add(part.combinations);
            known.routed = known.routed.saturating_add(part.routed);
            known.failure = known.failure.take().or(part.failure);
        }
    }
    found
}
