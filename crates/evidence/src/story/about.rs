//! Which events belong to one access event.

use std::collections::BTreeSet;

use locum_domain::hold::Reach;
use locum_domain::{
    ApplicationId, CaseRef, Event, HoldId, Recorded, Request, RequestId, ReviewId, SessionId,
    Stream,
};

use super::{StoryError, main_request};
use crate::again::rules_named;
use crate::chain::{is_link, streams_needed};

/// The things whose histories make up one access event.
pub(super) struct About<'e> {
    pub(super) request: &'e Request,
    pub(super) session: Option<&'e SessionId>,
    /// Requests to lengthen the session.
    pub(super) extensions: Vec<&'e Request>,
    reviews: BTreeSet<&'e ReviewId>,
    holds: BTreeSet<&'e HoldId>,
    case: &'e CaseRef,
    /// The founding and the enrolments that the signatures lead to.
    chain: BTreeSet<Stream>,
    /// The digests of the rules that the decisions name.
    rules: BTreeSet<&'e str>,
}

impl<'e> About<'e> {
    /// Finds them by following ids from the filing on. `accessed` is the first access record.
    pub(super) fn of(events: &'e [Recorded], accessed: Option<u64>) -> Result<Self, StoryError> {
        let (event, id) = main_request(events).ok_or(StoryError::NoRequest)?;
        let filed = |recorded: &'e Recorded| match &recorded.event {
            Event::RequestFiled { request } => Some((recorded.position, &**request)),
            _ => None,
        };
        let (position, request) = events
            .iter()
            .filter_map(filed)
            .find(|(_, request)| request.id == *id)
            .ok_or(StoryError::NoRequest)?;
        let early = |recorded: &&Recorded| {
            recorded.position < position
                && !matches!(
                    recorded.stream,
                    Stream::Case(_)
                        | Stream::Hold(_)
                        | Stream::Founding
                        | Stream::Enrolment(_)
                        | Stream::Rules
                        | Stream::Restores
                )
        };
        let early = events.iter().filter(early).map(|early| early.position);
        let accessed = accessed.filter(|accessed| *accessed < position);
        if let Some(early) = early.chain(accessed).min() {
            return Err(StoryError::BeforeFiling(early));
        }
        let session = events.iter().find_map(|recorded| match &recorded.event {
            Event::SessionStarted { session }
                if session.request == *id && session.event == *event =>
            {
                Some(&session.id)
            }
            _ => None,
        });
        let extensions = events
            .iter()
            .filter_map(filed)
            .map(|(_, request)| request)
            .filter(|request| session.is_some() && request.extends.as_ref() == session)
            .collect();
        let reviews = events
            .iter()
            .filter_map(|recorded| match &recorded.event {
                Event::ReviewOpened { review }
                    if review.event == *event && Some(&review.session) == session =>
                {
                    Some(&review.id)
                }
                _ => None,
            })
            .collect();
        let applications: Vec<&ApplicationId> = request.scope.applications().collect();
        let reach = Reach {
            applications: &applications,
            actor: &request.actor,
            case: &request.case.reference,
            subject: &request.subject,
            tenant: request.tenant.as_ref(),
        };
        let holds = events
            .iter()
            .filter_map(|recorded| match &recorded.event {
                Event::HoldPlaced { hold } if hold.scope.reaches(reach) => Some(&hold.id),
                _ => None,
            })
            .collect();
        Ok(Self {
            request,
            session,
            extensions,
            reviews,
            holds,
            case: &request.case.reference,
            chain: streams_needed(events),
            rules: rules_named(events),
        })
    }

    /// Whether the event belongs to this access event.
    pub(super) fn covers(&self, recorded: &Recorded) -> bool {
        match &recorded.stream {
            Stream::Request(id) => self.is_request(id),
            Stream::Session(id) => self.session == Some(id),
            Stream::Review(id) => self.reviews.contains(id),
            Stream::Hold(id) => self.holds.contains(id),
            Stream::Case(case) => self.case == case,
            Stream::Founding | Stream::Enrolment(_) => {
                self.chain.contains(&recorded.stream) && is_link(&recorded.event)
            }
            Stream::Governance
            | Stream::Change(_)
            | Stream::Exception(_)
            | Stream::Delegations(_)
            | Stream::Absence(_)
            | Stream::Principal(_)
            | Stream::Doors
            | Stream::Erasure(_)
            | Stream::Witnesses => false,
            Stream::Rules => self.is_named(&recorded.event),
            // How the whole record went on concerns each of its events.
            Stream::Restores => matches!(recorded.event, Event::Restored { .. }),
        }
    }

    fn is_named(&self, event: &Event) -> bool {
        matches!(event, Event::RulesInForce { rules, .. } if self.rules.contains(rules.digest().as_str()))
    }

    fn is_request(&self, id: &RequestId) -> bool {
        self.request.id == *id || self.extensions.iter().any(|request| request.id == *id)
    }
}
