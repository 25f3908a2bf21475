//! Rotate a key: a signing key of Locum's own gives way to a new one, on the record.
//!
//! The new key is on the disk before it is recorded and signs nothing before it is recorded; the old one signs until
//! then. A crash in between is settled at the next start, by what the ledger says.

use std::sync::{Mutex, PoisonError};

use locum_domain::event::KeyRotation;
use locum_domain::{Denial, Event, Happened, Refusal, Stream};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::in_person::just_proved;
use crate::ledger::open_row;
use crate::ports::{KeyPurpose, KeyRingError, NextKey, Proposal, PublicHalf};
use crate::sight::{self, SECURITY};

/// Puts a new key in the place of the one that signs for `purpose`.
///
/// # Errors
/// `not-an-approver` for whoever is not security, `signature-required` when the login is not sure enough,
/// `malformed` when there is no such key to be made, `conflict` while another new one waits, `recorder-unavailable`
/// when key or record cannot be written.
pub async fn rotate_key(
    control: &Control,
    caller: &Caller,
    purpose: &KeyPurpose,
) -> Result<KeyRotation, Refusal> {
    let about = &Stream::Principal(caller.principal.clone());
    let prepared = &Mutex::new(None::<NextKey>);
    let recorded = control
        .attempt(caller, "rotate-key", about, |at| async move {
            may_rotate(control, caller)?;
            let next = {
                let mut prepared = prepared.lock().unwrap_or_else(PoisonError::into_inner);
                match &*prepared {
                    Some(next) => next.clone(),
                    None => {
                        let next = control.ports.key_ring.prepare(purpose, &caller.principal);
                        prepared.insert(next.map_err(refusal)?).clone()
                    }
                }
            };
            let event = Event::KeyRotated {
                rotation: rotation(&next),
                by: caller.principal.clone(),
                at,
            };
            Ok(Proposal {
                guards: Vec::new(),
                events: vec![Happened {
                    stream: about.clone(),
                    at,
                    event,
                }],
                outbox: Vec::new(),
            })
        })
        .await;
    let prepared = prepared
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let events = match (recorded, &prepared) {
        (Ok(events), _) => events,
        // It may have been recorded after all: the next start knows.
        (Err(refusal), Some(_)) if refusal.denial == Denial::RecorderUnavailable => {
            return Err(refusal);
        }
        (Err(refusal), prepared) => {
            if let Some(next) = prepared {
                control.ports.key_ring.discard(next);
            }
            return Err(refusal);
        }
    };
    let (Some(next), Some(recorded)) = (prepared, events.first()) else {
        return Err(Denial::Conflict.because("no key was rotated"));
    };
    control
        .ports
        .key_ring
        .switch(&next, recorded.at)
        .map_err(refusal)?;
    control.show_keys_to_data_plane();
    Ok(rotation(&next))
}

/// The public halves of every key that signs, or once did: no secret, and everybody verifies with them.
pub fn public_keys(control: &Control) -> Vec<PublicHalf> {
    control.ports.key_ring.public_halves()
}

/// Finishes what a process that ended half-way began: a key whose rotation is on the record is put to use, any other
/// prepared one is taken away.
///
/// # Errors
/// `recorder-unavailable` when the ledger gives no answer or the files cannot be moved.
pub async fn settle_rotations(control: &Control) -> Result<(), Refusal> {
    let mut is_changed = false;
    for next in control.ports.key_ring.left_over() {
        let stream = Stream::Principal(next.by.clone());
        let rows = control.ports.store.history(&stream).await;
        let mut recorded_at = None;
        for row in rows.map_err(unavailable)? {
            let recorded = open_row(&row).map_err(unavailable)?;
            if matches!(&recorded.event, Event::KeyRotated { rotation, .. } if *rotation == self::rotation(&next))
            {
                recorded_at = Some(recorded.at);
            }
        }
        match recorded_at {
            Some(at) => {
                control.ports.key_ring.switch(&next, at).map_err(refusal)?;
                is_changed = true;
            }
            None => control.ports.key_ring.discard(&next),
        }
    }
    if is_changed {
        control.show_keys_to_data_plane();
    }
    Ok(())
}

fn may_rotate(control: &Control, caller: &Caller) -> Result<(), Refusal> {
    if !sight::has_role(&control.catalog_for(caller), &caller.principal, SECURITY) {
        return Err(
            Denial::NotAnApprover.because("security or a security control owner rotates keys")
        );
    }
    just_proved(
        caller,
        control.settings().signature_demanded,
        "rotates no key",
    )
}

fn rotation(next: &NextKey) -> KeyRotation {
    KeyRotation {
        purpose: next.purpose.as_str().to_owned(),
        application: next.purpose.application().cloned(),
        old_kid: next.old.kid().to_owned(),
        old_public_key: next.old.to_jwk(),
        new_kid: next.new.kid().to_owned(),
    }
}

fn refusal(error: KeyRingError) -> Refusal {
    match error {
        KeyRingError::NoSuchKey(_) | KeyRingError::NotMadeHere => {
            Denial::Malformed.because(error.to_string())
        }
        KeyRingError::UnderWay(_) => Denial::Conflict.because(error.to_string()),
        KeyRingError::File(_) => unavailable(error),
    }
}

impl Control {
    /// Gives the enforcement points the keys that sign from now on.
    fn show_keys_to_data_plane(&self) {
        if let Err(error) = self.ports.data_plane.install(&self.in_force().catalog) {
            tracing::error!(%error, "the gateway goes on with the old keys");
        }
    }
}
