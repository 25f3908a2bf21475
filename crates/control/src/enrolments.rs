//! Enrolments to look at: those that wait for the caller, and those the caller is told of.

use locum_domain::authenticator::{Decided, Enrolment};
use locum_domain::{Aggregate, Denial, EnrolmentId, PrincipalId, Refusal, Stream, Timestamp};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::ports::Query;

/// One enrolment as the caller stands to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentSeen {
    pub enrolment: Enrolment,
    pub decided: Option<Decided>,
    /// Why the caller may not decide it, if they may not; the key that it takes is another matter.
    pub may_decide: Result<(), Refusal>,
    /// Why the caller may deny and not sign it: they invited its person, who waits for somebody else.
    pub may_sign: Result<(), Refusal>,
}

/// A key that counts since not long ago, as its person and their manager are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub enrolment: Enrolment,
    pub decided: Decided,
    /// From when on it signs for `regulated` applications.
    pub signs_regulated_from: Timestamp,
}

const PAGE: u32 = 200;

/// The enrolments that wait for a decision: the caller's own, and those that they may decide. The oldest first.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn waiting(control: &Control, caller: &Caller) -> Result<Vec<EnrolmentSeen>, Refusal> {
    let at = control.now()?;
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let query = Query {
            keys: vec![("state".to_owned(), "waiting".to_owned())],
            before,
            limit: PAGE,
        };
        let page = control.ports.store.list("enrolment", query).await;
        let page = page.map_err(unavailable)?;
        for state in page.states {
            let Aggregate::Enrolled(seen) = state else {
                continue;
            };
            found.extend(control.waiting_of(caller, &seen.person, at).await?);
        }
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    found.sort_by_key(|it| it.enrolment.at);
    Ok(found)
}

/// One enrolment: for its person, and for whoever may decide it or see everything.
///
/// # Errors
/// `not-found` for what is not the caller's to see.
pub async fn enrolment(
    control: &Control,
    caller: &Caller,
    id: &EnrolmentId,
) -> Result<EnrolmentSeen, Refusal> {
    let missing = || Denial::NotFound.because("no such enrolment");
    let person = control.sequencer.keys(|keys| keys.person_of_enrolment(id));
    let person = person.ok_or_else(missing)?;
    let stream = Stream::Enrolment(person.clone());
    if !control.sees(caller, &stream).await? {
        return Err(missing());
    }
    let keys = control.authenticators_of(&person).await?;
    let asked = keys.asked().iter().find(|it| it.enrolment.id == *id);
    let asked = asked.cloned().ok_or_else(missing)?;
    control.looked(caller, &stream, id.as_str()).await?;
    Ok(EnrolmentSeen {
        may_sign: control.may_sign_enrolment(caller, &keys, &asked.enrolment),
        enrolment: asked.enrolment,
        decided: asked.decided,
        may_decide: control.may_decide_enrolment(caller, &person).await,
    })
}

/// The keys that began to count since then and that the caller is told of: their own, and those of the people whose
/// manager they are. The newest first.
///
/// # Errors
/// `recorder-unavailable` when the store gives no answer.
pub async fn announced(
    control: &Control,
    caller: &Caller,
    since: Timestamp,
) -> Result<Vec<Announcement>, Refusal> {
    let in_force = control.in_force();
    let reports = in_force.catalog.people.values();
    let reports = reports.filter(|it| it.manager.as_ref() == Some(&caller.principal));
    let people: Vec<&PrincipalId> = std::iter::once(&caller.principal)
        .chain(reports.map(|it| &it.id))
        .collect();
    let mut announced = Vec::new();
    for person in people {
        if !control.ever_enrolled(person) {
            continue;
        }
        let keys = control.authenticators_of(person).await?;
        for asked in keys.asked() {
            let Some(decided) = &asked.decided else {
                continue;
            };
            let is_told = decided.announced_to.contains(&caller.principal);
            if !decided.is_approved || !is_told || decided.at < since {
                continue;
            }
            let held = keys.held(&asked.enrolment.authenticator.id);
            announced.extend(held.map(|held| Announcement {
                enrolment: asked.enrolment.clone(),
                decided: decided.clone(),
                signs_regulated_from: held.signs_regulated_from(),
            }));
        }
    }
    announced.sort_by_key(|it| std::cmp::Reverse(it.decided.at));
    Ok(announced)
}

impl Control {
    /// Whether this person was ever invited or asked for a key, for those who would look at many.
    pub(crate) fn ever_enrolled(&self, person: &PrincipalId) -> bool {
        let history = self.sequencer.history(&Stream::Enrolment(person.clone()));
        !history.positions.is_empty()
    }

    async fn waiting_of(
        &self,
        caller: &Caller,
        person: &PrincipalId,
        at: Timestamp,
    ) -> Result<Vec<EnrolmentSeen>, Refusal> {
        let may_decide = self.may_decide_enrolment(caller, person).await;
        if may_decide.is_err() && *person != caller.principal {
            return Ok(Vec::new());
        }
        let keys = self.authenticators_of(person).await?;
        let waiting = keys.asked().iter().filter(|it| it.is_waiting(at));
        let seen = waiting.map(|it| EnrolmentSeen {
            enrolment: it.enrolment.clone(),
            decided: None,
            may_decide: may_decide.clone(),
            may_sign: self.may_sign_enrolment(caller, &keys, &it.enrolment),
        });
        Ok(seen.collect())
    }
}
