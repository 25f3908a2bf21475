//! My account: where I am signed in, and ending it.

use axum::http::StatusCode;
use locum_login::{How, NewLogin, SeenFrom};
use locum_testkit::house::House;

use crate::world::World;
use crate::{ALICE, OSCAR, PETRA, SVEN};

#[tokio::test]
async fn r06_every_login_is_listed_for_its_owner_who_ends_one_or_all_others() {
    let world = World::new().await;
    let (mut here, mut there) = (world.browser(ALICE).await, world.browser(ALICE).await);
    let mut third = world.browser(ALICE).await;
    let page = here.get("/account").await;
    let words = page.words();
    assert!(words.contains("You are signed in at 3 places"), "{words}");
    assert_eq!(words.matches("this one").count(), 1, "{words}");
    // Somebody else ends none of them.
    let login = page
        .text()
        .split("/account/logins/")
        .filter_map(|rest| rest.split_once("/end\""))
        .map(|(id, _)| id.to_owned())
        .find(|id| id.len() == 32)
        .unwrap();
    let end = format!("/account/logins/{login}/end");
    let theirs = world.browser(OSCAR).await.post(&end, &[]).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    let answer = here.post("/account/logins/end-others", &[]).await;
    assert_eq!(answer.location(), "/account");
    for browser in [&mut there, &mut third] {
        assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
    }
    let page = here.get("/account").await;
    assert!(page.words().contains("You are signed in here alone"));
    world.house.verify().await;
}

#[tokio::test]
async fn r06_ending_this_login_signs_out() {
    let world = World::new().await;
    let mut here = world.browser(ALICE).await;
    let text = here.get("/account").await.text();
    let login = text.split("/account/logins/").nth(1).unwrap();
    let login = login.split('/').next().unwrap().to_owned();
    let answer = here
        .post(&format!("/account/logins/{login}/end"), &[])
        .await;
    assert_eq!(answer.location(), "/");
    assert!(here.cookie.is_none());
    world.house.verify().await;
}

#[tokio::test]
async fn r33_every_login_is_on_the_record_with_its_end() {
    let world = World::new().await;
    let mut here = world.browser(ALICE).await;
    here.post("/logout", &[]).await.location();
    let stream = locum_domain::Stream::Principal(ALICE.parse().unwrap());
    let kinds = world.house.kinds(&stream).await;
    assert_eq!(kinds, ["login-began", "login-ended"]);
    world.house.verify().await;
}

#[tokio::test]
async fn r06_a_role_that_the_provider_did_not_confirm_is_not_in_this_login() {
    let world = World::with_groups().await;
    let mut sven = world.browser(SVEN).await;
    let page = sven.get("/account").await;
    let words = page.words();
    assert!(words.contains("not in this login: security"), "{words}");
    for closed in ["href=\"/stop\"", "href=\"/enrolments\""] {
        assert!(!page.text().contains(closed), "{closed}");
    }
    let fields = [("kind", "case"), ("value", "desk:7")];
    let answer = sven.post("/stop", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    world.house.verify().await;
}

#[tokio::test]
async fn r06_whoever_left_sees_nothing_by_a_login_that_is_still_live() {
    let builder = House::builder().files(|files| {
        let petra = "name = \"Petra Price\"";
        let left = format!("{petra}\nactive = false");
        files.replace("catalog/people.toml", petra, &left);
    });
    let world = World::of(builder.open().await);
    let login = NewLogin::new(PETRA.parse().unwrap(), How::Picked, SeenFrom::default());
    let started = world.logins.begin(login).unwrap();
    let mut petra = world.stranger();
    petra.cookie = started.set_cookie.split(';').next().map(str::to_owned);
    for path in ["/requests", "/account", "/enrolments"] {
        let answer = petra.get(path).await;
        assert!(answer.location().starts_with("/login"), "{path}");
    }
    world.house.verify().await;
}
