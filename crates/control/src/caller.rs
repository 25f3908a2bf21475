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
}

impl Caller {
    /// This principal, through this door.
    pub fn new(principal: PrincipalId, door: Door) -> Self {
        Self { principal, door }
    }
}
