//! The control room itself.

use locum_control::approve::Approve;
use locum_control::complete_review::CompleteReview;
use locum_control::offer::OfferTerms;
use locum_control::{
    Asked, Caller, accept_offer, activate, approve, ask, complete_review, deny, end_session,
    extend, file_request, offer, open_application, preview, stop, withdraw,
};
use locum_domain::hold::StopScope;
use locum_domain::review::Finding;
use locum_domain::{Minutes, Refusal, Scope};

use crate::attempt::{Attempt, Deed, Words};
use crate::door::Outcome;
use crate::street::Street;

pub(crate) async fn attempt(street: &Street, attempt: &Attempt) -> Outcome {
    let caller = street.played.house.caller(&attempt.who);
    match done(street, &caller, &attempt.deed).await {
        Ok(()) => Outcome::Done,
        Err(refusal) => Outcome::Refused(refusal.denial.code().to_owned()),
    }
}

async fn done(street: &Street, by: &Caller, deed: &Deed) -> Result<(), Refusal> {
    let control = &street.played.house.control;
    match deed {
        Deed::File(words) => drop(file_request::file_request(control, by, &asked(words)).await?),
        Deed::Preview(words) => drop(preview::preview(control, by, &asked(words)).await?),
        Deed::Approve {
            request,
            digest,
            grounds,
        } => {
            let words = Approve {
                scope_digest: digest.clone(),
                unavoidable_because: grounds.map(|it| it.because.to_owned()),
                compensating_controls: grounds.iter().map(|it| it.control.to_owned()).collect(),
                ..Approve::default()
            };
            drop(approve::approve(control, by, &request.parse().unwrap(), &words).await?);
        }
        Deed::Deny { request, reason } => {
            drop(deny::deny(control, by, &request.parse().unwrap(), reason).await?)
        }
        Deed::Ask { request, question } => {
            drop(ask::ask(control, by, &request.parse().unwrap(), question).await?)
        }
        Deed::Offer {
            request,
            scope,
            minutes,
            note,
        } => {
            let scope = scope.iter().map(|(application, operations)| {
                let operations = operations.iter().map(|it| it.parse().unwrap()).collect();
                (application.parse().unwrap(), operations)
            });
            let terms = OfferTerms {
                scope: Some(Scope(scope.collect())),
                duration: Some(Minutes(*minutes)),
                note: (*note).to_owned(),
            };
            drop(offer::offer(control, by, &request.parse().unwrap(), &terms).await?);
        }
        Deed::Accept { request, digest } => {
            drop(accept_offer::accept_offer(control, by, &request.parse().unwrap(), digest).await?);
        }
        Deed::Withdraw { request } => {
            drop(withdraw::withdraw(control, by, &request.parse().unwrap()).await?)
        }
        Deed::Extend {
            request,
            minutes,
            reason,
        } => {
            let id = request.parse().unwrap();
            drop(extend::extend(control, by, &id, Minutes(*minutes), reason).await?);
        }
        Deed::Activate { request } => {
            drop(activate::activate(control, by, &request.parse().unwrap()).await?)
        }
        Deed::Open {
            session,
            application,
        } => {
            let (session, application) = (session.parse().unwrap(), application.parse().unwrap());
            drop(open_application::open_application(control, by, &session, &application).await?);
        }
        Deed::End { session } => {
            drop(end_session::end_session(control, by, &session.parse().unwrap()).await?)
        }
        Deed::Stop { application } => {
            let scope = match application {
                Some(application) => StopScope::Application(application.parse().unwrap()),
                None => StopScope::All,
            };
            drop(stop::stop(control, by, &scope).await?);
        }
        Deed::Lift { hold } => drop(stop::lift(control, by, &hold.parse().unwrap()).await?),
        Deed::Review { review, note } => {
            let id = review.parse().unwrap();
            let complete = CompleteReview::unsigned(Finding::Justified, note);
            drop(complete_review::complete_review(control, by, &id, &complete).await?);
        }
    }
    Ok(())
}

fn asked(words: &Words) -> Asked {
    Asked {
        case: words.case.parse().unwrap(),
        reason: words.reason.clone(),
        subject: words.subject.as_ref().map(|it| it.parse().unwrap()),
        applications: words
            .scope
            .iter()
            .map(|(application, operations)| {
                let operations = operations.iter().map(|it| it.parse().unwrap()).collect();
                (application.parse().unwrap(), operations)
            })
            .collect(),
        duration: Minutes(words.minutes),
        break_glass: words.is_emergency,
        actor: words.actor.as_ref().map(|it| it.parse().unwrap()),
    }
}
