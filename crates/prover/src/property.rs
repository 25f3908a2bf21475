//! The promises, read from `policies/invariants.cedar`.

use cedar_policy::{ActionConstraint, Effect, EntityUid, Policy, PolicySet};
use locum_policy::abstraction::Guarantee;
use serde::Serialize;

/// What is claimed of the whole policy set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// Nothing that this matches is ever allowed.
    Never,
    /// Something that this matches is allowed to somebody.
    Possible,
    /// No rule fails to be evaluated.
    Sound,
}

/// One promise in one sentence.
#[derive(Debug, Clone)]
pub struct Property {
    /// Its name, for good.
    pub id: String,
    /// What it is part of.
    pub guarantee: Guarantee,
    /// The requirement it answers.
    pub row: String,
    pub says: String,
    pub claim: Claim,
    /// The action it is about; none for a promise about every rule.
    pub(crate) about: Option<(EntityUid, Policy)>,
}

const TEXT: &str = include_str!("../../../policies/invariants.cedar");

/// Every promise, in the order of its file, and last the one about the rules themselves.
///
/// # Errors
/// When the file is not what this room expects, which its tests exclude.
pub fn properties() -> Result<Vec<Property>, String> {
    let set: PolicySet = TEXT.parse().map_err(|error| format!("{error}"))?;
    let mut found = Vec::new();
    for policy in set.policies() {
        let said = |key: &str| {
            let text = policy.annotation(key);
            text.map(ToOwned::to_owned)
                .ok_or_else(|| format!("a promise without @{key}: {policy}"))
        };
        let ActionConstraint::Eq(action) = policy.action_constraint() else {
            return Err(format!("a promise without one action: {policy}"));
        };
        let id = said("id")?;
        let guarantee = match policy.annotation("guarantee") {
            Some(name) => Guarantee::named(name)
                .ok_or_else(|| format!("a promise of an unknown guarantee: {policy}"))?,
            None => Guarantee::Further,
        };
        let at = TEXT.find(&format!("@id(\"{id}\")"));
        let property = Property {
            guarantee,
            row: said("row")?,
            says: said("says")?,
            claim: match policy.effect() {
                Effect::Forbid => Claim::Never,
                Effect::Permit => Claim::Possible,
            },
            about: Some((action, policy.clone())),
            id,
        };
        found.push((at, property));
    }
    found.sort_by_key(|(at, _)| *at);
    let mut properties: Vec<Property> = found.into_iter().map(|(_, property)| property).collect();
    properties.push(Property {
        id: "never-a-rule-that-fails".to_owned(),
        guarantee: Guarantee::Further,
        row: "R17".to_owned(),
        says: "No rule fails to be evaluated, which would refuse everything it is asked about."
            .to_owned(),
        claim: Claim::Sound,
        about: None,
    });
    Ok(properties)
}
