//! What goes back to the client: the application's answer under the banner, or a refusal that says why.

mod asked;
mod banner;
mod bannered;
mod body;
mod coding;
mod content_policy;
mod download;
mod from_application;
mod page;
mod preference;
mod refusal;
mod session_header;

pub(crate) use asked::Asked;
pub(crate) use banner::STYLESHEET;
pub(crate) use body::Answer;
pub(crate) use from_application::from_application;
pub(crate) use page::Page;
pub(crate) use preference::prefers_html;
pub(crate) use refusal::RefusalAnswer;
