//! The data plane: a reverse proxy that admits only with a permit, records before it forwards, and cuts.
//!
//! Live sessions are in memory, fed by the commit stream; per request nothing asks a database or a policy
//! engine, nothing is signed, and nobody waits for a lock (a connection registers with its session once). A request's way through the modules: `door` (bytes
//! judged before they are parsed) → `request` (which application, whose session, which operation) → `session`
//! (the exchange, and its record) → `upstream` → `answer` (jar, banner) and back. `own` is what the gateway
//! answers itself.
//!
//! Nothing here reaches the store. Whoever holds a [`Gateway`] can open and end sessions on this node; whoever
//! holds its keys can be anybody in every application.

mod answer;
mod door;
mod gateway;
mod graphql;
mod keys;
mod own;
mod ports;
mod recorder;
mod request;
mod session;
mod settings;
mod site;
mod upstream;
mod watch;

pub use gateway::{Cut, Gateway, LiveView, Pass, PassError, TicketError};
pub use keys::AssertionKeys;
pub use ports::{
    AccessRecorder, Clock, EndNotRecorded, EndOrders, Listener, Ports, Random, RecordNotKept,
    Strangers,
};
pub use settings::{GatewaySettings, Limits};
pub use site::{InstallError, SiteProblem};
pub use upstream::UpstreamError;
