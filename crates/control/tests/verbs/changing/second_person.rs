//! What loosens anything waits for a second person.

use locum_control::change::{confirm_change, propose_change};
use locum_domain::change::ChangeState;
use locum_domain::{Denial, Stream};
use locum_testkit::house::House;

use super::draft::{
    BILLING, CRM, ELIGIBILITY, FOR_ARNO, PEOPLE, confirm, digest, draft, for_arno, propose,
};
use crate::{ALICE, ARNO, AUDREY, MIA, OSCAR, PETRA, SAM, SVEN};

/// A third colleague, who is security too.
const MORE_SECURITY: &str = r#"
[[person]]
id = "sue@corp.example"
name = "Sue Shaw"
roles = ["security"]
accounts = [{ system = "desk", id = "sue" }]
"#;
const SUE: &str = "sue@corp.example";

async fn with_more_security() -> House {
    let builder = House::builder().files(|files| {
        files.append("catalog/people.toml", MORE_SECURITY);
    });
    builder.open().await
}

#[tokio::test]
async fn r33_what_loosens_something_counts_once_a_second_person_confirms_it_and_not_before() {
    let house = House::new().await;
    let before = house.control.in_force();
    let id = for_arno(&house).await;
    assert_eq!(house.control.in_force().applied, before.applied);
    let asked = house.asking("desk:9", &[("billing", &["invoice.resend"])], 10);
    let outcome = house.file(ARNO, &asked).await;
    house
        .assert_refused(outcome, ARNO, "file", Denial::NotEligible)
        .await;
    let seen = confirm(&house, SVEN, &id).await.unwrap();
    let sven = SVEN.parse().unwrap();
    let state = &seen.change.state;
    assert!(
        matches!(state, ChangeState::Applied { confirmed_by, .. } if confirmed_by.as_ref() == Some(&sven))
    );
    let in_force = house.control.in_force();
    assert_eq!(in_force.applied.change, Some(id.clone()));
    assert_eq!(in_force.applied.by, Some(SAM.parse().unwrap()));
    assert_eq!(in_force.applied.confirmed_by, Some(sven));
    assert_eq!(in_force.version, before.version + 1);
    house.filed(ARNO, &asked).await;
    let about = house.kinds(&Stream::Change(id.clone())).await;
    assert_eq!(about, ["change-proposed", "change-applied"]);
    let again = confirm(&house, SVEN, &id).await;
    house
        .assert_refused(again, SVEN, "confirm-change", Denial::AlreadyDecided)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r05_r33_neither_the_proposer_nor_who_gains_nor_who_has_no_authority_confirms() {
    let house = with_more_security().await;
    let seen = propose(&house, SAM, |draft| {
        draft.append(ELIGIBILITY, &FOR_ARNO.replace(ARNO, SVEN));
    });
    let seen = seen.await.unwrap();
    assert_eq!(seen.could_confirm, [SUE.parse().unwrap()]);
    assert_eq!(
        seen.may_confirm.unwrap_err().denial,
        Denial::SecondPersonRequired
    );
    let id = seen.change.id;
    for (by, denial) in [
        (SAM, Denial::SecondPersonRequired),
        (SVEN, Denial::ConflictOfInterest),
        (OSCAR, Denial::NotAnApprover),
        (AUDREY, Denial::NotAnApprover),
        // Not of their concern: for them there is no such change.
        (ALICE, Denial::NotFound),
        (MIA, Denial::NotFound),
        (PETRA, Denial::NotFound),
        ("aida", Denial::NotFound),
    ] {
        let outcome = confirm(&house, by, &id).await;
        house
            .assert_refused(outcome, by, "confirm-change", denial)
            .await;
    }
    assert_eq!(house.control.in_force().version, 1);
    confirm(&house, SUE, &id).await.unwrap();
    assert_eq!(house.control.in_force().version, 2);
    house.verify().await;
}

#[tokio::test]
async fn r05_r33_an_account_that_the_change_makes_the_proposers_own_confirms_nothing() {
    let house = with_more_security().await;
    let seen = propose(&house, SAM, |draft| {
        let people = draft.files[PEOPLE].clone();
        let from = people
            .find("[[person]]\nid = \"sven@corp.example\"")
            .unwrap();
        let to = people
            .find("[[person]]\nid = \"prya@corp.example\"")
            .unwrap();
        draft.replace(PEOPLE, &people[from..to], "");
        let sams = r#"accounts = [{ system = "desk", id = "sam" }]"#;
        let both = r#"accounts = [{ system = "desk", id = "sam" }, { system = "corp", id = "sven@corp.example" }]"#;
        draft.replace(PEOPLE, sams, both);
    });
    let seen = seen.await.unwrap();
    assert_eq!(seen.could_confirm, [SUE.parse().unwrap()]);
    let outcome = confirm(&house, SVEN, &seen.change.id).await;
    house
        .assert_refused(
            outcome,
            SVEN,
            "confirm-change",
            Denial::SecondPersonRequired,
        )
        .await;
    confirm(&house, SUE, &seen.change.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r33_what_everybody_who_could_confirm_gains_by_is_refused_before_anybody_waits() {
    let house = House::new().await;
    let seen = propose(&house, SAM, |draft| {
        draft.append(ELIGIBILITY, &FOR_ARNO.replace(ARNO, SVEN));
    });
    house
        .assert_refused(seen.await, SAM, "apply", Denial::NoApproverLeft)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_an_owner_changes_their_own_applications_file_and_nothing_else() {
    let house = House::new().await;
    let others_file = propose(&house, OSCAR, |draft| {
        draft.replace(CRM, "name = \"Customer records\"", "name = \"Contacts\"");
    });
    house
        .assert_refused(others_file.await, OSCAR, "apply", Denial::NotAnApprover)
        .await;
    let and_more = propose(&house, OSCAR, |draft| {
        draft.replace(BILLING, "name = \"Billing\"", "name = \"Invoices\"");
        draft.append(ELIGIBILITY, FOR_ARNO);
    });
    house
        .assert_refused(and_more.await, OSCAR, "apply", Denial::NotAnApprover)
        .await;
    let and_settings = propose(&house, OSCAR, |draft| {
        draft.replace(BILLING, "name = \"Billing\"", "name = \"Invoices\"");
        draft.set("/budgets/open_requests", 1);
    });
    house
        .assert_refused(and_settings.await, OSCAR, "apply", Denial::NotAnApprover)
        .await;
    let nobody = propose(&house, ALICE, |draft| {
        draft.replace(BILLING, "name = \"Billing\"", "name = \"Invoices\"");
    });
    house
        .assert_refused(nobody.await, ALICE, "apply", Denial::NotAnApprover)
        .await;
    let own = propose(&house, OSCAR, |draft| {
        let resends = "id = \"invoice.resend\"\n";
        draft.replace(BILLING, resends, &format!("{resends}closed = \"money\"\n"));
    });
    let own = own.await.unwrap();
    assert_eq!(own.change.state.as_str(), "applied");
    let catalog = house.control.in_force().catalog.clone();
    let billing = &catalog.applications[&"billing".parse().unwrap()];
    let resend = &billing.operations[&"invoice.resend".parse().unwrap()];
    assert!(resend.closed.is_some());
    house.verify().await;
}

#[tokio::test]
async fn r13_r33_a_confirmation_covers_what_was_shown_on_the_base_it_was_shown_on() {
    let house = House::new().await;
    let control = &house.control;
    let id = for_arno(&house).await;
    let sven = house.caller(SVEN);
    let other = confirm_change(control, &sven, &id, &"0".repeat(64), None).await;
    house
        .assert_refused(other, SVEN, "confirm-change", Denial::StaleApproval)
        .await;
    // Meanwhile somebody takes something away, at once.
    let old = draft(&house, |draft| {
        draft.append(ELIGIBILITY, &FOR_ARNO.replace("arno", "ann"));
    });
    let old = locum_control::change::ProposedChange {
        base: Some(control.in_force().applied.digest.clone()),
        ..old
    };
    let tighter = propose(&house, SVEN, |draft| {
        draft.set("/budgets/open_requests", 3);
    });
    assert_eq!(tighter.await.unwrap().change.state.as_str(), "applied");
    let stale = confirm(&house, SVEN, &id).await;
    let refusal = house
        .assert_refused(stale, SVEN, "confirm-change", Denial::StaleApproval)
        .await;
    assert!(refusal.detail.contains("plan it again"), "{refusal}");
    let stale = propose_change(control, &house.caller(SAM), &old).await;
    let refusal = house
        .assert_refused(stale, SAM, "apply", Denial::StaleApproval)
        .await;
    assert!(refusal.detail.contains("plan it again"), "{refusal}");
    assert_eq!(control.in_force().version, 2);
    house.verify().await;
}

#[tokio::test]
async fn r33_of_two_who_confirm_at_the_same_moment_one_lets_it_count_and_it_counts_once() {
    let house = House::new().await;
    let proposed = propose(&house, OSCAR, |draft| {
        draft.replace(BILLING, "closed = \"money\"\n", "");
    });
    let id = proposed.await.unwrap().change.id;
    let held = house.store.commits.hold_next();
    let (first, second) = tokio::join!(confirm(&house, SVEN, &id), async {
        held.arrived().await;
        let second = confirm(&house, SAM, &id);
        tokio::pin!(second);
        // Far enough to have judged what the first is about to change.
        let judged = tokio::time::timeout(std::time::Duration::from_millis(400), &mut second).await;
        assert!(judged.is_err(), "the second did not wait for the first");
        held.release();
        second.await
    });
    first.unwrap();
    house
        .assert_refused(second, SAM, "confirm-change", Denial::AlreadyDecided)
        .await;
    assert_eq!(house.control.in_force().version, 2);
    let applied = house.kinds(&Stream::Governance).await;
    assert_eq!(applied, ["founded", "applied"]);
    assert_eq!(
        digest(&house, &id).await,
        house.control.in_force().applied.digest
    );
    house.verify().await;
}
