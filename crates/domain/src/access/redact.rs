//! What of an address must not reach the record: credentials. Whom an address is about may stand there, since personal
//! data is erasable; a credential would open something for whoever reads the record.
//!
//! Nothing here is certain. A segment is taken for a credential by what stands before it or by its looks, rather once
//! too often: the template says what kind of address it was, whatever became of its segments.

use std::borrow::Cow;

/// What stands where a credential was.
pub const REDACTED: &str = "[redacted]";

/// What follows these is a credential, whatever it looks like…
const BEFORE_CREDENTIALS: [&str; 29] = [
    "access-token",
    "api-key",
    "api-keys",
    "apikey",
    "authorization",
    "bearer",
    "card",
    "credential",
    "credentials",
    "cvc",
    "cvv",
    "jwt",
    "key",
    "magic",
    "magic-link",
    "otp",
    "pass",
    "passwd",
    "password",
    "password-reset",
    "pin",
    "pwd",
    "reset",
    "reset-password",
    "secret",
    "secrets",
    "token",
    "tokens",
    "totp",
];

/// …unless it says what is to be done there.
const VERBS: [&str; 28] = [
    "cancel",
    "change",
    "check",
    "complete",
    "confirm",
    "create",
    "delete",
    "done",
    "edit",
    "forgot",
    "list",
    "new",
    "password",
    "refresh",
    "renew",
    "request",
    "resend",
    "reset",
    "revoke",
    "rotate",
    "sent",
    "set",
    "success",
    "token",
    "update",
    "validate",
    "verification",
    "verify",
];

/// What follows these is often a credential and often an id: it is a credential when it could be no counted number and
/// no word.
const BEFORE_EITHER: [&str; 14] = [
    "activate",
    "activation",
    "code",
    "confirm",
    "confirmation",
    "invitation",
    "invite",
    "login",
    "session",
    "sessions",
    "signature",
    "unsubscribe",
    "verification",
    "verify",
];

/// How the credentials of some houses begin.
const BEGINNINGS: [&str; 15] = [
    "AIza",
    "AKIA",
    "ASIA",
    "eyJ",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "sk_live_",
    "sk_test_",
    "xoxb-",
    "xoxp-",
    "ya29.",
];

/// Shorter texts have too little room for a secret that looks like one.
const SHORTEST_RANDOM: usize = 32;

/// A path as it is recorded: without what may be a credential.
pub fn redacted_path(path: &str) -> Cow<'_, str> {
    let mut text: Option<String> = None;
    let mut before: Option<Cow<'_, str>> = None;
    let mut earlier: Option<Cow<'_, str>> = None;
    let mut done = 0;
    for segment in path.split('/') {
        let read = decoded(segment);
        if is_credential(&read, word_before(before.as_deref(), earlier.as_deref())) {
            let so_far = text.get_or_insert_with(|| path.get(..done).unwrap_or_default().into());
            so_far.push_str(REDACTED);
        } else if let Some(so_far) = &mut text {
            so_far.push_str(segment);
        }
        done += segment.len();
        if done < path.len() {
            done += 1;
            if let Some(so_far) = &mut text {
                so_far.push('/');
            }
        }
        earlier = before.replace(read);
    }
    text.map_or(Cow::Borrowed(path), Cow::Owned)
}

/// A method as it is recorded: one that no route could have is somebody's own text.
pub fn redacted_method(method: &str) -> &str {
    let is_method = |b: u8| b.is_ascii_uppercase() || b == b'-';
    let fits = !method.is_empty() && method.len() <= 20 && method.bytes().all(is_method);
    if fits { method } else { REDACTED }
}

/// What an object names, or what stands there instead when `value`, found at `place` of an address or document, may be
/// a credential.
pub(super) fn redacted_value<'v>(value: &'v str, place: Option<&str>) -> &'v str {
    if is_credential(value, place) {
        REDACTED
    } else {
        value
    }
}

/// The segment that says what the next one is: of `/password/set/…` the `password`.
pub(super) fn word_before<'s>(
    before: Option<&'s str>,
    earlier: Option<&'s str>,
) -> Option<&'s str> {
    let is_verb = before.is_some_and(|it| is_one_of(&VERBS, it));
    let says = |it: Option<&str>| it.is_some_and(|it| is_one_of(&BEFORE_CREDENTIALS, it));
    if is_verb && !says(before) && says(earlier) {
        earlier
    } else {
        before
    }
}

/// Whether a decoded segment or argument may be a credential, by what stands before it and by its looks.
fn is_credential(text: &str, before: Option<&str>) -> bool {
    if text.is_empty() {
        return false;
    }
    if before.is_some_and(|before| follows(before, text)) {
        return true;
    }
    // Parameters of a segment (RFC 3986 §3.3), and pairs that some applications write into one.
    let mut parts = text.split([';', '&', ',']).peekable();
    let is_whole = parts.peek() == Some(&text);
    parts.any(|part| match part.split_once(['=', ':']) {
        Some((name, value)) if !value.trim_matches('=').is_empty() => {
            follows(name, value) || is_secret_name(name) || looks_secret(value)
        }
        _ => !is_whole && looks_secret(part),
    }) || looks_secret(text)
}

fn is_one_of(words: &[&str], text: &str) -> bool {
    let text = text.trim();
    let is_it = |word: &str| {
        word.eq_ignore_ascii_case(text)
            || (text.contains('_') && word.eq_ignore_ascii_case(&text.replace('_', "-")))
    };
    words.iter().any(|word| is_it(word))
}

fn follows(before: &str, text: &str) -> bool {
    if is_one_of(&BEFORE_CREDENTIALS, before) {
        return !is_one_of(&VERBS, text);
    }
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    let has_digit = text.bytes().any(|b| b.is_ascii_digit());
    is_one_of(&BEFORE_EITHER, before) && text.len() >= 8 && has_digit && !is_number
}

/// Whether a parameter's name says that its value is a credential.
fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "auth", "cookie", "csrf", "jwt", "otp", "pass", "pwd", "secret", "sess", "sid", "sig",
        "token",
    ]
    .iter()
    .any(|word| name.contains(word))
        || name == "code"
        || name.ends_with("key")
}

/// Whether a text looks like a credential by itself.
fn looks_secret(text: &str) -> bool {
    let begins_so = text.len() >= 16 && BEGINNINGS.iter().any(|it| text.starts_with(it));
    begins_so || is_random(text) || holds_card_number(text)
}

/// Whether a text looks drawn by lot rather than written: long, and letters and digits in no order.
fn is_random(text: &str) -> bool {
    let is_of_code =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'+' | b'=');
    if text.len() < SHORTEST_RANDOM || !text.bytes().all(is_of_code) || is_uuid(text) {
        return false;
    }
    let count = |is: fn(&u8) -> bool| text.bytes().filter(is).count();
    let digits = count(u8::is_ascii_digit);
    let (small, large) = (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase));
    let signs = text.len() - digits - small - large;
    // Base64 has both cases in about equal parts; words have a capital now and then.
    let is_mixed = small.min(large) * 5 >= text.len();
    // Hexadecimal digits, base 32 and base 36: one case, digits among the letters, and hardly a sign.
    let is_code = digits * 8 >= text.len() && (small + large) * 8 >= text.len();
    is_mixed || (is_code && signs * 12 <= text.len())
}

/// Whether this is a UUID as RFC 9562 writes it: what applications number their things with.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Whether a payment card's number stands in the text: its first digits, its length and its check digit (ISO/IEC 7812).
fn holds_card_number(text: &str) -> bool {
    let mut digits: Vec<u8> = Vec::new();
    let mut is_broken = false;
    for b in text.bytes().chain([b'/']) {
        match b {
            b'0'..=b'9' => {
                digits.push(b - b'0');
                is_broken = false;
            }
            // Groups of digits are written with one sign between them.
            b' ' | b'-' | b'.' | b'+' if !digits.is_empty() && !is_broken => is_broken = true,
            _ => {
                if is_card_number(&digits) {
                    return true;
                }
                digits.clear();
                is_broken = false;
            }
        }
    }
    false
}

fn is_card_number(digits: &[u8]) -> bool {
    let first = |count: usize| {
        let first = digits.iter().take(count);
        first.fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let has_issuer = match digits.len() {
        13 | 19 => first(1) == 4 || (digits.len() == 19 && first(2) == 62),
        14 => matches!(first(2), 36 | 38 | 39) || matches!(first(3), 300..=305),
        15 => matches!(first(2), 34 | 37),
        16 => {
            matches!(first(2), 35 | 40..=49 | 51..=55 | 62 | 65)
                || matches!(first(4), 2221..=2720 | 6011 | 6440..=6499)
        }
        _ => false,
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit) * 2) {
            (0, _) => u32::from(*digit),
            (_, twice @ 0..=9) => twice,
            (_, twice) => twice - 9,
        })
        .sum();
    has_issuer && sum.is_multiple_of(10)
}

/// A segment as an application reads it: percent-decoded, and once more where somebody encoded it twice.
fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let once = decode(segment);
    Cow::Owned(if once.contains('%') {
        decode(&once)
    } else {
        once
    })
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let pair = after.first_chunk::<2>().filter(|_| first == b'%');
        let mut byte = [0];
        rest = match pair.map(|pair| hex::decode_to_slice(pair, &mut byte)) {
            Some(Ok(())) => {
                bytes.extend(byte);
                after.get(2..).unwrap_or_default()
            }
            _ => {
                bytes.push(first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r26_a_credential_in_an_address_is_not_recorded() {
        for (path, expected) in [
            ("/reset/7f3kQ", "/reset/[redacted]"),
            ("/reset/7f3kQ/", "/reset/[redacted]/"),
            (
                "/account/password/hunter2/save",
                "/account/password/[redacted]/save",
            ),
            ("/api_key/abc", "/api_key/[redacted]"),
            ("/password/set/abc", "/password/set/[redacted]"),
            ("/tokens/verify/abc", "/tokens/verify/[redacted]"),
            ("/TOKEN/abc", "/TOKEN/[redacted]"),
            ("/verify/ab12cd34", "/verify/[redacted]"),
            (
                "/d/eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln",
                "/d/[redacted]",
            ),
            (
                "/s/dGhpcyBpcyBhIHNlY3JldCB0b2tlbiE0Mg%3D%3D",
                "/s/[redacted]",
            ),
            (
                "/s/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
                "/s/[redacted]",
            ),
            ("/s/JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "/s/[redacted]"),
            ("/hook/ghp_16C7e42F292c6912E7", "/hook/[redacted]"),
            ("/pay/4111111111111111", "/pay/[redacted]"),
            ("/pay/4111-1111-1111-1111/now", "/pay/[redacted]/now"),
            ("/pay/card%204111%201111%201111%201111", "/pay/[redacted]"),
            ("/pay/%2534111111111111111", "/pay/[redacted]"),
            ("/a;jsessionid=8/b", "/[redacted]/b"),
            ("/a/password=x", "/a/[redacted]"),
            ("/a/ada:token:x", "/a/ada:token:x"),
            ("/%72eset/abc", "/%72eset/[redacted]"),
        ] {
            assert_eq!(redacted_path(path), expected, "{path}");
        }
    }

    #[test]
    fn r23_what_was_touched_stays_readable() {
        for path in [
            "",
            "/",
            "/invoices/INV-2026-0007",
            "/users/kim%40customer.example/pay",
            "/o/550e8400-e29b-41d4-a716-446655440000",
            "/articles/how-to-resend-an-invoice-without-paying-twice",
            "/articles/2026-11-24-the-invoice-of-november-for-customer-7",
            "/password/reset",
            "/keys/7",
            "/sessions/1234567890",
            "/orders/1234567890123456",
            "/static/app.3f2a9c.js",
            "/tokens",
            "/a;v=1/b",
            "/größe/ärger",
        ] {
            assert!(
                matches!(redacted_path(path), Cow::Borrowed(it) if it == path),
                "{path}: {}",
                redacted_path(path)
            );
        }
    }

    #[test]
    fn r26_an_object_names_no_credential() {
        assert_eq!(redacted_value("INV-7", None), "INV-7");
        assert_eq!(redacted_value("7f3kQ", Some("token")), REDACTED);
        assert_eq!(redacted_value("4111111111111111", Some("id")), REDACTED);
    }

    #[test]
    fn r26_a_method_of_somebodys_own_is_not_recorded() {
        assert_eq!(redacted_method("PROPFIND"), "PROPFIND");
        assert_eq!(redacted_method("hunter2"), REDACTED);
        assert_eq!(redacted_method("A-VERY-LONG-METHOD-INDEED"), REDACTED);
    }
}
