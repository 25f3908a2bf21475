//! The pages, one file each. The listing is the console's table of contents.

pub(crate) mod card;
pub(crate) mod deciding;
pub(crate) mod event;
pub(crate) mod filing;
pub(crate) mod holds;
pub(crate) mod login;
pub(crate) mod moves;
pub(crate) mod new_request;
pub(crate) mod open;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod request_list;
pub(crate) mod review;
pub(crate) mod review_list;
pub(crate) mod session;
pub(crate) mod session_list;
pub(crate) mod stop;
pub(crate) mod today;
pub(crate) mod welcome;
