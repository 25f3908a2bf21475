//! Whether bytes are canonical JSON already, told by reading them once and building nothing.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::canonical::LARGEST_INTEGER;

/// Whether these bytes are one JSON value in its canonical form (RFC 8785), with no integer beyond ±(2⁵³ − 1): just
/// those that [`crate::canonical`] writes, but for fractions so large that they are written as such an integer. Nesting
/// deeper than 127 levels is none.
#[must_use]
pub fn is_canonical(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Expected { rest: &mut rest }.deserialize(&mut reader);
    read.is_ok() && reader.end().is_ok() && rest.is_empty()
}

/// What of the bytes is still to be accounted for: each part of the value that was read is written again and taken
/// off, so that whatever is spelt otherwise is left over.
struct Expected<'r, 'b> {
    rest: &'r mut &'b [u8],
}

impl Expected<'_, '_> {
    fn take<E: Error>(&mut self, written: &[u8]) -> Result<(), E> {
        let Some(rest) = self.rest.strip_prefix(written) else {
            return Err(E::custom("spelt otherwise"));
        };
        *self.rest = rest;
        Ok(())
    }

    /// A text without any escape is canonical as it stands: what must be escaped cannot stand there unescaped.
    fn plain<E: Error>(&mut self, text: &str) -> Result<(), E> {
        self.take(b"\"")?;
        self.take(text.as_bytes())?;
        self.take(b"\"")
    }

    fn escaped<E: Error>(&mut self, text: &str) -> Result<(), E> {
        let written = serde_json::to_vec(text).map_err(E::custom)?;
        self.take(&written)
    }
}

impl<'de> DeserializeSeed<'de> for Expected<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Expected<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("canonical JSON")
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.take(b"null")
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<(), E> {
        self.take(if value { b"true" } else { b"false" })
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<(), E> {
        if value > LARGEST_INTEGER {
            return Err(E::custom("beyond what JSON keeps exactly"));
        }
        self.take(value.to_string().as_bytes())
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<(), E> {
        if value.unsigned_abs() > LARGEST_INTEGER {
            return Err(E::custom("beyond what JSON keeps exactly"));
        }
        self.take(value.to_string().as_bytes())
    }

    fn visit_f64<E: Error>(mut self, value: f64) -> Result<(), E> {
        let written = json_canon::to_vec(&value).map_err(E::custom)?;
        self.take(&written)
    }

    fn visit_borrowed_str<E: Error>(mut self, text: &'de str) -> Result<(), E> {
        self.plain(text)
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.escaped(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.take(b"[")?;
        let mut is_first = true;
        loop {
            let mut before = *self.rest;
            if !is_first {
                before = before.strip_prefix(b",").unwrap_or(before);
            }
            let mut after = before;
            if items
                .next_element_seed(Expected { rest: &mut after })?
                .is_none()
            {
                return self.take(b"]");
            }
            if !is_first {
                self.take(b",")?;
            }
            *self.rest = after;
            is_first = false;
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.take(b"{")?;
        let mut last: Option<Name<'de>> = None;
        while let Some(name) = members.next_key_seed(NameSeed)? {
            if let Some(last) = &last {
                if !last.is_before(&name) {
                    return Err(A::Error::custom("members out of order"));
                }
                self.take(b",")?;
            }
            match &name {
                Name::Plain(text) => self.plain(text)?,
                Name::Escaped(text) => self.escaped(text)?,
            }
            self.take(b":")?;
            members.next_value_seed(Expected {
                rest: &mut *self.rest,
            })?;
            last = Some(name);
        }
        self.take(b"}")
    }
}

/// The name of a member, as it stood: borrowed where it has no escape.
enum Name<'de> {
    Plain(&'de str),
    Escaped(String),
}

impl Name<'_> {
    fn text(&self) -> &str {
        match self {
            Name::Plain(text) => text,
            Name::Escaped(text) => text,
        }
    }

    /// RFC 8785, 3.2.3: by UTF-16 code units, which for ASCII is by bytes.
    fn is_before(&self, other: &Self) -> bool {
        let (one, other) = (self.text(), other.text());
        if one.is_ascii() && other.is_ascii() {
            one < other
        } else {
            one.encode_utf16().lt(other.encode_utf16())
        }
    }
}

struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Name<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Name<'de>, E> {
        Ok(Name::Plain(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name<'de>, E> {
        Ok(Name::Escaped(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<f64>()
                .prop_filter("written as an integer too large", |it| !(9e15..1e21)
                    .contains(&it.abs()))
                .prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..5).prop_map(Value::from),
                btree_map(any::<String>(), inner, 0..5).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_canonical_writes_is_canonical(value in any_value()) {
            prop_assert!(is_canonical(&canonical(&value).unwrap()));
        }

        #[test]
        fn of_all_spellings_only_the_one_is_canonical(value in any_value(), place: prop::sample::Index, byte: u8) {
            let written = canonical(&value).unwrap();
            let mut other = written.clone();
            let place = place.index(other.len());
            other[place] = byte;
            let again = serde_json::from_slice::<Value>(&other).ok().and_then(|value| canonical(&value).ok());
            prop_assert_eq!(is_canonical(&other), again.as_ref() == Some(&other));
            let spaced = serde_json::to_vec_pretty(&value).unwrap();
            prop_assert_eq!(is_canonical(&spaced), spaced == written);
        }
    }

    #[test]
    fn what_merely_means_the_same_is_not_canonical() {
        for text in [
            "",
            " 1",
            "1 ",
            "01",
            "1.0",
            "-0",
            "1e0",
            "[1, 2]",
            "[1,2,]",
            "[1,,2]",
            "{\"b\":1,\"a\":2}",
            "{\"a\":1,\"a\":1}",
            "{\"a\" :1}",
            "{\"a\": 1}",
            "\"\\u0041\"",
            "\"\\/\"",
            "\"\\u001F\"",
            "\"\\u000a\"",
            "9007199254740992",
            "-9007199254740992",
            "[",
            "nul",
            "1 2",
            "{\"a\":1}}",
            "{\"\u{fb33}\":1,\"\u{1f600}\":2}",
        ] {
            assert!(!is_canonical(text.as_bytes()), "{text}");
        }
        for value in [
            json!([]),
            json!({}),
            json!([[], {}, [{}]]),
            json!({"": ""}),
            json!("\u{1f}\n\"\\/é"),
            json!({"\u{1f600}": 1, "\u{fb33}": 2}),
            json!([-9_007_199_254_740_991_i64, 0.5, 1e30]),
        ] {
            assert!(is_canonical(&canonical(&value).unwrap()), "{value}");
        }
        let deep = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat();
        assert!(is_canonical(deep(127).as_bytes()));
        assert!(!is_canonical(deep(128).as_bytes()));
    }
}
