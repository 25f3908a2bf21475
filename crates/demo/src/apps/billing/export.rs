//! The usage behind an invoice, line by line and slowly: something to be under way when a case
//! closes.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use jiff::civil::Date;
use tokio_util::sync::CancellationToken;

const BETWEEN_CHUNKS: Duration = Duration::from_millis(100);
/// A minute, if nobody ends it before.
const CHUNKS: u32 = 600;
const LINES_PER_CHUNK: u32 = 8;

pub(crate) fn download(number: String, issued: Date, shutdown: CancellationToken) -> Response {
    let name = format!("attachment; filename=\"{number}-usage.csv\"");
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    (headers, Body::from_stream(lines(number, issued, shutdown))).into_response()
}

fn lines(
    number: String,
    issued: Date,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(0, move |nth| {
        let (shutdown, chunk) = (shutdown.clone(), chunk(&number, issued, nth));
        async move {
            if nth >= CHUNKS {
                return None;
            }
            if nth > 0 {
                tokio::select! {
                    () = shutdown.cancelled() => return None,
                    () = tokio::time::sleep(BETWEEN_CHUNKS) => {}
                }
            }
            Some((Ok(Bytes::from(chunk)), nth + 1))
        }
    })
}

fn chunk(number: &str, issued: Date, nth: u32) -> String {
    let mut text = String::new();
    if nth == 0 {
        text.push_str("invoice,day,line,meter,units,cents\n");
    }
    for line in nth * LINES_PER_CHUNK..(nth + 1) * LINES_PER_CHUNK {
        let meter = if line % 3 == 0 { "pages" } else { "documents" };
        let units = 12 + line * 37 % 211;
        let cents = units * 4;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{number},{issued},{line},{meter},{units},{cents}");
    }
    text
}
