//! Who reads, and how deep links survive.

use axum::http::StatusCode;
use locum_testkit::house::House;

use crate::ALICE;
use crate::world::{HOST, World};

#[tokio::test]
async fn nobody_sees_what_to_click_in_three_sentences_and_whom_to_be() {
    let world = World::new().await;
    let page = world.stranger().get("/").await;
    let words = page.words();
    for sentence in [
        "You are the agent: ask.",
        "Be the owner: approve.",
        "Close the case and watch it end.",
    ] {
        assert!(words.contains(sentence), "{words}");
    }
    assert!(
        words.contains("Oscar Owens") && words.contains("owns Billing"),
        "{words}"
    );
    assert!(
        words.contains("Ann Abbott") && words.contains("works for BPO Partners"),
        "{words}"
    );
    // What is not human is not in the list.
    assert!(!words.contains("Aida, triage agent support"), "{words}");
    assert!(page.text().contains("development"));
    world.house.verify().await;
}

#[tokio::test]
async fn a_deep_link_survives_the_sign_in() {
    let world = World::new().await;
    let id = world.pending().await;
    let mut browser = world.stranger();
    let asked = format!("/requests/{id}?from=mail");
    let to_login = browser.get(&asked).await.location().to_owned();
    assert!(
        to_login.starts_with("/login?to=%2Frequests%2Freq"),
        "{to_login}"
    );
    let to = browser.get(&to_login).await.hidden("to");
    assert_eq!(to, asked);
    let fields = [("person", ALICE), ("to", to.as_str())];
    let sent = [("origin", HOST)];
    let answer = browser.send("/login", Some(&fields), &sent).await;
    assert_eq!(answer.location(), asked);
    assert_eq!(browser.get(&asked).await.status, StatusCode::OK);
    world.house.verify().await;
}

#[tokio::test]
async fn signing_in_leads_to_no_other_host() {
    let world = World::new().await;
    let mut browser = world.stranger();
    for to in [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
    ] {
        let fields = [("person", ALICE), ("to", to)];
        let answer = browser
            .send("/login", Some(&fields), &[("origin", HOST)])
            .await;
        assert_eq!(answer.location(), "/");
    }
    world.house.verify().await;
}

#[tokio::test]
async fn nobody_is_signed_in_by_a_form_of_another_site_or_without_a_browser() {
    let world = World::new().await;
    for headers in [
        vec![],
        vec![("origin", "http://evil.example")],
        vec![("origin", "null")],
        vec![("sec-fetch-site", "cross-site"), ("origin", HOST)],
    ] {
        let mut browser = world.stranger();
        let answer = browser
            .send("/login", Some(&[("person", ALICE)]), &headers)
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(browser.cookie.is_none());
    }
    world.house.verify().await;
}

#[tokio::test]
async fn whoever_signs_out_or_becomes_somebody_else_leaves_no_login_behind() {
    let world = World::new().await;
    let mut browser = world.browser(ALICE).await;
    let alices = browser.cookie.clone();
    browser.sign_in("oscar@corp.example").await;
    let mut left = world.stranger();
    left.cookie = alices;
    assert_eq!(
        left.get("/requests").await.location(),
        "/login?to=%2Frequests"
    );
    let oscars = browser.cookie.clone();
    assert_eq!(browser.post("/logout", &[]).await.location(), "/");
    assert!(browser.cookie.is_none());
    left.cookie = oscars;
    assert_eq!(left.get("/requests").await.status, StatusCode::SEE_OTHER);
    world.house.verify().await;
}

#[tokio::test]
async fn in_production_nobody_picks_who_they_are() {
    let house = House::builder()
        .files(|files| {
            files.replace(
                "catalog/people.toml",
                "public_key = \"file:keys/aida.pub.jwk\"\n",
                "",
            );
        })
        .production()
        .open();
    let world = World::of(house.await);
    let page = world.stranger().get("/").await;
    assert!(!page.text().contains("action=\"/login\""));
    assert!(!page.text().contains("development"));
    let mut browser = world.stranger();
    let answer = browser
        .send("/login", Some(&[("person", ALICE)]), &[("origin", HOST)])
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    world.house.verify().await;
}

#[tokio::test]
async fn a_bearer_token_is_no_login_here() {
    let world = World::new().await;
    let headers = [("authorization", "Bearer token-alice")];
    let answer = world.stranger().send("/requests", None, &headers).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    world.house.verify().await;
}

#[tokio::test]
async fn in_development_nobody_signs_in_under_another_name_of_the_machine() {
    let world = World::new().await;
    for (host, path, to) in [
        ("127.0.0.1:8470", "/", "http://localhost:8470/"),
        (
            "127.0.0.1:8470",
            "/login?to=%2Fholds",
            "http://localhost:8470/login?to=%2Fholds",
        ),
    ] {
        let answer = world.stranger().send(path, None, &[("host", host)]).await;
        assert_eq!(answer.location(), to);
        let own = world
            .stranger()
            .send(path, None, &[("host", "localhost:8470")])
            .await;
        assert_eq!(own.status, StatusCode::OK);
    }
    world.house.verify().await;
}
