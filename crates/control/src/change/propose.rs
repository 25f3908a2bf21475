//! Propose a change. It counts at once where it loosens nothing; else it waits for a second person.

use std::collections::BTreeMap;

use locum_domain::change::ChangeState;
use locum_domain::{Change, ChangeId, Denial, Event, Happened, Refusal, Stream, Timestamp};

use super::judge::Judged;
use super::restart::waits_for_a_restart;
use super::seen::ChangeSeen;
use super::text;
use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::enrolling::catalog_unchanged;
use crate::governance::InForce;
use crate::in_person::just_proved;
use crate::ports::{Guard, Proposal};

/// How many changes may wait at once: each is kept whole.
const MOST_WAITING: u64 = 20;

/// What somebody wants to count.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedChange {
    /// The digest of what they compared it with; `None` means whatever is in force.
    pub base: Option<String>,
    /// Every file, by its path relative to the folder of `locum.toml`.
    pub files: BTreeMap<String, String>,
    /// The governed settings.
    pub settings: serde_json::Value,
    /// Why.
    pub note: String,
}

/// Records the change, and applies it where it loosens nothing. What cannot be read, would lock everybody out, or could
/// be confirmed by nobody is refused, and nothing is applied.
///
/// # Errors
/// `not-an-approver`, `non-human-approver`, `not-a-named-person`, `reason-missing`, `malformed` with every problem,
/// `stale-approval` on another base, `already-decided` when nothing differs, `conflict` for what would lock everybody
/// out, `no-approver-left`, `too-many-open`; each is on the record.
pub async fn propose_change(
    control: &Control,
    caller: &Caller,
    proposed: &ProposedChange,
) -> Result<ChangeSeen, Refusal> {
    let about = &Stream::Principal(caller.principal.clone());
    let events = control
        .attempt(caller, "apply", about, |at| async move {
            let in_force = control.in_force();
            let (change, judged) = control
                .would_propose(caller, &in_force, proposed, at)
                .await?;
            let stream = Stream::Change(change.id.clone());
            let happened = |stream: &Stream, event| Happened {
                stream: stream.clone(),
                at,
                event,
            };
            let recorded = Event::ChangeProposed {
                change: Box::new(change.clone()),
            };
            let mut events = vec![happened(&stream, recorded)];
            let mut guards = vec![catalog_unchanged(in_force.version)];
            if change.loosens.is_empty() {
                let [confirmed, applied] = change.apply(None, &in_force.applied.digest, at)?;
                events.push(happened(&stream, confirmed));
                events.push(happened(&Stream::Governance, applied));
                let after = &judged.after.catalog;
                let standing = control.delegations_with(&in_force, &change, caller, after, at);
                let standing = standing.await?;
                events.extend(standing.events);
                guards.extend(standing.guards);
            } else {
                // What waits on another base waits for nobody, and takes nobody's place.
                guards.push(Guard::AtMost {
                    kind: "change",
                    key: "waits-on",
                    value: change.base.clone(),
                    most: MOST_WAITING - 1,
                });
            }
            Ok(Proposal {
                guards,
                events,
                outbox: Vec::new(),
            })
        })
        .await?;
    control.take_effect_or_leave().await;
    control.change_after(caller, None, &events)
}

/// What proposing it would do. Nothing is recorded and nothing is applied.
///
/// # Errors
/// As for [`propose_change`].
pub async fn preview_change(
    control: &Control,
    caller: &Caller,
    proposed: &ProposedChange,
) -> Result<ChangeSeen, Refusal> {
    let at = control.now()?;
    let in_force = control.in_force();
    let (change, judged) = control
        .would_propose(caller, &in_force, proposed, at)
        .await?;
    let parties = judged.parties(&change.by);
    let may_confirm = parties.may_confirm(&control.catalog_for(caller), &caller.principal);
    Ok(ChangeSeen {
        could_confirm: parties.confirmers(),
        restart: waits_for_a_restart(&judged.before, &judged.after),
        may_confirm,
        sees_every_word: true,
        is_taking_effect: false,
        plan: judged.plan,
        change,
    })
}

impl Control {
    async fn would_propose(
        &self,
        caller: &Caller,
        in_force: &InForce,
        proposed: &ProposedChange,
        at: Timestamp,
    ) -> Result<(Change, Judged), Refusal> {
        self.proposes_something(caller)?;
        let note = text::note(&proposed.note)?;
        let base = &in_force.applied.digest;
        if proposed.base.as_ref().is_some_and(|it| it != base) {
            let detail = "something else is in force by now: plan it again";
            return Err(Denial::StaleApproval.because(detail).at("/base"));
        }
        let bundle = text::bundle(&proposed.files, &proposed.settings)?;
        let settings = bundle.settings_value();
        let today = self.circumstances(at).today;
        let judged = self.judged(in_force, bundle, today).await?;
        let Judged {
            before,
            after,
            plan,
        } = &judged;
        if after.digest == *base {
            return Err(Denial::AlreadyDecided.because("exactly this is in force already"));
        }
        self.proposes(caller, before, after, plan)?;
        self.leaves_a_way_in(before, after).await?;
        self.ports
            .data_plane
            .could_install(&after.catalog)
            .map_err(|why| Denial::Malformed.because(why).at("/files"))?;
        let loosens = plan.loosens();
        let demanded = self.settings().signature_demanded;
        let change = Change {
            id: ChangeId::from_bytes(self.id(at)),
            by: caller.principal.clone(),
            at,
            note,
            base: base.clone(),
            digest: after.digest.clone(),
            files: proposed.files.clone(),
            settings,
            loosens: loosens.into_iter().map(|it| it.says).collect(),
            lends: just_proved(caller, demanded, "lends no authority").is_ok(),
            plan: serde_json::to_value(plan).map_err(unavailable)?,
            state: ChangeState::Waiting,
        };
        let parties = judged.parties(&change.by);
        if !change.loosens.is_empty() && parties.confirmers().is_empty() {
            let detail = format!(
                "it loosens something, and everybody who held that authority proposes it or gains by it: {}",
                change.loosens.join("; ")
            );
            return Err(Denial::NoApproverLeft.because(detail));
        }
        Ok((change, judged))
    }
}
