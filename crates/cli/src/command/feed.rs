//! The event feed.

use locum_api::{Client, FeedItem, Listing};

use crate::failure::Failure;
use crate::output::Output;

/// How long the server may wait for news before it answers with nothing.
const WAIT_SECONDS: u32 = 20;
const LIMIT: u32 = 500;

pub(crate) async fn events(
    client: &Client,
    output: &Output,
    follow: bool,
    after: Option<u64>,
) -> Result<(), Failure> {
    let mut after = after;
    loop {
        let wait = if follow { WAIT_SECONDS } else { 0 };
        let from = after
            .map(|after| format!("&after={after}"))
            .unwrap_or_default();
        let path = format!("/api/v1/events?limit={LIMIT}&wait={wait}{from}");
        let page: Listing<FeedItem> = client.get(&path).await?;
        for item in &page.items {
            output.answer(item, || line(item))?;
            after = Some(item.position);
        }
        if page.items.is_empty() && !follow {
            return Ok(());
        }
    }
}

fn line(item: &FeedItem) -> String {
    let stream = item.stream.as_deref().unwrap_or("not yours to see");
    format!(
        "{:>8}  {}  {:<20} {stream}",
        item.position, item.at, item.kind
    )
}
