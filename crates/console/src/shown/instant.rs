//! Times: words for people, the exact instant for whoever hovers or listens.

use locum_domain::Timestamp;
use maud::{Markup, html};

use crate::view::View;

/// The time in words relative to now, exact in the operator's zone on hover, and in UTC for machines.
pub(crate) fn when(view: &View, at: Timestamp) -> Markup {
    let exact = at.to_zoned_datetime(view.zone.clone());
    let exact = exact.strftime("%a %-d %b %Y, %H:%M:%S %Z").to_string();
    html! { time datetime=(at) title=(exact) { (ago(view.now, at)) } }
}

/// The instant itself, for what people plan by, with the words after it.
pub(crate) fn moment(view: &View, at: Timestamp) -> Markup {
    let exact = at.to_zoned_datetime(view.zone.clone());
    let exact = exact.strftime("%a %-d %b %Y, %H:%M %Z").to_string();
    html! { time datetime=(at) { (exact) } " (" (ago(view.now, at)) ")" }
}

/// `in 23 minutes`, `2 hours ago`.
fn ago(now: Timestamp, at: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let away = seconds.unsigned_abs();
    let amount = match away {
        0..45 => {
            return if seconds > 0 {
                "in a moment"
            } else {
                "just now"
            }
            .to_owned();
        }
        45..90 => "1 minute".to_owned(),
        90..5_400 => format!("{} minutes", (away + 30) / 60),
        5_400..129_600 => format!("{} hours", (away + 1_800) / 3_600),
        _ => format!("{} days", (away + 43_200) / 86_400),
    };
    if seconds > 0 {
        format!("in {amount}")
    } else {
        format!("{amount} ago")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_said_in_words() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let at = |seconds: i64| ago(now, now + jiff::SignedDuration::from_secs(seconds));
        assert_eq!(at(0), "just now");
        assert_eq!(at(20), "in a moment");
        assert_eq!(at(60), "in 1 minute");
        assert_eq!(at(23 * 60), "in 23 minutes");
        assert_eq!(at(2 * 3_600), "in 2 hours");
        assert_eq!(at(-300), "5 minutes ago");
        assert_eq!(at(-5 * 86_400), "5 days ago");
    }
}
