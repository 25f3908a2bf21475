//! Approving binds to a digest: the one that was shown, or the one that was named.

use crate::scripted::{Scripted, locum};
use crate::views::{DIGEST, ok, problem, request};

#[tokio::test]
async fn in_a_pipe_what_the_server_shows_is_approved_unasked() {
    let server = Scripted::new([ok(&request("pending")), ok(&request("approved"))]);
    let told = locum(&["--url", &server.url, "approve", "req_1"]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    assert_eq!(told.text, "approved; req_1 is approved\n");
    let heard = server.heard();
    let lines: Vec<&str> = heard.iter().map(|it| it.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1/requests/req_1",
            "POST /api/v1/requests/req_1/approve"
        ]
    );
    assert_eq!(heard[1].body["scope_digest"], DIGEST);
}

#[tokio::test]
async fn a_named_digest_is_approved_and_no_other() {
    let server = Scripted::new([problem(409, "stale-approval", Some("look again"))]);
    let told = locum(&["--url", &server.url, "approve", "req_1", "--digest", "00"]).await;
    assert_eq!(told.status(), 1);
    assert_eq!(told.failure().remedy(), Some("look again"));
    assert_eq!(server.heard()[0].body["scope_digest"], "00");
}

#[tokio::test]
async fn an_id_never_names_another_place() {
    let server = Scripted::new([problem(404, "unknown", None)]);
    let told = locum(&["--url", &server.url, "withdraw", "../stop?all=true#"]).await;
    assert_eq!(told.status(), 1);
    let line = &server.heard()[0].line;
    assert_eq!(
        line,
        "POST /api/v1/requests/..%2Fstop%3Fall%3Dtrue%23/withdraw"
    );
}
