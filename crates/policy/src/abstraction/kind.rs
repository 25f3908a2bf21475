//! The kinds of application that a catalog can hold.

use std::collections::BTreeSet;
use std::fmt;

use locum_domain::catalog::{DataClass, Tier};
use serde::Serialize;

/// A tier and the data classes beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Kind {
    pub tier: Tier,
    pub data: BTreeSet<DataClass>,
}

const TIERS: [Tier; 3] = [Tier::Low, Tier::Standard, Tier::Regulated];
const CLASSES: [DataClass; 4] = [
    DataClass::Finance,
    DataClass::Hr,
    DataClass::Health,
    DataClass::Personal,
];

impl Kind {
    /// An application of this tier with these classes of data.
    pub fn new(tier: Tier, data: impl IntoIterator<Item = DataClass>) -> Self {
        let data = data.into_iter().collect();
        Self { tier, data }
    }

    /// Every kind that a catalog accepts: each tier with each set of data classes, but nothing `low` with finance,
    /// HR or health data.
    pub fn all() -> Vec<Self> {
        let mut kinds = Vec::new();
        for tier in TIERS {
            for chosen in 0..1_u32 << CLASSES.len() {
                let data = CLASSES.iter().enumerate();
                let data = data.filter(|(bit, _)| chosen >> bit & 1 == 1);
                kinds.push(Self::new(tier, data.map(|(_, class)| *class)));
            }
        }
        kinds.retain(Self::is_accepted);
        kinds.sort();
        kinds
    }

    /// The kinds with at most one class of data.
    pub fn plain() -> Vec<Self> {
        let mut kinds = Self::all();
        kinds.retain(|kind| kind.data.len() <= 1);
        kinds
    }

    /// One kind for each way in which the requirements tell kinds apart.
    pub fn each_once() -> Vec<Self> {
        vec![
            Self::new(Tier::Low, []),
            Self::new(Tier::Standard, []),
            Self::new(Tier::Standard, [DataClass::Finance]),
            Self::new(Tier::Regulated, []),
        ]
    }

    fn is_accepted(&self) -> bool {
        self.tier != Tier::Low || !self.holds_sensitive_data()
    }

    fn holds_sensitive_data(&self) -> bool {
        self.data.iter().any(|class| *class != DataClass::Personal)
    }

    /// Whether two people of different authority must agree (R09).
    pub fn is_sensitive(&self) -> bool {
        self.tier == Tier::Regulated || self.holds_sensitive_data()
    }

    /// Whether nothing about this kind is milder than about the other.
    pub fn is_as_sensitive_as(&self, other: &Self) -> bool {
        self.tier >= other.tier && self.data.is_superset(&other.data)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.tier.as_str())?;
        if self.data.is_empty() {
            return write!(f, " without classified data");
        }
        let classes: Vec<&str> = self.data.iter().map(|class| class.as_str()).collect();
        write!(f, " with {} data", classes.join(", "))
    }
}
