//! Absence: somebody is away, and names whom their requests go to meanwhile. It gives the deputy no authority.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::PrincipalId;

/// No absence is announced for longer, in days.
const LONGEST_DAYS: i32 = 366;

/// One person's absence; a later one takes the place of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    pub person: PrincipalId,
    /// The first day away.
    pub from: Date,
    /// The last day away.
    pub until: Date,
    /// Who decides meanwhile, where they hold the authority themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<PrincipalId>,
    pub at: Timestamp,
    #[serde(default)]
    pub is_ended: bool,
}

impl Absence {
    /// The event by which a person says so, on a day.
    ///
    /// # Errors
    /// `malformed` when it is over already, ends before it begins, lasts over a year, or names oneself.
    pub fn announce(self, today: Date) -> Result<Event, Refusal> {
        let wrong = |why: &str, at: &str| Err(Denial::Malformed.because(why).at(at));
        if self.until < self.from || self.until < today {
            return wrong("it would be over before it begins", "/until");
        }
        let days = self.from.until(self.until).map(|span| span.get_days());
        if days.is_ok_and(|days| days > LONGEST_DAYS) {
            return wrong("at most a year", "/until");
        }
        if self.deputy.as_ref() == Some(&self.person) {
            return wrong("name somebody else as deputy", "/deputy");
        }
        Ok(Event::AbsenceAnnounced {
            absence: Box::new(self),
        })
    }

    /// The event by which somebody is back.
    ///
    /// # Errors
    /// `already-decided` when they are.
    pub fn end(&self, at: Timestamp) -> Result<Event, Refusal> {
        if self.is_ended {
            return Err(Denial::AlreadyDecided.because("the absence has ended already"));
        }
        Ok(Event::AbsenceEnded {
            person: self.person.clone(),
            at,
        })
    }

    /// Whether the person is away on this day.
    pub fn is_on(&self, day: Date) -> bool {
        !self.is_ended && self.from <= day && day <= self.until
    }

    /// Folds an event of this person's absences.
    pub fn evolve(state: Option<Absence>, event: &Event) -> Option<Absence> {
        match (state, event) {
            (_, Event::AbsenceAnnounced { absence }) => Some((**absence).clone()),
            (Some(absence), Event::AbsenceEnded { .. }) => Some(Absence {
                is_ended: true,
                ..absence
            }),
            (state, _) => state,
        }
    }

    /// Under which keys an absence is found.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        let state = if self.is_ended { "ended" } else { "announced" };
        vec![("state", state.to_owned())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn absence(from: Date, until: Date) -> Absence {
        Absence {
            person: "oscar".parse().unwrap(),
            from,
            until,
            deputy: Some("petra".parse().unwrap()),
            at: Timestamp::UNIX_EPOCH,
            is_ended: false,
        }
    }

    #[test]
    fn r13_an_absence_holds_from_its_first_day_to_its_last_and_not_after_its_end() {
        let away = absence(date(2026, 12, 1), date(2026, 12, 14));
        assert!(!away.is_on(date(2026, 11, 30)));
        assert!(away.is_on(date(2026, 12, 1)) && away.is_on(date(2026, 12, 14)));
        assert!(!away.is_on(date(2026, 12, 15)));
        let back = away.end(Timestamp::UNIX_EPOCH).unwrap();
        let back = Absence::evolve(Some(away), &back).unwrap();
        assert!(!back.is_on(date(2026, 12, 5)));
    }

    #[test]
    fn r13_an_absence_that_is_over_or_deputised_by_oneself_is_none() {
        let today = date(2026, 12, 10);
        let over = absence(date(2026, 12, 1), date(2026, 12, 9));
        assert!(over.announce(today).is_err());
        let own = Absence {
            deputy: Some("oscar".parse().unwrap()),
            ..absence(today, today)
        };
        assert!(own.announce(today).is_err());
        assert!(absence(today, today).announce(today).is_ok());
    }
}
