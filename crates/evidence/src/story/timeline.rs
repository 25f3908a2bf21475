//! The story in plain sentences, in ledger order.

use std::collections::HashMap;

use locum_domain::event::Way;
use locum_domain::request::Told;
use locum_domain::{
    ApplicationId, Event, PrincipalId, Recorded, Request, RequestId, Scope, Timestamp,
};
use locum_record::instant;

use super::{AccessEvent, Accessed, Line, RefusedInApplication, TimelineLine};
use crate::witnessed::entries_of;

/// One line for each decision, and one for each row of what was touched or refused, at its first entry.
pub(super) fn tell(told: &AccessEvent, events: &[Recorded]) -> Vec<TimelineLine> {
    let mut requests = HashMap::new();
    let mut lines: Vec<TimelineLine> = events
        .iter()
        .filter_map(|recorded| line(told, &mut requests, recorded))
        .collect();
    for application in &told.applications {
        let touched = application.accessed.iter();
        lines.extend(touched.map(|row| accessed(told, &application.application, row)));
        let refused = application.refused.iter();
        lines.extend(refused.map(|row| refused_request(told, &application.application, row)));
    }
    let elsewhere = told.refused_elsewhere.iter();
    lines.extend(elsewhere.map(|row| refused_request(told, &row.application, &row.refused)));
    lines.sort_by_key(|line| line.line.position);
    lines
}

/// Whom Locum told of what.
fn told_of(told: Told, to: &[PrincipalId], due: Option<Timestamp>) -> String {
    let to: Vec<&str> = to.iter().map(PrincipalId::as_str).collect();
    let to = to.join(", ");
    let due = due.map_or_else(|| "no time".to_owned(), instant::to_text);
    match told {
        Told::Emergency => format!("For security, {to} heard of the emergency."),
        Told::Countersign => {
            format!("Locum asked {to} to sign until {due} for what the emergency skipped.")
        }
        Told::CountersignReminder => {
            format!("Locum reminded {to} to sign until {due} for what the emergency skipped.")
        }
        Told::CountersignOverdue => {
            format!("What the emergency skipped was not signed until {due}; Locum told {to}.")
        }
    }
}

fn line<'e>(
    told: &'e AccessEvent,
    requests: &mut HashMap<&'e RequestId, Request>,
    recorded: &'e Recorded,
) -> Option<TimelineLine> {
    let (by, sentence) = match &recorded.event {
        Event::RequestFiled { request } => {
            requests.insert(&request.id, (**request).clone());
            (Some(&request.requester), filed(request))
        }
        Event::RequestApproved { request, .. }
        | Event::OfferMade { request, .. }
        | Event::OfferAccepted { request, .. } => {
            let before = requests.remove(request);
            let said = decided(&recorded.event, before.as_ref())?;
            if let Some(after) = Request::evolve(before, &recorded.event) {
                requests.insert(request, after);
            }
            said
        }
        Event::SessionOpened { .. }
        | Event::SessionStarted { .. }
        | Event::SessionWitnessed { .. }
        | Event::SessionExtended { .. }
        | Event::SessionEnded { .. }
        | Event::ApplicationEnded { .. } => lived(told, &recorded.event)?,
        event => said(told, event)?,
    };
    Some(TimelineLine {
        line: Line::of(recorded),
        kind: recorded.event.kind().to_owned(),
        sentence,
        by: by.cloned(),
    })
}

type Sentence<'e> = (Option<&'e PrincipalId>, String);

fn filed(request: &Request) -> String {
    let Request {
        requester,
        actor,
        subject,
        reason,
        ..
    } = request;
    let (minutes, reason) = (request.duration.0, reason.as_str());
    if request.extends.is_some() {
        return format!("{requester} asked to lengthen the session by {minutes} minutes: {reason}");
    }
    let emergency = if request.break_glass {
        "As an emergency, "
    } else {
        ""
    };
    let applications = names(&request.scope);
    let case = &request.case.reference;
    let asked = if requester == actor {
        format!("{requester} asked to act as {subject}")
    } else {
        format!("{requester} asked that {actor} act as {subject}")
    };
    format!("{emergency}{asked} in {applications} for {minutes} minutes, for case {case}: {reason}")
}

fn decided<'e>(event: &'e Event, request: Option<&Request>) -> Option<Sentence<'e>> {
    let fully = |granted: bool| {
        if granted {
            " The request is fully approved."
        } else {
            ""
        }
    };
    Some(match event {
        Event::RequestApproved {
            step,
            approval,
            granted,
            ..
        } => {
            let authority = request
                .and_then(|request| request.route.steps.get(*step))
                .map(|step| step.authority.as_str())?;
            let (by, rules) = (&approval.by, approval.rules.join(", "));
            let fully = fully(granted.is_some());
            (
                Some(by),
                format!("{by} approved as {authority} under {rules}.{fully}"),
            )
        }
        Event::OfferMade { offer, .. } => {
            let (by, minutes, applications, note) = (
                &offer.by,
                offer.duration.0,
                names(&offer.scope),
                &offer.note,
            );
            (
                Some(by),
                format!("{by} offered {minutes} minutes in {applications}: {note}"),
            )
        }
        Event::OfferAccepted { by, granted, .. } => (
            Some(by),
            format!("{by} accepted the offer.{}", fully(granted.is_some())),
        ),
        _ => return None,
    })
}

fn lived<'e>(told: &'e AccessEvent, event: &'e Event) -> Option<Sentence<'e>> {
    Some(match event {
        Event::SessionStarted { session } => {
            let (actor, subject, end_by) = (
                &session.actor,
                &session.subject,
                instant::to_text(session.end_by),
            );
            (
                Some(actor),
                format!("The session of {actor} as {subject} began; it ends by {end_by}."),
            )
        }
        Event::SessionWitnessed { checkpoint, .. } => {
            let entries = entries_of(checkpoint)?;
            (
                None,
                format!("Witnesses had signed for the ledger's first {entries} entries."),
            )
        }
        Event::SessionOpened {
            application, way, ..
        } => {
            let way = match way {
                Way::Ticket => "a one-time ticket",
                Way::AccessToken => "an access token",
            };
            (
                Some(&told.actor),
                format!("{application} was opened with {way}."),
            )
        }
        Event::SessionExtended { end_by, .. } => (
            None,
            format!(
                "The session was lengthened; it ends by {}.",
                instant::to_text(*end_by)
            ),
        ),
        Event::SessionEnded {
            because,
            by: Some(by),
            ..
        } => (
            Some(by),
            format!("{by} ended the session: {}.", because.as_str()),
        ),
        Event::SessionEnded {
            because, by: None, ..
        } => (None, format!("The session ended: {}.", because.as_str())),
        Event::ApplicationEnded { application, .. } => {
            (None, format!("The end was confirmed in {application}."))
        }
        _ => return None,
    })
}

fn said<'e>(told: &AccessEvent, event: &'e Event) -> Option<Sentence<'e>> {
    Some(match event {
        Event::RequestDenied { by, reason, .. } => {
            (Some(by), format!("{by} denied the request: {reason}"))
        }
        Event::QuestionAsked { question, .. } => (
            Some(&question.by),
            format!("{} asked: {}", question.by, question.text),
        ),
        Event::QuestionAnswered { by, answer, .. } => {
            (Some(by), format!("{by} answered: {answer}"))
        }
        Event::RequestTold { told, to, due, .. } => (None, told_of(*told, to, *due)),
        Event::RequestEscalated { to, .. } => (None, format!("Nobody had decided; {to} was told.")),
        Event::RequestWithdrawn { by, .. } if *by == told.requester || *by == told.actor => {
            (Some(by), format!("{by} withdrew the request."))
        }
        Event::RequestWithdrawn { by, .. } => (Some(by), format!("{by} withdrew their approval.")),
        Event::RequestLapsed { because: None, .. } => (None, "The request lapsed.".to_owned()),
        Event::RequestLapsed {
            because: Some(refusal),
            ..
        } => (
            None,
            format!("The request could come to nothing any more: {refusal}."),
        ),
        Event::RequestCountersigned { approval, .. } => {
            let by = &approval.by;
            (
                Some(by),
                format!("{by} signed for an authority that the emergency skipped."),
            )
        }
        Event::RequestActivated { .. } => (None, "The grant was used.".to_owned()),
        Event::RequestEnded { .. } => (None, "The request ended with its session.".to_owned()),
        Event::PersonalErased {
            asked_by,
            confirmed_by,
            ..
        } => (
            Some(confirmed_by),
            format!("What was personal was erased: {asked_by} asked, {confirmed_by} confirmed."),
        ),
        Event::CaseChanged { change } => {
            let open = if change.is_open { "open" } else { "not open" };
            let (case, state, source) = (&change.case, &change.state, &change.source);
            (
                None,
                format!("Case {case} is {open} ({state}), learnt by {source}."),
            )
        }
        Event::ReviewOpened { review } => {
            let reviewer = review
                .reviewer
                .as_ref()
                .map_or("nobody by name", |reviewer| reviewer.as_str());
            let due = instant::to_text(review.due);
            (None, format!("A review is owed by {reviewer} until {due}."))
        }
        Event::ReviewCompleted { completion, .. } => {
            let (by, finding, note) = (
                &completion.by,
                completion.finding.as_str(),
                &completion.note,
            );
            (
                Some(by),
                format!("{by} found the session {finding}: {note}"),
            )
        }
        Event::HoldPlaced { hold } => (
            Some(&hold.by),
            format!("{} stopped and held what this is part of.", hold.by),
        ),
        Event::HoldLifted { by, .. } => (Some(by), format!("{by} lifted the hold.")),
        Event::Refused {
            by, act, refusal, ..
        } => {
            let (code, detail) = (refusal.denial.code(), &refusal.detail);
            (
                Some(by),
                format!("{by} was refused ({act}, {code}): {detail}"),
            )
        }
        Event::EvidenceRead { by, what, .. } => {
            (Some(by), format!("{by} looked at the evidence: {what}"))
        }
        _ => return None,
    })
}

fn accessed(told: &AccessEvent, application: &ApplicationId, row: &Accessed) -> TimelineLine {
    // A root field says more than the one address of all documents.
    let is_path = row.template.starts_with('/');
    let what = if is_path { &row.path } else { &row.template };
    let what = row.object.as_ref().unwrap_or(what);
    let (operation, times) = (&row.operation, times(row.ends.count));
    TimelineLine {
        line: row.ends.first,
        kind: "access-admitted".to_owned(),
        sentence: format!("{operation} on {what} in {application}, {times}."),
        by: Some(told.actor.clone()),
    }
}

fn refused_request(
    told: &AccessEvent,
    application: &ApplicationId,
    row: &RefusedInApplication,
) -> TimelineLine {
    let (method, path, code, times) = (
        &row.method,
        &row.path,
        row.code.code(),
        times(row.ends.count),
    );
    TimelineLine {
        line: row.ends.first,
        kind: "access-refused".to_owned(),
        sentence: format!("{method} {path} in {application} was refused ({code}), {times}."),
        by: Some(told.actor.clone()),
    }
}

fn times(count: u64) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}

fn names(scope: &Scope) -> String {
    let names: Vec<&str> = scope
        .applications()
        .map(|application| application.as_str())
        .collect();
    names.join(", ")
}
