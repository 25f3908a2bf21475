//! In whose history an event stands.

use super::Event;
use crate::aggregate::Stream;

impl Event {
    /// The stream whose history this event belongs to, by what it says itself. `None` for the two that change
    /// no state and stand beside whatever was refused or looked at.
    pub fn stream(&self) -> Option<Stream> {
        Some(match self {
            Event::Founded { .. } | Event::Applied { .. } => Stream::Governance,
            Event::RulesInForce { .. } => Stream::Rules,
            Event::ChangeProposed { change } => Stream::Change(change.id.clone()),
            Event::ChangeApplied { change, .. }
            | Event::ChangeDenied { change, .. }
            | Event::ChangeWithdrawn { change, .. } => Stream::Change(change.clone()),
            Event::DelegationConfirmed { application, .. }
            | Event::DelegationEnded { application, .. } => {
                Stream::Delegations(application.clone())
            }
            Event::AbsenceAnnounced { absence } => Stream::Absence(absence.person.clone()),
            Event::AbsenceEnded { person, .. } => Stream::Absence(person.clone()),
            Event::ExceptionAsked { exception } => Stream::Exception(exception.id.clone()),
            Event::ExceptionConfirmed { exception, .. }
            | Event::ExceptionDenied { exception, .. }
            | Event::ExceptionEnded { exception, .. } => Stream::Exception(exception.clone()),
            Event::RequestPreviewed { by, .. } => Stream::Principal(by.clone()),
            Event::RequestFiled { request } => Stream::Request(request.id.clone()),
            Event::RequestApproved { request, .. }
            | Event::RequestDenied { request, .. }
            | Event::QuestionAsked { request, .. }
            | Event::QuestionAnswered { request, .. }
            | Event::OfferMade { request, .. }
            | Event::OfferAccepted { request, .. }
            | Event::RequestEscalated { request, .. }
            | Event::RequestTold { request, .. }
            | Event::RequestWithdrawn { request, .. }
            | Event::RequestLapsed { request, .. }
            | Event::RequestCountersigned { request, .. }
            | Event::RequestActivated { request, .. }
            | Event::RequestEnded { request, .. }
            | Event::PersonalErased { request, .. }
            | Event::FactsRead { request, .. } => Stream::Request(request.clone()),
            Event::SessionStarted { session } => Stream::Session(session.id.clone()),
            Event::SessionWitnessed { session, .. }
            | Event::SessionOpened { session, .. }
            | Event::SessionExtended { session, .. }
            | Event::SessionEnded { session, .. }
            | Event::ApplicationEnded { session, .. } => Stream::Session(session.clone()),
            Event::AccessAdmitted(it) => Stream::Session(it.session.clone()),
            Event::AccessCompleted(it) => Stream::Session(it.session.clone()),
            Event::AccessRefused(it) => Stream::Session(it.session.clone()),
            Event::CaseChanged { change } => Stream::Case(change.case.clone()),
            Event::ReviewOpened { review } => Stream::Review(review.id.clone()),
            Event::ReviewCompleted { review, .. } => Stream::Review(review.clone()),
            Event::HoldPlaced { hold } => Stream::Hold(hold.id.clone()),
            Event::HoldLifted { hold, .. } => Stream::Hold(hold.clone()),
            Event::ErasureAsked { erasure } => Stream::Erasure(erasure.id.clone()),
            Event::ErasureConfirmed { erasure, .. } | Event::ErasureDenied { erasure, .. } => {
                Stream::Erasure(erasure.clone())
            }
            Event::FoundingBegun { .. }
            | Event::FounderEnrolled { .. }
            | Event::FoundingSigned { .. } => Stream::Founding,
            Event::EnrolmentAsked { enrolment } => {
                Stream::Enrolment(enrolment.authenticator.person.clone())
            }
            Event::EnrolmentInvited { person, .. }
            | Event::EnrolmentApproved { person, .. }
            | Event::EnrolmentDenied { person, .. }
            | Event::AuthenticatorRevoked { person, .. } => Stream::Enrolment(person.clone()),
            Event::LoginBegan { by, .. } | Event::LoginEnded { by, .. } => {
                Stream::Principal(by.clone())
            }
            Event::KeyRotated { by, .. } => Stream::Principal(by.clone()),
            Event::StrangersRefused { .. } | Event::RecorderFound { .. } => Stream::Doors,
            Event::WitnessHeard { .. } => Stream::Witnesses,
            Event::Restored { .. } => Stream::Restores,
            Event::RefusalsCounted { by, .. } => Stream::Principal(by.clone()),
            Event::Refused { .. } | Event::EvidenceRead { .. } => return None,
        })
    }

    /// Whether this event belongs to `stream`: an entry moved to another stream's history changes nothing there.
    pub fn is_about(&self, stream: &Stream) -> bool {
        self.stream().is_none_or(|own| own == *stream)
    }
}
