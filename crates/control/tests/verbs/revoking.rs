//! Access ends whatever stands in the way: a full disk, a slow desk, a hundred requests, a changed rule.

use jiff::SignedDuration;
use locum_control::Budgets;
use locum_control::extend::extend;
use locum_control::jobs::Jobs;
use locum_control::offer::{OfferTerms, offer};
use locum_control::stop::{holds, lift, stop};
use locum_domain::hold::StopScope;
use locum_domain::session::EndedBecause;
use locum_domain::{Denial, Minutes, RequestState, Session, SessionId, Stream};
use locum_testkit::house::{Files, House};

use crate::{ALICE, ARNO, MIA, OSCAR, PAUL, PRYA, SAM, SVEN};

const ROOM: Budgets = Budgets {
    open_requests: 1_000,
    live_sessions: 1_000,
    subjects_per_day: 1_000,
};

async fn live(house: &House) -> Session {
    house.activated(ALICE, &house.asked()).await.session
}

async fn because(house: &House, id: &SessionId) -> Option<EndedBecause> {
    house.session(id).await.ended.map(|ended| ended.because)
}

#[tokio::test]
async fn r18_on_a_full_disk_every_end_cuts_at_once_and_is_recorded_as_ordered_later() {
    for how in ["close", "end", "stop", "expiry"] {
        let house = House::new().await;
        let session = live(&house).await;
        house.store.set_fails_commits(true);
        let (why, by) = match how {
            "close" => {
                let told = house.closed_webhook("7", "delivery-1").await;
                assert_eq!(told.unwrap_err().denial, Denial::RecorderUnavailable);
                (EndedBecause::CaseClosed, None)
            }
            "end" => {
                let ended = house.end(OSCAR, &session.id).await;
                assert_eq!(ended.unwrap_err().denial, Denial::RecorderUnavailable);
                (EndedBecause::ApproverWithdrew, Some(OSCAR))
            }
            "stop" => {
                let stopped = stop(&house.control, &house.caller(SAM), &StopScope::All).await;
                assert_eq!(stopped.unwrap_err().denial, Denial::RecorderUnavailable);
                (EndedBecause::Stopped, Some(SAM))
            }
            _ => {
                house.clock.advance_minutes(30);
                house.run_jobs().await;
                (EndedBecause::Expired, None)
            }
        };
        assert!(!house.plane.holds(&session.id), "{how}: it lives on");
        house.run_jobs().await;
        assert_eq!(because(&house, &session.id).await, None, "{how}");
        house.store.set_fails_commits(false);
        house.run_jobs().await;
        let ended = house.session(&session.id).await.ended.unwrap();
        assert_eq!(ended.because, why, "{how}");
        assert_eq!(ended.by, by.map(|by| by.parse().unwrap()), "{how}");
        assert_eq!(house.plane.ends().first(), Some(&(session.id.clone(), why)));
        assert_eq!(house.reviews_of(&session.id).await.len(), 1, "{how}");
        house.verify().await;
    }
}

#[tokio::test]
async fn r18_what_runs_under_a_hold_that_a_stop_did_not_get_to_is_ended_by_the_jobs() {
    let house = House::new().await;
    let session = live(&house).await;
    // The hold stands; the answer, and all that would have followed, is lost.
    let held = house.store.reads.hold_after(1);
    let (control, caller) = (house.control.clone(), house.caller(SAM));
    let stopping =
        tokio::spawn(async move { stop(&control, &caller, &StopScope::All).await.map(|_| ()) });
    held.arrived().await;
    stopping.abort();
    drop(held);
    assert!(stopping.await.unwrap_err().is_cancelled());
    assert_eq!(holds(&house.control).await.unwrap().len(), 1);
    assert!(house.plane.holds(&session.id));
    house.run_jobs().await;
    let ended = house.session(&session.id).await.ended.unwrap();
    assert_eq!(ended.because, EndedBecause::Stopped);
    assert_eq!(ended.by, Some(SAM.parse().unwrap()));
    house.verify().await;
}

#[tokio::test]
async fn r18_a_stop_ends_a_crowd_and_one_that_is_ending_already_stops_nothing() {
    let house = House::builder().budgets(ROOM).open().await;
    let mut sessions = Vec::new();
    for number in 100..140 {
        let (case, subject) = (
            format!("{number}"),
            format!("customer-{number}@acme.example"),
        );
        house.desk.open(&case, "alice", &subject, "acme");
        let asked = house.asking(&format!("desk:{case}"), &[("wiki", &["page.read"])], 30);
        sessions.push(house.activated(ALICE, &asked).await.session.id);
    }
    house.end(ALICE, &sessions[0]).await.unwrap();
    let mut stopped = stop(&house.control, &house.caller(SAM), &StopScope::All)
        .await
        .unwrap();
    stopped.ended.sort();
    sessions.remove(0);
    sessions.sort();
    assert_eq!(stopped.ended, sessions);
    assert!(house.live_sessions().await.is_empty());
    house.verify().await;
}

#[tokio::test]
async fn r18_a_scope_is_held_once_by_name_and_whoever_it_stops_does_not_lift_it() {
    let house = House::new().await;
    let on_sven = StopScope::Actor(SVEN.parse().unwrap());
    let first = stop(&house.control, &house.caller(SAM), &on_sven)
        .await
        .unwrap();
    let outcome = stop(&house.control, &house.caller(SVEN), &on_sven).await;
    let refusal = house
        .assert_refused(outcome, SVEN, "stop", Denial::AlreadyDecided)
        .await;
    assert!(refusal.detail.contains(first.hold.id.as_str()), "{refusal}");
    let outcome = lift(&house.control, &house.caller(SVEN), &first.hold.id).await;
    house
        .assert_refused(outcome, SVEN, "lift", Denial::ConflictOfInterest)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r18_any_number_of_holds_on_something_else_holds_nothing() {
    let house = House::new().await;
    for number in 0..230 {
        let subject = format!("customer-{number}@acme.example").parse().unwrap();
        let scope = StopScope::Subject(subject);
        stop(&house.control, &house.caller(SAM), &scope)
            .await
            .unwrap();
    }
    assert_eq!(holds(&house.control).await.unwrap().len(), 230);
    let session = live(&house).await;
    assert!(house.plane.holds(&session.id));
    house.verify().await;
}

/// Live under one set of files, taken up again under another.
async fn taken_up_after(change: impl FnOnce(&mut Files)) -> Option<EndedBecause> {
    let house = House::new().await;
    let session = live(&house).await;
    let shut = house.shut().await;
    let house = shut.changed(|it| it.files(change)).reopen().await.unwrap();
    house.run_jobs().await;
    let because = because(&house, &session.id).await;
    assert_eq!(house.plane.holds(&session.id), because.is_none());
    house.verify().await;
    because
}

#[tokio::test]
async fn r17_r18_a_live_session_does_not_outlive_employment_eligibility_or_policy() {
    let people = "catalog/people.toml";
    let nothing = taken_up_after(|files| {
        files.append(people, "# nobody came or went");
    });
    assert_eq!(nothing.await, None);
    let left = taken_up_after(|files| {
        let (name, gone) = (
            "name = \"Alice Archer\"",
            "name = \"Alice Archer\"\nactive = false",
        );
        files.replace(people, name, gone);
    });
    assert_eq!(left.await, Some(EndedBecause::ActorLeft));
    let ineligible = taken_up_after(|files| {
        let (role, other) = (
            "{ role = \"support\" }",
            "{ person = \"arno@corp.example\" }",
        );
        files.replace("catalog/eligibility.toml", role, other);
    });
    assert_eq!(ineligible.await, Some(EndedBecause::EligibilityLost));
    let tightened = taken_up_after(|files| {
        let rule = r#"
            @id("nobody-today")
            forbid (principal, action == Locum::Action::"activate", resource);"#;
        files.append("policies/house.cedar", rule);
    });
    assert_eq!(tightened.await, Some(EndedBecause::PolicyTightened));
}

#[tokio::test]
async fn r17_r28_an_eligibility_that_nobody_certified_ends_at_midnight_with_what_runs_on_it() {
    let last_day = "2027-02-15T22:45:00Z".parse().unwrap();
    let house = House::builder().opens_at(last_day).open().await;
    let mut jobs = Jobs::default();
    let session = live(&house).await;
    house.clock.advance_minutes(14);
    jobs.run_once(&house.control).await;
    assert!(house.plane.holds(&session.id));
    house.clock.advance_minutes(1);
    jobs.run_once(&house.control).await;
    assert_eq!(
        because(&house, &session.id).await,
        Some(EndedBecause::EligibilityLost)
    );
    house.verify().await;
}

#[tokio::test]
async fn r18_what_hangs_on_the_clock_does_not_wait_for_a_desk_that_hangs() {
    let house = House::new().await;
    let Jobs {
        mut due,
        mut look_ups,
    } = Jobs::default();
    let reading: &[(&str, &[&str])] = &[("crm", &["contact.read"])];
    let other = house
        .activated(ARNO, &house.asking("desk:9", reading, 15))
        .await
        .session;
    let session = live(&house).await;
    // One look-up never comes back; the other one is not in its way.
    let held = house.desk.look_ups.hold_next();
    look_ups.begin(&house.control).await;
    held.arrived().await;
    house.clock.advance(SignedDuration::from_secs(59));
    due.run(&house.control).await;
    assert!(house.plane.holds(&session.id), "within its grace");
    house.clock.advance(SignedDuration::from_secs(1));
    due.run(&house.control).await;
    assert_eq!(
        because(&house, &session.id).await,
        Some(EndedBecause::CaseUnreachable)
    );
    assert!(house.plane.holds(&other.id), "its case answered");
    house.clock.advance_minutes(15);
    due.run(&house.control).await;
    assert_eq!(
        because(&house, &other.id).await,
        Some(EndedBecause::Expired)
    );
    drop(held);
    house.verify().await;
}

#[tokio::test]
async fn r04_r18_a_closed_case_takes_its_unused_requests_along_and_reopened_revives_none() {
    let house = House::builder().budgets(ROOM).open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let approved = house.approved(&request).await;
    let mut pending = Vec::new();
    for _ in 0..30 {
        pending.push(house.filed(ALICE, &house.asked()).await);
    }
    let session = live(&house).await;
    house.desk.close("7");
    let signalled = house.closed_webhook("7", "delivery-1").await.unwrap();
    assert_eq!(signalled.ended, vec![session.id]);
    for request in pending.iter().chain([&approved]) {
        let state = house.request(&request.id).await.state;
        assert!(matches!(state, RequestState::Lapsed { .. }), "{state:?}");
    }
    let outcome = house.activate(ALICE, &approved.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::CaseNotOpen)
        .await;
    let outcome = house.approve(OSCAR, &pending[0].id).await;
    house
        .assert_refused(outcome, OSCAR, "approve", Denial::CaseNotOpen)
        .await;
    house.desk.reopen("7");
    let outcome = house.activate(ALICE, &approved.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::Lapsed)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r04_a_close_that_only_polling_saw_revives_no_grant_either() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approved(&request).await;
    house.desk.close("7");
    house.run_jobs().await;
    house.desk.reopen("7");
    let outcome = house.activate(ALICE, &request.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::Lapsed)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r13_what_lapses_unanswered_reaches_the_escalation_person_also_with_an_offer_or_late() {
    for is_offered in [false, true] {
        for is_late in [false, true] {
            let house = House::new().await;
            let scope: &[(&str, &[&str])] = &[("crm", &["contact.read"])];
            let asked = house.asking("desk:7", scope, 30);
            let request = house.filed(ALICE, &asked).await;
            if is_offered {
                let terms = OfferTerms {
                    duration: Some(Minutes(10)),
                    note: "ten minutes are enough".to_owned(),
                    ..OfferTerms::default()
                };
                offer(&house.control, &house.caller(PAUL), &request.id, &terms)
                    .await
                    .unwrap();
            }
            let whole = i64::from(request.route.decide_within.0);
            if !is_late {
                house.clock.advance_minutes(whole / 2);
                house.run_jobs().await;
                let escalated = house.request(&request.id).await.escalated;
                assert_eq!(escalated, Some(MIA.parse().unwrap()));
            }
            house.clock.advance_minutes(whole);
            house.run_jobs().await;
            house.run_jobs().await;
            let lapsed = house.request(&request.id).await;
            assert_eq!(lapsed.escalated, Some(MIA.parse().unwrap()));
            assert!(matches!(lapsed.state, RequestState::Lapsed { .. }));
            let kinds = house.kinds(&Stream::Request(request.id.clone())).await;
            let told = kinds
                .iter()
                .filter(|it| **it == "request-escalated")
                .count();
            assert_eq!(told, 1, "{kinds:?}");
            house.verify().await;
        }
    }
}

#[tokio::test]
async fn r18_a_session_stands_on_the_approvals_of_its_extension_too() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.approve(PRYA, &request.id).await.unwrap();
    let session = house.activate(ALICE, &request.id).await.unwrap().session;
    let caller = house.caller(ALICE);
    let why = "the second invoice has the same fault";
    let extension = extend(&house.control, &caller, &session.request, Minutes(15), why);
    let extension = extension.await.unwrap();
    house.approve(OSCAR, &extension.id).await.unwrap();
    house.approve(SVEN, &extension.id).await.unwrap();
    house.activate(ALICE, &extension.id).await.unwrap();
    let approvers = house.session(&session.id).await.approvers;
    let approvers: Vec<String> = approvers.iter().map(ToString::to_string).collect();
    assert_eq!(approvers, [OSCAR, PRYA, SVEN]);
    house.end(SVEN, &session.id).await.unwrap();
    assert_eq!(
        because(&house, &session.id).await,
        Some(EndedBecause::ApproverWithdrew)
    );
    let review = house.reviews_of(&session.id).await.pop().unwrap();
    assert!(review.barred.contains(&SVEN.parse().unwrap()));
    house.verify().await;
}

#[tokio::test]
async fn r27_when_policy_finds_no_reviewer_security_reviews_and_after_it_who_answers_for_the_chain()
{
    for (approver, reviewer) in [(PRYA, SVEN), (SVEN, MIA)] {
        let house = House::builder()
            .files(|files| {
                let people = "catalog/people.toml";
                // Nobody owns the security controls, and Alice has no manager.
                files.replace(people, "\"security-control-owner\"", "\"compliance\"");
                files.replace(people, "manager = \"mia@corp.example\"", "");
                files.replace(people, "\"security\", \"compliance\"", "\"compliance\"");
            })
            .open()
            .await;
        let request = house.filed(ALICE, &house.asked()).await;
        house.approve(OSCAR, &request.id).await.unwrap();
        house.approve(approver, &request.id).await.unwrap();
        let session = house.activate(ALICE, &request.id).await.unwrap().session;
        house.end(ALICE, &session.id).await.unwrap();
        let review = house.reviews_of(&session.id).await.pop().unwrap();
        assert_eq!(review.reviewer, Some(reviewer.parse().unwrap()));
        house.verify().await;
    }
}
