//! One request inside a session: which operation it is, whether the session may do it, and what stays of it.

mod admit;
mod record;
mod routes;

pub use admit::{LiveScope, Permit, Used};
pub use record::{Admitted, Completed, Outcome, RefusedInSession};
pub use routes::{Matched, OperationSet, RouteError, RoutePattern, RouteTable};
