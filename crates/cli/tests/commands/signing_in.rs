//! `locum login` asks, waits, keeps a token, and `locum logout` throws it away.

use serde_json::{Value, json};

use crate::scripted::{Scripted, locum};
use crate::views::{ok, problem};

fn asked(interval: u64) -> Value {
    json!({
        "device_code": "the-device-s-own", "user_code": "BCDF-GHJK", "verification_uri": "http://locum.example/device",
        "expires_in": 600, "interval": interval,
    })
}

fn refused(error: &str) -> (u16, String) {
    (400, json!({ "error": error }).to_string())
}

fn token() -> Value {
    json!({ "access_token": "locum_secret", "token_type": "Bearer", "expires_in": 28_800 })
}

fn me() -> Value {
    json!({
        "id": "ann", "name": "Ann", "profile": "user", "roles": [], "roles_withheld": [],
        "assurance": "device", "how": "device",
    })
}

#[tokio::test]
async fn r31_a_login_waits_for_a_person_and_then_stands_in_for_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("logins.json");
    let kept = kept.to_str().unwrap();
    let server = Scripted::new([
        ok(&asked(0)),
        refused("authorization_pending"),
        ok(&token()),
        ok(&me()),
        ok(&me()),
        ok(&json!({ "items": [] })),
        (200, String::new()),
    ]);
    let by = |words: &[&str]| {
        let url = server.url.clone();
        let words: Vec<String> = words.iter().map(|&it| it.to_owned()).collect();
        async move {
            let mut all = vec!["--url", &url, "--logins", kept];
            all.extend(words.iter().map(String::as_str));
            locum(&all).await
        }
    };
    let told = by(&["login"]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    assert!(
        told.text.contains("http://locum.example/device"),
        "{}",
        told.text
    );
    assert!(told.text.contains("BCDF-GHJK"), "{}", told.text);
    for secret in ["locum_secret", "the-device-s-own"] {
        assert!(!told.text.contains(secret), "{}", told.text);
    }
    let status = by(&["login", "--status", "--json"]).await;
    let status: Value = serde_json::from_str(&status.text).unwrap();
    assert_eq!(status["person"], "ann");
    assert_eq!(by(&["list", "holds"]).await.status(), 0);
    assert_eq!(by(&["logout"]).await.status(), 0);
    let again = by(&["login", "--status"]).await;
    assert_eq!(again.status(), 1, "{}", again.text);
    assert!(again.failure().to_string().contains("locum login"));
    let heard = server.heard();
    let lines: Vec<&str> = heard.iter().map(|it| it.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /oauth2/device_authorization",
            "POST /oauth2/token",
            "POST /oauth2/token",
            "GET /api/v1/me",
            "GET /api/v1/me",
            "GET /api/v1/holds",
            "POST /oauth2/revoke",
        ]
    );
    assert_eq!(
        heard[5].authorization.as_deref(),
        Some("Bearer locum_secret")
    );
    assert_eq!(heard[0].authorization, None);
}

#[tokio::test]
async fn a_login_that_nobody_lets_in_says_why() {
    for (error, said) in [
        ("access_denied", "refused"),
        ("expired_token", "in time"),
        ("invalid_client", "invalid_client"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("logins.json");
        let server = Scripted::new([ok(&asked(0)), refused(error)]);
        let words = [
            "--url",
            &server.url,
            "--logins",
            kept.to_str().unwrap(),
            "login",
        ];
        let told = locum(&words).await;
        assert_eq!(told.status(), 1, "{error}");
        assert!(told.failure().to_string().contains(said), "{:?}", told.end);
        assert!(!kept.exists());
        server.heard();
    }
}

#[tokio::test]
async fn a_token_on_the_command_line_wins() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("logins.json");
    let kept = kept.to_str().unwrap();
    let server = Scripted::new([
        ok(&asked(0)),
        ok(&token()),
        ok(&me()),
        ok(&json!({ "items": [] })),
        problem(401, "unknown-token", None),
    ]);
    let url = server.url.clone();
    assert_eq!(
        locum(&["--url", &url, "--logins", kept, "login"])
            .await
            .status(),
        0
    );
    let words = [
        "--url", &url, "--logins", kept, "--token", "own", "list", "holds",
    ];
    assert_eq!(locum(&words).await.status(), 0);
    let over = locum(&["--url", &url, "--logins", kept, "list", "holds"]).await;
    assert!(over.failure().remedy().unwrap().contains("locum login"));
    let heard = server.heard();
    assert_eq!(heard[3].authorization.as_deref(), Some("Bearer own"));
    assert_eq!(
        heard[4].authorization.as_deref(),
        Some("Bearer locum_secret")
    );
}
