//! Every address that changes something has its act in `locum_control::privileged`, and is driven here by everybody who
//! must not get through. A new one fails until it is listed there.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use locum_control::privileged::{Act, acts, behind};

use crate::world::World;
use crate::{ALICE, SAM};

/// The addresses of the router's own text that answer a POST.
fn posts() -> BTreeSet<String> {
    routed("post(")
}

/// Those that answer a GET, and must change nothing by it unless it has its act.
fn gets() -> BTreeSet<String> {
    let is_listed = |path: &String| behind(&format!("GET {path}")).is_some();
    let mut gets = routed("get(");
    gets.retain(|path| !is_listed(path));
    gets
}

fn routed(verb: &str) -> BTreeSet<String> {
    let router = include_str!("../../src/router.rs");
    let routes = router.split(".route(").skip(1);
    routes
        .filter(|route| route.contains(verb))
        .filter_map(|route| route.split('"').nth(1))
        .map(str::to_owned)
        .collect()
}

/// Whether it is sent before there is a login: only our own page may, and it proves something itself.
fn is_before_login(path: &str) -> bool {
    let is_sign_in = |act: &Act| act.name == "sign-in";
    behind(&format!("POST {path}")).is_some_and(is_sign_in) || path == "/invitation"
}

/// Whether the script asks it before there is a login.
fn is_asked_before(path: &str) -> bool {
    ["/login/passkey/options", "/invitation/options"].contains(&path)
}

#[test]
fn r33_every_address_that_changes_something_has_its_act_and_its_rule() {
    let posts = posts();
    assert!(posts.len() > 30, "{posts:?}");
    for path in &posts {
        let act = behind(&format!("POST {path}"));
        assert!(
            act.is_some(),
            "no act of locum_control::privileged has POST {path}"
        );
    }
    // And nothing is listed that is not there.
    let endpoints = acts().flat_map(|act| act.endpoints);
    let elsewhere = ["/api/", "/oauth2/", "/hooks/", "/login/oidc/back-channel"];
    for endpoint in endpoints {
        let Some(path) = endpoint.strip_prefix("POST ") else {
            continue;
        };
        if !elsewhere.iter().any(|it| path.starts_with(it)) {
            assert!(posts.contains(path), "{endpoint} is listed, and no address");
        }
    }
}

/// A path that names something, whether or not it is there.
fn filled(path: &str, request: &str, session: &str) -> String {
    let nothing = "00000000000000000000000000000000";
    let id = match path.split('/').nth(1).unwrap() {
        "requests" => request.to_owned(),
        "sessions" => session.to_owned(),
        "changes" => format!("chg_{nothing}"),
        "erasures" => format!("era_{nothing}"),
        "exceptions" => format!("exc_{nothing}"),
        "holds" => format!("hld_{nothing}"),
        "reviews" => format!("rev_{nothing}"),
        "enrolments" => format!("enr_{nothing}"),
        _ if path.contains("authenticators") => format!("aut_{nothing}"),
        _ => nothing.to_owned(),
    };
    path.replace("{id}", &id)
}

#[tokio::test]
async fn r33_nobody_without_the_logins_own_token_gets_through() {
    let world = World::new().await;
    let session = world.live().await;
    let id = world.house.session(&session).await.request;
    let mut sam = world.browser(SAM).await;
    let theirs = world.browser(ALICE).await.get("/").await.hidden("csrf");
    let ours = sam.get("/").await.hidden("csrf");
    let size = locum_control::ports::Store::size(&*world.house.store);
    let before = size.await.unwrap();
    for path in posts() {
        let is_before = is_before_login(&path);
        let path = filled(&path, id.as_str(), session.as_str());
        for (token, from) in [
            ("", "same-origin"),
            (theirs.as_str(), "same-origin"),
            (ours.as_str(), "cross-site"),
            (ours.as_str(), "same-site"),
        ] {
            // What only our own page may send needs no token yet: what it proves decides.
            if is_before && from == "same-origin" || is_asked_before(&path) {
                continue;
            }
            let cookie = sam.cookie.clone();
            let headers = [("sec-fetch-site", from), ("x-csrf-token", token)];
            let fields = [("csrf", token)];
            let answer = sam.send(&path, Some(&fields), &headers).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{path} {token} {from}"
            );
            assert_eq!(sam.cookie, cookie, "{path}");
        }
        let headers = [("sec-fetch-site", "cross-site"), ("x-csrf-token", &ours)];
        let mut stranger = world.stranger();
        let answer = stranger
            .send(&path, Some(&[("csrf", &ours)]), &headers)
            .await;
        let is_closed = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
        assert!(is_closed, "{path} as nobody: {}", answer.status);
        assert!(stranger.cookie.is_none(), "{path}");
        let headers = [("sec-fetch-site", "same-origin"), ("x-csrf-token", &ours)];
        let answer = stranger
            .send(&path, Some(&[("csrf", &ours)]), &headers)
            .await;
        let is_asked = is_asked_before(&path);
        assert!(
            is_asked || answer.status.is_client_error(),
            "{path} as nobody"
        );
        assert!(stranger.cookie.is_none(), "{path}");
    }
    assert!(world.house.session(&session).await.is_live());
    let after = locum_control::ports::Store::size(&*world.house.store);
    // Nothing but the refusals themselves is on the record.
    let refused = world.house.refusals().await;
    assert!(after.await.unwrap() - before <= u64::try_from(refused.len()).unwrap());
    world.house.verify().await;
}

#[tokio::test]
async fn r33_no_address_that_changes_something_answers_a_get_with_a_change() {
    let world = World::new().await;
    let session = world.live().await;
    let id = world.house.session(&session).await.request;
    let mut alice = world.browser(ALICE).await;
    let before = locum_control::ports::Store::size(&*world.house.store).await;
    assert!(gets().len() > 20 && !gets().contains("/login/oidc/callback"));
    for path in posts().union(&gets()) {
        let path = filled(path, id.as_str(), session.as_str());
        let answer = alice.get(&path).await;
        let is_looked_at = answer.status == StatusCode::OK || answer.status.is_redirection();
        let is_refused = answer.status.is_client_error();
        assert!(is_looked_at || is_refused, "{path}: {}", answer.status);
    }
    let after = locum_control::ports::Store::size(&*world.house.store).await;
    let refused = world.house.refusals().await.len();
    let grown = after.unwrap() - before.unwrap();
    assert!(grown <= u64::try_from(refused).unwrap(), "{grown} entries");
    assert!(world.house.session(&session).await.is_live());
    world.house.verify().await;
}
