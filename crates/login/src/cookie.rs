//! Cookies (RFC 6265): how they are named, set and read back.

use http::HeaderMap;
use http::header::COOKIE;

/// The prefix makes browsers refuse the cookie from another host, for another path or without `Secure`: a sibling
/// host cannot toss one over.
const HOST_PREFIX: &str = "__Host-";

/// One of this room's cookies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cookie {
    name: &'static str,
    /// Seconds the browser keeps it; as long as the browser's own session when there is none.
    max_age: Option<u32>,
}

/// A login's. How long the login lasts is the server's to say.
pub(crate) const LOGIN: Cookie = Cookie {
    name: "locum-login",
    max_age: None,
};

/// What binds a sign-in to the browser it was begun in.
pub(crate) const SIGN_IN: Cookie = Cookie {
    name: "locum-signin",
    max_age: Some(600),
};

impl Cookie {
    /// On cleartext loopback browsers refuse the prefix.
    fn prefix(is_secure: bool) -> &'static str {
        if is_secure { HOST_PREFIX } else { "" }
    }

    /// The value of `Set-Cookie` that sets it.
    pub(crate) fn begun(self, secret: &str, is_secure: bool) -> String {
        self.set(secret, self.max_age, is_secure)
    }

    /// The value of `Set-Cookie` that takes it away.
    pub(crate) fn ended(self, is_secure: bool) -> String {
        self.set("", Some(0), is_secure)
    }

    fn set(self, value: &str, max_age: Option<u32>, is_secure: bool) -> String {
        let (prefix, name) = (Self::prefix(is_secure), self.name);
        let secure = if is_secure { "; Secure" } else { "" };
        let age = max_age.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        // Lax and not Strict: the way back from the identity provider is a navigation of another site.
        format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
    }

    /// The cookie's value, when it was sent exactly once: two of them are somebody's trick.
    pub(crate) fn read(self, headers: &HeaderMap, is_secure: bool) -> Option<&str> {
        let mut values = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| {
                key.strip_prefix(Self::prefix(is_secure))
                    .is_some_and(|rest| rest == self.name)
            })
            .map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_came_twice_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=b; locum-login=x".parse().unwrap());
        assert_eq!(LOGIN.read(&headers, false), Some("x"));
        assert_eq!(LOGIN.read(&headers, true), None);
        headers.append(COOKIE, "locum-login=y".parse().unwrap());
        assert_eq!(LOGIN.read(&headers, false), None);
    }

    #[test]
    fn over_tls_a_cookie_of_a_sibling_host_is_another_cookie() {
        let mut headers = HeaderMap::new();
        let tossed = "locum-login=evil; __Host-locum-login=ours; __host-locum-login=odd";
        headers.insert(COOKIE, tossed.parse().unwrap());
        assert_eq!(LOGIN.read(&headers, true), Some("ours"));
    }

    #[test]
    fn over_tls_the_cookie_belongs_to_this_host_alone() {
        let set = LOGIN.begun("s", true);
        assert_eq!(
            set,
            "__Host-locum-login=s; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!LOGIN.begun("s", false).contains("Secure"));
        assert!(LOGIN.ended(false).ends_with("Max-Age=0"));
        assert!(SIGN_IN.begun("s", true).ends_with("Max-Age=600"));
    }
}
