//! What the actor may do, in the words of the grant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Operations of one application, written as RFC 6749 writes a scope: separated by single spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

/// A word is empty or has a character that a scope cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` cannot stand in a scope")]
pub struct ScopeError {
    word: String,
}

impl Scope {
    /// A scope of these operations, in this order.
    pub fn of<I>(operations: I) -> Result<Self, ScopeError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut text = String::new();
        for operation in operations {
            let word = operation.as_ref();
            check(word)?;
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        Ok(Self(text))
    }

    /// The operations, in the order they were written.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }

    /// Is `operation` one of them?
    pub fn contains(&self, operation: &str) -> bool {
        self.operations().any(|word| word == operation)
    }

    /// The wire form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(word: &str) -> Result<(), ScopeError> {
    let carries = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    if word.is_empty() || !word.bytes().all(carries) {
        return Err(ScopeError {
            word: word.to_owned(),
        });
    }
    Ok(())
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        if text.is_empty() {
            return Ok(Self(String::new()));
        }
        Self::of(text.split(' '))
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn a_scope_reads_as_it_was_written() {
        let scope = Scope::of(["invoice.read", "invoice.list"]).unwrap();
        assert_eq!(scope.as_str(), "invoice.read invoice.list");
        assert_eq!(scope.as_str().parse::<Scope>().unwrap(), scope);
        assert!(scope.contains("invoice.list"));
        assert!(!scope.contains("invoice"));
        assert_eq!("".parse::<Scope>().unwrap().operations().count(), 0);
    }

    #[test]
    fn a_word_cannot_smuggle_another() {
        for word in ["", "a b", "a\"b", "a\\b", "ä", "a\n"] {
            assert!(Scope::of([word]).is_err(), "{word:?}");
        }
        assert!("a  b".parse::<Scope>().is_err());
        assert!(" a".parse::<Scope>().is_err());
    }
}
