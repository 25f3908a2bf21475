//! The rules that decisions are taken by, as the record tells them to whoever decides again.
//!
//! Recorded with the first decision that stands on them, so that no decision stands on rules that nobody can read: after
//! other files were applied, after a delegation was confirmed, and when another version of Locum brings other guardrails.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ids::ApplicationId;

/// The schema's name among the built-in texts.
pub const SCHEMA: &str = "locum.cedarschema";
/// Keeps this digest apart from every other use of SHA-256.
const CONTEXT: &[u8] = b"locum-rules/v1\n";

/// Policies by their texts, and the applications by their digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesInForce {
    /// The digest of the files and settings that were applied.
    pub applied: String,
    /// SHA-256 of every applied file, in hexadecimal, and of the settings' canonical form: together they make `applied`.
    pub files: BTreeMap<String, String>,
    pub settings: String,
    /// Locum's own policies and their schema, by name.
    pub built_in: BTreeMap<String, String>,
    /// The operator's policies, by their names among `files`.
    pub policies: BTreeMap<String, String>,
    /// Whether every approval needs its approver's own signature.
    pub signature_demanded: bool,
    /// The digest of each application as policy reads it, its operations left out and only delegations that count.
    pub applications: BTreeMap<ApplicationId, String>,
}

impl RulesInForce {
    /// SHA-256 in hexadecimal over the canonical form (RFC 8785) behind a context of its own: what a decision names.
    pub fn digest(&self) -> String {
        // Texts and maps of them: the canonical form always exists.
        let bytes = json_canon::to_vec(self).unwrap_or_default();
        let mut hasher = Sha256::new();
        hasher.update(CONTEXT);
        hasher.update(bytes);
        hex::encode(hasher.finalize())
    }

    /// Locum's own schema; empty where the record has none.
    pub fn schema(&self) -> &str {
        self.built_in.get(SCHEMA).map_or("", String::as_str)
    }

    /// Every policy file with its name, Locum's own first.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let built_in = self.built_in.iter().filter(|(name, _)| *name != SCHEMA);
        let texts = built_in.chain(&self.policies);
        texts.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Why the texts are not those that were applied, if they are not.
    pub fn fault(&self) -> Option<String> {
        if applied_digest(&self.files, &self.settings) != self.applied {
            return Some(
                "the digests of the files do not make the digest that was applied".to_owned(),
            );
        }
        let other = self
            .policies
            .iter()
            .find(|(name, text)| self.files.get(*name) != Some(&text_digest(text)));
        if let Some((name, _)) = other {
            return Some(format!(
                "the text of `{name}` does not have the digest that was applied"
            ));
        }
        let is_policy = |name: &&String| {
            let below = name.strip_prefix("policies/");
            below.is_some_and(|it| it.ends_with(".cedar") && !it.contains('/'))
        };
        let mut applied = self.files.keys().filter(is_policy);
        let missing = applied.find(|name| !self.policies.contains_key(*name));
        missing.map(|name| format!("the text of `{name}` was applied and is not among the rules"))
    }
}

/// SHA-256 of a text, in hexadecimal.
pub fn text_digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// What files and settings with these digests are applied under: SHA-256 in hexadecimal over the canonical form of
/// `{"files":{NAME:DIGEST,…},"settings":DIGEST}`.
pub fn applied_digest(files: &BTreeMap<String, String>, settings: &str) -> String {
    let both = serde_json::json!({ "files": files, "settings": settings });
    let bytes = json_canon::to_vec(&both).unwrap_or_default();
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> RulesInForce {
        let text = "permit (principal, action, resource);";
        let files = BTreeMap::from([
            ("catalog/people.toml".to_owned(), text_digest("")),
            ("policies/house.cedar".to_owned(), text_digest(text)),
        ]);
        let settings = text_digest("{}");
        RulesInForce {
            applied: applied_digest(&files, &settings),
            files,
            settings,
            built_in: BTreeMap::new(),
            policies: BTreeMap::from([("policies/house.cedar".to_owned(), text.to_owned())]),
            signature_demanded: true,
            applications: BTreeMap::new(),
        }
    }

    #[test]
    fn r33_policy_texts_are_those_that_were_applied_or_no_rules_at_all() {
        assert_eq!(rules().fault(), None);
        let mut weaker = rules();
        let text = weaker.policies.get_mut("policies/house.cedar");
        text.unwrap().push_str("// weaker");
        assert!(weaker.fault().unwrap().contains("`policies/house.cedar`"));
        let mut missing = rules();
        missing.policies.clear();
        assert!(missing.fault().unwrap().contains("not among the rules"));
        let mut other = rules();
        other
            .files
            .insert("policies/house.cedar".to_owned(), text_digest("other"));
        assert!(
            other
                .fault()
                .unwrap()
                .contains("the digest that was applied")
        );
    }

    #[test]
    fn different_rules_have_different_digests() {
        let lax = RulesInForce {
            signature_demanded: false,
            ..rules()
        };
        assert_ne!(lax.digest(), rules().digest());
    }
}
