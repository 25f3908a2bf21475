//! The session around the work: activation, extension, end, review, refusals, stops and looks.

use std::collections::BTreeSet;

use locum_domain::session::ApplicationState;
use locum_domain::{Event, Recorded, Session, Stream};

use super::about::About;
use super::{
    AccessEvent, Answer, ApplicationTold, CaseChangeTold, HoldTold, Line, Opened, Outcomes,
    ReadTold, RefusalTold, ReviewTold, Said, Verdict, WitnessedTold, signed_by,
};
use crate::chain::Counting;
use crate::witnessed::entries_of;

/// Tells everything but the requests in applications.
pub(super) fn tell(told: &mut AccessEvent, about: &About<'_>, events: &[Recorded]) {
    let counting = Counting::of(events);
    for recorded in events {
        let of_session =
            matches!(&recorded.stream, Stream::Session(id) if Some(id) == about.session);
        if of_session {
            lived(told, recorded);
        }
        afterwards(told, &counting, recorded);
    }
}

fn lived(told: &mut AccessEvent, recorded: &Recorded) {
    let line = Line::of(recorded);
    match &recorded.event {
        Event::SessionStarted { session } => started(told, session, line),
        Event::SessionWitnessed { checkpoint, .. } if told.witnessed.is_none() => {
            told.witnessed = entries_of(checkpoint).map(|entries| WitnessedTold { line, entries });
        }
        Event::SessionOpened {
            application, way, ..
        } => {
            if let Some(it) = application_of(told, application) {
                it.opened.push(Opened { way: *way, line });
            }
        }
        Event::SessionExtended {
            request, end_by, ..
        } => {
            told.end_by = Some(*end_by);
            if let Some(extension) = &mut told.extension
                && extension.asked.request == *request
            {
                extension.extended = Some(line);
                extension.end_by = Some(*end_by);
            }
        }
        Event::SessionEnded { because, by, .. } => {
            told.ended_because = Some(*because);
            told.ended_by.clone_from(by);
            told.ended = Some(line);
            for application in &mut told.applications {
                application.state = ApplicationState::Ending;
            }
        }
        Event::ApplicationEnded { application, .. } => {
            if let Some(it) = application_of(told, application) {
                it.state = ApplicationState::Ended;
                it.end_confirmed = Some(line);
            }
        }
        _ => {}
    }
}

fn started(told: &mut AccessEvent, session: &Session, line: Line) {
    told.activation = Some(line);
    told.actor_profile = Some(session.actor_profile.clone());
    told.end_by = Some(session.end_by);
    let applications = session.applications.iter();
    told.applications = applications
        .map(|(application, it)| ApplicationTold {
            application: application.clone(),
            subject: it.subject.clone(),
            operations: it.operations.clone(),
            upstreams: BTreeSet::new(),
            record: it.record,
            state: ApplicationState::Live,
            opened: Vec::new(),
            accessed: Vec::new(),
            refused: Vec::new(),
            requests: Outcomes::default(),
            end_confirmed: None,
        })
        .collect();
}

fn afterwards(told: &mut AccessEvent, counting: &Counting, recorded: &Recorded) {
    let line = Line::of(recorded);
    match &recorded.event {
        Event::ReviewOpened { review } => {
            told.review = Some(ReviewTold {
                id: review.id.clone(),
                reviewer: review.reviewer.clone(),
                is_security: review.is_security,
                due: review.due,
                opened: line,
                completed: None,
            });
        }
        Event::ReviewCompleted { review, completion } => {
            if let Some(it) = told.review.as_mut().filter(|it| it.id == *review) {
                let note = Said {
                    by: completion.by.clone(),
                    line,
                    text: completion.note.clone(),
                };
                let signature = completion.signature.as_ref();
                it.completed = Some(Verdict {
                    finding: completion.finding,
                    note,
                    shown: completion.shown.clone(),
                    is_signed: signature.is_some(),
                    signed_by: signature
                        .and_then(|signature| counting.known(signature.authenticator()))
                        .map(signed_by),
                });
            }
        }
        Event::Refused {
            by, act, refusal, ..
        } => told.refusals.push(RefusalTold {
            by: by.clone(),
            line,
            act: act.clone(),
            code: refusal.denial,
            detail: refusal.detail.clone(),
            rule: refusal.rule.clone(),
        }),
        Event::CaseChanged { change } => told.case_changes.push(CaseChangeTold {
            line,
            is_open: change.is_open,
            state: change.state.clone(),
            source: change.source.clone(),
        }),
        Event::HoldPlaced { hold } => {
            let placed = Answer {
                by: hold.by.clone(),
                line,
            };
            told.holds.push(HoldTold {
                id: hold.id.clone(),
                placed,
                lifted: None,
            });
        }
        Event::HoldLifted { hold, by, .. } => {
            if let Some(it) = told.holds.iter_mut().find(|it| it.id == *hold) {
                it.lifted = Some(Answer {
                    by: by.clone(),
                    line,
                });
            }
        }
        Event::EvidenceRead { by, what, .. } => {
            told.reads.push(ReadTold {
                by: by.clone(),
                line,
                what: what.clone(),
            });
        }
        _ => {}
    }
}

pub(super) fn application_of<'t>(
    told: &'t mut AccessEvent,
    application: &locum_domain::ApplicationId,
) -> Option<&'t mut ApplicationTold> {
    told.applications
        .iter_mut()
        .find(|it| it.application == *application)
}
