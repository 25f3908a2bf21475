//! Ending, idling and lengthening.

use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use locum_domain::access::Outcome;
use locum_domain::session::EndedBecause;

use crate::world::World;

const END: &str = "/.well-known/locum/end";

#[tokio::test]
async fn r18_the_end_button_destroys_and_leads_back_to_nobody() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let here = [("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html")];
    let reply = world.ask("POST", END, &cookie, &here).await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("clear-site-data"),
        Some("\"cache\", \"storage\"")
    );
    assert_eq!(
        reply.all("set-cookie"),
        ["locum=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]
    );
    assert_eq!(
        *world.told.ended_by_actor.lock().unwrap(),
        std::slice::from_ref(&world.session.id)
    );
    let after = world.get("/invoices", &cookie, &[]).await;
    assert_eq!(
        (after.status, after.json()["ended_because"].as_str()),
        (401, Some("ended-by-actor"))
    );
}

#[tokio::test]
async fn r20_only_this_hosts_own_page_can_press_it() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let origin = format!("http://{}", world.host("billing"));
    for refused in [
        vec![],
        vec![("Sec-Fetch-Site", "cross-site")],
        vec![("Sec-Fetch-Site", "same-site")],
        vec![("Origin", "http://evil.example")],
        vec![("Origin", origin.as_str()), ("Sec-Fetch-Site", "same-site")],
    ] {
        assert_eq!(
            world.ask("POST", END, &cookie, &refused).await.status,
            403,
            "{refused:?}"
        );
    }
    assert_eq!(world.get(END, &cookie, &[]).await.status, 405);
    assert!(world.told.ended_by_actor.lock().unwrap().is_empty());
    let reply = world
        .ask("POST", END, &cookie, &[("Origin", &origin)])
        .await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn r18_an_end_that_cannot_be_recorded_cuts_all_the_same() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.told.is_broken.store(true, Ordering::SeqCst);
    let here = [("Sec-Fetch-Site", "same-origin")];
    assert_eq!(world.ask("POST", END, &cookie, &here).await.status, 503);
    assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 401);
}

#[tokio::test]
async fn r16_a_session_is_idle_when_nobody_uses_it_and_pictures_are_no_use() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let minutes = |count: i64| count * 60 * 1000;
    world.clock.by_ms.store(minutes(8), Ordering::SeqCst);
    assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 200);
    world.completed(1).await;
    world.clock.by_ms.store(minutes(17), Ordering::SeqCst);
    assert!(world.gateway.idle_sessions().is_empty());
    assert_eq!(
        world.get("/static/logo.png", &cookie, &[]).await.status,
        200
    );
    world.completed(2).await;
    world.clock.by_ms.store(minutes(19), Ordering::SeqCst);
    assert_eq!(
        world.gateway.idle_sessions(),
        std::slice::from_ref(&world.session.id)
    );
    world.end(EndedBecause::Idle);
    assert!(world.gateway.idle_sessions().is_empty());
}

#[tokio::test]
async fn r16_polling_keeps_no_session_awake_and_whoever_works_does() {
    const SCRIPT: (&str, &str) = ("Sec-Fetch-Mode", "cors");
    const WINDOW: (&str, &str) = ("Sec-Fetch-Mode", "navigate");
    const SAME: (&str, &str) = ("Sec-Fetch-Site", "same-origin");
    let (none, script, window) = (vec![], vec![SAME, SCRIPT], vec![SAME, WINDOW]);
    // What came before, and what comes after nine minutes: whether it keeps the session awake.
    for (before, method, path, headers, is_use) in [
        ("/echo/poll", "GET", "/echo/poll?since=2", &script, false),
        ("/echo/poll", "HEAD", "/echo/poll", &script, false),
        ("/echo/poll", "GET", "/echo/other", &script, true),
        ("/echo/poll", "POST", "/echo/poll", &script, true),
        ("/page", "GET", "/page", &window, true),
        ("/page", "GET", "/page", &none, true),
    ] {
        let world = World::new().await;
        let cookie = world.cookie("billing").await;
        let minutes = |count: i64| world.clock.by_ms.store(count * 60_000, Ordering::SeqCst);
        let first = world.get(before, &cookie, headers).await;
        assert_eq!(first.status, 200);
        world.completed(1).await;
        minutes(9);
        let second = world.ask(method, path, &cookie, headers).await;
        assert_eq!(second.status, 200, "{method} {path}");
        world.completed(2).await;
        minutes(15);
        let is_awake = world.gateway.idle_sessions().is_empty();
        assert_eq!(is_awake, is_use, "{method} {path} {headers:?}");
    }
}

#[tokio::test]
async fn r18_the_browser_forgets_whatever_ended_the_session() {
    const EXPIRED: &str = "locum=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";
    for accept in ["application/json", "text/html"] {
        let world = World::new().await;
        let cookie = world.cookie("billing").await;
        world.end(EndedBecause::CaseClosed);
        for path in ["/invoices", "/.well-known/locum/session"] {
            let reply = world.get(path, &cookie, &[("Accept", accept)]).await;
            assert_eq!(reply.status, 401, "{path}");
            let kind = reply.header("content-type").unwrap();
            assert_eq!(kind.starts_with("text/html"), accept == "text/html");
            assert_eq!(
                reply.header("clear-site-data"),
                Some("\"cache\", \"storage\"")
            );
            assert_eq!(reply.all("set-cookie"), [EXPIRED], "{path}");
        }
    }
    // By its time, and also when it is forgotten why.
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    for minutes in [31, 200] {
        world.clock.by_ms.store(minutes * 60_000, Ordering::SeqCst);
        let reply = world.get("/invoices", &cookie, &[]).await;
        assert_eq!(
            (reply.status, reply.all("set-cookie")),
            (401, vec![EXPIRED])
        );
        assert!(reply.header("clear-site-data").is_some());
    }
    // Without the cookie there is nothing to forget.
    let reply = world.get("/invoices", "a=b", &[]).await;
    assert_eq!((reply.status, reply.all("set-cookie").len()), (401, 0));
    assert_eq!(reply.header("clear-site-data"), None);
}

#[tokio::test]
async fn r16_a_lengthened_session_lives_longer_and_keeps_its_counts() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    assert_eq!(world.get("/capped", &cookie, &[]).await.status, 200);
    world.gateway.extend(
        &world.session.id,
        world.session.end_by + SignedDuration::from_mins(20),
    );
    world.clock.by_ms.store(35 * 60 * 1000, Ordering::SeqCst);
    assert_eq!(world.get("/capped", &cookie, &[]).await.status, 200);
    assert_eq!(world.get("/capped", &cookie, &[]).await.status, 429);
    world.clock.by_ms.store(51 * 60 * 1000, Ordering::SeqCst);
    let reply = world.get("/capped", &cookie, &[]).await;
    assert_eq!(
        (reply.status, reply.json()["ended_because"].as_str()),
        (401, Some("expired"))
    );
}

#[tokio::test]
async fn r18_why_it_ended_is_forgotten_an_hour_after_it_would_have_expired() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.end(EndedBecause::CaseClosed);
    assert!(
        world
            .get("/invoices", &cookie, &[])
            .await
            .json()
            .get("ended_at")
            .is_some()
    );
    world.clock.by_ms.store(91 * 60 * 1000, Ordering::SeqCst);
    crate::world::eventually(|| {
        world.gateway.end(
            &world.session.id,
            EndedBecause::CaseClosed,
            Timestamp::now(),
        );
        world.gateway.live().is_empty()
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    let reply = world.get("/invoices", &cookie, &[]).await;
    assert_eq!(reply.status, 401);
    assert!(reply.json().get("ended_at").is_none());
}

#[tokio::test]
async fn r18_who_watches_sees_what_is_under_way() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.get("/invoices/7", &cookie, &[]).await;
    world.ask("POST", "/payouts", &cookie, &[]).await;
    assert_eq!(world.outcome().await, Outcome::Answered);
    let live = &world.gateway.live()[0];
    assert_eq!((live.admitted, live.refused, live.in_flight), (1, 1, 0));
    let (application, operation) = live.last_operation.clone().unwrap();
    assert_eq!(
        (application.as_str(), operation.as_str()),
        ("billing", "invoice.read")
    );
    assert!(live.last_used_at.is_some());
}
