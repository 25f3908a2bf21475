//! Sample applications, people, a case desk: the world that `locum demo` shows Locum in.
//!
//! [`apps`] are two business applications that look like real ones and know nothing of Locum but
//! its assertion; [`desk`] is where their customers' cases lie; [`world`] writes the
//! configuration, catalog and policies that join them; [`story`] plays the whole of it by itself. Each program serves on a listener that the
//! caller binds, and ends when the caller says so. Nothing here is a pattern for the security of
//! a real desk: whoever reaches its port may close a case.

use std::sync::Arc;

use jiff::Timestamp;

pub mod apps;
pub mod desk;
mod loopback;
mod page;
mod serving;
pub mod story;
pub mod world;

/// What the time is. The caller decides, so that a test can.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
