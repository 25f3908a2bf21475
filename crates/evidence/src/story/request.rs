//! The request: who asked for what, who decided and on what grounds.

use std::collections::BTreeMap;

use locum_domain::{Event, PrincipalId, Recorded, Request, RequestId, Stream};

use super::about::About;
use super::{
    AccessEvent, Answer, ApprovalTold, Asked, Escalated, Extension, Line, OfferTold, Outcomes,
    QuestionTold, Said, SignedBy, StepTold, StoryError,
};
use crate::chain::{Counted, Counting};

/// Tells everything that the main request's history says, and of extensions what was asked and approved.
pub(super) fn tell(about: &About<'_>, events: &[Recorded]) -> Result<AccessEvent, StoryError> {
    let id = &about.request.id;
    let (filed, request) = fold(id, events).ok_or(StoryError::NoRequest)?;
    let mut told = AccessEvent {
        findings: Vec::new(),
        id: request.event.clone(),
        request: id.clone(),
        session: about.session.cloned(),
        state: request.state.as_str().to_owned(),
        filed,
        requester: request.requester.clone(),
        actor: request.actor.clone(),
        actor_profile: None,
        subject: request.subject.clone(),
        tenant: request.tenant.clone(),
        subjects: request.subjects.clone(),
        case: request.case.clone(),
        reason: request.reason.as_str().to_owned(),
        scope: request.scope.clone(),
        duration_minutes: request.duration,
        break_glass: request.break_glass,
        version: request.version,
        scope_digest: request.scope_digest().as_str().to_owned(),
        warnings: request.warnings.clone(),
        route: route(&request, events),
        questions: Vec::new(),
        offers: Vec::new(),
        escalated: None,
        denied: None,
        withdrawn: None,
        lapsed: None,
        grant: request.grant.clone(),
        activation: None,
        witnessed: None,
        end_by: None,
        applications: Vec::new(),
        refused_elsewhere: Vec::new(),
        requests: Outcomes::default(),
        extension: extension(about, events),
        ended_because: None,
        ended_by: None,
        ended: None,
        review: None,
        refusals: Vec::new(),
        case_changes: Vec::new(),
        holds: Vec::new(),
        reads: Vec::new(),
        timeline: Vec::new(),
    };
    for recorded in of(id, events) {
        decided(&mut told, recorded);
    }
    Ok(told)
}

/// The state of a request after all of its events, and where it was filed.
pub(super) fn fold(id: &RequestId, events: &[Recorded]) -> Option<(Line, Request)> {
    let mut filed = None;
    let mut request = None;
    for recorded in of(id, events) {
        filed = filed.or_else(|| Some(Line::of(recorded)));
        request = Request::evolve(request, &recorded.event);
    }
    filed.zip(request)
}

/// The events of one request's history.
pub(super) fn of<'e>(id: &RequestId, events: &'e [Recorded]) -> impl Iterator<Item = &'e Recorded> {
    events
        .iter()
        .filter(move |recorded| matches!(&recorded.stream, Stream::Request(of) if of == id))
}

fn extension(about: &About<'_>, events: &[Recorded]) -> Option<Extension> {
    let id = &about.extensions.last()?.id;
    let (filed, request) = fold(id, events)?;
    let asked = Asked {
        request: id.clone(),
        state: request.state.as_str().to_owned(),
        filed,
        reason: request.reason.as_str().to_owned(),
        duration_minutes: request.duration,
        scope_digest: request.scope_digest().as_str().to_owned(),
        route: route(&request, events),
    };
    Some(Extension {
        asked,
        extended: None,
        end_by: None,
    })
}

/// The steps as they stand after everything, each approval with its place in the ledger. An offer that was
/// accepted is its maker's approval.
fn route(request: &Request, events: &[Recorded]) -> Vec<StepTold> {
    let mut places: BTreeMap<&PrincipalId, Line> = BTreeMap::new();
    for recorded in of(&request.id, events) {
        match &recorded.event {
            Event::RequestApproved { approval, .. } => {
                places.insert(&approval.by, Line::of(recorded))
            }
            Event::OfferMade { offer, .. } => places.insert(&offer.by, Line::of(recorded)),
            _ => None,
        };
    }
    let counting = Counting::of(events);
    let steps = request.route.steps.iter();
    steps
        .map(|step| StepTold {
            authority: step.authority,
            application: step.application.clone(),
            rule: step.rule.clone(),
            approvers: step.approvers.clone(),
            approval: step.approval.as_ref().and_then(|approval| {
                Some(ApprovalTold {
                    by: approval.by.clone(),
                    line: *places.get(&approval.by)?,
                    scope_digest: approval.scope_digest.as_str().to_owned(),
                    rules: approval.rules.clone(),
                    note: approval.note.clone(),
                    unavoidable_because: approval.unavoidable_because.clone(),
                    compensating_controls: approval.compensating_controls.clone(),
                    covers_narrower: approval.covers_narrower,
                    is_signed: approval.signature.is_some(),
                    signed_by: approval
                        .signature
                        .as_ref()
                        .and_then(|signature| counting.known(signature.authenticator()))
                        .map(signed_by),
                })
            }),
        })
        .collect()
}

/// How a key came to count.
pub(crate) fn signed_by(counted: &Counted) -> SignedBy {
    let kind = if counted.authenticator.is_passkey() {
        "passkey"
    } else {
        "key-file"
    };
    SignedBy {
        authenticator: counted.authenticator.id.clone(),
        thumbprint: counted.authenticator.thumbprint(),
        kind: kind.to_owned(),
        enrolled: counted.enrolled,
        enrolled_by: counted.enrolled_by.clone(),
    }
}

fn decided(told: &mut AccessEvent, recorded: &Recorded) {
    let line = Line::of(recorded);
    let said = |by: &PrincipalId, text: &str| Said {
        by: by.clone(),
        line,
        text: text.to_owned(),
    };
    match &recorded.event {
        Event::RequestDenied { by, reason, .. } => told.denied = Some(said(by, reason)),
        Event::QuestionAsked { question, .. } => {
            let question = said(&question.by, &question.text);
            told.questions.push(QuestionTold {
                question,
                answer: None,
            });
        }
        Event::QuestionAnswered { by, answer, .. } => {
            // As the request itself folds it: the answer goes to the last question still open.
            let open = told
                .questions
                .iter_mut()
                .rev()
                .find(|question| question.answer.is_none());
            if let Some(question) = open {
                question.answer = Some(said(by, answer));
            }
        }
        Event::OfferMade { offer, .. } => told.offers.push(OfferTold {
            note: said(&offer.by, &offer.note),
            scope: offer.scope.clone(),
            duration_minutes: offer.duration,
            scope_digest: offer.scope_digest.as_str().to_owned(),
            accepted: None,
        }),
        Event::OfferAccepted { by, .. } => {
            if let Some(offer) = told.offers.last_mut() {
                offer.accepted = Some(Answer {
                    by: by.clone(),
                    line,
                });
            }
        }
        Event::RequestEscalated { to, .. } => {
            told.escalated = Some(Escalated {
                to: to.clone(),
                line,
            })
        }
        Event::RequestWithdrawn { by, .. } => {
            told.withdrawn = Some(Answer {
                by: by.clone(),
                line,
            })
        }
        Event::RequestLapsed { .. } => told.lapsed = Some(line),
        _ => {}
    }
}
