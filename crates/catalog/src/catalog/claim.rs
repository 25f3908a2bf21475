//! What one file says about another, held against the whole catalog once all of it is read.

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use locum_domain::catalog::Tier;
use locum_domain::{ApplicationId, OperationId, PrincipalId, VendorId};

use super::Reading;
use crate::nearest::did_you_mean;
use crate::source::{At, Place};

/// One claim.
#[derive(Debug)]
pub(super) enum Claim {
    /// A person of people.toml holds this office.
    Person {
        id: PrincipalId,
        office: &'static str,
    },
    /// A person works for this vendor.
    EmployedBy {
        person: PrincipalId,
        vendor: VendorId,
    },
    /// A person is of our own staff.
    Staff {
        person: PrincipalId,
        office: &'static str,
    },
    Agent(PrincipalId),
    Vendor(VendorId),
    Application(ApplicationId),
    /// At least one of the applications has the operation, and none has it closed.
    Operation {
        id: OperationId,
        of: Vec<ApplicationId>,
    },
    /// At least one of the operations is the application's.
    Uses {
        application: ApplicationId,
        operations: Vec<OperationId>,
    },
    /// No session of these applications is longer.
    Longest {
        minutes: u32,
        of: Vec<ApplicationId>,
    },
    /// A delegation ends within 30 days.
    Delegated {
        from: Option<Date>,
        until: Date,
    },
    /// An eligibility is certified every 90 days.
    CertifiedUntil(Date),
}

/// The longest session of each tier, in minutes.
pub(super) fn ceiling_minutes(tier: Tier) -> u32 {
    match tier {
        Tier::Low => 8 * 60,
        Tier::Standard => 4 * 60,
        Tier::Regulated => 2 * 60,
    }
}

const DELEGATION_DAYS: i64 = 30;
const CERTIFICATION_DAYS: i64 = 90;

pub(super) fn settle(reading: &Reading<'_>, today: Option<Date>) {
    for At { value, place } in &reading.claims {
        match value {
            Claim::Person { id, office } => person(reading, id, office, place),
            Claim::EmployedBy { person, vendor } => employed_by(reading, person, vendor, place),
            Claim::Staff { person, office } => staff(reading, person, office, place),
            Claim::Agent(id) => agent(reading, id, place),
            Claim::Vendor(id) => {
                known(
                    reading,
                    id.as_str(),
                    reading.seen.vendors.keys().map(VendorId::as_str),
                    "vendor",
                    place,
                );
            }
            Claim::Application(id) => {
                let all = reading.seen.applications.keys().map(ApplicationId::as_str);
                known(reading, id.as_str(), all, "application", place);
            }
            Claim::Operation { id, of } => operation(reading, id, of, place),
            Claim::Uses {
                application,
                operations,
            } => uses(reading, application, operations, place),
            Claim::Longest { minutes, of } => longest(reading, *minutes, of, place),
            Claim::Delegated { from, until } => delegated(reading, *from, *until, today, place),
            Claim::CertifiedUntil(until) => certified_until(reading, *until, today, place),
        }
    }
}

fn known<'n>(
    reading: &Reading<'_>,
    name: &str,
    all: impl Iterator<Item = &'n str> + Clone,
    what: &str,
    place: &Place,
) {
    if !all.clone().any(|known| known == name) {
        let hint = did_you_mean(name, all).unwrap_or_else(|| format!("no such {what} is declared"));
        reading
            .problems
            .error_with(place, format!("unknown {what} `{name}`"), hint);
    }
}

fn person(reading: &Reading<'_>, id: &PrincipalId, office: &str, place: &Place) {
    let problems = reading.problems;
    if reading.seen.agents.contains_key(id) && !reading.seen.people.contains_key(id) {
        problems.error_with(
            place,
            format!("`{id}` is an agent and cannot be {office}"),
            "name a person",
        );
        return;
    }
    known(
        reading,
        id.as_str(),
        reading.seen.people.keys().map(PrincipalId::as_str),
        "person",
        place,
    );
    if reading
        .catalog
        .people
        .get(id)
        .is_some_and(|person| !person.is_active)
    {
        problems.warning(
            place,
            format!("`{id}`, the {office}, is not active"),
            "name somebody who is here",
        );
    }
}

fn employed_by(reading: &Reading<'_>, person: &PrincipalId, vendor: &VendorId, place: &Place) {
    let employer = reading
        .catalog
        .people
        .get(person)
        .map(|person| person.employer.as_ref());
    if employer.is_some_and(|employer| employer != Some(vendor)) {
        let message = format!("`{person}` does not work for `{vendor}`");
        let hint =
            format!("a vendor's sponsor is one of its people: write employer = \"{vendor}\" there");
        reading.problems.error_with(place, message, hint);
    }
}

fn staff(reading: &Reading<'_>, person: &PrincipalId, office: &str, place: &Place) {
    let employer = reading
        .catalog
        .people
        .get(person)
        .and_then(|person| person.employer.as_ref());
    if let Some(vendor) = employer {
        let message = format!("`{person}` works for vendor `{vendor}` and cannot be {office}");
        reading
            .problems
            .error_with(place, message, "name one of our own staff");
    }
}

fn agent(reading: &Reading<'_>, id: &PrincipalId, place: &Place) {
    if reading.seen.people.contains_key(id) {
        reading.problems.error_with(
            place,
            format!("`{id}` is a person"),
            "write who = { person = … }",
        );
        return;
    }
    known(
        reading,
        id.as_str(),
        reading.seen.agents.keys().map(PrincipalId::as_str),
        "agent",
        place,
    );
}

fn operation(reading: &Reading<'_>, id: &OperationId, of: &[ApplicationId], place: &Place) {
    // An unknown application is a problem of its own; its operations may well exist.
    if of
        .iter()
        .any(|application| !reading.seen.applications.contains_key(application))
    {
        return;
    }
    let declared = &reading.seen.operations;
    let mut found = of.iter().filter_map(|application| {
        declared
            .get(&(application.clone(), id.clone()))
            .map(|is_closed| (application, *is_closed))
    });
    match found.clone().next() {
        None => {
            let all = declared
                .keys()
                .filter(|(application, _)| of.contains(application))
                .map(|(_, id)| id.as_str());
            let hint = did_you_mean(id.as_str(), all)
                .unwrap_or_else(|| "none of its applications has it".to_owned());
            reading
                .problems
                .error_with(place, format!("unknown operation `{id}`"), hint);
        }
        Some(_) => {
            if let Some((application, _)) = found.find(|(_, is_closed)| *is_closed) {
                let message = format!("`{id}` is closed in `{application}`: nobody may ask for it");
                let hint = "only while owner and security open it by an exception";
                reading.problems.warning(place, message, hint);
            }
        }
    }
}

fn uses(
    reading: &Reading<'_>,
    application: &ApplicationId,
    operations: &[OperationId],
    place: &Place,
) {
    let declared = &reading.seen.operations;
    let is_anywhere = |id: &OperationId| declared.keys().any(|(_, known)| known == id);
    // A mistyped operation is a problem of its own and may be the one that is missing here.
    if !reading.seen.applications.contains_key(application) || !operations.iter().all(is_anywhere) {
        return;
    }
    if !operations
        .iter()
        .any(|id| declared.contains_key(&(application.clone(), id.clone())))
    {
        let message = format!("none of the operations belongs to `{application}`");
        let hint = "name one of its operations, or leave the application out";
        reading.problems.warning(place, message, hint);
    }
}

fn longest(reading: &Reading<'_>, minutes: u32, of: &[ApplicationId], place: &Place) {
    let tiers = of
        .iter()
        .filter_map(|id| reading.catalog.applications.get(id))
        .map(|application| application.tier);
    let Some(strictest) = tiers.clone().max() else {
        return;
    };
    let Some(mildest) = tiers.min() else { return };
    let message = |tier: Tier| {
        format!(
            "{minutes} minutes are more than any session in a `{}` application lasts",
            tier.as_str()
        )
    };
    if minutes > ceiling_minutes(mildest) {
        let hint = format!("at most {}", ceiling_minutes(mildest));
        reading.problems.error_with(place, message(mildest), hint);
    } else if minutes > ceiling_minutes(strictest) {
        let hint = format!(
            "there, {} minutes stay the most",
            ceiling_minutes(strictest)
        );
        reading.problems.warning(place, message(strictest), hint);
    }
}

fn delegated(
    reading: &Reading<'_>,
    from: Option<Date>,
    until: Date,
    today: Option<Date>,
    place: &Place,
) {
    let Some(today) = today else { return };
    let begins = from.unwrap_or(today);
    if until < today {
        let message = format!("the delegation ended on {until}");
        reading
            .problems
            .warning(place, message, "renew it in writing, or remove it");
    } else if let Some(last) = later(begins, DELEGATION_DAYS.days()).filter(|last| until > *last) {
        let message = format!("a delegation lasts at most {DELEGATION_DAYS} days");
        reading
            .problems
            .error_with(place, message, format!("at the latest {last}"));
    }
}

fn certified_until(reading: &Reading<'_>, until: Date, today: Option<Date>, place: &Place) {
    let Some(today) = today else { return };
    if until < today {
        let message = format!("the certification ended on {until}: this eligibility is void");
        reading
            .problems
            .warning(place, message, "its owner certifies it again, or remove it");
    } else if let Some(last) = later(today, CERTIFICATION_DAYS.days()).filter(|last| until > *last)
    {
        let message = format!("an eligibility is certified every {CERTIFICATION_DAYS} days");
        reading
            .problems
            .warning(place, message, format!("at the latest {last}"));
    }
}

fn later(today: Date, by: Span) -> Option<Date> {
    today.checked_add(by).ok()
}
