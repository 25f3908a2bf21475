//! The client data: what the browser says it was asked, and by which page (§5.8.1).

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::Ceremony;

/// Why client data does not belong to the ceremony.
#[derive(Debug, thiserror::Error)]
pub enum ClientDataError {
    #[error("the client data is not a JSON object with each member once")]
    Json(#[source] serde_json::Error),
    #[error("the client data is of type `{found}` and not `{expected}`")]
    Type {
        found: String,
        expected: &'static str,
    },
    #[error("the client data answers another challenge")]
    Challenge,
    #[error("the client data is of origin `{found}` and not `{expected}`")]
    Origin { found: String, expected: String },
    #[error("the ceremony ran inside a page of another origin")]
    CrossOrigin,
}

/// Which ceremony client data is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Create,
    Get,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// The members that are judged. A client may add others (§5.8.1: "additional keys may be added").
struct ClientData {
    kind: String,
    challenge: String,
    origin: String,
    cross_origin: Option<bool>,
    has_top_origin: bool,
}

/// Steps 5 to 11 of §7.1, and 8 to 14 of §7.2, which are the same but for the type. A byte order mark, which decoding
/// may strip, is refused: no browser writes one.
///
/// # Errors
/// [`ClientDataError`] naming the first member that is wrong.
pub(super) fn check(
    json: &[u8],
    kind: Kind,
    ceremony: &Ceremony<'_>,
) -> Result<(), ClientDataError> {
    let said: ClientData = serde_json::from_slice(json).map_err(ClientDataError::Json)?;
    if said.kind != kind.as_str() {
        return Err(ClientDataError::Type {
            found: shortened(&said.kind),
            expected: kind.as_str(),
        });
    }
    // Compared as text: the one unpadded spelling, so that no second text stands for the same bytes.
    if said.challenge != URL_SAFE_NO_PAD.encode(ceremony.challenge) {
        return Err(ClientDataError::Challenge);
    }
    if said.origin != ceremony.origin {
        return Err(ClientDataError::Origin {
            found: shortened(&said.origin),
            expected: ceremony.origin.to_owned(),
        });
    }
    if said.cross_origin == Some(true) || said.has_top_origin {
        return Err(ClientDataError::CrossOrigin);
    }
    Ok(())
}

/// A stranger's text for an error message.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

impl<'de> Deserialize<'de> for ClientData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// Reads the object member by member: which of two members with one name counts is a matter of taste, so neither
/// does.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = ClientData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `type`, `challenge` and `origin`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ClientData, A::Error> {
        let mut seen = BTreeSet::new();
        let (mut kind, mut challenge, mut origin) = (None, None, None);
        let (mut cross_origin, mut has_top_origin) = (None, false);
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "type" => kind = Some(members.next_value::<String>()?),
                "challenge" => challenge = Some(members.next_value::<String>()?),
                "origin" => origin = Some(members.next_value::<String>()?),
                "crossOrigin" => cross_origin = Some(members.next_value::<bool>()?),
                "topOrigin" => {
                    // Whatever it says: it is only there when another page stood around this one.
                    members.next_value::<Value>()?;
                    has_top_origin = true;
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
            if !seen.insert(name) {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(ClientData {
            kind: kind.ok_or_else(|| A::Error::missing_field("type"))?,
            challenge: challenge.ok_or_else(|| A::Error::missing_field("challenge"))?,
            origin: origin.ok_or_else(|| A::Error::missing_field("origin"))?,
            cross_origin,
            has_top_origin,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CEREMONY: Ceremony<'static> = Ceremony {
        rp_id: "locum.example",
        origin: "https://locum.example",
        challenge: &[0xfb, 0xff, 0xfe],
    };

    fn judged(json: &str) -> Result<(), ClientDataError> {
        check(json.as_bytes(), Kind::Get, &CEREMONY)
    }

    fn with(members: &str) -> String {
        format!(
            r#"{{"type":"webauthn.get","challenge":"-__-","origin":"https://locum.example"{members}}}"#
        )
    }

    #[test]
    fn r13_client_data_as_browsers_write_it_is_taken() {
        for members in [
            "",
            r#","crossOrigin":false"#,
            r#","crossOrigin":false,"other_keys_can_be_added_here":"do not compare clientDataJSON against a template""#,
        ] {
            assert!(judged(&with(members)).is_ok(), "{members}");
        }
    }

    #[test]
    fn r13_another_spelling_of_the_same_challenge_is_another_challenge() {
        for challenge in ["+//+", "-__-=", "-__-\\n", "-__+", "", "AAAA"] {
            let json = with("").replace("-__-", challenge);
            assert!(
                matches!(judged(&json), Err(ClientDataError::Challenge)),
                "{challenge}"
            );
        }
    }

    #[test]
    fn r13_a_ceremony_inside_another_page_is_refused() {
        for members in [
            r#","crossOrigin":true"#,
            r#","topOrigin":"https://evil.example""#,
            r#","crossOrigin":false,"topOrigin":"https://locum.example""#,
            r#","topOrigin":null"#,
        ] {
            let refused = judged(&with(members));
            assert!(
                matches!(refused, Err(ClientDataError::CrossOrigin)),
                "{members}"
            );
        }
        assert!(matches!(
            judged(&with(r#","crossOrigin":"false""#)),
            Err(ClientDataError::Json(_))
        ));
    }

    #[test]
    fn r13_a_member_that_stands_twice_is_refused_whichever_would_count() {
        for members in [
            r#","type":"webauthn.get""#,
            r#","challenge":"-__-""#,
            r#","origin":"https://evil.example""#,
            r#","\u006frigin":"https://locum.example""#,
            r#","crossOrigin":false,"crossOrigin":false"#,
            r#","x":1,"x":1"#,
        ] {
            let refused = judged(&with(members));
            assert!(
                matches!(refused, Err(ClientDataError::Json(_))),
                "{members}"
            );
        }
    }

    #[test]
    fn r13_what_is_no_object_of_text_is_refused() {
        for json in [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            with("") + "x",
            format!("\u{feff}{}", with("")),
            with("").replace("\"-__-\"", "[\"-__-\"]"),
        ] {
            assert!(
                matches!(judged(&json), Err(ClientDataError::Json(_))),
                "{json}"
            );
        }
    }

    #[test]
    fn r13_an_origin_is_compared_whole() {
        for origin in [
            "https://locum.example/",
            "http://locum.example",
            "https://locum.example:8443",
            "https://locum.example.evil.example",
            "https://sub.locum.example",
            "HTTPS://locum.example",
            "null",
        ] {
            let json = with("").replace("https://locum.example", origin);
            assert!(
                matches!(judged(&json), Err(ClientDataError::Origin { .. })),
                "{origin}"
            );
        }
    }
}
