//! `catalog/applications/ID.toml`: one business application, who answers for it, and what one can do in it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use jiff::civil::Date;
use locum_domain::catalog::{Application, DataClass, Delegate, RecordTiming, Tier};
use locum_domain::{ApplicationId, PrincipalId};

use super::claim::Claim;
use super::graphql::Graphql;
use super::{APPLICATIONS, Reading, declare, identity, operation, reference, subjects};
use crate::address::{is_label, is_loopback, listens_on_loopback, origin, origin_text};
use crate::read::{Fields, choose};
use crate::source::At;

const NAMES: [&str; 22] = [
    "id",
    "name",
    "tier",
    "data",
    "owner",
    "product_owner",
    "data_owner",
    "reviewer",
    "delegate",
    "reason_prompt",
    "upstream",
    "address",
    "assertion",
    "trusted_header",
    "secret_header",
    "strip_headers",
    "harmless_cookies",
    "record",
    "subjects",
    "protected_subject",
    "graphql",
    "operation",
];

const DATA_CLASSES: [DataClass; 4] = [
    DataClass::Finance,
    DataClass::Hr,
    DataClass::Health,
    DataClass::Personal,
];

pub(super) fn read_all(reading: &mut Reading<'_>) {
    let files = reading.files;
    // A list of subjects may lie beside the application that names it.
    let lists: BTreeSet<&str> = reference::named_files(files)
        .iter()
        .filter_map(|(by, path)| reference::find(files, by, path))
        .map(|(found, _)| found)
        .collect();
    let is_direct = |key: &str| {
        key.strip_prefix(APPLICATIONS)
            .is_some_and(|name| !name.contains('/'))
    };
    for key in files
        .keys()
        .filter(|key| is_direct(key) && !lists.contains(key.as_str()))
    {
        if let Some(application) = read(key, reading) {
            reading
                .catalog
                .applications
                .insert(application.id.clone(), application);
        }
    }
}

fn read(key: &str, reading: &mut Reading<'_>) -> Option<Application> {
    let root = reading.document(key)?;
    let fields = Fields::open(&root, "an application", &NAMES, reading.problems);
    let problems = fields.problems;
    let id = id(key, &fields, reading);
    let name = fields.need::<String>("name");
    let (tier, data) = sensitivity(&fields);
    let owner = fields.need::<PrincipalId>("owner");
    let owner = reading.person(owner, "owner");
    let mut office = |name: &str, office| {
        let person = fields.get::<PrincipalId>(name);
        reading.person(person, office)
    };
    let product_owner = office("product_owner", "product owner");
    let data_owner = office("data_owner", "data owner");
    let reviewer = office("reviewer", "reviewer");
    let owners: Vec<PrincipalId> = [&owner, &product_owner, &data_owner]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let delegates = delegates(&fields, &owners, reading);
    let reason_prompt = fields
        .get::<String>("reason_prompt")
        .map(|prompt| prompt.value);
    let upstream_text = fields.need::<String>("upstream");
    let upstream = upstream_text
        .as_ref()
        .and_then(|text| origin(text, "upstream", problems));
    if let (Some(text), Some(url)) = (&upstream_text, &upstream) {
        reading.seen.upstreams.push(text.map_ref(|_| url.clone()));
    }
    let address = address(&fields, id.as_ref().map(|id| &id.value), reading);
    let (identity, secret_header) =
        identity::identity(&fields, key, id.as_ref().map(|id| &id.value), reading);
    if let (Some(trusted), Some(upstream), Some(tier)) =
        (fields.node("trusted_header"), &upstream, tier)
    {
        let is_shut = is_loopback(upstream) || secret_header.is_some();
        if tier != Tier::Low && !is_shut {
            let message = format!(
                "anybody who reaches `{}` could send this header",
                origin_text(upstream)
            );
            let hint = "above `low` the upstream must be on loopback or demand a [secret_header]; or leave it to the assertion";
            problems.error_with(&trusted.place, message, hint);
        }
    }
    let record = record(&fields, tier);
    let source = subjects::source(&fields, key, reading);
    if tier == Some(Tier::Regulated) && fields.node("subjects").is_none() {
        let hint = "say where the application's own id of the subject is read: source = \"http\" or \"file\"";
        problems.error_with(
            fields.place_of("tier"),
            "a `regulated` application needs [subjects]",
            hint,
        );
    }
    let protected_subjects = subjects::protected(&fields, source.as_ref());
    let mut graphql = Graphql::read(&fields);
    let known = id.as_ref().map(|id| &id.value);
    let operations = operation::operations(&fields, known, &mut graphql, reading);
    graphql.settle(&fields);
    let id = id?;
    if !declare(&mut reading.seen.applications, &id, "application", problems) {
        return None;
    }
    Some(Application {
        id: id.value,
        name: name?.value,
        tier: tier?,
        data,
        owner: owner?,
        product_owner,
        data_owner,
        reviewer,
        delegates,
        reason_prompt,
        upstream: origin_text(&upstream?),
        address,
        identity: identity?,
        secret_header,
        strip_headers: identity::strip_headers(&fields),
        harmless_cookies: fields
            .list::<String>("harmless_cookies")
            .into_iter()
            .map(|name| name.value)
            .collect(),
        record,
        subjects: source,
        protected_subjects,
        graphql_endpoints: graphql
            .endpoints
            .into_iter()
            .flatten()
            .map(|line| line.value)
            .collect(),
        operations,
    })
}

/// An application's id is the first label of its host name, and its file's name.
fn id(key: &str, fields: &Fields<'_>, reading: &Reading<'_>) -> Option<At<ApplicationId>> {
    let id = fields.need::<ApplicationId>("id")?;
    if !is_label(id.value.as_str()) {
        let message = format!("`{}` cannot begin a host name", id.value);
        fields.problems.error_with(
            &id.place,
            message,
            "lower-case letters, digits and hyphens, at most 63",
        );
    }
    let stem = key
        .strip_prefix(APPLICATIONS)
        .and_then(|name| name.strip_suffix(".toml"));
    if stem != Some(id.value.as_str()) {
        let message = format!(
            "application `{}` stands in {}",
            id.value,
            (reading.shown)(key)
        );
        fields.problems.warning(
            &id.place,
            message,
            format!("name the file {}.toml", id.value),
        );
    }
    Some(id)
}

fn sensitivity(fields: &Fields<'_>) -> (Option<Tier>, BTreeSet<DataClass>) {
    let tiers = [Tier::Low, Tier::Standard, Tier::Regulated].map(|tier| (tier.as_str(), tier));
    if fields.node("tier").is_none() {
        fields.problems.error_with(
            &fields.place,
            "an application needs `tier`",
            "low, standard or regulated",
        );
    }
    let tier = fields.word("tier", &tiers).map(|tier| tier.value);
    let words = DATA_CLASSES.map(|class| (class.as_str(), class));
    let mut data = BTreeSet::new();
    for class in fields.list::<String>("data") {
        let Some(class) = choose(class, "data", &words, fields.problems) else {
            continue;
        };
        if tier == Some(Tier::Low) && class.value != DataClass::Personal {
            let message = format!(
                "an application with `{}` data cannot be `low`",
                class.value.as_str()
            );
            fields
                .problems
                .error_with(&class.place, message, "make it `standard` or `regulated`");
        }
        data.insert(class.value);
    }
    (tier, data)
}

fn delegates(
    fields: &Fields<'_>,
    owners: &[PrincipalId],
    reading: &mut Reading<'_>,
) -> Vec<Delegate> {
    let mut delegates = Vec::new();
    for entry in fields.tables(
        "delegate",
        "[[delegate]]",
        &["person", "from", "until", "by"],
    ) {
        let person = entry.need::<PrincipalId>("person");
        let by = entry.need::<PrincipalId>("by");
        let from = entry.get::<Date>("from");
        let until = entry.need::<Date>("until");
        if let Some(by) = by
            .as_ref()
            .filter(|by| !owners.is_empty() && !owners.contains(&by.value))
        {
            let message = format!("`{}` has no authority here to lend", by.value);
            entry.problems.error_with(
                &by.place,
                message,
                "the owner, product owner or data owner lends; nobody passes it on",
            );
        }
        if let (Some(person), Some(by)) = (&person, &by)
            && person.value == by.value
        {
            entry
                .problems
                .error(&person.place, "nobody lends authority to themselves");
        }
        if let (Some(from), Some(until)) = (&from, &until)
            && until.value < from.value
        {
            entry
                .problems
                .error(&until.place, "the delegation would end before it begins");
        }
        if let Some(until) = &until {
            let from = from.as_ref().map(|it| it.value);
            reading.claim(
                &until.place,
                Claim::Delegated {
                    from,
                    until: until.value,
                },
            );
        }
        let person = reading.person(person, "delegate");
        let by = reading.person(by, "owner");
        let (Some(person), Some(by), Some(until)) = (person, by, until) else {
            continue;
        };
        delegates.push(Delegate {
            person,
            from: from.map(|it| it.value),
            until: until.value,
            by,
        });
    }
    delegates
}

/// An own listener on this machine.
fn address(
    fields: &Fields<'_>,
    id: Option<&ApplicationId>,
    reading: &mut Reading<'_>,
) -> Option<String> {
    let address = fields.get::<SocketAddr>("address")?;
    if !listens_on_loopback(&address.value) {
        let message = format!(
            "`address` listens on this machine only, not on {}",
            address.value.ip()
        );
        let hint = format!("write \"127.0.0.1:{}\"", address.value.port());
        fields.problems.error_with(&address.place, message, hint);
    }
    if let Some(id) = id.filter(|_| address.value.port() != 0) {
        let own = At {
            value: id.clone(),
            place: address.place.clone(),
        };
        if let Some(other) = reading.seen.addresses.insert(address.value, own) {
            let message = format!(
                "`{}` is the address of `{}` already",
                address.value, other.value
            );
            fields.problems.error_with(
                &address.place,
                message,
                "each application needs a port of its own",
            );
        }
    }
    Some(address.value.to_string())
}

fn record(fields: &Fields<'_>, tier: Option<Tier>) -> RecordTiming {
    let words = [
        ("before", RecordTiming::Before),
        ("with", RecordTiming::With),
        ("after", RecordTiming::After),
    ];
    let stated = fields.word("record", &words);
    if let Some(stated) = stated
        .as_ref()
        .filter(|stated| stated.value == RecordTiming::After)
        && tier == Some(Tier::Regulated)
    {
        let message = "a crash could lose the record of what already happened";
        fields.problems.warning(
            &stated.place,
            message,
            "`before` is the rule for `regulated`",
        );
    }
    let default = if tier == Some(Tier::Low) {
        RecordTiming::With
    } else {
        RecordTiming::Before
    };
    stated.map_or(default, |stated| stated.value)
}
