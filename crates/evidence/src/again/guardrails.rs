//! In what the guardrails on the record are other than this verifier's own.

use std::collections::BTreeMap;

use locum_policy::Policies;

/// A sentence for each rule that is only on one side, or says something else.
pub(super) fn differences(built_in: &BTreeMap<String, String>, recorded: &Policies) -> Vec<String> {
    if *built_in == Policies::built_in() {
        return Vec::new();
    }
    let Ok(own) = Policies::load(&BTreeMap::new()) else {
        return vec!["this verifier's own guardrails do not load".to_owned()];
    };
    let (own, recorded) = (own.rules(), recorded.rules());
    let mut said = Vec::new();
    for (id, text) in &own {
        match recorded.get(id) {
            None => said.push(format!("`{id}` is not on the record")),
            Some(other) if other != text => {
                said.push(format!("`{id}` says something else on the record"));
            }
            Some(_) => {}
        }
    }
    let is_locums = |id: &&String| id.starts_with("guard-") || id.starts_with("locum-");
    let more = recorded.keys().filter(is_locums);
    let more = more.filter(|id| !own.contains_key(*id));
    said.extend(more.map(|id| format!("`{id}` is only on the record")));
    if said.is_empty() {
        said.push("the texts differ, and no rule does".to_owned());
    }
    said
}
