//! Where the browser says a request comes from (Fetch Metadata), and what it is for.

use http::HeaderMap;

const MODE: &str = "sec-fetch-mode";

/// `Sec-Fetch-Site`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FetchSite {
    /// Not a browser, or one that does not say.
    Unsaid,
    /// Typed, bookmarked, or opened by another program.
    None,
    SameOrigin,
    SameSite,
    CrossSite,
}

impl FetchSite {
    /// What the request says; anything unknown counts as the worst.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all("sec-fetch-site").iter();
        match (values.next().map(|it| it.as_bytes()), values.next()) {
            (None, _) => FetchSite::Unsaid,
            (Some(b"none"), None) => FetchSite::None,
            (Some(b"same-origin"), None) => FetchSite::SameOrigin,
            (Some(b"same-site"), None) => FetchSite::SameSite,
            _ => FetchSite::CrossSite,
        }
    }

    /// Whether another site or a sibling application made the browser ask.
    pub(crate) fn is_foreign(self) -> bool {
        matches!(self, FetchSite::SameSite | FetchSite::CrossSite)
    }
}

/// Whether the browser only fetches ahead; nobody has asked for it yet.
pub(crate) fn is_ahead(headers: &HeaderMap) -> bool {
    let says = |name| {
        headers.get(name).is_some_and(|value| {
            let value = value.as_bytes();
            value
                .windows(8)
                .any(|part| part.eq_ignore_ascii_case(b"prefetch"))
        })
    };
    says("sec-purpose") || says("purpose")
}

/// Whether the browser says anything of the kind.
pub(crate) fn is_said(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-site") || headers.contains_key(MODE)
}

/// Whether a window goes there.
pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    headers
        .get(MODE)
        .is_some_and(|mode| mode.as_bytes() == b"navigate")
}

/// Whether a service worker's script is asked for. A service worker would outlive its session.
pub(crate) fn is_service_worker(headers: &HeaderMap) -> bool {
    headers.contains_key("service-worker")
        || headers
            .get("sec-fetch-dest")
            .is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"serviceworker"))
}
