//! One worker's story: ask, be approved, activate, act, and end in one of the ways there are.

use std::io;

use serde_json::json;

use crate::common::Chance;
use crate::common::client::Answer;
use crate::common::deployment::{ASKER, Deployment};
use crate::common::outside::Desk;
use crate::common::people::{Session, text};
use crate::facts::{Acknowledged, Facts};

/// # Errors
/// When the server is gone.
pub(crate) fn one_story(
    deployment: &Deployment,
    facts: &Facts,
    chance: &mut Chance,
) -> io::Result<()> {
    let case = facts.next_case();
    let Some(filed) = expected(facts, deployment.file(case)?, 201, "file") else {
        return Ok(());
    };
    let request = filed.json();
    let id = text(&request, "id");
    facts.request(&id, Acknowledged::Filed);
    if chance.below(6) == 0 {
        let path = format!("/api/v1/requests/{id}/withdraw");
        let withdrawn = deployment.post(ASKER, &path, &json!({}))?;
        if expected(facts, withdrawn, 200, "withdraw").is_some() {
            facts.request(&id, Acknowledged::Withdrawn);
        }
        return Ok(());
    }
    if expected(facts, deployment.approve(&request)?, 200, "approve").is_none() {
        return Ok(());
    }
    facts.request(&id, Acknowledged::Approved);
    let Some(activated) = expected(facts, deployment.activate(&id)?, 201, "activate") else {
        return Ok(());
    };
    facts.request(&id, Acknowledged::Activated);
    let activated = activated.json();
    let mut session = Session {
        id: text(&activated, "id"),
        request: id,
        case,
        grant_token: text(&activated, "grant_token"),
        bearer: String::new(),
    };
    let exchanged = deployment.exchange(&session.grant_token);
    if let Ok(answer) = &exchanged
        && answer.status == 200
    {
        session.bearer = text(&answer.json(), "access_token");
    }
    facts.session(&session);
    if expected(facts, exchanged?, 200, "exchange").is_none() {
        return Ok(());
    }
    for parcel in 0..=chance.below(8) {
        let called = deployment.call(&session.bearer, &format!("/parcels/{parcel}"))?;
        if expected(facts, called, 200, "call").is_some() {
            facts.called();
        }
    }
    end(deployment, facts, &session, chance)
}

fn end(
    deployment: &Deployment,
    facts: &Facts,
    session: &Session,
    chance: &mut Chance,
) -> io::Result<()> {
    match chance.below(8) {
        // Stays live.
        0 => return Ok(()),
        // Its case closes and nobody says so.
        1 => {
            deployment.desk.close(session.case);
            return Ok(());
        }
        2..=4 => {
            deployment.desk.close(session.case);
            facts.is_ending(session);
            let told = Desk::tell_closed(deployment.server, session.case)?;
            let Some(told) = expected(facts, told, 200, "webhook") else {
                return Ok(());
            };
            // Polling may have come first.
            if told.json()["ended"] != json!(1) {
                return Ok(());
            }
        }
        _ => {
            facts.is_ending(session);
            let ended = deployment.end(&session.id)?;
            if expected(facts, ended, 200, "end").is_none() {
                return Ok(());
            }
        }
    }
    facts.is_over(session);
    let after = deployment.call(&session.bearer, "/parcels/1")?;
    expected(facts, after, 401, "call after the end");
    Ok(())
}

fn expected(facts: &Facts, answer: Answer, status: u16, what: &str) -> Option<Answer> {
    if answer.status == status {
        return Some(answer);
    }
    facts.surprise(format!("{what}: {} {}", answer.status, answer.text()));
    None
}
