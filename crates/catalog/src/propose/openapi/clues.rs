//! What a document says about one operation.

use super::document::{Body, Document, Operation, Parameter, PathItem};
use super::lenient::{Lenient, Listed, Text};
use super::reference::{Fields, parameter, request_body, response};
use crate::propose::media::file_kind;
use crate::propose::route::Clues;

/// Characters of a summary that are looked at.
const LONGEST_SUMMARY: usize = 300;

/// What an operation is described by elsewhere, where nobody looked.
pub(super) const ELSEWHERE: &str = "part of it is described in another file, which was not read: bundle the document into one, or look at what it takes";

pub(super) fn clues(document: &Document, item: &PathItem, operation: &Operation) -> Clues {
    let tag = operation.tags.0.first().map(|tag| tag.0.clone());
    let mut clues = Clues {
        tag: tag.filter(|tag| !tag.trim().is_empty() && tag != "default"),
        ..Clues::default()
    };
    let said = |text: &Text| Some(text.0.clone()).filter(|text| !text.is_empty());
    clues.names.extend(said(&operation.operation_id));
    let summary = operation.summary.0.chars().take(LONGEST_SUMMARY).collect();
    clues.summaries.extend(said(&Text(summary)));
    if operation.deprecated.0 == "true" {
        clues
            .notes
            .insert("the document calls it deprecated".to_owned());
    }
    if operation.reference.is_some() {
        clues.notes.insert(ELSEWHERE.to_owned());
    }
    taken(document, item, operation, &mut clues);
    answered(document, operation, &mut clues);
    clues
}

/// What is sent with it.
fn taken(document: &Document, item: &PathItem, operation: &Operation, clues: &mut Clues) {
    let mut fields = Fields::default();
    if let Some(body) = &operation.request_body.0 {
        match request_body(document, body) {
            Some(body) => {
                for (kind, media) in &body.content.0 {
                    clues.is_upload |= is_upload(kind);
                    fields.read(document, &media.schema);
                }
            }
            None => fields.is_cut = true,
        }
    }
    parameters(document, &item.parameters, &mut fields, clues);
    parameters(document, &operation.parameters, &mut fields, clues);
    if fields.is_cut {
        clues.notes.insert(ELSEWHERE.to_owned());
    }
    // A body of which nothing is said may hold anything.
    clues.body_fields = Some(fields.names).filter(|named| !named.is_empty());
}

fn is_upload(media_type: &str) -> bool {
    media_type.starts_with("multipart/") || media_type.contains("octet-stream")
}

/// A body as 2.0 describes it: one parameter, or one for each field of a form.
fn parameters(
    document: &Document,
    listed: &Listed<Lenient<Parameter>>,
    fields: &mut Fields,
    clues: &mut Clues,
) {
    for told in listed.0.iter().filter_map(|it| it.0.as_ref()) {
        let Some(parameter) = parameter(document, told) else {
            // Those of 3.0 stand elsewhere and are none of a body.
            continue;
        };
        match parameter.place.0.as_str() {
            "body" => fields.read(document, &parameter.schema),
            "formData" => {
                clues.is_upload |= parameter.kind.0 == "file";
                fields.names.insert(parameter.name.0.clone());
            }
            _ => {}
        }
    }
}

/// What it answers, where that is a file.
fn answered(document: &Document, operation: &Operation, clues: &mut Clues) {
    for (status, answer) in &operation.responses.0 {
        if !(status.starts_with('2') || status == "default") {
            continue;
        }
        if let Some(answer) = response(document, answer) {
            clues.answers_file = clues
                .answers_file
                .or_else(|| file(answer, operation, document));
        }
    }
}

fn file(answer: &Body, operation: &Operation, document: &Document) -> Option<&'static str> {
    let named = answer.content.0.keys().map(String::as_str);
    let kinds: Vec<Option<&str>> = match document.swagger {
        None => named.map(file_kind).collect(),
        Some(_) => {
            let own = Some(&operation.produces).filter(|it| !it.0.is_empty());
            let produced = own.unwrap_or(&document.produces);
            produced.0.iter().map(|it| file_kind(&it.0)).collect()
        }
    };
    // What is also offered as JSON is a choice of form.
    let is_offered_as_data = kinds.iter().any(Option::is_none);
    let of_schema = answer.schema.is_file.then_some("unknown bytes");
    kinds
        .into_iter()
        .flatten()
        .next()
        .filter(|_| !is_offered_as_data)
        .or(of_schema)
}
