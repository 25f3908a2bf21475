//! R19: no request reaches the application without its assertion.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod vectors;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use http::header::WWW_AUTHENTICATE;
use http::{HeaderName, Request, Response, StatusCode};
use jiff::Timestamp;
use locum_sdk::{AssertionLayer, Impersonation, JwkSet, Verifier};
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};

fn vector(name: &str) -> Value {
    let mut all = vectors::all().into_iter();
    all.find(|vector| vector.name == name).unwrap().content
}

fn token(name: &str) -> String {
    vector(name)["token"].as_str().unwrap().to_owned()
}

fn keys() -> JwkSet {
    JwkSet::from_json(&vector("good-eddsa")["jwks"].to_string()).unwrap()
}

fn verifier(keys: JwkSet) -> Verifier {
    Verifier::new("https://locum.example", "app:billing", keys)
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn request(assertions: &[&str]) -> Request<()> {
    let mut request = Request::builder();
    for assertion in assertions {
        request = request.header("Locum-Assertion", *assertion);
    }
    request.body(()).unwrap()
}

async fn answer(layer: &AssertionLayer, request: Request<()>) -> Response<String> {
    let application = service_fn(async |request: Request<()>| {
        let it = request.extensions().get::<Impersonation>().unwrap();
        Ok::<_, Infallible>(Response::new(format!("{} as {}", it.actor.sub, it.subject)))
    });
    layer.layer(application).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn r19_the_application_learns_actor_and_subject() {
    let layer = AssertionLayer::new(verifier(keys()), now);
    let answered = answer(&layer, request(&[&token("good-rs256")])).await;
    assert_eq!(answered.status(), StatusCode::OK);
    assert_eq!(answered.body(), "alice@corp.example as cus_42");
}

#[tokio::test]
async fn without_one_good_assertion_the_application_is_never_called() {
    let layer = AssertionLayer::new(verifier(keys()), now);
    let good = token("good-eddsa");
    let rows = [
        (request(&[]), "missing"),
        (request(&[&good, &good]), "repeated"),
        (request(&[&token("expired")]), "expired"),
        (request(&["\u{e4}"]), "malformed"),
        (request(&[""]), "malformed"),
    ];
    for (request, code) in rows {
        let answered = answer(&layer, request).await;
        assert_eq!(answered.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answered.body(), "");
        let challenge = format!("Locum-Assertion error=\"{code}\"");
        assert_eq!(answered.headers()[WWW_AUTHENTICATE], challenge);
    }
}

#[tokio::test]
async fn another_header_name_replaces_the_usual_one() {
    let name = HeaderName::from_static("x-goog-iap-jwt-assertion");
    let layer = AssertionLayer::new(verifier(keys()), now).with_header(name.clone());
    let usual = answer(&layer, request(&[&token("good-eddsa")])).await;
    assert_eq!(usual.status(), StatusCode::UNAUTHORIZED);
    let mut other = request(&[]);
    let value = token("good-eddsa").parse().unwrap();
    other.headers_mut().insert(name, value);
    assert_eq!(answer(&layer, other).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_a_stranger_causes_no_second_fetch() {
    let fetches = Arc::new(AtomicUsize::new(0));
    let seconds = Arc::new(AtomicI64::new(0));
    let (counted, clock) = (Arc::clone(&fetches), Arc::clone(&seconds));
    let layer = AssertionLayer::new(verifier(JwkSet::default()), move || {
        Timestamp::from_second(1_800_000_000 + clock.load(Ordering::SeqCst)).unwrap()
    })
    .with_fetch_keys(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Some(keys()) })
    });
    let good = answer(&layer, request(&[&token("good-eddsa")])).await;
    assert_eq!(good.status(), StatusCode::OK);
    for _ in 0..3 {
        let strange = answer(&layer, request(&[&token("foreign-key")])).await;
        assert_eq!(strange.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
    seconds.store(31, Ordering::SeqCst);
    answer(&layer, request(&[&token("foreign-key")])).await;
    assert_eq!(fetches.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn requests_that_arrive_during_a_fetch_wait_for_its_keys() {
    let layer = AssertionLayer::new(verifier(JwkSet::default()), now).with_fetch_keys(|| {
        Box::pin(async {
            tokio::task::yield_now().await;
            Some(keys())
        })
    });
    let good = token("good-eddsa");
    let (first, second) = tokio::join!(
        answer(&layer, request(&[&good])),
        answer(&layer, request(&[&good]))
    );
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(second.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_issuer_that_was_away_is_asked_again_after_two_seconds() {
    let fetches = Arc::new(AtomicUsize::new(0));
    let seconds = Arc::new(AtomicI64::new(0));
    let (counted, clock) = (Arc::clone(&fetches), Arc::clone(&seconds));
    let layer = AssertionLayer::new(verifier(JwkSet::default()), move || {
        Timestamp::from_second(1_800_000_000 + clock.load(Ordering::SeqCst)).unwrap()
    })
    .with_fetch_keys(move || {
        let nth = counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { (nth > 0).then(keys) })
    });
    let good = token("good-eddsa");
    for (second, status) in [(0, 401), (1, 401), (2, 200)] {
        seconds.store(second, Ordering::SeqCst);
        let answered = answer(&layer, request(&[&good])).await;
        assert_eq!(answered.status(), status, "after {second} s");
    }
}

#[tokio::test]
async fn a_failed_fetch_keeps_the_keys_that_were_trusted() {
    let layer =
        AssertionLayer::new(verifier(keys()), now).with_fetch_keys(|| Box::pin(async { None }));
    answer(&layer, request(&[&token("foreign-key")])).await;
    let good = answer(&layer, request(&[&token("good-eddsa")])).await;
    assert_eq!(good.status(), StatusCode::OK);
}

#[test]
fn replaced_keys_are_trusted_and_the_old_ones_no_longer() {
    let verifier = verifier(keys());
    verifier.verify(&token("good-eddsa"), now()).unwrap();
    verifier.replace_keys(JwkSet::default());
    let refusal = verifier.verify(&token("good-eddsa"), now()).unwrap_err();
    assert_eq!(refusal.code(), "unknown-key");
}
