//! `locum enrol` makes a key, proves that it holds it, and hands the deciding to a browser.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use locum_domain::authenticator::PublicKey;
use serde_json::{Value, json};

use crate::scripted::{Scripted, locum};
use crate::views::{ok, problem};

fn enrolment() -> Value {
    json!({
        "id": "enr_1", "state": "waiting", "person": "ann", "authenticator": "aut_1", "name": "laptop",
        "kind": "key-file", "thumbprint": "NzbLsXh8uDCcd", "asked_at": "2026-03-02T11:00:00Z",
    })
}

#[tokio::test]
async fn r33_a_key_is_made_and_asked_for_with_proof_that_it_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    let file = file.to_str().unwrap();
    let server = Scripted::new([problem(503, "recorder-unavailable", None), ok(&enrolment())]);
    let words = [
        "--url",
        &server.url,
        "enrol",
        "--key-file",
        file,
        "--name",
        "laptop",
        "--replaces",
        "aut_0",
    ];
    assert_eq!(locum(&words).await.status(), 1);
    // The key that lies there is asked for again.
    let told = locum(&words).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    assert!(told.text.contains("NzbLsXh8uDCcd"), "{}", told.text);
    assert!(told.text.contains("/enrolments/enr_1"), "{}", told.text);
    let heard = server.heard();
    assert_eq!(heard[0].body, heard[1].body);
    let body = &heard[1].body;
    assert_eq!(
        (&body["name"], &body["replaces"]),
        (&json!("laptop"), &json!("aut_0"))
    );
    let bytes = |text: &Value| URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
    let x: [u8; 32] = bytes(&body["public_key"]["x"]).try_into().unwrap();
    let thumbprint = PublicKey::ed25519(&x).thumbprint();
    let proof = Signature::from_slice(&bytes(&body["possession"])).unwrap();
    let message = format!("locum-possession/v1\n{thumbprint}");
    VerifyingKey::from_bytes(&x)
        .unwrap()
        .verify_strict(message.as_bytes(), &proof)
        .unwrap();
}

#[tokio::test]
async fn r33_an_enrolment_is_signed_in_a_browser_and_nowhere_here() {
    let server = Scripted::new([ok(&enrolment())]);
    let told = locum(&["--url", &server.url, "enrol", "approve", "enr_1"]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let address = format!("{}/enrolments/enr_1", server.url);
    assert!(told.text.contains(&address), "{}", told.text);
    assert!(
        told.text.contains("fingerprint NzbLsXh8uDCcd"),
        "{}",
        told.text
    );
    let heard = server.heard();
    assert_eq!(heard[0].line, "GET /api/v1/enrolments/enr_1");
}

#[tokio::test]
async fn r33_an_invitation_is_a_link_to_hand_over() {
    let invitation = json!({
        "person": "ann", "link": "http://locum.example/invitation/code", "good_until": "2026-03-03T11:00:00Z",
    });
    let server = Scripted::new([(201, invitation.to_string())]);
    let told = locum(&["--url", &server.url, "enrol", "invite", "ann"]).await;
    assert!(
        told.text
            .starts_with("http://locum.example/invitation/code\n"),
        "{}",
        told.text
    );
    let heard = server.heard();
    assert_eq!(heard[0].line, "POST /api/v1/enrolments/invitations");
    assert_eq!(heard[0].body, json!({ "person": "ann" }));
}

#[tokio::test]
async fn keys_are_listed_and_rotated_through_the_server() {
    let keys = json!({ "items": [
        { "purpose": "assertion", "application": "billing", "kid": "one" },
        { "purpose": "grant", "kid": "two", "retired_at": "2026-03-02T11:00:00Z" },
    ]});
    let rotated = json!({ "purpose": "assertion", "application": "billing", "old_kid": "one", "new_kid": "three" });
    let server = Scripted::new([ok(&keys), ok(&rotated)]);
    let listed = locum(&["--url", &server.url, "keys", "list"]).await;
    assert!(
        listed.text.contains("no more since 2026-03-02"),
        "{}",
        listed.text
    );
    let words = [
        "--url",
        &server.url,
        "keys",
        "rotate",
        "assertion",
        "--application",
        "billing",
    ];
    let told = locum(&words).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    assert!(told.text.starts_with("three signs now"), "{}", told.text);
    let heard = server.heard();
    assert_eq!(heard[1].line, "POST /api/v1/keys/assertion/rotate");
    assert_eq!(heard[1].body, json!({ "application": "billing" }));
}
