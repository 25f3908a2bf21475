//! What an actor may do while acting: applications one by one, operations one by one, minutes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::denial::{Denial, Refusal};
use crate::ids::{ApplicationId, CaseRef, OperationId, PrincipalId, RequestId, SubjectId};

/// Applications and, in each, the operations asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scope(pub BTreeMap<ApplicationId, BTreeSet<OperationId>>);

impl Scope {
    /// Whether every operation here is also in `other`.
    pub fn is_within(&self, other: &Scope) -> bool {
        self.0.iter().all(|(application, operations)| {
            other
                .0
                .get(application)
                .is_some_and(|theirs| operations.is_subset(theirs))
        })
    }

    /// The applications, in order of their ids.
    pub fn applications(&self) -> impl Iterator<Item = &ApplicationId> {
        self.0.keys()
    }

    /// Whether nothing at all is asked for, in some application or altogether.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty() || self.0.values().any(BTreeSet::is_empty)
    }
}

/// A number of whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minutes(pub u32);

impl Minutes {
    /// As a duration.
    pub fn duration(self) -> jiff::SignedDuration {
        jiff::SignedDuration::from_secs(i64::from(self.0) * 60)
    }
}

/// The requester's own words: 15 to 2,000 characters, at least three different words, and not boilerplate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(String);

/// Why a text is no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    #[error("a reason needs at least 15 characters and 3 different words")]
    TooThin,
    #[error("a reason has at most 2,000 characters")]
    TooLong,
    #[error("the prompt repeated is not a reason")]
    IsThePrompt,
    #[error("a reason holds no control characters")]
    IsNoText,
}

impl Reason {
    /// Parses a reason; `prompts` are the texts the forms showed, which do not count as one.
    ///
    /// # Errors
    /// When the text is boilerplate by the contract's measure, too long, or a prompt itself.
    pub fn parse<'a>(
        text: &str,
        prompts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ReasonError> {
        let text = text.trim();
        let said = words(text);
        let different: BTreeSet<&String> = said.iter().collect();
        if text.chars().count() > 2_000 {
            Err(ReasonError::TooLong)
        } else if text.chars().any(is_no_text) {
            Err(ReasonError::IsNoText)
        } else if text.chars().count() < 15 || different.len() < 3 {
            Err(ReasonError::TooThin)
        } else if prompts.into_iter().any(|prompt| words(prompt) == said) {
            Err(ReasonError::IsThePrompt)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the other reason is this one again: the same words, whatever stands between them.
    pub fn repeats(&self, other: &Reason) -> bool {
        words(&self.0) == words(&other.0)
    }
}

/// The words of a text in order, without case and punctuation.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// A sentence of somebody's own, trimmed: 3 to 2,000 characters. Lines may break in it; other control characters would
/// write something else on a terminal than was said.
///
/// # Errors
/// `reason-missing` with what is missing, `malformed` when it is too long or is no text; all point at `pointer`.
pub fn sentence(text: &str, pointer: &str, missing: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let malformed = |detail: &str| Err(Denial::Malformed.because(detail).at(pointer));
    if text.chars().count() < 3 {
        Err(Denial::ReasonMissing.because(missing).at(pointer))
    } else if text.chars().count() > 2_000 {
        malformed("at most 2,000 characters")
    } else if text.chars().any(is_no_text) {
        malformed("it holds control characters")
    } else {
        Ok(text.to_owned())
    }
}

fn is_no_text(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

/// The digest of exactly what is shown to an approver: 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeDigest(String);

impl ScopeDigest {
    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Everything an approval covers. Its canonical bytes (RFC 8785) are what is signed; any difference is
/// another digest and needs another approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown<'a> {
    pub request: &'a RequestId,
    /// 1 for what was filed, one more for each accepted offer.
    pub version: u32,
    pub requester: &'a PrincipalId,
    pub actor: &'a PrincipalId,
    pub subject: &'a SubjectId,
    pub case: &'a CaseRef,
    pub reason: &'a Reason,
    pub scope: &'a Scope,
    pub duration_minutes: Minutes,
    pub break_glass: bool,
    /// At least 16 random bytes in hexadecimal, so that nobody can prepare a signature.
    pub nonce: &'a str,
}

impl Shown<'_> {
    /// The digest an approval binds to.
    pub fn digest(&self) -> ScopeDigest {
        // Strings, small integers and maps with string keys: canonical form always exists.
        let bytes = json_canon::to_vec(self).unwrap_or_default();
        let mut hasher = Sha256::new();
        hasher.update(b"locum-scope/v1\n");
        hasher.update(&bytes);
        ScopeDigest(hex::encode(hasher.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r01_boilerplate_is_not_a_reason() {
        let prompt = "What must you see in the customer's account, and why?";
        for thin in [
            "",
            "   ",
            "fix",
            "support support support",
            "aaaaaaaaaaaaaaaaaaa",
            "a b",
            prompt,
        ] {
            assert!(
                Reason::parse(thin, Some(prompt)).is_err(),
                "{thin:?} passed for a reason"
            );
        }
        assert!(Reason::parse("The customer cannot open her August invoice", Some(prompt)).is_ok());
    }

    #[test]
    fn r01_a_reason_writes_nothing_else_on_a_terminal_than_it_says() {
        let hidden = "The customer cannot open her\u{1b}[2K August invoice";
        assert_eq!(Reason::parse(hidden, None), Err(ReasonError::IsNoText));
        let lines = "The customer cannot open\nher August invoice";
        assert!(Reason::parse(lines, None).is_ok());
    }

    #[test]
    fn r01_the_prompt_of_any_application_asked_for_is_no_reason() {
        let prompts = [
            "Which invoice, and why?",
            "Which contact do you need to see?",
        ];
        for prompt in prompts {
            let again = format!("{} ", prompt.to_uppercase().replace(',', " -"));
            assert_eq!(
                Reason::parse(&again, prompts),
                Err(ReasonError::IsThePrompt)
            );
        }
    }

    #[test]
    fn r01_a_reason_in_other_punctuation_is_the_same_reason() {
        let reason = |text| Reason::parse(text, None).unwrap();
        let first = reason("Carla cannot open her August invoice");
        assert!(first.repeats(&reason("carla  cannot open her (august) invoice!")));
        assert!(!first.repeats(&reason("Carla cannot open her July invoice")));
    }
}
