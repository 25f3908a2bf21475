//! Exit statuses: 0 done, 1 refused, 2 wrong usage, 3 unreachable, 4 evidence does not verify.

use std::net::TcpListener;

use locum_cli::Failure;

use crate::scripted::{Scripted, locum};
use crate::views::{ok, problem, request};

#[tokio::test]
async fn a_refusal_is_status_1_with_its_code_and_what_to_do() {
    let remedy = "somebody else must approve it";
    let server = Scripted::new([problem(403, "self-approval", Some(remedy))]);
    let told = locum(&["--url", &server.url, "deny", "req_1", "not needed at all"]).await;
    assert_eq!(told.status(), 1);
    assert_eq!(told.failure().remedy(), Some(remedy));
    let error = &told.failure().to_json()["error"];
    assert_eq!(
        (&error["code"], &error["exit"]),
        (&"self-approval".into(), &1.into())
    );
    assert_eq!(told.text, "");
}

#[tokio::test]
async fn an_unknown_token_is_refused_and_no_token_is_wrong_usage() {
    let server = Scripted::new([problem(401, "unknown-token", None)]);
    let told = locum(&[
        "--url",
        &server.url,
        "--token",
        "nobody",
        "list",
        "requests",
    ])
    .await;
    assert_eq!(told.status(), 1);
    assert_eq!(told.failure().to_json()["error"]["code"], "unknown-token");
    assert_eq!(
        server.heard()[0].authorization.as_deref(),
        Some("Bearer nobody")
    );

    let server = Scripted::new([problem(401, "no-credential", None)]);
    let told = locum(&["--url", &server.url, "--token", "", "list", "requests"]).await;
    assert_eq!(told.status(), 2);
    assert!(told.failure().to_string().contains("LOCUM_TOKEN"));
    assert_eq!(server.heard()[0].authorization, None);
}

#[tokio::test]
async fn a_server_that_is_away_is_status_3() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{free}");
    let told = locum(&["--url", &url, "list", "requests"]).await;
    assert_eq!(told.status(), 3);
    assert!(
        told.failure().to_string().contains(&url),
        "{}",
        told.failure()
    );
    assert!(told.failure().remedy().unwrap().contains("LOCUM_URL"));
}

#[tokio::test]
async fn a_server_that_is_another_is_status_3() {
    let server = Scripted::new([(502, "<h1>Bad Gateway</h1>".to_owned())]);
    let told = locum(&["--url", &server.url, "list", "requests"]).await;
    assert_eq!(told.status(), 3);
    assert!(
        told.failure().to_string().contains("502"),
        "{}",
        told.failure()
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_wrong_usage_where_a_server_is_needed() {
    for url in ["nonsense", "ftp://127.0.0.1"] {
        let told = locum(&["--url", url, "show", "req_1"]).await;
        assert_eq!(told.status(), 2, "{url}");
        assert!(
            told.failure().to_string().contains(url),
            "{}",
            told.failure()
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man");
    let told = locum(&["--url", "nonsense", "man", pages.to_str().unwrap()]).await;
    assert_eq!(told.status(), 0);
    assert!(pages.join("locum-evidence-verify.1").exists());
}

#[tokio::test]
async fn evidence_that_does_not_verify_is_status_4_and_a_file_that_is_not_there_is_2() {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("pack.zip");
    std::fs::write(&pack, "no pack at all").unwrap();
    let pack = pack.to_str().unwrap();

    let told = locum(&["evidence", "verify", pack]).await;
    assert_eq!((told.status(), told.text.as_str()), (4, ""));
    let told = locum(&["--json", "evidence", "verify", pack]).await;
    assert_eq!(told.status(), 4);
    let verdict: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(verdict["verified"], false);
    assert_eq!(verdict["sentence"], told.failure().to_string());

    let away = folder.path().join("away.zip");
    let told = locum(&["evidence", "verify", away.to_str().unwrap()]).await;
    assert_eq!(told.status(), 2);
    let told = locum(&["evidence", "verify", pack, "--key", pack]).await;
    assert_eq!(told.status(), 2);
    assert!(
        told.failure().to_string().contains("no verifier key"),
        "{}",
        told.failure()
    );
}

#[tokio::test]
async fn an_exported_pack_is_the_servers_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pack.zip");
    let server = Scripted::new([(200, "bytes of a pack".to_owned())]);
    let words = [
        "--url",
        &server.url,
        "--json",
        "evidence",
        "export",
        "evt_1",
        "-o",
    ];
    let told = locum(&[&words[..], &[file.to_str().unwrap()]].concat()).await;
    assert_eq!(told.status(), 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "bytes of a pack");
    assert_eq!(server.heard()[0].line, "GET /api/v1/events/evt_1/evidence");
    let written: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(
        (&written["event"], &written["bytes"]),
        (&"evt_1".into(), &15.into())
    );
}

#[tokio::test]
async fn what_is_asked_for_is_what_was_typed() {
    let server = Scripted::new([ok(&request("pending"))]);
    let words = [
        "--url",
        &server.url,
        "--json",
        "request",
        "--case",
        "desk:7",
        "--reason",
        "customer cannot open it",
        "--for",
        "billing=invoice.read,invoice.resend",
        "--for",
        "crm=contact.read",
        "--minutes",
        "30",
    ];
    let told = locum(&words).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    assert_eq!(told.text.lines().count(), 1);
    let heard = server.heard();
    assert_eq!(heard[0].line, "POST /api/v1/requests");
    let expected = serde_json::json!({
        "case": "desk:7", "reason": "customer cannot open it", "duration_minutes": 30, "break_glass": false,
        "applications": [
            { "application": "billing", "operations": ["invoice.read", "invoice.resend"] },
            { "application": "crm", "operations": ["contact.read"] },
        ],
    });
    assert_eq!(heard[0].body, expected);

    let told = locum(&[
        "request",
        "--case",
        "desk:7",
        "--reason",
        "why",
        "--for",
        "billing",
        "--minutes",
        "30",
    ])
    .await;
    assert!(
        matches!(told.failure(), Failure::Usage(_)),
        "{:?}",
        told.end
    );
}
