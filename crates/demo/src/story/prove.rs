//! The last part: somebody else reviews, and an outsider checks the evidence alone.

use locum_api::{CompleteReviewBody, LedgerState, Listing, ReviewView};

use super::{Evidence, Person, StoryFailed, Teller, VerifyPack};
use crate::world::World;

/// Ends with a pack that verifies, and does not when one byte of it is another.
pub(super) async fn reviewed_and_proven(
    world: &World,
    event: &str,
    verify: VerifyPack<'_>,
    ledger_key: &str,
    teller: &mut Teller<'_>,
) -> Result<Evidence, StoryFailed> {
    teller.step("Somebody who neither asked, acted nor approved reviews what was done");
    let audrey = teller.must(Person::new(world, "audrey@corp.example"))?;
    let open: Listing<ReviewView> = teller.must(audrey.get("/api/v1/reviews?state=open").await)?;
    let Some(review) = open.items.iter().find(|review| review.event == event) else {
        return teller.failed("no review was opened");
    };
    let Some(reviewer) = &review.reviewer else {
        return teller.failed("the review has no named reviewer");
    };
    let named = teller.must(Person::new(audrey.world, reviewer))?;
    let body = CompleteReviewBody {
        finding: "justified".to_owned(),
        note: "Two invoices and a contact were read, as the case asked; the export was cut."
            .to_owned(),
        signature: None,
    };
    let path = format!("/api/v1/reviews/{}/complete", review.id);
    let review: ReviewView = teller.must(named.post(&path, &body).await)?;
    teller.done(format!(
        "{reviewer}: {}",
        review.finding.unwrap_or_default()
    ));

    teller.step("Audrey compares the tables with the ledger");
    let ledger: LedgerState = teller.must(audrey.get("/api/v1/ledger/verify").await)?;
    if !ledger.is_consistent {
        return teller.failed(ledger.faults.join("; "));
    }
    teller.done(format!(
        "{} entries, and the signed checkpoint covers them",
        ledger.entries
    ));

    teller.step("Audrey exports the evidence and verifies it offline");
    let pack = audrey
        .client
        .bytes(&format!("/api/v1/events/{event}/evidence"))
        .await;
    let pack = teller.must(pack)?;
    let sentence = teller.must(verify(&pack, ledger_key))?;
    teller.done(sentence);

    teller.step("One byte of the evidence is changed, and it no longer verifies");
    let mut altered = pack.clone();
    let middle = altered.len() / 2;
    if let Some(byte) = altered.get_mut(middle) {
        *byte ^= 1;
    }
    match verify(&altered, ledger_key) {
        Ok(_) => return teller.failed("it still verifies"),
        Err(sentence) => teller.done(sentence),
    }
    Ok(Evidence {
        event: event.to_owned(),
        pack,
    })
}
