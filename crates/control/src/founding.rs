//! The founding: two people named in the configuration whose keys everything else is signed under.
//!
//! It begins by itself at the first start that names founders. Each of them enrols one passkey, then both sign the same
//! statement, which names both keys; from then on the two keys count. What was recorded as founders counts, whatever
//! the files on the disk say later.

use locum_domain::{Aggregate, Denial, Event, Founding, PrincipalId, Refusal, Stream};

use crate::caller::Caller;
use crate::control::{Control, StartError};
use crate::ports::Proposal;
use crate::statement::StatementToSign;

/// The founding by the ledger, in whatever state it has reached; `None` where no founders were ever named.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn founding(control: &Control) -> Result<Option<Founding>, Refusal> {
    control.verified_founding().await
}

/// What this founder signs.
///
/// # Errors
/// `not-found` without a founding, `not-an-approver` for anybody else, `missing-approval` before both have enrolled,
/// `already-decided` once it is complete.
pub async fn statement(control: &Control, caller: &Caller) -> Result<StatementToSign, Refusal> {
    let founding = control.verified_founding().await?.ok_or_else(nothing)?;
    if !founding.founders.contains(&caller.principal) {
        return Err(Denial::NotAnApprover.because("the founding names other people"));
    }
    if founding.is_complete() {
        return Err(Denial::AlreadyDecided.because("the founding is complete"));
    }
    let statement = founding.statement().ok_or_else(one_is_missing)?;
    let own = founding.enrolled.get(&caller.principal);
    StatementToSign::of(&statement, &control.in_force().login.rp_id, own)
}

pub(crate) fn nothing() -> Refusal {
    Denial::NotFound.because("the configuration names no founders")
}

pub(crate) fn one_is_missing() -> Refusal {
    Denial::MissingApproval.because("the other founder has not enrolled yet")
}

impl Control {
    /// Records that the founding begins, if founders are named and none has begun.
    pub(crate) async fn begin_founding(&self) -> Result<(), StartError> {
        let in_force = self.in_force();
        let mut founders = in_force.login.founders.clone();
        if founders.is_empty() {
            return Ok(());
        }
        let found = self.verified_founding().await;
        if found
            .map_err(|refusal| StartError::Governance(refusal.to_string()))?
            .is_some()
        {
            return Ok(());
        }
        founders.sort();
        let at = locum_record::instant::truncate(self.ports.clock.now()?);
        let founding = Founding {
            origin: in_force.origin.clone(),
            founders,
            nonce: hex::encode(self.ports.entropy.bytes()),
            begun_at: at,
            enrolled: Default::default(),
            signed: Default::default(),
            completed_at: None,
        };
        let event = Event::FoundingBegun {
            founding: Box::new(founding),
        };
        self.sequencer
            .commit(Proposal::of(&Stream::Founding, 0, event, at))
            .await?;
        Ok(())
    }

    /// The founding by the ledger, with its version.
    pub(crate) async fn founding_as_recorded(&self) -> Result<(Founding, u64), Refusal> {
        match self.verified_with_version(&Stream::Founding).await? {
            (Some(Aggregate::Founding(founding)), version) => Ok((*founding, version)),
            _ => Err(nothing()),
        }
    }

    /// Whether two of the founders are one human by two entries.
    pub(crate) fn founders_are_people(&self, founders: &[PrincipalId]) -> bool {
        let catalog = &self.in_force().catalog;
        founders.iter().enumerate().all(|(index, one)| {
            let mut others = founders.iter().skip(index + 1);
            !others.any(|other| catalog.is_same_human(one, other))
        })
    }
}
