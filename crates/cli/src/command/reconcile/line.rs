//! One line of an application's log of accepted sessions.

use jiff::Timestamp;
use serde::Deserialize;

/// The longest line that is read, in bytes. The SDK's have some three hundred.
pub(super) const LONGEST: usize = 16 * 1024;

/// The longest id that is compared, in bytes; Locum's have thirty.
const LONGEST_ID: usize = 100;

/// What a line says that an application accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) session: String,
    pub(super) event: Option<String>,
    pub(super) at: Option<Timestamp>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineFault {
    #[error("not text in UTF-8")]
    NotText,
    #[error("longer than {LONGEST} bytes")]
    TooLong,
    #[error("no JSON object: {0}")]
    NotJson(String),
    #[error("no `sid` of 1 to {LONGEST_ID} bytes without white space")]
    NoSession,
    #[error("`txn` is longer than {LONGEST_ID} bytes")]
    Event,
    #[error("`at` is no time as RFC 3339 writes it")]
    Time,
    #[error("it is of the application `{0}`")]
    OtherApplication(String),
}

impl LineFault {
    /// A stable word.
    pub(super) fn code(&self) -> &'static str {
        match self {
            LineFault::NotText => "not-text",
            LineFault::TooLong => "too-long",
            LineFault::NotJson(_) => "not-json",
            LineFault::NoSession => "no-session",
            LineFault::Event => "event",
            LineFault::Time => "time",
            LineFault::OtherApplication(_) => "other-application",
        }
    }
}

/// As the SDK writes it. What an application adds is passed over.
#[derive(Deserialize)]
struct Line {
    sid: Option<String>,
    txn: Option<String>,
    at: Option<String>,
    application: Option<String>,
}

/// Reads a line: a JSON object, or a session's id alone. Nothing for an empty one.
pub(super) fn read(bytes: &[u8], application: &str) -> Result<Option<Accepted>, LineFault> {
    if bytes.len() > LONGEST {
        return Err(LineFault::TooLong);
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| LineFault::NotText)?
        .trim();
    if text.is_empty() {
        return Ok(None);
    }
    if !text.starts_with('{') {
        let session = id(Some(text.to_owned()))?;
        return Ok(Some(Accepted {
            session,
            event: None,
            at: None,
        }));
    }
    let line: Line =
        serde_json::from_str(text).map_err(|error| LineFault::NotJson(error.to_string()))?;
    if let Some(other) = line.application.filter(|it| it != application) {
        return Err(LineFault::OtherApplication(other));
    }
    if line.txn.as_ref().is_some_and(|it| it.len() > LONGEST_ID) {
        return Err(LineFault::Event);
    }
    let at = line.at.as_deref().map(str::parse).transpose();
    Ok(Some(Accepted {
        session: id(line.sid)?,
        event: line.txn,
        at: at.map_err(|_| LineFault::Time)?,
    }))
}

/// Whoever mints a session names it anything; only what nobody could look for is refused.
fn id(text: Option<String>) -> Result<String, LineFault> {
    let is_one = |text: &String| {
        (1..=LONGEST_ID).contains(&text.len()) && !text.contains(char::is_whitespace)
    };
    text.filter(is_one).ok_or(LineFault::NoSession)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_object_or_an_id_alone() {
        let text = br#"{"at":"2026-11-25T18:00:00Z","application":"billing","sid":"ses_1","txn":"evt_1","jti":"j","more":1}"#;
        let line = read(text, "billing").unwrap().unwrap();
        assert_eq!(
            (line.session.as_str(), line.event.as_deref()),
            ("ses_1", Some("evt_1"))
        );
        assert!(line.at.is_some());
        let line = read(b" ses_2\r", "billing").unwrap().unwrap();
        assert_eq!(
            (line.session.as_str(), line.event, line.at),
            ("ses_2", None, None)
        );
        assert_eq!(read(b"  ", "billing"), Ok(None));
    }

    #[test]
    fn what_cannot_be_read_says_what_is_wrong() {
        let long = vec![b'x'; LONGEST + 1];
        let rows: [(&[u8], &str); 9] = [
            (b"\xff", "not-text"),
            (&long, "too-long"),
            (br#"{"sid":"ses_1""#, "not-json"),
            (br#"{"sid":7}"#, "not-json"),
            (br#"{"at":"2026-11-25T18:00:00Z"}"#, "no-session"),
            (br#"{"sid":"ses 1"}"#, "no-session"),
            (br#"{"sid":"ses_1","at":"yesterday"}"#, "time"),
            (
                br#"{"sid":"ses_1","application":"crm"}"#,
                "other-application",
            ),
            (b"ses_1 ses_2", "no-session"),
        ];
        for (text, code) in rows {
            assert_eq!(read(text, "billing").unwrap_err().code(), code);
        }
    }
}
