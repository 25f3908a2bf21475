//! Somebody who cannot sign in yet: invited by one person, signed for by another.

use axum::http::StatusCode;
use locum_testkit::house::SoftAuthenticator;

use crate::browser::{Answer, Browser};
use crate::device_key::{create, sign, sign_in};
use crate::world::{HOST, World};
use crate::{ALICE, MIA, SAM};

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
    assert!(words.contains("and is not Sam Stone, signs"), "{words}");
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

/// What the browser sends once the authenticator has answered.
async fn answered(
    browser: &mut Browser,
    path: &str,
    key: &SoftAuthenticator,
) -> Vec<(&'static str, String)> {
    let page = browser.get(path).await;
    let code = page.value_of("code");
    let fields = [("code", code.as_str())];
    let asked = browser.fetch(&page, "/invitation/options", &fields).await;
    let credential = create(key, &asked.json());
    let name = "blue key".to_owned();
    vec![("code", code), ("name", name), ("credential", credential)]
}

async fn sent(browser: &mut Browser, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(key, it)| (*key, it.as_str())).collect();
    let headers = [("sec-fetch-site", "same-origin")];
    browser.send("/invitation", Some(&fields), &headers).await
}

/// A house whose founder Sam invited Alice, and the path of the link.
async fn inviting() -> (World, String) {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let mut host = world.stranger();
    sign_in(&mut host, &sam, "/").await;
    let path = invited(&mut host, ALICE).await;
    (world, path)
}

#[tokio::test]
async fn r33_what_followed_an_invitation_follows_it_no_second_time() {
    let (world, path) = inviting().await;
    let mut browsers = [world.stranger(), world.stranger()];
    let key = SoftAuthenticator::passkey(ALICE, 4);
    let fields = answered(&mut browsers[0], &path, &key).await;
    let [one, other] = &mut browsers;
    let (first, second) = tokio::join!(sent(one, &fields), sent(other, &fields));
    let good = [&first, &second].map(|it| usize::from(it.status == StatusCode::OK));
    assert_eq!(good.iter().sum::<usize>(), 1, "{}", first.words());
    // Neither the same answer nor another one, nor anything to sign.
    assert_eq!(sent(one, &fields).await.status, StatusCode::NOT_FOUND);
    let code = &fields[0].1;
    let (page, asked) = (first, [("code", code.as_str())]);
    let options = one.fetch(&page, "/invitation/options", &asked).await;
    assert_eq!(options.status, StatusCode::NOT_FOUND);
    let alice = ALICE.parse().unwrap();
    let kinds = world
        .house
        .kinds(&locum_domain::Stream::Enrolment(alice))
        .await;
    assert_eq!(kinds, ["enrolment-invited", "enrolment-asked"]);
    world.house.verify().await;
}

#[tokio::test]
async fn r05_r33_an_invitation_enrols_nobody_elses_passkey_and_none_of_another_ceremony() {
    let (world, path) = inviting().await;
    let mut browser = world.stranger();
    let taken = SoftAuthenticator::passkey(SAM, 1).lent_to(ALICE);
    let fields = answered(&mut browser, &path, &taken).await;
    let taken = sent(&mut browser, &fields).await;
    let words = taken.words();
    assert!(words.contains("conflict-of-interest"), "{words}");
    // Made for another challenge: by a page that stood open before this one was asked.
    let key = SoftAuthenticator::passkey(ALICE, 4);
    let old = answered(&mut browser, &path, &key).await;
    let new = answered(&mut browser, &path, &key).await;
    let answer = sent(&mut browser, &old).await;
    assert!(answer.words().contains("malformed"), "{}", answer.words());
    let answer = sent(&mut browser, &new).await;
    assert!(
        answer.words().contains("waited too long"),
        "{}",
        answer.words()
    );
    let answer = follow(&mut browser, &path, &key).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.words());
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_link_is_dead_after_a_day_and_guessing_one_is_slowed_down() {
    let (world, path) = inviting().await;
    let mut browser = world.stranger();
    let key = SoftAuthenticator::passkey(ALICE, 4);
    let fields = answered(&mut browser, &path, &key).await;
    world
        .house
        .clock
        .advance(jiff::SignedDuration::from_hours(24));
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    let late = sent(&mut browser, &fields).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    let mut tried = 0;
    loop {
        let guess = [("code", format!("{tried:064x}"))];
        let guess = sent(&mut browser, &guess).await;
        if guess.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        assert_eq!(guess.status, StatusCode::NOT_FOUND);
        tried += 1;
        assert!(tried < 100, "nobody slows this down");
    }
    world.house.verify().await;
}

#[tokio::test]
async fn r33_an_invitation_is_followed_whatever_strangers_tried_from_the_same_address() {
    let (world, path) = inviting().await;
    let mut stranger = world.stranger();
    // Looking counts for nothing.
    for _ in 0..70 {
        let page = stranger.get("/invitation/0123456789").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    let page = stranger.get(&path).await;
    let wrong = [("code", "0123456789")];
    let mut last = StatusCode::OK;
    for _ in 0..61 {
        let asked = stranger.fetch(&page, "/invitation/options", &wrong).await;
        last = asked.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let key = SoftAuthenticator::passkey(ALICE, 4);
    let words = follow(&mut stranger, &path, &key).await.words();
    assert!(words.contains("Your authenticator waits"), "{words}");
    world.house.verify().await;
}
