//! Sessions on the wire.

use locum_domain::Session;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What activation answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActivationView {
    /// The session.
    pub id: String,
    pub grant: String,
    /// What a program exchanges for access tokens (RFC 8693); dies with the session.
    pub grant_token: String,
    pub event: String,
    pub expires_at: String,
    pub applications: Vec<WayInView>,
}

/// One application and the one-time way in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WayInView {
    pub application: String,
    /// Works once, within 60 seconds.
    pub open_url: String,
    pub base_url: String,
}

/// Which application to open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBody {
    pub application: String,
}

/// One application of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationSessionView {
    pub application: String,
    /// `live`, `ending` (not yet confirmed) or `ended`.
    pub state: String,
    /// The subject's id in this application.
    pub subject: String,
    pub operations: Vec<String>,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    pub id: String,
    /// `live`, `ending` while an application's end is not confirmed, or `ended`.
    pub state: String,
    pub request: String,
    pub grant: String,
    pub event: String,
    pub requester: String,
    pub actor: String,
    pub subject: String,
    pub tenant: Option<String>,
    pub case: String,
    pub break_glass: bool,
    pub applications: Vec<ApplicationSessionView>,
    pub started_at: String,
    pub expires_at: String,
    pub ended_because: Option<String>,
    pub ended_at: Option<String>,
    pub ended_by: Option<String>,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        let state = match (&session.ended, session.unconfirmed().next()) {
            (None, _) => "live",
            (Some(_), Some(_)) => "ending",
            (Some(_), None) => "ended",
        };
        let application = |(id, it): (
            &locum_domain::ApplicationId,
            &locum_domain::session::ApplicationSession,
        )| {
            ApplicationSessionView {
                application: id.to_string(),
                state: it.state.as_str().to_owned(),
                subject: it.subject.clone(),
                operations: it.operations.iter().map(ToString::to_string).collect(),
            }
        };
        let ended = session.ended.as_ref();
        Self {
            id: session.id.to_string(),
            state: state.to_owned(),
            request: session.request.to_string(),
            grant: session.grant.to_string(),
            event: session.event.to_string(),
            requester: session.requester.to_string(),
            actor: session.actor.to_string(),
            subject: session.subject.to_string(),
            tenant: session.tenant.as_ref().map(ToString::to_string),
            case: session.case.to_string(),
            break_glass: session.break_glass,
            applications: session.applications.iter().map(application).collect(),
            started_at: session.started_at.to_string(),
            expires_at: session.end_by.to_string(),
            ended_because: ended.map(|ended| ended.because.as_str().to_owned()),
            ended_at: ended.map(|ended| ended.at.to_string()),
            ended_by: ended
                .and_then(|ended| ended.by.as_ref())
                .map(ToString::to_string),
        }
    }
}
