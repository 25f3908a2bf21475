//! A request's way in: which application, whose session, which operation, and what of it goes on.

mod admit;
mod authenticate;
mod cookies;
mod document;
mod door;
mod fetch_metadata;
mod forward;
mod forwarding;
mod host;
mod outgoing;
mod path;
mod spool;
mod strip;
mod upload;
mod usage;

pub(crate) use authenticate::authenticate;
pub(crate) use cookies::named as cookies_named;
pub(crate) use door::Door;
pub(crate) use fetch_metadata::{FetchSite, is_ahead};
pub(crate) use host::host_name;
pub(crate) use strip::StripList;
pub(crate) use strip::connection_names;
pub(crate) use upload::{Upload, UploadProgress};
