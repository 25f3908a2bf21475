//! Taking values out of a table by name: wrong kinds, missing and unknown names are reported as they are met.

use super::kind::loose_items;
use super::{Kind, Node, Table, Value};
use crate::nearest::did_you_mean;
use crate::problem::Problems;
use crate::source::{At, Place};

/// One table being read.
pub(crate) struct Fields<'a> {
    table: &'a Table,
    /// What the table is, as the operator knows it: `[[person]]`.
    what: &'static str,
    pub(crate) place: Place,
    pub(crate) problems: &'a Problems,
}

static NOTHING: Table = Table(Vec::new());

impl<'a> Fields<'a> {
    /// Begins to read `node` as the table `what` with these names. Other names are reported here, so that a
    /// reader that stops early forgets nothing.
    pub(crate) fn open(
        node: &'a Node,
        what: &'static str,
        names: &[&str],
        problems: &'a Problems,
    ) -> Self {
        let table = match &node.value {
            Value::Table(table) => table,
            other => {
                problems.error(
                    &node.place,
                    format!("{what}: expected a table, found {}", other.kind()),
                );
                &NOTHING
            }
        };
        for (name, _) in &table.0 {
            if !names.contains(&name.value.as_str()) {
                let hint = did_you_mean(&name.value, names.iter().copied())
                    .unwrap_or_else(|| format!("{what} has {}", names.join(", ")));
                problems.error_with(
                    &name.place,
                    format!("unknown key `{}` in {what}", name.value),
                    hint,
                );
            }
        }
        Self {
            table,
            what,
            place: node.place.clone(),
            problems,
        }
    }

    /// The value of a name, if it is there and of this kind.
    pub(crate) fn get<T: Kind>(&self, name: &str) -> Option<At<T>> {
        let node = self.table.get(name)?;
        self.kind(node, name)
    }

    /// The value of a name that must be there.
    pub(crate) fn need<T: Kind>(&self, name: &str) -> Option<At<T>> {
        if self.table.get(name).is_none() {
            self.problems
                .error(&self.place, format!("{} needs `{name}`", self.what));
        }
        self.get(name)
    }

    /// Every item of a list, each with its own place; none when the name is absent.
    pub(crate) fn list<T: Kind>(&self, name: &str) -> Vec<At<T>> {
        let Some(node) = self.table.get(name) else {
            return Vec::new();
        };
        let loose;
        let items = match &node.value {
            Value::List(items) => items,
            Value::Loose(text) => {
                loose = loose_items(node, text);
                &loose
            }
            other => {
                self.problems.error(
                    &node.place,
                    format!("`{name}`: expected a list, found {}", other.kind()),
                );
                return Vec::new();
            }
        };
        items
            .iter()
            .filter_map(|item| self.kind(item, name))
            .collect()
    }

    /// The items of a list that must be there and hold something.
    pub(crate) fn need_list<T: Kind>(&self, name: &str) -> Vec<At<T>> {
        match self.table.get(name) {
            None => self
                .problems
                .error(&self.place, format!("{} needs `{name}`", self.what)),
            Some(Node {
                value: Value::List(items),
                place,
            }) if items.is_empty() => {
                self.problems
                    .error(place, format!("`{name}` of {} names nothing", self.what));
            }
            Some(_) => {}
        }
        self.list(name)
    }

    /// Whether every item that stands under a name was read: the rest of it may be what is missing elsewhere.
    pub(crate) fn is_whole<T>(&self, name: &str, read: &[T]) -> bool {
        match self.table.get(name).map(|node| &node.value) {
            Some(Value::List(items)) => items.len() == read.len(),
            _ => false,
        }
    }

    /// One of a few words, with its place.
    pub(crate) fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Option<At<T>> {
        let text = self.get::<String>(name)?;
        choose(text, name, words, self.problems)
    }

    /// A table under a name.
    pub(crate) fn table(
        &self,
        name: &str,
        what: &'static str,
        names: &[&str],
    ) -> Option<Fields<'a>> {
        let node = self.table.get(name)?;
        Some(Fields::open(node, what, names, self.problems))
    }

    /// The same, empty when absent, so that defaults and demands are said in one place.
    pub(crate) fn table_or_empty(
        &self,
        name: &str,
        what: &'static str,
        names: &[&str],
    ) -> Fields<'a> {
        self.table(name, what, names).unwrap_or(Fields {
            table: &NOTHING,
            what,
            place: self.place.clone(),
            problems: self.problems,
        })
    }

    /// Each table of an array of tables.
    pub(crate) fn tables(&self, name: &str, what: &'static str, names: &[&str]) -> Vec<Fields<'a>> {
        match self.table.get(name) {
            None => Vec::new(),
            Some(Node {
                value: Value::List(items),
                ..
            }) => items
                .iter()
                .map(|item| Fields::open(item, what, names, self.problems))
                .collect(),
            Some(Node { value, place }) => {
                let hint = format!("write [[{name}]]");
                self.problems.error_with(
                    place,
                    format!("{what}: expected a list of tables, found {}", value.kind()),
                    hint,
                );
                Vec::new()
            }
        }
    }

    /// Every entry of a table whose names the operator chooses.
    pub(crate) fn entries(&self, name: &str) -> Vec<(&'a At<String>, &'a Node)> {
        match self.table.get(name) {
            None => Vec::new(),
            Some(Node {
                value: Value::Table(table),
                ..
            }) => table.0.iter().map(|(name, node)| (name, node)).collect(),
            Some(Node { value, place }) => {
                self.problems.error(
                    place,
                    format!("`{name}`: expected a table, found {}", value.kind()),
                );
                Vec::new()
            }
        }
    }

    /// A table from names of the operator's choice to values of one kind.
    pub(crate) fn map<T: Kind>(&self, name: &str) -> Vec<(At<String>, At<T>)> {
        let entries = self.entries(name);
        entries
            .into_iter()
            .filter_map(|(key, node)| Some((key.clone(), self.kind(node, &key.value)?)))
            .collect()
    }

    /// What stands under a name, whatever it is.
    pub(crate) fn node(&self, name: &str) -> Option<&'a Node> {
        self.table.get(name)
    }

    /// Where the name's value stands, or the table when it is absent.
    pub(crate) fn place_of(&self, name: &str) -> &Place {
        self.table.get(name).map_or(&self.place, |node| &node.place)
    }

    fn kind<T: Kind>(&self, node: &Node, name: &str) -> Option<At<T>> {
        match T::read(node) {
            Ok(value) => Some(At {
                value,
                place: node.place.clone(),
            }),
            Err(message) => {
                self.problems
                    .error(&node.place, format!("`{name}`: {message}"));
                None
            }
        }
    }
}

/// One of a few words.
pub(crate) fn choose<T: Copy>(
    text: At<String>,
    name: &str,
    words: &[(&str, T)],
    problems: &Problems,
) -> Option<At<T>> {
    let found = words
        .iter()
        .find(|(word, _)| *word == text.value)
        .map(|(_, meaning)| *meaning);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = did_you_mean(&text.value, known.iter().copied())
            .unwrap_or_else(|| format!("one of {}", known.join(", ")));
        problems.error_with(
            &text.place,
            format!("`{name}`: `{}` is not known", text.value),
            hint,
        );
    }
    found.map(|meaning| text.map(|_| meaning))
}
