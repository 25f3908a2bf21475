//! The founders' fingerprints, as an auditor kept them.

use std::collections::BTreeMap;

use locum_domain::PrincipalId;
use locum_domain::authenticator::Thumbprint;

/// Who founded, and with which keys: what was printed at the founding, from somewhere else than the pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founders(BTreeMap<PrincipalId, Thumbprint>);

/// Why a text does not name founders.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoundersError {
    #[error("line {0} is not a person and a thumbprint of 43 characters")]
    Line(usize),
    #[error("line {0} names somebody a second time")]
    Twice(usize),
    #[error("line {0} gives somebody a key that another founder has: two people, two keys")]
    Shared(usize),
    #[error("no founder is named")]
    Nobody,
}

impl Founders {
    /// Reads lines of `PERSON THUMBPRINT`, ended as on any system. Empty lines, and those that begin with `#`, say
    /// nothing; neither does a byte order mark, with which some editors begin a file.
    ///
    /// # Errors
    /// [`FoundersError`] naming the line.
    pub fn parse(text: &str) -> Result<Self, FoundersError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut founders = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = FoundersError::Line(number);
            let (person, thumbprint) = line.rsplit_once([' ', '\t']).ok_or(wrong.clone())?;
            let person: PrincipalId = person.trim_end().parse().map_err(|_| wrong.clone())?;
            let thumbprint = Thumbprint::parse(thumbprint).ok_or(wrong)?;
            if founders.values().any(|other| *other == thumbprint)
                && !founders.contains_key(&person)
            {
                return Err(FoundersError::Shared(number));
            }
            if founders.insert(person, thumbprint).is_some() {
                return Err(FoundersError::Twice(number));
            }
        }
        if founders.is_empty() {
            return Err(FoundersError::Nobody);
        }
        Ok(Self(founders))
    }

    /// Whether these are the founders of a ledger, each with their key, none missing and none more.
    pub(crate) fn are(&self, found: &BTreeMap<PrincipalId, Thumbprint>) -> bool {
        self.0 == *found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    const OTHER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn r33_founders_are_read_line_by_line() {
        let text = format!(
            "# printed at the founding\n\nsam@corp.example\t{ONE}\r\n  prya@corp.example   {OTHER}\n"
        );
        let founders = Founders::parse(&text).unwrap();
        let expected = [("sam@corp.example", ONE), ("prya@corp.example", OTHER)];
        let expected = expected.map(|(person, thumbprint)| {
            let thumbprint = Thumbprint::parse(thumbprint).unwrap();
            (person.parse().unwrap(), thumbprint)
        });
        assert!(founders.are(&expected.clone().into()));
        assert!(!founders.are(&expected.into_iter().take(1).collect()));
        // As other editors write the same.
        for text in [
            format!("\u{feff}sam@corp.example {ONE}\nprya@corp.example {OTHER}"),
            format!("\u{feff}# kept\r\nprya@corp.example {OTHER}\r\nsam@corp.example {ONE}\r\n"),
        ] {
            assert_eq!(Founders::parse(&text), Ok(founders.clone()), "{text:?}");
        }
    }

    #[test]
    fn r33_a_line_that_names_nobody_or_nothing_is_refused() {
        for (text, error) in [
            (format!("sam {}", &ONE[1..]), FoundersError::Line(1)),
            (format!("\n{ONE}"), FoundersError::Line(2)),
            (format!("sam {ONE} # mine"), FoundersError::Line(1)),
            (format!("sam {ONE}\nsam {OTHER}"), FoundersError::Twice(2)),
            (format!("sam {ONE}\nsam {ONE}"), FoundersError::Twice(2)),
            (format!("sam {ONE}\nprya {ONE}"), FoundersError::Shared(2)),
            (
                format!("sam {OTHER}\n\u{feff}prya {}", &ONE[1..]),
                FoundersError::Line(2),
            ),
            ("\u{feff}".to_owned(), FoundersError::Nobody),
            ("# nobody\n".to_owned(), FoundersError::Nobody),
        ] {
            assert_eq!(Founders::parse(&text), Err(error), "{text}");
        }
    }
}
