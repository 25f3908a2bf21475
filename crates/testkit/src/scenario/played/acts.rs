//! What people do to requests, sessions, holds and reviews.

use locum_control::approve::approve;
use locum_control::complete_review::{self, CompleteReview};
use locum_control::offer::OfferTerms;
use locum_control::{accept_offer, deny, extend, offer, stop, withdraw};
use locum_domain::hold::StopScope;
use locum_domain::review::Finding;
use locum_domain::{Minutes, Refusal, RequestState};

use super::Played;
use crate::scenario::{Asking, Step};

impl Played {
    pub(super) async fn asks(&mut self, asking: Asking) {
        let names: Vec<Vec<&str>> = asking
            .scope
            .iter()
            .map(|(_, operations)| operations.iter().map(String::as_str).collect())
            .collect();
        let scope: Vec<(&str, &[&str])> = asking
            .scope
            .iter()
            .zip(&names)
            .map(|((application, _), operations)| (application.as_str(), operations.as_slice()))
            .collect();
        let mut asked = self.house.asking(&asking.case, &scope, asking.minutes);
        asked.break_glass = asking.is_emergency;
        asked.subject = asking.subject.map(|it| it.parse().unwrap());
        asked.actor = asking.actor.map(|it| self.id(&it).parse().unwrap());
        if let Some(reason) = asking.reason {
            asked.reason = reason;
        }
        let outcome = self.house.file(&self.id(&asking.who), &asked).await;
        if let Some(request) = self.note(outcome) {
            self.shown_before = request.scope_digest().as_str().to_owned();
            self.request = Some(request.id);
        }
    }

    /// Everything that people do to the newest request or session.
    pub(super) async fn act(&mut self, step: Step) {
        let house = &self.house;
        let control = &house.control;
        let by = |name: &str| house.caller(&self.id(name));
        let outcome: Result<(), Refusal> = match step {
            Step::Approves(who) => {
                let who = self.id(&who);
                house.approve(&who, &self.request()).await.map(drop)
            }
            Step::ApprovesWithoutGrounds(who) => {
                let mut words = house.approval_of(&self.request()).await;
                words.unavoidable_because = None;
                approve(control, &by(&who), &self.request(), &words)
                    .await
                    .map(drop)
            }
            Step::ApprovesWhatWasShownBefore(who) => {
                let mut words = house.approval_of(&self.request()).await;
                words.scope_digest = self.shown_before.clone();
                approve(control, &by(&who), &self.request(), &words)
                    .await
                    .map(drop)
            }
            Step::EverybodyNeededApproves => {
                let request = house.request(&self.request()).await;
                house.approved(&request).await;
                Ok(())
            }
            Step::Denies(who) => {
                let why = "the case says nothing about this";
                deny::deny(control, &by(&who), &self.request(), why)
                    .await
                    .map(drop)
            }
            Step::Offers { who, minutes } => {
                let terms = OfferTerms {
                    scope: None,
                    duration: Some(Minutes(minutes)),
                    note: "this will do".to_owned(),
                };
                offer::offer(control, &by(&who), &self.request(), &terms)
                    .await
                    .map(drop)
            }
            Step::Accepts(who) => {
                let state = house.request(&self.request()).await.state;
                let RequestState::Offered { offer, .. } = state else {
                    panic!("no offer stands")
                };
                let digest = offer.scope_digest.as_str();
                accept_offer::accept_offer(control, &by(&who), &self.request(), digest)
                    .await
                    .map(drop)
            }
            Step::Withdraws(who) => withdraw::withdraw(control, &by(&who), &self.request())
                .await
                .map(drop),
            Step::Activates(who) => {
                let activated = house.activate(&self.id(&who), &self.request()).await;
                activated.map(|activated| self.session = Some(activated.session.id))
            }
            Step::Extends { who, minutes } => {
                let why = "the second invoice has the same fault";
                let minutes = Minutes(minutes);
                let longer =
                    extend::extend(control, &by(&who), &self.request(), minutes, why).await;
                longer.map(|longer| self.request = Some(longer.id))
            }
            Step::Ends(who) => {
                let session = self.session().await.id;
                house.end(&self.id(&who), &session).await.map(drop)
            }
            Step::Stops { who, what } => {
                let scope = match what.as_str() {
                    "everything" => StopScope::All,
                    application => StopScope::Application(application.parse().unwrap()),
                };
                let stopped = stop::stop(control, &by(&who), &scope).await;
                stopped.map(|stopped| self.hold = Some(stopped.hold.id))
            }
            Step::Lifts(who) => stop::lift(control, &by(&who), &self.hold()).await.map(drop),
            Step::Reviews(who) => {
                let review = house
                    .reviews_of(&self.session().await.id)
                    .await
                    .pop()
                    .unwrap();
                let note = "what was read is what was asked for";
                let complete = CompleteReview::unsigned(Finding::Justified, note);
                complete_review::complete_review(control, &by(&who), &review.id, &complete)
                    .await
                    .map(drop)
            }
            other => panic!("{other:?} is nothing that people do"),
        };
        self.last = outcome;
    }
}
