//! What nobody classified, as its owner pastes it.

use serde_json::json;

use crate::scripted::{Scripted, locum};
use crate::views::ok;

fn row(route: &str, asked: Option<&str>, count: u64) -> serde_json::Value {
    let (method, path) = route.split_once(' ').unwrap();
    let mut row = json!({
        "route": route, "method": method, "path": path, "count": count,
        "first_at": "2026-03-02T11:30:00Z", "last_at": "2026-03-02T12:00:00Z", "last_session": "ses_1",
    });
    if let Some(asked) = asked {
        row["asked"] = json!(asked);
    }
    row
}

#[tokio::test]
async fn r22_what_nobody_classified_is_printed_as_lines_to_paste() {
    let hash = "a".repeat(64);
    let first = json!({ "items": [row("GET /exports/*", None, 12)], "next": "7" });
    let second = json!({ "items": [
        row("POST /graphql", Some("mutation deleteAll"), 1),
        row("POST /graphql", Some(&format!("document {hash}")), 2),
    ] });
    let server = Scripted::new([ok(&first), ok(&second)]);
    let told = locum(&["--url", &server.url, "catalog", "unclassified", "billing"]).await;
    let expected = format!(
        "# Asked for in sessions of billing and refused, because no operation has it; ids are folded to `*`.
# Each needs an [[operation]] with its effect, or stays refused.
routes = [
    \"GET /exports/*\", # 12 times since 2026-03-02T11:30:00Z, last 2026-03-02T12:00:00Z in ses_1
]
graphql = [
    \"mutation deleteAll\", # once, last 2026-03-02T12:00:00Z in ses_1
]
graphql_hashes = [
    \"{hash}\", # 2 times since 2026-03-02T11:30:00Z, last 2026-03-02T12:00:00Z in ses_1
]
"
    );
    assert_eq!(told.text, expected);
    let heard = server.heard();
    assert_eq!(
        heard[0].line,
        "GET /api/v1/applications/billing/unclassified?limit=200"
    );
    assert_eq!(
        heard[1].line,
        "GET /api/v1/applications/billing/unclassified?limit=200&cursor=7"
    );
}

#[tokio::test]
async fn where_everything_has_an_operation_that_is_said() {
    let server = Scripted::new([ok(&json!({ "items": [] }))]);
    let told = locum(&["--url", &server.url, "catalog", "unclassified", "billing"]).await;
    assert_eq!(
        told.text,
        "nothing: whatever sessions asked billing for has an operation\n"
    );
}
