//! Connections: accepted, read with suspicion, and cut without a last word.

mod chunks;
mod governed_io;
mod head;
mod linger;
mod listen;
mod scan;
mod wire;

pub(crate) use head::Malformed;
pub(crate) use wire::Wire;
