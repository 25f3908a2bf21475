//! Whom an application lets anybody act as.

use std::collections::BTreeSet;

use locum_domain::catalog::{ListedSubject, ProtectedSubject, SubjectSource};

use crate::field::{Judged, Sheet, loosens, tightens};

const MOVED: Judged =
    loosens("who a case's subject is there, and what is known of them, is read elsewhere");

pub(crate) fn source(
    sheet: &mut Sheet<'_>,
    old: Option<&SubjectSource>,
    new: Option<&SubjectSource>,
) {
    if let (
        Some(SubjectSource::File { subjects: old }),
        Some(SubjectSource::File { subjects: new }),
    ) = (old, new)
    {
        return listed(sheet, old, new);
    }
    if old == new {
        return;
    }
    let judged = match (old, new) {
        (Some(_), None) => {
            loosens("the case's subject is taken as it is, and nothing is known of them")
        }
        _ => MOVED,
    };
    sheet.note("subjects", (old.map(told), new.map(told)), judged, []);
}

/// A list is told by who is on it and who is not; it may hold thousands.
fn listed(sheet: &mut Sheet<'_>, old: &[ListedSubject], new: &[ListedSubject]) {
    let gone: Vec<&ListedSubject> = old.iter().filter(|it| !new.contains(it)).collect();
    let come: Vec<&ListedSubject> = new.iter().filter(|it| !old.contains(it)).collect();
    if gone.is_empty() && come.is_empty() {
        return;
    }
    let judged = match come.is_empty() {
        true => tightens("whoever is on no list is unknown, and nobody acts as them"),
        false => loosens("somebody else can be acted as, or something else is known of them"),
    };
    let told = |all: &[ListedSubject], some: &[&ListedSubject]| {
        let names: Vec<&str> = some
            .iter()
            .take(5)
            .map(|it| it.case_subject.as_str())
            .collect();
        let more = if some.len() > names.len() {
            ", …"
        } else {
            ""
        };
        let which = match names.is_empty() {
            true => String::new(),
            false => format!(", among them {}{more}", names.join(", ")),
        };
        Some(format!("{} subjects{which}", all.len()))
    };
    sheet.note("subjects", (told(old, &gone), told(new, &come)), judged, []);
}

fn told(source: &SubjectSource) -> String {
    match source {
        SubjectSource::File { subjects } => format!("a file of {} subjects", subjects.len()),
        SubjectSource::Http {
            url,
            id,
            tenant,
            attributes,
        } => format!("{url} (id {id}, tenant {tenant:?}, attributes {attributes:?})"),
    }
}

pub(crate) fn protected(sheet: &mut Sheet<'_>, old: &[ProtectedSubject], new: &[ProtectedSubject]) {
    if old == new {
        return;
    }
    let is_kept = |was: &ProtectedSubject| {
        let same = new.iter().filter(|is| is.attribute == was.attribute);
        let mut same = same.map(|is| &is.values);
        same.any(|values| was.values.is_subset(values))
    };
    let judged = match old.iter().all(is_kept) {
        true => tightens("more subjects are protected"),
        false => loosens("somebody who was protected can be acted as"),
    };
    let told = |all: &[ProtectedSubject]| {
        let line = |ProtectedSubject { attribute, values }: &ProtectedSubject| {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            format!("{attribute} is {}", values.join(" or "))
        };
        let lines: BTreeSet<String> = all.iter().map(line).collect();
        let lines: Vec<String> = lines.into_iter().collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    };
    sheet.note("protected_subject", (told(old), told(new)), judged, []);
}
