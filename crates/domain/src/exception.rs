//! An exception: one closed operation of one application, opened for a time by two people of different authority
//! (R21). It gives nobody access; whoever wants the operation still asks for it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::authenticator::Signature;
use crate::catalog::{Catalog, Operation};
use crate::denial::{Denial, Refusal};
use crate::event::Event;
use crate::ids::{ApplicationId, ExceptionId, OperationId, PrincipalId};

/// No exception lasts longer, in days.
const LONGEST_DAYS: i64 = 30;

/// For whom somebody speaks when they open a closed operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Owner, product owner or data owner.
    Application,
    /// Security, privacy or compliance.
    Security,
}

/// One closed operation that is to be open for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub id: ExceptionId,
    pub application: ApplicationId,
    pub operation: OperationId,
    /// What the operation was when somebody asked ([`definition`]): defined otherwise since, it is not opened by this.
    #[serde(default)]
    pub definition: String,
    pub reason: String,
    pub until: Timestamp,
    pub asked_by: PrincipalId,
    pub asked_for: Side,
    pub asked_at: Timestamp,
    pub state: ExceptionState,
}

/// Where an exception stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ExceptionState {
    /// One person asked; nothing is open.
    Waiting,
    Open {
        confirmed_by: PrincipalId,
        at: Timestamp,
    },
    Denied {
        by: PrincipalId,
        reason: String,
        at: Timestamp,
    },
    /// Somebody closed it before its time.
    Ended { by: PrincipalId, at: Timestamp },
}

impl ExceptionState {
    /// The state in one word.
    pub fn as_str(&self) -> &'static str {
        match self {
            ExceptionState::Waiting => "waiting",
            ExceptionState::Open { .. } => "open",
            ExceptionState::Denied { .. } => "denied",
            ExceptionState::Ended { .. } => "ended",
        }
    }
}

/// SHA-256 over what an operation lets people do and why it is closed, in hexadecimal.
pub fn definition(operation: &Operation) -> String {
    let what = serde_json::json!({
        "closed": operation.closed,
        "effect": operation.effect.as_str(),
        "graphql": operation.graphql,
        "graphql_hashes": operation.graphql_hashes,
        "max_per_session": operation.max_per_session,
        "object": operation.object,
        "routes": operation.routes,
    });
    // Texts and a number: the canonical form always exists.
    let bytes = json_canon::to_vec(&what).unwrap_or_default();
    hex::encode(Sha256::digest(bytes))
}

impl Exception {
    /// Whether this catalog still means by the operation's name what the two people looked at.
    pub fn is_about(&self, catalog: &Catalog) -> bool {
        let application = catalog.applications.get(&self.application);
        let operation = application.and_then(|it| it.operations.get(&self.operation));
        operation.is_some_and(|it| definition(it) == self.definition)
    }

    /// SHA-256 over the canonical form (RFC 8785), in hexadecimal: what a second person signs.
    pub fn digest(&self) -> String {
        // Texts and a time: the canonical form always exists.
        let bytes = json_canon::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(bytes))
    }

    /// Whether the operation is open now.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        matches!(self.state, ExceptionState::Open { .. }) && now < self.until
    }

    /// The event by which somebody asks for it.
    ///
    /// # Errors
    /// `reason-missing`, `malformed` when it would end in the past or after more than 30 days.
    pub fn ask(self) -> Result<Event, Refusal> {
        let reason = crate::scope::sentence(&self.reason, "/reason", "say why in a sentence")?;
        let lasts = self.until.duration_since(self.asked_at);
        if lasts <= SignedDuration::ZERO {
            return Err(Denial::Malformed
                .because("it would end before it begins")
                .at("/until"));
        }
        if lasts > SignedDuration::from_hours(24 * LONGEST_DAYS) {
            let detail = format!("an exception lasts at most {LONGEST_DAYS} days");
            return Err(Denial::Malformed.because(detail).at("/until"));
        }
        Ok(Event::ExceptionAsked {
            exception: Box::new(Self { reason, ..self }),
        })
    }

    /// Somebody of the other side opens it.
    ///
    /// # Errors
    /// `already-decided`, `lapsed` after its end, `second-person-required` for whoever asked and for anybody of the
    /// same side.
    pub fn confirm(
        &self,
        by: &PrincipalId,
        side: Side,
        signature: Option<Signature>,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        self.is_waiting()?;
        if at >= self.until {
            return Err(Denial::Lapsed.because("the exception would have ended already"));
        }
        if *by == self.asked_by || side == self.asked_for {
            let detail = "a second person of the other authority opens it: one for the application, one for security, \
                          privacy or compliance";
            return Err(Denial::SecondPersonRequired.because(detail));
        }
        Ok(Event::ExceptionConfirmed {
            exception: self.id.clone(),
            by: by.clone(),
            signature,
            at,
        })
    }

    /// Somebody says no.
    ///
    /// # Errors
    /// `already-decided`, `reason-missing`.
    pub fn deny(&self, by: &PrincipalId, reason: &str, at: Timestamp) -> Result<Event, Refusal> {
        self.is_waiting()?;
        let reason = crate::scope::sentence(reason, "/reason", "say why in a sentence")?;
        Ok(Event::ExceptionDenied {
            exception: self.id.clone(),
            by: by.clone(),
            reason,
            at,
        })
    }

    /// Somebody of either side closes it before its time: one person is enough.
    ///
    /// # Errors
    /// `already-decided` when it is not open.
    pub fn end(&self, by: &PrincipalId, at: Timestamp) -> Result<Event, Refusal> {
        if !self.is_in_force(at) {
            return Err(Denial::AlreadyDecided.because("the exception is not open"));
        }
        Ok(Event::ExceptionEnded {
            exception: self.id.clone(),
            by: by.clone(),
            at,
        })
    }

    /// Folds an event of this exception's stream.
    pub fn evolve(state: Option<Exception>, event: &Event) -> Option<Exception> {
        let Some(mut exception) = state else {
            return match event {
                Event::ExceptionAsked { exception } => Some((**exception).clone()),
                _ => None,
            };
        };
        match event {
            Event::ExceptionConfirmed { by, at, .. } => {
                exception.state = ExceptionState::Open {
                    confirmed_by: by.clone(),
                    at: *at,
                };
            }
            Event::ExceptionDenied { by, reason, at, .. } => {
                exception.state = ExceptionState::Denied {
                    by: by.clone(),
                    reason: reason.clone(),
                    at: *at,
                };
            }
            Event::ExceptionEnded { by, at, .. } => {
                exception.state = ExceptionState::Ended {
                    by: by.clone(),
                    at: *at,
                };
            }
            _ => {}
        }
        Some(exception)
    }

    /// Under which keys an exception is found.
    pub fn keys(&self) -> Vec<(&'static str, String)> {
        vec![
            ("state", self.state.as_str().to_owned()),
            ("application", self.application.to_string()),
        ]
    }

    fn is_waiting(&self) -> Result<(), Refusal> {
        match &self.state {
            ExceptionState::Waiting => Ok(()),
            state => {
                let detail = format!("the exception is {}", state.as_str());
                Err(Denial::AlreadyDecided.because(detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exception() -> Exception {
        Exception {
            id: ExceptionId::from_bytes([1; 16]),
            application: "billing".parse().unwrap(),
            operation: "payout.create".parse().unwrap(),
            definition: "of the operation".to_owned(),
            reason: "the bank's own portal is down until Friday".to_owned(),
            until: Timestamp::from_second(7 * 86_400).unwrap(),
            asked_by: "oscar".parse().unwrap(),
            asked_for: Side::Application,
            asked_at: Timestamp::UNIX_EPOCH,
            state: ExceptionState::Waiting,
        }
    }

    #[test]
    fn r21_two_people_of_different_authority_open_a_closed_operation_and_only_until_its_end() {
        let waiting = exception();
        let at = Timestamp::from_second(60).unwrap();
        assert!(!waiting.is_in_force(at));
        let confirm = |by: &str, side| {
            let event = waiting.confirm(&by.parse().unwrap(), side, None, at);
            event.map_err(|refusal| refusal.denial)
        };
        let second = Err(Denial::SecondPersonRequired);
        assert_eq!(confirm("oscar", Side::Security), second);
        assert_eq!(confirm("petra", Side::Application), second);
        let opened = confirm("prya", Side::Security).unwrap();
        let open = Exception::evolve(Some(waiting), &opened).unwrap();
        assert!(open.is_in_force(at));
        assert!(!open.is_in_force(open.until));
    }

    #[test]
    fn r21_an_exception_has_a_reason_and_an_end_within_thirty_days() {
        let denied = |exception: Exception| exception.ask().map_err(|refusal| refusal.denial);
        assert!(denied(exception()).is_ok());
        let endless = Exception {
            until: Timestamp::from_second(31 * 86_400).unwrap(),
            ..exception()
        };
        assert_eq!(denied(endless).unwrap_err(), Denial::Malformed);
        let silent = Exception {
            reason: " ".to_owned(),
            ..exception()
        };
        assert_eq!(denied(silent).unwrap_err(), Denial::ReasonMissing);
    }
}
