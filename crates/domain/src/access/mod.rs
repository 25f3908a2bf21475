//! One request inside a session: which operation it is, whether the session may do it, and what stays of it.

mod admit;
mod fold;
mod graphql;
mod record;
mod redact;
mod routes;
mod template;

pub use admit::{LiveScope, NotAdmitted, Permit, Used};
pub use fold::{FoldedRoute, folded};
pub use graphql::{
    GraphqlCall, GraphqlKind, RootField, RootFieldError, SelectedField, is_document_hash,
    is_graphql_name,
};
pub use record::{Admitted, AdmittedBy, Completed, Outcome, RefusedInSession};
pub use redact::{REDACTED, redacted_method, redacted_path};
pub use routes::{Endpoint, Matched, OperationSet, RouteError, RoutePattern, RouteTable};
