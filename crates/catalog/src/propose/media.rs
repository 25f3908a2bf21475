//! Media types: what answers a file.

/// What kind of file an answer with this media type is, if it is one for people to keep.
pub(super) fn file_kind(media_type: &str) -> Option<&'static str> {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let kinds = [
        ("csv", "csv"),
        ("pdf", "pdf"),
        ("spreadsheet", "spreadsheet"),
        ("excel", "spreadsheet"),
        ("zip", "archive"),
        ("tar", "archive"),
        ("ndjson", "ndjson"),
        ("octet-stream", "unknown bytes"),
        ("msword", "document"),
        ("wordprocessing", "document"),
        ("presentation", "document"),
    ];
    kinds
        .into_iter()
        .find(|(word, _)| essence.contains(word))
        .map(|(_, kind)| kind)
}
