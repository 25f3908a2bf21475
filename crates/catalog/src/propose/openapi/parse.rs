//! JSON or YAML, whole and not larger than it may be.

use super::document::Document;
use crate::propose::ProposeError;

/// Bytes of a document. The largest public ones have a third of this.
pub const LARGEST_DOCUMENT: usize = 64 * 1024 * 1024;

/// How deep a YAML document may be nested; `serde_json` stops at 128 by itself.
const DEEPEST: usize = 128;

/// Events of the YAML parser: keys, values, beginnings and ends. An alias counts again for everything it stands for,
/// so that a few lines of aliases of aliases end here and not when memory does.
const MOST_EVENTS: usize = 20_000_000;

pub(super) fn parse(bytes: &[u8]) -> Result<Document, ProposeError> {
    if bytes.len() > LARGEST_DOCUMENT {
        return Err(ProposeError::TooLarge {
            mebibytes: LARGEST_DOCUMENT / (1024 * 1024),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ProposeError::NotText)?;
    let text = text.trim_start_matches('\u{feff}');
    let document = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| ProposeError::Syntax {
            what: "JSON",
            detail: error.to_string(),
        })?
    } else {
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
            ProposeError::Syntax {
                what: "YAML",
                detail: error.to_string(),
            }
        })?
    };
    supported(document)
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_events: MOST_EVENTS,
            max_nodes: MOST_EVENTS,
            max_total_scalar_bytes: LARGEST_DOCUMENT,
            max_depth: DEEPEST,
        },
    }
}

fn supported(document: Document) -> Result<Document, ProposeError> {
    let told = |version: &str| ProposeError::Version {
        version: version
            .chars()
            .filter(|it| !it.is_control())
            .take(20)
            .collect(),
    };
    match (&document.openapi, &document.swagger) {
        (Some(version), _)
            if ["3.0", "3.1", "3.2"]
                .iter()
                .any(|it| version.0.starts_with(it)) =>
        {
            Ok(document)
        }
        // YAML reads the version as a number.
        (None, Some(version)) if matches!(version.0.as_str(), "2.0" | "2") => Ok(document),
        (Some(version), _) | (None, Some(version)) => Err(told(&version.0)),
        (None, None) => Err(ProposeError::NotOpenApi),
    }
}
