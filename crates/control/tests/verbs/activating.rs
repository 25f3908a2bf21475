//! Activation: everything is looked at again, and a grant is used once.

use locum_control::activate::Activated;
use locum_control::open_application::open_application;
use locum_control::{Budgets, Door, activate};
use locum_domain::{Denial, Request};
use locum_testkit::house::{Files, House};

use crate::{ALICE, ARNO, AUDREY, MIA, OSCAR, PETRA};

async fn refused(house: &House, request: &Request, denial: Denial) {
    let outcome = house.activate(ALICE, &request.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", denial)
        .await;
    assert!(house.live_sessions().await.is_empty());
}

async fn approved(house: &House) -> Request {
    let request = house.filed(ALICE, &house.asked()).await;
    house.approved(&request).await
}

#[tokio::test]
async fn r02_r16_the_case_is_looked_up_again_and_every_change_refuses() {
    let house = House::new().await;
    let request = approved(&house).await;
    house.desk.set_unreachable(true);
    refused(&house, &request, Denial::CaseUnreachable).await;
    house.desk.set_unreachable(false);
    house.desk.close("7");
    refused(&house, &request, Denial::CaseNotOpen).await;
    house.desk.reopen("7");
    house.desk.reassign("7", "arno");
    refused(&house, &request, Denial::NotTheAssignee).await;
    house.desk.reassign("7", "alice");
    let subject = |who: &str| {
        let who = who.parse().unwrap();
        house.desk.edit("7", |case| case.subject = Some(who));
    };
    subject("dora@acme.example");
    refused(&house, &request, Denial::CaseMismatch).await;
    subject("carla@acme.example");
    house.desk.forget("7");
    refused(&house, &request, Denial::CaseNotOpen).await;
    house.desk.open("7", "alice", "carla@acme.example", "acme");
    house.activate(ALICE, &request.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r04_one_grant_is_one_activation_and_a_reopened_case_revives_nothing() {
    let house = House::new().await;
    let request = approved(&house).await;
    house.activate(ALICE, &request.id).await.unwrap();
    let outcome = house.activate(ALICE, &request.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::AlreadyDecided)
        .await;
    house.desk.close("7");
    house.closed_webhook("7", "delivery-1").await.unwrap();
    house.desk.reopen("7");
    house.run_jobs().await;
    refused(&house, &request, Denial::AlreadyDecided).await;
    house.verify().await;
}

#[tokio::test]
async fn r16_only_the_actor_activates_and_strangers_do_not_learn_that_there_is_something() {
    let house = House::new().await;
    let request = approved(&house).await;
    for (by, denial) in [
        (OSCAR, Denial::NotEligible),
        (MIA, Denial::NotEligible),
        (AUDREY, Denial::NotEligible),
        (ARNO, Denial::NotFound),
        (PETRA, Denial::NotFound),
    ] {
        let outcome = house.activate(by, &request.id).await;
        house.assert_refused(outcome, by, "activate", denial).await;
    }
    house.verify().await;
}

#[tokio::test]
async fn r20_a_case_and_subject_have_one_session_and_an_actor_only_so_many() {
    let budgets = Budgets {
        open_requests: 9,
        live_sessions: 2,
        subjects_per_day: 9,
    };
    let house = House::builder().budgets(budgets).open().await;
    let first = approved(&house).await;
    let second = approved(&house).await;
    house.activate(ALICE, &first.id).await.unwrap();
    let outcome = house.activate(ALICE, &second.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::TooManyOpen)
        .await;

    let reading: &[(&str, &[&str])] = &[("billing", &["invoice.read"])];
    house
        .activated(ALICE, &house.asking("desk:8", reading, 30))
        .await;
    house.desk.open("20", "alice", "frida@acme.example", "acme");
    let third = house
        .filed(ALICE, &house.asking("desk:20", reading, 30))
        .await;
    let third = house.approved(&third).await;
    let outcome = house.activate(ALICE, &third.id).await;
    house
        .assert_refused(outcome, ALICE, "activate", Denial::TooManyOpen)
        .await;
    house.verify().await;
}

/// Approved under one set of files, activated under another.
async fn after(change: impl FnOnce(&mut Files), denial: Denial) {
    let house = House::new().await;
    let request = approved(&house).await;
    let shut = house.shut().await;
    let house = shut.changed(|it| it.files(change)).reopen().await.unwrap();
    refused(&house, &request, denial).await;
    house.verify().await;
}

#[tokio::test]
async fn r17_whoever_lost_their_eligibility_or_left_does_not_begin() {
    let people = "catalog/people.toml";
    let no_eligibility = |files: &mut Files| {
        let (role, other) = (
            "{ role = \"support\" }",
            "{ person = \"arno@corp.example\" }",
        );
        files.replace("catalog/eligibility.toml", role, other);
    };
    after(no_eligibility, Denial::NotEligible).await;
    let left = |files: &mut Files| {
        let (name, gone) = (
            "name = \"Alice Archer\"",
            "name = \"Alice Archer\"\nactive = false",
        );
        files.replace(people, name, gone);
    };
    after(left, Denial::NotEligible).await;
    let approver_left = |files: &mut Files| {
        let (name, gone) = (
            "name = \"Oscar Owens\"",
            "name = \"Oscar Owens\"\nactive = false",
        );
        files.replace(people, name, gone);
    };
    after(approver_left, Denial::MissingApproval).await;
}

#[tokio::test]
async fn r13_r17_an_approval_by_somebody_who_lost_the_authority_counts_no_more() {
    let owner = |files: &mut Files| {
        let billing = "catalog/applications/billing.toml";
        files.replace(billing, "oscar@corp.example", "petra@corp.example");
        files.replace(
            "catalog/eligibility.toml",
            "owner = \"oscar@corp.example\"",
            "owner = \"petra@corp.example\"",
        );
    };
    after(owner, Denial::MissingApproval).await;
}

#[tokio::test]
async fn r17_a_step_that_policy_demands_since_then_must_be_there() {
    let stricter = |files: &mut Files| {
        let rule = r#"
            @id("everything-needs-a-manager")
            forbid (
              principal,
              action == Locum::Action::"go-without",
              resource == Locum::Authority::"manager-or-security-control-owner"
            );"#;
        files.append("policies/house.cedar", rule);
    };
    after(stricter, Denial::MissingApproval).await;
    let forbidden = |files: &mut Files| {
        let rule = r#"
            @id("nobody-today")
            forbid (principal, action == Locum::Action::"activate", resource);"#;
        files.append("policies/house.cedar", rule);
    };
    after(forbidden, Denial::NotEligible).await;
}

#[tokio::test]
async fn r20_a_subject_who_has_become_protected_by_catalog_is_not_acted_as() {
    let protected = |files: &mut Files| {
        let billing = "catalog/applications/billing.toml";
        files.replace(
            billing,
            "values = [\"administrator\"",
            "values = [\"customer\"",
        );
    };
    after(protected, Denial::ProtectedSubject).await;
}

#[tokio::test]
async fn r16_the_ways_in_lead_to_each_application_and_are_handed_to_the_actor_alone() {
    let house = House::new().await;
    let request = approved(&house).await;
    let caller = house.caller_at(ALICE, Door::Console);
    let Activated { session, ways, .. } = activate::activate(&house.control, &caller, &request.id)
        .await
        .unwrap();
    assert!(
        ways[0].open_url.starts_with("http://localhost:8470/"),
        "through the console"
    );
    assert_eq!(ways[0].base_url, "http://billing.support.localhost:8471/");

    let open = async |by: &str, application: &str| {
        let application = application.parse().unwrap();
        open_application(&house.control, &house.caller(by), &session.id, &application).await
    };
    let fresh = open(ALICE, "billing").await.unwrap();
    assert_ne!(fresh.open_url, ways[0].open_url);
    let outcome = open(OSCAR, "billing").await;
    house
        .assert_refused(outcome, OSCAR, "open", Denial::NotEligible)
        .await;
    let outcome = open(ARNO, "billing").await;
    house
        .assert_refused(outcome, ARNO, "open", Denial::NotFound)
        .await;
    let outcome = open(ALICE, "crm").await;
    house
        .assert_refused(outcome, ALICE, "open", Denial::WrongApplication)
        .await;
    house.end(ALICE, &session.id).await.unwrap();
    let outcome = open(ALICE, "billing").await;
    house
        .assert_refused(outcome, ALICE, "open", Denial::SessionEnded)
        .await;
    house.verify().await;
}
