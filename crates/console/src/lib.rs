//! Server-rendered pages over the same use cases.
//!
//! Every page works without a script, asks nothing of any other host, and answers in its first line what it is,
//! whose move it is and until when. Looking is a GET; every change is a POST that carries its login's token. No
//! page decides anything: the verbs of `locum_control` do, and their refusals are pages too.
//!
//! **Whom we trust.** Nobody's form. What a form hides is shown again before it counts: an approval carries the
//! digest of what its page showed.

mod draft;
mod guide;
mod page;
mod pages;
mod posted;
mod return_path;
mod router;
mod same_site;
mod security_headers;
mod shown;
mod state;
mod status;
mod stylesheet;
mod view;
mod visitor;

pub use guide::Guide;
pub use router::router;
pub use state::{ConfirmPass, ConsoleState};
