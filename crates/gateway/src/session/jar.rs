//! The application's cookies, kept for a session instead of in its browser (RFC 6265 §5).

use std::convert::Infallible;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use cookie_store::CookieStore;
use url::Url;

/// More cookies than any application sets; what comes after them is dropped.
const MOST_COOKIES: usize = 200;
/// Longer ones no browser would keep either.
const LONGEST_COOKIE: usize = 8 * 1024;

/// One jar per session and application, in memory. Reading takes no lock; a `Set-Cookie` copies the jar.
#[derive(Default)]
pub(crate) struct Jar(ArcSwapOption<CookieStore>);

impl Jar {
    /// The `Cookie` value for a request to `url`, if the jar has anything for it.
    pub(crate) fn header_for(&self, url: &Url) -> Option<String> {
        let jar = self.0.load();
        let jar = jar.as_deref()?;
        let mut value = String::new();
        for (name, content) in jar.get_request_values(url) {
            if !value.is_empty() {
                value.push_str("; ");
            }
            value.push_str(name);
            value.push('=');
            value.push_str(content);
        }
        (!value.is_empty()).then_some(value)
    }

    /// Whether anything was ever kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.load().is_none()
    }

    /// Keeps the cookies that an answer from `url` sets.
    pub(crate) fn keep<'c>(&self, lines: impl Iterator<Item = &'c str> + Clone, url: &Url) {
        self.0.rcu(|jar| {
            let mut jar = jar.as_deref().cloned().unwrap_or_default();
            for line in lines.clone().filter(|line| line.len() <= LONGEST_COOKIE) {
                if jar.iter_any().count() >= MOST_COOKIES {
                    jar = without_expired(&jar);
                }
                if jar.iter_any().count() < MOST_COOKIES {
                    // A cookie that its own origin may not set is dropped, as a browser drops it.
                    let _ = jar.parse(line, url);
                }
            }
            Some(Arc::new(jar))
        });
    }

    /// Throws everything away.
    pub(crate) fn clear(&self) {
        self.0.store(None);
    }
}

fn without_expired(jar: &CookieStore) -> CookieStore {
    let live = jar.iter_unexpired().cloned().map(Ok::<_, Infallible>);
    let Ok(jar) = CookieStore::from_cookies(live, false);
    jar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r20_a_jar_honours_domain_path_and_expiry_as_a_browser_does() {
        let jar = Jar::default();
        let url = |path: &str| Url::parse(&format!("https://app.internal:9101{path}")).unwrap();
        let lines = [
            "sid=1; Path=/; Secure; HttpOnly",
            "deep=2; Path=/a",
            "foreign=3; Domain=other.example",
            "gone=4; Max-Age=0",
        ];
        jar.keep(lines.into_iter(), &url("/"));
        assert_eq!(jar.header_for(&url("/b")).unwrap(), "sid=1");
        assert!(jar.header_for(&url("/a/b")).unwrap().contains("deep=2"));
        jar.keep(["sid=; Max-Age=0; Path=/"].into_iter(), &url("/"));
        assert_eq!(jar.header_for(&url("/b")), None);
    }

    #[test]
    fn r20_an_application_cannot_fill_the_memory_with_cookies() {
        let jar = Jar::default();
        let url = Url::parse("https://app.internal/").unwrap();
        for count in 0..500 {
            jar.keep(
                [format!("gone{count}=x; Max-Age=0")]
                    .iter()
                    .map(String::as_str),
                &url,
            );
            jar.keep([format!("kept{count}=x")].iter().map(String::as_str), &url);
        }
        jar.keep(
            [format!("long={}", "x".repeat(10_000))]
                .iter()
                .map(String::as_str),
            &url,
        );
        let kept = jar.header_for(&url).unwrap();
        assert_eq!(kept.matches("kept").count(), MOST_COOKIES);
        assert!(!kept.contains("long"));
    }
}
