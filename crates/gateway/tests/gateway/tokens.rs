//! Access tokens of programs.

use jiff::{SignedDuration, Timestamp};
use locum_domain::session::EndedBecause;
use locum_token::{AccessToken, AccessTokenInput, Actor, ActorProfile, Scope};

use crate::client::{Reply, send};
use crate::world::{ACTOR, ISSUER, World};

fn token(world: &World, change: impl FnOnce(&mut AccessTokenInput), at: Timestamp) -> String {
    let mut input = AccessTokenInput {
        issuer: ISSUER.to_owned(),
        base_url: format!("http://{}/", world.host("billing")),
        subject: "kim@customer.example".to_owned(),
        client_id: "agent".to_owned(),
        actor: Actor::new(ISSUER, ACTOR, ActorProfile::User),
        scope: Scope::of(["invoice.read", "echo"]).unwrap(),
        session: world.session.id.to_string(),
        token_id: "t1".to_owned(),
        confirmation: None,
        session_ends_at: world.session.end_by,
    };
    change(&mut input);
    let random = ring::rand::SystemRandom::new();
    AccessToken::issue(input, at, &world.key, &random)
        .unwrap()
        .0
}

async fn show(world: &World, token: &str, application: &str, path: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    send(world.door, "GET", path, &world.host(application), &headers).await
}

#[tokio::test]
async fn r31_a_token_opens_its_application_within_its_own_scope() {
    let world = World::new().await;
    let token = token(&world, |_| {}, Timestamp::now());
    for _ in 0..2 {
        assert_eq!(
            show(&world, &token, "billing", "/invoices/7").await.status,
            200
        );
    }
    // The session may; this token may not.
    let reply = show(&world, &token, "billing", "/page").await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "out-of-scope"));
    let said = show(&world, &token, "billing", "/echo/x").await.text();
    assert!(!said.to_lowercase().contains("bearer"), "{said}");
    // And for another application it is nobody's.
    for _ in 0..2 {
        let reply = show(&world, &token, "crm", "/invoices").await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (403, "wrong-application")
        );
    }
}

#[tokio::test]
async fn r31_a_token_that_says_more_than_the_grant_gets_the_grant() {
    let world = World::new().await;
    let token = token(
        &world,
        |it| it.scope = Scope::of(["invoice.read", "invoice.resend", "payout.create"]).unwrap(),
        Timestamp::now(),
    );
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    let host = world.host("billing");
    let reply = send(world.door, "POST", "/invoices/7/resend", &host, &headers).await;
    assert_eq!(reply.status, 403);
    assert_eq!(world.application.seen(), 0);
}

#[tokio::test]
async fn r31_what_is_wrong_with_a_token_opens_nothing() {
    let world = World::new().await;
    let now = Timestamp::now();
    let old = now - SignedDuration::from_secs(400);
    let tokens = [
        ("expired", token(&world, |_| {}, old)),
        (
            "issuer",
            token(&world, |it| it.issuer = "https://other".to_owned(), now),
        ),
        (
            "audience",
            token(&world, |it| it.base_url = "app:billing".to_owned(), now),
        ),
        (
            "subject",
            token(&world, |it| it.subject = "root".to_owned(), now),
        ),
        (
            "actor",
            token(&world, |it| it.actor.sub = "eve".to_owned(), now),
        ),
        (
            "session",
            token(&world, |it| it.session = "ses_0".to_owned(), now),
        ),
        (
            "proof",
            token(
                &world,
                |it| {
                    it.confirmation = Some(locum_token::Confirmation {
                        jkt: "k".to_owned(),
                    })
                },
                now,
            ),
        ),
    ];
    for (wrong, token) in tokens {
        assert_eq!(
            show(&world, &token, "billing", "/invoices").await.status,
            401,
            "{wrong}"
        );
    }
    let good = token(&world, |_| {}, now);
    let twice = format!("Bearer {good}");
    let headers = [
        ("Authorization", twice.as_str()),
        ("Authorization", twice.as_str()),
    ];
    let reply = send(
        world.door,
        "GET",
        "/invoices",
        &world.host("billing"),
        &headers,
    )
    .await;
    assert_eq!(reply.status, 401);
    assert_eq!(world.application.seen(), 0);
}

#[tokio::test]
async fn r31_a_verified_token_dies_with_its_session_and_with_its_time() {
    let world = World::new().await;
    let token = token(&world, |_| {}, Timestamp::now());
    assert_eq!(
        show(&world, &token, "billing", "/invoices").await.status,
        200
    );
    world
        .clock
        .by_ms
        .store(301_000, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        show(&world, &token, "billing", "/invoices").await.status,
        401
    );
    world
        .clock
        .by_ms
        .store(0, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        show(&world, &token, "billing", "/invoices").await.status,
        200
    );
    world.end(EndedBecause::OwnerEnded);
    let reply = show(&world, &token, "billing", "/invoices").await;
    assert_eq!(
        (reply.status, reply.json()["ended_because"].as_str()),
        (401, Some("owner-ended"))
    );
}
