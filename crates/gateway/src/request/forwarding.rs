//! The headers by which a proxy says that it speaks for others (RFC 7239, and what came before it). A development
//! server signs anybody in and is reached from this machine only: whoever sends one is not whom it is for.

use http::HeaderMap;

/// They say who somebody is and not where a request came from: nobody believes them, they are stripped as
/// everywhere.
const ABOUT_SOMEBODY: [&str; 7] = [
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-forwarded-access-token",
    "x-forwarded-id-token",
    "x-forwarded-client-cert",
];

/// The first forwarding header of a request.
pub(super) fn forwarding(headers: &HeaderMap) -> Option<&str> {
    headers.keys().map(|name| name.as_str()).find(|name| {
        let is_forwarding = *name == "forwarded" || is_like(name, "x-forwarded-*");
        is_forwarding && !ABOUT_SOMEBODY.iter().any(|about| is_like(name, about))
    })
}

/// Whether a name is this one where `_` and `-` are the same; `*` stands for any rest.
fn is_like(name: &str, wanted: &str) -> bool {
    let letters = |text: &str| -> Vec<u8> {
        text.bytes()
            .map(|byte| if byte == b'_' { b'-' } else { byte })
            .collect()
    };
    match wanted.strip_suffix('*') {
        Some(begin) => letters(name).starts_with(begin.as_bytes()),
        None => letters(name) == wanted.as_bytes(),
    }
}
