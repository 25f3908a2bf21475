//! In whose history each event stands, and which places of it are personal: read from the two functions that say so.

use std::collections::{BTreeMap, BTreeSet};

/// What a scan comes across, in order.
enum Word<'t> {
    Event(&'t str),
    Stream(&'t str),
    /// Between `&[` and `]`.
    List(&'t str),
    /// A constant's name.
    Constant(&'t str),
    Nothing,
}

/// The kind of stream of each event's variant; nothing for those that stand wherever they happened.
pub(super) fn streams(text: &str) -> BTreeMap<String, String> {
    let body = body(text, "pub fn stream(");
    let mut found = BTreeMap::new();
    let mut waiting: Vec<&str> = Vec::new();
    for word in words(body) {
        match word {
            Word::Event(variant) => waiting.push(variant),
            Word::Stream(stream) => {
                for variant in waiting.drain(..) {
                    found.insert(variant.to_owned(), stream.to_lowercase());
                }
            }
            _ => {}
        }
    }
    found
}

/// The personal places of each event's variant, in whatever stream it has them.
pub(super) fn personal(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut constants: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for part in text.split("\nconst ").skip(1) {
        let (name, rest) = part.split_once(':').unwrap_or_default();
        let (_, list) = rest.split_once("= &[").unwrap_or_default();
        constants.insert(name, pointers(list.split(']').next().unwrap_or_default()));
    }
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut waiting: Vec<&str> = Vec::new();
    for word in words(body(text, "pub fn personal(")) {
        let places = match word {
            Word::Event(variant) => {
                waiting.push(variant);
                continue;
            }
            Word::List(list) => pointers(list),
            Word::Constant(name) => constants.get(name).cloned().unwrap_or_default(),
            Word::Stream(_) | Word::Nothing => {
                waiting.clear();
                continue;
            }
        };
        for variant in waiting.drain(..) {
            found
                .entry(variant.to_owned())
                .or_default()
                .extend(places.clone());
        }
    }
    found
}

fn pointers(list: &str) -> BTreeSet<String> {
    let texts = list.split('"').skip(1).step_by(2);
    texts.map(str::to_owned).collect()
}

/// A function's text, to the brace that closes it.
fn body<'t>(text: &'t str, head: &str) -> &'t str {
    let (_, rest) = text.split_once(head).unwrap_or_default();
    rest.split("\n    }\n").next().unwrap_or_default()
}

fn words(body: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(|c: char| c.is_ascii_alphabetic() || c == '&' || c == '_')?;
            let from = rest.get(at..)?;
            if let Some(list) = from.strip_prefix("&[") {
                let (list, after) = list.split_once(']')?;
                rest = after;
                return Some(Word::List(list));
            }
            let end = from.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
            let (word, after) = from.split_at(end.unwrap_or(from.len()).max(1));
            rest = after;
            let is_constant =
                |it: &str| it.len() > 2 && it.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            if let Some(variant) = word.strip_prefix("Event::") {
                return Some(Word::Event(variant));
            }
            if let Some(stream) = word.strip_prefix("Stream::") {
                return Some(Word::Stream(stream));
            }
            if is_constant(word) {
                return Some(Word::Constant(word));
            }
            if word == "_" && rest.starts_with(" =>") {
                return Some(Word::Nothing);
            }
        }
    })
}
