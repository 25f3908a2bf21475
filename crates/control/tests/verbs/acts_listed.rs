//! The list of acts: nothing can be done that is not in it, and no role does everything (R33).

use std::collections::BTreeSet;

use locum_control::approve_enrolment::approve_enrolment;
use locum_control::privileged::{acts, behind};
use locum_control::stop::{lift, stop};
use locum_domain::Denial;
use locum_domain::catalog::Role;
use locum_domain::hold::StopScope;
use locum_testkit::house::{House, SoftAuthenticator};

use crate::{PRYA, SAM};

/// The addresses of a router that answer this method, by its own text.
fn routed(router: &str, method: &str) -> BTreeSet<String> {
    let verb = format!("{}(", method.to_lowercase());
    let mut found = BTreeSet::new();
    // A path is followed by its verbs, up to the next path.
    let mut texts = router.split('"').skip(1);
    while let (Some(path), verbs) = (texts.next(), texts.next().unwrap_or_default()) {
        if path.starts_with('/') && verbs.contains(&verb) {
            found.insert(format!("{method} {path}"));
        }
    }
    found
}

#[test]
fn r33_every_address_that_changes_something_has_its_act() {
    let http = include_str!("../../../http/src/router.rs");
    let console = include_str!("../../../console/src/router.rs");
    let of = |method| {
        routed(http, method)
            .union(&routed(console, method))
            .cloned()
            .collect()
    };
    let (posted, got): (BTreeSet<String>, BTreeSet<String>) = (of("POST"), of("GET"));
    assert!(posted.len() > 40 && got.len() > 40, "no router was read");
    let listed = acts().flat_map(|act| act.endpoints);
    let listed: BTreeSet<String> = listed.map(|it| (*it).to_owned()).collect();
    let unlisted: Vec<_> = posted.difference(&listed).collect();
    assert!(
        unlisted.is_empty(),
        "say in control/src/privileged.rs which act this is: {unlisted:?}"
    );
    let listed: Vec<_> = listed.iter().collect();
    let gone: Vec<_> = listed
        .iter()
        .filter(|it| !posted.contains(**it) && !got.contains(**it))
        .collect();
    assert!(gone.is_empty(), "these addresses are gone: {gone:?}");
}

#[test]
fn r33_every_act_has_one_name_and_every_address_one_act() {
    let names: Vec<_> = acts().map(|act| act.name).collect();
    let different: BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), different.len());
    for act in acts() {
        for endpoint in act.endpoints {
            assert_eq!(
                behind(endpoint).map(|it| it.name),
                Some(act.name),
                "{endpoint}"
            );
        }
    }
}

#[test]
fn r33_no_role_does_everything_and_what_opens_something_takes_a_second_person() {
    let privileged: Vec<_> = acts()
        .filter_map(|act| Some((act.name, act.privileged?)))
        .collect();
    for role in [
        Role::Support,
        Role::Manager,
        Role::Security,
        Role::SecurityControlOwner,
        Role::Privacy,
        Role::Compliance,
        Role::Auditor,
    ] {
        let does_all = privileged.iter().all(|(_, it)| it.roles.contains(&role));
        assert!(!does_all, "{} may do everything", role.as_str());
    }
    let with_another: Vec<_> = privileged
        .iter()
        .filter(|(_, it)| it.needs_second_person)
        .map(|(name, _)| *name)
        .collect();
    // What only takes something away, or shows what one may see anyway, does not wait for anybody.
    let alone = [
        "deny-enrolment",
        "revoke-authenticator",
        "rotate-key",
        "deny-exception",
        "end-exception",
        "deny-erasure",
        "withdraw-change",
        "stop",
        "export",
        "export-period",
        "reconcile",
    ];
    for (name, it) in &privileged {
        assert_eq!(it.needs_second_person, !alone.contains(name), "{name}");
        assert!(it.rule.len() > 20 && !it.others.is_empty(), "{name}");
    }
    assert_eq!(
        with_another,
        [
            "enrol-founder",
            "sign-founding",
            "invite-to-enrol",
            "ask-enrolment",
            "approve-enrolment",
            "ask-exception",
            "confirm-exception",
            "apply",
            "confirm-change",
            "deny-change",
            "confirm-delegation",
            "lift",
            "ask-erasure",
            "confirm-erasure",
        ]
    );
}

#[tokio::test]
async fn r33_somebody_with_every_role_does_none_of_it_alone() {
    let house = House::builder()
        .founders()
        .files(|files| {
            let all = "roles = [\"support\", \"manager\", \"security\", \"security-control-owner\", \"privacy\", \
                       \"compliance\", \"auditor\"]";
            let sams = "roles = [\"security\", \"security-control-owner\"]";
            files.replace("catalog/people.toml", sams, all);
        })
        .open()
        .await;
    let [_, sam] = house.founded().await;
    let control = &house.control;
    let caller = house.caller(SAM);
    // A key of their own.
    let next = SoftAuthenticator::passkey(SAM, 2);
    let asked = house.ask_to_enrol(&next).await.unwrap();
    let signature = sam.sign_digest(&[0; 32]);
    let outcome = approve_enrolment(control, &caller, &asked.id, &signature).await;
    house
        .assert_refused(outcome, SAM, "approve-enrolment", Denial::SelfApproval)
        .await;
    // A hold of their own.
    let stopped = stop(control, &caller, &StopScope::All).await.unwrap();
    let outcome = lift(control, &caller, &stopped.hold.id).await;
    house
        .assert_refused(outcome, SAM, "lift", Denial::SecondPersonRequired)
        .await;
    lift(
        control,
        &house.caller("sven@corp.example"),
        &stopped.hold.id,
    )
    .await
    .unwrap();
    // A request of their own.
    house.desk.open("77", "sam", "carla@acme.example", "acme");
    let request = house.asking("desk:77", &[("crm", &["contact.read"])], 30);
    let request = house.filed(SAM, &request).await;
    let outcome = house.approve(SAM, &request.id).await;
    house
        .assert_refused(outcome, SAM, "approve", Denial::SelfApproval)
        .await;
    // And whoever founded with them cannot be made by them.
    let other = SoftAuthenticator::passkey(PRYA, 3);
    let outcome =
        locum_control::enrol_founder::enrol_founder(control, &caller, &other.public).await;
    house
        .assert_refused(outcome, SAM, "enrol-founder", Denial::Malformed)
        .await;
    house.verify().await;
}
