//! What a request allows next: each verb answers with events or a typed refusal, and changes nothing itself.
//!
//! Who may decide is policy's answer and arrives as a parameter; what is decided here is whether the request
//! is in a state where that decision still means what its maker saw.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ApprovalWords, Offer, Question, Request, RequestState};
use crate::authenticator::{ApprovalStatement, Signature};
use crate::denial::{Denial, Refusal};
use crate::event::{Event, Granted};
use crate::ids::{GrantId, PrincipalId, SessionId};
use crate::route::{Approval, Step};
use crate::scope::{Minutes, Scope, sentence};

/// One named person's yes, before it is judged.
#[derive(Debug, Clone)]
pub struct Approving {
    pub by: PrincipalId,
    pub at: Timestamp,
    /// What the approver saw.
    pub scope_digest: String,
    pub words: ApprovalWords,
    /// The approver's signature over [`Request::approval_statement`], which whoever calls this has verified:
    /// evidence says "signed" of nothing else.
    pub signature: Option<Signature>,
    /// The steps that policy lets this person decide, each with the rules that said so.
    pub permitted: BTreeMap<usize, Vec<String>>,
    /// The id of the grant, should this be the last approval.
    pub grant: GrantId,
}

/// A narrower version that an approver would approve.
#[derive(Debug, Clone)]
pub struct Offering {
    pub by: PrincipalId,
    pub at: Timestamp,
    pub note: String,
    pub scope: Scope,
    pub duration: Minutes,
    pub permitted: BTreeMap<usize, Vec<String>>,
}

impl Request {
    /// Approves one step.
    ///
    /// # Errors
    /// `stale-approval` for another digest than the one shown, `already-decided`, `lapsed`,
    /// `signature-required` where one is demanded and none given, and `reason-missing` for a crossing without its
    /// two texts.
    pub fn approve(&self, approving: Approving) -> Result<Event, Refusal> {
        if approving.scope_digest != self.scope_digest().as_str() {
            return Err(Denial::StaleApproval.because("the request is no longer what you saw"));
        }
        self.undecided(approving.at)?;
        if self.route.has_approved(&approving.by) {
            return Err(Denial::AlreadyDecided.because("you approved this request already"));
        }
        if self.route.signature_demanded && approving.signature.is_none() {
            let refusal =
                Denial::SignatureRequired.because("this decision needs your own signature");
            return Err(refusal.at("/signature"));
        }
        let (step, rules) = self.step_of(&approving.by, &approving.permitted)?;
        let crossing = self
            .route
            .steps
            .get(step)
            .is_some_and(Step::judges_crossing);
        let words = approving.words;
        let said = |text: &&String| text.trim().chars().count() >= 3;
        if crossing {
            if !words.unavoidable_because.iter().any(|text| said(&text)) {
                let refusal =
                    Denial::ReasonMissing.because("say why crossing applications is unavoidable");
                return Err(refusal.at("/unavoidable_because"));
            }
            if !words.compensating_controls.iter().any(|text| said(&text)) {
                let refusal =
                    Denial::ReasonMissing.because("name the compensating controls in place");
                return Err(refusal.at("/compensating_controls"));
            }
        }
        let approval = Approval {
            by: approving.by,
            at: approving.at,
            scope_digest: self.scope_digest(),
            rules,
            note: words.note,
            unavoidable_because: words.unavoidable_because,
            compensating_controls: words.compensating_controls,
            covers_narrower: words.covers_narrower,
            signature: approving.signature,
        };
        let mut route = self.route.clone();
        if let Some(it) = route.steps.get_mut(step) {
            it.approval = Some(approval.clone());
        }
        let granted = route
            .is_complete()
            .then(|| self.granted(approving.grant, approving.at));
        Ok(Event::RequestApproved {
            request: self.id.clone(),
            step,
            approval,
            granted,
        })
    }

    /// What this person signs to approve the step they would decide, in these words.
    ///
    /// # Errors
    /// As for [`Request::approve`] where the step is concerned.
    pub fn approval_statement<'a>(
        &'a self,
        by: &'a PrincipalId,
        words: &'a ApprovalWords,
        permitted: &BTreeMap<usize, Vec<String>>,
    ) -> Result<ApprovalStatement<'a>, Refusal> {
        let (index, _) = self.step_of(by, permitted)?;
        let step = self.route.steps.get(index);
        let step = step.ok_or_else(|| Denial::NotAnApprover.because("nothing to decide"))?;
        Ok(words.statement(self, by, step))
    }

    /// Denies the request.
    ///
    /// # Errors
    /// `already-decided`, `lapsed`, `not-an-approver`, and `reason-missing` without a reason.
    pub fn deny(
        &self,
        by: &PrincipalId,
        reason: &str,
        permitted: &BTreeMap<usize, Vec<String>>,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.undecided(at)?;
        self.step_of(by, permitted)?;
        let reason = sentence(reason, "/reason", "a denial needs its reason")?;
        Ok(Event::RequestDenied {
            request: self.id.clone(),
            by: by.clone(),
            at,
            reason,
        })
    }

    /// Puts a question to the requester.
    ///
    /// # Errors
    /// `already-decided`, `lapsed`, `not-an-approver`, and `reason-missing` without a question.
    pub fn ask(
        &self,
        by: &PrincipalId,
        question: &str,
        permitted: &BTreeMap<usize, Vec<String>>,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.undecided(at)?;
        self.step_of(by, permitted)?;
        let text = sentence(question, "/question", "a question needs words")?;
        let question = Question {
            by: by.clone(),
            at,
            text,
            answer: None,
        };
        Ok(Event::QuestionAsked {
            request: self.id.clone(),
            question,
        })
    }

    /// Answers the last open question, as the requester.
    ///
    /// # Errors
    /// `already-decided` when nothing is open, `reason-missing` without words.
    pub fn answer(&self, by: &PrincipalId, answer: &str, at: Timestamp) -> Result<Event, Refusal> {
        self.undecided(at)?;
        if *by != self.requester && *by != self.actor {
            return Err(Denial::NotAnApprover.because("the requester answers"));
        }
        if !self
            .questions
            .iter()
            .any(|question| question.answer.is_none())
        {
            return Err(Denial::AlreadyDecided.because("no question is open"));
        }
        let answer = sentence(answer, "/answer", "an answer needs words")?;
        Ok(Event::QuestionAnswered {
            request: self.id.clone(),
            by: by.clone(),
            at,
            answer,
        })
    }

    /// Offers a narrower version, which its maker approves by offering it, or afterwards where an offer cannot
    /// be an approval.
    ///
    /// # Errors
    /// `already-decided` while another offer stands, `malformed` for what is not narrower, and those of
    /// [`Request::ask`].
    pub fn offer(&self, offering: Offering) -> Result<Event, Refusal> {
        self.undecided(offering.at)?;
        if matches!(self.state, RequestState::Offered { .. }) {
            return Err(Denial::AlreadyDecided.because("another offer waits for the requester"));
        }
        if self.route.has_approved(&offering.by) {
            return Err(Denial::AlreadyDecided.because("you approved this request already"));
        }
        let (step, rules) = self.step_of(&offering.by, &offering.permitted)?;
        let narrower = !offering.scope.is_empty()
            && offering.scope.is_within(&self.scope)
            && offering.duration <= self.duration
            && offering.duration.0 > 0
            && (offering.scope != self.scope || offering.duration != self.duration);
        if !narrower {
            let refusal =
                Denial::Malformed.because("an offer is narrower or shorter than what was asked");
            return Err(refusal.at("/applications"));
        }
        let drops_own_step = self
            .route
            .steps
            .get(step)
            .and_then(|it| it.application.as_ref())
            .is_some_and(|application| !offering.scope.0.contains_key(application));
        if drops_own_step {
            let refusal =
                Denial::Malformed.because("the offer leaves out the application you decide for");
            return Err(refusal.at("/applications"));
        }
        let scope_digest = self.digest_of(&offering.scope, offering.duration);
        let offer = Offer {
            by: offering.by,
            at: offering.at,
            note: offering.note,
            scope: offering.scope,
            duration: offering.duration,
            scope_digest,
            step,
            rules,
        };
        Ok(Event::OfferMade {
            request: self.id.clone(),
            offer: Box::new(offer),
        })
    }

    /// Takes the offer that stands, as the requester.
    ///
    /// # Errors
    /// `already-decided` when none stands, `stale-approval` for another digest than the offer's.
    pub fn accept(
        &self,
        by: &PrincipalId,
        scope_digest: &str,
        grant: GrantId,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.undecided(at)?;
        if *by != self.requester && *by != self.actor {
            return Err(Denial::NotAnApprover.because("the requester takes or leaves an offer"));
        }
        let RequestState::Offered { offer, .. } = &self.state else {
            return Err(Denial::AlreadyDecided.because("no offer stands"));
        };
        if scope_digest != offer.scope_digest.as_str() {
            return Err(Denial::StaleApproval.because("the offer is no longer what you saw"));
        }
        let mut narrowed = self.clone();
        narrowed.narrow(offer);
        let granted = narrowed
            .route
            .is_complete()
            .then(|| self.granted(grant, at));
        Ok(Event::OfferAccepted {
            request: self.id.clone(),
            by: by.clone(),
            at,
            granted,
        })
    }

    /// Withdraws the request: the requester or actor their asking, an approver their approval.
    ///
    /// # Errors
    /// `not-an-approver` for anybody else, `already-decided` once it is over.
    pub fn withdraw(&self, by: &PrincipalId, at: Timestamp) -> Result<Event, Refusal> {
        let concerned = *by == self.requester || *by == self.actor || self.route.has_approved(by);
        if !concerned {
            return Err(Denial::NotAnApprover.because("you neither asked nor approved"));
        }
        if matches!(
            self.state,
            RequestState::Denied { .. }
                | RequestState::Withdrawn { .. }
                | RequestState::Lapsed { .. }
                | RequestState::Ended { .. }
        ) {
            return Err(
                Denial::AlreadyDecided.because(format!("the request is {}", self.state.as_str()))
            );
        }
        Ok(Event::RequestWithdrawn {
            request: self.id.clone(),
            by: by.clone(),
            at,
        })
    }

    /// Whether the grant can be used now.
    ///
    /// # Errors
    /// `missing-approval` before it is fully approved, `lapsed` past `activate_by`, `already-decided` after.
    pub fn activate(&self, session: SessionId, at: Timestamp) -> Result<Event, Refusal> {
        match &self.state {
            RequestState::Approved { activate_by, .. } if at >= *activate_by => {
                Err(Denial::Lapsed.because("the approval was not used in time"))
            }
            RequestState::Approved { .. } if !self.is_covered() => Err(Denial::MissingApproval
                .because("an approval does not cover what the request says now")),
            RequestState::Approved { .. } => Ok(Event::RequestActivated {
                request: self.id.clone(),
                session,
                at,
            }),
            RequestState::Pending { .. } | RequestState::Offered { .. } => {
                Err(Denial::MissingApproval.because("not every demanded approval was given"))
            }
            RequestState::Lapsed { .. } => Err(Denial::Lapsed.because("the request has lapsed")),
            state => {
                Err(Denial::AlreadyDecided.because(format!("the request is {}", state.as_str())))
            }
        }
    }

    /// The event by which a request past its deadline lapses, if it is past it.
    pub fn lapse(&self, at: Timestamp) -> Option<Event> {
        let deadline = match &self.state {
            RequestState::Pending { decide_by } | RequestState::Offered { decide_by, .. } => {
                *decide_by
            }
            RequestState::Approved { activate_by, .. } => *activate_by,
            _ => return None,
        };
        (at >= deadline).then(|| Event::RequestLapsed {
            request: self.id.clone(),
            because: None,
            at,
        })
    }

    /// The event by which an open request ends because nothing can come of it any more, whatever its deadlines say.
    /// `None` for one that is over, or whose session is live.
    pub fn lapse_for(&self, because: &Refusal, at: Timestamp) -> Option<Event> {
        let is_open = matches!(
            self.state,
            RequestState::Pending { .. }
                | RequestState::Offered { .. }
                | RequestState::Approved { .. }
        );
        is_open.then(|| Event::RequestLapsed {
            request: self.id.clone(),
            because: Some(because.clone()),
            at,
        })
    }

    /// The event by which a request that nobody answered reaches its escalation person, at half of its time.
    pub fn escalate(&self, at: Timestamp) -> Option<Event> {
        let (RequestState::Pending { decide_by } | RequestState::Offered { decide_by, .. }) =
            &self.state
        else {
            return None;
        };
        let to = self
            .route
            .escalation
            .clone()
            .filter(|_| self.escalated.is_none())?;
        let left = decide_by.duration_since(at);
        let whole = decide_by.duration_since(self.filed_at);
        (left <= whole / 2).then(|| Event::RequestEscalated {
            request: self.id.clone(),
            to,
            at,
        })
    }

    /// Whether every step has an approval that binds to exactly this version, or said that it covers narrower ones.
    pub fn is_covered(&self) -> bool {
        let digest = self.scope_digest();
        let mut people = std::collections::BTreeSet::new();
        self.route.steps.iter().all(|step| {
            step.approval.as_ref().is_some_and(|approval| {
                people.insert(&approval.by)
                    && (approval.scope_digest == digest
                        || (approval.covers_narrower && self.version > 1))
            })
        })
    }

    fn undecided(&self, at: Timestamp) -> Result<(), Refusal> {
        match &self.state {
            RequestState::Pending { decide_by } | RequestState::Offered { decide_by, .. }
                if at < *decide_by =>
            {
                Ok(())
            }
            RequestState::Pending { .. }
            | RequestState::Offered { .. }
            | RequestState::Lapsed { .. } => Err(Denial::Lapsed.because("nobody decided in time")),
            state => {
                Err(Denial::AlreadyDecided.because(format!("the request is {}", state.as_str())))
            }
        }
    }

    fn step_of(
        &self,
        by: &PrincipalId,
        permitted: &BTreeMap<usize, Vec<String>>,
    ) -> Result<(usize, Vec<String>), Refusal> {
        let indexes = permitted.keys().copied().collect();
        let step = self.route.step_for(by, &indexes);
        let step = step.ok_or_else(|| {
            if permitted.is_empty() {
                Denial::NotAnApprover.because("the route names other people")
            } else {
                Denial::AlreadyDecided.because("what you may decide is decided already")
            }
        })?;
        Ok((step, permitted.get(&step).cloned().unwrap_or_default()))
    }

    fn granted(&self, grant: GrantId, at: Timestamp) -> Granted {
        Granted {
            grant,
            activate_by: at
                .saturating_add(self.route.activate_within.duration())
                .unwrap_or(at),
        }
    }
}
