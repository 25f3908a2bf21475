//! Another authenticator: asked for, checked out of band, signed by somebody else, announced, and revoked when lost.

use axum::http::StatusCode;
use locum_testkit::house::SoftAuthenticator;

use crate::browser::Browser;
use crate::device_key::{create, sign, sign_in};
use crate::world::World;
use crate::{ALICE, MIA, OSCAR, SVEN};

/// Asks for a passkey on one's own account page.
async fn ask(browser: &mut Browser, key: &SoftAuthenticator, name: &str) {
    let page = browser.get("/account").await;
    let path = "/account/authenticators/options";
    let fields = [("name", name)];
    let asked = browser.fetch(&page, path, &fields).await.json();
    let credential = create(key, &asked);
    let fields = [("name", name), ("credential", credential.as_str())];
    let path = "/account/authenticators/register";
    let answer = browser.submit(&page, path, &fields).await;
    assert_eq!(answer.location(), "/account", "{}", answer.words());
}

/// The page of the one enrolment that waits for this reader.
async fn waiting(browser: &mut Browser) -> String {
    let today = browser.get("/").await.text();
    let path = today
        .split("href=\"/enrolments/")
        .nth(1)
        .expect("none waits");
    format!("/enrolments/{}", path.split('"').next().unwrap())
}

#[tokio::test]
async fn r33_asked_for_checked_signed_announced_and_revoked() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let mut alice = world.browser(ALICE).await;
    let page = alice.get("/account").await.words();
    assert!(
        page.contains("No authenticator signs for you yet"),
        "{page}"
    );
    let key = SoftAuthenticator::passkey(ALICE, 4);
    ask(&mut alice, &key, "blue key").await;
    let page = alice.get("/account").await.words();
    assert!(page.contains("waits for somebody to sign"), "{page}");
    assert!(page.contains("Waiting for somebody to sign: "), "{page}");
    assert!(
        page.contains("Mia Moss") && page.contains("Sam Stone"),
        "{page}"
    );
    let thumbprint = key.public.thumbprint().to_string();
    assert!(page.contains(&thumbprint), "{page}");

    let mut signer = world.stranger();
    sign_in(&mut signer, &sam, "/").await;
    let today = signer.get("/").await.words();
    assert!(
        today.contains("Sign or deny: a new authenticator for Alice Archer"),
        "{today}"
    );
    let path = waiting(&mut signer).await;
    let page = signer.get(&path).await;
    let words = page.words();
    assert!(
        words.contains("Call Alice Archer on a number you already have"),
        "{words}"
    );
    assert!(
        words.contains(&thumbprint) && words.contains("What exactly you sign"),
        "{words}"
    );
    let asked = signer.fetch(&page, &format!("{path}/statement"), &[]).await;
    let signature = sign(&sam, &asked.json());
    let approve = format!("{path}/approve");
    let hasty = [("signature", signature.as_str())];
    let answer = signer.submit(&page, &approve, &hasty).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("signature", signature.as_str()), ("checked", "yes")];
    let answer = signer.submit(&page, &approve, &fields).await;
    assert_eq!(answer.location(), "/enrolments", "{}", answer.words());
    assert!(
        signer
            .get(&path)
            .await
            .words()
            .contains("nothing is left to decide")
    );

    let today = alice.get("/").await.words();
    assert!(
        today.contains("was enrolled for you by Sam Stone"),
        "{today}"
    );
    assert!(today.contains("Not you? Revoke it"), "{today}");
    let manager = world.browser(MIA).await.get("/").await.words();
    assert!(
        manager.contains("was enrolled for Alice Archer by Sam Stone"),
        "{manager}"
    );
    let account = alice.get("/account").await.words();
    assert!(
        account.contains("signs regulated from Tue 4 Aug 2026, 10:00 CEST (in 24 hours)"),
        "{account}"
    );
    let revoke = format!("/account/authenticators/{}/revoke", key.public.id);
    let silent = alice.post(&revoke, &[("reason", "")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let lost = [("reason", "left in a taxi"), ("back", "/account")];
    let answer = alice.post(&revoke, &lost).await;
    assert_eq!(answer.location(), "/account");
    let account = alice.get("/account").await.words();
    assert!(account.contains("No longer in use: 1"), "{account}");
    assert!(account.contains("left in a taxi"), "{account}");
    world.house.verify().await;
}

#[tokio::test]
async fn r33_nobody_signs_their_own_and_who_may_not_sees_who_can() {
    let world = World::signed().await;
    world.house.founded().await;
    let mut alice = world.browser(ALICE).await;
    ask(
        &mut alice,
        &SoftAuthenticator::passkey(ALICE, 4),
        "blue key",
    )
    .await;
    let mut mia = world.browser(MIA).await;
    let path = waiting(&mut mia).await;
    // Her manager may, once she has a passkey of her own.
    let page = mia.get(&path).await.words();
    assert!(
        page.contains("Signing takes a passkey of your own"),
        "{page}"
    );
    let page = alice.get(&path).await;
    assert!(page.words().contains("self-approval"), "{}", page.words());
    assert!(!page.text().contains(&format!("action=\"{path}/approve\"")));
    let statement = alice.fetch(&page, &format!("{path}/statement"), &[]).await;
    assert_eq!(statement.status, StatusCode::FORBIDDEN);
    // Somebody who has nothing to do with her does not even see it.
    let oscar = world.browser(OSCAR).await.get(&path).await;
    assert_eq!(oscar.status, StatusCode::NOT_FOUND);
    world.house.verify().await;
}

#[tokio::test]
async fn r33_an_enrolment_is_denied_with_a_reason_or_taken_back() {
    let world = World::signed().await;
    world.house.founded().await;
    let mut alice = world.browser(ALICE).await;
    ask(
        &mut alice,
        &SoftAuthenticator::passkey(ALICE, 4),
        "blue key",
    )
    .await;
    let mut sven = world.browser(SVEN).await;
    let path = waiting(&mut sven).await;
    let deny = format!("{path}/deny");
    let silent = sven.post(&deny, &[]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = sven.post(&deny, &[("reason", "she did not ask")]).await;
    assert_eq!(answer.location(), "/enrolments");
    assert!(
        alice
            .get(&path)
            .await
            .words()
            .contains("denied by Sven Sund")
    );

    ask(&mut alice, &SoftAuthenticator::passkey(ALICE, 5), "red key").await;
    let path = waiting(&mut sven).await;
    let fields = [("reason", "taken back by who asked"), ("back", "/account")];
    let answer = alice.post(&format!("{path}/deny"), &fields).await;
    assert_eq!(answer.location(), "/account");
    let today = sven.get("/").await.words();
    assert!(today.contains("Nothing waits for you"), "{today}");
    world.house.verify().await;
}

#[tokio::test]
async fn r33_an_answer_that_was_not_asked_for_enrols_nothing() {
    let world = World::signed().await;
    world.house.founded().await;
    let (mut alice, mut oscar) = (world.browser(ALICE).await, world.browser(OSCAR).await);
    let page = alice.get("/account").await;
    let path = "/account/authenticators/options";
    let asked = alice.fetch(&page, path, &[]).await.json();
    let credential = create(&SoftAuthenticator::passkey(ALICE, 4), &asked);
    let fields = [("name", "blue key"), ("credential", credential.as_str())];
    let path = "/account/authenticators/register";
    // In another login, and a second time.
    let answer = oscar.post(path, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.words().contains("waited too long"),
        "{}",
        answer.words()
    );
    assert_eq!(alice.post(path, &fields).await.location(), "/account");
    let again = alice.post(path, &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_lost_one_is_taken_out_of_use_by_whoever_answers_for_its_person() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let key = world.house.enrolled(ALICE, &sam).await;
    let manager = world.house.enrolled(MIA, &sam).await;
    let mut mia = world.browser(MIA).await;
    let page = mia.get("/enrolments/lost").await.text();
    assert!(page.contains("Alice Archer") && !page.contains("Oscar Owens"));
    let theirs = format!("/enrolments/lost?person={ALICE}");
    let page = mia.get(&theirs).await;
    assert!(page.words().contains("They lost this"), "{}", page.words());
    let revoke = format!("/account/authenticators/{}/revoke", key.public.id);
    assert!(page.text().contains(&revoke));
    let back = page.value_of("back");
    let fields = [("reason", "she called me back"), ("back", back.as_str())];
    // It takes a proof of a moment ago.
    let unsure = mia.submit(&page, &revoke, &fields).await;
    assert_eq!(unsure.status, StatusCode::UNAUTHORIZED);
    let words = unsure.words();
    assert!(
        words.contains("Confirm it is you, then do it again"),
        "{words}"
    );
    sign_in(&mut mia, &manager, "/").await;
    let page = mia.get(&theirs).await;
    let answer = mia.submit(&page, &revoke, &fields).await;
    assert_eq!(answer.location(), back);
    assert!(mia.get(&back).await.words().contains("None counts"));
    // Whoever does not answer for her sees nothing of hers and revokes nothing.
    let mut oscar = world.browser(OSCAR).await;
    assert_eq!(oscar.get(&theirs).await.status, StatusCode::NOT_FOUND);
    let answer = oscar.post(&revoke, &[("reason", "because")]).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    world.house.verify().await;
}
