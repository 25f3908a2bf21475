//! Refusals: which, in what order, and how they are said.

use locum_domain::Event;
use locum_domain::session::EndedBecause;

use crate::client::send;
use crate::world::World;

#[tokio::test]
async fn r17_what_is_not_granted_is_refused_with_its_code_and_recorded() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    for (method, path, status, code) in [
        ("GET", "/admin", 403, "unclassified-route"),
        ("DELETE", "/invoices/7", 403, "unclassified-route"),
        ("POST", "/payouts", 403, "closed-operation"),
        ("POST", "/invoices/7/resend", 403, "out-of-scope"),
        ("GET", "/invoices/../payouts", 400, "malformed"),
        ("GET", "/invoices/%2e%2e/payouts", 400, "malformed"),
        ("GET", "/invoices/a%2fb", 400, "malformed"),
        ("GET", "//invoices", 400, "malformed"),
        ("GET", "/invoices/..;x/payouts", 400, "malformed"),
        ("POST", "/payouts;x=1", 403, "unclassified-route"),
    ] {
        let reply = world.ask(method, path, &cookie, &[]).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{method} {path}"
        );
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json")
        );
        let problem = reply.json();
        assert_eq!(
            problem["type"],
            format!("https://locum.dev/problems/{code}")
        );
        assert_eq!(problem["status"], status);
    }
    assert_eq!(world.application.seen(), 0);
    let refused = world.records("access-refused");
    assert_eq!(refused.len(), 10);
    match &refused[2] {
        Event::AccessRefused(refused) => {
            assert_eq!(
                refused.operation.as_ref().unwrap().as_str(),
                "payout.create"
            );
            assert_eq!(refused.path, "/payouts");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn r17_an_operation_is_used_as_often_as_allowed_and_no_more() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let all = (0..8).map(|_| world.get("/capped", &cookie, &[]));
    let replies = futures_util::future::join_all(all).await;
    assert_eq!(replies.iter().filter(|it| it.status == 200).count(), 2);
    assert_eq!(replies.iter().filter(|it| it.status == 429).count(), 6);
}

#[tokio::test]
async fn r19_a_stranger_is_counted_and_fills_no_record() {
    let world = World::new().await;
    for cookie in ["a=b", "locum=made-up"] {
        let reply = world.get("/invoices", cookie, &[]).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "session-ended")
        );
        assert_eq!(
            reply.header("www-authenticate"),
            Some("Bearer error=\"invalid_token\"")
        );
    }
    let bearer = [("Authorization", "Bearer a.b.c")];
    assert_eq!(world.get("/invoices", "a=b", &bearer).await.status, 401);
    assert!(world.kept.records.lock().unwrap().is_empty());
    let strangers = world.told.strangers.lock().unwrap().clone();
    assert_eq!(
        strangers,
        [
            "gateway no-credential",
            "gateway unknown-cookie",
            "gateway bad-token"
        ]
    );
}

#[tokio::test]
async fn r22_an_ended_session_is_told_why_and_when() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.end(EndedBecause::CaseClosed);
    let reply = world.get("/invoices", &cookie, &[]).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "session-ended")
    );
    let problem = reply.json();
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .starts_with("case-closed at 20")
    );
    assert_eq!(problem["ended_because"], "case-closed");
}

#[tokio::test]
async fn r22_a_dead_cookie_cannot_fill_the_record() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    world.end(EndedBecause::CaseClosed);
    for _ in 0..120 {
        assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 401);
    }
    assert_eq!(world.records("access-refused").len(), 100);
    assert_eq!(world.told.strangers.lock().unwrap().len(), 20);
}

#[tokio::test]
async fn r19_a_sibling_or_foreign_site_cannot_make_the_browser_act() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    for site in ["same-site", "cross-site", "anything"] {
        let reply = world
            .get("/invoices", &cookie, &[("Sec-Fetch-Site", site)])
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (403, "wrong-application"),
            "{site}"
        );
    }
    for site in ["same-origin", "none"] {
        let reply = world
            .get("/invoices", &cookie, &[("Sec-Fetch-Site", site)])
            .await;
        assert_eq!(reply.status, 200, "{site}");
    }
    let worker = world
        .get("/static/sw.js", &cookie, &[("Service-Worker", "script")])
        .await;
    assert_eq!(worker.status, 403);
    assert_eq!(world.application.seen(), 2);
}

#[tokio::test]
async fn r17_a_browser_gets_a_page_with_the_same_status() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let browser = [("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")];
    let reply = world
        .ask("POST", "/invoices/7/resend", &cookie, &browser)
        .await;
    assert_eq!(reply.status, 403);
    assert_eq!(
        reply.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let page = reply.text();
    assert!(page.contains("oscar@corp.example"));
    assert!(page.contains("http://locum.localhost:8080/requests/new?application=billing"));
    assert!(page.contains("out-of-scope"));
    let json = [("Accept", "text/html;q=0.5, application/json")];
    let reply = world.ask("POST", "/payouts", &cookie, &json).await;
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
}

#[tokio::test]
async fn r17_a_destination_elsewhere_is_refused() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let origin = format!("http://{}", world.host("billing"));
    for (to, status) in [
        (format!("{origin}/echo/b"), 200),
        ("/echo/b".to_owned(), 200),
        (format!("{origin}/admin"), 403),
        (format!("{origin}/echo/../admin"), 400),
        ("http://other.example/echo/b".to_owned(), 400),
    ] {
        let reply = world
            .ask("MOVE", "/echo/a", &cookie, &[("Destination", &to)])
            .await;
        assert_eq!(reply.status, status, "{to}");
        if status == 200 && to.starts_with("http") {
            let mapped = format!("http://{}/echo/b", world.application.address);
            assert!(reply.text().contains(&mapped), "{}", reply.text());
        }
    }
}

#[tokio::test]
async fn r16_the_gateways_own_addresses_are_never_forwarded() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    for path in [
        "/.well-known/locum",
        "/.well-known/locum/",
        "/.well-known/locum/x",
        "/.well-known/%6cocum/session",
        "/.WELL-KNOWN/LOCUM/session",
        "/.well-known/locum;x/session",
    ] {
        let reply = world.get(path, &cookie, &[]).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    let session = world
        .get("/.well-known/locum/session", &cookie, &[])
        .await
        .json();
    assert_eq!(session["session"], world.session.id.to_string());
    assert_eq!(session["subject"], "kim@customer.example");
    assert_eq!(session["actor"], crate::world::ACTOR);
    assert_eq!(session["mode"], "read");
    assert_eq!(world.application.seen(), 0);
}

#[tokio::test]
async fn r16_an_unknown_host_is_nobodys() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    for host in [
        "localhost",
        "gw.localhost",
        "nobody.gw.localhost",
        "billing.gw.localhost.evil",
    ] {
        let reply = send(world.door, "GET", "/invoices", host, &[("Cookie", &cookie)]).await;
        assert_eq!(reply.status, 421, "{host}");
    }
    let known = [("Cookie", cookie.as_str())];
    let upper = send(
        world.door,
        "GET",
        "/invoices",
        "BILLING.GW.localhost",
        &known,
    )
    .await;
    assert_eq!(upper.status, 200);
}
