//! How much is looked at.

use locum_domain::catalog::{DataClass, Tier};

use super::kind::Kind;
use super::situation::Situation;

/// The longest that a catalog accepts, in minutes.
const LONGEST: u32 = 480;

/// The combinations of an examination.
#[derive(Debug, Clone)]
pub struct Extent {
    pub(super) situations: Vec<Situation>,
    /// The kinds of application for which sessions are begun and rules are added.
    pub(super) kinds: Vec<Kind>,
    /// The lengths that eligibilities allow, in minutes.
    pub(super) minutes: Vec<u32>,
}

impl Extent {
    /// The whole abstraction.
    pub fn whole() -> Self {
        Self {
            situations: Situation::all(),
            kinds: Kind::each_once(),
            minutes: (1..=LONGEST).collect(),
        }
    }

    /// Two kinds of application and what happens to them: enough to see that a broken route function is noticed.
    pub fn few() -> Self {
        let standard = Kind::new(Tier::Standard, []);
        let finance = Kind::new(Tier::Regulated, [DataClass::Finance]);
        let kinds = vec![standard, finance];
        let is_of_these = |it: &Situation| {
            it.past.happenings() <= 1 && it.applications.iter().all(|kind| kinds.contains(kind))
        };
        let mut situations = Situation::all();
        situations.retain(is_of_these);
        Self {
            situations,
            kinds,
            minutes: vec![1, 2, 30, 480],
        }
    }

    /// The same, without beginning sessions and adding rules.
    pub fn few_routes() -> Self {
        Self {
            kinds: Vec::new(),
            ..Self::few()
        }
    }
}
