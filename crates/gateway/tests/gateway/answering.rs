//! The application's answer on its way back: banner, jar, addresses.

use crate::world::World;

#[tokio::test]
async fn r19_a_page_carries_the_banner() {
    let world = World::development().await;
    let cookie = world.cookie("billing").await;
    let reply = world
        .get("/page", &cookie, &[("Accept-Encoding", "gzip, br")])
        .await;
    let page = reply.text();
    let (body, banner) = (
        page.find("<body class=x>").unwrap(),
        page.find("locum-banner").unwrap(),
    );
    assert!(
        body < banner && banner < page.find("<p>Invoices").unwrap(),
        "{page}"
    );
    assert_eq!(page.matches("id=\"locum-banner\"").count(), 1);
    for said in [
        "desk:7",
        "kim@customer.example",
        crate::world::ACTOR,
        "min left",
        "development",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("<form method=\"post\" action=\"/.well-known/locum/end\">"));
    let own = format!("http://{}/.well-known/locum", world.host("billing"));
    assert_eq!(
        reply.header("content-security-policy").unwrap(),
        format!("default-src 'none'; form-action {own}/end; style-src {own}/banner.css")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("alt-svc"), None);
    let said = reply.header("locum-session").unwrap();
    assert!(
        said.starts_with(&format!("session={}, subject=\"kim@", world.session.id)),
        "{said}"
    );
    assert!(said.contains("mode=read, expires=@"), "{said}");
    assert_eq!(reply.all("locum-session").len(), 1);
    let css = world.get("/.well-known/locum/banner.css", "a=b", &[]).await;
    assert_eq!(
        (css.status, css.header("content-type")),
        (200, Some("text/css"))
    );
}

#[tokio::test]
async fn r19_a_page_without_a_body_element_carries_it_too() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let page = world.get("/fragment", &cookie, &[]).await.text();
    assert!(page.starts_with("<p>no body element<link"), "{page}");
    let script = [
        ("Sec-Fetch-Dest", "empty"),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let part = world.get("/fragment", &cookie, &script).await.text();
    assert_eq!(part, "<p>no body element");
}

#[tokio::test]
async fn r19_a_page_in_an_unknown_coding_is_never_passed_on() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let reply = world.get("/packed/br", &cookie, &[]).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (502, "page-without-banner")
    );
    assert!(!reply.text().contains("Invoices"));
    // One that is not in the coding it says breaks off.
    let text = crate::client::request(
        "GET",
        "/gzip",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    let bytes = crate::client::raw(world.door, text.as_bytes()).await;
    let said = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    assert!(!said.contains("not really"), "{said}");
    assert_eq!(
        world.completed(2).await[1].outcome,
        locum_domain::access::Outcome::Failed
    );
}

#[tokio::test]
async fn r19_a_page_that_was_compressed_unasked_carries_the_banner_all_the_same() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let shown = [("Accept", "text/html")];
    for path in [
        "/packed/gzip",
        "/packed/x-gzip",
        "/packed/deflate",
        "/shell/gzip",
    ] {
        let reply = world.get(path, &cookie, &shown).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-encoding"), None, "{path}");
        let page = reply.text();
        let banner = page.find("id=\"locum-banner\"").unwrap();
        assert!(banner < page.find("<p>Invoices").unwrap(), "{page}");
    }
    for path in ["/packed/br", "/packed/zstd", "/shell/br"] {
        let reply = world.get(path, &cookie, &[]).await;
        assert_eq!(reply.status, 502, "{path}");
    }
    let head = world.ask("HEAD", "/packed/gzip", &cookie, &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-encoding"), None);
}

#[tokio::test]
async fn r19_a_page_that_unfolds_without_measure_breaks_off() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let text = crate::client::request(
        "GET",
        "/bomb",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    let bytes = crate::client::raw(world.door, text.as_bytes()).await;
    let length = bytes.map_or(0, |bytes| bytes.len());
    assert!(length < 70 * 1024 * 1024, "{length}");
    assert_eq!(world.outcome().await, locum_domain::access::Outcome::Failed);
}

#[tokio::test]
async fn r20_the_subjects_cookies_stay_in_the_jar_and_die_with_the_session() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let reply = world.get("/login", &cookie, &[]).await;
    // Without `Domain`, or a sibling application would get them.
    assert_eq!(reply.all("set-cookie"), ["theme=dark; Path=/", "domain=1"]);
    let said = world
        .get("/echo/x", &format!("{cookie}; sid=forged"), &[])
        .await
        .text();
    assert!(said.contains("sid=of-the-subject"), "{said}");
    assert!(!said.contains("sid=forged"), "{said}");

    // Another application of the same session has its own jar, and so has another session.
    let crm = world.cookie("crm").await;
    let said = crate::client::send(
        world.door,
        "GET",
        "/echo/x",
        &world.host("crm"),
        &[("Cookie", &crm)],
    )
    .await
    .text();
    assert!(!said.contains("of-the-subject"), "{said}");
}

#[tokio::test]
async fn r20_a_redirect_to_the_application_leads_to_its_host_here() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let reply = world.get("/redirect", &cookie, &[]).await;
    assert_eq!(reply.status, 302);
    assert_eq!(
        reply.header("location").unwrap(),
        format!("http://{}/invoices?x=1", world.host("billing"))
    );
}

#[tokio::test]
async fn r22_a_head_request_has_no_body_and_is_recorded_as_answered() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let reply = world.ask("HEAD", "/page", &cookie, &[]).await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(
        world.outcome().await,
        locum_domain::access::Outcome::Answered
    );
}
