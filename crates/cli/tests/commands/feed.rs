//! The event feed: lines and nothing else, each at once, and no guessing when the server goes away.

use std::io::{ErrorKind, Write};

use serde_json::{Value, json};

use crate::scripted::{Scripted, into, locum};
use crate::views::ok;

fn page(positions: &[u64]) -> (u16, String) {
    let item = |position: &u64| json!({ "position": position, "at": "2026-03-02T11:00:00Z", "kind": "request-filed" });
    let items: Vec<Value> = positions.iter().map(item).collect();
    ok(&json!({ "items": items, "next": positions.last().map(ToString::to_string) }))
}

#[tokio::test]
async fn a_feed_is_a_line_for_each_position_each_written_out_at_once() {
    let server = Scripted::new([page(&[5, 6]), page(&[7]), page(&[])]);
    let told = locum(&["--url", &server.url, "--json", "events", "--after", "4"]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    let read = |line: &str| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64();
    let positions: Vec<_> = told.text.lines().filter_map(read).collect();
    assert_eq!(positions, [5, 6, 7]);
    assert!(told.is_flushed);
    let lines: Vec<String> = server.heard().into_iter().map(|it| it.line).collect();
    let expected = [4, 6, 7].map(|after| format!("GET /api/v1/events?limit=500&after={after}"));
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_server_that_goes_away_ends_the_feed_with_status_3_and_says_where_to_go_on() {
    let server = Scripted::new([page(&[5, 6])]);
    let told = locum(&["--url", &server.url, "events", "--follow", "--after", "4"]).await;
    assert_eq!(told.status(), 3);
    let says = told.failure().to_string();
    assert!(says.contains("go on with `--after 6`"), "{says}");
    let expected = "       5  2026-03-02T11:00:00Z  request-filed        not yours to see
       6  2026-03-02T11:00:00Z  request-filed        not yours to see
";
    assert_eq!(told.text, expected);
    assert_eq!(
        server.heard()[0].line,
        "GET /api/v1/events?limit=500&wait=20&after=4"
    );
}

struct Head;

impl Write for Head {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_ends_the_feed_and_is_no_failure() {
    let server = Scripted::new([page(&[0, 1])]);
    let end = into(&["--url", &server.url, "events", "--follow"], Head).await;
    assert!(end.is_ok(), "{end:?}");
}
