//! Signing in at the identity provider, confirming there, and signing out there too.

use axum::http::StatusCode;

use crate::ALICE;
use crate::browser::{Answer, Browser};
use crate::provider::ISSUER;
use crate::world::World;

/// Off to the provider and back again.
async fn there_and_back(world: &World, browser: &mut Browser, path: &str) -> Answer {
    let off = browser.get(path).await.location().to_owned();
    let back = world.idp.visit(&off);
    browser.get(&back).await
}

#[tokio::test]
async fn r06_somebody_signs_in_at_the_provider_and_goes_on_where_they_wanted() {
    let world = World::signed().await;
    let mut browser = world.stranger();
    let page = browser.get("/login?to=%2Frequests").await;
    assert!(
        page.words().contains("Sign in with idp.corp.example"),
        "{}",
        page.words()
    );
    assert!(page.text().contains("href=\"/login/oidc?to=%2Frequests\""));
    let answer = there_and_back(&world, &mut browser, "/login/oidc?to=%2Frequests").await;
    assert_eq!(answer.location(), "/requests");
    let account = browser.get("/account").await.words();
    assert!(account.contains("Alice Archer"), "{account}");
    assert!(account.contains("at https://idp.corp.example"), "{account}");
    assert!(account.contains("ordinary: you signed in"), "{account}");
    let stream = locum_domain::Stream::Principal(ALICE.parse().unwrap());
    assert_eq!(world.house.kinds(&stream).await, ["login-began"]);
    // The way back is a local one, whatever the link said.
    let elsewhere = "/login/oidc?to=https%3A%2F%2Fevil.example%2F";
    let answer = there_and_back(&world, &mut browser, elsewhere).await;
    assert_eq!(answer.location(), "/");
    world.house.verify().await;
}

#[tokio::test]
async fn r06_an_account_that_is_nobodys_signs_nobody_in() {
    let world = World::signed().await;
    let mut words = Vec::new();
    for account in ["nobody@corp.example", "aida", "desk"] {
        *world.idp.account.lock().unwrap() = account.into();
        let mut browser = world.stranger();
        let answer = there_and_back(&world, &mut browser, "/login/oidc").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{account}");
        assert!(browser.cookie.is_none());
        words.push(answer.words());
    }
    assert!(words[0].contains("Locum does not"), "{}", words[0]);
    assert!(words.iter().all(|it| *it == words[0]), "{words:?}");
    world.house.verify().await;
}

#[tokio::test]
async fn r06_an_answer_to_another_browsers_sign_in_signs_nobody_in() {
    let world = World::signed().await;
    let mut attacker = world.stranger();
    let off = attacker.get("/login/oidc").await.location().to_owned();
    let link = world.idp.visit(&off);
    // A victim follows the attacker's link: with no sign-in of their own, and with one.
    let mut victim = world.stranger();
    let answer = victim.get(&link).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.words());
    assert!(victim.cookie.is_none());
    victim.get("/login/oidc").await.location();
    let answer = victim.get(&link).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.words().contains("another sign-in"),
        "{}",
        answer.words()
    );
    assert!(victim.cookie.is_none());
    // And nobody signs in twice by one answer.
    assert_eq!(attacker.get(&link).await.location(), "/");
    let again = attacker.get(&link).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    world.house.verify().await;
}

#[tokio::test]
async fn r06_a_silent_or_refusing_provider_is_said_in_words_with_what_helps() {
    let world = World::signed().await;
    *world.idp.is_silent.lock().unwrap() = true;
    let answer = world.stranger().get("/login/oidc").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let words = answer.words();
    assert!(words.contains("A passkey works without it"), "{words}");
    assert!(answer.text().contains("role=\"alert\""));
    *world.idp.is_silent.lock().unwrap() = false;
    world.house.clock.advance_minutes(2);
    let mut browser = world.stranger();
    let off = browser.get("/login/oidc").await.location().to_owned();
    let back = world.idp.visit(&off);
    let state = back.split("state=").nth(1).unwrap();
    let state = state.split('&').next().unwrap();
    let no = format!(
        "/login/oidc/callback?error=access_denied&state={state}&iss=https%3A%2F%2Fidp.corp.example"
    );
    let answer = browser.get(&no).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.words().contains("did not sign you in"),
        "{}",
        answer.words()
    );
    world.house.verify().await;
}

#[tokio::test]
async fn r06_signing_out_ends_the_providers_session_too() {
    let world = World::signed().await;
    let mut browser = world.stranger();
    there_and_back(&world, &mut browser, "/login/oidc").await;
    // The form that signs out is allowed to lead there, on this login's pages alone.
    let page = browser.get("/requests").await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(
        policy.contains(&format!("form-action 'self' {ISSUER}")),
        "{policy}"
    );
    let mine = world.browser(ALICE).await.get("/requests").await;
    assert!(!mine.header("content-security-policy").contains(ISSUER));
    let answer = browser.post("/logout", &[]).await;
    let location = answer.location().to_owned();
    assert!(
        location.starts_with(&format!("{ISSUER}/logout?id_token_hint=")),
        "{location}"
    );
    assert!(answer.header("clear-site-data").contains("storage"));
    assert!(browser.cookie.is_none());
    world.house.verify().await;
}

#[tokio::test]
async fn r06_a_provider_that_signs_out_on_another_host_is_a_link() {
    let world = World::signed().await;
    let elsewhere = "https://logout.corp.example/out";
    *world.idp.end_session_endpoint.lock().unwrap() = elsewhere.into();
    let mut browser = world.stranger();
    there_and_back(&world, &mut browser, "/login/oidc").await;
    let answer = browser.post("/logout", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.words().contains("Sign out there too"));
    assert!(answer.text().contains(&format!("href=\"{elsewhere}?")));
    assert!(browser.cookie.is_none());
    world.house.verify().await;
}

#[tokio::test]
async fn r06_the_provider_confirms_who_it_is_when_it_says_so_strongly() {
    let world = World::signed().await;
    let mut browser = world.stranger();
    there_and_back(&world, &mut browser, "/login/oidc").await;
    let page = browser.get("/confirm?to=%2Faccount").await;
    assert!(page.words().contains("Confirm with idp.corp.example"));
    let again = "/login/oidc?again=yes&to=%2Faccount";
    assert!(
        page.text()
            .contains("/login/oidc?again=yes&amp;to=%2Faccount")
    );
    let weak = there_and_back(&world, &mut browser, again).await;
    assert_eq!(weak.status, StatusCode::FORBIDDEN);
    assert!(
        weak.words().contains("confirmed no authenticator"),
        "{}",
        weak.words()
    );
    *world.idp.acr.lock().unwrap() = Some("phr".into());
    // Somebody else at the provider is not who signed in here.
    *world.idp.account.lock().unwrap() = "oscar@corp.example".into();
    let other = there_and_back(&world, &mut browser, again).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    assert!(other.words().contains("somebody else"), "{}", other.words());
    *world.idp.account.lock().unwrap() = ALICE.into();
    let before = browser.cookie.clone();
    let sure = there_and_back(&world, &mut browser, again).await;
    assert_eq!(sure.location(), "/account");
    assert_ne!(browser.cookie, before);
    let account = browser.get("/account").await.words();
    assert!(account.contains("sure: you proved"), "{account}");
    world.house.verify().await;
}
