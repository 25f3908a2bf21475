//! Signing in at an identity provider, and everything that must not sign anybody in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod client;
mod id_tokens;
mod idp;
mod keys;
mod logout;

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::COOKIE;
use locum_login::LoginId;
use locum_login::oidc::Wish;
use serde_json::json;
use url::Url;

use client::{Client, browser, refused, settings};
use idp::ISSUER;

#[tokio::test]
async fn r33_somebody_signs_in_and_goes_on_to_where_they_wanted() {
    let client = Client::new();
    let finished = client.sign_in().await.unwrap();
    assert_eq!(finished.account, "alice@corp.example");
    let to = "/requests/req_1".to_owned();
    assert_eq!(finished.wish, Wish::SignIn { to });
    let sign_in = finished.sign_in;
    assert_eq!(sign_in.subject, "u-alice");
    assert_eq!(sign_in.session.as_deref(), Some("s1"));
    assert_eq!(sign_in.acr.as_deref(), Some("phr"));
    assert_eq!(sign_in.amr, ["hwk", "user"]);
    assert!(sign_in.authenticated_at.is_some());
    assert!(finished.set_cookie.starts_with("__Host-locum-signin=;"));
    assert!(finished.set_cookie.ends_with("Max-Age=0"));
}

#[tokio::test]
async fn r33_nobody_is_led_to_another_host_after_signing_in() {
    for elsewhere in [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
    ] {
        let client = Client::new();
        let to = elsewhere.to_owned();
        let begun = client.provider.begin(Wish::SignIn { to }).await.unwrap();
        let query = client.idp.visit(&begun.location);
        let finished = client.provider.finish(&browser(&begun), &query).await;
        let to = "/".to_owned();
        assert_eq!(finished.unwrap().wish, Wish::SignIn { to }, "{elsewhere}");
    }
}

#[tokio::test]
async fn r33_a_public_client_is_bound_to_its_code_by_pkce_alone() {
    let client = Client::of(locum_login::oidc::ProviderSettings {
        client_secret: None,
        ..settings()
    });
    assert!(client.sign_in().await.is_ok());
}

#[tokio::test]
async fn r33_an_answer_to_somebody_elses_sign_in_signs_nobody_in() {
    let client = Client::new();
    let attackers = client.begin().await;
    let theirs = client.idp.visit(&attackers.location);
    // The victim's browser began none, or another.
    let empty = HeaderMap::new();
    let outcome = client.provider.finish(&empty, &theirs).await;
    assert_eq!(refused(outcome), "not-begun");
    let victims = client.begin().await;
    let outcome = client.provider.finish(&browser(&victims), &theirs).await;
    assert_eq!(refused(outcome), "another-sign-in");
    assert_eq!(client.idp.with(|state| state.exchanges), 0);
    // And the victim's own sign-in is not ended by that.
    let own = client.idp.visit(&victims.location);
    assert!(
        client
            .provider
            .finish(&browser(&victims), &own)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn r33_a_sign_in_cookie_that_was_tossed_over_is_not_believed() {
    let client = Client::new();
    let attackers = client.begin().await;
    let victims = client.begin().await;
    let query = client.idp.visit(&attackers.location);
    let tossed = browser(&attackers);
    let both = [browser(&victims)[COOKIE].clone(), tossed[COOKIE].clone()];
    let mut headers = HeaderMap::new();
    for cookie in both {
        headers.append(COOKIE, cookie);
    }
    assert_eq!(
        refused(client.provider.finish(&headers, &query).await),
        "not-begun"
    );
    // Without the prefix it is another cookie.
    let plain = tossed[COOKIE].to_str().unwrap().replace("__Host-", "");
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, plain.parse().unwrap());
    assert_eq!(
        refused(client.provider.finish(&headers, &query).await),
        "not-begun"
    );
}

#[tokio::test]
async fn r33_an_answer_is_taken_once() {
    let client = Client::new();
    let begun = client.begin().await;
    let query = client.idp.visit(&begun.location);
    let headers = browser(&begun);
    assert!(client.provider.finish(&headers, &query).await.is_ok());
    let again = client.provider.finish(&headers, &query).await;
    assert_eq!(refused(again), "not-begun");
    assert_eq!(client.idp.with(|state| state.exchanges), 1);
}

#[tokio::test]
async fn r33_a_code_of_another_sign_in_is_refused_by_the_provider() {
    let client = Client::new();
    let stolen = client.begin().await;
    let stolen = client.idp.visit(&stolen.location);
    let own = client.begin().await;
    let query = client.idp.visit(&own.location);
    let injected = query.replace("code-1", "code-0");
    assert!(stolen.contains("code-0") && injected != query);
    let outcome = client.provider.finish(&browser(&own), &injected).await;
    assert_eq!(refused(outcome), "refused-by-provider");
}

#[tokio::test]
async fn r33_whoever_takes_longer_than_ten_minutes_begins_anew() {
    for (seconds, is_in_time) in [(599, true), (600, false)] {
        let client = Client::new();
        let begun = client.begin().await;
        client.pass(seconds);
        let query = client.idp.visit(&begun.location);
        let outcome = client.provider.finish(&browser(&begun), &query).await;
        assert_eq!(outcome.is_ok(), is_in_time, "{seconds}");
    }
}

#[tokio::test]
async fn r33_the_answer_of_a_mixed_up_provider_is_not_exchanged() {
    let client = Client::new();
    for (from, to) in [
        ("idp.corp.example", "evil.example"),
        ("&iss=https%3A%2F%2Fidp.corp.example", ""),
        (
            "&iss=https%3A%2F%2Fidp.corp.example",
            "&iss=https%3A%2F%2Fidp.corp.example%2F",
        ),
    ] {
        let begun = client.begin().await;
        let query = client.idp.visit(&begun.location).replace(from, to);
        let outcome = client.provider.finish(&browser(&begun), &query).await;
        assert_eq!(refused(outcome), "another-provider", "{query}");
    }
    assert_eq!(client.idp.with(|state| state.exchanges), 0);
}

#[tokio::test]
async fn r33_the_providers_no_is_a_no() {
    let client = Client::new();
    let begun = client.begin().await;
    let state: BTreeMap<String, String> = Url::parse(&begun.location)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect();
    let query = format!("error=access_denied&state={}&iss={ISSUER}", state["state"]);
    let outcome = client.provider.finish(&browser(&begun), &query).await;
    let failure = outcome.unwrap_err();
    assert_eq!(failure.to_string(), "the provider answers `access_denied`");
}

#[tokio::test]
async fn r06_stepping_up_asks_for_a_fresh_proof_of_a_listed_class() {
    let client = Client::new();
    let wish = Wish::StepUp {
        login: LoginId::from("l1"),
        to: "/".to_owned(),
    };
    let begun = client.provider.begin(wish.clone()).await.unwrap();
    for part in ["prompt=login", "max_age=900", "acr_values=phr"] {
        assert!(begun.location.contains(part), "{part}");
    }
    let query = client.idp.visit(&begun.location);
    let finished = client.provider.finish(&browser(&begun), &query).await;
    assert_eq!(finished.unwrap().wish, wish);
    // A provider that answers from an old session all the same, or does not say from when.
    for auth_time in [json!(idp::NOW - 900 - 31), json!(null)] {
        let said = auth_time.clone();
        client.idp.with(|state| {
            state.spoil = Some(Box::new(move |claims| claims["auth_time"] = said.clone()));
        });
        let begun = client.provider.begin(wish.clone()).await.unwrap();
        let query = client.idp.visit(&begun.location);
        let outcome = client.provider.finish(&browser(&begun), &query).await;
        assert_eq!(refused(outcome), "token-refused", "{auth_time}");
    }
}

#[tokio::test]
async fn r33_a_provider_that_is_down_is_left_alone_for_a_moment_and_asked_again() {
    let client = Client::new();
    let wish = Wish::SignIn { to: "/".to_owned() };
    client.idp.with(|state| state.is_silent = true);
    let silent = client.provider.begin(wish.clone()).await;
    assert_eq!(silent.unwrap_err().code(), "provider-silent");
    client.idp.with(|state| state.is_silent = false);
    let silent = client.provider.begin(wish.clone()).await;
    assert_eq!(silent.unwrap_err().code(), "provider-silent");
    assert_eq!(client.idp.with(|state| state.metadata_asked), 0);
    client.pass(5);
    assert!(client.provider.begin(wish).await.is_ok());
}

#[tokio::test]
async fn r06_groups_come_from_userinfo_when_the_id_token_has_none() {
    let client = Client::of(locum_login::oidc::ProviderSettings {
        groups_claim: Some("groups".to_owned()),
        ..settings()
    });
    let finished = client.sign_in().await.unwrap();
    assert!(finished.sign_in.groups.contains("from-userinfo"));
    client.idp.with(|state| {
        state.userinfo["sub"] = json!("somebody-else");
    });
    assert_eq!(refused(client.sign_in().await), "malformed");
}

#[tokio::test]
async fn r33_strangers_who_begin_many_sign_ins_take_nobodys_place() {
    let client = Client::new();
    let begun = client.begin().await;
    for _ in 0..12_000 {
        client.begin().await;
    }
    let query = client.idp.visit(&begun.location);
    let finished = client.provider.finish(&browser(&begun), &query).await;
    assert_eq!(finished.unwrap().account, "alice@corp.example");
}

#[tokio::test]
async fn r33_a_sign_in_that_the_browser_changed_belongs_to_no_answer() {
    let client = Client::new();
    let begun = client.begin().await;
    let query = client.idp.visit(&begun.location);
    let cookie = browser(&begun)[COOKIE].to_str().unwrap().to_owned();
    let (rest, wish) = cookie.rsplit_once('.').unwrap();
    let (secret, at) = rest.rsplit_once('.').unwrap();
    let later = at.parse::<i64>().unwrap() + 60;
    // `{"to":"/stop"}`
    let elsewhere = "eyJ0byI6Ii9zdG9wIn0";
    for (changed, word) in [
        (format!("{secret}.{later}.{wish}"), "another-sign-in"),
        (format!("{secret}.{at}.{elsewhere}"), "another-sign-in"),
        (format!("{secret}.{at}."), "not-begun"),
        (format!("{secret}.{wish}"), "not-begun"),
        (secret.to_owned(), "not-begun"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, changed.parse().unwrap());
        let outcome = client.provider.finish(&headers, &query).await;
        assert_eq!(refused(outcome), word, "{changed}");
    }
    let finished = client.provider.finish(&browser(&begun), &query).await;
    assert!(finished.is_ok());
}
