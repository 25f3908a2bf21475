//! The names in a JSON text and nothing else of it: no value is kept while it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::propose::envelope::is_envelope;

/// An object's names with what stands under them; a list's are those of its elements together.
#[derive(Debug, Default)]
pub(super) struct Outline(BTreeMap<String, Outline>);

impl Outline {
    /// The names of the thing that was sent, at most so many.
    pub(super) fn fields(&self, most: usize) -> BTreeSet<String> {
        let mut fields = BTreeSet::new();
        let mut waiting = vec![self];
        while let Some(outline) = waiting.pop() {
            for (name, inner) in &outline.0 {
                if fields.len() >= most {
                    return fields;
                }
                fields.insert(name.clone());
                waiting.extend(is_envelope(name, outline.0.len()).then_some(inner));
            }
        }
        fields
    }

    fn absorb(&mut self, other: Self) {
        for (name, inner) in other.0 {
            self.0.entry(name).or_default().absorb(inner);
        }
    }
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Outline;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_str<E>(self, _: &str) -> Result<Outline, E> {
                Ok(Outline::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Outline, E> {
                Ok(Outline::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Outline, E> {
                Ok(Outline::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Outline, E> {
                Ok(Outline::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Outline, E> {
                Ok(Outline::default())
            }
            fn visit_unit<E>(self) -> Result<Outline, E> {
                Ok(Outline::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Outline, A::Error> {
                let mut outline = Outline::default();
                while let Some(element) = seq.next_element::<Outline>()? {
                    outline.absorb(element);
                }
                Ok(outline)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
                /// Names of one object that are looked at.
                const MOST: usize = 1_000;
                let mut outline = Outline::default();
                while let Some(name) = map.next_key::<String>()? {
                    if outline.0.len() < MOST {
                        let inner = map.next_value::<Outline>()?;
                        outline.0.entry(name).or_default().absorb(inner);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(outline)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
