//! Objects that only hold the thing itself: `{"user": {"password": …}}`, `{"data": {"attributes": …}}`. What lies in
//! them is sent as much as what stands beside them.

/// What such a property is called.
const ENVELOPES: [&str; 16] = [
    "attributes",
    "body",
    "data",
    "entity",
    "fields",
    "input",
    "item",
    "items",
    "object",
    "params",
    "payload",
    "properties",
    "record",
    "request",
    "resource",
    "values",
];

/// Whether a property of an object with this many of them is an envelope.
pub(super) fn is_envelope(name: &str, properties: usize) -> bool {
    properties == 1 || ENVELOPES.contains(&name.to_ascii_lowercase().as_str())
}
