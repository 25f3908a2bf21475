//! Who decides, on what, and how often.

use locum_control::approve::{Approve, approve};
use locum_control::{answer, ask, deny};
use locum_domain::{Authority, Denial, Request, RequestState};
use locum_testkit::house::House;

use crate::{AIDA, ALICE, ANN, ARNO, BEA, MIA, OLGA, OSCAR, PAUL, PETRA, PRYA, SAM, SVEN};

async fn refused(house: &House, by: &str, request: &Request, denial: Denial) {
    let outcome = house.approve(by, &request.id).await;
    house.assert_refused(outcome, by, "approve", denial).await;
}

#[tokio::test]
async fn r05_r06_who_may_not_decide_is_told_why_before_anything_else() {
    let house = House::new().await;
    let mut asked = house.asked();
    asked.actor = Some(ALICE.parse().unwrap());
    let by_another = house.filed(ARNO, &asked).await;
    let own = house.filed(ALICE, &house.asked()).await;
    let vendors = house.asking("desk:10", &[("billing", &["invoice.read"])], 30);
    let vendors = house.filed(ANN, &vendors).await;
    let agents = house.asking("desk:11", &[("crm", &["contact.read"])], 10);
    let agents = house.filed(AIDA, &agents).await;

    for (request, who, denial) in [
        (&own, ALICE, Denial::SelfApproval),
        (&by_another, ARNO, Denial::SelfApproval),
        // Asked to activate for somebody else: gains from it.
        (&by_another, ALICE, Denial::ConflictOfInterest),
        (&vendors, ANN, Denial::SelfApproval),
        (&vendors, BEA, Denial::ConflictOfInterest),
        (&agents, OLGA, Denial::ConflictOfInterest),
        (&agents, AIDA, Denial::NonHumanApprover),
        (&own, AIDA, Denial::NonHumanApprover),
        (&own, "support-team@corp.example", Denial::NotANamedPerson),
        (&own, PETRA, Denial::NotAnApprover),
        (&own, MIA, Denial::NotAnApprover),
        (&agents, OSCAR, Denial::NotAnApprover),
    ] {
        refused(&house, who, request, denial).await;
        // The same before a stale digest is looked at.
        let stale = Approve {
            scope_digest: "0".repeat(64),
            ..Approve::default()
        };
        let outcome = approve(&house.control, &house.caller(who), &request.id, &stale).await;
        house.assert_refused(outcome, who, "approve", denial).await;
        let outcome = deny::deny(&house.control, &house.caller(who), &request.id, "no way").await;
        house.assert_refused(outcome, who, "deny", denial).await;
    }
    house.verify().await;
}

#[tokio::test]
async fn r05_whoever_opened_the_case_or_set_its_subject_does_not_approve_access_for_it() {
    let house = House::new().await;
    house
        .desk
        .edit("7", |case| case.subject_set_by = Some("prya".to_owned()));
    let request = house.filed(ALICE, &house.asked()).await;
    refused(&house, PRYA, &request, Denial::ConflictOfInterest).await;
    house.approve(SVEN, &request.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r09_two_different_people_decide_in_any_order_and_the_digest_stays() {
    for order in [[OSCAR, PRYA], [PRYA, OSCAR], [SAM, OSCAR]] {
        let house = House::new().await;
        let request = house.filed(ALICE, &house.asked()).await;
        let half = house.approve(order[0], &request.id).await.unwrap();
        assert!(matches!(half.state, RequestState::Pending { .. }));
        assert_eq!(half.scope_digest(), request.scope_digest());
        refused(&house, order[0], &request, Denial::AlreadyDecided).await;
        let outcome = house.activate(ALICE, &request.id).await;
        house
            .assert_refused(outcome, ALICE, "activate", Denial::MissingApproval)
            .await;
        let whole = house.approve(order[1], &request.id).await.unwrap();
        assert!(matches!(whole.state, RequestState::Approved { .. }));
        assert!(whole.grant.is_some());
        house.verify().await;
    }
}

#[tokio::test]
async fn r09_one_person_with_both_authorities_gives_one_of_the_two_approvals() {
    let house = House::builder()
        .files(|files| {
            let oscar = "name = \"Oscar Owens\"";
            let both = "name = \"Oscar Owens\"\nroles = [\"privacy\"]";
            files.replace("catalog/people.toml", oscar, both);
        })
        .open()
        .await;
    let request = house.filed(ALICE, &house.asked()).await;
    let half = house.approve(OSCAR, &request.id).await.unwrap();
    assert_eq!(half.route.approvals().count(), 1);
    refused(&house, OSCAR, &request, Denial::AlreadyDecided).await;
    // Oscar took the step that only he could take.
    house.approve(PRYA, &request.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r13_an_approval_of_anything_else_than_what_is_shown_is_stale() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    for digest in [
        "",
        &"0".repeat(64),
        &request.scope_digest().as_str().to_uppercase(),
    ] {
        let words = Approve {
            scope_digest: digest.to_owned(),
            ..Approve::default()
        };
        let outcome = approve(&house.control, &house.caller(OSCAR), &request.id, &words).await;
        house
            .assert_refused(outcome, OSCAR, "approve", Denial::StaleApproval)
            .await;
    }
    house.verify().await;
}

#[tokio::test]
async fn r08_a_crossing_needs_both_texts_of_a_named_manager_or_security_control_owner() {
    let house = House::new().await;
    let scope: &[(&str, &[&str])] = &[("billing", &["invoice.read"]), ("crm", &["contact.read"])];
    let request = house.filed(ALICE, &house.asking("desk:7", scope, 30)).await;
    let authorities: Vec<_> = request.route.steps.iter().map(|it| it.authority).collect();
    let wanted = [
        Authority::ApplicationOwner,
        Authority::ApplicationOwner,
        Authority::ManagerOrSecurityControlOwner,
        Authority::SecurityOrPrivacyOrCompliance,
    ];
    assert_eq!(authorities, wanted);
    let both = house.approval_of(&request.id).await;
    for (words, pointer) in [
        (
            Approve {
                unavoidable_because: None,
                ..both.clone()
            },
            "/unavoidable_because",
        ),
        (
            Approve {
                compensating_controls: vec!["  ".to_owned()],
                ..both.clone()
            },
            "/compensating_controls",
        ),
    ] {
        let outcome = approve(&house.control, &house.caller(MIA), &request.id, &words).await;
        let refusal = house
            .assert_refused(outcome, MIA, "approve", Denial::ReasonMissing)
            .await;
        assert_eq!(refusal.pointer.as_deref(), Some(pointer));
    }
    let approved = approve(&house.control, &house.caller(MIA), &request.id, &both)
        .await
        .unwrap();
    let step = &approved.route.steps[2];
    let approval = step.approval.as_ref().unwrap();
    assert!(approval.unavoidable_because.is_some() && !approval.compensating_controls.is_empty());
    for who in [OSCAR, PAUL, SAM] {
        house.approve(who, &request.id).await.unwrap();
    }
    house.activate(ALICE, &request.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r08_a_second_application_on_the_case_or_for_the_subject_takes_the_crossing_route() {
    let house = House::new().await;
    house.filed(ALICE, &house.asked()).await;
    let crossing = |request: &Request| {
        let mut steps = request.route.steps.iter();
        steps.any(|it| it.authority == Authority::ManagerOrSecurityControlOwner)
    };
    let same_case = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    assert!(crossing(&house.filed(ALICE, &same_case).await));
    // Another actor on another case, and the same subject within a day.
    let same_subject = house.asking("desk:9", &[("crm", &["contact.read"])], 30);
    assert!(crossing(&house.filed(ARNO, &same_subject).await));
    let other = house.asking("desk:8", &[("crm", &["contact.read"])], 30);
    assert!(!crossing(&house.filed(ALICE, &other).await));
    house.verify().await;
}

#[tokio::test]
async fn r07_r10_one_application_is_decided_by_its_owner_and_a_low_one_by_its_delegate() {
    let house = House::new().await;
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let crm = house.filed(ALICE, &crm).await;
    let approved = house.approve(PETRA, &crm.id).await.unwrap();
    assert!(matches!(approved.state, RequestState::Approved { .. }));
    refused(&house, PAUL, &crm, Denial::AlreadyDecided).await;

    let wiki = house.asking("desk:8", &[("wiki", &["page.read"])], 30);
    let wiki = house.filed(ALICE, &wiki).await;
    refused(&house, PETRA, &wiki, Denial::NotAnApprover).await;
    house.approve(PAUL, &wiki.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r11_an_emergency_is_answered_by_a_named_person_of_the_written_list_alone() {
    let house = House::new().await;
    let mut asked = house.asking("desk:7", &[("billing", &["invoice.read"])], 30);
    asked.break_glass = true;
    let request = house.filed(ALICE, &asked).await;
    refused(&house, SAM, &request, Denial::NotAnApprover).await;
    refused(&house, ALICE, &request, Denial::SelfApproval).await;
    let approved = house.approve(OSCAR, &request.id).await.unwrap();
    assert!(matches!(approved.state, RequestState::Approved { .. }));
    asked.duration = locum_domain::Minutes(31);
    let outcome = house.file(ALICE, &asked).await;
    house
        .assert_refused(outcome, ALICE, "file", Denial::DurationTooLong)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r13_a_denial_ends_the_request_and_meets_it_again_when_it_is_filed_again() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let caller = house.caller(OSCAR);
    let outcome = deny::deny(&house.control, &caller, &request.id, " ").await;
    house
        .assert_refused(outcome, OSCAR, "deny", Denial::ReasonMissing)
        .await;
    let reason = "the case says nothing about invoices";
    let denied = deny::deny(&house.control, &caller, &request.id, reason)
        .await
        .unwrap();
    assert!(matches!(denied.state, RequestState::Denied { .. }));
    refused(&house, PRYA, &request, Denial::AlreadyDecided).await;
    let outcome = house.activate(ALICE, &request.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::AlreadyDecided)
        .await;

    let again = house.filed(ALICE, &house.asked()).await;
    assert!(
        again.warnings.iter().any(|it| it.contains(reason)),
        "{:?}",
        again.warnings
    );
    assert_eq!(again.route.steps[0].rule, "guard-refiled");
    assert_eq!(again.route.steps[0].approvers, vec![OSCAR.parse().unwrap()]);
    house.verify().await;
}

#[tokio::test]
async fn r06_where_signatures_are_demanded_an_approval_without_one_is_refused() {
    let house = House::builder().signature_demanded().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    refused(&house, OSCAR, &request, Denial::SignatureRequired).await;
    house.verify().await;
}

#[tokio::test]
async fn an_approver_asks_and_the_requester_answers_on_the_card() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let (control, id) = (&house.control, &request.id);
    let outcome = ask::ask(control, &house.caller(PETRA), id, "Which invoice?").await;
    house
        .assert_refused(outcome, PETRA, "ask", Denial::NotAnApprover)
        .await;
    let outcome = answer::answer(control, &house.caller(ALICE), id, "August").await;
    house
        .assert_refused(outcome, ALICE, "answer", Denial::AlreadyDecided)
        .await;
    ask::ask(control, &house.caller(OSCAR), id, "Which invoice?")
        .await
        .unwrap();
    let outcome = answer::answer(control, &house.caller(OSCAR), id, "August").await;
    house
        .assert_refused(outcome, OSCAR, "answer", Denial::NotAnApprover)
        .await;
    let answered = answer::answer(control, &house.caller(ALICE), id, "August")
        .await
        .unwrap();
    assert_eq!(answered.questions[0].answer.as_deref(), Some("August"));
    assert_eq!(answered.scope_digest(), request.scope_digest());
    house.verify().await;
}
