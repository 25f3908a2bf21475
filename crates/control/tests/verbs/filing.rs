//! What cannot be filed, and in which order it is said.

use locum_control::{Asked, Budgets, preview};
use locum_domain::{Denial, Event, Minutes, Stream};
use locum_testkit::house::House;

use crate::{ALICE, ANN, ARNO};

async fn refused(house: &House, asked: &Asked, denial: Denial) {
    let outcome = house.file(ALICE, asked).await;
    house.assert_refused(outcome, ALICE, "file", denial).await;
}

#[tokio::test]
async fn r01_r02_r03_everything_is_wrong_and_each_correction_shows_the_next_fault_in_the_contracts_order()
 {
    let house = House::new().await;
    house.desk.set_unreachable(true);
    house.desk.close("7");
    house.desk.reassign("7", "arno");
    let opened_by = |who: &str| {
        let who = Some(who.to_owned());
        house.desk.edit("7", |case| case.opened_by = who);
    };
    opened_by("alice");
    house.subjects.forget("billing", "carla@acme.example");

    let scope: &[(&str, &[&str])] = &[("billing", &["invoice.write"]), ("payroll", &["pay"])];
    let mut asked = house.asking("desk:7", scope, 999);
    asked.reason = "please".to_owned();
    asked.subject = Some("dora@acme.example".parse().unwrap());
    refused(&house, &asked, Denial::ReasonMissing).await;

    asked.reason = house.asked().reason;
    refused(&house, &asked, Denial::UnknownOperation).await;
    let asking = |scope, asked: &Asked| Asked {
        applications: house.asking("desk:7", scope, 1).applications,
        ..asked.clone()
    };
    let asked = asking(&[("payroll", &["pay"])], &asked);
    refused(&house, &asked, Denial::UnknownApplication).await;
    let asked = asking(&[("billing", &["payout.create"])], &asked);
    refused(&house, &asked, Denial::ClosedOperation).await;
    let asked = asking(&[("crm", &["contact.update"])], &asked);
    refused(&house, &asked, Denial::NotEligible).await;
    let mut asked = asking(&[("billing", &["invoice.read"])], &asked);
    refused(&house, &asked, Denial::DurationTooLong).await;

    asked.duration = Minutes(30);
    refused(&house, &asked, Denial::CaseUnreachable).await;
    house.desk.set_unreachable(false);
    refused(&house, &asked, Denial::CaseNotOpen).await;
    house.desk.reopen("7");
    refused(&house, &asked, Denial::NotTheAssignee).await;
    house.desk.reassign("7", "alice");
    refused(&house, &asked, Denial::CaseMismatch).await;
    asked.subject = None;
    refused(&house, &asked, Denial::SelfMadeCase).await;

    opened_by("oscar");
    refused(&house, &asked, Denial::SubjectUnknown).await;
    house
        .subjects
        .set_tenant("billing", "carla@acme.example", "globex");
    refused(&house, &asked, Denial::CaseMismatch).await;
    house
        .subjects
        .set_role("billing", "carla@acme.example", "administrator");
    refused(&house, &asked, Denial::ProtectedSubject).await;
    house
        .subjects
        .set_role("billing", "carla@acme.example", "customer");
    refused(&house, &asked, Denial::NoApproverLeft).await;
    opened_by("carla@acme.example");
    house.filed(ALICE, &asked).await;
    house.verify().await;
}

#[tokio::test]
async fn r01_what_is_not_said_one_by_one_with_an_end_is_malformed() {
    let house = House::new().await;
    let asked = |scope| house.asking("desk:7", scope, 30);
    for scope in [
        &[][..],
        &[("billing", &[][..])],
        &[
            ("billing", &["invoice.read"][..]),
            ("billing", &["invoice.read"]),
        ],
    ] {
        refused(&house, &asked(scope), Denial::Malformed).await;
    }
    let without_end = house.asking("desk:7", &[("billing", &["invoice.read"])], 0);
    refused(&house, &without_end, Denial::Malformed).await;
    house.verify().await;
}

#[tokio::test]
async fn r01_a_boilerplate_reason_is_no_reason() {
    let house = House::new().await;
    for reason in ["", "support", "fix fix fix fix fix", "asdf asdf asdf asdf"] {
        let asked = Asked {
            reason: reason.to_owned(),
            ..house.asked()
        };
        refused(&house, &asked, Denial::ReasonMissing).await;
    }
    house.verify().await;
}

#[tokio::test]
async fn r02_a_case_without_a_subject_is_about_nobody() {
    let house = House::new().await;
    house.desk.edit("7", |case| case.subject = None);
    refused(&house, &house.asked(), Denial::CaseMismatch).await;
    house.desk.close("7");
    refused(&house, &house.asked(), Denial::CaseNotOpen).await;
    house.verify().await;
}

#[tokio::test]
async fn r02_a_case_that_the_desk_does_not_know_is_not_open() {
    let house = House::new().await;
    let asked = |case| house.asking(case, &[("billing", &["invoice.read"])], 30);
    refused(&house, &asked("desk:999"), Denial::CaseNotOpen).await;
    refused(&house, &asked("elsewhere:7"), Denial::CaseNotOpen).await;
    house.verify().await;
}

#[tokio::test]
async fn r02_a_queue_is_nobody_and_an_unassigned_case_is_nobodys() {
    let house = House::new().await;
    house.desk.reassign("7", "first-line");
    refused(&house, &house.asked(), Denial::NotTheAssignee).await;
    house.desk.edit("7", |case| case.assignee = None);
    refused(&house, &house.asked(), Denial::NotTheAssignee).await;
    house.verify().await;
}

#[tokio::test]
async fn r02_a_case_of_unknown_origin_needs_a_second_approver_and_the_card_says_so_first() {
    let house = House::new().await;
    house.desk.edit("7", |case| case.opened_by = None);
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let request = house.filed(ALICE, &crm).await;
    let authorities: Vec<_> = request
        .route
        .steps
        .iter()
        .map(|it| it.authority.as_str())
        .collect();
    assert_eq!(authorities, ["application-owner", "next-authority"]);
    assert!(
        request.warnings[0].contains("cannot tell"),
        "{:?}",
        request.warnings
    );
    house.verify().await;
}

#[tokio::test]
async fn r04_r20_limits_per_person_hold_when_several_file_at_once() {
    let budgets = Budgets {
        open_requests: 1,
        live_sessions: 1,
        subjects_per_day: 1,
    };
    let house = House::builder().budgets(budgets).open().await;
    let asked = house.asked();
    let (one, other) = tokio::join!(house.file(ALICE, &asked), house.file(ALICE, &asked));
    let refusals: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(refusals[0].denial, Denial::TooManyOpen);
    let other_subject = house.asking("desk:8", &[("billing", &["invoice.read"])], 30);
    refused(&house, &other_subject, Denial::BudgetSpent).await;
    refused(&house, &asked, Denial::TooManyOpen).await;
    house.verify().await;
}

#[tokio::test]
async fn r03_a_vendors_agent_is_kept_out_at_night_by_the_operators_own_rule() {
    let house = House::new().await;
    let asked = house.asking("desk:10", &[("billing", &["invoice.read"])], 30);
    house.filed(ANN, &asked).await;
    house.clock.set("2026-08-03T20:30:00Z".parse().unwrap());
    let outcome = house.file(ANN, &asked).await;
    let refusal = house
        .assert_refused(outcome, ANN, "file", Denial::NotEligible)
        .await;
    assert_eq!(
        refusal.rule.as_deref(),
        Some("no-vendor-in-regulated-at-night")
    );
    house.verify().await;
}

#[tokio::test]
async fn r03_somebody_else_files_only_for_an_actor_who_is_there_and_eligible() {
    let house = House::new().await;
    let mut asked = house.asked();
    asked.actor = Some("nobody@corp.example".parse().unwrap());
    let outcome = house.file(ARNO, &asked).await;
    let refusal = house
        .assert_refused(outcome, ARNO, "file", Denial::NotEligible)
        .await;
    assert_eq!(refusal.pointer.as_deref(), Some("/actor"));
    asked.actor = Some(ALICE.parse().unwrap());
    let request = house.filed(ARNO, &asked).await;
    assert_eq!(
        (request.requester.as_str(), request.actor.as_str()),
        (ARNO, ALICE)
    );
    house.verify().await;
}

#[tokio::test]
async fn r22_a_preview_is_on_the_record_and_files_nothing() {
    let house = House::new().await;
    let caller = house.caller(ALICE);
    let shown = preview::preview(&house.control, &caller, &house.asked())
        .await
        .unwrap();
    assert_eq!(shown.route.steps.len(), 2);
    assert!(house.states("request", &[]).await.is_empty());
    let newest = house.history().await.pop().unwrap();
    assert!(matches!(newest.event, Event::RequestPreviewed { .. }));
    assert_eq!(newest.stream, Stream::Principal(ALICE.parse().unwrap()));

    house.desk.close("7");
    let outcome = preview::preview(&house.control, &caller, &house.asked()).await;
    house
        .assert_refused(outcome, ALICE, "preview", Denial::CaseNotOpen)
        .await;
    house.verify().await;
}
