//! R24: an auditor takes the evidence of a whole period, and it shows that it is all of it.

use std::io::Cursor;

use jiff::SignedDuration;
use locum_control::population::{Only, Period, population};
use locum_domain::{Denial, Event, EventId, Refusal, Timestamp};
use locum_evidence::{PopulationVerified, VerifyOptions, verify_population};
use locum_testkit::house::House;

use crate::sequencing::admitted;
use crate::{ALICE, ARNO, AUDREY, OSCAR, SAM};

async fn taken(house: &House, by: &str, period: Period, only: Only) -> Result<Vec<u8>, Refusal> {
    let mut export = population(&house.control, &house.caller(by), period, only).await?;
    let mut file = Vec::new();
    while let Some(bytes) = export.next(&house.control).await? {
        file.extend(bytes);
    }
    Ok(file)
}

async fn judged(house: &House, period: Period, only: Only) -> PopulationVerified {
    let file = taken(house, AUDREY, period, only).await.unwrap();
    let options = VerifyOptions {
        trusted_key: Some(house.control.ledger_verifier().clone()),
        ..VerifyOptions::default()
    };
    verify_population(Cursor::new(file), &options).unwrap()
}

fn whole(house: &House) -> Period {
    let now = house.clock.says();
    Period::new(Timestamp::UNIX_EPOCH, now + SignedDuration::from_secs(1)).unwrap()
}

#[tokio::test]
async fn r24_every_event_of_a_period_is_taken_and_shown_to_be_all_of_them() {
    let house = House::new().await;
    let began = house.clock.says();
    let activated = house.activated(ALICE, &house.asked()).await.session;
    for number in 1..=9 {
        house.journal.append(&admitted(&house, &activated, number));
    }
    house.end(ALICE, &activated.id).await.unwrap();
    house.clock.advance_minutes(90);
    let middle = house.clock.says();
    let other = house.asking("desk:9", &[("billing", &["invoice.read"])], 30);
    let denied = house.filed(ARNO, &other).await;
    house.clock.advance_minutes(90);

    let events = |verified: &PopulationVerified| -> Vec<EventId> {
        let events = verified.population.events.iter();
        events.map(|it| it.event.clone()).collect()
    };
    let verified = judged(&house, whole(&house), Only::default()).await;
    let start = "population complete: 2 of 2; every pack verified: whole, unaltered and signed by ";
    assert!(
        verified.sentence.starts_with(start),
        "{}",
        verified.sentence
    );
    assert_eq!(
        events(&verified),
        [activated.event.clone(), denied.event.clone()]
    );
    let history = house.history().await;
    let position = |id: &EventId| {
        let filed = history.iter().find(
            |it| matches!(&it.event, Event::RequestFiled { request } if request.event == *id),
        );
        filed.unwrap().position
    };
    for told in &verified.population.events {
        assert_eq!(told.filed.position, position(&told.event));
    }
    for (from, to, event) in [
        (began, middle, &activated.event),
        (middle, middle + SignedDuration::from_mins(5), &denied.event),
    ] {
        let period = Period::new(from, to).unwrap();
        let verified = judged(&house, period, Only::default()).await;
        assert_eq!(
            events(&verified),
            std::slice::from_ref(event),
            "{from} {to}"
        );
        assert_eq!(verified.population.filed, 1);
    }
    let only = Only {
        application: None,
        actor: Some(ARNO.parse().unwrap()),
    };
    let verified = judged(&house, whole(&house), only).await;
    assert_eq!(events(&verified), [denied.event]);
    let start = "a selection, not the population: 1 of the 2 access events filed in the period, those of actor arno";
    assert!(
        verified.sentence.starts_with(start),
        "{}",
        verified.sentence
    );
    house.verify().await;
}

#[tokio::test]
async fn r22_r24_only_auditors_take_it_and_that_is_on_the_record_before_anything_is_read() {
    let house = House::new().await;
    house.activated(ALICE, &house.asked()).await;
    let period = whole(&house);
    for nobody in [ALICE, OSCAR, SAM] {
        let refused = taken(&house, nobody, period, Only::default()).await;
        assert_eq!(refused.unwrap_err().denial, Denial::NotEligible, "{nobody}");
    }
    let before = house.history().await.len();
    taken(&house, AUDREY, period, Only::default())
        .await
        .unwrap();
    let history = house.history().await;
    assert_eq!(history.len(), before + 1);
    let Event::EvidenceRead { by, what, .. } = &history[before].event else {
        panic!("{:?}", history[before]);
    };
    assert_eq!(by.as_str(), AUDREY);
    assert!(what.starts_with("the evidence packs of every access event filed from 1970-01-01T"));
    house.store.set_fails_commits(true);
    let refused = taken(&house, AUDREY, period, Only::default()).await;
    assert_eq!(refused.unwrap_err().denial, Denial::RecorderUnavailable);
    house.store.set_fails_commits(false);
    house.verify().await;
}
