//! Letting a device in: only who started it types its code, sees it, and says yes.

use axum::http::StatusCode;
use locum_login::SeenFrom;
use locum_login::device::{DeviceAuthorization, DeviceRefused};
use secrecy::ExposeSecret as _;

use crate::device_key::sign_in;
use crate::world::World;
use crate::{ALICE, AUDREY, MIA, OSCAR, PETRA, PRYA, SAM, SVEN};

fn ask(world: &World) -> DeviceAuthorization {
    let seen_from = SeenFrom {
        browser: Some("locum on a laptop".into()),
        address: Some("192.0.2.7".parse().unwrap()),
    };
    world.devices.ask("locum", seen_from).unwrap()
}

#[tokio::test]
async fn r06_a_device_is_shown_before_it_is_let_in_and_stands_among_the_logins() {
    let world = World::new().await;
    let asked = ask(&world);
    let code = asked.user_code.to_string();
    let mut alice = world.browser(ALICE).await;
    // The link of the device fills the code in, and does nothing.
    let page = alice.get(&format!("/device?user_code={code}")).await;
    assert_eq!(page.value_of("user_code"), code);
    assert!(page.words().contains("Only if you started this yourself"));
    assert!(!page.words().contains("192.0.2.7"), "{}", page.words());
    let page = alice.post("/device", &[("user_code", &code)]).await;
    let words = page.words();
    for part in ["locum", "192.0.2.7", "just now", &code, "Allow", "Deny"] {
        assert!(words.contains(part), "{part} is missing in {words}");
    }
    let redeem = || world.devices.redeem(asked.device_code.expose_secret());
    assert_eq!(redeem().unwrap_err(), DeviceRefused::Pending);
    let answer = alice
        .submit(&page, "/device/allow", &[("user_code", &code)])
        .await;
    assert!(
        answer.words().contains("signed in as you"),
        "{}",
        answer.words()
    );
    world.house.clock.advance_minutes(1);
    let login = redeem().unwrap();
    assert_eq!(login.principal.as_str(), ALICE);
    world.logins.begin_token(login).unwrap();
    let account = alice.get("/account").await.words();
    assert!(account.contains("device you let in"), "{account}");
    // An answer is given once.
    let again = alice.post("/device/allow", &[("user_code", &code)]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    world.house.verify().await;
}

#[tokio::test]
async fn r06_a_device_that_is_turned_away_hears_it() {
    let world = World::new().await;
    let asked = ask(&world);
    let code = asked.user_code.to_string();
    let mut alice = world.browser(ALICE).await;
    let answer = alice.post("/device/deny", &[("user_code", &code)]).await;
    assert!(
        answer.words().contains("It gets nothing"),
        "{}",
        answer.words()
    );
    let redeemed = world.devices.redeem(asked.device_code.expose_secret());
    assert_eq!(redeemed.unwrap_err(), DeviceRefused::Denied);
    world.house.verify().await;
}

#[tokio::test]
async fn r06_codes_are_not_guessed() {
    let world = World::new().await;
    let mut alice = world.browser(ALICE).await;
    let wrong = alice.post("/device", &[("user_code", "what")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut last = StatusCode::OK;
    for _ in 0..12 {
        let fields = [("user_code", "BCDF-GHJK")];
        last = alice.post("/device", &fields).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let nobody = world.stranger().get("/device?user_code=BCDF-GHJK").await;
    assert_eq!(
        nobody.location(),
        "/login?to=%2Fdevice%3Fuser%5Fcode%3DBCDF%2DGHJK"
    );
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_device_ends_with_the_passkey_that_let_it_in() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let oscar = world.house.enrolled(OSCAR, &sam).await;
    let asked = ask(&world);
    let code = asked.user_code.to_string();
    let mut browser = world.stranger();
    sign_in(&mut browser, &oscar, "/").await.location();
    browser.post("/device/allow", &[("user_code", &code)]).await;
    world.house.clock.advance_minutes(1);
    let login = world.devices.redeem(asked.device_code.expose_secret());
    let token = world.logins.begin_token(login.unwrap()).unwrap().token;
    let is_in = || {
        world
            .logins
            .signed_in_by_token(token.expose_secret())
            .is_ok()
    };
    // Signing out of the browser leaves the device in.
    browser.post("/logout", &[]).await.location();
    assert!(is_in());
    let mut browser = world.stranger();
    sign_in(&mut browser, &oscar, "/").await.location();
    let path = format!("/account/authenticators/{}/revoke", oscar.public.id);
    let reason = [("reason", "lost on the train")];
    browser.post(&path, &reason).await.location();
    assert!(!is_in());
    world.house.verify().await;
}

#[tokio::test]
async fn r33_nobody_else_uses_up_the_tries_of_whoever_lets_a_device_in() {
    let world = World::new().await;
    let asked = ask(&world);
    let code = asked.user_code.to_string();
    let wrong = [("user_code", "BCDF-GHJK")];
    for person in [OSCAR, PETRA, SAM, PRYA, MIA, AUDREY, SVEN] {
        let mut browser = world.browser(person).await;
        for _ in 0..11 {
            browser.post("/device", &wrong).await;
        }
    }
    let mut alice = world.browser(ALICE).await;
    let page = alice.post("/device/allow", &[("user_code", &code)]).await;
    assert!(
        page.words().contains("signed in as you"),
        "{}",
        page.words()
    );
    world.house.verify().await;
}
