//! Closed operations that two people open, absences, and what an emergency skipped.

use axum::http::StatusCode;

use crate::world::World;
use crate::{ALICE, OSCAR, PETRA, PRYA, SAM};

#[tokio::test]
async fn r21_an_owner_asks_for_an_exception_and_security_opens_it_and_closes_it_again() {
    let world = World::new().await;
    let mut oscar = world.browser(OSCAR).await;
    let page = oscar.get("/exceptions").await.words();
    assert!(page.contains("No exception was ever asked for"), "{page}");
    let asked = [
        ("operation", "billing payout.create"),
        ("days", "3"),
        ("reason", "the bank's own portal is down until Friday"),
    ];
    assert_eq!(
        oscar.post("/exceptions", &asked).await.location(),
        "/exceptions"
    );
    let page = oscar.get("/exceptions").await;
    assert!(
        page.words()
            .contains("somebody of security, privacy or compliance opens it")
    );
    let mut prya = world.browser(PRYA).await;
    let page = prya.get("/exceptions").await;
    assert!(page.words().contains("1 waits for you"), "{}", page.words());
    let text = page.text();
    let mut actions = text
        .split("action=\"")
        .map(|it| it.split('"').next().unwrap());
    let confirm = actions.find(|it| it.ends_with("/confirm")).unwrap();
    let own = oscar.post(confirm, &[]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(own.words().contains("second-person-required"));
    assert_eq!(prya.post(confirm, &[]).await.location(), "/exceptions");
    let page = prya.get("/exceptions").await.words();
    assert!(page.contains("1 closed operation is open"), "{page}");
    let end = confirm.replace("/confirm", "/end");
    assert_eq!(oscar.post(&end, &[]).await.location(), "/exceptions");
    let page = prya.get("/exceptions").await.words();
    assert!(page.contains("Nothing that is closed is open"), "{page}");
    world.house.verify().await;
}

#[tokio::test]
async fn r21_who_speaks_for_nobody_sees_no_exception_and_asks_for_none() {
    let world = World::new().await;
    let mut alice = world.browser(ALICE).await;
    assert!(!alice.get("/").await.text().contains("href=\"/exceptions\""));
    let page = alice.get("/exceptions").await.words();
    assert!(!page.contains("Ask for an exception"), "{page}");
    let asked = [
        ("operation", "billing payout.create"),
        ("reason", "because I want to"),
    ];
    let refused = alice.post("/exceptions", &asked).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    world.house.verify().await;
}

#[tokio::test]
async fn r13_a_person_says_that_they_are_away_and_back_again() {
    let world = World::new().await;
    let mut petra = world.browser(PETRA).await;
    let today = jiff::tz::TimeZone::UTC
        .to_datetime(world.house.clock.says())
        .date();
    let (from, until) = (
        today.to_string(),
        today.saturating_add(jiff::Span::new().days(5)),
    );
    let until = until.to_string();
    let fields = [
        ("from", from.as_str()),
        ("until", until.as_str()),
        ("deputy", "paul@corp.example"),
    ];
    assert_eq!(
        petra.post("/account/absence", &fields).await.location(),
        "/account"
    );
    let page = petra.get("/account").await.words();
    assert!(
        page.contains(&format!("Away from {from} to {until}")),
        "{page}"
    );
    let back = petra.post("/account/absence/end", &[]).await;
    assert_eq!(back.location(), "/account");
    let page = petra.get("/account").await.words();
    assert!(page.contains("Requests go to you"), "{page}");
    let nonsense = [("from", "soon"), ("until", "later")];
    let refused = petra.post("/account/absence", &nonsense).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    world.house.verify().await;
}

#[tokio::test]
async fn r11_whoever_an_emergency_skipped_signs_on_the_requests_page() {
    let world = World::new().await;
    let house = &world.house;
    let mut asked = house.asking("desk:7", &[("billing", &["invoice.read"])], 15);
    asked.break_glass = true;
    let request = house.filed(ALICE, &asked).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.activate(ALICE, &request.id).await.unwrap();
    let address = format!("/requests/{}", request.id);
    let mut prya = world.browser(PRYA).await;
    let page = prya.get(&address).await;
    assert!(
        page.words().contains("Skipped by the emergency"),
        "{}",
        page.words()
    );
    let digest = page.hidden("scope_digest");
    let sign = format!("{address}/countersign");
    let mut petra = world.browser(PETRA).await;
    let other = petra.post(&sign, &[("scope_digest", &digest)]).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    let today = prya.get("/").await.words();
    assert!(
        today.contains("Sign for what an emergency skipped"),
        "{today}"
    );
    assert!(!today.contains("overdue"), "{today}");
    let mut sam = world.browser(SAM).await;
    let heard = sam.get("/").await.words();
    assert!(
        heard.contains("Emergencies, for security to know"),
        "{heard}"
    );
    house.clock.advance_minutes(3 * 24 * 60);
    house.run_jobs().await;
    let mut prya = world.browser(PRYA).await;
    for page in ["/", &address] {
        let page = prya.get(page).await.words();
        assert!(page.contains("overdue since"), "{page}");
    }
    let page = prya.get(&address).await.words();
    assert!(page.contains("was not signed until"), "{page}");
    let signed = prya.post(&sign, &[("scope_digest", &digest)]).await;
    assert_eq!(signed.location(), address);
    let page = prya.get(&address).await.words();
    assert!(!page.contains("Sign for what was skipped"), "{page}");
    world.house.verify().await;
}
