//! The sample billing application, driven over loopback as the gateway would.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use common::{Running, assertion, call, forged, open, read_until, trust};
use http_body_util::BodyExt as _;
use locum_demo::apps::billing::{self, AUDIENCE};
use serde_json::json;

async fn start() -> Running {
    let trust = trust().await;
    Running::of(|listener, shutdown| billing::serve(listener, trust, shutdown)).await
}

#[tokio::test]
async fn r19_the_page_names_actor_subject_and_case() {
    let billing = start().await;
    let token = assertion(AUDIENCE, "carol.diaz");
    let page = call(
        billing.address,
        "GET /invoices",
        &[("locum-assertion", &token)],
        "",
    )
    .await;
    assert_eq!(page.status, 200);
    for said in [
        "alice@corp.example",
        "acts as",
        "Carol Diaz",
        "desk:7",
        "INV-2041",
    ] {
        assert!(page.body.contains(said), "{said} is missing");
    }
    billing.end().await;
}

#[tokio::test]
async fn r19_without_a_good_assertion_there_is_only_the_sign_in_page() {
    let billing = start().await;
    let (strange, other) = (
        forged(AUDIENCE, "carol.diaz"),
        assertion("app:crm", "carol.diaz"),
    );
    let rows: [(&[(&str, &str)], &str); 4] = [
        (&[], "missing"),
        (&[("x-remote-user", "carol.diaz")], "missing"),
        (&[("locum-assertion", &strange)], "unknown-key"),
        (&[("locum-assertion", &other)], "audience"),
    ];
    for (headers, code) in rows {
        for path in ["GET /invoices/INV-2041", "GET /nowhere", "POST /payouts"] {
            let page = call(billing.address, path, headers, "").await;
            assert_eq!(page.status, 401, "{path} {code}");
            assert!(page.body.contains("Sign in to Billing"));
            assert!(!page.body.contains("INV-2041"));
            let challenge = format!("Locum-Assertion error=\"{code}\"");
            assert_eq!(page.headers["www-authenticate"], challenge);
        }
    }
    let style = call(billing.address, "GET /static/style.css", &[], "").await;
    assert_eq!(style.status, 200);
    billing.end().await;
}

#[tokio::test]
async fn a_subject_sees_only_their_own_organisation() {
    let billing = start().await;
    let token = assertion(AUDIENCE, "ken.sato");
    let headers = [("locum-assertion", token.as_str())];
    let list = call(billing.address, "GET /invoices", &headers, "").await;
    assert!(list.body.contains("INV-2043") && !list.body.contains("INV-2041"));
    for what in [
        "GET /invoices/INV-2041",
        "GET /invoices/INV-2041/export",
        "POST /invoices/INV-2041/resend",
        "GET /invoices/INV-0000",
    ] {
        let page = call(billing.address, what, &headers, "").await;
        assert_eq!(page.status, 404, "{what}");
    }
    let nobody = assertion(AUDIENCE, "nobody");
    let headers = [("locum-assertion", nobody.as_str())];
    let page = call(billing.address, "GET /invoices", &headers, "").await;
    assert_eq!(page.status, 403);
    billing.end().await;
}

#[tokio::test]
async fn the_invoices_history_names_who_sent_it_again() {
    let billing = start().await;
    let token = assertion(AUDIENCE, "carol.diaz");
    let headers = [("locum-assertion", token.as_str())];
    let sent = call(
        billing.address,
        "POST /invoices/INV-2041/resend",
        &headers,
        "",
    )
    .await;
    assert_eq!(sent.status, 303);
    assert_eq!(sent.headers["location"], "/invoices/INV-2041");
    let page = call(billing.address, "GET /invoices/INV-2041", &headers, "").await;
    let line = "Sent again to Carol Diaz by alice@corp.example";
    assert!(page.body.contains(line));
    billing.end().await;
}

#[tokio::test]
async fn an_export_is_under_way_until_the_end_is_called() {
    let billing = start().await;
    let token = assertion(AUDIENCE, "carol.diaz");
    let headers = [("locum-assertion", token.as_str())];
    let what = "GET /invoices/INV-2041/export";
    let mut download = open(billing.address, what, &headers, "").await;
    assert_eq!(
        download.headers()["content-type"],
        "text/csv; charset=utf-8"
    );
    let body = download.body_mut();
    read_until(body, "INV-2041").await;
    read_until(body, "INV-2041").await;
    billing.end().await;
    assert!(download.into_body().collect().await.is_ok());
}

#[tokio::test]
async fn billing_says_who_a_subject_is_and_knows_no_strangers() {
    let billing = start().await;
    let account = call(billing.address, "GET /accounts/carol", &[], "").await;
    let carol = json!({"login": "carol.diaz", "organisation": "initech", "role": "customer"});
    assert_eq!(account.json(), carol);
    let account = call(billing.address, "GET /accounts/dora", &[], "").await;
    assert_eq!(account.json()["role"], "administrator");
    let account = call(billing.address, "GET /accounts/nobody", &[], "").await;
    assert_eq!(account.status, 404);
    billing.end().await;
}
