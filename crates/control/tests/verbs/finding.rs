//! Signed findings: a reviewer's own, over the session as it stood on the record, by a key that nobody involved let count.

use jiff::SignedDuration;
use locum_control::complete_review::{CompleteReview, complete_review, finding_statement};
use locum_control::evidence;
use locum_domain::review::{Finding, Found};
use locum_domain::{Denial, Review};
use locum_evidence::{Founders, Signs, VerifyOptions};
use locum_testkit::house::{House, SoftAuthenticator};

use crate::{ALICE, PAUL, PETRA, SAM};

const NOTE: &str = "the contact was all that was read";

/// A house where decisions are signed, and a session in it that is over. Whose key is whose: Prya let Petra's count, who
/// approved, and Paul's.
struct Over {
    house: House,
    prya: SoftAuthenticator,
    sam: SoftAuthenticator,
    paul: SoftAuthenticator,
    review: Review,
}

impl Over {
    async fn new() -> Self {
        let house = House::builder()
            .founders()
            .signature_demanded()
            .open()
            .await;
        let [prya, sam] = house.founded().await;
        let petra = house.enrolled(PETRA, &prya).await;
        let paul = house.enrolled(PAUL, &prya).await;
        house.clock.advance(SignedDuration::from_hours(24));
        let asked = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
        let request = house.filed(ALICE, &asked).await;
        house.approve_signed(&petra, &request.id).await.unwrap();
        let session = house.activate(ALICE, &request.id).await.unwrap().session;
        house.end(ALICE, &session.id).await.unwrap();
        let review = house.reviews_of(&session.id).await.pop().unwrap();
        Self {
            house,
            prya,
            sam,
            paul,
            review,
        }
    }

    fn words(finding: Finding) -> CompleteReview {
        CompleteReview::unsigned(finding, NOTE)
    }

    /// The finding in these words, with a signature by Sam over the other ones.
    async fn signed_over(&self, words: Finding, signed: Finding) -> CompleteReview {
        let found = Found {
            finding: signed,
            note: NOTE,
        };
        let (control, caller) = (&self.house.control, self.house.caller(SAM));
        let to_sign = finding_statement(control, &caller, &self.review.id, found).await;
        CompleteReview {
            signature: Some(self.sam.sign(&to_sign.unwrap())),
            ..Self::words(words)
        }
    }

    async fn refuses(&self, by: &str, words: &CompleteReview, denial: Denial, says: &str) {
        let caller = self.house.caller(by);
        let outcome = complete_review(&self.house.control, &caller, &self.review.id, words).await;
        let refusal = self
            .house
            .assert_refused(outcome, by, "review", denial)
            .await;
        assert!(refusal.detail.contains(says), "{refusal}");
    }
}

#[tokio::test]
async fn r27_a_signed_finding_stands_in_the_evidence_with_the_session_as_it_was_shown() {
    let over = Over::new().await;
    let (house, review) = (&over.house, &over.review);
    assert_eq!(review.reviewer, Some(SAM.parse().unwrap()));
    let words = over
        .signed_over(Finding::Justified, Finding::Justified)
        .await;
    let done = complete_review(&house.control, &house.caller(SAM), &review.id, &words).await;
    assert!(done.unwrap().completed.unwrap().signature.is_some());
    let pack = evidence::pack(&house.control, &house.caller(SAM), &review.event).await;
    let founders = [&over.prya, &over.sam].map(|key| {
        let thumbprint = key.public.thumbprint();
        format!("{} {thumbprint}\n", key.person())
    });
    let options = VerifyOptions {
        trusted_key: Some(house.control.ledger_verifier().clone()),
        founders: Some(Founders::parse(&founders.concat()).unwrap()),
        strict: true,
        ..VerifyOptions::default()
    };
    let verified = locum_evidence::verify(&pack.unwrap(), &options).unwrap();
    let signs: Vec<Signs> = verified.signatures.iter().map(|it| it.signs).collect();
    assert_eq!(signs, [Signs::Approval, Signs::Finding]);
    house.verify().await;
}

#[tokio::test]
async fn r27_where_decisions_are_signed_a_finding_without_its_makers_signature_is_none() {
    let over = Over::new().await;
    let demanded = Denial::SignatureRequired;
    let plain = Over::words(Finding::Justified);
    over.refuses(SAM, &plain, demanded, "a finding needs your signature")
        .await;
    let other = over
        .signed_over(Finding::Unjustified, Finding::Justified)
        .await;
    over.refuses(SAM, &other, demanded, "signature").await;
    let strangers = CompleteReview {
        signature: Some(over.paul.sign_digest(&[7; 32])),
        ..Over::words(Finding::Justified)
    };
    over.refuses(SAM, &strangers, demanded, "none of your authenticators")
        .await;
    let right = over
        .signed_over(Finding::Justified, Finding::Justified)
        .await;
    over.refuses(PETRA, &right, Denial::ConflictOfInterest, "approved")
        .await;
    let control = &over.house.control;
    let done = complete_review(control, &over.house.caller(SAM), &over.review.id, &right).await;
    assert!(done.is_ok());
    over.house.verify().await;
}
