//! Signed approvals: what is signed is what was shown, and the words that were typed.

use axum::http::StatusCode;
use locum_testkit::house::SoftAuthenticator;

use crate::device_key::{sign, sign_in};
use crate::world::World;
use crate::{ALICE, OSCAR};

#[tokio::test]
async fn r13_an_approval_carries_its_approvers_own_signature_over_what_the_card_showed() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let oscar = world.house.enrolled(OSCAR, &sam).await;
    world.house.clock.advance_minutes(24 * 60);
    let id = world.pending().await;
    let mut browser = world.stranger();
    let path = format!("/requests/{id}");
    assert_eq!(sign_in(&mut browser, &oscar, &path).await.location(), path);
    let card = browser.get(&path).await;
    let words = card.words();
    assert!(words.contains("What exactly you sign"), "{words}");
    let nonce = world.house.request(&id).await.nonce;
    assert!(words.contains(&nonce), "{words}");
    let digest = card.hidden("scope_digest");
    let typed = [
        ("scope_digest", digest.as_str()),
        ("note", "Called Carla back"),
    ];
    let statement = format!("{path}/statement");
    let asked = browser.fetch(&card, &statement, &typed).await.json();
    let signature = sign(&oscar, &asked);
    // Other words than the signed ones are not approved.
    let other = [
        ("scope_digest", digest.as_str()),
        ("note", "Something else"),
        ("signature", signature.as_str()),
    ];
    let approve = format!("{path}/approve");
    let refused = browser.submit(&card, &approve, &other).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.words().contains("signature-required"));
    let fields = [typed[0], typed[1], ("signature", signature.as_str())];
    let answer = browser.submit(&card, &approve, &fields).await;
    assert_eq!(answer.location(), path);
    let request = world.house.request(&id).await;
    let approval = request.route.approvals().next().unwrap();
    let by = approval.signature.as_ref().unwrap().authenticator();
    assert_eq!(*by, oscar.public.id);
    let signed = browser.get("/account/signed").await.words();
    assert!(
        signed.contains("Alice Archer as carla@acme.example"),
        "{signed}"
    );
    world.house.verify().await;
}

#[tokio::test]
async fn r13_a_card_that_changed_between_reading_and_signing_is_not_signed() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let oscar = world.house.enrolled(OSCAR, &sam).await;
    world.house.clock.advance_minutes(24 * 60);
    let id = world.pending().await;
    let mut browser = world.stranger();
    sign_in(&mut browser, &oscar, "/").await;
    let path = format!("/requests/{id}");
    let card = browser.get(&path).await;
    let stale = "0".repeat(64);
    let fields = [("scope_digest", stale.as_str())];
    let answer = browser
        .fetch(&card, &format!("{path}/statement"), &fields)
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let said = answer.json();
    assert_eq!(said["code"], "stale-approval");
    let words = said["words"].as_str().unwrap();
    assert!(
        words.starts_with("The request is no longer what you saw."),
        "{words}"
    );
    world.house.verify().await;
}

#[tokio::test]
async fn r13_the_card_says_where_it_can_be_signed_when_it_cannot_be_here() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let id = world.pending().await;
    let path = format!("/requests/{id}");
    let mut browser = world.browser(OSCAR).await;
    let card = browser.get(&path).await;
    let words = card.words();
    assert!(words.contains("you have none yet"), "{words}");
    assert!(words.contains("Enrol one"), "{words}");
    assert!(!card.text().contains("/approve\""), "{words}");
    assert!(words.contains("Deny"), "{words}");
    // A key file signs nothing regulated, and a new passkey not yet.
    let file = SoftAuthenticator::key_file(OSCAR, 9);
    let asked = world.house.ask_to_enrol(&file).await.unwrap();
    world.house.let_count(&sam, &asked).await.unwrap();
    assert!(
        browser
            .get(&path)
            .await
            .words()
            .contains("you have none yet")
    );
    world.house.enrolled(OSCAR, &sam).await;
    let words = browser.get(&path).await.words();
    assert!(words.contains("Your authenticator is new"), "{words}");
    assert!(words.contains("in 24 hours"), "{words}");
    world.house.verify().await;
}

#[tokio::test]
async fn r13_without_a_script_the_card_says_so_and_nothing_unsigned_is_approved() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let id = world.pending().await;
    let path = format!("/requests/{id}");
    let mut browser = world.stranger();
    sign_in(&mut browser, &sam, "/").await;
    let card = browser.get(&path).await;
    assert!(card.text().contains("<noscript>"));
    assert!(
        card.words()
            .contains("Open this page on another device, or use locum approve")
    );
    let fields = [("scope_digest", card.hidden("scope_digest"))];
    let fields = fields
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let answer = browser
        .submit(&card, &format!("{path}/approve"), &fields)
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer.words().contains("signature-required"),
        "{}",
        answer.words()
    );
    let garbage = [fields[0], ("signature", "{\"kind\":\"passkey\"}")];
    let answer = browser
        .submit(&card, &format!("{path}/approve"), &garbage)
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.house.request(&id).await.route.approvals().count(), 0);
    world.house.verify().await;
}

#[tokio::test]
async fn r13_what_is_to_be_signed_is_told_only_to_a_page_of_that_login() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let id = world.pending().await;
    let path = format!("/requests/{id}/statement");
    let mut browser = world.stranger();
    sign_in(&mut browser, &sam, "/").await;
    let ours = browser.get("/").await.hidden("csrf");
    let theirs = world.browser(ALICE).await.get("/").await.hidden("csrf");
    for (token, from) in [
        ("", "same-origin"),
        (theirs.as_str(), "same-origin"),
        (ours.as_str(), "same-site"),
        (ours.as_str(), "cross-site"),
        (ours.as_str(), "none"),
    ] {
        let headers = [("sec-fetch-site", from), ("x-csrf-token", token)];
        let answer = browser.send(&path, Some(&[]), &headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{token} {from}");
        assert!(answer.json()["publicKey"].is_null());
    }
    // The token in the form is not the token in the header.
    let fields = [("csrf", ours.as_str())];
    let headers = [("sec-fetch-site", "same-origin")];
    let answer = browser.send(&path, Some(&fields), &headers).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let nobody = [("sec-fetch-site", "same-origin"), ("x-csrf-token", &ours)];
    let answer = world.stranger().send(&path, Some(&[]), &nobody).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer.json()["words"]
            .as_str()
            .unwrap()
            .contains("Sign in again")
    );
    world.house.verify().await;
}
