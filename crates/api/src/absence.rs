//! Absences on the wire.

use locum_domain::Absence;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who is away, from when to when, and who decides meanwhile what they hold the authority for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsenceBody {
    /// Somebody whose manager the caller is; the caller when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1)]
    pub person: Option<String>,
    /// The first day away.
    #[schema(example = "2026-12-21")]
    pub from: String,
    /// The last day away.
    #[schema(example = "2027-01-03")]
    pub until: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1)]
    pub deputy: Option<String>,
}

/// An absence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AbsenceView {
    pub person: String,
    pub from: String,
    pub until: String,
    pub deputy: Option<String>,
    pub ended: bool,
}

impl From<&Absence> for AbsenceView {
    fn from(absence: &Absence) -> Self {
        Self {
            person: absence.person.to_string(),
            from: absence.from.to_string(),
            until: absence.until.to_string(),
            deputy: absence.deputy.as_ref().map(ToString::to_string),
            ended: absence.is_ended,
        }
    }
}
