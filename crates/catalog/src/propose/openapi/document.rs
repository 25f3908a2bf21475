//! What of an OpenAPI document is read: paths, names, and what is sent and answered. Everything else is skipped while
//! parsing, so that a strange schema does not hide the paths, and 2.0 to 3.2 are read alike.

use serde::de::{Deserialize, Deserializer};

use super::lenient::{Lenient, Listed, Named, Text};
use crate::propose::envelope::is_envelope;

/// A document.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) openapi: Option<Text>,
    /// Swagger 2.0 begins with this.
    pub(super) swagger: Option<Text>,
    pub(super) servers: Listed<Lenient<Server>>,
    pub(super) paths: Named<PathItem>,
    pub(super) components: Lenient<Components>,
    // Where 2.0 keeps what 3.0 has in `servers` and `components`.
    pub(super) base_path: Option<Text>,
    pub(super) produces: Listed<Text>,
    definitions: Named<Schema>,
    parameters: Named<Parameter>,
    responses: Named<Body>,
}

impl Document {
    pub(super) fn schema(&self, name: &str) -> Option<&Schema> {
        let components = self.components.0.as_ref();
        components
            .and_then(|it| it.schemas.0.get(name))
            .or_else(|| self.definitions.0.get(name))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.0.get(name)
    }

    pub(super) fn request_body(&self, name: &str) -> Option<&Body> {
        self.components.0.as_ref()?.request_bodies.0.get(name)
    }

    pub(super) fn response(&self, name: &str) -> Option<&Body> {
        let components = self.components.0.as_ref();
        components
            .and_then(|it| it.responses.0.get(name))
            .or_else(|| self.responses.0.get(name))
    }

    pub(super) fn path_item(&self, name: &str) -> Option<&PathItem> {
        self.components.0.as_ref()?.path_items.0.get(name)
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Components {
    schemas: Named<Schema>,
    request_bodies: Named<Body>,
    responses: Named<Body>,
    path_items: Named<PathItem>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Server {
    pub(super) url: Text,
    pub(super) variables: Named<Variable>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Variable {
    pub(super) default: Option<Text>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PathItem {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<Text>,
    pub(super) servers: Listed<Lenient<Server>>,
    /// Of 2.0, where a body is one of them.
    pub(super) parameters: Listed<Lenient<Parameter>>,
    get: Lenient<Operation>,
    put: Lenient<Operation>,
    post: Lenient<Operation>,
    delete: Lenient<Operation>,
    options: Lenient<Operation>,
    head: Lenient<Operation>,
    patch: Lenient<Operation>,
    trace: Lenient<Operation>,
    /// 3.2 (§4.8.9) knows this method, and others by their names.
    query: Lenient<Operation>,
    additional_operations: Named<Operation>,
}

impl PathItem {
    /// Every operation with its method.
    pub(super) fn operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        let others = &self.additional_operations.0;
        [
            ("GET", &self.get),
            ("PUT", &self.put),
            ("POST", &self.post),
            ("DELETE", &self.delete),
            ("OPTIONS", &self.options),
            ("HEAD", &self.head),
            ("PATCH", &self.patch),
            ("TRACE", &self.trace),
            ("QUERY", &self.query),
        ]
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.0.as_ref()?)))
        .chain(others.iter().map(|(method, it)| (method.as_str(), it)))
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Operation {
    /// No version of the standard has one here, and documents of several files do.
    #[serde(rename = "$ref")]
    pub(super) reference: Option<Text>,
    pub(super) tags: Listed<Text>,
    pub(super) summary: Text,
    pub(super) operation_id: Text,
    pub(super) deprecated: Text,
    pub(super) servers: Listed<Lenient<Server>>,
    pub(super) request_body: Lenient<Body>,
    pub(super) responses: Named<Body>,
    // Of 2.0.
    pub(super) parameters: Listed<Lenient<Parameter>>,
    pub(super) produces: Listed<Text>,
}

/// A request body or a response.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Body {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<Text>,
    /// By media type.
    pub(super) content: Named<Media>,
    /// Of a response of 2.0.
    pub(super) schema: Schema,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Media {
    pub(super) schema: Schema,
}

/// A parameter, looked at where it is or stands in a body (2.0).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Parameter {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<Text>,
    #[serde(rename = "in")]
    pub(super) place: Text,
    pub(super) name: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) schema: Schema,
}

/// A schema's own names, and those in its envelopes: what is inside of other properties is about another thing.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) reference: Option<String>,
    pub(super) is_file: bool,
    pub(super) properties: Vec<String>,
    /// `allOf`, `oneOf` and `anyOf` together, a list's elements, and what lies in an envelope.
    pub(super) parts: Vec<Schema>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SchemaObject {
    #[serde(rename = "$ref")]
    reference: Option<Text>,
    #[serde(rename = "type")]
    kind: Text,
    properties: Named<Schema>,
    items: Option<Box<Schema>>,
    all_of: Listed<Schema>,
    one_of: Listed<Schema>,
    any_of: Listed<Schema>,
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // From 3.1 on a schema may be `true` or `false` (JSON Schema 2020-12 §4.3.2).
        let object = Lenient::<SchemaObject>::deserialize(deserializer)?.0;
        let object = object.unwrap_or_default();
        let mut schema = Self {
            reference: object.reference.map(|reference| reference.0),
            is_file: object.kind.0 == "file",
            ..Self::default()
        };
        let count = object.properties.0.len();
        for (name, inner) in object.properties.0 {
            if is_envelope(&name, count) {
                schema.parts.push(inner);
            }
            schema.properties.push(name);
        }
        let parts = [object.all_of, object.one_of, object.any_of];
        schema.parts.extend(parts.into_iter().flat_map(|it| it.0));
        schema.parts.extend(object.items.map(|items| *items));
        Ok(schema)
    }
}
