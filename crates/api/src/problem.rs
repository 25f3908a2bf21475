//! Refusals on the wire: problem details (RFC 9457).

use locum_domain::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A refusal or an error. `type` ends in the reason code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// The reason code alone.
    pub code: String,
    /// What the person who was refused can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// JSON Pointer (RFC 6901) to the place in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The `@id` of the policy that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// What every problem's `type` begins with.
const TYPES: &str = "https://locum.dev/problems/";

impl Problem {
    /// A problem of this status and code.
    pub fn new(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("{TYPES}{code}"),
            title: code.replace('-', " "),
            status,
            detail: detail.into(),
            code: code.to_owned(),
            remedy: None,
            pointer: None,
            rule: None,
        }
    }

    /// The problem that a refusal is on the wire.
    pub fn of(refusal: &Refusal, status: u16) -> Self {
        Self {
            remedy: Some(refusal.remedy().to_owned()),
            pointer: refusal.pointer.clone(),
            rule: refusal.rule.clone(),
            ..Self::new(status, refusal.denial.code(), refusal.detail.clone())
        }
    }
}
