//! What a GraphQL request asks for, read from its document: the envelope it came in, the operation that it names,
//! and that operation's root fields with aliases and fragments resolved.
//!
//! Whatever two servers could read differently is not read here: a member that occurs twice or that nobody knows,
//! a query beside a body, a block string, a lone carriage return. Nothing is repaired, and the bytes go on as they
//! came. What cannot be read is unclassified, like a route that nobody listed.

mod document;
mod envelope;
mod json;
mod query;
mod unread;

use std::collections::BTreeMap;

use http::request::Parts;
use locum_domain::access::GraphqlCall;
use serde_json::Value;

pub(crate) use unread::Unread;

/// More than any client sends by hand; what is longer is no document that somebody wrote.
pub(crate) const LONGEST_BODY: usize = 64 * 1024;

/// Calls in one batch.
const MOST_CALLS: usize = 16;

/// Root fields in one request: each is a record of its own.
const MOST_FIELDS: usize = 64;

/// One call as its envelope says it.
#[derive(Debug, PartialEq)]
struct Envelope {
    text: Option<String>,
    operation_name: Option<String>,
    variables: BTreeMap<String, Value>,
    /// The document's SHA-256, lower-case hexadecimal.
    sha256: Option<String>,
}

/// What must hold before a body is read at all.
///
/// # Errors
/// When the head alone says that it will not be understood.
pub(crate) fn check_head(parts: &Parts) -> Result<(), Unread> {
    envelope::check_head(parts)
}

/// The calls of a request; `body` is all of it, and empty for GET and HEAD.
///
/// # Errors
/// Why it is unclassified.
pub(crate) fn calls(parts: &Parts, body: &[u8]) -> Result<Vec<GraphqlCall>, Unread> {
    let is_safe = parts.method != http::Method::POST;
    let envelopes = if is_safe {
        vec![query::envelope(parts.uri.query().unwrap_or_default())?]
    } else {
        envelope::read(body)?
    };
    if envelopes.len() > MOST_CALLS {
        return Err(Unread::TooMany);
    }
    let mut calls = Vec::with_capacity(envelopes.len());
    let mut fields = 0_usize;
    for envelope in &envelopes {
        let call = call(envelope, is_safe)?;
        if let GraphqlCall::Document { fields: found, .. } = &call {
            fields = fields.saturating_add(found.len());
        }
        if fields > MOST_FIELDS {
            return Err(Unread::TooMany);
        }
        calls.push(call);
    }
    Ok(calls)
}

fn call(envelope: &Envelope, is_safe: bool) -> Result<GraphqlCall, Unread> {
    let Some(text) = &envelope.text else {
        let sha256 = envelope.sha256.clone().ok_or(Unread::NoDocument)?;
        return Ok(GraphqlCall::Hash { sha256, is_safe });
    };
    let call = document::call(text, envelope)?;
    let GraphqlCall::Document { kind, sha256, .. } = &call else {
        return Ok(call);
    };
    // A server that keeps the text under the hash it came with would answer the hash with it from then on.
    if envelope.sha256.as_ref().is_some_and(|it| it != sha256) {
        return Err(Unread::OtherHash);
    }
    if is_safe && *kind != locum_domain::access::GraphqlKind::Query {
        return Err(Unread::ChangesByGet);
    }
    Ok(call)
}
