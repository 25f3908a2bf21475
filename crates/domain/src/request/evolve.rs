//! How a request changes: one arm for each event, nothing judged.

use super::{Request, RequestState};
use crate::event::{Event, Granted};
use crate::ids::ApplicationId;
use crate::request::Offer;
use crate::route::{Approval, Step};

impl Request {
    /// Folds an event of this request's stream.
    pub fn evolve(state: Option<Request>, event: &Event) -> Option<Request> {
        let Some(mut request) = state else {
            return match event {
                Event::RequestFiled { request } => Some((**request).clone()),
                _ => None,
            };
        };
        match event {
            Event::RequestApproved {
                step,
                approval,
                granted,
                ..
            } => {
                if let Some(step) = request.route.steps.get_mut(*step) {
                    step.approval = Some(approval.clone());
                }
                request.take_grant(granted.as_ref(), approval.at);
            }
            Event::RequestCountersigned { step, approval, .. } => {
                if let Some(step) = request.route.afterwards.get_mut(*step) {
                    step.approval = Some(approval.clone());
                }
            }
            Event::RequestDenied { by, at, reason, .. } => {
                request.state = RequestState::Denied {
                    at: *at,
                    by: by.clone(),
                    reason: reason.clone(),
                };
            }
            Event::QuestionAsked { question, .. } => request.questions.push(question.clone()),
            Event::QuestionAnswered { answer, .. } => {
                let open = request
                    .questions
                    .iter_mut()
                    .rev()
                    .find(|it| it.answer.is_none());
                if let Some(question) = open {
                    question.answer = Some(answer.clone());
                }
            }
            Event::OfferMade { offer, .. } => {
                if let RequestState::Pending { decide_by }
                | RequestState::Offered { decide_by, .. } = request.state
                {
                    request.state = RequestState::Offered {
                        decide_by,
                        offer: offer.clone(),
                    };
                }
            }
            Event::OfferAccepted { at, granted, .. } => {
                if let RequestState::Offered { decide_by, offer } = request.state.clone() {
                    request.state = RequestState::Pending { decide_by };
                    request.narrow(&offer);
                    request.take_grant(granted.as_ref(), *at);
                }
            }
            Event::RequestEscalated { to, .. } => request.escalated = Some(to.clone()),
            Event::RequestTold {
                told, to, due, at, ..
            } => request.take_told(*told, to, *due, *at),
            Event::RequestWithdrawn { by, at, .. } => {
                request.state = RequestState::Withdrawn {
                    at: *at,
                    by: by.clone(),
                };
            }
            Event::RequestLapsed { at, .. } => request.state = RequestState::Lapsed { at: *at },
            Event::RequestActivated { session, at, .. } => {
                request.state = RequestState::Activated {
                    at: *at,
                    session: session.clone(),
                };
            }
            Event::RequestEnded { session, at, .. } => {
                request.state = RequestState::Ended {
                    at: *at,
                    session: session.clone(),
                };
            }
            _ => {}
        }
        Some(request)
    }

    fn take_grant(&mut self, granted: Option<&Granted>, at: jiff::Timestamp) {
        if let Some(granted) = granted {
            self.grant = Some(granted.grant.clone());
            self.state = RequestState::Approved {
                at,
                activate_by: granted.activate_by,
            };
        }
    }

    /// The request as the offer narrows it. Approvals of the wider version fall, except those that said they
    /// cover any narrower one; the offer itself is its maker's approval where an offer can be one.
    pub(super) fn narrow(&mut self, offer: &Offer) {
        self.version = self.version.saturating_add(1);
        self.scope = offer.scope.clone();
        self.duration = offer.duration;
        let is_approval = self.route.offer_approves(offer.step);
        for (index, step) in self.route.steps.iter_mut().enumerate() {
            if index == offer.step && is_approval {
                step.approval = Some(Approval {
                    by: offer.by.clone(),
                    at: offer.at,
                    scope_digest: offer.scope_digest.clone(),
                    rules: offer.rules.clone(),
                    note: Some(offer.note.clone()),
                    unavoidable_because: None,
                    compensating_controls: Vec::new(),
                    covers_narrower: false,
                    signature: None,
                });
            } else if step
                .approval
                .as_ref()
                .is_some_and(|approval| !approval.covers_narrower)
            {
                step.approval = None;
            }
        }
        let scope = &self.scope;
        let still_asked = |application: &ApplicationId| scope.0.contains_key(application);
        self.route
            .steps
            .retain(|step: &Step| step.application.as_ref().is_none_or(still_asked));
        self.route
            .afterwards
            .retain(|step: &Step| step.application.as_ref().is_none_or(still_asked));
        self.subjects
            .retain(|application, _| still_asked(application));
    }
}
