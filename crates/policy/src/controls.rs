//! The compensating controls that Locum can see for itself, where several applications are crossed (R08).

use locum_domain::Minutes;
use locum_domain::catalog::{Effect, RecordTiming};
use locum_domain::route::{CompensatingControl, ControlSeen};

use crate::filing::Filing;

/// What Locum sees of each control it knows, holding or not.
pub(crate) fn seen(filing: &Filing<'_>, longest: Minutes) -> Vec<ControlSeen> {
    vec![
        requests_recorded(filing),
        read_only(filing),
        ControlSeen {
            control: CompensatingControl::Banner,
            holds: true,
            because: "every page says who acts as whom, for which case, and until when".to_owned(),
        },
        short_expiry(filing, longest),
    ]
}

fn requests_recorded(filing: &Filing<'_>) -> ControlSeen {
    let asked = filing.asked();
    let late: Vec<&str> = asked
        .iter()
        .filter(|(application, _)| application.record != RecordTiming::Before)
        .map(|(application, _)| application.id.as_str())
        .collect();
    ControlSeen {
        control: CompensatingControl::RequestsRecorded,
        holds: late.is_empty(),
        because: if late.is_empty() {
            "every request is on the record before it reaches an application".to_owned()
        } else {
            let late = late.join(", ");
            format!("requests reach {late} before they are durable on the record")
        },
    }
}

fn read_only(filing: &Filing<'_>) -> ControlSeen {
    let asked = filing.asked();
    let more: Vec<String> = asked
        .iter()
        .flat_map(|(application, operations)| {
            let more = operations
                .iter()
                .filter(|it| !matches!(it.effect, Effect::Read | Effect::Asset));
            more.map(|it| format!("{} in {}", it.id, application.id))
        })
        .collect();
    ControlSeen {
        control: CompensatingControl::ReadOnly,
        holds: more.is_empty(),
        because: if more.is_empty() {
            "nothing but reading is asked for".to_owned()
        } else {
            format!("more than reading is asked for: {}", more.join(", "))
        },
    }
}

fn short_expiry(filing: &Filing<'_>, longest: Minutes) -> ControlSeen {
    let (asked, longest) = (filing.duration.0, longest.0);
    let holds = asked.saturating_mul(2) <= longest;
    let than = if holds { "at most" } else { "more than" };
    ControlSeen {
        control: CompensatingControl::ShortExpiry,
        holds,
        because: format!("{asked} minutes are {than} half of the {longest} that are allowed"),
    }
}
