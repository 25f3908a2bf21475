//! Codes as words, each state with its shape.

use locum_domain::session::EndedBecause;
use locum_domain::{Authority, Minutes, RequestState, Session};
use maud::{Markup, html};

/// What a state means to its reader; the colour only repeats the shape and the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Waiting,
    Good,
    Bad,
    Over,
}

/// A state: a shape and a word.
pub(crate) fn state(mood: Mood, word: &str) -> Markup {
    let (class, shape) = match mood {
        Mood::Waiting => ("waiting", "◐"),
        Mood::Good => ("good", "●"),
        Mood::Bad => ("bad", "▲"),
        Mood::Over => ("over", "○"),
    };
    html! { span.state.(class) { span aria-hidden="true" { (shape) } " " (word) } }
}

pub(crate) fn request_state(at: &RequestState) -> Markup {
    let mood = match at {
        RequestState::Pending { .. } | RequestState::Offered { .. } => Mood::Waiting,
        RequestState::Approved { .. } | RequestState::Activated { .. } => Mood::Good,
        RequestState::Denied { .. } => Mood::Bad,
        RequestState::Withdrawn { .. }
        | RequestState::Lapsed { .. }
        | RequestState::Ended { .. } => Mood::Over,
    };
    state(mood, at.as_str())
}

/// `live` while every application is; `ending` until each has confirmed; then `ended`.
pub(crate) fn session_state(session: &Session) -> Markup {
    if session.is_live() {
        state(Mood::Good, "live")
    } else if session.unconfirmed().next().is_some() {
        state(Mood::Waiting, "ending")
    } else {
        state(Mood::Over, "ended")
    }
}

/// On whose authority, in words.
pub(crate) fn authority(authority: Authority) -> &'static str {
    match authority {
        Authority::ApplicationOwner => "application owner",
        Authority::Delegate => "delegated approver",
        Authority::ManagerOrSecurityControlOwner => "manager or security control owner",
        Authority::SecurityOrPrivacyOrCompliance => "security, privacy or compliance",
        Authority::BreakGlass => "emergency approver",
        Authority::NextAuthority => "next authority",
    }
}

/// Why a session ended, in words.
pub(crate) fn ended_because(because: EndedBecause) -> &'static str {
    match because {
        EndedBecause::EndedByActor => "its actor was done",
        EndedBecause::Expired => "its time was over",
        EndedBecause::Idle => "nobody used it",
        EndedBecause::CaseClosed => "its case was closed",
        EndedBecause::CaseReassigned => "its case went to somebody else",
        EndedBecause::CaseUnreachable => "its case could not be looked up any more",
        EndedBecause::ApproverWithdrew => "an approver took their approval back",
        EndedBecause::OwnerEnded => "the application's owner ended it",
        EndedBecause::ActorLeft => "its actor left",
        EndedBecause::EligibilityLost => "its actor may not ask for this any more",
        EndedBecause::PolicyTightened => "policy became stricter",
        EndedBecause::Signal => "a security signal arrived",
        EndedBecause::Stopped => "security stopped it",
        EndedBecause::SubjectObjected => "the subject objected",
        EndedBecause::RecorderUnavailable => "nothing could be recorded any more",
        EndedBecause::Restored => "the record was restored from a copy",
    }
}

/// `1 minute`, `30 minutes`, `2 hours`.
pub(crate) fn minutes(amount: Minutes) -> String {
    match amount.0 {
        1 => "1 minute".to_owned(),
        hours if hours % 60 == 0 && hours > 60 => format!("{} hours", hours / 60),
        minutes => format!("{minutes} minutes"),
    }
}
