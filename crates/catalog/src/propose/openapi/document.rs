//! What of an OpenAPI document is read: paths, names, and what is sent and answered. Everything else is skipped while
//! parsing, so that a strange schema does not hide the paths, and 3.0 and 3.1 are read alike.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// A document.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Document {
    pub(super) openapi: Option<Text>,
    /// Swagger 2.0 begins with this.
    pub(super) swagger: Option<Text>,
    pub(super) servers: Option<Vec<Server>>,
    pub(super) paths: Named<PathItem>,
    pub(super) components: Components,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Components {
    pub(super) schemas: Named<Schema>,
    pub(super) request_bodies: Named<Body>,
    pub(super) responses: Named<Body>,
    pub(super) path_items: Named<PathItem>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Server {
    pub(super) url: String,
    pub(super) variables: Named<Variable>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Variable {
    pub(super) default: Option<Text>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct PathItem {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
    pub(super) servers: Option<Vec<Server>>,
    pub(super) get: Option<Operation>,
    pub(super) put: Option<Operation>,
    pub(super) post: Option<Operation>,
    pub(super) delete: Option<Operation>,
    pub(super) options: Option<Operation>,
    pub(super) head: Option<Operation>,
    pub(super) patch: Option<Operation>,
    pub(super) trace: Option<Operation>,
}

impl PathItem {
    /// Every operation with its method.
    pub(super) fn operations(&self) -> impl Iterator<Item = (&'static str, &Operation)> {
        [
            ("GET", &self.get),
            ("PUT", &self.put),
            ("POST", &self.post),
            ("DELETE", &self.delete),
            ("OPTIONS", &self.options),
            ("HEAD", &self.head),
            ("PATCH", &self.patch),
            ("TRACE", &self.trace),
        ]
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) tags: Option<Vec<Text>>,
    pub(super) summary: Option<Text>,
    pub(super) operation_id: Option<Text>,
    pub(super) deprecated: Option<bool>,
    pub(super) servers: Option<Vec<Server>>,
    pub(super) request_body: Option<Body>,
    pub(super) responses: Named<Body>,
}

/// A request body or a response.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Body {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
    /// By media type.
    pub(super) content: Named<Media>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Media {
    pub(super) schema: Option<Schema>,
}

/// A schema's own names: what is inside of its properties is not looked at.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) reference: Option<String>,
    pub(super) properties: Vec<String>,
    /// `allOf`, `oneOf` and `anyOf` together.
    pub(super) parts: Vec<Schema>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SchemaObject {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    properties: Named<Ignored>,
    all_of: Option<Vec<Schema>>,
    one_of: Option<Vec<Schema>>,
    any_of: Option<Vec<Schema>>,
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(object) = Lenient::<SchemaObject>::deserialize(deserializer)?.0 else {
            // In 3.1 a schema may be `true` or `false` (JSON Schema 2020-12 §4.3.2).
            return Ok(Self::default());
        };
        let parts = [object.all_of, object.one_of, object.any_of];
        Ok(Self {
            reference: object.reference,
            properties: object.properties.0.into_keys().collect(),
            parts: parts.into_iter().flatten().flatten().collect(),
        })
    }
}

/// Whatever stands there.
#[derive(Debug, Default)]
pub(super) struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// A text, also where YAML reads a number: `operationId: 404`, `openapi: 3.1`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
            fn visit_bool<E>(self, truth: bool) -> Result<Text, E> {
                Ok(Text(truth.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A mapping in the order of its names. `x-` extensions may hold anything and are skipped; so is a value that is no
/// mapping where one is expected.
#[derive(Debug)]
pub(super) struct Named<T>(pub(super) BTreeMap<String, T>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Named<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_unit<E>(self) -> Result<Named<T>, E> {
                Ok(Named::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut named = BTreeMap::new();
                while let Some(Text(name)) = map.next_key()? {
                    if name.starts_with("x-") {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        named.insert(name, map.next_value()?);
                    }
                }
                Ok(Named(named))
            }
        }
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

/// An object, or nothing where something else stands.
struct Lenient<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Lenient<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or a boolean")
            }
            fn visit_bool<E>(self, _: bool) -> Result<Lenient<T>, E> {
                Ok(Lenient(None))
            }
            fn visit_unit<E>(self) -> Result<Lenient<T>, E> {
                Ok(Lenient(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Lenient<T>, A::Error> {
                T::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    .map(|object| Lenient(Some(object)))
            }
        }
        deserializer.deserialize_any(Reader(PhantomData))
    }
}
