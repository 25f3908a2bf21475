//! Who the case's subject is in an application, and whom nobody acts as.

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::catalog::{ListedSubject, ProtectedSubject, SubjectSource};
use locum_domain::{SubjectId, TenantId};

use super::{Reading, declare, reference};
use crate::address::web;
use crate::read::{Fields, document};
use crate::settings::Pointer;
use crate::source::Source;

#[derive(Clone, Copy)]
enum Kind {
    File,
    Http,
}

pub(super) fn source(
    fields: &Fields<'_>,
    key: &str,
    reading: &Reading<'_>,
) -> Option<SubjectSource> {
    let names = ["source", "file", "url", "id", "tenant", "attributes"];
    let section = fields.table("subjects", "[subjects]", &names)?;
    if section.node("source").is_none() {
        section.problems.error_with(
            &section.place,
            "[subjects] needs `source`",
            "\"file\" or \"http\"",
        );
    }
    let kind = section.word("source", &[("file", Kind::File), ("http", Kind::Http)])?;
    let foreign: &[&str] = match kind.value {
        Kind::File => &["url", "id", "tenant", "attributes"],
        Kind::Http => &["file"],
    };
    for name in foreign.iter().filter(|name| section.node(name).is_some()) {
        section.problems.error(
            section.place_of(name),
            format!("`{name}` belongs to the other kind of source"),
        );
    }
    match kind.value {
        Kind::File => file(&section, key, reading),
        Kind::Http => http(&section),
    }
}

fn http(section: &Fields<'_>) -> Option<SubjectSource> {
    let url = section.need::<String>("url");
    let url = url.filter(|url| {
        let is_address = web(
            &url.map_ref(|text| text.replace("{subject}", "x")),
            "url",
            section.problems,
        )
        .is_some();
        let host = url.value.split('/').nth(2).unwrap_or_default();
        let names_subject = url.value.contains("{subject}") && !host.contains("{subject}");
        if is_address && !names_subject {
            let hint = "as \"http://127.0.0.1:9101/accounts/{subject}\"";
            section.problems.error_with(
                &url.place,
                "`url` says after the host where the subject goes",
                hint,
            );
        }
        is_address && names_subject
    });
    let id = section.need::<Pointer>("id");
    let tenant = section.get::<Pointer>("tenant");
    let attributes = section.map::<Pointer>("attributes");
    Some(SubjectSource::Http {
        url: url?.value,
        id: id?.value.0,
        tenant: tenant.map(|tenant| tenant.value.0),
        attributes: attributes
            .into_iter()
            .map(|(name, pointer)| (name.value, pointer.value.0))
            .collect(),
    })
}

fn file(section: &Fields<'_>, key: &str, reading: &Reading<'_>) -> Option<SubjectSource> {
    let path = section.need::<String>("file")?;
    let Some((found, text)) = reference::find(reading.files, key, &path.value) else {
        let message = format!("the list of subjects `{}` is missing", path.value);
        section
            .problems
            .error_with(&path.place, message, "a relative path starts at this file");
        return None;
    };
    let root = document(&Source::new((reading.shown)(found), text), section.problems);
    let root = Fields::open(&root, "a list of subjects", &["subject"], section.problems);
    let mut seen = BTreeMap::new();
    let mut subjects = Vec::new();
    for entry in root.tables(
        "subject",
        "[[subject]]",
        &["case_subject", "id", "tenant", "attributes"],
    ) {
        let case_subject = entry.need::<SubjectId>("case_subject");
        let is_new = case_subject
            .as_ref()
            .is_some_and(|subject| declare(&mut seen, subject, "subject", entry.problems));
        let id = entry.need::<String>("id");
        let tenant = entry.get::<TenantId>("tenant").map(|tenant| tenant.value);
        let attributes = entry.map::<String>("attributes");
        let (Some(case_subject), Some(id)) = (case_subject.filter(|_| is_new), id) else {
            continue;
        };
        subjects.push(ListedSubject {
            case_subject: case_subject.value,
            id: id.value,
            tenant,
            attributes: attributes
                .into_iter()
                .map(|(name, value)| (name.value, value.value))
                .collect(),
        });
    }
    Some(SubjectSource::File { subjects })
}

pub(super) fn protected(
    fields: &Fields<'_>,
    source: Option<&SubjectSource>,
) -> Vec<ProtectedSubject> {
    let mut protected = Vec::new();
    for entry in fields.tables(
        "protected_subject",
        "[[protected_subject]]",
        &["attribute", "values"],
    ) {
        let attribute = entry.need::<String>("attribute");
        let values: BTreeSet<String> = entry
            .need_list::<String>("values")
            .into_iter()
            .map(|value| value.value)
            .collect();
        let Some(attribute) = attribute else { continue };
        let is_supplied = match source {
            Some(SubjectSource::Http { attributes, .. }) => {
                attributes.contains_key(&attribute.value)
            }
            Some(SubjectSource::File { subjects }) => {
                subjects.is_empty()
                    || subjects
                        .iter()
                        .any(|subject| subject.attributes.contains_key(&attribute.value))
            }
            None => false,
        };
        if !is_supplied && (source.is_some() || fields.node("subjects").is_none()) {
            let message = format!(
                "nobody supplies `{}`, so every subject counts as protected",
                attribute.value
            );
            entry.problems.warning(
                &attribute.place,
                message,
                "name it in `attributes` of [subjects]",
            );
        }
        protected.push(ProtectedSubject {
            attribute: attribute.value,
            values,
        });
    }
    protected
}
