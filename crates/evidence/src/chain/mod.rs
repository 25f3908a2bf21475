//! The chain from an approval's signature to the founders: whose authenticators counted when, and by whose word.

mod enrolled;
mod founders;

use std::collections::BTreeSet;

use locum_domain::{Event, PrincipalId, Recorded, Stream};

pub(crate) use enrolled::{Counted, Counting};
pub use founders::{Founders, FoundersError};

/// The streams that the signatures among these events lead to: the founding, and the enrolments of every person who
/// signed an approval, a countersignature or a finding, of whoever signed those enrolments, and so on up to the founders.
///
/// Of these streams a pack carries the events that [`is_link`] names and no others. To gather them, load what is
/// named and ask again with it, until nothing new is named.
pub fn streams_needed(events: &[Recorded]) -> BTreeSet<Stream> {
    let people = people(events);
    let founding = (!people.is_empty()).then_some(Stream::Founding);
    let enrolments = people.into_iter().cloned().map(Stream::Enrolment);
    founding.into_iter().chain(enrolments).collect()
}

/// Whether the event says which keys count. Refusals and looks that stand in the same streams are nobody's business
/// in an evidence pack.
pub fn is_link(event: &Event) -> bool {
    matches!(
        event,
        Event::FoundingBegun { .. }
            | Event::FounderEnrolled { .. }
            | Event::FoundingSigned { .. }
            | Event::EnrolmentInvited { .. }
            | Event::EnrolmentAsked { .. }
            | Event::EnrolmentApproved { .. }
            | Event::EnrolmentDenied { .. }
            | Event::AuthenticatorRevoked { .. }
    )
}

/// Who signed an approval, a countersignature or a finding, and who signed the enrolments of those already found.
fn people(events: &[Recorded]) -> BTreeSet<&PrincipalId> {
    let mut people: BTreeSet<&PrincipalId> = events
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::RequestApproved { approval, .. }
            | Event::RequestCountersigned { approval, .. }
                if approval.signature.is_some() =>
            {
                Some(&approval.by)
            }
            Event::ReviewCompleted { completion, .. } if completion.signature.is_some() => {
                Some(&completion.by)
            }
            _ => None,
        })
        .collect();
    loop {
        let more: BTreeSet<&PrincipalId> = events
            .iter()
            .filter_map(|recorded| match &recorded.event {
                Event::EnrolmentApproved { person, by, .. } if people.contains(person) => Some(by),
                _ => None,
            })
            .filter(|by| !people.contains(by))
            .collect();
        if more.is_empty() {
            return people;
        }
        people.extend(more);
    }
}
