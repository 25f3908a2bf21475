//! The personal half of a payload: what an erasure takes away, apart from what stays for ever.
//!
//! An event's body keeps its shape. At each personal place it has the text [`ERASED`], and the values themselves stand
//! beside it behind a salt of their own. The payload's commitment binds the *digest* of that half, so the half can be
//! given up and the commitment still opens; nobody can put other values in its place, nor try out guesses at them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::canonical::{CanonicalError, canonical};
use crate::payload::SALT_BYTES;

/// What stands in a body where a personal value stood. No subject can have it for a name.
pub const ERASED: &str = "erased";

/// Keeps this hash apart from every other use of SHA-256 in the ledger.
const CONTEXT: &[u8] = b"locum-personal/v1\n";

/// The personal values of one event, by their places (JSON Pointers, RFC 6901) in its body.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalValues {
    /// 32 random bytes, fresh for every event: without them a guess at the values shows nothing.
    pub salt: [u8; SALT_BYTES],
    pub values: BTreeMap<String, String>,
}

/// The personal half as it is held: with its values, or as what is left of them.
#[derive(Clone, PartialEq, Eq)]
pub enum Personal {
    Known(PersonalValues),
    /// Its digest alone: salt and values are gone.
    Erased([u8; 32]),
}

/// Why a body and a personal half make no event.
#[derive(Debug, thiserror::Error)]
pub enum PersonalError {
    #[error("the body is not JSON")]
    Json(#[from] serde_json::Error),
    #[error("a value has no canonical bytes")]
    Canonical(#[from] CanonicalError),
    /// The body has no such place, or something else than the text `erased` stands there.
    #[error("nothing was taken out of the body at `{0}`")]
    Place(String),
    /// A personal half without a single value is none.
    #[error("the personal half is empty")]
    Empty,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    salt: locum_tlog::Hash,
    values: BTreeMap<String, String>,
}

impl PersonalValues {
    /// `SHA-256("locum-personal/v1\n" ‖ salt ‖ canonical JSON of the values)`.
    ///
    /// # Errors
    /// [`CanonicalError`]; texts by their names always have canonical bytes.
    pub fn digest(&self) -> Result<[u8; 32], CanonicalError> {
        let mut hash = Sha256::new();
        hash.update(CONTEXT);
        hash.update(self.salt);
        hash.update(self.canonical_values()?);
        Ok(hash.finalize().into())
    }

    /// A map is ordered by bytes, which for ASCII is canonical already; this is done for every access record.
    fn canonical_values(&self) -> Result<Vec<u8>, CanonicalError> {
        if self.values.keys().all(|place| place.is_ascii()) {
            return Ok(serde_json::to_vec(&self.values)?);
        }
        canonical(&self.values)
    }

    /// The half as canonical JSON: `{"salt":"…","values":{…}}`.
    ///
    /// # Errors
    /// As [`PersonalValues::digest`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical(&Form {
            salt: locum_tlog::Hash::from_bytes(self.salt),
            values: self.values.clone(),
        })
    }

    /// Reads what [`PersonalValues::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`PersonalError::Json`] for anything of another form.
    pub fn parse(bytes: &[u8]) -> Result<Self, PersonalError> {
        let form: Form = serde_json::from_slice(bytes)?;
        Ok(Self {
            salt: *form.salt.as_bytes(),
            values: form.values,
        })
    }
}

impl Personal {
    /// What the commitment binds.
    ///
    /// # Errors
    /// As [`PersonalValues::digest`].
    pub fn digest(&self) -> Result<[u8; 32], CanonicalError> {
        match self {
            Personal::Known(values) => values.digest(),
            Personal::Erased(digest) => Ok(*digest),
        }
    }

    /// Whether the values are gone.
    #[must_use]
    pub const fn is_erased(&self) -> bool {
        matches!(self, Personal::Erased(_))
    }
}

/// Neither salt nor values are shown.
impl fmt::Debug for PersonalValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalValues({} places)", self.values.len())
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Personal::Known(values) => values.fmt(f),
            Personal::Erased(_) => f.write_str("Erased"),
        }
    }
}

/// Takes the texts at these places out of a value and leaves [`ERASED`] there. A place is a JSON Pointer in which `*`
/// stands for every member or element; what is no text, or not there, is left alone.
pub fn take_out(value: &mut Value, places: &[&str]) -> BTreeMap<String, String> {
    let mut taken = BTreeMap::new();
    for place in places {
        let steps: Vec<&str> = place.split('/').skip(1).collect();
        take(value, &steps, &mut String::new(), &mut taken);
    }
    taken
}

fn take(
    value: &mut Value,
    steps: &[&str],
    path: &mut String,
    taken: &mut BTreeMap<String, String>,
) {
    let Some((step, rest)) = steps.split_first() else {
        if let Value::String(text) = value {
            let text = std::mem::replace(text, ERASED.to_owned());
            // Two places that overlap take the same text once.
            taken.entry(path.clone()).or_insert(text);
        }
        return;
    };
    let mut enter = |name: &str, value: &mut Value| {
        let length = path.len();
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        take(value, rest, path, taken);
        path.truncate(length);
    };
    match value {
        Value::Object(members) if *step == "*" => {
            for (name, value) in members.iter_mut() {
                enter(name, value);
            }
        }
        Value::Object(members) => {
            if let Some(value) = members.get_mut(*step) {
                enter(step, value);
            }
        }
        Value::Array(items) if *step == "*" => {
            for (index, value) in items.iter_mut().enumerate() {
                enter(&index.to_string(), value);
            }
        }
        _ => {}
    }
}

/// Puts the values back where [`take_out`] took them from.
///
/// # Errors
/// [`PersonalError::Place`] where the body does not say [`ERASED`].
pub fn put_back(value: &mut Value, values: &BTreeMap<String, String>) -> Result<(), PersonalError> {
    for (place, text) in values {
        let at = value.pointer_mut(place);
        let at = at.filter(|at| at.as_str() == Some(ERASED));
        let at = at.ok_or_else(|| PersonalError::Place(place.clone()))?;
        *at = Value::String(text.clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_is_taken_out_is_named_by_its_place_and_goes_back_there() {
        let whole = json!({
            "subject": "jdoe", "actor": "amy",
            "there": {"billing/eu": {"id": "4711", "age": 3}, "crm": {"id": null}},
            "notes": [{"text": "a"}, {"by": "amy"}],
        });
        let mut body = whole.clone();
        let taken = take_out(
            &mut body,
            &["/subject", "/there/*/id", "/notes/*/text", "/nowhere"],
        );
        let places: Vec<&String> = taken.keys().collect();
        assert_eq!(
            places,
            ["/notes/0/text", "/subject", "/there/billing~1eu/id"]
        );
        assert_eq!(body["subject"], "erased");
        assert_eq!(body["actor"], "amy");
        put_back(&mut body, &taken).unwrap();
        assert_eq!(body, whole);
    }

    #[test]
    fn a_value_goes_nowhere_but_where_one_was_taken() {
        let values = BTreeMap::from([("/actor".to_owned(), "eve".to_owned())]);
        for mut body in [json!({"actor": "amy"}), json!({}), json!({"actor": 1})] {
            assert!(put_back(&mut body, &values).is_err(), "{body}");
        }
    }

    #[test]
    fn neither_salt_nor_values_are_printed() {
        let values = PersonalValues {
            salt: [7; 32],
            values: BTreeMap::from([("/subject".to_owned(), "jdoe".to_owned())]),
        };
        assert!(!format!("{:?}", Personal::Known(values)).contains("jdoe"));
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            "[ -~é]{0,8}".prop_map(Value::from),
            Just(Value::from(ERASED)),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c~/]{1,2}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn out_and_back_is_where_it_began(
            whole in tree(),
            places in prop::collection::vec("(/[abc*]){1,3}", 0..4),
        ) {
            let places: Vec<&str> = places.iter().map(String::as_str).collect();
            let mut body = whole.clone();
            let taken = take_out(&mut body, &places);
            let mut again = body.clone();
            prop_assert_eq!(take_out(&mut again, &places).len(), taken.len());
            prop_assert_eq!(&again, &body);
            put_back(&mut body, &taken).unwrap();
            prop_assert_eq!(body, whole);
        }

        #[test]
        fn a_half_reads_back_as_it_was_written(
            salt in any::<[u8; 32]>(),
            values in prop::collection::btree_map("(/[a-z~*]{1,4}){1,3}", ".{0,20}", 0..5),
        ) {
            let half = PersonalValues { salt, values };
            let again = PersonalValues::parse(&half.to_bytes().unwrap()).unwrap();
            prop_assert_eq!(again.digest().unwrap(), half.digest().unwrap());
            prop_assert_eq!(again, half);
        }
    }
}
