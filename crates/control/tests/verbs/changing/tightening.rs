//! What takes something away counts at once, and whatever stands on it ends.

use locum_control::Difference;
use locum_domain::session::EndedBecause;
use locum_domain::{Denial, RequestState};
use locum_testkit::house::House;

use super::draft::{BILLING, ELIGIBILITY, POLICY, propose};
use super::production;
use crate::{ALICE, ARNO, OSCAR, SAM};

const NO_ALICE: &str = r#"
@id("alice-is-not-to-ask")
@because("alice changed teams")
@remedy("ask her successor")
forbid (principal == Locum::Person::"alice@corp.example", action == Locum::Action::"file", resource);
"#;

#[tokio::test]
async fn r17_r33_a_tightening_counts_at_once_and_what_stood_on_the_old_rules_ends() {
    let house = House::new().await;
    let alices = house.activated(ALICE, &house.asked()).await.session;
    let open = house.asking("desk:8", &[("billing", &["invoice.read"])], 20);
    let open = house.filed(ALICE, &open).await;
    let beside = house.asking("desk:9", &[("crm", &["contact.read"])], 20);
    let beside = house.activated(ARNO, &beside).await.session;
    let seen = propose(&house, OSCAR, |draft| {
        let reads = "id = \"invoice.read\"\n";
        draft.replace(BILLING, reads, &format!("{reads}closed = \"money\"\n"));
    });
    let seen = seen.await.unwrap();
    assert_eq!(seen.change.state.as_str(), "applied");
    assert!(seen.change.loosens.is_empty() && seen.could_confirm.is_empty());
    let in_force = house.control.in_force();
    assert_eq!(in_force.applied.digest, seen.change.digest);
    assert_eq!(in_force.applied.confirmed_by, None);
    let ended = house.session(&alices.id).await.ended.unwrap();
    assert_eq!(ended.because, EndedBecause::PolicyTightened);
    let state = house.request(&open.id).await.state;
    assert!(matches!(state, RequestState::Lapsed { .. }), "{state:?}");
    assert!(house.session(&beside.id).await.ended.is_none());
    let outcome = house.file(ALICE, &house.asked()).await;
    house
        .assert_refused(outcome, ALICE, "file", Denial::ClosedOperation)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_who_is_no_longer_eligible_loses_the_session_and_says_why() {
    let house = House::new().await;
    let resend = house.asking("desk:7", &[("billing", &["invoice.resend"])], 20);
    let session = house.activated(ALICE, &resend).await.session;
    let seen = propose(&house, SAM, |draft| {
        let rule = draft.files[ELIGIBILITY].clone();
        let from = rule
            .find("[[eligibility]]\nid = \"alice-resends\"")
            .unwrap();
        let to = rule.find("[[eligibility]]\nid = \"aida-triage\"").unwrap();
        draft.replace(ELIGIBILITY, &rule[from..to], "");
    });
    assert_eq!(seen.await.unwrap().change.state.as_str(), "applied");
    let ended = house.session(&session.id).await.ended.unwrap();
    assert_eq!(ended.because, EndedBecause::EligibilityLost);
    house.verify().await;
}

#[tokio::test]
async fn r33_settings_count_at_once_and_those_that_wait_for_a_start_are_named() {
    let house = House::new().await;
    let seen = propose(&house, SAM, |draft| {
        draft.set("/budgets/open_requests", 1);
    });
    let seen = seen.await.unwrap();
    assert_eq!(seen.change.state.as_str(), "applied");
    assert!(seen.restart.is_empty(), "{:?}", seen.restart);
    assert_eq!(house.control.settings().budgets.open_requests, 1);
    house.filed(ALICE, &house.asked()).await;
    let second = house.asking("desk:8", &[("crm", &["contact.read"])], 20);
    let outcome = house.file(ALICE, &second).await;
    house
        .assert_refused(outcome, ALICE, "file", Denial::TooManyOpen)
        .await;
    let seen = propose(&house, SAM, |draft| {
        draft.set("/connectors/desk/grace_seconds", 120);
    });
    let seen = seen.await.unwrap();
    assert_eq!(seen.change.state.as_str(), "waiting");
    assert!(
        seen.restart.iter().any(|it| it.contains("[connectors]")),
        "{:?}",
        seen.restart
    );
    let seen = propose(&house, OSCAR, |draft| {
        draft.replace(
            BILLING,
            "record =",
            "address = \"127.0.0.1:9301\"\nrecord =",
        );
    });
    let seen = seen.await.unwrap();
    assert!(
        seen.restart.iter().any(|it| it.contains("`address`")),
        "{:?}",
        seen.restart
    );
    house.verify().await;
}

#[tokio::test]
async fn r33_a_production_server_starts_with_what_was_applied_and_not_with_its_files() {
    let house = production().open().await;
    let sam = house.sure(SAM);
    let proposed = super::draft::draft(&house, |draft| {
        draft.append(POLICY, NO_ALICE);
    });
    let seen = locum_control::change::propose_change(&house.control, &sam, &proposed).await;
    let digest = seen.unwrap().change.digest;
    let house = house.shut().await.reopen().await.unwrap();
    let in_force = house.control.in_force();
    assert_eq!(in_force.applied.digest, digest);
    assert_eq!(
        (in_force.version, in_force.difference),
        (2, Difference::Pending)
    );
    let outcome = house.file(ALICE, &house.asked()).await;
    house
        .assert_refused(outcome, ALICE, "file", Denial::NotEligible)
        .await;
    house.verify().await;
}
