//! Who is asking, and through which door.

use locum_domain::PrincipalId;

/// The way a command came in. Every door takes the same decisions; the door is evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Api,
    Console,
    Token,
    Gateway,
}

/// A known principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub principal: PrincipalId,
    pub door: Door,
    /// The only version of what they act on that they mean; `None` means whatever stands there.
    pub on_version: Option<u64>,
}

impl Caller {
    /// This principal, through this door.
    pub fn new(principal: PrincipalId, door: Door) -> Self {
        Self {
            principal,
            door,
            on_version: None,
        }
    }

    /// The same, meaning this version and no other; 0 is no version of anything that is there.
    pub fn on_version(self, version: u64) -> Self {
        Self {
            on_version: Some(version),
            ..self
        }
    }
}
