//! `[[operation]]`: what one can do in an application, as routes and as what GraphQL documents ask for.

use std::collections::BTreeMap;

use locum_domain::access::{RoutePattern, is_graphql_name};
use locum_domain::catalog::{CLOSED_CLASSES, Effect, Operation};
use locum_domain::{ApplicationId, OperationId};

use super::graphql::Graphql;
use super::{Reading, declare};
use crate::nearest::did_you_mean;
use crate::read::Fields;
use crate::source::{At, Place};

/// A pattern with more of these would let one long path cost too much to match.
const MOST_OPEN_ENDS: usize = 2;

/// Who has a route already.
type Taken = Vec<(RoutePattern, At<OperationId>)>;

pub(super) fn operations(
    fields: &Fields<'_>,
    application: Option<&ApplicationId>,
    graphql: &mut Graphql,
    reading: &mut Reading<'_>,
) -> BTreeMap<OperationId, Operation> {
    let mut operations = BTreeMap::new();
    let mut seen = BTreeMap::new();
    let mut taken = Taken::new();
    let names = [
        "id",
        "effect",
        "routes",
        "graphql",
        "graphql_hashes",
        "closed",
        "object",
        "max_per_session",
    ];
    for entry in fields.tables("operation", "[[operation]]", &names) {
        let id = entry.need::<OperationId>("id");
        let is_new = id
            .as_ref()
            .is_some_and(|id| declare(&mut seen, id, "operation", entry.problems));
        let operation = operation(&entry, id.as_ref(), &mut taken, graphql);
        if let (Some(id), Some(application)) = (&id, application) {
            let is_closed = entry.node("closed").is_some();
            reading
                .seen
                .operations
                .insert((application.clone(), id.value.clone()), is_closed);
        }
        if let Some(operation) = operation.filter(|_| is_new) {
            operations.insert(operation.id.clone(), operation);
        }
    }
    if fields.node("operation").is_none() {
        let message = "without operations every request is refused as unclassified";
        fields.problems.warning(
            &fields.place,
            message,
            "declare what one can do there: [[operation]]",
        );
    }
    operations
}

fn operation(
    entry: &Fields<'_>,
    id: Option<&At<OperationId>>,
    taken: &mut Taken,
    graphql: &mut Graphql,
) -> Option<Operation> {
    let effects = [
        Effect::Asset,
        Effect::Read,
        Effect::Write,
        Effect::Mint,
        Effect::Egress,
        Effect::Admin,
    ];
    if entry.node("effect").is_none() {
        let hint = "asset, read, write, mint, egress or admin";
        entry
            .problems
            .error_with(&entry.place, "[[operation]] needs `effect`", hint);
    }
    let effect = entry.word("effect", &effects.map(|effect| (effect.as_str(), effect)));
    let closed = entry.word("closed", &CLOSED_CLASSES.map(|class| (class, class)));
    if let (Some(effect), Some(closed)) = (&effect, &closed)
        && effect.value == Effect::Asset
    {
        let message = "an `asset` is part of every grant and cannot be closed";
        entry.problems.error(&closed.place, message);
    }
    let has_documents = ["graphql", "graphql_hashes"]
        .iter()
        .any(|name| entry.node(name).is_some());
    let lines: Vec<At<String>> = if has_documents {
        entry.list("routes")
    } else {
        entry.need_list("routes")
    };
    let mut most_stars = 0;
    for line in &lines {
        if let Some(pattern) = route(line, entry) {
            if graphql.has_endpoint(&pattern) {
                let message = format!("`{}` is a GraphQL endpoint", line.value);
                let hint = "what comes there is classified by its document: graphql = [\"query invoices\"]";
                entry.problems.error_with(&line.place, message, hint);
            }
            most_stars = most_stars.max(pattern.stars());
            take(pattern, line, id, taken, entry);
        }
    }
    let known = effect.as_ref().map(|effect| effect.value);
    let (fields, hashes) = graphql.listed(entry, id.map(|id| &id.value), known);
    let object = entry.get::<String>("object");
    if let Some(object) = &object {
        template(object, most_stars, !fields.is_empty(), entry);
    }
    let max_per_session = entry.get::<u32>("max_per_session").map(|most| most.value);
    Some(Operation {
        id: id?.value.clone(),
        effect: effect?.value,
        routes: lines.into_iter().map(|line| line.value).collect(),
        graphql: fields,
        graphql_hashes: hashes,
        closed: closed.map(|closed| closed.value.to_owned()),
        object: object.map(|object| object.value),
        max_per_session,
    })
}

fn route(line: &At<String>, entry: &Fields<'_>) -> Option<RoutePattern> {
    let refuse = |message: String, hint: &str| {
        entry
            .problems
            .error_with(&line.place, format!("`{}`: {message}", line.value), hint);
        None
    };
    let pattern = match RoutePattern::parse(&line.value) {
        Ok(pattern) => pattern,
        Err(error) => {
            return refuse(
                error.to_string(),
                "as \"GET /invoices/*\"; methods are written in capitals",
            );
        }
    };
    let (method, path) = line.value.split_once(' ').unwrap_or_default();
    if method == "HEAD" {
        return refuse("HEAD counts as GET".to_owned(), "write GET");
    }
    if path.contains("//") {
        return refuse(
            "an empty segment is never forwarded".to_owned(),
            "write one slash",
        );
    }
    if path.contains('%') {
        return refuse(
            "paths are compared decoded".to_owned(),
            "write the character itself",
        );
    }
    if path.split('/').filter(|segment| *segment == "**").count() > MOST_OPEN_ENDS {
        return refuse(
            format!("more than {MOST_OPEN_ENDS} `**`"),
            "write several routes",
        );
    }
    Some(pattern)
}

/// Notes whose route it is; the same route twice would leave the answer to chance.
fn take(
    pattern: RoutePattern,
    line: &At<String>,
    id: Option<&At<OperationId>>,
    taken: &mut Taken,
    entry: &Fields<'_>,
) {
    if let Some((_, first)) = taken.iter().find(|(known, _)| *known == pattern) {
        let (line_number, _) = first.place.source.line_and_column(first.place.span.start);
        let message = format!("`{}` is a route of `{}` already", line.value, first.value);
        entry
            .problems
            .error_with(&line.place, message, format!("first on line {line_number}"));
        return;
    }
    if let Some(id) = id {
        taken.push((
            pattern,
            At {
                value: id.value.clone(),
                place: Place::clone(&line.place),
            },
        ));
    }
}

/// `invoice:{1}`: every `{n}` is the n-th `*` of at least one route, and `{id}` an argument of a root field.
fn template(object: &At<String>, most_stars: usize, has_fields: bool, entry: &Fields<'_>) {
    let mut rest = object.value.as_str();
    while let Some(open) = rest.find(['{', '}']) {
        let tail = rest.get(open..).unwrap_or_default();
        let Some((inside, after)) = tail.strip_prefix('{').and_then(|tail| tail.split_once('}'))
        else {
            entry.problems.error_with(
                &object.place,
                "`object` has a brace without its other half",
                "as \"invoice:{1}\"",
            );
            return;
        };
        match inside.parse::<usize>() {
            Ok(number) if (1..=most_stars).contains(&number) => {}
            Ok(number) => {
                let message =
                    format!("`object` names the star number {number}, and no route has so many");
                let hint =
                    format!("the routes have at most {most_stars} `*` (`**` does not count)");
                entry.problems.error_with(&object.place, message, hint);
            }
            Err(_) if has_fields && is_graphql_name(inside) => {}
            Err(_) => {
                let message = format!("`{{{inside}}}` names no star");
                let hint = did_you_mean(inside, ["1", "2"])
                    .unwrap_or_else(|| "{1} is what the first `*` named".to_owned());
                entry.problems.error_with(&object.place, message, hint);
            }
        }
        rest = after;
    }
}
