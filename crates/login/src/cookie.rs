//! The login cookie (RFC 6265): its name, how it is set, and how it is read back.

use http::HeaderMap;
use http::header::COOKIE;

/// Over TLS. The prefix makes browsers refuse it from another host or without `Secure`.
const SECURE_NAME: &str = "__Host-locum-login";
/// On cleartext loopback, where browsers refuse the prefix.
const CLEARTEXT_NAME: &str = "locum-login";

pub(crate) fn name(is_secure: bool) -> &'static str {
    if is_secure {
        SECURE_NAME
    } else {
        CLEARTEXT_NAME
    }
}

/// The value of `Set-Cookie` that begins a login. It lasts as long as the browser's session: how long the login
/// lasts is the server's to say.
pub(crate) fn begun(secret: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!(
        "{}={secret}; Path=/; HttpOnly; SameSite=Lax{secure}",
        name(is_secure)
    )
}

/// The value of `Set-Cookie` that takes the cookie away.
pub(crate) fn ended(is_secure: bool) -> String {
    format!("{}; Max-Age=0", begun("", is_secure))
}

/// The cookie's value, when it was sent exactly once: two of them are somebody's trick.
pub(crate) fn read(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    let name = name(is_secure);
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_came_twice_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=b; locum-login=x".parse().unwrap());
        assert_eq!(read(&headers, false), Some("x"));
        assert_eq!(read(&headers, true), None);
        headers.append(COOKIE, "locum-login=y".parse().unwrap());
        assert_eq!(read(&headers, false), None);
    }

    #[test]
    fn over_tls_the_cookie_belongs_to_this_host_alone() {
        let set = begun("s", true);
        assert!(set.starts_with("__Host-locum-login=s; Path=/; HttpOnly; SameSite=Lax; Secure"));
        assert!(!begun("s", false).contains("Secure"));
        assert!(ended(false).ends_with("Max-Age=0"));
    }
}
