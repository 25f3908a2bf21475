//! Applications that behave in their own ways, and catalogs that cannot be served.

use std::time::Duration;

use locum_domain::access::Outcome;
use locum_domain::catalog::RecordTiming;
use locum_gateway::{Limits, SiteProblem, UpstreamError};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};

use crate::world::{World, entry};

/// Reads one head.
async fn head(socket: &mut (impl AsyncReadExt + Unpin)) -> Option<String> {
    let mut all = Vec::new();
    while !all.ends_with(b"\r\n\r\n") {
        let byte = socket.read_u8().await.ok()?;
        all.push(byte);
    }
    String::from_utf8(all).ok()
}

async fn say(socket: &mut (impl AsyncWrite + Unpin), text: &str) {
    let _ = socket.write_all(text.as_bytes()).await;
}

#[tokio::test]
async fn an_application_that_speaks_http_1_0_is_passed_on_as_1_1() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.install(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            head(&mut socket).await;
            say(
                &mut socket,
                "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil the end",
            )
            .await;
        }
    });
    for count in 1..=2 {
        let reply = world.get("/invoices", &cookie, &[]).await;
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (200, "until the end")
        );
        let completed = world.completed(count).await;
        assert_eq!(completed[count - 1].outcome, Outcome::Answered);
    }
}

#[tokio::test]
async fn a_kept_connection_that_went_stale_is_replaced() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.install(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                head(&mut socket).await;
                say(
                    &mut socket,
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                )
                .await;
                // The second request on it is read and never answered.
                head(&mut socket).await;
            });
        }
    });
    for _ in 0..4 {
        assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_ends_in_an_error_and_is_recorded_as_failed() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.install(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            head(&mut socket).await;
            say(
                &mut socket,
                "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf",
            )
            .await;
        }
    });
    let text = crate::client::request(
        "GET",
        "/invoices",
        &world.host("billing"),
        &[("Cookie", &cookie)],
        "",
    );
    let bytes = crate::client::raw(world.door, text.as_bytes())
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(
        text.contains("content-length: 20") && text.ends_with("half"),
        "{text}"
    );
    assert_eq!(world.outcome().await, Outcome::Failed);
}

#[tokio::test]
async fn an_application_that_says_nothing_is_a_504() {
    let limits = Limits {
        answer_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let world = World::with(limits, RecordTiming::Before).await;
    let cookie = world.cookie("billing").await;
    let reply = world.get("/wait", &cookie, &[]).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (504, "upstream-too-late")
    );
    assert_eq!(world.outcome().await, Outcome::Failed);
}

#[tokio::test]
async fn an_application_may_listen_on_a_socket_of_the_file_system() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let listener = UnixListener::bind(&path).unwrap();
    world.install(&format!("unix:{}", path.display()));
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let asked = head(&mut socket).await.unwrap();
        assert!(asked.contains("host: localhost\r\n"), "{asked}");
        say(
            &mut socket,
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        )
        .await;
    });
    assert_eq!(world.get("/invoices", &cookie, &[]).await.text(), "hi");
}

#[tokio::test]
async fn r17_a_catalog_that_cannot_be_served_changes_nothing_and_names_every_application() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let mut catalog = locum_domain::Catalog::default();
    let address = world.application.address;
    for (name, upstream) in [
        ("a", "https://a.example"),
        ("b", "nonsense"),
        ("c", "http://c"),
        ("d", "http://d"),
    ] {
        let mut entry = entry(name, address, RecordTiming::Before);
        entry.upstream = upstream.to_owned();
        entry.secret_header = (name == "c").then(|| ("X-S".to_owned(), "env:S".to_owned()));
        catalog.applications.insert(entry.id.clone(), entry);
    }
    let problems = world
        .gateway
        .install(&catalog, &Default::default())
        .unwrap_err()
        .0;
    assert_eq!(problems.len(), 4);
    assert!(matches!(
        problems[0].1,
        SiteProblem::Upstream(UpstreamError::Https(_))
    ));
    assert!(matches!(problems[2].1, SiteProblem::Secret(_)));
    // No application is signed for with another one's key.
    assert!(matches!(problems[3].1, SiteProblem::NoKey));
    assert_eq!(world.get("/invoices", &cookie, &[]).await.status, 200);
}

#[tokio::test]
async fn r17_a_session_is_judged_by_the_routes_in_force() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    assert_eq!(world.get("/capped", &cookie, &[]).await.status, 200);
    let mut changed = entry("billing", world.application.address, RecordTiming::Before);
    changed.secret_header = None;
    let invoices = crate::world::id("invoice.read");
    changed.operations.get_mut(&invoices).unwrap().closed = Some("legal".to_owned());
    let mut catalog = locum_domain::Catalog::default();
    catalog.applications.insert(changed.id.clone(), changed);
    world
        .gateway
        .install(&catalog, &Default::default())
        .unwrap();
    assert_eq!(
        world.get("/invoices", &cookie, &[]).await.code(),
        "closed-operation"
    );
    // What was used stays used.
    assert_eq!(world.get("/capped", &cookie, &[]).await.status, 200);
    assert_eq!(world.get("/capped", &cookie, &[]).await.status, 429);
}
