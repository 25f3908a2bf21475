//! What counts as an approval: an offer only where it can stand for one, and nothing "signed" that nobody checked.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::BTreeMap;

use jiff::Timestamp;
use locum_domain::authenticator::Statement as _;
use locum_domain::request::{ApprovalWords, Approving, Offering};
use locum_domain::{Denial, GrantId, Minutes, Request, RequestState};
use serde_json::json;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

/// Billing and CRM on one case: Oscar, Petra, and Mia for the crossing.
fn crossing(signature_demanded: bool) -> Request {
    let step = |authority: &str, application: Option<&str>, person: &str| json!({ "authority": authority, "application": application, "rule": "r", "approvers": [person] });
    serde_json::from_value(json!({
        "id": format!("req_{}", "1".repeat(32)),
        "event": format!("evt_{}", "2".repeat(32)),
        "filed_at": at(0),
        "requester": "alice",
        "actor": "alice",
        "subject": "carla",
        "case": {
            "reference": "desk:7", "is_open": true, "state": "open", "assignee": "alice", "subject": "carla",
            "tenant": null, "title": null, "priority": null, "queue": null, "opened_by": "carla",
            "subject_set_by": null, "opened_at": null, "looked_up_at": at(0),
        },
        "reason": "Carla cannot open her August invoice",
        "scope": { "billing": ["invoice.read"], "crm": ["contact.read"] },
        "duration": 30,
        "break_glass": false,
        "version": 1,
        "nonce": "00".repeat(32),
        "subjects": {},
        "route": {
            "steps": [
                step("application-owner", Some("billing"), "oscar"),
                step("application-owner", Some("crm"), "petra"),
                step("manager-or-security-control-owner", None, "mia"),
            ],
            "decide_within": 60, "activate_within": 60, "longest": 60, "idle_within": 15,
            "review_within_days": 2, "signature_demanded": signature_demanded,
        },
        "state": { "state": "pending", "decide_by": at(60) },
    }))
    .unwrap()
}

fn approving(request: &Request, by: &str, step: usize) -> Approving {
    Approving {
        by: by.parse().unwrap(),
        at: at(5),
        scope_digest: request.scope_digest().as_str().to_owned(),
        words: ApprovalWords {
            unavoidable_because: Some("the contact and the invoice disagree".to_owned()),
            compensating_controls: vec!["read-only, half an hour".to_owned()],
            ..ApprovalWords::default()
        },
        signature: None,
        permitted: BTreeMap::from([(step, vec!["approve".to_owned()])]),
        grant: GrantId::from_bytes([3; 16]),
    }
}

/// The request after `by`, who decides `step`, offered a quarter of an hour and Alice took it.
fn offered_and_taken(request: &Request, by: &str, step: usize) -> Request {
    let offering = Offering {
        by: by.parse().unwrap(),
        at: at(2),
        note: "a quarter of an hour will do".to_owned(),
        scope: request.scope.clone(),
        duration: Minutes(15),
        permitted: BTreeMap::from([(step, vec!["approve".to_owned()])]),
    };
    let offered = request.offer(offering).unwrap();
    let offered = Request::evolve(Some(request.clone()), &offered).unwrap();
    let RequestState::Offered { offer, .. } = &offered.state else {
        panic!("no offer stands")
    };
    let digest = offer.scope_digest.as_str().to_owned();
    let (alice, grant) = ("alice".parse().unwrap(), GrantId::from_bytes([4; 16]));
    let taken = offered.accept(&alice, &digest, grant, at(3)).unwrap();
    Request::evolve(Some(offered), &taken).unwrap()
}

#[test]
fn r08_an_offer_of_whoever_judges_the_crossing_is_no_approval_without_the_two_texts() {
    let taken = offered_and_taken(&crossing(false), "mia", 2);
    assert_eq!((taken.version, taken.route.approvals().count()), (2, 0));
    let silent = Approving {
        words: ApprovalWords::default(),
        ..approving(&taken, "mia", 2)
    };
    let refusal = taken.approve(silent).unwrap_err();
    assert_eq!(refusal.denial, Denial::ReasonMissing);
    let event = taken.approve(approving(&taken, "mia", 2)).unwrap();
    let approved = Request::evolve(Some(taken), &event).unwrap();
    let approval = approved.route.steps[2].approval.as_ref().unwrap();
    assert!(approval.unavoidable_because.is_some() && !approval.compensating_controls.is_empty());
}

#[test]
fn r13_an_owners_offer_is_their_approval_where_no_signature_is_demanded() {
    let taken = offered_and_taken(&crossing(false), "oscar", 0);
    let approvals: Vec<_> = taken.route.approvals().map(|it| it.by.as_str()).collect();
    assert_eq!(approvals, ["oscar"]);
    let taken = offered_and_taken(&crossing(true), "oscar", 0);
    assert_eq!(taken.route.approvals().count(), 0);
}

#[test]
fn r25_where_a_signature_is_demanded_nothing_passes_without_one() {
    let request = crossing(true);
    let refusal = request
        .approve(approving(&request, "oscar", 0))
        .unwrap_err();
    assert_eq!(refusal.denial, Denial::SignatureRequired);
}

#[test]
fn r13_what_is_signed_names_the_step_the_words_and_everything_that_was_shown() {
    let request = crossing(true);
    let (oscar, mia) = ("oscar".parse().unwrap(), "mia".parse().unwrap());
    let permitted = BTreeMap::from([(0, Vec::new()), (2, Vec::new())]);
    let words = ApprovalWords::default();
    let digest = |request: &Request, by, words: &ApprovalWords| {
        let statement = request.approval_statement(by, words, &permitted);
        statement.unwrap().digest()
    };
    let signed = digest(&request, &oscar, &words);
    let longer = Request {
        duration: Minutes(31),
        ..request.clone()
    };
    let other_words = ApprovalWords {
        covers_narrower: true,
        ..ApprovalWords::default()
    };
    assert_ne!(signed, digest(&request, &mia, &words));
    assert_ne!(signed, digest(&longer, &oscar, &words));
    assert_ne!(signed, digest(&request, &oscar, &other_words));
    assert_eq!(signed, digest(&request, &oscar, &ApprovalWords::default()));
}
