//! What went through which door, as a table to read.

use std::collections::BTreeMap;
use std::fmt;

use crate::case::{Case, Played, State};
use crate::door::{Door, Outcome};

pub(crate) struct Matrix<'t>(Vec<(&'t Case, &'t [Played])>);

impl<'t> Matrix<'t> {
    pub(crate) fn of(states: &'t [State], played: &'t BTreeMap<String, Vec<Played>>) -> Self {
        let cases = states.iter().flat_map(|state| &state.cases);
        let line = |case: &'t Case| Some((case, played.get(&case.case)?.as_slice()));
        Self(cases.filter_map(line).collect())
    }

    /// How many lines were attempted at this door.
    pub(crate) fn went_through(&self, door: Door) -> usize {
        let at = self
            .0
            .iter()
            .flat_map(|(_, played)| played.iter())
            .filter(|it| it.door == door);
        at.filter(|it| !matches!(it.outcome, Outcome::Cannot(_)))
            .count()
    }

    /// Every door that decided otherwise, and every world that it left otherwise.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (case, played) in &self.0 {
            let expected = Outcome::expected(&case.expect);
            for it in *played {
                let is_cannot = matches!(it.outcome, Outcome::Cannot(_));
                if it.outcome != expected && !is_cannot {
                    let (door, outcome) = (it.door.name(), &it.outcome);
                    faults.push(format!(
                        "{}: {door} says {outcome}, not {}",
                        case.case, case.expect
                    ));
                }
            }
            // What follows at the gateway goes further than the act itself.
            let decided = played
                .iter()
                .filter(|it| it.outcome == expected && it.door != Door::Gateway);
            let worlds: Vec<&Played> = decided.collect();
            for pair in worlds.windows(2) {
                if case.is_done() && pair[0].world != pair[1].world {
                    faults.push(format!(
                        "{}: {} leaves {}, and {} leaves {}",
                        case.case,
                        pair[0].door.name(),
                        pair[0].world,
                        pair[1].door.name(),
                        pair[1].world
                    ));
                }
            }
        }
        faults
    }
}

impl fmt::Display for Matrix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{:<66}", "")?;
        for door in Door::ALL {
            write!(f, "{:<22}", door.name())?;
        }
        writeln!(f)?;
        let mut reasons: Vec<(Door, &str)> = Vec::new();
        for (case, played) in &self.0 {
            write!(f, "{:<66}", case.case)?;
            for it in *played {
                write!(f, "{:<22}", it.outcome)?;
                if let Outcome::Cannot(why) = it.outcome
                    && !reasons.contains(&(it.door, why))
                {
                    reasons.push((it.door, why));
                }
            }
            writeln!(f)?;
        }
        write!(f, "{:<66}", format!("{} lines", self.0.len()))?;
        for door in Door::ALL {
            write!(f, "{:<22}", self.went_through(door))?;
        }
        writeln!(f)?;
        for (door, why) in reasons {
            writeln!(f, "- at {}: {why}", door.name())?;
        }
        Ok(())
    }
}
