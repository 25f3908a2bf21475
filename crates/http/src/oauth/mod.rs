//! The OAuth endpoints and what clients must know of them.

mod answer;
mod back_channel;
mod client;
mod device;
mod exchange;
mod form;
mod login;
mod metadata;
mod program;
mod replay;
mod revoke;
mod token;

/// Whether an address answers in OAuth's words rather than with problem details.
pub(crate) fn is_spoken_at(path: &str) -> bool {
    path == "/oauth2" || path.starts_with("/oauth2/") || path == "/login/oidc/back-channel-logout"
}

pub(crate) use answer::{is_said, refused};
pub(crate) use back_channel::log_out;
pub(crate) use device::authorize;
pub(crate) use metadata::{jwks, metadata};
pub(crate) use replay::Replays;
pub(crate) use revoke::revoke;
pub(crate) use token::token;
pub(crate) use {
    back_channel::__path_log_out, device::__path_authorize, metadata::__path_jwks,
    metadata::__path_metadata, revoke::__path_revoke, token::__path_token,
};
