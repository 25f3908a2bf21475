//! Whether a form was sent from a page of this console, by what the browser says on its own account.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

/// What the browser's own headers say of a request's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentFrom {
    Here,
    Elsewhere,
    /// Neither header: no browser sends a form so.
    Unsaid,
}

/// Fetch metadata decides where there is any; else the `Origin` (RFC 6454) must be the console's.
pub(crate) fn sent_from(headers: &HeaderMap, public_url: &str) -> SentFrom {
    if let Some(site) = headers.get("sec-fetch-site") {
        return match site.as_bytes() {
            b"same-origin" | b"none" => SentFrom::Here,
            _ => SentFrom::Elsewhere,
        };
    }
    match headers.get(ORIGIN) {
        Some(origin) if origin.as_bytes() == self::origin(public_url).as_bytes() => SentFrom::Here,
        Some(_) => SentFrom::Elsewhere,
        None => SentFrom::Unsaid,
    }
}

/// Scheme, host and port of an address.
pub(crate) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(host..).and_then(|rest| rest.find('/'));
    end.and_then(|end| url.get(..host + end)).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_another_site_is_known_by_what_the_browser_says() {
        let sent = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            sent_from(&headers, "http://localhost:8000")
        };
        assert_eq!(sent("sec-fetch-site", "same-origin"), SentFrom::Here);
        assert_eq!(sent("sec-fetch-site", "cross-site"), SentFrom::Elsewhere);
        assert_eq!(sent("sec-fetch-site", "same-site"), SentFrom::Elsewhere);
        assert_eq!(sent("origin", "http://localhost:8000"), SentFrom::Here);
        assert_eq!(
            sent("origin", "http://billing.localhost:8000"),
            SentFrom::Elsewhere
        );
        assert_eq!(sent("origin", "null"), SentFrom::Elsewhere);
        assert_eq!(sent("accept", "*/*"), SentFrom::Unsaid);
    }

    #[test]
    fn an_origin_ends_before_the_path() {
        assert_eq!(
            origin("http://billing.support.localhost:81/open?ticket=a"),
            "http://billing.support.localhost:81"
        );
        assert_eq!(origin("https://locum.example"), "https://locum.example");
    }
}
