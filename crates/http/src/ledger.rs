//! The ledger in public (C2SP tlog-tiles): checkpoint, tiles and entries. No personal data is in them, and
//! reading them is no event.

use std::io::Write as _;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use locum_control::ledger::LedgerTiles;
use locum_control::ports::StoreError;
use locum_tlog::{FULL_WIDTH, TilePath, encode_bundle};

use crate::refused::Refused;
use crate::state::Front;

/// No tile ever changes, not even a partial one: what grows has another path.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The `Content-Type` of tiles and bundles.
const TILE: &str = "application/octet-stream";

fn unavailable(error: &dyn std::fmt::Display) -> Refused {
    tracing::error!(%error, "the ledger cannot be served");
    let detail = "the ledger cannot be read at the moment";
    Refused::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "recorder-unavailable",
        detail,
    )
}

fn nothing() -> Refused {
    Refused::new(
        StatusCode::NOT_FOUND,
        "not-found",
        "the ledger has nothing there yet",
    )
    .leaving_no_trace()
}

fn served(bytes: impl Into<axum::body::Body>, kind: &'static str, cache: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        ),
    ];
    (headers, bytes.into()).into_response()
}

/// The newest signed checkpoint, with the cosignatures of the witnesses that were asked.
#[utoipa::path(
    get,
    path = "/ledger/checkpoint",
    tag = "ledger",
    responses((status = 200, body = String, content_type = "text/plain", description = "A signed note (C2SP tlog-checkpoint)"))
)]
pub(crate) async fn checkpoint(State(front): State<Front>) -> Result<Response, Refused> {
    let note = front.control().published_checkpoint().await;
    let note = note.map_err(|error| unavailable(&error))?;
    let note = note.ok_or_else(nothing)?;
    Ok(served(note, "text/plain; charset=utf-8", "no-cache"))
}

/// A tile of hashes or a bundle of entries.
pub(crate) async fn tile(
    State(front): State<Front>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    // As it was sent: one spelling, one cache key.
    let path = uri.path().strip_prefix("/ledger/").unwrap_or_default();
    let path: TilePath = path.parse().map_err(|_| nothing())?;
    let size = *front.control().sequencer().size().borrow();
    let (level, index, width) = match path {
        TilePath::Hashes {
            level,
            index,
            width,
        } => (level, index, width),
        TilePath::Entries { index, width } => (0, index, width),
    };
    if !is_within(size, level, index, width) {
        return Err(nothing());
    }
    let bytes = read(&front, size, path).await?;
    let TilePath::Entries { .. } = path else {
        // Hashes cannot be made any smaller.
        return Ok(served(bytes, TILE, FOR_EVER));
    };
    let mut answer = match takes_gzip(&headers) {
        true => {
            let bytes = gzip(&bytes).map_err(|error| unavailable(&error))?;
            let mut answer = served(bytes, TILE, FOR_EVER);
            let gzip = HeaderValue::from_static("gzip");
            answer.headers_mut().insert(header::CONTENT_ENCODING, gzip);
            answer
        }
        false => served(bytes, TILE, FOR_EVER),
    };
    let by_encoding = HeaderValue::from_static("accept-encoding");
    answer.headers_mut().append(header::VARY, by_encoding);
    Ok(answer)
}

/// Whether `Accept-Encoding` names gzip and does not refuse it (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::ACCEPT_ENCODING).iter();
    offers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| {
            let (coding, weight) = offer.split_once(';').unwrap_or((offer, "q=1"));
            let weight = weight
                .trim()
                .strip_prefix("q=")
                .and_then(|q| q.parse::<f32>().ok());
            coding.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|q| q > 0.0)
        })
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Whether a ledger of `size` entries has this much of the tile.
fn is_within(size: u64, level: u8, index: u64, width: u16) -> bool {
    let hashes = size.checked_shr(u32::from(level) * 8).unwrap_or(0);
    let end = index
        .checked_mul(u64::from(FULL_WIDTH))
        .and_then(|start| start.checked_add(u64::from(width)));
    end.is_some_and(|end| end <= hashes)
}

async fn read(front: &Front, size: u64, path: TilePath) -> Result<Vec<u8>, Refused> {
    let store = front.control().store();
    let failed = |error: StoreError| unavailable(&error);
    match path {
        TilePath::Hashes {
            level,
            index,
            width,
        } => LedgerTiles::at(store, size)
            .tile(level, index, width)
            .await
            .map_err(failed)?
            .ok_or_else(nothing),
        TilePath::Entries { index, width } => {
            let from = index.saturating_mul(u64::from(FULL_WIDTH));
            let entries = store
                .entries(from, u32::from(width))
                .await
                .map_err(failed)?;
            if entries.len() != usize::from(width) {
                return Err(nothing());
            }
            encode_bundle(entries.iter().map(Vec::as_slice)).map_err(|error| unavailable(&error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, HeaderValue, header, is_within, takes_gzip};

    #[test]
    fn a_bundle_is_compressed_for_whoever_can_read_it() {
        let takes = |offered: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(offered));
            takes_gzip(&headers)
        };
        assert!(takes("gzip, identity") && takes("br;q=1, GZIP;q=0.5"));
        assert!(!takes("identity") && !takes("gzip;q=0") && !takes("") && !takes("gzip;q=x"));
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn r24_nothing_is_served_beyond_the_end() {
        assert!(is_within(257, 0, 0, 256));
        assert!(is_within(257, 0, 1, 1));
        assert!(!is_within(257, 0, 1, 2));
        assert!(is_within(257, 1, 0, 1));
        assert!(!is_within(257, 1, 0, 2));
        assert!(!is_within(257, 2, 0, 1));
        assert!(!is_within(u64::MAX, 63, 0, 1));
        assert!(!is_within(257, 0, u64::MAX, 256));
    }
}
