//! JSON bodies: media type, syntax, shape. What is wrong is said with the place where it is.

use axum::http::{HeaderMap, StatusCode, header};
use locum_domain::{Denial, Refusal};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A body without members, for verbs that need none.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Why a body is not what the verb takes, and the status this travels with.
pub(crate) type Misread = (StatusCode, Refusal);

/// Reads a body. An empty one stands for an object without members.
pub(crate) fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Misread> {
    let body = body.trim_ascii();
    if body.is_empty() {
        return shape(Value::Object(serde_json::Map::new()));
    }
    if !is_json(headers) {
        let refusal = Denial::Malformed.because("the body must be `application/json`");
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, refusal));
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        let refusal = Denial::Malformed.because(format!("the body is not JSON: {error}"));
        (StatusCode::BAD_REQUEST, refusal)
    })?;
    shape(value)
}

/// A body without a content type is taken for what it should be.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let essence = value.to_str().unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn shape<T: DeserializeOwned>(value: Value) -> Result<T, Misread> {
    let wrong = |refusal| (StatusCode::UNPROCESSABLE_ENTITY, refusal);
    if let Some(pointer) = not_an_object(&value) {
        let refusal = Denial::Malformed.because("an object belongs here");
        return Err(wrong(refusal.at(pointer)));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let said = error.inner().to_string();
        let mut pointer = pointer(error.path());
        // The path of a member that is missing or too much ends at the object it belongs to.
        let member = said
            .strip_prefix("missing field `")
            .or_else(|| said.strip_prefix("unknown field `"))
            .and_then(|rest| rest.split_once('`'))
            .map(|(member, _)| format!("/{}", escaped(member)));
        if let Some(member) = member
            && !pointer.ends_with(&member)
        {
            pointer.push_str(&member);
        }
        wrong(Denial::Malformed.because(said).at(pointer))
    })
}

/// Lists pass for objects with serde, and must not here.
fn not_an_object(value: &Value) -> Option<String> {
    let Value::Object(members) = value else {
        return Some(String::new());
    };
    let Some(Value::Array(applications)) = members.get("applications") else {
        return None;
    };
    let odd = applications.iter().position(|item| !item.is_object());
    odd.map(|index| format!("/applications/{index}"))
}

/// A path as RFC 6901 writes it.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segment = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escaped(key)),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(segment).collect()
}

fn escaped(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use locum_api::RequestBody;

    use super::*;

    fn misread(body: &str) -> (u16, Option<String>) {
        let (status, refusal) =
            parse::<RequestBody>(&HeaderMap::new(), body.as_bytes()).unwrap_err();
        (status.as_u16(), refusal.pointer)
    }

    #[test]
    fn what_is_not_json_is_400_and_what_has_another_shape_is_422_with_its_place() {
        assert_eq!(misread("{\"case\":").0, 400);
        assert_eq!(misread("{} {}").0, 400);
        assert_eq!(misread("\u{0}").0, 400);
        let at = |pointer: &str| (422, Some(pointer.to_owned()));
        assert_eq!(misread(""), at("/case"));
        assert_eq!(misread("[]"), at(""));
        assert_eq!(misread("{\"case\": 31}"), at("/case"));
        assert_eq!(misread("{\"colour/red\": 1}"), at("/colour~1red"));
        let body =
            r#"{"case":"d:1","reason":"r","duration_minutes":1,"applications":[APPLICATION]}"#;
        for (application, pointer) in [
            (r#"{"application":"a"}"#, "/applications/0/operations"),
            (
                r#"{"application":"a","operations":[1]}"#,
                "/applications/0/operations/0",
            ),
            (r#"["a",["b"]]"#, "/applications/0"),
        ] {
            assert_eq!(
                misread(&body.replace("APPLICATION", application)),
                at(pointer)
            );
        }
        assert_eq!(
            misread(&body.replace("APPLICATION", "").replace(":1,", ":-1,")),
            at("/duration_minutes")
        );
    }

    #[test]
    fn a_form_is_no_json() {
        let mut headers = HeaderMap::new();
        let form = "application/x-www-form-urlencoded".parse().unwrap();
        headers.insert(header::CONTENT_TYPE, form);
        let (status, _) = parse::<Nothing>(&headers, b"{}").unwrap_err();
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(parse::<Nothing>(&headers, b"").is_ok());
    }
}
