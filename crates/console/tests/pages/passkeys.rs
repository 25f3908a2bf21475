//! Signing in with a passkey, and confirming with one that it is still the same person.

use axum::http::StatusCode;
use locum_testkit::house::SoftAuthenticator;

use crate::device_key::{show, sign_in};
use crate::world::World;
use crate::{ALICE, OSCAR};

#[tokio::test]
async fn r06_a_passkey_signs_its_person_in_under_a_new_cookie_and_leads_on() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let oscar = world.house.enrolled(OSCAR, &sam).await;
    let mut browser = world.browser(ALICE).await;
    let alices = browser.cookie.clone();
    let answer = sign_in(&mut browser, &oscar, "/requests?state=pending").await;
    assert_eq!(answer.location(), "/requests?state=pending");
    assert_ne!(browser.cookie, alices);
    let account = browser.get("/account").await.words();
    assert!(account.contains("Oscar Owens"), "{account}");
    assert!(account.contains("with your passkey"), "{account}");
    assert!(account.contains("sure: you proved"), "{account}");
    // Whoever signs in anew leaves no login behind.
    let mut left = world.stranger();
    left.cookie = alices;
    assert_eq!(left.get("/account").await.status, StatusCode::SEE_OTHER);
    world.house.verify().await;
}

#[tokio::test]
async fn r06_every_passkey_that_signs_nobody_in_is_answered_in_the_same_words() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let oscar = world.house.enrolled(OSCAR, &sam).await;
    let unknown = SoftAuthenticator::passkey(OSCAR, 7);
    let lent = SoftAuthenticator::passkey(OSCAR, 1).lent_to(ALICE);
    let mut words = Vec::new();
    for key in [&unknown, &lent] {
        let mut browser = world.stranger();
        let answer = sign_in(&mut browser, key, "/").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(browser.cookie.is_none());
        words.push(answer.words());
    }
    let mut mine = world.browser(OSCAR).await;
    let path = format!("/account/authenticators/{}/revoke", oscar.public.id);
    mine.post(&path, &[("reason", "lost on the train")])
        .await
        .location();
    let mut browser = world.stranger();
    let answer = sign_in(&mut browser, &oscar, "/").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    words.push(answer.words());
    assert!(words[0].contains("This passkey signs nobody in here."));
    assert!(words.iter().all(|it| *it == words[0]), "{words:?}");
    world.house.verify().await;
}

#[tokio::test]
async fn r06_an_answer_of_another_browser_or_a_second_time_signs_nobody_in() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let (mut one, mut other) = (world.stranger(), world.stranger());
    let page = one.get("/login").await;
    let asked = one.fetch(&page, "/login/passkey/options", &[]).await;
    let credential = show(&sam, &asked.json());
    let sent = [("sec-fetch-site", "same-origin")];
    let fields = [("credential", credential.as_str())];
    let path = "/login/passkey/verify";
    for headers in [&[("sec-fetch-site", "cross-site")], &sent] {
        let answer = other.send(path, Some(&fields), headers).await;
        assert!(answer.status.is_client_error(), "{}", answer.words());
        assert!(other.cookie.is_none());
    }
    assert_eq!(one.send(path, Some(&fields), &sent).await.location(), "/");
    let mut again = one.send(path, Some(&fields), &sent).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    again = one.send(path, Some(&[("credential", "{}")]), &sent).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    world.house.verify().await;
}

#[tokio::test]
async fn r06_brute_force_is_slowed_down_for_whoever_tries() {
    let world = World::signed().await;
    let key = SoftAuthenticator::passkey(OSCAR, 7);
    let mut browser = world.stranger();
    let mut last = StatusCode::OK;
    for _ in 0..12 {
        last = sign_in(&mut browser, &key, "/").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_true_passkey_is_not_refused_for_what_strangers_tried_from_the_same_address() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let mut stranger = world.stranger();
    let mut last = StatusCode::OK;
    for number in 0..70 {
        let unknown = SoftAuthenticator::passkey(ALICE, 100 + number);
        last = sign_in(&mut stranger, &unknown, "/").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    for _ in 0..70 {
        let mut browser = world.stranger();
        assert_eq!(sign_in(&mut browser, &sam, "/").await.location(), "/");
    }
    world.house.verify().await;
}

#[tokio::test]
async fn r06_activating_what_is_regulated_asks_whether_it_is_still_you() {
    let world = World::signed().await;
    let keys = world.house.founded().await;
    let [_, sam] = &keys;
    let oscar = world.house.enrolled(OSCAR, sam).await;
    let alice = world.house.enrolled(ALICE, sam).await;
    world.house.clock.advance_minutes(24 * 60);
    let id = world.pending().await;
    let prya = &keys[0];
    for key in [&oscar, prya] {
        world.house.approve_signed(key, &id).await.unwrap();
    }
    let mut browser = world.browser(ALICE).await;
    let request = format!("/requests/{id}");
    let page = browser.get(&request).await.words();
    assert!(
        page.contains("asked for your authenticator first"),
        "{page}"
    );
    let answer = browser.post(&format!("{request}/activate"), &[]).await;
    let confirm = answer.location().to_owned();
    assert!(confirm.starts_with("/confirm?to=%2Frequests"), "{confirm}");
    let page = browser.get(&confirm).await;
    assert!(page.words().contains("Confirm with my passkey"));
    let asked = browser.fetch(&page, "/confirm/options", &[]).await.json();
    // Somebody else's authenticator confirms nobody.
    let credential = show(sam, &asked);
    let fields = [
        ("to", request.as_str()),
        ("credential", credential.as_str()),
    ];
    let refused = browser.submit(&page, "/confirm", &fields).await;
    assert!(refused.status.is_client_error(), "{}", refused.words());
    let asked = browser.fetch(&page, "/confirm/options", &[]).await.json();
    let credential = show(&alice, &asked);
    let fields = [
        ("to", request.as_str()),
        ("credential", credential.as_str()),
    ];
    let before = browser.cookie.clone();
    let answer = browser.submit(&page, "/confirm", &fields).await;
    assert_eq!(answer.location(), request);
    assert_ne!(browser.cookie, before);
    let mut left = world.stranger();
    left.cookie = before;
    assert_eq!(left.get("/account").await.status, StatusCode::SEE_OTHER);
    let session = browser.post(&format!("{request}/activate"), &[]).await;
    assert!(session.location().starts_with("/sessions/"));
    world.house.verify().await;
}
