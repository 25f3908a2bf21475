//! The five doors, what each cannot do, and one line attempted at all of them.

use std::fmt;

use locum_domain::{Denial, Stream};

use crate::attempt::{Attempt, Deed};
use crate::case::{Case, Played, State};
use crate::street::Street;
use crate::{cli, console, control, events, gateway, http};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Door {
    Control,
    Http,
    Cli,
    Console,
    Gateway,
}

impl Door {
    pub(crate) const ALL: [Self; 5] = [
        Self::Control,
        Self::Http,
        Self::Cli,
        Self::Console,
        Self::Gateway,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Http => "HTTP",
            Self::Cli => "CLI",
            Self::Console => "console",
            Self::Gateway => "gateway",
        }
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Refused(String),
    /// This door cannot do it, and why.
    Cannot(&'static str),
    /// The gateway let somebody in who was refused, or the other way round.
    Wrong(String),
}

impl Outcome {
    pub(crate) fn expected(code: &str) -> Self {
        match code {
            "done" => Self::Done,
            code => Self::Refused(code.to_owned()),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.pad("done"),
            Self::Refused(code) => f.pad(code),
            Self::Cannot(_) => f.pad("-"),
            Self::Wrong(why) => f.pad(why),
        }
    }
}

/// The only place that says what a door cannot do. The gateway takes no decisions: it is asked whether the outcome opens
/// it.
fn cannot(door: Door, street: &Street, attempt: &Attempt) -> Option<&'static str> {
    let asked = match &attempt.deed {
        Deed::File(words) | Deed::Preview(words) => Some(words),
        _ => None,
    };
    let has_wildcard = asked.is_some_and(|it| {
        it.scope
            .iter()
            .any(|(_, them)| them.iter().any(|it| it == "*"))
    });
    let names_subject = asked.is_some_and(|it| it.subject.is_some());
    match door {
        Door::Control | Door::Gateway if has_wildcard => {
            Some("an operation is a type there, and `*` names none")
        }
        Door::Console if has_wildcard => {
            Some("its form has a box for each operation, and none for all")
        }
        Door::Console if names_subject => {
            Some("its form takes the subject from the case, and from nobody")
        }
        Door::Console if street.is_agent(&attempt.who) => {
            Some("an agent signs in by its key, at the token endpoint")
        }
        Door::Http | Door::Cli | Door::Console if !street.knows(&attempt.who) => {
            Some("an account that is no person's is signed in nowhere")
        }
        _ => None,
    }
}

/// Every line of a state, at every door. What is refused changes nothing, so that all refusals of a state share a
/// house; whatever is done gets a house of its own for each door.
pub(crate) async fn through_all(state: &State, upstream: u16) -> Vec<(String, Vec<Played>)> {
    let mut lines = Vec::new();
    let mut shared = None;
    for case in &state.cases {
        let mut doors = Vec::new();
        for door in Door::ALL {
            if case.is_done() {
                let mut street = Street::of(state, upstream).await;
                doors.push(at(door, &mut street, case).await);
                street.close().await;
            } else {
                if shared.is_none() {
                    shared = Some(Street::of(state, upstream).await);
                }
                doors.push(at(door, shared.as_mut().unwrap(), case).await);
            }
        }
        lines.push((case.case.clone(), doors));
    }
    if let Some(street) = shared {
        street.close().await;
    }
    lines
}

async fn at(door: Door, street: &mut Street, case: &Case) -> Played {
    let attempt = Attempt::of(street, &case.attempt).await;
    let before = street.played.house.refusals().await.len();
    let entries = street.played.house.history().await.len();
    let outcome = match cannot(door, street, &attempt) {
        Some(why) => Outcome::Cannot(why),
        None => match door {
            Door::Control => control::attempt(street, &attempt).await,
            Door::Http => http::attempt(street, &attempt).await,
            Door::Cli => cli::attempt(street, &attempt).await,
            Door::Console => console::attempt(street, &attempt).await,
            Door::Gateway => gateway::follows(street, &attempt, case).await,
        },
    };
    let outcome = match (&outcome, door) {
        (Outcome::Refused(code), Door::Control | Door::Http | Door::Cli | Door::Console) => {
            unrecorded(street, &attempt, code, before)
                .await
                .unwrap_or(outcome)
        }
        (Outcome::Done, _) => silent(street, &attempt, entries).await.unwrap_or(outcome),
        _ => outcome,
    };
    Played {
        door,
        outcome,
        world: world(street).await,
    }
}

/// What is wrong when a refusal is not on the record, once, as this person's and for this act.
async fn unrecorded(
    street: &Street,
    attempt: &Attempt,
    code: &str,
    before: usize,
) -> Option<Outcome> {
    let cannot_be = [Denial::RecorderUnavailable, Denial::ClockUntrusted];
    if cannot_be.iter().any(|it| it.code() == code) {
        return None;
    }
    let refusals = street.played.house.refusals().await;
    let newest = refusals.last()?;
    let is_recorded = refusals.len() == before + 1
        && newest.by == attempt.who
        && newest.act == attempt.deed.name()
        && newest.denial.code() == code;
    (!is_recorded).then(|| Outcome::Wrong(format!("{code}, and on the record {newest:?}")))
}

/// What is wrong when something was done and its event is not on the record.
async fn silent(street: &Street, attempt: &Attempt, entries: usize) -> Option<Outcome> {
    let act = attempt.deed.name();
    let history = street.played.house.history().await;
    let kinds: Vec<&str> = history
        .iter()
        .skip(entries)
        .map(|it| it.event.kind())
        .collect();
    let is_there = events::of(act).iter().any(|it| kinds.contains(it));
    (!is_there).then(|| Outcome::Wrong(format!("{act} left {kinds:?}")))
}

/// How the world stands: what every door must leave alike.
async fn world(street: &Street) -> String {
    let house = &street.played.house;
    let mut parts = Vec::new();
    for kind in ["request", "session", "hold", "review"] {
        for state in house.states(kind, &[]).await {
            use locum_domain::Aggregate;
            parts.push(match state {
                Aggregate::Request(it) => {
                    let given = it.route.approvals().count();
                    format!(
                        "request {} with {given} of {} approvals",
                        it.state.as_str(),
                        it.route.steps.len()
                    )
                }
                Aggregate::Session(it) => match &it.ended {
                    Some(ended) => format!("session ended: {}", ended.because.as_str()),
                    None => "session live".to_owned(),
                },
                Aggregate::Hold(it) => format!("hold lifted: {}", it.lifted.is_some()),
                Aggregate::Review(it) => format!("review completed: {}", it.completed.is_some()),
                other => format!("{other:?}"),
            });
        }
    }
    let previews = house
        .kinds(&Stream::Principal("alice@corp.example".parse().unwrap()))
        .await;
    let previewed = previews
        .iter()
        .filter(|it| **it == "request-previewed")
        .count();
    format!("{} · {previewed} previews", parts.join(" · "))
}
