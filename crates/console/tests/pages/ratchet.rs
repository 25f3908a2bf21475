//! Every address that changes something, with the verb behind it. A new one fails here until it says what it is and is
//! driven by everybody who must not get through.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use crate::world::World;
use crate::{ALICE, SAM};

/// Why an address may be posted to without more than its login's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A privileged act of Locum itself, by its name in `locum_control::privileged`.
    Privileged(&'static str),
    /// One's own request, decision, session, login: policy and the verb say who may.
    Ordinary,
    /// Asked by the script; changes nothing.
    Asks,
    /// Before there is a login: only our own page may send it, and it proves something itself.
    Before,
}
use Kind::{Asks, Before, Ordinary, Privileged};

const POSTS: &[(&str, Kind)] = &[
    ("/login", Before),
    ("/login/passkey/options", Asks),
    ("/login/passkey/verify", Before),
    ("/logout", Ordinary),
    ("/confirm", Ordinary),
    ("/confirm/options", Asks),
    ("/account/authenticators/options", Asks),
    (
        "/account/authenticators/register",
        Privileged("ask-enrolment"),
    ),
    (
        "/account/authenticators/{id}/revoke",
        Privileged("revoke-authenticator"),
    ),
    ("/account/logins/end-others", Ordinary),
    ("/account/logins/{id}/end", Ordinary),
    ("/enrolments/{id}/statement", Asks),
    ("/enrolments/{id}/approve", Privileged("approve-enrolment")),
    ("/enrolments/{id}/deny", Privileged("deny-enrolment")),
    ("/founding/begin", Before),
    ("/founding/options", Asks),
    ("/founding/enrol", Privileged("enrol-founder")),
    ("/founding/statement", Asks),
    ("/founding/sign", Privileged("sign-founding")),
    ("/device", Ordinary),
    ("/device/allow", Ordinary),
    ("/device/deny", Ordinary),
    ("/requests", Ordinary),
    ("/requests/preview", Ordinary),
    ("/requests/change", Ordinary),
    ("/requests/{id}/statement", Asks),
    ("/requests/{id}/approve", Ordinary),
    ("/requests/{id}/offer", Ordinary),
    ("/requests/{id}/ask", Ordinary),
    ("/requests/{id}/deny", Ordinary),
    ("/requests/{id}/answer", Ordinary),
    ("/requests/{id}/accept", Ordinary),
    ("/requests/{id}/withdraw", Ordinary),
    ("/requests/{id}/activate", Ordinary),
    ("/requests/{id}/extend", Ordinary),
    ("/sessions/{id}/open", Ordinary),
    ("/sessions/{id}/end", Ordinary),
    ("/reviews/{id}/complete", Ordinary),
    ("/stop", Privileged("stop")),
    ("/holds/{id}/lift", Privileged("lift")),
];

/// The addresses of the router's own text that answer a POST.
fn routed() -> BTreeSet<String> {
    let router = include_str!("../../src/router.rs");
    let routes = router.split(".route(").skip(1);
    routes
        .filter(|route| {
            let end = route.find(".route(").unwrap_or(route.len());
            route[..end].contains("post(")
        })
        .filter_map(|route| route.split('"').nth(1))
        .map(str::to_owned)
        .collect()
}

#[test]
fn r33_every_address_that_changes_something_says_what_it_is() {
    let listed: BTreeSet<String> = POSTS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(listed.len(), POSTS.len());
    assert_eq!(listed, routed());
}

/// A path that names something, whether or not it is there.
fn filled(path: &str, request: &str, session: &str) -> String {
    let nothing = "00000000000000000000000000000000";
    let id = match path.split('/').nth(1).unwrap() {
        "requests" => request.to_owned(),
        "sessions" => session.to_owned(),
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
    for (path, kind) in POSTS {
        let path = filled(path, id.as_str(), session.as_str());
        for (token, from) in [
            ("", "same-origin"),
            (theirs.as_str(), "same-origin"),
            (ours.as_str(), "cross-site"),
            (ours.as_str(), "same-site"),
        ] {
            // What only our own page may send needs no token yet: what it proves decides.
            if matches!(kind, Before) && from == "same-origin" || path == "/login/passkey/options" {
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
        let is_asked = path == "/login/passkey/options";
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
    for (path, _) in POSTS {
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
