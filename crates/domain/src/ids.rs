//! Typed identifiers. A prefix says what an id names; nobody can pass a session where a grant is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}")]
pub struct IdError {
    kind: &'static str,
    text: String,
}

macro_rules! prefixed {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// The id with these 16 bytes (a UUID version 7: time first, so that ids sort by age).
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(format!("{}{}", $prefix, hex::encode(bytes)))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Its 16 bytes: what [`Self::from_bytes`] makes the same id of.
            pub fn to_bytes(&self) -> [u8; 16] {
                let digits = self.0.strip_prefix($prefix).unwrap_or_default();
                let mut bytes = [0; 16];
                // Every id that exists has the prefix and 32 digits.
                let _ = hex::decode_to_slice(digits, &mut bytes);
                bytes
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let rest = text.strip_prefix($prefix).unwrap_or_default();
                let is_hexadecimal = rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                if rest.len() == 32 && is_hexadecimal {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { kind: stringify!($name), text: text.chars().take(80).collect() })
                }
            }
        }

        plain_text!($name);
    };
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let fits = !text.is_empty() && text.len() <= 200 && text.trim() == text;
                if fits && text != "*" && !text.chars().any(char::is_control) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { kind: stringify!($name), text: text.chars().take(80).collect() })
                }
            }
        }

        plain_text!($name);
    };
}

macro_rules! plain_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

prefixed!(
    /// One request.
    RequestId, "req_"
);
prefixed!(
    /// One grant: the result of a fully approved request.
    GrantId, "grt_"
);
prefixed!(
    /// One session.
    SessionId, "ses_"
);
prefixed!(
    /// One access event: the whole story of one request and its session, in every application.
    EventId, "evt_"
);
prefixed!(
    /// One review of a finished session.
    ReviewId, "rev_"
);
prefixed!(
    /// One hold: a scope that somebody stopped and nobody lifted yet.
    HoldId, "hld_"
);
prefixed!(
    /// One proposed change of what counts.
    ChangeId, "chg_"
);
prefixed!(
    /// One exception: a closed operation that two people open for a time.
    ExceptionId, "exc_"
);
prefixed!(
    /// One erasure: what the record holds of one subject, taken away by two people.
    ErasureId, "era_"
);
prefixed!(
    /// One authenticator: an enrolled key of one person. Made from the key's thumbprint, so that one key has one id.
    AuthenticatorId, "aut_"
);
prefixed!(
    /// One enrolment: somebody's asking for an authenticator to count.
    EnrolmentId, "enr_"
);
prefixed!(
    /// One access record: what one request through an enforcement point left behind.
    RecordId, "rec_"
);
named!(
    /// A person, service or AI agent, by the id the catalog gives it.
    PrincipalId
);
named!(
    /// A business application, by its catalog id.
    ApplicationId
);
named!(
    /// A named thing one can do in an application.
    OperationId
);
named!(
    /// The user acted as, as the case system names them.
    SubjectId
);
named!(
    /// A vendor, by its catalog id.
    VendorId
);
named!(
    /// A tenant (customer organisation), as the case system or application names it.
    TenantId
);

/// One case in one case system, written `CONNECTOR:NUMBER`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseRef {
    connector: String,
    number: String,
}

impl CaseRef {
    /// The connector's name in the configuration.
    pub fn connector(&self) -> &str {
        &self.connector
    }
    /// The case's number or key in that system.
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl FromStr for CaseRef {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let refused = || IdError {
            kind: "case (CONNECTOR:NUMBER)",
            text: text.chars().take(80).collect(),
        };
        let (connector, number) = text.split_once(':').ok_or_else(refused)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let connector_fits =
            !connector.is_empty() && connector.len() <= 64 && connector.bytes().all(plain);
        // Dots are allowed inside a number and never make a path of it.
        let number_fits = !number.is_empty()
            && number.len() <= 64
            && number.bytes().all(|b| plain(b) || b == b'.')
            && !number.contains("..")
            && !number.starts_with('.');
        if connector_fits && number_fits {
            Ok(Self {
                connector: connector.to_owned(),
                number: number.to_owned(),
            })
        } else {
            Err(refused())
        }
    }
}

impl fmt::Display for CaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.connector, self.number)
    }
}
impl TryFrom<String> for CaseRef {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}
impl From<CaseRef> for String {
    fn from(case: CaseRef) -> String {
        case.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r02_a_case_number_with_path_tricks_is_not_a_case() {
        for trick in [
            "desk:../1",
            "desk:1/2",
            "desk:%2e%2e",
            "desk:",
            ":1",
            "desk",
            "desk:a b",
            "desk:.1",
            "de/sk:1",
            "desk:1\n",
        ] {
            assert!(
                trick.parse::<CaseRef>().is_err(),
                "{trick:?} was taken for a case"
            );
        }
        assert_eq!("desk:INC-12".parse::<CaseRef>().unwrap().number(), "INC-12");
    }

    #[test]
    fn r01_a_star_names_no_application() {
        assert!("*".parse::<ApplicationId>().is_err());
    }

    #[test]
    fn a_session_id_is_not_taken_for_a_grant() {
        let session = SessionId::from_bytes([7; 16]);
        assert!(session.as_str().parse::<GrantId>().is_err());
        assert_eq!(session.as_str().parse::<SessionId>().unwrap(), session);
    }
}
