//! When a difference is looked at: on which day, and at which hour.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::reading::Reading;
use crate::filing::Circumstances;

/// The hours that stand for all others, on each of some days.
pub(crate) fn moments(days: &BTreeSet<Date>, reading: &Reading) -> Vec<Circumstances> {
    let at = |today: &Date| {
        let today = *today;
        let hours = reading.hours.iter();
        hours.map(move |hour| Circumstances {
            today,
            local_hour: *hour,
        })
    };
    days.iter().flat_map(at).collect()
}

/// Today, and the days after it on which an operator's rule may begin to answer otherwise.
pub(crate) fn days(today: Date, reading: &Reading) -> BTreeSet<Date> {
    let later = reading.dates.iter().copied().filter(|it| *it > today);
    later.chain([today]).collect()
}

/// When something holds that holds at these of all moments; `None` for always.
pub(crate) fn when(
    held: &BTreeSet<(Date, u8)>,
    all: &[Circumstances],
    today: Date,
    reading: &Reading,
) -> Option<String> {
    if all
        .iter()
        .all(|it| held.contains(&(it.today, it.local_hour)))
    {
        return None;
    }
    let days: BTreeSet<Date> = held.iter().map(|(day, _)| *day).collect();
    let hours: BTreeSet<u8> = held.iter().map(|(_, hour)| *hour).collect();
    let mut words = Vec::new();
    if !days.contains(&today) {
        words.extend(days.first().map(|it| format!("from {it}")));
    } else if all.iter().any(|it| !days.contains(&it.today)) {
        let other = all.iter().map(|it| it.today).find(|it| !days.contains(it));
        let last = other.and_then(|it| it.yesterday().ok());
        words.extend(last.map(|it| format!("until {it}")));
    }
    if hours.len() < reading.hours.len() {
        words.push(format!("at {}", spans(&hours, &reading.hours).join(", ")));
    }
    Some(words.join(" "))
}

/// Hours in words: each of them stands for all up to the next.
fn spans(hours: &BTreeSet<u8>, all: &BTreeSet<u8>) -> Vec<String> {
    let mut spans: Vec<(u8, u8)> = Vec::new();
    for hour in hours {
        let after = hour.saturating_add(1);
        let last = all
            .range(after..)
            .next()
            .map_or(23, |it| it.saturating_sub(1));
        match spans.last_mut() {
            Some((_, end)) if end.saturating_add(1) == *hour => *end = last,
            _ => spans.push((*hour, last)),
        }
    }
    let told = |(from, to): &(u8, u8)| format!("{from:02}:00 to {to:02}:59");
    spans.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r33_hours_are_told_as_spans() {
        let all = BTreeSet::from([0, 8, 9, 18, 19]);
        assert_eq!(spans(&BTreeSet::from([8, 9]), &all), ["08:00 to 17:59"]);
        assert_eq!(
            spans(&BTreeSet::from([0, 18, 19]), &all),
            ["00:00 to 07:59", "18:00 to 23:59"]
        );
    }
}
