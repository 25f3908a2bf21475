//! From the empty form to the evidence, as people click it.

use axum::http::StatusCode;

use crate::world::{HOST, World};
use crate::{ALICE, MIA, OSCAR, SAM};

const ASKED: [(&str, &str); 4] = [
    ("case", "desk:7"),
    ("in:billing", "invoice.read"),
    ("minutes", "30"),
    ("reason", "Carla cannot open her August invoice"),
];

#[tokio::test]
async fn r01_r05_r16_asked_previewed_approved_activated_opened_ended_reviewed_and_exported() {
    let world = World::new().await;
    let (mut alice, mut oscar, mut sam) = (
        world.browser(ALICE).await,
        world.browser(OSCAR).await,
        world.browser(SAM).await,
    );

    let form = alice.get("/requests/new?case=desk:7").await.words();
    assert!(
        form.contains("Billing regulated owner Oscar Owens"),
        "{form}"
    );
    assert!(form.contains("CHANGES invoice.resend"), "{form}");
    assert!(form.contains("payout.create: closed (money)"), "{form}");

    let preview = alice.post("/requests/preview", &ASKED).await;
    let words = preview.words();
    assert!(words.contains("Nothing is filed yet"), "{words}");
    assert!(
        words.contains("Oscar Owens") && words.contains("application owner of Billing"),
        "{words}"
    );
    assert_eq!(
        alice
            .get("/requests")
            .await
            .words()
            .matches("pending")
            .count(),
        1,
        "only the filter says so"
    );

    let request = alice.post("/requests", &ASKED).await.location().to_owned();
    let today = alice.get("/").await.words();
    assert!(today.contains("Nothing waits for you"), "{today}");
    assert!(today.contains("to decide"), "{today}");

    for browser in [&mut oscar, &mut sam] {
        let today = browser.get("/").await;
        assert!(
            today.text().contains(&format!("href=\"{request}\"")),
            "{}",
            today.words()
        );
        let digest = browser.get(&request).await.hidden("scope_digest");
        let answer = browser
            .post(&format!("{request}/approve"), &[("scope_digest", &digest)])
            .await;
        assert_eq!(answer.location(), request);
    }
    let today = alice.get("/").await.words();
    assert!(
        today.contains("1 thing waits for you") && today.contains("Activate: as carla"),
        "{today}"
    );
    let approved = alice.get(&request).await.words();
    assert!(approved.contains("you to activate"), "{approved}");

    let session = alice
        .post(&format!("{request}/activate"), &[])
        .await
        .location()
        .to_owned();
    let page = alice.get(&session).await;
    assert!(
        page.words().contains("ends in 30 minutes"),
        "{}",
        page.words()
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains(
            "form-action 'self' http://billing.support.localhost:8471 http://localhost:8470"
        ),
        "{policy}"
    );
    let open = alice
        .post(&format!("{session}/open"), &[("application", "billing")])
        .await;
    assert!(
        open.location().starts_with(HOST),
        "through the console: {}",
        open.location()
    );

    let ended = alice.post(&format!("{session}/end"), &[]).await;
    assert_eq!(ended.location(), session);
    let page = alice.get(&session).await.words();
    assert!(page.contains("because its actor was done"), "{page}");

    let id = session.strip_prefix("/sessions/").unwrap().parse().unwrap();
    let review = world.house.reviews_of(&id).await[0].clone();
    let reviewer = review.reviewer.clone().unwrap();
    let mut reviewer = world.browser(reviewer.as_str()).await;
    assert!(
        reviewer
            .get("/")
            .await
            .words()
            .contains("Review a finished session")
    );
    let path = format!("/reviews/{}", review.id);
    let thin = reviewer
        .post(
            &format!("{path}/complete"),
            &[("finding", "justified"), ("note", "ok")],
        )
        .await;
    assert_eq!(thin.status, StatusCode::UNPROCESSABLE_ENTITY);
    let note = "Read one invoice, as the case asked.";
    let done = reviewer
        .post(
            &format!("{path}/complete"),
            &[("finding", "justified"), ("note", note)],
        )
        .await;
    assert_eq!(done.location(), path);
    assert!(reviewer.get(&path).await.words().contains(note));

    let event = format!("/events/{}", review.event);
    assert!(
        alice
            .get(&event)
            .await
            .words()
            .contains("Alice Archer acted as carla@acme.example")
    );
    let pack = alice.get(&format!("{event}/evidence")).await;
    assert_eq!(pack.header("content-type"), "application/zip");
    assert!(pack.bytes.starts_with(b"PK"));
    world.house.verify().await;
}

#[tokio::test]
async fn a_preview_that_would_be_refused_keeps_what_was_written() {
    let world = World::new().await;
    let mut alice = world.browser(ALICE).await;
    let mut thin = ASKED;
    thin[3] = ("reason", "fix it");
    let answer = alice.post("/requests/preview", &thin).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.text();
    assert!(
        text.contains("fix it</textarea>") && text.contains("value=\"desk:7\""),
        "{text}"
    );
    assert!(answer.words().contains("reason-missing"));
    assert!(text.contains("value=\"invoice.read\" checked"), "{text}");
    world.house.verify().await;
}

#[tokio::test]
async fn an_offer_is_made_and_taken_and_a_question_answered() {
    let world = World::new().await;
    let id = world.pending().await;
    let path = format!("/requests/{id}");
    let (mut alice, mut oscar) = (world.browser(ALICE).await, world.browser(OSCAR).await);
    oscar
        .post(
            &format!("{path}/ask"),
            &[("question", "Which invoice is it?")],
        )
        .await;
    let card = alice.get(&path).await.words();
    assert!(
        card.contains("you to answer") && card.contains("Which invoice is it?"),
        "{card}"
    );
    alice
        .post(
            &format!("{path}/answer"),
            &[("answer", "Number 4711, of August.")],
        )
        .await;
    assert!(
        oscar
            .get(&path)
            .await
            .words()
            .contains("Number 4711, of August.")
    );
    let terms = [
        ("in:billing", "invoice.read"),
        ("minutes", "10"),
        ("note", "ten are enough"),
    ];
    assert_eq!(
        oscar
            .post(&format!("{path}/offer"), &terms)
            .await
            .location(),
        path
    );
    let offered = alice.get(&path).await;
    assert!(
        offered.words().contains("you to take or leave 10 minutes"),
        "{}",
        offered.words()
    );
    let digest = offered.hidden("scope_digest");
    alice
        .post(&format!("{path}/accept"), &[("scope_digest", &digest)])
        .await
        .location();
    assert_eq!(world.house.request(&id).await.duration.0, 10);
    world.house.verify().await;
}

#[tokio::test]
async fn a_live_session_is_lengthened_by_a_request_of_its_own() {
    let world = World::new().await;
    let session = world.live().await;
    let request = world.house.session(&session).await.request;
    let mut alice = world.browser(ALICE).await;
    let fields = [
        ("minutes", "15"),
        ("reason", "Carla has a second invoice to open"),
    ];
    let longer = alice
        .post(&format!("/requests/{request}/extend"), &fields)
        .await;
    let page = alice.get(longer.location()).await.words();
    assert!(page.contains("wants to go on acting as"), "{page}");
    let today = world.browser(OSCAR).await.get("/").await.words();
    assert!(today.contains("Decide"), "{today}");
    assert!(world.browser(MIA).await.get("/").await.status.is_success());
    world.house.verify().await;
}
