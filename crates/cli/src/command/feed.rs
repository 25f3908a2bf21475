//! The event feed.

use std::time::Duration;

use locum_api::{FeedItem, Listing};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::{Output, Reader};
use crate::uri::query;

/// How long the server may wait for news before it answers with nothing.
const WAIT_SECONDS: &str = "20";
const LIMIT: &str = "500";

/// A server that does not wait is not asked more often than this.
const PAUSE: Duration = Duration::from_secs(1);

/// Prints one line for each position and nothing else. When the server goes away it says where to go on, and
/// leaves trying again to whoever started it.
pub(crate) async fn events(
    client: &Connection<'_>,
    output: &Output,
    follow: bool,
    after: Option<u64>,
) -> Result<(), Failure> {
    let wait = follow.then_some(WAIT_SECONDS);
    let mut after = after;
    loop {
        let from = after.map(|after| after.to_string());
        let parameters = [
            ("limit", Some(LIMIT)),
            ("wait", wait),
            ("after", from.as_deref()),
        ];
        let path = format!("/api/v1/events?{}", query(&parameters));
        let asked = tokio::time::Instant::now();
        let page: Result<Listing<FeedItem>, Failure> = client.poll(&path).await;
        let page = page.map_err(|failure| broken_off(failure, after))?;
        for item in &page.items {
            if output.offer(item, || line(item))? == Reader::Gone {
                return Ok(());
            }
            after = Some(item.position);
        }
        if page.items.is_empty() {
            if !follow {
                return Ok(());
            }
            tokio::time::sleep_until(asked + PAUSE).await;
        }
    }
}

fn broken_off(failure: Failure, after: Option<u64>) -> Failure {
    match (failure, after) {
        (Failure::Unreachable(why), Some(after)) => Failure::Unreachable(format!(
            "{why}; everything up to position {after} was told: go on with `--after {after}`"
        )),
        (failure, _) => failure,
    }
}

fn line(item: &FeedItem) -> String {
    let stream = item.stream.as_deref().unwrap_or("not yours to see");
    format!(
        "{:>8}  {}  {:<20} {stream}",
        item.position, item.at, item.kind
    )
}
