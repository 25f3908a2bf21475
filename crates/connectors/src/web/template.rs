//! An address with one place to fill in.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::settings::SettingsError;

/// Everything but RFC 3986's unreserved characters is encoded, so that a value stays one value: it cannot end
/// the path segment or the parameter it stands in.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Stands for the place while the address around it is normalised. Letters and digits only, so that
/// normalising leaves it alone; anything else here would be rewritten, and the place lost.
const MARK: &str = "locum0place0locum";

/// An address that was checked once and is filled in for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    before: String,
    after: String,
}

impl Template {
    /// Parses `text`, in which `{place}` stands once, after the host.
    pub(crate) fn parse(text: &str, place: &'static str) -> Result<Self, SettingsError> {
        let misplaced = || SettingsError::Place {
            template: text.to_owned(),
            place,
        };
        let braced = format!("{{{place}}}");
        if text.matches(&braced).count() != 1 || text.contains(MARK) {
            return Err(misplaced());
        }
        let address = Url::parse(&text.replace(&braced, MARK))
            .map_err(|_| SettingsError::Address(text.to_owned()))?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(SettingsError::Address(text.to_owned()));
        }
        let is_in_path = address.path().contains(MARK);
        let is_in_query = address.query().is_some_and(|query| query.contains(MARK));
        if !is_in_path && !is_in_query {
            return Err(misplaced());
        }
        let (before, after) = address.as_str().split_once(MARK).ok_or_else(misplaced)?;
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    /// The address for this value; `None` when the value would make another address of it, as `..` does.
    pub(crate) fn fill(&self, value: &str) -> Option<Url> {
        let coded = utf8_percent_encode(value, RESERVED);
        let text = format!("{}{coded}{}", self.before, self.after);
        let url = Url::parse(&text).ok()?;
        (!value.is_empty() && url.as_str() == text).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r02_a_value_stays_in_its_place() {
        let path = Template::parse("http://desk.example/cases/{id}/full", "id").unwrap();
        let filled = |value: &str| path.fill(value).map(String::from);
        assert_eq!(
            filled("INC-12").as_deref(),
            Some("http://desk.example/cases/INC-12/full")
        );
        assert_eq!(
            filled("a/../b?c#d%2e").as_deref(),
            Some("http://desk.example/cases/a%2F..%2Fb%3Fc%23d%252e/full")
        );
        assert_eq!(filled(".."), None);
        assert_eq!(filled("."), None);
        assert_eq!(filled(""), None);
        let query = Template::parse("http://desk.example/case?admin=0&id={id}", "id").unwrap();
        assert_eq!(
            query.fill("1&admin=1").map(String::from).as_deref(),
            Some("http://desk.example/case?admin=0&id=1%26admin%3D1")
        );
    }

    #[test]
    fn an_address_whose_place_would_choose_the_host_is_refused() {
        for text in [
            "http://{id}.example/",
            "http://{id}@desk.example/",
            "http://desk.example:{id}/",
            "http://desk.example/#{id}",
            "http://desk.example/{id}/{id}",
            "http://desk.example/",
            "file:///cases/{id}",
            "{id}",
        ] {
            assert!(Template::parse(text, "id").is_err(), "{text} was taken");
        }
    }

    #[test]
    fn an_address_is_filled_in_as_it_normalises() {
        let template = Template::parse("HTTP://Desk.Example:80/{id}", "id").unwrap();
        assert_eq!(
            template.fill("7").map(String::from).as_deref(),
            Some("http://desk.example/7")
        );
    }
}
