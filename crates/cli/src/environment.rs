//! The environment of the process, as far as settings may name it.

use std::collections::BTreeMap;

/// The variables that are text: others cannot be settings or secrets of ours.
pub fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
