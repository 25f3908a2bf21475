//! `Locum-Session`: who acts as whom, for programs that read answers (RFC 9651 dictionary).

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::session::{LiveApplication, LiveSession};

const NAME: HeaderName = HeaderName::from_static("locum-session");

pub(super) fn insert(
    headers: &mut HeaderMap,
    session: &LiveSession,
    application: &LiveApplication,
    mode: &str,
) {
    let text = format!(
        "session={}, subject={}, actor={}, mode={mode}, expires=@{}",
        session.facts.id,
        text(&application.subject),
        text(session.facts.actor.as_str()),
        session.end_by().at.as_second(),
    );
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(NAME, value);
    }
}

/// A string (RFC 9651 §3.3.3), or a display string (§3.3.8) where it is not ASCII.
fn text(text: &str) -> String {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        let mut quoted = String::with_capacity(text.len() + 2);
        quoted.push('"');
        for letter in text.chars() {
            if matches!(letter, '"' | '\\') {
                quoted.push('\\');
            }
            quoted.push(letter);
        }
        quoted.push('"');
        return quoted;
    }
    let mut encoded = "%\"".to_owned();
    for byte in text.bytes() {
        if (0x20..0x7f).contains(&byte) && byte != b'%' && byte != b'"' {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02x}"));
        }
    }
    encoded.push('"');
    encoded
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_name_stands_in_a_header_whatever_its_letters() {
        assert_eq!(text("ann@a"), "\"ann@a\"");
        assert_eq!(text("a\"b"), "\"a\\\"b\"");
        assert_eq!(text("é"), "%\"%c3%a9\"");
    }
}
