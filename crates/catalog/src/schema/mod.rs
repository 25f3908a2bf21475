//! The JSON Schema of `locum.toml`, for editors. What only a whole deployment shows stays `locum check`'s.

mod keys;

use serde_json::{Map, Value, json};

use keys::{GENERIC, Key, OIDC, ROUNDUP, SETTINGS, Shape};

/// The schema (JSON Schema 2020-12).
pub fn settings() -> Value {
    let mut root = object(SETTINGS);
    let connectors = json!({
        "type": "object",
        "description": "The case systems. Cases are written NAME:NUMBER.",
        "propertyNames": { "pattern": "^[A-Za-z0-9_-]{1,64}$" },
        "additionalProperties": { "oneOf": [object(GENERIC), object(ROUNDUP)] },
    });
    put(&mut root, "connectors", connectors);
    if let Some(Value::Object(login)) = root
        .get_mut("properties")
        .and_then(|properties| properties.get_mut("login"))
    {
        put(login, "oidc", Value::Object(object(OIDC)));
    }
    root.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    root.insert("title".to_owned(), json!("locum.toml"));
    Value::Object(root)
}

/// A table with these keys and no others; dots lead into tables below it.
fn object(keys: &[Key]) -> Map<String, Value> {
    let mut object = empty();
    for key in keys {
        place(&mut object, &key.path.split('.').collect::<Vec<_>>(), key);
    }
    object
}

fn empty() -> Map<String, Value> {
    let table = json!({ "type": "object", "properties": {}, "required": [], "additionalProperties": false });
    match table {
        Value::Object(table) => table,
        _ => Map::new(),
    }
}

fn place(table: &mut Map<String, Value>, path: &[&str], key: &Key) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    if key.is_needed {
        need(table, name);
    }
    if rest.is_empty() {
        let mut shape = shape(key.shape);
        shape.insert("description".to_owned(), json!(key.says));
        put(table, name, Value::Object(shape));
        return;
    }
    let Some(Value::Object(properties)) = table.get_mut("properties") else {
        return;
    };
    let below = properties
        .entry(*name)
        .or_insert_with(|| Value::Object(empty()));
    if let Value::Object(below) = below {
        place(below, rest, key);
    }
}

fn put(table: &mut Map<String, Value>, name: &str, value: Value) {
    if let Some(Value::Object(properties)) = table.get_mut("properties") {
        properties.insert(name.to_owned(), value);
    }
}

fn need(table: &mut Map<String, Value>, name: &str) {
    if let Some(Value::Array(required)) = table.get_mut("required")
        && !required.iter().any(|known| known == name)
    {
        required.push(json!(name));
    }
}

fn shape(shape: Shape) -> Map<String, Value> {
    let value = match shape {
        Shape::Text => json!({ "type": "string", "minLength": 1 }),
        Shape::Texts => {
            json!({ "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1 })
        }
        Shape::Count => json!({ "type": "integer", "minimum": 1 }),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::Listener => json!({ "type": "string", "pattern": ":[0-9]{1,5}$" }),
        Shape::Web => json!({ "type": "string", "pattern": "^https?://" }),
        Shape::Secret => {
            json!({ "type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$" })
        }
        Shape::Networks => {
            let pattern = "^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$";
            json!({ "type": "array", "items": { "type": "string", "pattern": pattern } })
        }
        Shape::Pair => {
            json!({
                "type": "array", "items": { "type": "string", "minLength": 1 },
                "minItems": 2, "maxItems": 2, "uniqueItems": true,
            })
        }
        Shape::WordsByName(words) => {
            json!({ "type": "object", "additionalProperties": { "enum": words } })
        }
        Shape::Pointer => json!({ "type": "string", "pattern": "^(/([^~]|~[01])*)+$" }),
    };
    match value {
        Value::Object(shape) => shape,
        _ => Map::new(),
    }
}
