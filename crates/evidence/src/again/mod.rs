//! Deciding again: what the rules in force demanded, asked anew with Cedar from what the pack holds.
//!
//! Every decision of a request (its filing, approvals, offers, countersignatures, the activation) is followed in its
//! stream by an entry `facts-read`: the part of the catalog that its questions touched, who was away, what had happened
//! before, date and hour. The facts name the rules by digest, and an entry `rules-in-force` before the decision has that
//! digest and the texts: the operator's policies with the digests under which they were applied, and Locum's own
//! guardrails and schema as that version had them. So the way from an approver to the text that demanded them is entry →
//! payload → digest → text, each step checked.
//!
//! The texts on the record decide, not those of whoever verifies; where the verifier's own guardrails are others, it says
//! which. What the facts say of an application (whose it is, how sensitive, lent to whom) is held against the rules'
//! digest of it.
//!
//! What stays the word of whoever holds the ledger's key: that the rest of the facts is what the catalog and the record
//! said, and that no newer rules were in force. Both can be looked up by whoever may read the whole record: `rules-in-force`
//! is a public kind, and its digests are those of the applied files.

mod decided;
mod difference;
mod guardrails;
mod request;
mod rules;

use std::collections::BTreeSet;

use locum_domain::{Event, Recorded};

pub use decided::{DecidedAgain, Difference, RulesTold};

pub use request::decide_again;

/// The digests of the rules that decisions among these events name: whose `rules-in-force` a pack of them needs.
pub(crate) fn rules_named(events: &[Recorded]) -> BTreeSet<&str> {
    let named = events.iter().filter_map(|recorded| match &recorded.event {
        Event::FactsRead { facts, .. } => Some(facts.rules.as_str()),
        _ => None,
    });
    named.collect()
}
