//! `development-tokens.toml`: which bearer token is which person. For development only, and never quoted.

use std::collections::BTreeMap;
use std::fmt;

use locum_domain::{Catalog, PrincipalId};

use crate::nearest::did_you_mean;
use crate::problem::{Checked, Problem, Problems};
use crate::read::{Kind, Value, document};
use crate::source::Source;

/// People by their bearer token.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct DevelopmentTokens(BTreeMap<String, PrincipalId>);

impl DevelopmentTokens {
    /// Parses the file; `file` is what people call it. Every token's person must be in the catalog.
    ///
    /// # Errors
    /// Every problem. No message holds a token.
    pub fn parse(file: &str, text: &str, catalog: &Catalog) -> Result<Checked<Self>, Vec<Problem>> {
        let problems = Problems::default();
        let tokens = read(file, text, Some(catalog), &problems);
        problems.settle(Some(tokens))
    }

    /// Whose token this is. Tokens are compared in a time that depends on how they begin; they are no secrets
    /// worth more than a development machine.
    pub fn person(&self, token: &str) -> Option<&PrincipalId> {
        self.0.get(token)
    }

    /// Every token with its person.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &PrincipalId)> {
        self.0
            .iter()
            .map(|(token, person)| (token.as_str(), person))
    }
}

impl fmt::Debug for DevelopmentTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.values()).finish()
    }
}

/// Reads the tokens. Without a catalog (it has problems of its own) nobody is held against it.
pub(crate) fn read(
    file: &str,
    text: &str,
    catalog: Option<&Catalog>,
    problems: &Problems,
) -> DevelopmentTokens {
    let root = document(&Source::confidential(file, text), problems);
    let mut tokens = BTreeMap::new();
    let Value::Table(table) = &root.value else {
        return DevelopmentTokens(tokens);
    };
    for (token, node) in &table.0 {
        // RFC 6750, section 2.1: anything else cannot be sent as a bearer token.
        let plain = token.value.trim_end_matches('=');
        if plain.is_empty()
            || !plain
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
        {
            let hint = "letters, digits and -._~+/ only";
            problems.error_with(
                &token.place,
                "the token cannot be sent as a bearer token",
                hint,
            );
        }
        let person = match PrincipalId::read(node) {
            Ok(person) => person,
            Err(message) => {
                problems.error_with(&node.place, message, "write \"token\" = \"person\"");
                continue;
            }
        };
        if let Some(catalog) = catalog.filter(|catalog| !catalog.people.contains_key(&person)) {
            let (message, hint) = if catalog.agents.contains_key(&person) {
                (
                    format!("`{person}` is an agent: agents sign in with their key"),
                    None,
                )
            } else {
                let all = catalog.people.keys().map(PrincipalId::as_str);
                (
                    format!("unknown person `{person}`"),
                    did_you_mean(person.as_str(), all),
                )
            };
            let hint = hint.unwrap_or_else(|| "tokens are for people of people.toml".to_owned());
            problems.error_with(&node.place, message, hint);
        }
        tokens.insert(token.value.clone(), person);
    }
    DevelopmentTokens(tokens)
}
