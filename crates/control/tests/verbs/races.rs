//! Two at once. The first is held at each of its waits in turn while the second runs to its end, and both are
//! made to arrive in one batch; whatever the order, one of them wins and the world stays in order.

use std::time::Duration;

use locum_control::accept_offer::accept_offer;
use locum_control::complete_review::{CompleteReview, complete_review};
use locum_control::deny::deny;
use locum_control::extend::extend;
use locum_control::jobs::Jobs;
use locum_control::offer::{OfferTerms, offer};
use locum_control::stop::{lift, stop};
use locum_control::withdraw::withdraw;
use locum_domain::hold::StopScope;
use locum_domain::review::Finding;
use locum_domain::{Denial, Minutes, Request, RequestState, Session, Stream};
use locum_testkit::house::House;
use tokio::sync::Notify;

use crate::{ALICE, OSCAR, PAUL, PETRA, PRYA, SAM, SVEN};

/// Runs `first` and `second` in every order that their waits allow, each time in a house of its own.
async fn in_every_order<S, A, B>(
    prepare: impl AsyncFn(&House) -> S,
    first: impl AsyncFn(&House, &S) -> A,
    second: impl AsyncFn(&House, &S) -> B,
    check: impl AsyncFn(&House, &S, A, B),
) {
    for gate in ["reads", "look-ups", "answers"] {
        for waits in 0_usize.. {
            let house = House::new().await;
            let state = prepare(&house).await;
            let held = match gate {
                "reads" => house.store.reads.hold_after(waits),
                "look-ups" => house.desk.look_ups.hold_after(waits),
                _ => house.desk.answers.hold_after(waits),
            };
            let is_done = Notify::new();
            let (a, b) = tokio::join!(
                async {
                    let a = first(&house, &state).await;
                    is_done.notify_one();
                    a
                },
                async {
                    let is_held = tokio::select! {
                        () = held.arrived() => true,
                        () = is_done.notified() => false,
                    };
                    // Only the first is to be held.
                    let held = is_held.then_some(held);
                    let b = second(&house, &state).await;
                    drop(held);
                    (b, is_held)
                }
            );
            let (b, is_held) = b;
            check(&house, &state, a, b).await;
            house.verify().await;
            if !is_held {
                break;
            }
        }
    }
    for first_comes_first in [true, false] {
        let house = House::new().await;
        let state = prepare(&house).await;
        let held = house.store.commits.hold_next();
        let gap = async |waits: bool| {
            if waits {
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        };
        let (_, (a, b, ())) = tokio::join!(something_recorded(&house), async {
            held.arrived().await;
            tokio::join!(
                async {
                    gap(!first_comes_first).await;
                    first(&house, &state).await
                },
                async {
                    gap(first_comes_first).await;
                    second(&house, &state).await
                },
                async {
                    tokio::time::sleep(Duration::from_millis(120)).await;
                    drop(held);
                }
            )
        });
        check(&house, &state, a, b).await;
        house.verify().await;
    }
}

/// A commit that has nothing to do with anything, to stand in the way of others.
async fn something_recorded(house: &House) {
    let stream = Stream::Principal(OSCAR.parse().unwrap());
    let refusal = Denial::NotFound.because("something else");
    let caller = house.caller(OSCAR);
    house
        .control
        .refused(&caller, "test", &stream, refusal)
        .await;
}

/// Two outcomes of which one went through and the other was refused with this code.
fn one_won<A, B>(
    a: Result<A, locum_domain::Refusal>,
    b: Result<B, locum_domain::Refusal>,
    denial: Denial,
) {
    match (a.map(|_| ()), b.map(|_| ())) {
        (Ok(()), Err(refusal)) | (Err(refusal), Ok(())) => assert_eq!(refusal.denial, denial),
        both => panic!("exactly one should win: {both:?}"),
    }
}

async fn filed(house: &House) -> Request {
    house.filed(ALICE, &house.asked()).await
}

async fn approved(house: &House) -> Request {
    let request = filed(house).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.approve(PRYA, &request.id).await.unwrap()
}

async fn live(house: &House) -> Session {
    let request = approved(house).await;
    house.activate(ALICE, &request.id).await.unwrap().session
}

#[tokio::test]
async fn r18_of_two_who_end_a_session_one_does() {
    in_every_order(
        live,
        async |house, session| house.end(ALICE, &session.id).await,
        async |house, session| house.end(SAM, &session.id).await,
        async |house, session, a, b| {
            one_won(a, b, Denial::AlreadyDecided);
            assert_eq!(house.reviews_of(&session.id).await.len(), 1);
            assert_eq!(house.plane.ends().len(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn r07_of_two_who_approve_the_same_step_one_does() {
    in_every_order(
        async |house| {
            let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
            house.filed(ALICE, &crm).await
        },
        async |house, request| house.approve(PETRA, &request.id).await,
        async |house, request| house.approve(PAUL, &request.id).await,
        async |house, request, a, b| {
            one_won(a, b, Denial::AlreadyDecided);
            let request = house.request(&request.id).await;
            assert_eq!(request.route.approvals().count(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn r09_two_who_approve_different_steps_both_do_and_make_one_grant() {
    in_every_order(
        filed,
        async |house, request| house.approve(OSCAR, &request.id).await,
        async |house, request| house.approve(PRYA, &request.id).await,
        async |house, request, a, b| {
            a.unwrap();
            b.unwrap();
            let request = house.request(&request.id).await;
            assert!(matches!(request.state, RequestState::Approved { .. }));
        },
    )
    .await;
}

#[tokio::test]
async fn r13_an_approval_that_meets_a_withdrawal_opens_nothing() {
    in_every_order(
        async |house| {
            let request = filed(house).await;
            house.approve(OSCAR, &request.id).await.unwrap()
        },
        async |house, request| house.approve(PRYA, &request.id).await,
        async |house, request| withdraw(&house.control, &house.caller(ALICE), &request.id).await,
        async |house, request, a, b| {
            b.unwrap();
            if let Err(refusal) = a {
                assert_eq!(refusal.denial, Denial::AlreadyDecided);
            }
            let outcome = house.activate(ALICE, &request.id).await;
            assert_eq!(outcome.unwrap_err().denial, Denial::AlreadyDecided);
        },
    )
    .await;
}

#[tokio::test]
async fn r13_of_an_approval_and_a_denial_one_counts() {
    in_every_order(
        async |house| {
            let request = filed(house).await;
            house.approve(OSCAR, &request.id).await.unwrap()
        },
        async |house, request| house.approve(PRYA, &request.id).await,
        async |house, request| {
            deny(
                &house.control,
                &house.caller(SAM),
                &request.id,
                "not for this case",
            )
            .await
        },
        async |_, _, a, b| one_won(a, b, Denial::AlreadyDecided),
    )
    .await;
}

#[tokio::test]
async fn r13_an_acceptance_and_an_approval_of_the_wider_version_never_make_a_grant_together() {
    in_every_order(
        async |house| {
            let request = filed(house).await;
            let terms = OfferTerms {
                scope: None,
                duration: Some(Minutes(15)),
                note: "a quarter of an hour will do".to_owned(),
            };
            let oscar = house.caller(OSCAR);
            let offered = offer(&house.control, &oscar, &request.id, &terms)
                .await
                .unwrap();
            let words = house.approval_of(&request.id).await;
            (offered, words)
        },
        async |house, (request, _)| {
            let RequestState::Offered { offer, .. } = &request.state else {
                panic!("{:?}", request.state)
            };
            let digest = offer.scope_digest.as_str();
            accept_offer(&house.control, &house.caller(ALICE), &request.id, digest).await
        },
        async |house, (request, words)| {
            let caller = house.caller(PRYA);
            locum_control::approve::approve(&house.control, &caller, &request.id, words).await
        },
        async |house, (request, _), accepted, _| {
            accepted.unwrap();
            let outcome = house.activate(ALICE, &request.id).await;
            assert_eq!(outcome.unwrap_err().denial, Denial::MissingApproval);
        },
    )
    .await;
}

#[tokio::test]
async fn r04_of_two_activations_of_one_grant_one_begins() {
    in_every_order(
        approved,
        async |house, request| house.activate(ALICE, &request.id).await,
        async |house, request| house.activate(ALICE, &request.id).await,
        async |house, _, a, b| {
            one_won(a, b, Denial::AlreadyDecided);
            assert_eq!(house.live_sessions().await.len(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn r20_of_two_grants_for_one_case_and_subject_one_begins() {
    in_every_order(
        async |house| (approved(house).await, approved(house).await),
        async |house, (one, _)| house.activate(ALICE, &one.id).await,
        async |house, (_, other)| house.activate(ALICE, &other.id).await,
        async |house, _, a, b| {
            one_won(a, b, Denial::TooManyOpen);
            assert_eq!(house.live_sessions().await.len(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn r02_r18_an_activation_that_meets_the_close_of_its_case_is_refused_or_ended_never_live() {
    in_every_order(
        approved,
        async |house, request| house.activate(ALICE, &request.id).await,
        async |house, _| {
            house.desk.close("7");
            house.closed_webhook("7", "delivery-1").await.unwrap();
        },
        async |house, _, activated, ()| {
            if let Err(refusal) = activated {
                let codes = [Denial::CaseNotOpen, Denial::NotFound, Denial::SessionEnded];
                assert!(codes.contains(&refusal.denial), "{refusal}");
            }
            assert!(house.live_sessions().await.is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn r18_an_activation_that_meets_a_stop_is_refused_or_ended_never_live() {
    in_every_order(
        approved,
        async |house, request| house.activate(ALICE, &request.id).await,
        async |house, _| stop(&house.control, &house.caller(SAM), &StopScope::All).await,
        async |house, _, activated, stopped| {
            stopped.unwrap();
            if let Err(refusal) = activated {
                let codes = [Denial::Held, Denial::SessionEnded];
                assert!(codes.contains(&refusal.denial), "{refusal}");
            }
            assert!(house.live_sessions().await.is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn r18_an_approval_that_meets_a_stop_is_held_or_came_first() {
    in_every_order(
        filed,
        async |house, request| house.approve(OSCAR, &request.id).await,
        async |house, _| stop(&house.control, &house.caller(SAM), &StopScope::All).await,
        async |house, request, approved, stopped| {
            let hold = Stream::Hold(stopped.unwrap().hold.id);
            let history = house.history().await;
            let place = |stream: &Stream, kind: &str| {
                let found =
                    |it: &&locum_domain::Recorded| it.stream == *stream && it.event.kind() == kind;
                history.iter().find(found).map(|it| it.position)
            };
            let stopped_at = place(&hold, "hold-placed").unwrap();
            let approved_at = place(&Stream::Request(request.id.clone()), "request-approved");
            match approved {
                Ok(_) => assert!(approved_at.unwrap() < stopped_at),
                Err(refusal) => {
                    assert_eq!(refusal.denial, Denial::Held);
                    assert_eq!(approved_at, None);
                }
            }
        },
    )
    .await;
}

#[tokio::test]
async fn r18_an_activation_that_meets_an_approvers_withdrawal_is_refused_or_ended_never_live() {
    in_every_order(
        approved,
        async |house, request| house.activate(ALICE, &request.id).await,
        async |house, request| withdraw(&house.control, &house.caller(PRYA), &request.id).await,
        async |house, _, activated, withdrawn| {
            withdrawn.unwrap();
            if let Err(refusal) = activated {
                let codes = [Denial::AlreadyDecided, Denial::SessionEnded];
                assert!(codes.contains(&refusal.denial), "{refusal}");
            }
            assert!(house.live_sessions().await.is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn r18_a_withdrawal_that_meets_an_activation_ends_it_or_prevents_it() {
    in_every_order(
        approved,
        async |house, request| withdraw(&house.control, &house.caller(PRYA), &request.id).await,
        async |house, request| house.activate(ALICE, &request.id).await.is_ok(),
        async |house, _, withdrawn, _| {
            withdrawn.unwrap();
            assert!(house.live_sessions().await.is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn r16_an_extension_that_meets_the_end_of_its_session_revives_nothing() {
    in_every_order(
        async |house| {
            let session = live(house).await;
            let why = "the second invoice has the same fault";
            let alice = house.caller(ALICE);
            let longer = extend(&house.control, &alice, &session.request, Minutes(15), why).await;
            (session, house.approved(&longer.unwrap()).await)
        },
        async |house, (_, longer)| house.activate(ALICE, &longer.id).await,
        async |house, (session, _)| house.end(SAM, &session.id).await,
        async |house, _, activated, ended| {
            ended.unwrap();
            if let Err(refusal) = activated {
                let codes = [Denial::Lapsed, Denial::SessionEnded];
                assert!(codes.contains(&refusal.denial), "{refusal}");
            }
            assert!(house.live_sessions().await.is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn r18_a_close_that_meets_the_actors_own_end_leaves_one_end_and_one_review() {
    in_every_order(
        live,
        async |house, _| house.closed_webhook("7", "delivery-1").await,
        async |house, session| house.end(ALICE, &session.id).await.is_ok(),
        async |house, session, signalled, ended| {
            let signalled = signalled.unwrap().ended.len();
            assert_eq!(signalled + usize::from(ended), 1);
            assert_eq!(house.reviews_of(&session.id).await.len(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn r18_one_delivery_that_arrives_twice_at_once_acts_once() {
    in_every_order(
        live,
        async |house, _| house.closed_webhook("7", "delivery-1").await,
        async |house, _| house.closed_webhook("7", "delivery-1").await,
        async |_, _, a, b| {
            let (a, b) = (a.unwrap(), b.unwrap());
            assert!(a.is_repeated != b.is_repeated, "{a:?} {b:?}");
            assert_eq!(a.ended.len() + b.ended.len(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn r16_expiry_that_meets_the_actors_own_end_leaves_one_end() {
    in_every_order(
        async |house| {
            let session = live(house).await;
            house.clock.advance_minutes(30);
            session
        },
        async |house, _| Jobs::default().run_once(&house.control).await,
        async |house, session| house.end(ALICE, &session.id).await.is_ok(),
        async |house, session, (), _| {
            assert!(house.live_sessions().await.is_empty());
            assert_eq!(house.reviews_of(&session.id).await.len(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn r13_a_lapse_that_meets_an_activation_in_time_leaves_one_of_them() {
    in_every_order(
        async |house| {
            let request = approved(house).await;
            house.clock.advance_minutes(119);
            request
        },
        async |house, request| house.activate(ALICE, &request.id).await,
        async |house, _| {
            house.clock.advance_minutes(1);
            Jobs::default().run_once(&house.control).await;
        },
        async |house, request, activated, ()| {
            let state = house.request(&request.id).await.state;
            match activated {
                Ok(_) => assert!(matches!(state, RequestState::Activated { .. })),
                Err(refusal) => {
                    assert_eq!(refusal.denial, Denial::Lapsed);
                    assert!(matches!(state, RequestState::Lapsed { .. }));
                }
            }
        },
    )
    .await;
}

#[tokio::test]
async fn r18_of_two_who_lift_one_hold_one_does() {
    in_every_order(
        async |house| {
            let billing = StopScope::Application("billing".parse().unwrap());
            stop(&house.control, &house.caller(OSCAR), &billing)
                .await
                .unwrap()
                .hold
        },
        async |house, hold| lift(&house.control, &house.caller(SAM), &hold.id).await,
        async |house, hold| lift(&house.control, &house.caller(SVEN), &hold.id).await,
        async |_, _, a, b| one_won(a, b, Denial::AlreadyDecided),
    )
    .await;
}

#[tokio::test]
async fn r27_a_review_is_completed_once() {
    let complete = async |house: &House, review: &locum_domain::Review| {
        let note = "the invoice was all that was read";
        let sam = house.caller(SAM);
        let complete = CompleteReview::unsigned(Finding::Justified, note);
        complete_review(&house.control, &sam, &review.id, &complete).await
    };
    in_every_order(
        async |house| {
            let session = live(house).await;
            house.end(ALICE, &session.id).await.unwrap();
            house.reviews_of(&session.id).await.pop().unwrap()
        },
        complete,
        complete,
        async |_, _, a, b| one_won(a, b, Denial::AlreadyDecided),
    )
    .await;
}

#[tokio::test]
async fn r02_an_answer_of_the_desk_that_is_old_when_it_arrives_opens_nothing() {
    let house = House::new().await;
    let request = approved(&house).await;
    let held = house.desk.answers.hold_next();
    let (activated, ()) = tokio::join!(house.activate(ALICE, &request.id), async {
        held.arrived().await;
        // The look-up said "open"; the close is recorded before that answer comes back.
        house.desk.close("7");
        house.closed_webhook("7", "delivery-1").await.unwrap();
        drop(held);
    });
    assert_eq!(activated.unwrap_err().denial, Denial::CaseNotOpen);
    house.verify().await;
}
