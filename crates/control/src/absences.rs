//! Absences: somebody says that they are away, and whom their requests go to meanwhile. The deputy decides only what
//! they hold the authority for themselves.

use jiff::civil::Date;
use locum_domain::{Absence, Aggregate, Denial, PrincipalId, Refusal, Stream};

use crate::caller::Caller;
use crate::control::{Control, unavailable};
use crate::in_person::in_person;
use crate::ports::Proposal;

/// An absence as somebody announces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Who is away, when it is not the caller: their manager may say so for them.
    pub person: Option<PrincipalId>,
    pub from: Date,
    pub until: Date,
    pub deputy: Option<PrincipalId>,
}

/// Announces an absence of one's own, or of somebody one is manager of; it takes the place of the one before.
///
/// # Errors
/// `not-an-approver` for anybody else's, `not-a-named-person` for a deputy who is nobody here or has left, `malformed`,
/// `signature-required` for a device; each is on the record.
pub async fn announce_absence(
    control: &Control,
    caller: &Caller,
    announced: &Announced,
) -> Result<Absence, Refusal> {
    let person = announced.person.as_ref().unwrap_or(&caller.principal);
    let stream = &Stream::Absence(person.clone());
    control
        .attempt(caller, "announce-absence", stream, |at| async move {
            control.may_speak_for(caller, person)?;
            if let Some(deputy) = &announced.deputy {
                let known = control.in_force().catalog.people.get(deputy).cloned();
                if !known.is_some_and(|it| it.is_active) {
                    let detail = format!("`{deputy}` is nobody who works here");
                    return Err(Denial::NotANamedPerson.because(detail).at("/deputy"));
                }
            }
            let absence = Absence {
                person: person.clone(),
                from: announced.from,
                until: announced.until,
                deputy: announced.deputy.clone(),
                at,
                is_ended: false,
            };
            let event = absence.announce(control.circumstances(at).today)?;
            let (_, version) = control.absence(person).await?;
            Ok(Proposal::of(stream, version, event, at))
        })
        .await?;
    existing(control, person).await
}

/// Says that somebody is back.
///
/// # Errors
/// As for [`announce_absence`]; `not-found` where no absence was announced, `already-decided` where it has ended.
pub async fn end_absence(
    control: &Control,
    caller: &Caller,
    person: &PrincipalId,
) -> Result<Absence, Refusal> {
    let stream = &Stream::Absence(person.clone());
    control
        .attempt(caller, "end-absence", stream, |at| async move {
            control.may_speak_for(caller, person)?;
            let (absence, version) = control.absence(person).await?;
            let absence = absence.ok_or_else(none)?;
            Ok(Proposal::of(stream, version, absence.end(at)?, at))
        })
        .await?;
    existing(control, person).await
}

/// Whoever is away today, and the absences ahead that are one's own: people plan by them, and nothing else is in them.
///
/// # Errors
/// `clock-untrusted`, `recorder-unavailable`.
pub async fn absences(control: &Control, caller: &Caller) -> Result<Vec<Absence>, Refusal> {
    let at = control.now()?;
    let mut absences = control.absences_on(at).await?;
    if let (Some(own), _) = control.absence(&caller.principal).await?
        && !own.is_ended
        && own.until >= control.circumstances(at).today
    {
        absences.insert(own.person.clone(), own);
    }
    Ok(absences.into_values().collect())
}

async fn existing(control: &Control, person: &PrincipalId) -> Result<Absence, Refusal> {
    control.absence(person).await?.0.ok_or_else(none)
}

fn none() -> Refusal {
    Denial::NotFound.because("no absence was announced")
}

impl Control {
    async fn absence(&self, person: &PrincipalId) -> Result<(Option<Absence>, u64), Refusal> {
        let stream = Stream::Absence(person.clone());
        let loaded = self.ports.store.load(&stream).await.map_err(unavailable)?;
        Ok(match loaded.state {
            Some(Aggregate::Absence(absence)) => (Some(*absence), loaded.version),
            _ => (None, loaded.version),
        })
    }

    fn may_speak_for(&self, caller: &Caller, person: &PrincipalId) -> Result<(), Refusal> {
        in_person(caller, "says nothing of absences")?;
        let in_force = self.in_force();
        let known = in_force.catalog.people.get(person);
        let is_manager = known.is_some_and(|it| it.manager.as_ref() == Some(&caller.principal));
        match known {
            Some(_) if *person == caller.principal || is_manager => Ok(()),
            _ => {
                let detail = "a person says that they are away, or their manager does";
                Err(Denial::NotAnApprover.because(detail))
            }
        }
    }
}
