//! `catalog/eligibility.toml`: who may ask, and who may answer an emergency alone. Nothing here grants anything.

use jiff::civil::Date;
use locum_domain::catalog::{BreakGlass, Eligibility, Holder};
use locum_domain::scope::Minutes;
use locum_domain::{ApplicationId, OperationId, PrincipalId, VendorId};

use super::claim::Claim;
use super::people::role_words;
use super::{ELIGIBILITY, Reading, declare};
use crate::read::{Fields, choose};
use crate::source::At;

pub(super) fn read(reading: &mut Reading<'_>) {
    let Some(root) = reading.document(ELIGIBILITY) else {
        return;
    };
    let root = Fields::open(
        &root,
        "eligibility.toml",
        &["eligibility", "break_glass"],
        reading.problems,
    );
    let names = [
        "id",
        "who",
        "applications",
        "operations",
        "longest_minutes",
        "owner",
        "certified_until",
    ];
    for fields in root.tables("eligibility", "[[eligibility]]", &names) {
        if let Some(eligibility) = eligibility(&fields, reading) {
            reading.catalog.eligibilities.push(eligibility);
        }
    }
    for fields in root.tables(
        "break_glass",
        "[[break_glass]]",
        &["person", "applications"],
    ) {
        if let Some(listed) = break_glass(&fields, reading) {
            reading.catalog.break_glass.push(listed);
        }
    }
}

fn eligibility(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Eligibility> {
    let id = fields.need::<String>("id");
    let is_new = id.as_ref().is_some_and(|id| {
        declare(
            &mut reading.seen.eligibilities,
            id,
            "eligibility",
            fields.problems,
        )
    });
    let holder = holder(fields, reading);
    let applications = applications(fields, reading);
    let operations: Vec<At<OperationId>> = fields.need_list("operations");
    let names: Vec<ApplicationId> = applications
        .iter()
        .map(|application| application.value.clone())
        .collect();
    let are_known = fields.is_whole("applications", &applications);
    for operation in operations.iter().filter(|_| are_known) {
        let claim = Claim::Operation {
            id: operation.value.clone(),
            of: names.clone(),
        };
        reading.claim(&operation.place, claim);
    }
    if fields.is_whole("operations", &operations) {
        let all: Vec<OperationId> = operations
            .iter()
            .map(|operation| operation.value.clone())
            .collect();
        for application in &applications {
            let claim = Claim::Uses {
                application: application.value.clone(),
                operations: all.clone(),
            };
            reading.claim(&application.place, claim);
        }
    }
    let longest = fields.need::<u32>("longest_minutes");
    if let Some(longest) = &longest {
        reading.claim(
            &longest.place,
            Claim::Longest {
                minutes: longest.value,
                of: names.clone(),
            },
        );
    }
    let owner = fields.need::<PrincipalId>("owner");
    let owner = reading.person(owner, "owner of an eligibility");
    if fields.node("certified_until").is_none() {
        let hint = "the right to ask ends by itself: write a date at most 90 days away";
        fields.problems.error_with(
            &fields.place,
            "[[eligibility]] needs `certified_until`",
            hint,
        );
    }
    let certified_until = fields.get::<Date>("certified_until");
    if let Some(until) = &certified_until {
        reading.claim(&until.place, Claim::CertifiedUntil(until.value));
    }
    Some(Eligibility {
        id: id.filter(|_| is_new)?.value,
        holder: holder?,
        applications: names.into_iter().collect(),
        operations: operations
            .into_iter()
            .map(|operation| operation.value)
            .collect(),
        longest: Minutes(longest?.value),
        owner: owner?,
        certified_until: certified_until?.value,
    })
}

fn holder(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Holder> {
    let hint = "one of { role = … }, { person = … }, { agent = … }, { vendor = … }";
    let kinds = ["role", "person", "agent", "vendor"];
    let Some(who) = fields.table("who", "who", &kinds) else {
        fields
            .problems
            .error_with(&fields.place, "[[eligibility]] needs `who`", hint);
        return None;
    };
    if kinds.iter().filter(|kind| who.node(kind).is_some()).count() != 1 {
        fields
            .problems
            .error_with(&who.place, "`who` names exactly one kind of holder", hint);
        return None;
    }
    if let Some(role) = who.get::<String>("role") {
        return choose(role, "role", &role_words(), fields.problems)
            .map(|role| Holder::Role(role.value));
    }
    if let Some(agent) = who.get::<PrincipalId>("agent") {
        reading.claim(&agent.place, Claim::Agent(agent.value.clone()));
        return Some(Holder::Agent(agent.value));
    }
    if let Some(vendor) = who.get::<VendorId>("vendor") {
        reading.claim(&vendor.place, Claim::Vendor(vendor.value.clone()));
        return Some(Holder::Vendor(vendor.value));
    }
    let person = who.get::<PrincipalId>("person");
    reading
        .person(person, "the person of an eligibility")
        .map(Holder::Person)
}

fn applications(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Vec<At<ApplicationId>> {
    let applications: Vec<At<ApplicationId>> = fields.need_list("applications");
    for application in &applications {
        reading.claim(
            &application.place,
            Claim::Application(application.value.clone()),
        );
    }
    applications
}

fn break_glass(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<BreakGlass> {
    let office = "on the list for emergencies";
    let person = fields.need::<PrincipalId>("person");
    if let Some(person) = &person {
        let claim = Claim::Staff {
            person: person.value.clone(),
            office,
        };
        reading.claim(&person.place, claim);
    }
    let person = reading.person(person, office);
    let applications = applications(fields, reading);
    Some(BreakGlass {
        person: person?,
        applications: applications
            .into_iter()
            .map(|application| application.value)
            .collect(),
    })
}
