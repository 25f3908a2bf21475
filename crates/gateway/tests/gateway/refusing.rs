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
async fn r22_a_stranger_is_counted_and_fills_no_record() {
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
async fn r18_an_ended_session_is_told_why_and_when() {
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
async fn r20_a_sibling_or_foreign_site_cannot_make_the_browser_act() {
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
async fn r17_every_page_says_what_was_refused_who_can_open_it_and_where_to_ask() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let browser = [("Accept", "text/html")];
    let ask = "<a class=\"button\" href=\"http://locum.localhost:8080/requests/new?application=billing\">";
    for (method, path, cookie, status) in [
        ("GET", "/invoices/7?ticket=secret", "a=b", 401),
        ("POST", "/payouts", cookie.as_str(), 403),
        ("GET", "/admin%3Cb", cookie.as_str(), 403),
        ("POST", "/invoices/7/resend", cookie.as_str(), 403),
        ("GET", "/packed/br", cookie.as_str(), 502),
        ("GET", "/.well-known/locum/x", cookie.as_str(), 404),
    ] {
        let reply = world.ask(method, path, cookie, &browser).await;
        assert_eq!(reply.status, status, "{path}");
        let page = reply.text();
        let shown = path.split('?').next().unwrap();
        assert!(
            page.contains(&format!("Refused: {method} {shown}")),
            "{page}"
        );
        assert!(
            page.contains("oscar@corp.example can open billing"),
            "{page}"
        );
        assert_eq!(page.matches(ask).count(), 1, "{page}");
        assert!(!page.contains("secret"), "{page}");
    }
    let nobody = send(world.door, "GET", "/x", "nobody.gw.localhost", &browser).await;
    let page = nobody.text();
    assert!(page.contains("Refused: GET /x"), "{page}");
    assert!(page.contains("owner can open it"), "{page}");
    assert!(
        page.contains("http://locum.localhost:8080/requests/new\""),
        "{page}"
    );
}

#[tokio::test]
async fn r17_a_page_names_the_owner_where_the_name_is_known() {
    use locum_domain::catalog::{Person, RecordTiming};
    let world = World::new().await;
    let mut entry = crate::world::entry("billing", world.application.address, RecordTiming::Before);
    entry.secret_header = None;
    let owner = Person {
        id: entry.owner.clone(),
        name: "Oscar <Owner>".to_owned(),
        employer: None,
        manager: None,
        roles: Default::default(),
        is_active: true,
        accounts: Vec::new(),
    };
    let mut catalog = locum_domain::Catalog::default();
    catalog.people.insert(owner.id.clone(), owner);
    catalog.applications.insert(entry.id.clone(), entry);
    world
        .gateway
        .install(&catalog, &Default::default())
        .unwrap();
    let page = world
        .get("/invoices", "a=b", &[("Accept", "text/html")])
        .await
        .text();
    assert!(
        page.contains("Oscar &lt;Owner&gt; (oscar@corp.example) can open billing"),
        "{page}"
    );
}

#[tokio::test]
async fn r17_a_development_server_stands_behind_no_proxy() {
    let world = World::development().await;
    let cookie = world.cookie("billing").await;
    for name in [
        "Forwarded",
        "X-Forwarded-For",
        "x-forwarded-host",
        "X-FORWARDED-PROTO",
        "X_Forwarded_For",
        "X-Forwarded-Anything",
    ] {
        for path in ["/invoices", "/.well-known/locum/session"] {
            let reply = world.get(path, &cookie, &[(name, "10.0.0.1")]).await;
            assert_eq!((reply.status, reply.code().as_str()), (400, "malformed"));
            let detail = reply.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("not behind a proxy"), "{detail}");
        }
    }
    assert_eq!(world.application.seen(), 0);
    let strangers = world.told.strangers.lock().unwrap().clone();
    assert_eq!(strangers.len(), 12);
    assert!(strangers.iter().all(|it| it == "gateway forwarding-header"));
    // What says who somebody is does not say who asks for others; it is stripped as everywhere.
    let named = [
        ("X-Forwarded-User", "forged"),
        ("X_Forwarded_Email", "forged"),
    ];
    let reply = world.get("/echo/x", &cookie, &named).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.text().contains("forged"));
    for host in ["billing.gw.example", "10.0.0.1", "192.168.0.1:80"] {
        let reply = send(world.door, "GET", "/invoices", host, &[("Cookie", &cookie)]).await;
        assert_eq!(reply.status, 421, "{host}");
    }
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
async fn r17_the_gateways_own_addresses_are_never_forwarded() {
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
async fn r17_an_unknown_host_is_nobodys() {
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

#[tokio::test]
async fn r21_an_exception_opens_the_closed_operation_it_names_in_its_session_only() {
    use crate::world::{cookie_of, id, session};
    let world = World::new().await;
    let mut acting = session(2, &["billing"]);
    for application in acting.applications.values_mut() {
        application.operations.insert(id("payout.create"));
        application.opened.insert(id("payout.create"));
    }
    world.gateway.begin(&acting);
    let billing = id("billing");
    let pass = locum_gateway::Pass::Bearer;
    let url = world.gateway.ticket(&acting.id, &billing, pass).unwrap();
    let path = crate::world::path_of(&url);
    let opened = send(world.door, "GET", &path, &world.host("billing"), &[]).await;
    let opened = cookie_of(&opened);
    assert_eq!(
        world.ask("POST", "/payouts", &opened, &[]).await.status,
        200
    );
    let shut = world.cookie("billing").await;
    let reply = world.ask("POST", "/payouts", &shut, &[]).await;
    assert_eq!(reply.code(), "closed-operation");
}
