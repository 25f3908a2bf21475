//! Absences, and reviews that somebody owes.

use jiff::ToSpan as _;
use jiff::civil::Date;
use locum_control::absences::{Announced, absences, announce_absence, end_absence};
use locum_domain::{Absence, Authority, Denial, Refusal};
use locum_testkit::house::House;

use crate::{ALICE, ARNO, MIA, OSCAR, PAUL, PETRA};

fn days_from_now(house: &House, days: i64) -> Date {
    let today = jiff::tz::TimeZone::UTC
        .to_datetime(house.clock.says())
        .date();
    today + days.days()
}

async fn away(
    house: &House,
    by: &str,
    person: Option<&str>,
    days: i64,
    deputy: Option<&str>,
) -> Result<Absence, Refusal> {
    let announced = Announced {
        person: person.map(|it| it.parse().unwrap()),
        from: days_from_now(house, -1),
        until: days_from_now(house, days),
        deputy: deputy.map(|it| it.parse().unwrap()),
    };
    announce_absence(&house.control, &house.caller(by), &announced).await
}

#[tokio::test]
async fn r13_requests_go_to_the_deputy_while_somebody_is_away_and_come_back_with_them() {
    let house = House::new().await;
    let crm = house.asking("desk:9", &[("crm", &["contact.read"])], 20);
    let owners = |request: &locum_domain::Request| {
        let mut steps = request.route.steps.iter();
        let step = steps.find(|it| it.authority == Authority::ApplicationOwner);
        let approvers = step.unwrap().approvers.iter();
        approvers.map(ToString::to_string).collect::<Vec<_>>()
    };
    away(&house, PETRA, None, 5, Some(PAUL)).await.unwrap();
    let request = house.filed(ARNO, &crm).await;
    assert_eq!(owners(&request), [PAUL]);
    assert!(request.warnings.is_empty(), "{:?}", request.warnings);
    assert_eq!(
        absences(&house.control, &house.caller(ARNO))
            .await
            .unwrap()
            .len(),
        1
    );
    // Whoever is away has lost nothing: they may decide from where they are.
    house.approve(PETRA, &request.id).await.unwrap();
    let (petra, caller) = (PETRA.parse().unwrap(), house.caller(PETRA));
    let back = end_absence(&house.control, &caller, &petra).await.unwrap();
    assert!(back.is_ended);
    let wiki = house.asking("desk:9", &[("crm", &["contact.read"])], 10);
    let request = house.filed(ARNO, &wiki).await;
    assert_eq!(owners(&request), [PETRA, PAUL]);
    house.verify().await;
}

#[tokio::test]
async fn r13_a_step_whose_only_holder_is_away_says_so_before_anybody_waits() {
    let house = House::new().await;
    away(&house, OSCAR, None, 5, None).await.unwrap();
    let request = house.filed(ALICE, &house.asked()).await;
    let warned = request.warnings.iter().any(|it| it.contains("away until"));
    assert!(warned, "{:?}", request.warnings);
    house.verify().await;
}

#[tokio::test]
async fn r13_a_person_or_their_manager_says_that_they_are_away_and_nobody_else() {
    let house = House::new().await;
    away(&house, MIA, Some(ALICE), 3, None).await.unwrap();
    let outcome = away(&house, ARNO, Some(ALICE), 3, None).await;
    house
        .assert_refused(outcome, ARNO, "announce-absence", Denial::NotAnApprover)
        .await;
    let outcome = away(&house, OSCAR, None, 3, Some("nobody@corp.example")).await;
    house
        .assert_refused(outcome, OSCAR, "announce-absence", Denial::NotANamedPerson)
        .await;
    let outcome = away(&house, OSCAR, None, -3, None).await;
    house
        .assert_refused(outcome, OSCAR, "announce-absence", Denial::Malformed)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r27_whoever_owes_an_overdue_review_asks_for_nothing_before_it_is_done() {
    let builder = House::builder().files(|files| {
        files.replace(
            "catalog/applications/crm.toml",
            "owner = \"petra@corp.example\"\n",
            "owner = \"petra@corp.example\"\nreviewer = \"arno@corp.example\"\n",
        );
    });
    let house = builder.open().await;
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 20);
    let session = house.activated(ALICE, &crm).await.session;
    house.end(ALICE, &session.id).await.unwrap();
    let review = house.reviews_of(&session.id).await.remove(0);
    assert_eq!(review.reviewer, Some(ARNO.parse().unwrap()));
    let own = house.asking("desk:9", &[("crm", &["contact.read"])], 10);
    house.filed(ARNO, &own).await;
    house.clock.advance_minutes(60 * 24 * 6);
    let outcome = house.file(ARNO, &own).await;
    house
        .assert_refused(outcome, ARNO, "file", Denial::ReviewOverdue)
        .await;
    house.verify().await;
}
