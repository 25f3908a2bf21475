//! Things as a page shows them: names not ids, words not codes, a shape beside every colour.

mod browser;
mod copied;
mod instant;
mod names;
mod route;
mod scope;
mod story;
mod word;

pub(crate) use browser::browser;
pub(crate) use copied::copied;
pub(crate) use instant::{moment, when};
pub(crate) use names::{application, person, principal_line, role_word, short, work_of};
pub(crate) use route::{approvers, people, route, steps, whose_move};
pub(crate) use scope::{by_effect, effect_word, scope, scope_line};
pub(crate) use story::{sentence, timeline, told};
pub(crate) use word::{
    Mood, authority, ended_because, minutes, request_state, session_state, state,
};
