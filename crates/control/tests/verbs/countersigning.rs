//! What an emergency skipped is signed afterwards, and whoever is to know of it is told.

use locum_control::activate::activate;
use locum_control::countersign::{Countersign, countersign, countersign_statement};
use locum_control::evidence;
use locum_control::preview::preview;
use locum_control::read::{self, RequestFilter};
use locum_domain::authenticator::Signature;
use locum_domain::request::Told;
use locum_domain::{Authority, Denial, Event, PrincipalId, Refusal, Request, RequestId, Stream};
use locum_evidence::{Founders, VerifyOptions};
use locum_testkit::house::{House, SoftAuthenticator};

use crate::{ALICE, MIA, OSCAR, PETRA, PRYA, SAM};

async fn sign(house: &House, by: &str, id: &RequestId) -> Result<Request, Refusal> {
    let words = Countersign {
        scope_digest: house.request(id).await.scope_digest().as_str().to_owned(),
        note: Some("seen, and it was one".to_owned()),
        signature: None,
    };
    countersign(&house.control, &house.caller(by), id, &words).await
}

#[tokio::test]
async fn r11_each_authority_that_an_emergency_skipped_signs_after_it_was_used() {
    let house = House::new().await;
    let mut asked = house.asking("desk:7", &[("billing", &["invoice.read"])], 15);
    asked.break_glass = true;
    let request = house.filed(ALICE, &asked).await;
    let skipped: Vec<Authority> = request
        .route
        .afterwards
        .iter()
        .map(|it| it.authority)
        .collect();
    let expected = [
        Authority::ApplicationOwner,
        Authority::SecurityOrPrivacyOrCompliance,
    ];
    assert_eq!(skipped, expected);
    house.approve(OSCAR, &request.id).await.unwrap();
    let early = sign(&house, PRYA, &request.id).await;
    house
        .assert_refused(early, PRYA, "countersign", Denial::MissingApproval)
        .await;
    house.activate(ALICE, &request.id).await.unwrap();
    for (by, denial) in [
        (ALICE, Denial::SelfApproval),
        (PETRA, Denial::NotAnApprover),
    ] {
        let outcome = sign(&house, by, &request.id).await;
        house
            .assert_refused(outcome, by, "countersign", denial)
            .await;
    }
    sign(&house, PRYA, &request.id).await.unwrap();
    let twice = sign(&house, PRYA, &request.id).await;
    house
        .assert_refused(twice, PRYA, "countersign", Denial::AlreadyDecided)
        .await;
    let signed = sign(&house, OSCAR, &request.id).await.unwrap();
    assert_eq!(signed.unsigned_afterwards().count(), 0);
    house.verify().await;
}

#[tokio::test]
async fn r11_an_ordinary_request_skips_nobody() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let outcome = sign(&house, PRYA, &request.id).await;
    house
        .assert_refused(outcome, PRYA, "countersign", Denial::NotAnApprover)
        .await;
    house.verify().await;
}

/// Alice's emergency in billing, which skips its owner and security.
async fn emergency(house: &House) -> Request {
    let mut asked = house.asking("desk:7", &[("billing", &["invoice.read"])], 15);
    asked.break_glass = true;
    house.filed(ALICE, &asked).await
}

/// What Locum told of a request, to whom, in order.
async fn told(house: &House, id: &RequestId) -> Vec<(Told, Vec<PrincipalId>)> {
    let stream = Stream::Request(id.clone());
    let history = house.history().await.into_iter();
    let on_it = history.filter(|it| it.stream == stream);
    on_it
        .filter_map(|it| match it.event {
            Event::RequestTold { told, to, .. } => Some((told, to)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn r11_security_is_told_of_an_emergency_when_it_is_filed_and_of_no_other_request() {
    let house = House::new().await;
    let ordinary = house.filed(ALICE, &house.asked()).await;
    assert_eq!(told(&house, &ordinary.id).await, []);
    let request = emergency(&house).await;
    let heard = told(&house, &request.id).await;
    assert_eq!(heard, [(Told::Emergency, request.security_told.clone())]);
    let sam: PrincipalId = SAM.parse().unwrap();
    assert!(request.security_told.contains(&sam), "{heard:?}");
    // In the commit of the filing itself: neither is without the other.
    let history = house.history().await;
    let places: Vec<u64> = history
        .iter()
        .filter(|it| it.stream == Stream::Request(request.id.clone()))
        .map(|it| it.position)
        .collect();
    assert_eq!(places[1], places[0] + 1);
    let filter = RequestFilter {
        told: Some(sam),
        ..RequestFilter::default()
    };
    let caller = house.caller(SAM);
    let seen = read::requests(&house.control, &caller, &filter, None, 10).await;
    let seen: Vec<RequestId> = seen.unwrap().items.into_iter().map(|it| it.id).collect();
    assert_eq!(seen, [request.id]);
    house.verify().await;
}

#[tokio::test]
async fn r11_that_nobody_hears_of_an_emergency_is_said_before_it_is_filed() {
    let builder = House::builder().files(|files| {
        let security = "roles = [\"security\", \"security-control-owner\"]";
        files.replace("catalog/people.toml", security, "roles = [\"compliance\"]");
        files.replace("catalog/people.toml", "roles = [\"security\"]\n", "");
    });
    let house = builder.open().await;
    let mut asked = house.asking("desk:7", &[("billing", &["invoice.read"])], 15);
    asked.break_glass = true;
    let alice = house.caller(ALICE);
    let shown = preview(&house.control, &alice, &asked).await.unwrap();
    let is_said = |request: &Request| {
        let warnings = &request.warnings;
        warnings
            .iter()
            .any(|it| it.contains("told of this emergency"))
    };
    assert!(is_said(&shown), "{:?}", shown.warnings);
    assert!(is_said(&house.filed(ALICE, &asked).await));
    house.verify().await;
}

#[tokio::test]
async fn r11_whoever_an_emergency_skipped_is_asked_reminded_and_told_when_the_day_is_over() {
    let house = House::new().await;
    let request = emergency(&house).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.run_jobs().await;
    assert_eq!(
        told(&house, &request.id).await.len(),
        1,
        "nothing is owed before it is used"
    );
    house.activate(ALICE, &request.id).await.unwrap();
    let used = house.request(&request.id).await;
    let due = used.countersign_by().expect("somebody owes a signature");
    let owing = |request: &Request| {
        let steps = request.route.afterwards.iter();
        let open = steps.filter(|step| step.approval.is_none());
        let mut owing: Vec<_> = open.flat_map(|step| step.approvers.clone()).collect();
        owing.sort();
        owing.dedup();
        owing
    };
    let asked = told(&house, &request.id).await;
    assert_eq!(asked[1..], [(Told::Countersign, owing(&used))]);
    house.run_jobs().await;
    house.run_jobs().await;
    assert_eq!(
        told(&house, &request.id).await.len(),
        2,
        "nobody is told twice"
    );
    let now = used.owed.as_ref().unwrap().asked_at;
    let half = due.duration_since(now).as_mins() / 2 + 1;
    house.clock.advance_minutes(half);
    house.run_jobs().await;
    house.run_jobs().await;
    let reminded = told(&house, &request.id).await;
    assert_eq!(reminded[2..], [(Told::CountersignReminder, owing(&used))]);
    sign(&house, PRYA, &request.id).await.unwrap();
    house.clock.advance_minutes(half);
    house.run_jobs().await;
    house.run_jobs().await;
    let left = house.request(&request.id).await;
    let mut late = owing(&left);
    late.extend(left.route.escalation.clone());
    late.sort();
    late.dedup();
    let overdue = told(&house, &request.id).await;
    assert_eq!(overdue[3..], [(Told::CountersignOverdue, late)]);
    assert!(
        left.is_overdue_with(&MIA.parse().unwrap()),
        "{:?}",
        left.route.escalation
    );
    sign(&house, OSCAR, &request.id).await.unwrap();
    house.clock.advance_minutes(24 * 60);
    house.run_jobs().await;
    assert_eq!(told(&house, &request.id).await.len(), 4);
    assert_eq!(house.request(&request.id).await.countersign_by(), None);
    house.verify().await;
}

#[tokio::test]
async fn r11_what_is_signed_in_time_reminds_nobody() {
    let house = House::new().await;
    let request = emergency(&house).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.activate(ALICE, &request.id).await.unwrap();
    sign(&house, PRYA, &request.id).await.unwrap();
    sign(&house, OSCAR, &request.id).await.unwrap();
    house.clock.advance_minutes(7 * 24 * 60);
    house.run_jobs().await;
    assert_eq!(told(&house, &request.id).await.len(), 2);
    house.verify().await;
}

/// A used emergency in a house where what is decided is signed, on the day after its people enrolled.
async fn signed_house() -> (House, [SoftAuthenticator; 3], Request) {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [prya, sam] = house.founded().await;
    let oscar = house.enrolled(OSCAR, &sam).await;
    house.clock.advance_minutes(24 * 60);
    let request = emergency(&house).await;
    house.approve_signed(&oscar, &request.id).await.unwrap();
    let caller = house.sure(ALICE);
    activate(&house.control, &caller, &request.id)
        .await
        .unwrap();
    (house, [prya, sam, oscar], request)
}

async fn sign_with(
    house: &House,
    by: &str,
    id: &RequestId,
    note: &str,
    signature: Option<Signature>,
) -> Result<Request, Refusal> {
    let words = Countersign {
        scope_digest: house.request(id).await.scope_digest().as_str().to_owned(),
        note: Some(note.to_owned()),
        signature,
    };
    countersign(&house.control, &house.caller(by), id, &words).await
}

async fn signature(
    house: &House,
    key: &SoftAuthenticator,
    id: &RequestId,
    note: &str,
) -> Signature {
    let caller = house.caller(key.person());
    let to_sign = countersign_statement(&house.control, &caller, id, Some(note)).await;
    key.sign(&to_sign.unwrap())
}

#[tokio::test]
async fn r11_r13_a_countersignature_counts_by_its_makers_own_signature_and_stands_in_the_evidence()
{
    let (house, [prya, sam, oscar], request) = signed_house().await;
    let id = &request.id;
    let none = sign_with(&house, PRYA, id, "seen", None).await;
    house
        .assert_refused(none, PRYA, "countersign", Denial::SignatureRequired)
        .await;
    // Other words than were signed, somebody else's key, and a signature over nothing.
    let mine = signature(&house, &prya, id, "seen").await;
    for forged in [
        sign_with(
            &house,
            PRYA,
            id,
            "seen, and all the others too",
            Some(mine.clone()),
        )
        .await,
        sign_with(&house, PRYA, id, "seen", Some(oscar.sign_digest(&[0; 32]))).await,
        sign_with(&house, PRYA, id, "seen", Some(prya.sign_digest(&[0; 32]))).await,
    ] {
        house
            .assert_refused(forged, PRYA, "countersign", Denial::SignatureRequired)
            .await;
    }
    let mine = signature(&house, &prya, id, "seen").await;
    sign_with(&house, PRYA, id, "seen", Some(mine))
        .await
        .unwrap();
    let his = signature(&house, &oscar, id, "mine, too").await;
    sign_with(&house, OSCAR, id, "mine, too", Some(his))
        .await
        .unwrap();
    let pack = evidence::pack(&house.control, &house.caller(OSCAR), &request.event).await;
    let founders = [&prya, &sam].map(|key| {
        let thumbprint = key.public.thumbprint();
        format!("{} {thumbprint}\n", key.person())
    });
    let options = VerifyOptions {
        trusted_key: Some(house.control.ledger_verifier().clone()),
        founders: Some(Founders::parse(&founders.concat()).unwrap()),
        ..VerifyOptions::default()
    };
    let verified = locum_evidence::verify(&pack.unwrap(), &options).unwrap();
    let by: Vec<PrincipalId> = verified.signatures.into_iter().map(|it| it.by).collect();
    let expected: Vec<PrincipalId> = [OSCAR, PRYA, OSCAR].map(|it| it.parse().unwrap()).into();
    assert_eq!(by, expected);
    house.verify().await;
}

#[tokio::test]
async fn r11_r13_nobody_countersigns_beside_somebody_whose_key_counts_by_their_doing() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [prya, _] = house.founded().await;
    let oscar = house.enrolled(OSCAR, &prya).await;
    house.clock.advance_minutes(24 * 60);
    let request = emergency(&house).await;
    house.approve_signed(&oscar, &request.id).await.unwrap();
    activate(&house.control, &house.sure(ALICE), &request.id)
        .await
        .unwrap();
    let mine = signature(&house, &prya, &request.id, "seen").await;
    let outcome = sign_with(&house, PRYA, &request.id, "seen", Some(mine)).await;
    house
        .assert_refused(outcome, PRYA, "countersign", Denial::ConflictOfInterest)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r11_a_signature_that_nobody_demanded_is_read_all_the_same() {
    let house = House::builder().founders().open().await;
    let [prya, _] = house.founded().await;
    let request = emergency(&house).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.activate(ALICE, &request.id).await.unwrap();
    let forged = Some(prya.sign_digest(&[0; 32]));
    let outcome = sign_with(&house, PRYA, &request.id, "seen", forged).await;
    house
        .assert_refused(outcome, PRYA, "countersign", Denial::SignatureRequired)
        .await;
    let good = signature(&house, &prya, &request.id, "seen").await;
    sign_with(&house, PRYA, &request.id, "seen", Some(good))
        .await
        .unwrap();
    house.verify().await;
}
