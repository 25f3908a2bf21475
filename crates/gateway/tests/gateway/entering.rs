//! Entering: tickets, cookies, and the pass through the login.

use std::sync::atomic::Ordering;

use locum_domain::session::EndedBecause;
use locum_gateway::{Pass, PassError};

use crate::client::send;
use crate::world::{ACTOR, World, cookie_of, id, path_of};

#[tokio::test]
async fn r20_a_ticket_opens_once_and_gives_a_cookie_of_this_host() {
    let world = World::new().await;
    let (host, path) = (world.host("billing"), world.ticket("billing"));
    let first = send(world.door, "GET", &path, &host, &[]).await;
    assert_eq!(first.status, 303);
    assert_eq!(first.header("location"), Some("/invoices"));
    assert_eq!(
        first.header("clear-site-data"),
        Some("\"cache\", \"storage\"")
    );
    let line = first.all("set-cookie")[0].to_owned();
    assert!(line.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{line}");
    let cookie = cookie_of(&first);
    assert_eq!(world.get("/invoices/7", &cookie, &[]).await.status, 200);

    let second = send(world.door, "GET", &path, &host, &[]).await;
    assert_eq!(
        (second.status, second.code().as_str()),
        (401, "session-ended")
    );
    assert!(second.all("set-cookie").is_empty());
}

#[tokio::test]
async fn r20_of_many_who_bring_one_ticket_one_enters() {
    let world = World::new().await;
    let (host, path) = (world.host("billing"), world.ticket("billing"));
    let all = (0..20).map(|_| send(world.door, "GET", &path, &host, &[]));
    let replies = futures_util::future::join_all(all).await;
    assert_eq!(replies.iter().filter(|it| it.status == 303).count(), 1);
}

#[tokio::test]
async fn r20_a_late_ticket_opens_nothing() {
    let world = World::new().await;
    let path = world.ticket("billing");
    world.clock.by_ms.store(60_001, Ordering::SeqCst);
    let reply = send(world.door, "GET", &path, &world.host("billing"), &[]).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "session-ended")
    );
    assert!(reply.all("set-cookie").is_empty());
}

#[tokio::test]
async fn r20_a_ticket_at_another_host_is_spent_without_opening() {
    let world = World::new().await;
    let path = world.ticket("billing");
    for host in ["crm", "billing"] {
        let reply = send(world.door, "GET", &path, &world.host(host), &[]).await;
        assert_eq!(reply.status, 401, "{host}");
        assert!(reply.all("set-cookie").is_empty());
    }
}

#[tokio::test]
async fn r20_neither_head_nor_prefetch_spends_a_ticket() {
    let world = World::new().await;
    let (host, path) = (world.host("billing"), world.ticket("billing"));
    assert_eq!(
        send(world.door, "HEAD", &path, &host, &[]).await.status,
        405
    );
    assert_eq!(
        send(world.door, "POST", &path, &host, &[]).await.status,
        405
    );
    let ahead = [("Sec-Purpose", "prefetch;prerender")];
    assert_eq!(
        send(world.door, "GET", &path, &host, &ahead).await.status,
        403
    );
    assert_eq!(send(world.door, "GET", &path, &host, &[]).await.status, 303);
}

#[tokio::test]
async fn r20_neither_another_site_nor_a_sibling_can_use_a_bearers_ticket() {
    let world = World::new().await;
    let (host, path) = (world.host("billing"), world.ticket("billing"));
    for site in ["cross-site", "same-site", "something else"] {
        let foreign = [("Sec-Fetch-Site", site)];
        let reply = send(world.door, "GET", &path, &host, &foreign).await;
        assert_eq!(reply.status, 403, "{site}");
        assert!(reply.all("set-cookie").is_empty());
    }
    assert_eq!(send(world.door, "GET", &path, &host, &[]).await.status, 303);
}

#[tokio::test]
async fn r20_a_console_ticket_passes_the_login_and_comes_back_to_the_same_browser() {
    let world = World::new().await;
    let host = world.host("billing");
    let url = world
        .gateway
        .ticket(&world.session.id, &id("billing"), Pass::Console)
        .unwrap();
    let foreign = ("Sec-Fetch-Site", "same-site");
    let first = send(world.door, "GET", &path_of(&url), &host, &[foreign]).await;
    assert_eq!(first.status, 303);
    let login = first.header("location").unwrap().to_owned();
    let token = login
        .strip_prefix("http://locum.localhost:8080/open/")
        .unwrap();
    assert!(
        first
            .all("set-cookie")
            .iter()
            .all(|line| !line.starts_with("locum="))
    );
    let nonce = first.all("set-cookie")[0]
        .split(';')
        .next()
        .unwrap()
        .to_owned();

    let back = world.gateway.confirm_pass(token, &id(ACTOR)).unwrap();
    assert_eq!(
        world.gateway.confirm_pass(token, &id(ACTOR)),
        Err(PassError::Spent)
    );
    let entered = send(
        world.door,
        "GET",
        &path_of(&back),
        &host,
        &[foreign, ("Cookie", &nonce)],
    )
    .await;
    // A page of this host's own sends the browser on, so that the next request is same-origin.
    assert_eq!(entered.status, 200);
    assert!(
        entered
            .text()
            .contains("http-equiv=\"refresh\" content=\"0;url=/invoices\"")
    );
    assert_eq!(
        world
            .get("/invoices/7", &cookie_of(&entered), &[])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn r20_a_pass_in_another_browser_or_by_another_login_opens_nothing() {
    let world = World::new().await;
    let host = world.host("billing");
    let pass = || async {
        let url = world
            .gateway
            .ticket(&world.session.id, &id("billing"), Pass::Console)
            .unwrap();
        let first = send(world.door, "GET", &path_of(&url), &host, &[]).await;
        let to = first.header("location").unwrap().to_owned();
        to.rsplit('/').next().unwrap().to_owned()
    };
    let token = pass().await;
    let somebody = world.gateway.confirm_pass(&token, &id("eve@corp.example"));
    assert_eq!(somebody, Err(PassError::SomebodyElse));
    let token = pass().await;
    let back = world.gateway.confirm_pass(&token, &id(ACTOR)).unwrap();
    let lured = send(world.door, "GET", &path_of(&back), &host, &[]).await;
    assert_eq!(lured.status, 403);
    assert!(lured.all("set-cookie").is_empty());
}

#[tokio::test]
async fn r20_a_cookie_works_at_its_application_only() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let reply = send(
        world.door,
        "GET",
        "/invoices",
        &world.host("crm"),
        &[("Cookie", &cookie)],
    )
    .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "wrong-application")
    );
    assert_eq!(world.application.seen(), 0);
    assert_eq!(world.records("access-refused").len(), 1);
}

#[tokio::test]
async fn r20_an_application_with_its_own_listener_is_there_and_nowhere_else() {
    let world = World::new().await;
    let url = world
        .gateway
        .ticket(&world.session.id, &id("wiki"), Pass::Bearer)
        .unwrap();
    assert!(
        url.starts_with(&format!("http://{}/", world.wiki_door)),
        "{url}"
    );
    let address = world.wiki_door.to_string();
    let entered = send(world.wiki_door, "GET", &path_of(&url), &address, &[]).await;
    let cookie = cookie_of(&entered);
    let ask = |host: String| {
        let cookie = cookie.clone();
        let door = world.wiki_door;
        async move {
            send(door, "GET", "/invoices", &host, &[("Cookie", &cookie)])
                .await
                .status
        }
    };
    assert_eq!(ask(address).await, 200);
    assert_eq!(ask("attacker.example".to_owned()).await, 421);
    let elsewhere = send(world.door, "GET", "/invoices", &world.host("wiki"), &[]).await;
    assert_eq!(elsewhere.status, 421);
}

#[tokio::test]
async fn r20_a_ticket_of_an_ended_session_opens_nothing() {
    let world = World::new().await;
    let path = world.ticket("billing");
    world.end(EndedBecause::CaseClosed);
    let reply = send(world.door, "GET", &path, &world.host("billing"), &[]).await;
    assert_eq!(reply.status, 401);
    assert!(reply.all("set-cookie").is_empty());
    assert!(
        world
            .gateway
            .ticket(&world.session.id, &id("billing"), Pass::Bearer)
            .is_err()
    );
}
