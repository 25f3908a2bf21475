//! One file per use case, and the ports it needs from outside.

pub mod ports;
