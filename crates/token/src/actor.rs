//! Who acts: the `act` claim of RFC 8693.

use serde::{Deserialize, Serialize};

/// What kind of principal acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorProfile {
    /// A named person.
    User,
    /// An automation.
    Service,
    /// An AI agent.
    AiAgent,
}

/// The principal who acts as the subject, and at most one more through whom it acts.
///
/// Members that are not known are refused: an actor chain is what the application's own record
/// will name, and nothing in it may go unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Who vouches for the actor's identity.
    pub iss: String,
    /// The actor's id.
    pub sub: String,
    /// What kind of principal it is.
    pub sub_profile: ActorProfile,
    /// On whose behalf the actor acts, when that is not itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<PriorActor>,
}

/// The end of the chain: there is no third actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorActor {
    /// Who vouches for the actor's identity.
    pub iss: String,
    /// The actor's id.
    pub sub: String,
    /// What kind of principal it is.
    pub sub_profile: ActorProfile,
}

impl Actor {
    /// An actor who acts for nobody else.
    pub fn new(iss: impl Into<String>, sub: impl Into<String>, sub_profile: ActorProfile) -> Self {
        Self {
            iss: iss.into(),
            sub: sub.into(),
            sub_profile,
            act: None,
        }
    }
}
