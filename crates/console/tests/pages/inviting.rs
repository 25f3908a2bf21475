//! Somebody who cannot sign in yet: invited by one person, signed for by another.

use axum::http::StatusCode;
use locum_testkit::house::SoftAuthenticator;

use crate::browser::{Answer, Browser};
use crate::device_key::{create, sign, sign_in};
use crate::world::{HOST, World};
use crate::{ALICE, MIA};

/// The link's path, made by whoever this browser is.
async fn invited(browser: &mut Browser, person: &str) -> String {
    let page = browser.get("/enrolments").await;
    assert!(page.words().contains("Invite somebody"), "{}", page.words());
    let made = browser
        .submit(&page, "/enrolments/invite", &[("person", person)])
        .await;
    let text = made.text();
    let link = text.split(&format!("{HOST}/invitation/")).nth(1);
    let code = link.unwrap_or_else(|| panic!("no link: {}", made.words()));
    format!("/invitation/{}", code.split(['<', '"']).next().unwrap())
}

async fn follow(browser: &mut Browser, path: &str, key: &SoftAuthenticator) -> Answer {
    let page = browser.get(path).await;
    let code = page.value_of("code");
    let fields = [("code", code.as_str()), ("name", "blue key")];
    let asked = browser.fetch(&page, "/invitation/options", &fields).await;
    let credential = create(key, &asked.json());
    let fields = [
        ("code", code.as_str()),
        ("name", "blue key"),
        ("credential", credential.as_str()),
    ];
    browser.submit(&page, "/invitation", &fields).await
}

#[tokio::test]
async fn r33_an_invitation_asks_once_and_somebody_else_signs() {
    let world = World::signed().await;
    let [prya, sam] = world.house.founded().await;
    let mut host = world.stranger();
    sign_in(&mut host, &sam, "/").await;
    let path = invited(&mut host, ALICE).await;
    // Previews use nothing up.
    let mut alice = world.stranger();
    for _ in 0..2 {
        let page = alice.get(&path).await.words();
        assert!(page.contains("Sam Stone invited you"), "{page}");
    }
    let key = SoftAuthenticator::passkey(ALICE, 4);
    let answer = follow(&mut alice, &path, &key).await;
    let words = answer.words();
    assert!(words.contains("Your authenticator waits"), "{words}");
    let thumbprint = key.public.thumbprint().to_string();
    assert!(words.contains(&thumbprint), "{words}");
    assert!(alice.cookie.is_none());
    let again = alice.get(&path).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);

    // It counts for nothing yet, and whoever invited does not sign.
    let answer = sign_in(&mut alice, &key, "/").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let waiting = host.get("/enrolments").await.text();
    let id = waiting.split("href=\"/enrolments/").nth(1).unwrap();
    let path = format!("/enrolments/{}", id.split('"').next().unwrap());
    let page = host.get(&path).await;
    let words = page.words();
    assert!(words.contains("Invited by Sam Stone"), "{words}");
    assert!(words.contains("second-person-required"), "{words}");
    assert!(!page.text().contains(&format!("action=\"{path}/approve\"")));
    let mut other = world.stranger();
    sign_in(&mut other, &prya, "/").await;
    let page = other.get(&path).await;
    let asked = other.fetch(&page, &format!("{path}/statement"), &[]).await;
    let signature = sign(&prya, &asked.json());
    let fields = [("signature", signature.as_str()), ("checked", "yes")];
    let answer = other
        .submit(&page, &format!("{path}/approve"), &fields)
        .await;
    assert_eq!(answer.location(), "/enrolments", "{}", answer.words());
    assert_eq!(sign_in(&mut alice, &key, "/").await.location(), "/");
    assert!(
        alice
            .get("/")
            .await
            .words()
            .contains("was enrolled for you")
    );
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_code_that_is_nobodys_enrols_nobody() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let mut host = world.stranger();
    sign_in(&mut host, &sam, "/").await;
    let path = invited(&mut host, ALICE).await;
    let mut stranger = world.stranger();
    let nobody = stranger.get("/invitation/0123456789").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    let page = stranger.get(&path).await;
    let wrong = [("code", "0123456789"), ("name", "x")];
    let asked = stranger.fetch(&page, "/invitation/options", &wrong).await;
    assert_eq!(asked.status, StatusCode::NOT_FOUND);
    // Another site sends no form of ours.
    let code = page.value_of("code");
    let fields = [("code", code.as_str()), ("credential", "{}")];
    let foreign = [("sec-fetch-site", "cross-site")];
    let answer = stranger.send("/invitation", Some(&fields), &foreign).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    // And who answers for nobody, or has no passkey, invites nobody.
    let mut mia = world.browser(MIA).await;
    assert!(!mia.get("/enrolments").await.words().contains("Invite"));
    let answer = mia.post("/enrolments/invite", &[("person", ALICE)]).await;
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "{}",
        answer.words()
    );
    let mut alice = world.browser(ALICE).await;
    let answer = alice.post("/enrolments/invite", &[("person", MIA)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    world.house.verify().await;
}
