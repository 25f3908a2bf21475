//! Whose signature counts: a person's own key in use, over exactly what they were shown.

use std::error::Error as _;

use locum_domain::authenticator::{Held, Statement};
use locum_domain::catalog::Tier;
use locum_domain::{Denial, PrincipalId, Refusal, Signature, Timestamp};
use locum_evidence::{SignatureError, verify_signature};

use crate::authenticators::Authenticators;
use crate::caller::Caller;
use crate::control::Control;
use crate::ports::Guard;
use crate::statement::StatementToSign;

/// A signature that verified.
pub(crate) struct Signed {
    /// The key that made it.
    pub(crate) held: Held,
    /// By whose doing it counts.
    pub(crate) vouched_for: Vec<PrincipalId>,
    /// The guard by which a revocation that comes first wins.
    pub(crate) unchanged: Guard,
}

/// What is wrong with a signature, to the cause.
pub(crate) fn signature_fault(error: &SignatureError) -> Refusal {
    let mut detail = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !detail.ends_with(&said) {
            detail = format!("{detail}: {said}");
        }
        source = cause.source();
    }
    Denial::SignatureRequired.because(detail).at("/signature")
}

/// The key of theirs that made this signature, by its id alone.
fn own<'k>(keys: &'k Authenticators, signature: &Signature) -> Result<&'k Held, Refusal> {
    let id = signature.authenticator();
    let held = keys.live().find(|held| held.authenticator.id == *id);
    held.ok_or_else(|| {
        let detail = if keys.held(id).is_some() {
            format!("`{id}` was taken out of use")
        } else {
            format!("`{id}` is none of your authenticators in use")
        };
        Denial::SignatureRequired.because(detail).at("/signature")
    })
}

/// Whether this key may sign what concerns applications of this tier at that time.
///
/// # Errors
/// `signature-required`.
pub(crate) fn is_good_enough(held: &Held, tier: Tier, at: Timestamp) -> Result<(), Refusal> {
    let wrong = |detail: String| Err(Denial::SignatureRequired.because(detail).at("/signature"));
    if tier != Tier::Low && !held.authenticator.is_passkey() {
        return wrong("a key in a file signs for `low` applications and nothing else".to_owned());
    }
    let from = held.signs_regulated_from();
    if tier == Tier::Regulated && at < from {
        let id = &held.authenticator.id;
        return wrong(format!(
            "`{id}` is new: it signs for `regulated` applications from {from} on"
        ));
    }
    Ok(())
}

impl Control {
    /// The key in use by which `by` signed this statement just now.
    ///
    /// # Errors
    /// `signature-required`, saying what is wrong.
    pub(crate) async fn signed_now<S: Statement + Sync>(
        &self,
        by: &PrincipalId,
        signature: &Signature,
        statement: &S,
    ) -> Result<Signed, Refusal> {
        let keys = self.authenticators_of(by).await?;
        let held = own(&keys, signature)?;
        let id = &held.authenticator.id;
        let last = self.sequencer.keys(|keys| keys.count(id));
        verify_signature(signature, &held.authenticator, &statement.digest().0, last)
            .map_err(|error| signature_fault(&error))?;
        Ok(Signed {
            held: held.clone(),
            vouched_for: keys.vouched_for(id).into_iter().cloned().collect(),
            unchanged: keys.unchanged(),
        })
    }

    /// A statement with those of the caller's keys that may sign it where this tier is concerned.
    ///
    /// # Errors
    /// `recorder-unavailable` where nobody can say which keys count.
    pub(crate) async fn to_sign<S: Statement + Sync>(
        &self,
        caller: &Caller,
        statement: &S,
        tier: Tier,
        at: Timestamp,
    ) -> Result<StatementToSign, Refusal> {
        let keys = self.authenticators_of(&caller.principal).await?;
        let fit = keys
            .live()
            .filter(|held| is_good_enough(held, tier, at).is_ok())
            .map(|held| &held.authenticator);
        StatementToSign::of(statement, &self.in_force().login.rp_id, fit)
    }

    /// The key, still in use, by which `by` signed this statement once. Counts were judged then.
    ///
    /// # Errors
    /// As [`Control::signed_now`].
    pub(crate) async fn signed_then<S: Statement + Sync>(
        &self,
        by: &PrincipalId,
        signature: &Signature,
        statement: &S,
    ) -> Result<Signed, Refusal> {
        let keys = self.authenticators_of(by).await?;
        let held = own(&keys, signature)?;
        let id = &held.authenticator.id;
        verify_signature(signature, &held.authenticator, &statement.digest().0, None)
            .map_err(|error| signature_fault(&error))?;
        Ok(Signed {
            held: held.clone(),
            vouched_for: keys.vouched_for(id).into_iter().cloned().collect(),
            unchanged: keys.unchanged(),
        })
    }
}
