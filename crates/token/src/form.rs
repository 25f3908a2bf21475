//! OAuth's forms: parameters once, in UTF-8.

use std::collections::BTreeMap;

use percent_encoding::percent_decode;

use crate::exchange::{OAuthError, OAuthErrorCode};

/// The parameters that were sent with a value; RFC 6749 §3.2 treats the others as omitted.
#[derive(Debug)]
pub struct Form(BTreeMap<String, Vec<String>>);

impl Form {
    /// Reads the body.
    ///
    /// # Errors
    /// When it is no UTF-8.
    pub fn read(body: &[u8]) -> Result<Self, OAuthError> {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in body.split(|byte| *byte == b'&') {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if !value.is_empty() {
                fields.entry(name).or_default().push(value);
            }
        }
        Ok(Self(fields))
    }

    /// Takes every value of a parameter.
    pub fn take_all(&mut self, name: &str) -> Vec<String> {
        self.0.remove(name).unwrap_or_default()
    }

    /// Takes a parameter that may stand there once.
    ///
    /// # Errors
    /// When it is repeated.
    pub fn take(&mut self, name: &str) -> Result<Option<String>, OAuthError> {
        let mut values = self.take_all(name);
        let value = values.pop();
        if !values.is_empty() {
            return Err(invalid(format!("`{name}` is repeated")));
        }
        Ok(value)
    }

    /// Takes a parameter that must stand there once.
    ///
    /// # Errors
    /// When it is missing or repeated.
    pub fn demand(&mut self, name: &str) -> Result<String, OAuthError> {
        self.take(name)?.ok_or_else(|| missing(name))
    }
}

fn decode(part: &[u8]) -> Result<String, OAuthError> {
    let spaced: Vec<u8> = part
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_decode(&spaced)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| invalid("the form is not UTF-8"))
}

pub(crate) fn invalid(description: impl Into<String>) -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidRequest, description)
}

pub(crate) fn missing(name: &str) -> OAuthError {
    invalid(format!("`{name}` is missing"))
}
