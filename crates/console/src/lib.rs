//! Server-rendered pages over the same use cases.
//!
//! Every page works without a script but for asking an authenticator, asks nothing of any other host, and answers in
//! its first line what it is, whose move it is and until when. Looking is a GET; every change is a POST that carries
//! its login's token. No page decides anything: the verbs of `locum_control` do, and their refusals are pages too.
//!
//! **Whom we trust.** Nobody's form. What a form hides is shown again before it counts: an approval carries the
//! digest of what its page showed, and where a signature is demanded, the approver's own signature over it.

mod ceremony;
mod draft;
mod fetched;
mod guide;
mod page;
mod pages;
mod peer;
mod posted;
mod registration;
mod router;
mod same_site;
mod script;
mod security_headers;
mod shown;
mod signers;
mod signing;
mod state;
mod status;
mod stylesheet;
mod view;
mod visitor;

pub use guide::Guide;
pub use router::router;
pub use state::{ConfirmPass, ConsoleState, IdentityProvider};
