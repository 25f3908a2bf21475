//! The founding: two people, two keys, and a link that nothing burns but its founder.

use axum::http::StatusCode;
use locum_testkit::house::SoftAuthenticator;
use secrecy::ExposeSecret as _;

use crate::browser::Browser;
use crate::device_key::{create, sign};
use crate::world::World;
use crate::{ALICE, PRYA, SAM};

/// The founder's link, opened and begun in a browser of their own.
async fn begun(world: &World, founder: &str) -> Browser {
    let code = world
        .founding_codes
        .make(&founder.parse().unwrap())
        .unwrap();
    let mut browser = world.stranger();
    let page = browser
        .get(&format!("/founding/{}", code.expose_secret()))
        .await;
    let code = page.hidden("code");
    let sent = [("sec-fetch-site", "same-origin")];
    let answer = browser
        .send("/founding/begin", Some(&[("code", code.as_str())]), &sent)
        .await;
    assert_eq!(answer.location(), "/founding");
    browser
}

async fn enrol(browser: &mut Browser, key: &SoftAuthenticator) {
    let page = browser.get("/founding").await;
    let asked = browser.fetch(&page, "/founding/options", &[]).await.json();
    let credential = create(key, &asked);
    let fields = [("name", "blue key"), ("credential", credential.as_str())];
    let answer = browser.submit(&page, "/founding/enrol", &fields).await;
    assert_eq!(answer.location(), "/founding");
}

#[tokio::test]
async fn r33_two_founders_enrol_compare_and_sign_and_the_auditor_keeps_their_fingerprints() {
    let world = World::signed().await;
    let (mut prya, mut sam) = (begun(&world, PRYA).await, begun(&world, SAM).await);
    let keys = [PRYA, SAM].map(|person| SoftAuthenticator::passkey(person, 3));
    let page = prya.get("/founding").await.words();
    assert!(page.contains("Your move."), "{page}");
    assert!(page.contains("not enrolled"), "{page}");
    enrol(&mut prya, &keys[0]).await;
    let page = prya.get("/founding").await.words();
    assert!(page.contains("Sam Stone is next"), "{page}");
    assert!(page.contains("When both have enrolled"), "{page}");
    enrol(&mut sam, &keys[1]).await;
    let mut last = None;
    for (browser, key) in [(&mut prya, &keys[0]), (&mut sam, &keys[1])] {
        let page = browser.get("/founding").await;
        for key in &keys {
            let thumbprint = key.public.thumbprint().to_string();
            assert!(page.text().contains(&thumbprint), "{}", page.words());
        }
        let asked = browser
            .fetch(&page, "/founding/statement", &[])
            .await
            .json();
        let signature = sign(key, &asked);
        // Nobody signs what they did not compare.
        let fields = [("signature", signature.as_str())];
        let hasty = browser.submit(&page, "/founding/sign", &fields).await;
        assert_eq!(hasty.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [("signature", signature.as_str()), ("compared", "yes")];
        last = Some(browser.submit(&page, "/founding/sign", &fields).await);
    }
    let page = last.unwrap();
    assert_eq!(page.status, StatusCode::OK, "{}", page.words());
    assert!(page.words().contains("Complete"), "{}", page.words());
    // What the links opened is over with it, for both.
    assert!(sam.cookie.is_none());
    for browser in [&mut prya, &mut sam] {
        let again = browser.get("/founding").await;
        assert_eq!(again.location(), "/login?to=%2Ffounding");
    }
    for key in &keys {
        let line = format!("{} {}\n", key.person(), key.public.thumbprint());
        assert!(page.text().contains(&line), "{}", page.text());
    }
    // What this page cannot prove is said on it.
    let words = page.words();
    assert!(words.contains("could have been both founders"), "{words}");
    assert!(world.founding_codes.make(&SAM.parse().unwrap()).is_some());
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_founders_link_is_burnt_by_nothing_but_its_button_and_once() {
    let world = World::signed().await;
    let code = world.founding_codes.make(&SAM.parse().unwrap()).unwrap();
    let (code, sent) = (code.expose_secret(), [("sec-fetch-site", "same-origin")]);
    let path = format!("/founding/{code}");
    // A preview, twice; then a page of another site.
    for _ in 0..2 {
        let page = world.stranger().get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        // Whose it is stands there before anything is enrolled.
        assert!(
            page.words().contains("This link is for Sam Stone"),
            "{}",
            page.words()
        );
        assert!(!page.words().contains("Prya"), "{}", page.words());
    }
    let fields = [("code", code)];
    let foreign = [("sec-fetch-site", "cross-site")];
    let mut browser = world.stranger();
    let answer = browser
        .send("/founding/begin", Some(&fields), &foreign)
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = browser.send("/founding/begin", Some(&fields), &sent).await;
    assert_eq!(answer.location(), "/founding");
    let mut second = world.stranger();
    let answer = second.send("/founding/begin", Some(&fields), &sent).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let never = [("code", "0123456789abcdef")];
    let stranger = second.send("/founding/begin", Some(&never), &sent).await;
    assert_eq!(stranger.words(), answer.words());
    assert!(second.cookie.is_none());
    for nobodys in ["/founding/nonsense", path.as_str()] {
        let page = world.stranger().get(nobodys).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(
            page.words().contains("This link is nobody's"),
            "{}",
            page.words()
        );
        assert!(!page.words().contains("Sam Stone"), "{}", page.words());
        assert!(!page.text().contains("/founding/begin"), "{}", page.text());
    }
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_founders_link_opens_the_founding_and_nothing_else() {
    let world = World::signed().await;
    let id = world.pending().await;
    let mut sam = begun(&world, SAM).await;
    for path in ["/requests", "/account", "/stop", "/enrolments", "/confirm"] {
        let answer = sam.get(path).await;
        assert!(answer.location().starts_with("/login"), "{path}");
    }
    let page = sam.get("/founding").await;
    let answer = sam
        .submit(&page, "/stop", &[("kind", "case"), ("value", "desk:7")])
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let answer = sam
        .submit(&page, &format!("/requests/{id}/deny"), &[("reason", "no")])
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sam.submit(&page, "/logout", &[]).await.location(), "/");
    assert!(sam.cookie.is_none());
    world.house.verify().await;
}

#[tokio::test]
async fn r33_whoever_is_no_founder_sees_how_far_it_is_and_enrols_nothing() {
    let world = World::signed().await;
    let mut alice = world.browser(ALICE).await;
    let page = alice.get("/founding").await;
    assert!(page.words().contains("You are none of the two founders"));
    assert!(!page.text().contains("data-ceremony"));
    let key = SoftAuthenticator::passkey(ALICE, 1);
    let asked = alice.fetch(&page, "/founding/options", &[]).await.json();
    let credential = create(&key, &asked);
    let fields = [("name", "mine"), ("credential", credential.as_str())];
    let answer = alice.submit(&page, "/founding/enrol", &fields).await;
    assert!(
        answer.words().contains("not-an-approver"),
        "{}",
        answer.words()
    );
    let statement = alice.fetch(&page, "/founding/statement", &[]).await;
    assert_eq!(statement.status, StatusCode::FORBIDDEN);
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_founders_link_begins_whatever_strangers_tried_from_the_same_address() {
    let world = World::signed().await;
    let mut stranger = world.stranger();
    let (fields, sent) = (
        [("code", "0123456789")],
        [("sec-fetch-site", "same-origin")],
    );
    let mut last = StatusCode::OK;
    for _ in 0..61 {
        let answer = stranger.send("/founding/begin", Some(&fields), &sent).await;
        last = answer.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    begun(&world, SAM).await;
    world.house.verify().await;
}
