//! One CBOR item at the front of bytes, and what stands behind it.

use ciborium::Value;

/// Deeper than any structure of the specification. An item that nests further is no item.
const DEEPEST: usize = 16;

/// The first item of `bytes` and the rest. `None` when no whole item stands there.
pub(super) fn first(bytes: &[u8]) -> Option<(Value, &[u8])> {
    let mut rest = bytes;
    let item = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEEPEST).ok()?;
    Some((item, rest))
}

/// The one item that `bytes` are, when it is a map whose keys are different texts.
pub(super) fn text_map(bytes: &[u8]) -> Option<Vec<(String, Value)>> {
    let (item, rest) = first(bytes)?;
    if rest.is_empty() { members(item) } else { None }
}

/// The members of a map whose keys are different texts.
pub(super) fn members(item: Value) -> Option<Vec<(String, Value)>> {
    let mut members: Vec<(String, Value)> = Vec::new();
    for (name, value) in item.into_map().ok()? {
        let name = name.into_text().ok()?;
        if members.iter().any(|(other, _)| *other == name) {
            return None;
        }
        members.push((name, value));
    }
    Some(members)
}
