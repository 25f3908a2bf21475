//! `LOCUM__SECTION__KEY` in the environment stands above `locum.toml`.

use std::collections::BTreeMap;

use crate::problem::Problems;
use crate::read::{Node, Table, Value};
use crate::source::{At, Place, Source};

const PREFIX: &str = "LOCUM__";

/// Lays the variables over the document. Each is a source of its own, so that a problem names the variable.
pub(crate) fn lay_over(
    document: &mut Node,
    variables: &BTreeMap<String, String>,
    problems: &Problems,
) {
    for (name, value) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let source = Source::confidential(format!("${name}"), value.as_str());
        let place = Place::start_of(&source);
        let names: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
        if names.iter().any(String::is_empty) || names.len() > 8 {
            problems.error_with(&place, "names no setting", "write LOCUM__SECTION__KEY");
            continue;
        }
        set(document, &names, &place, value);
    }
}

fn set(node: &mut Node, names: &[String], place: &Place, value: &str) {
    let Some((name, rest)) = names.split_first() else {
        *node = Node {
            value: Value::Loose(value.to_owned()),
            place: place.clone(),
        };
        return;
    };
    if !matches!(node.value, Value::Table(_)) {
        *node = Node {
            value: Value::Table(Table::default()),
            place: place.clone(),
        };
    }
    let Value::Table(Table(entries)) = &mut node.value else {
        return;
    };
    // A variable's name has neither hyphens nor case, a connector's may have both.
    let found = entries
        .iter()
        .position(|(known, _)| known.value.to_ascii_lowercase().replace('-', "_") == *name);
    let index = found.unwrap_or_else(|| {
        let key = At {
            value: name.clone(),
            place: place.clone(),
        };
        entries.push((
            key,
            Node {
                value: Value::Table(Table::default()),
                place: place.clone(),
            },
        ));
        entries.len() - 1
    });
    if let Some((_, child)) = entries.get_mut(index) {
        set(child, rest, place, value);
    }
}
