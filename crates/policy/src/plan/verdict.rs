//! What a difference does, and to whom.

use locum_domain::{Catalog, PrincipalId};
use serde::{Deserialize, Serialize};

/// Which way a difference goes. What is not known to tighten or to be neutral loosens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Somebody may ask, decide, see or administer less, or more is checked.
    Tightens,
    /// Nobody may do more or less.
    Neutral,
    /// Somebody may do more, or less is checked.
    Loosens,
}

impl Verdict {
    /// The verdict in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Tightens => "tightens",
            Verdict::Neutral => "neutral",
            Verdict::Loosens => "loosens",
        }
    }
}

/// Somebody, as people know them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    pub id: PrincipalId,
}

impl Named {
    /// The name that one of the catalogs has for this id, the later one first.
    pub(crate) fn of(id: &PrincipalId, before: &Catalog, after: &Catalog) -> Self {
        let known = after.principal(id).or_else(|| before.principal(id));
        Self {
            name: known.map_or_else(|| id.to_string(), |it| it.name().to_owned()),
            id: id.clone(),
        }
    }
}

/// Names in a sentence: the first few of them.
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 3;
    let all: Vec<&str> = names.into_iter().collect();
    match all.as_slice() {
        [] => "nobody".to_owned(),
        [only] => (*only).to_owned(),
        [some @ .., last] if all.len() <= SHOWN => format!("{} and {last}", some.join(", ")),
        _ => {
            let shown: Vec<&str> = all.iter().take(SHOWN).copied().collect();
            format!("{} and {} others", shown.join(", "), all.len() - SHOWN)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn a_sentence_names_a_few_and_counts_the_others() {
        assert_eq!(listed([]), "nobody");
        assert_eq!(listed(["Ann"]), "Ann");
        assert_eq!(listed(["Ann", "Ben"]), "Ann and Ben");
        assert_eq!(listed(["Ann", "Ben", "Cy"]), "Ann, Ben and Cy");
        assert_eq!(
            listed(["Ann", "Ben", "Cy", "Di", "Ed"]),
            "Ann, Ben, Cy and 2 others"
        );
    }
}
