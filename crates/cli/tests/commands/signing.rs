//! `approve --key` signs what it renders, and nothing else.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use locum_domain::authenticator::{ApprovalStatement, PublicKey, Statement as _};
use locum_domain::route::Authority;
use locum_domain::scope::{Minutes, Reason, Scope, Shown};
use serde_json::{Value, json};

use crate::scripted::{Scripted, locum};
use crate::views::{self, ok, problem};

const ID: &str = "req_0123456789abcdef0123456789abcdef";
const REASON: &str = "customer cannot open her invoice";

/// The request that the server shows, with the digest of this reason.
fn card(reason: &str) -> Value {
    let mut card = views::request("pending");
    card["id"] = ID.into();
    card["scope_digest"] = shown(reason, |shown| shown.digest().as_str().to_owned()).into();
    card
}

fn shown<T>(reason: &str, then: impl FnOnce(Shown<'_>) -> T) -> T {
    let scope = [(
        "billing".parse().unwrap(),
        ["invoice.read".parse().unwrap()].into(),
    )];
    then(Shown {
        request: &ID.parse().unwrap(),
        version: 1,
        requester: &"ann".parse().unwrap(),
        actor: &"ann".parse().unwrap(),
        subject: &"carol".parse().unwrap(),
        case: &"desk:7".parse().unwrap(),
        reason: &Reason::parse(reason, None).unwrap(),
        scope: &Scope(scope.into()),
        duration_minutes: Minutes(30),
        break_glass: false,
        nonce: "00112233445566778899aabbccddeeff",
    })
}

/// What the server says there is to sign, with an approver's note.
fn digest(reason: &str, note: Option<&str>) -> [u8; 32] {
    shown(reason, |shown| {
        let statement = ApprovalStatement {
            by: &"oscar".parse().unwrap(),
            authority: Authority::ApplicationOwner,
            application: Some(&"billing".parse().unwrap()),
            shown,
            note,
            unavoidable_because: None,
            compensating_controls: &[],
            covers_narrower: false,
        };
        statement.digest().0
    })
}

fn statement(digest: [u8; 32], key: &SigningKey) -> Value {
    json!({
        "purpose": "locum-approval/v1", "digest": hex::encode(digest),
        "statement": { "by": "oscar", "authority": "application-owner", "application": "billing" },
        "credentials": [], "key_files": [id(key)], "rp_id": "localhost",
    })
}

fn me() -> Value {
    json!({
        "id": "oscar", "name": "Oscar", "profile": "user", "roles": [], "roles_withheld": [],
        "assurance": "ordinary", "how": "device",
    })
}

fn id(key: &SigningKey) -> String {
    let public = PublicKey::ed25519(key.verifying_key().as_bytes());
    public.thumbprint().authenticator_id().to_string()
}

/// A key in a file that only its owner reads.
fn key_file(folder: &Path, seed: u8) -> (SigningKey, PathBuf) {
    let seed = [seed; 32];
    let file = folder.join("key.pem");
    let mut options = OpenOptions::new();
    let mut written = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&file)
        .unwrap();
    let pem = locum_tlog::generate_pem(&seed).unwrap();
    written.write_all(pem.as_bytes()).unwrap();
    (SigningKey::from_bytes(&seed), file)
}

#[tokio::test]
async fn r13_what_was_rendered_is_hashed_here_and_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (key, file) = key_file(folder.path(), 1);
    let digest = digest(REASON, Some("looks right"));
    let mut approved = card(REASON);
    approved["state"] = "approved".into();
    let server = Scripted::new([
        ok(&card(REASON)),
        ok(&me()),
        ok(&statement(digest, &key)),
        ok(&approved),
    ]);
    let file = file.to_str().unwrap();
    let words = [
        "--url",
        &server.url,
        "approve",
        ID,
        "--key",
        file,
        "--note",
        "looks right",
    ];
    let told = locum(&words).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let heard = server.heard();
    assert_eq!(
        heard[2].line,
        format!("POST /api/v1/requests/{ID}/statement")
    );
    assert_eq!(heard[2].body["note"], "looks right");
    let message = [b"locum-signature/v1\n".as_slice(), &digest].concat();
    let signature = URL_SAFE_NO_PAD.encode(key.sign(&message).to_bytes());
    let expected = json!({ "kind": "key-file", "authenticator": id(&key), "signature": signature });
    assert_eq!(heard[3].line, format!("POST /api/v1/requests/{ID}/approve"));
    assert_eq!(heard[3].body["signature"], expected);
}

#[tokio::test]
async fn r13_a_server_that_shows_one_thing_and_has_another_signed_gets_no_signature() {
    let folder = tempfile::tempdir().unwrap();
    let (key, file) = key_file(folder.path(), 1);
    let file = file.to_str().unwrap();
    let other = "customer wants her August invoice paid twice";
    // The card's own digest is of another reason; the statement's is; and the words are not the approver's.
    let mut lying = card(REASON);
    lying["scope_digest"] = card(other)["scope_digest"].clone();
    let mut elsewhere = statement(digest(REASON, None), &key);
    elsewhere["statement"]["application"] = "crm".into();
    let mut other_purpose = statement(digest(REASON, None), &key);
    other_purpose["purpose"] = "locum-enrolment/v1".into();
    for answers in [
        vec![lying],
        vec![card(REASON), me(), statement(digest(other, None), &key)],
        vec![
            card(REASON),
            me(),
            statement(digest(REASON, Some("and more")), &key),
        ],
        vec![card(REASON), me(), elsewhere],
        vec![card(REASON), me(), other_purpose],
    ] {
        let count = answers.len();
        let server = Scripted::new(answers.iter().map(ok));
        let told = locum(&["--url", &server.url, "approve", ID, "--key", file]).await;
        assert_eq!(told.status(), 1, "{:?}", told.end);
        let heard = server.heard();
        assert_eq!(heard.len(), count);
        assert!(heard.iter().all(|it| it.body["signature"].is_null()));
    }
}

#[tokio::test]
async fn r13_what_a_terminal_cannot_show_is_not_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = key_file(folder.path(), 1);
    let hidden = "customer cannot open \u{202e}her invoice";
    let server = Scripted::new([ok(&{
        let mut card = card(hidden);
        card["reason"] = hidden.into();
        card
    })]);
    let file = file.to_str().unwrap();
    let told = locum(&["--url", &server.url, "approve", ID, "--key", file]).await;
    assert_eq!(told.status(), 1, "{:?}", told.end);
    server.heard();
}

#[tokio::test]
async fn r13_a_key_that_the_server_does_not_name_signs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = key_file(folder.path(), 1);
    let enrolled = SigningKey::from_bytes(&[2; 32]);
    let digest = digest(REASON, None);
    let answers = [card(REASON), me(), statement(digest, &enrolled)];
    let server = Scripted::new(answers.iter().map(ok));
    let file = file.to_str().unwrap();
    let told = locum(&["--url", &server.url, "approve", ID, "--key", file]).await;
    assert_eq!(told.status(), 1);
    assert!(
        told.failure().to_string().contains("`low`"),
        "{:?}",
        told.end
    );
    server.heard();
}

#[tokio::test]
async fn where_a_signature_is_demanded_the_browser_is_named() {
    let server = Scripted::new([
        ok(&views::request("pending")),
        problem(401, "signature-required", None),
    ]);
    let told = locum(&["--url", &server.url, "approve", "req_1"]).await;
    assert_eq!(told.status(), 1);
    let remedy = told.failure().remedy().unwrap().to_owned();
    assert!(
        remedy.contains(&format!("{}/requests/req_1", server.url)),
        "{remedy}"
    );
    server.heard();
}
