//! The time as policy sees it: date and hour where the operator works.

use locum_domain::Timestamp;
use locum_policy::Circumstances;

use crate::control::Control;

impl Control {
    pub(crate) fn circumstances(&self, at: Timestamp) -> Circumstances {
        let local = at.to_zoned_datetime(self.settings().time_zone.clone());
        Circumstances {
            today: local.date(),
            local_hour: u8::try_from(local.hour()).unwrap_or(0),
        }
    }

    /// The end of the day that is `days` working days after `at`.
    pub(crate) fn working_days_after(&self, at: Timestamp, days: u32) -> Timestamp {
        use jiff::civil::Weekday;
        let local = at.to_zoned_datetime(self.settings().time_zone.clone());
        let mut date = local.date();
        let mut left = days;
        while left > 0 {
            let Ok(next) = date.tomorrow() else { break };
            date = next;
            if !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
                left -= 1;
            }
        }
        let end = date
            .at(23, 59, 59, 0)
            .to_zoned_datetime(self.settings().time_zone.clone());
        end.map(|end| end.timestamp()).unwrap_or(at)
    }
}
