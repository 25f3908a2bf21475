//! Authenticators over the API: a key in a file is asked for, signed for by somebody else, and taken out of use.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use locum_testkit::house::{FOUNDERS, House, SoftAuthenticator};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::site::Site;

/// A founded site: approvals are signed, and the founders hold their keys.
async fn founded() -> (Site, [SoftAuthenticator; 2]) {
    let site = Site::of(House::builder().founders().signature_demanded()).await;
    let keys = site.house.founded().await;
    (site, keys)
}

/// What `locum enrol` sends for the key of this seed.
pub(crate) fn asking(seed: u8) -> (Ed25519KeyPair, Value) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let x: [u8; 32] = pair.public_key().as_ref().try_into().unwrap();
    let key = locum_domain::authenticator::PublicKey::ed25519(&x);
    let proof = pair.sign(&locum_api::possession_message(&key.thumbprint()));
    let body = json!({
        "name": "laptop",
        "public_key": {"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(x)},
        "possession": URL_SAFE_NO_PAD.encode(proof),
    });
    (pair, body)
}

/// The digest that a statement on the wire names.
fn digest(statement: &Value) -> [u8; 32] {
    let digest = statement["digest"].as_str().unwrap();
    hex::decode(digest).unwrap().try_into().unwrap()
}

fn on_the_wire(signature: &locum_domain::Signature) -> Value {
    serde_json::to_value(signature).unwrap()
}

/// Paul's key file, enrolled by Sam.
pub(crate) async fn enrolled(site: &Site, sam: &SoftAuthenticator) -> (Ed25519KeyPair, Value) {
    let (pair, body) = asking(7);
    let asked = site.post("paul", "/api/v1/enrolments", body).await;
    assert_eq!(asked.status, 201, "{}", asked.text());
    let path = format!(
        "/api/v1/enrolments/{}",
        asked.json()["id"].as_str().unwrap()
    );
    let shown = site.get("sam", &path).await.json();
    let signature = sam.sign_digest(&digest(&shown["statement"]));
    let body = json!({"signature": on_the_wire(&signature)});
    let approved = site.post("sam", &format!("{path}/approve"), body).await;
    assert_eq!(approved.status, 200, "{}", approved.text());
    assert_eq!(approved.json()["state"], "approved");
    (pair, asked.json())
}

#[tokio::test]
async fn r33_a_key_file_counts_once_somebody_else_has_signed_for_it() {
    let (site, [_, sam]) = founded().await;
    let founding = site.get("alice", "/api/v1/founding").await.json();
    assert_eq!(founding["state"], "complete");
    let printed = founding["founders"].as_array().unwrap();
    assert_eq!(printed.len(), FOUNDERS.len());
    assert!(
        printed
            .iter()
            .all(|it| it["thumbprint"].as_str().unwrap().len() == 43)
    );

    let (_, body) = asking(7);
    let asked = site.post("paul", "/api/v1/enrolments", body.clone()).await;
    assert_eq!(asked.status, 201, "{}", asked.text());
    let asked = asked.json();
    assert_eq!(
        (&asked["state"], &asked["kind"]),
        (&json!("waiting"), &json!("key-file"))
    );
    let again = site.post("paul", "/api/v1/enrolments", body).await;
    again.refused(409, "already-decided");
    let path = format!("/api/v1/enrolments/{}", asked["id"].as_str().unwrap());
    // Its person sees it and has nothing to sign; others do not see it.
    let own = site.get("paul", &path).await.json();
    assert!(own["statement"].is_null());
    site.get("arno", &path).await.refused(404, "not-found");
    let waiting = site.get("sam", "/api/v1/enrolments").await.json();
    assert_eq!(waiting["items"][0]["id"], asked["id"]);

    let shown = site.get("sam", &path).await.json();
    let statement = &shown["statement"];
    assert_eq!(statement["purpose"], "locum-enrolment/v1");
    assert_eq!(statement["statement"]["thumbprint"], asked["thumbprint"]);
    assert_eq!(statement["credentials"].as_array().unwrap().len(), 1);
    let approve = format!("{path}/approve");
    let signed = |digest: &[u8; 32]| json!({"signature": on_the_wire(&sam.sign_digest(digest))});
    let wrong = site.post("sam", &approve, signed(&[0; 32])).await;
    wrong.refused(401, "signature-required");
    let right = signed(&digest(statement));
    site.post("paul", &approve, right.clone())
        .await
        .refused(403, "self-approval");
    let approved = site.post("sam", &approve, right.clone()).await;
    assert_eq!(approved.status, 200, "{}", approved.text());
    site.post("sam", &approve, right)
        .await
        .refused(409, "already-decided");

    let keys = site.get("paul", "/api/v1/authenticators").await.json();
    let key = &keys["items"][0];
    assert_eq!(key["enrolled_by"], "sam@corp.example");
    assert!(
        key["signs_regulated_from"].is_null(),
        "a key file never does"
    );
    site.close().await;
}

#[tokio::test]
async fn r33_a_key_that_is_malformed_or_not_held_is_refused_at_its_place() {
    let (site, _) = founded().await;
    let (_, good) = asking(7);
    let (_, other) = asking(8);
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let mut replacing = good.clone();
    replacing["replaces"] = json!("nonsense");
    for (body, pointer) in [
        (
            with("/possession", other["possession"].clone()),
            "/possession",
        ),
        (with("/public_key/kty", json!("RSA")), "/public_key/kty"),
        (with("/public_key/x", json!("")), "/public_key/x"),
        (with("/name", json!("")), "/name"),
        (replacing, "/replaces"),
        (json!({"name": "x"}), "/public_key"),
    ] {
        let answer = site.post("paul", "/api/v1/enrolments", body).await;
        assert_eq!(answer.refused(422, "malformed")["pointer"], pointer);
    }
    site.close().await;
}

#[tokio::test]
async fn r13_a_key_file_signs_what_is_low_and_only_what_was_shown() {
    let (site, [_, sam]) = founded().await;
    let (pair, _) = enrolled(&site, &sam).await;
    let asked = json!({
        "case": "desk:7",
        "reason": "Carla says that her page is empty, I must see it",
        "applications": [{"application": "wiki", "operations": ["page.read"]}],
        "duration_minutes": 15,
    });
    let request = site.post("alice", "/api/v1/requests", asked).await.json();
    let path = format!("/api/v1/requests/{}", request["id"].as_str().unwrap());
    let words = json!({"note": "one page"});
    let statement = site.post("paul", &format!("{path}/statement"), words).await;
    assert_eq!(statement.status, 200, "{}", statement.text());
    let statement = statement.json();
    assert_eq!(statement["purpose"], "locum-approval/v1");
    let authenticator = statement["key_files"][0].clone();
    let message = [b"locum-signature/v1\n".as_slice(), &digest(&statement)].concat();
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(&message));
    let approve = format!("{path}/approve");
    let approval = |note: &str, signature: Value| json!({"scope_digest": request["scope_digest"], "note": note, "signature": signature});
    let made = json!({"kind": "key-file", "authenticator": authenticator, "signature": signature});
    let none = json!({"scope_digest": request["scope_digest"], "note": "one page"});
    site.post("paul", &approve, none)
        .await
        .refused(401, "signature-required");
    let other = site
        .post("paul", &approve, approval("another note", made.clone()))
        .await;
    other.refused(401, "signature-required");
    for (malformed, pointer) in [
        (json!("x"), "/signature"),
        (json!({"kind": "seal"}), "/signature/kind"),
        (
            json!({"kind": "key-file", "authenticator": "aut_x", "signature": "AA"}),
            "/signature/authenticator",
        ),
    ] {
        let answer = site
            .post("paul", &approve, approval("one page", malformed))
            .await;
        assert_eq!(answer.refused(422, "malformed")["pointer"], pointer);
    }
    // As `locum approve --key` sends it: what Paul's own key signed is his, whatever carries it.
    let device = site.device("paul@corp.example");
    let call = site.call(Method::POST, &approve).with(&device);
    let approved = call.json(&approval("one page", made)).send().await;
    assert_eq!(approved.status, 200, "{}", approved.text());
    site.post("arno", &format!("{path}/statement"), json!({}))
        .await
        .refused(403, "not-an-approver");
    site.close().await;
}

#[tokio::test]
async fn r33_a_lost_key_is_revoked_at_once_and_an_enrolment_denied() {
    let (site, [_, sam]) = founded().await;
    let (_, asked) = enrolled(&site, &sam).await;
    let revoke = format!(
        "/api/v1/authenticators/{}/revoke",
        asked["authenticator"].as_str().unwrap()
    );
    let reason = json!({"reason": "left in a train"});
    site.post("arno", &revoke, reason.clone())
        .await
        .refused(403, "not-an-approver");
    site.post("paul", &revoke, json!({"reason": ""}))
        .await
        .refused(422, "reason-missing");
    let revoked = site.post("paul", &revoke, reason.clone()).await;
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    assert_eq!(revoked.json()["revoked"]["because"], "left in a train");
    site.post("paul", &revoke, reason.clone())
        .await
        .refused(404, "not-found");
    site.get("arno", "/api/v1/authenticators?person=paul@corp.example")
        .await
        .refused(404, "not-found");
    let seen = site
        .get("sam", "/api/v1/authenticators?person=paul@corp.example")
        .await;
    assert_eq!(seen.json()["items"].as_array().unwrap().len(), 1);

    let (_, body) = asking(9);
    let asked = site.post("paul", "/api/v1/enrolments", body).await.json();
    let deny = format!("/api/v1/enrolments/{}/deny", asked["id"].as_str().unwrap());
    site.post("arno", &deny, reason.clone())
        .await
        .refused(403, "not-an-approver");
    let denied = site.post("sam", &deny, reason).await;
    assert_eq!(denied.json()["state"], "denied", "{}", denied.text());
    site.close().await;
}

#[tokio::test]
async fn r33_whoever_can_sign_in_nowhere_is_invited_by_a_link_that_makes_no_key_count() {
    let (site, _) = founded().await;
    let path = "/api/v1/enrolments/invitations";
    let body = json!({"person": "arno@corp.example"});
    let invited = site.post("sam", path, body.clone()).await;
    assert_eq!(invited.status, 201, "{}", invited.text());
    assert_eq!(invited.header("cache-control"), "no-store");
    let link = invited.json()["link"].as_str().unwrap().to_owned();
    let code = link.rsplit('/').next().unwrap();
    let invitation = site.invitation_codes.redeem(code).unwrap();
    assert_eq!(invitation.person.as_str(), "arno@corp.example");
    assert_eq!(invitation.by.as_str(), "sam@corp.example");
    assert!(
        site.invitation_codes.redeem(code).is_none(),
        "it works once"
    );
    let keys = site.get("arno", "/api/v1/authenticators").await.json();
    assert_eq!(keys["items"], json!([]));
    for (person, status, code) in [
        ("prya@corp.example", 409, "already-decided"),
        ("aida", 403, "non-human-approver"),
        ("ghost@corp.example", 403, "not-a-named-person"),
    ] {
        let answer = site.post("sam", path, json!({"person": person})).await;
        answer.refused(status, code);
    }
    site.post("sam", path, json!({"person": ""}))
        .await
        .refused(422, "malformed");
    site.close().await;
}

#[tokio::test]
async fn r33_locums_own_keys_are_rotated_by_security_on_the_record() {
    let site = Site::new().await;
    let keys = |answer: Value| answer["items"].as_array().unwrap().clone();
    let before = keys(site.get("alice", "/api/v1/keys").await.json());
    assert!(
        before
            .iter()
            .all(|it| it["retired_at"].is_null() && it.get("d").is_none())
    );
    let rotate = "/api/v1/keys/grant/rotate";
    site.post("alice", rotate, json!({}))
        .await
        .refused(403, "not-an-approver");
    let rotated = site.post("sam", rotate, json!({})).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    let after = keys(site.get("alice", "/api/v1/keys").await.json());
    assert_eq!(after.len(), before.len() + 1);
    let old = after
        .iter()
        .find(|it| it["kid"] == rotated.json()["old_kid"])
        .unwrap();
    assert!(old["retired_at"].is_string());
    for (purpose, body) in [
        ("ledger", json!({})),
        ("assertion", json!({})),
        ("grant", json!({"application": "billing"})),
        ("cookies", json!({})),
    ] {
        let path = format!("/api/v1/keys/{purpose}/rotate");
        site.post("sam", &path, body)
            .await
            .refused(422, "malformed");
    }
    site.close().await;
}
