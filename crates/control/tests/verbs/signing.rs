//! Signed approvals: each is its approver's own, over exactly what was shown, and is looked at again when access begins.

use jiff::SignedDuration;
use locum_control::activate::activate;
use locum_control::approve::{self, Approve, approve};
use locum_control::ask_enrolment::ask_by_invitation;
use locum_control::invite_to_enrol::invite_to_enrol;
use locum_control::offer::{OfferTerms, offer};
use locum_control::revoke_authenticator::revoke_authenticator;
use locum_control::{accept_offer, evidence};
use locum_domain::{Denial, Minutes, Request, RequestState};
use locum_evidence::{Founders, VerifyOptions};
use locum_testkit::house::{House, SoftAuthenticator};

use crate::{ALICE, ARNO, BEA, MIA, OSCAR, PAUL, PETRA, PRYA, SAM, SVEN};

/// A house where approvals are signed, on the day after its people enrolled. Sam let Oscar's and Petra's keys count,
/// Prya Paul's and Mia's.
struct Signed {
    house: House,
    prya: SoftAuthenticator,
    sam: SoftAuthenticator,
    oscar: SoftAuthenticator,
    petra: SoftAuthenticator,
    paul: SoftAuthenticator,
    mia: SoftAuthenticator,
}

impl Signed {
    async fn new() -> Self {
        let signed = Self::today().await;
        signed.house.clock.advance(SignedDuration::from_hours(24));
        signed
    }

    async fn today() -> Self {
        let house = House::builder()
            .founders()
            .signature_demanded()
            .open()
            .await;
        let [prya, sam] = house.founded().await;
        Self {
            oscar: house.enrolled(OSCAR, &sam).await,
            petra: house.enrolled(PETRA, &sam).await,
            paul: house.enrolled(PAUL, &prya).await,
            mia: house.enrolled(MIA, &prya).await,
            house,
            prya,
            sam,
        }
    }

    /// Alice asks for invoices: `regulated`, so the owner and security decide.
    async fn billing(&self) -> Request {
        self.house.filed(ALICE, &self.house.asked()).await
    }

    /// Alice asks for contacts: `standard`, so the owner or her delegate decides.
    async fn crm(&self) -> Request {
        let asked = self
            .house
            .asking("desk:7", &[("crm", &["contact.read"])], 30);
        self.house.filed(ALICE, &asked).await
    }

    /// Alice asks for pages of the wiki: `low`, so the delegate decides.
    async fn wiki(&self) -> Request {
        let asked = self.house.asking("desk:8", &[("wiki", &["page.read"])], 30);
        self.house.filed(ALICE, &asked).await
    }

    async fn refuses(&self, by: &str, request: &Request, words: &Approve, says: &str) {
        let caller = self.house.caller(by);
        let outcome = approve(&self.house.control, &caller, &request.id, words).await;
        let refusal = self
            .house
            .assert_refused(outcome, by, "approve", Denial::SignatureRequired)
            .await;
        assert!(refusal.detail.contains(says), "{refusal}");
    }

    async fn activated(&self, request: &Request) {
        let caller = self.house.sure(ALICE);
        let id = &request.id;
        let outcome = activate(&self.house.control, &caller, id).await;
        outcome.unwrap();
    }

    async fn misses_an_approval(&self, request: &Request, says: &str) {
        let caller = self.house.sure(ALICE);
        let id = &request.id;
        let outcome = activate(&self.house.control, &caller, id).await;
        let refusal = self
            .house
            .assert_refused(outcome, ALICE, "activate", Denial::MissingApproval)
            .await;
        assert!(refusal.detail.contains(says), "{refusal}");
    }
}

#[tokio::test]
async fn r13_two_signed_approvals_open_what_was_shown_and_stand_in_the_evidence() {
    let signed = Signed::new().await;
    let house = &signed.house;
    let request = signed.billing().await;
    house
        .approve_signed(&signed.oscar, &request.id)
        .await
        .unwrap();
    let approved = house
        .approve_signed(&signed.prya, &request.id)
        .await
        .unwrap();
    assert!(matches!(approved.state, RequestState::Approved { .. }));
    let mut approvals = approved.route.approvals();
    assert!(approvals.all(|approval| approval.signature.is_some()));
    signed.activated(&request).await;
    let pack = evidence::pack(&house.control, &house.caller(OSCAR), &request.event).await;
    let founders = [&signed.prya, &signed.sam].map(|key| {
        let thumbprint = key.public.thumbprint();
        format!("{} {thumbprint}\n", key.person())
    });
    let options = VerifyOptions {
        trusted_key: Some(house.control.ledger_verifier().clone()),
        founders: Some(Founders::parse(&founders.concat()).unwrap()),
        ..VerifyOptions::default()
    };
    let verified = locum_evidence::verify(&pack.unwrap(), &options).unwrap();
    assert_eq!(verified.signatures.len(), 2);
    assert!(verified.are_founders_checked);
    house.verify().await;
}

#[tokio::test]
async fn r06_r13_an_approval_without_its_own_approvers_signature_is_none() {
    let signed = Signed::new().await;
    let house = &signed.house;
    let request = signed.billing().await;
    let plain = house.approval_of(&request.id).await;
    signed
        .refuses(OSCAR, &request, &plain, "your own signature")
        .await;
    let well = house
        .signed_approval(&signed.oscar, &request.id)
        .await
        .unwrap();
    let with = |signature| Approve {
        signature: Some(signature),
        ..plain.clone()
    };
    // By somebody else's key, and by a key that nobody enrolled.
    let caller = house.caller(OSCAR);
    let to_sign = approve::statement(&house.control, &caller, &request.id, &plain.words())
        .await
        .unwrap();
    assert_eq!(to_sign.purpose, "locum-approval/v1");
    let stranger = SoftAuthenticator::passkey(OSCAR, 7);
    for key in [&signed.petra, &stranger] {
        let words = with(key.sign(&to_sign));
        signed
            .refuses(OSCAR, &request, &words, "none of your authenticators")
            .await;
    }
    // Over other words than those that come with it, and over nothing that was shown.
    let other_words = Approve {
        note: Some("and the September one too".to_owned()),
        ..well.clone()
    };
    signed
        .refuses(OSCAR, &request, &other_words, "another challenge")
        .await;
    let broader = Approve {
        covers_narrower: true,
        ..well.clone()
    };
    signed
        .refuses(OSCAR, &request, &broader, "another challenge")
        .await;
    let nothing = with(signed.oscar.sign_digest(&[0; 32]));
    signed
        .refuses(OSCAR, &request, &nothing, "another challenge")
        .await;
    // Over another request that says the same.
    let twin = signed.billing().await;
    let of_twin = house
        .signed_approval(&signed.oscar, &twin.id)
        .await
        .unwrap();
    let moved = with(of_twin.signature.clone().unwrap());
    signed
        .refuses(OSCAR, &request, &moved, "another challenge")
        .await;
    let outcome = approve(&house.control, &caller, &request.id, &of_twin).await;
    house
        .assert_refused(outcome, OSCAR, "approve", Denial::StaleApproval)
        .await;
    approve(&house.control, &caller, &request.id, &well)
        .await
        .unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r05_r13_who_may_not_decide_is_told_so_before_anybody_looks_at_a_signature() {
    let signed = Signed::new().await;
    let house = &signed.house;
    let asked = house.asking("desk:10", &[("billing", &["invoice.read"])], 30);
    let vendors = house.filed("ann@bpo.example", &asked).await;
    for (by, denial) in [
        ("ann@bpo.example", Denial::SelfApproval),
        (BEA, Denial::ConflictOfInterest),
        (PETRA, Denial::NotAnApprover),
    ] {
        let key = SoftAuthenticator::passkey(by, 1);
        let outcome = house.approve_signed(&key, &vendors.id).await;
        house.assert_refused(outcome, by, "approve", denial).await;
    }
    house.verify().await;
}

#[tokio::test]
async fn r33_a_new_key_signs_nothing_regulated_for_a_day_and_everything_else_at_once() {
    let signed = Signed::today().await;
    let house = &signed.house;
    let crm = house.asking("desk:8", &[("crm", &["contact.read"])], 30);
    let crm = house.filed(ALICE, &crm).await;
    house.approve_signed(&signed.petra, &crm.id).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(23));
    let request = signed.billing().await;
    let caller = house.caller(OSCAR);
    let words = house
        .signed_approval(&signed.oscar, &request.id)
        .await
        .unwrap();
    signed.refuses(OSCAR, &request, &words, "is new").await;
    // The browser is not even offered it.
    let to_sign = approve::statement(&house.control, &caller, &request.id, &words.words()).await;
    assert!(to_sign.unwrap().credentials.is_empty());
    // A founder's key waits for nothing.
    house
        .approve_signed(&signed.prya, &request.id)
        .await
        .unwrap();
    house.clock.advance(SignedDuration::from_hours(1));
    house
        .approve_signed(&signed.oscar, &request.id)
        .await
        .unwrap();
    signed.activated(&request).await;
    house.verify().await;
}

#[tokio::test]
async fn r10_a_key_in_a_file_signs_for_low_applications_and_nothing_else() {
    let signed = Signed::new().await;
    let house = &signed.house;
    let file = SoftAuthenticator::key_file(PAUL, 2);
    let enrolment = house.ask_to_enrol(&file).await.unwrap();
    house.let_count(&signed.prya, &enrolment).await.unwrap();
    let wiki = signed.wiki().await;
    house.approve_signed(&file, &wiki.id).await.unwrap();
    signed.activated(&wiki).await;
    let crm = signed.crm().await;
    let words = house.signed_approval(&file, &crm.id).await.unwrap();
    signed.refuses(PAUL, &crm, &words, "`low`").await;
    house.approve_signed(&signed.paul, &crm.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r05_r09_whoever_let_a_key_count_is_not_the_other_approver() {
    let signed = Signed::new().await;
    let house = &signed.house;
    // Sam let Oscar's key count. In either order.
    for order in [[&signed.oscar, &signed.sam], [&signed.sam, &signed.oscar]] {
        let request = signed.billing().await;
        house.approve_signed(order[0], &request.id).await.unwrap();
        let outcome = house.approve_signed(order[1], &request.id).await;
        let by = order[1].person();
        let refusal = house
            .assert_refused(outcome, by, "approve", Denial::ConflictOfInterest)
            .await;
        assert!(refusal.detail.contains("count"), "{refusal}");
    }
    house.verify().await;
}

#[tokio::test]
async fn r05_r09_whoever_invited_somebody_is_not_the_other_approver_of_what_they_sign() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [prya, sam] = house.founded().await;
    let control = &house.control;
    let oscar = SoftAuthenticator::passkey(OSCAR, 1);
    let host = house.caller(SAM);
    invite_to_enrol(control, &host, &oscar.public.person)
        .await
        .unwrap();
    let asked = ask_by_invitation(control, &oscar.public, &host.principal).await;
    house.let_count(&prya, &asked.unwrap()).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(24));
    // Who invited might hold the key that was enrolled by the link, and who signed might have been told so.
    for other in [&sam, &prya] {
        for order in [[&oscar, other], [other, &oscar]] {
            let request = house.filed(ALICE, &house.asked()).await;
            house.approve_signed(order[0], &request.id).await.unwrap();
            let outcome = house.approve_signed(order[1], &request.id).await;
            let by = order[1].person();
            house
                .assert_refused(outcome, by, "approve", Denial::ConflictOfInterest)
                .await;
        }
    }
    house.verify().await;
}

#[tokio::test]
async fn r05_whoever_let_a_key_count_neither_asks_nor_gains() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .files(|files| {
            // Petra's manager, who could let her key count, is Alice; Bea is Ann's sponsor.
            files.replace(
                "catalog/people.toml",
                "name = \"Petra Price\"",
                "name = \"Petra Price\"\nmanager = \"alice@corp.example\"",
            );
            files.replace(
                "catalog/people.toml",
                "name = \"Oscar Owens\"",
                "name = \"Oscar Owens\"\nmanager = \"bea@bpo.example\"",
            );
        })
        .open()
        .await;
    let [_, sam] = house.founded().await;
    let alice = house.enrolled(ALICE, &sam).await;
    let bea = house.enrolled(BEA, &sam).await;
    let petra = house.enrolled(PETRA, &alice).await;
    let oscar = house.enrolled(OSCAR, &bea).await;
    house.clock.advance(SignedDuration::from_hours(24));
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let request = house.filed(ALICE, &crm).await;
    let outcome = house.approve_signed(&petra, &request.id).await;
    house
        .assert_refused(outcome, PETRA, "approve", Denial::ConflictOfInterest)
        .await;
    let billing = house.asking("desk:10", &[("billing", &["invoice.read"])], 30);
    let request = house.filed("ann@bpo.example", &billing).await;
    let outcome = house.approve_signed(&oscar, &request.id).await;
    house
        .assert_refused(outcome, OSCAR, "approve", Denial::ConflictOfInterest)
        .await;
    // Where they ask for nothing, the same keys are good.
    let other = house.asking("desk:9", &[("crm", &["contact.read"])], 30);
    let other = house.filed("arno@corp.example", &other).await;
    house.approve_signed(&petra, &other.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r18_r33_a_key_taken_out_of_use_signs_nothing_and_what_it_signed_opens_nothing() {
    let signed = Signed::new().await;
    let house = &signed.house;
    let request = signed.billing().await;
    house
        .approve_signed(&signed.oscar, &request.id)
        .await
        .unwrap();
    house
        .approve_signed(&signed.prya, &request.id)
        .await
        .unwrap();
    let waiting = signed.billing().await;
    let words = house
        .signed_approval(&signed.oscar, &waiting.id)
        .await
        .unwrap();
    let (id, caller) = (&signed.oscar.public.id, house.sure(SVEN));
    revoke_authenticator(&house.control, &caller, id, "his bag was stolen")
        .await
        .unwrap();
    signed
        .refuses(OSCAR, &waiting, &words, "taken out of use")
        .await;
    signed
        .misses_an_approval(&request, "taken out of use")
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r13_an_approval_of_any_narrower_version_is_checked_against_what_was_shown_then() {
    let signed = Signed::new().await;
    let house = &signed.house;
    let request = signed.billing().await;
    let caller = house.caller(OSCAR);
    let words = Approve {
        covers_narrower: true,
        ..house.approval_of(&request.id).await
    };
    let to_sign = approve::statement(&house.control, &caller, &request.id, &words.words())
        .await
        .unwrap();
    let words = Approve {
        signature: Some(signed.oscar.sign(&to_sign)),
        ..words
    };
    approve(&house.control, &caller, &request.id, &words)
        .await
        .unwrap();
    let terms = OfferTerms {
        duration: Some(Minutes(10)),
        note: "ten will do".to_owned(),
        scope: None,
    };
    let offered = offer(&house.control, &house.caller(PRYA), &request.id, &terms)
        .await
        .unwrap();
    let RequestState::Offered { offer, .. } = &offered.state else {
        panic!("nothing was offered");
    };
    let alice = house.caller(ALICE);
    let digest = offer.scope_digest.as_str();
    accept_offer::accept_offer(&house.control, &alice, &request.id, digest)
        .await
        .unwrap();
    // An offer carries no signature: its maker signs what was taken.
    house
        .approve_signed(&signed.prya, &request.id)
        .await
        .unwrap();
    signed.activated(&request).await;
    house.verify().await;
}

#[tokio::test]
async fn r13_an_authenticator_whose_count_does_not_grow_may_have_been_copied() {
    let house = House::builder()
        .founders()
        .signature_demanded()
        .open()
        .await;
    let [_, sam] = house.founded().await;
    let petra = SoftAuthenticator::passkey(PETRA, 1).counting(40);
    let enrolment = house.ask_to_enrol(&petra).await.unwrap();
    house.let_count(&sam, &enrolment).await.unwrap();
    let asking = |case: &str| house.asking(case, &[("crm", &["contact.read"])], 30);
    let first = house.filed(ALICE, &asking("desk:7")).await;
    house.approve_signed(&petra, &first.id).await.unwrap();
    let copy = SoftAuthenticator::passkey(PETRA, 1).counting(40);
    let second = house.filed(ALICE, &asking("desk:8")).await;
    let outcome = house.approve_signed(&copy, &second.id).await;
    let refusal = house
        .assert_refused(outcome, PETRA, "approve", Denial::SignatureRequired)
        .await;
    assert!(refusal.detail.contains("copied"), "{refusal}");
    // A restart remembers what was recorded.
    let house = house.shut().await.reopen().await.unwrap();
    let copy = SoftAuthenticator::passkey(PETRA, 1).counting(40);
    let outcome = house.approve_signed(&copy, &second.id).await;
    house
        .assert_refused(outcome, PETRA, "approve", Denial::SignatureRequired)
        .await;
    house.approve_signed(&petra, &second.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r13_where_none_is_demanded_a_signature_that_comes_is_kept_or_refused() {
    let house = House::builder().founders().open().await;
    let [_, sam] = house.founded().await;
    let petra = house.enrolled(PETRA, &sam).await;
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let request = house.filed(ALICE, &crm).await;
    let wrong = Approve {
        signature: Some(petra.sign_digest(&[0; 32])),
        ..house.approval_of(&request.id).await
    };
    let caller = house.caller(PETRA);
    let outcome = approve(&house.control, &caller, &request.id, &wrong).await;
    house
        .assert_refused(outcome, PETRA, "approve", Denial::SignatureRequired)
        .await;
    let approved = house.approve_signed(&petra, &request.id).await.unwrap();
    assert!(approved.route.approvals().all(|it| it.signature.is_some()));
    house.activate(ALICE, &request.id).await.unwrap();
    // What came with a signature counts by it, and no more when its key is lost.
    let crm = house.asking("desk:9", &[("crm", &["contact.read"])], 30);
    let lost = house.filed(ARNO, &crm).await;
    house.approve_signed(&petra, &lost.id).await.unwrap();
    let (security, id) = (house.sure(SVEN), &petra.public.id);
    revoke_authenticator(&house.control, &security, id, "her bag was stolen")
        .await
        .unwrap();
    let outcome = house.activate(ARNO, &lost.id).await;
    house
        .assert_refused(outcome, ARNO, "activate", Denial::MissingApproval)
        .await;
    // And none is fine.
    let crm = house.asking("desk:8", &[("crm", &["contact.read"])], 30);
    let request = house.filed(ALICE, &crm).await;
    house.approve(PETRA, &request.id).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r08_r13_grounds_of_a_crossing_are_signed_with_it() {
    let signed = Signed::new().await;
    let house = &signed.house;
    let scope: [(&str, &[&str]); 2] = [("billing", &["invoice.read"]), ("crm", &["contact.read"])];
    let asked = house.asking("desk:7", &scope, 30);
    let request = house.filed(ALICE, &asked).await;
    let words = house
        .signed_approval(&signed.mia, &request.id)
        .await
        .unwrap();
    let smoothed = Approve {
        compensating_controls: vec!["none worth mentioning".to_owned()],
        ..words.clone()
    };
    signed
        .refuses(MIA, &request, &smoothed, "another challenge")
        .await;
    let caller = house.caller(MIA);
    approve(&house.control, &caller, &request.id, &words)
        .await
        .unwrap();
    for key in [&signed.oscar, &signed.paul, &signed.prya] {
        let outcome = house.approve_signed(key, &request.id).await;
        // Prya let Mia's and Paul's keys count.
        assert_eq!(outcome.is_err(), key.person() == PRYA);
    }
    let sven = house.enrolled(SVEN, &signed.sam).await;
    house.clock.advance(SignedDuration::from_hours(24));
    assert!(house.approve_signed(&sven, &request.id).await.is_err());
    house.verify().await;
}

#[tokio::test]
async fn r18_r33_of_an_activation_and_a_revocation_at_once_the_revocation_never_comes_first_and_is_passed()
 {
    for seed in 1..=12 {
        let house = House::builder()
            .founders()
            .signature_demanded()
            .seed(seed)
            .open()
            .await;
        let [_, sam] = house.founded().await;
        let petra = house.enrolled(PETRA, &sam).await;
        let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
        let request = house.filed(ALICE, &crm).await;
        house.approve_signed(&petra, &request.id).await.unwrap();
        let (caller, security) = (house.sure(ALICE), house.sure(SVEN));
        let (control, id) = (&house.control, &petra.public.id);
        let (activated, revoked) = tokio::join!(
            activate(control, &caller, &request.id),
            revoke_authenticator(control, &security, id, "her bag was stolen"),
        );
        revoked.unwrap();
        let history = house.history().await;
        let position = |kind: &str| history.iter().position(|it| it.event.kind() == kind);
        match activated {
            Ok(_) => assert!(position("session-started") < position("authenticator-revoked")),
            Err(refusal) => assert_eq!(refusal.denial, Denial::MissingApproval),
        }
        house.verify().await;
    }
}
