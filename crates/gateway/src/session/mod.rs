//! What the gateway knows of live sessions: in memory, fed by the commit stream, gone with them.

mod assertion;
mod credentials;
mod exchange;
mod expiry;
mod jar;
mod live;
mod progress;
mod recent;
mod ticket;

pub(crate) use assertion::CurrentAssertion;
pub(crate) use credentials::{CredentialDigest, Credentials, Shown, digest};
pub(crate) use exchange::{Exchange, Records, record_bytes};
pub(crate) use expiry::{Due, Timetable};
pub(crate) use jar::Jar;
pub(crate) use live::{EndNote, LiveApplication, LiveSession, Opened};
pub(crate) use recent::Recent;
pub(crate) use ticket::{Stage, TICKET_LIFE_MS, Ticket, Tickets};
