//! One request inside a session: which operation it is, whether the session may do it, and what stays of it.

mod admit;
mod fold;
mod graphql;
mod record;
mod routes;
mod template;

pub use admit::{LiveScope, NotAdmitted, Permit, Used};
pub use fold::{FoldedRoute, folded};
pub use graphql::{
    GraphqlCall, GraphqlKind, RootField, RootFieldError, SelectedField, is_document_hash,
    is_graphql_name,
};
pub use record::{Admitted, Completed, Outcome, RefusedInSession};
pub use routes::{Endpoint, Matched, OperationSet, RouteError, RoutePattern, RouteTable};
