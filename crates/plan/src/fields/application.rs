//! Applications.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::PrincipalId;
use locum_domain::catalog::{
    Application, DataClass, Delegate, IdentityHeader, RecordTiming, SigningAlgorithm,
};

use super::{operation, pairs, subjects};
use crate::field::{FieldChange, Judged, Kind, Sheet, loosens, neutral, owners_loosen, tightens};

const DECIDES: Judged =
    owners_loosen("whoever is named decides about it and sees what is done in it");
const DECIDES_NO_MORE: Judged = tightens("nobody decides in that office any more");

pub(crate) fn compare(
    old: Option<&Application>,
    new: Option<&Application>,
    changes: &mut Vec<FieldChange>,
) {
    let Some(either) = new.or(old) else {
        return;
    };
    let mut sheet = Sheet {
        kind: Kind::Application,
        id: either.id.to_string(),
        application: Some(&either.id),
        gains: BTreeSet::new(),
        changes,
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (old, _) => {
            let judged = match old {
                None => loosens("another application can be asked for"),
                Some(_) => tightens("it cannot be asked for any more"),
            };
            let told = format!("{}, {}", either.name, either.tier.as_str());
            return sheet.entry(old.is_none(), told, judged, [either.owner.clone()]);
        }
    };
    fields(&mut sheet, old, new);
    for (was, is) in pairs(&old.operations, &new.operations) {
        operation::compare(&either.id, was, is, changes);
    }
}

fn fields(sheet: &mut Sheet<'_>, old: &Application, new: &Application) {
    let Application {
        id: _,
        name,
        tier,
        data,
        owner,
        product_owner,
        data_owner,
        reviewer,
        delegates,
        reason_prompt,
        upstream,
        address,
        identity,
        secret_header,
        strip_headers,
        harmless_cookies,
        record,
        subjects,
        protected_subjects,
        graphql_endpoints,
        operations: _,
    } = old;
    let called = loosens("whoever approves knows it by its name");
    sheet.field("name", name, &new.name, called);
    sheet.judged("tier", tier, &new.tier, |old, new| match new > old {
        true => tightens("a stricter tier asks for more"),
        false => loosens("a laxer tier asks for less"),
    });
    let (more, less) = (
        tightens("more is known to be sensitive"),
        loosens("less counts as sensitive, and may need fewer people"),
    );
    let words = |it: &BTreeSet<DataClass>| -> BTreeSet<&'static str> {
        it.iter().map(|it| it.as_str()).collect()
    };
    sheet.set("data", &words(data), &words(&new.data), more, less);
    sheet.office(
        "owner",
        Some(owner),
        Some(&new.owner),
        DECIDES,
        DECIDES_NO_MORE,
    );
    let office =
        |sheet: &mut Sheet<'_>, field, old: &Option<PrincipalId>, new: &Option<PrincipalId>| {
            sheet.office(field, old.as_ref(), new.as_ref(), DECIDES, DECIDES_NO_MORE);
        };
    office(sheet, "product_owner", product_owner, &new.product_owner);
    office(sheet, "data_owner", data_owner, &new.data_owner);
    let looks = loosens("somebody else looks at what was done in it");
    sheet.office(
        "reviewer",
        reviewer.as_ref(),
        new.reviewer.as_ref(),
        looks,
        looks,
    );
    lent(sheet, delegates, &new.delegates);
    let prompt = neutral("a prompt is shown, and is itself no reason");
    sheet.field("reason_prompt", reason_prompt, &new.reason_prompt, prompt);
    let elsewhere = owners_loosen("requests, and who acts as whom, go somewhere else");
    sheet.field("upstream", upstream, &new.upstream, elsewhere);
    sheet.judged("address", address, &new.address, |_, new| match new {
        Some(_) => owners_loosen("it is reached by another listener"),
        None => tightens("it has no listener of its own any more"),
    });
    told_to(sheet, identity, &new.identity);
    // By reference: there is no secret in it.
    sheet.judged(
        "secret_header",
        secret_header,
        &new.secret_header,
        |_, new| match new {
            Some(_) => loosens("a secret that this server can read goes to the upstream"),
            None => loosens("the upstream cannot tell Locum from others by what it demanded"),
        },
    );
    let set = |it: &[String]| -> BTreeSet<String> { it.iter().cloned().collect() };
    sheet.set(
        "strip_headers",
        &set(strip_headers),
        &set(&new.strip_headers),
        tightens("more of what a client sends is taken away"),
        loosens("a client's own header reaches the application"),
    );
    sheet.set(
        "harmless_cookies",
        harmless_cookies,
        &new.harmless_cookies,
        loosens("another cookie of the subject's reaches the browser"),
        tightens("fewer cookies of the subject's reach the browser"),
    );
    sheet.judged("record", record, &new.record, |old, new| {
        match lateness(*new) < lateness(*old) {
            true => tightens("the record is durable earlier"),
            false => loosens("the record is durable later"),
        }
    });
    subjects::source(sheet, subjects.as_ref(), new.subjects.as_ref());
    subjects::protected(sheet, protected_subjects, &new.protected_subjects);
    let documents = loosens("what is asked there is judged otherwise");
    sheet.set(
        "graphql_endpoints",
        &set(graphql_endpoints),
        &set(&new.graphql_endpoints),
        documents,
        documents,
    );
}

fn lateness(record: RecordTiming) -> u8 {
    match record {
        RecordTiming::Before => 0,
        RecordTiming::With => 1,
        RecordTiming::After => 2,
    }
}

fn told_to(sheet: &mut Sheet<'_>, old: &IdentityHeader, new: &IdentityHeader) {
    let IdentityHeader {
        assertion_header,
        algorithm,
        audience,
        trusted_header,
    } = old;
    let heard = loosens("the application may look at something that anybody can write");
    sheet.field(
        "assertion_header",
        assertion_header,
        &new.assertion_header,
        heard,
    );
    let name = |it: SigningAlgorithm| format!("{it:?}");
    let signed = loosens("assertions are signed by another key");
    sheet.field("algorithm", &name(*algorithm), &name(new.algorithm), signed);
    let for_others = loosens("assertions are good for another audience");
    sheet.field("audience", audience, &new.audience, for_others);
    sheet.judged(
        "trusted_header",
        trusted_header,
        &new.trusted_header,
        |_, new| match new {
            Some(_) => loosens("the application believes a header without a signature"),
            None => tightens("the application is told by signed assertions only"),
        },
    );
}

/// Delegations, person by person.
fn lent(sheet: &mut Sheet<'_>, old: &[Delegate], new: &[Delegate]) {
    let by_person = |all: &[Delegate]| -> BTreeMap<PrincipalId, Vec<Delegate>> {
        let mut lines: BTreeMap<PrincipalId, Vec<Delegate>> = BTreeMap::new();
        for it in all {
            lines.entry(it.person.clone()).or_default().push(it.clone());
        }
        lines
    };
    let told = |lines: &[Delegate]| {
        let line = |Delegate {
                        person,
                        from,
                        until,
                        by,
                    }: &Delegate| {
            let from = from.map_or_else(String::new, |it| format!(" from {it}"));
            format!("{person} by {by}{from} until {until}")
        };
        lines.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    for (old, new) in pairs(&by_person(old), &by_person(new)) {
        if old == new {
            continue;
        }
        let judged = match (old, new) {
            (Some(_), None) => tightens("what was lent is taken back"),
            (Some(old), Some(new)) if new.iter().all(|it| is_within(it, old)) => {
                tightens("it is lent for a shorter time")
            }
            _ => owners_loosen("an owner's authority is lent, or lent for longer"),
        };
        let person = new
            .or(old)
            .and_then(|it| it.first())
            .map(|it| it.person.clone());
        let texts = (old.map(|it| told(it)), new.map(|it| told(it)));
        sheet.note("delegate", texts, judged, person);
    }
}

/// Whether this much was lent by the same person already.
fn is_within(new: &Delegate, old: &[Delegate]) -> bool {
    old.iter()
        .any(|it| it.by == new.by && it.until >= new.until && it.from <= new.from)
}
