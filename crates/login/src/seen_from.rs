//! Where a login is used from, as its owner recognises it.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::USER_AGENT;

/// More of a browser's own words says nothing more to a person.
const LONGEST_BROWSER: usize = 120;

/// The browser and the address. Told by the client and believed for nothing: it only helps the owner to recognise
/// what is theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenFrom {
    pub browser: Option<String>,
    pub address: Option<IpAddr>,
}

impl SeenFrom {
    /// The browser's own words, cut short and without anything that does not print.
    pub fn of(headers: &HeaderMap, address: Option<IpAddr>) -> Self {
        let words = headers.get(USER_AGENT).and_then(|it| it.to_str().ok());
        let browser = words
            .map(|words| words.chars().take(LONGEST_BROWSER).collect::<String>())
            .filter(|words| !words.trim().is_empty());
        Self { browser, address }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_talks_too_much_is_cut_short() {
        let mut headers = HeaderMap::new();
        assert_eq!(SeenFrom::of(&headers, None).browser, None);
        headers.insert(USER_AGENT, "x".repeat(5_000).parse().unwrap());
        let browser = SeenFrom::of(&headers, None).browser.unwrap();
        assert_eq!(browser.len(), LONGEST_BROWSER);
    }
}
