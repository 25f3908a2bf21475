//! The API's own description (OpenAPI 3.1), made from the same types that answer.

use locum_api::Problem;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr};
use utoipa::{Modify, OpenApi as _};

use crate::api::{
    absences, authenticators, catalog, changes, countersigning, decisions, delegations, enrolments,
    erasures, events, exceptions, explain, governance, keys, logins, population, reconcile, record,
    requests, reviews, sessions, stop, unclassified,
};
use crate::{hooks, ledger, oauth};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Locum",
        description = "Governs support impersonation: asked for against a case, approved by a named person, cut when the case closes, proven afterwards.",
        contact(name = "Locum", url = "https://github.com/locum-project/locum"),
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    paths(
        requests::file, requests::preview, requests::list, requests::show, requests::answer,
        requests::accept, requests::withdraw, requests::extend, requests::activate,
        decisions::approve, decisions::statement, decisions::deny, decisions::ask, decisions::offer,
        countersigning::sign, countersigning::what_to_sign,
        erasures::list, erasures::ask, erasures::statement, erasures::confirm, erasures::deny,
        exceptions::list, exceptions::ask, exceptions::statement, exceptions::confirm, exceptions::deny, exceptions::end,
        absences::list, absences::announce, absences::end,
        governance::show, changes::list, changes::show, changes::propose, changes::preview, changes::statement,
        changes::confirm, changes::deny, changes::withdraw, delegations::list, delegations::confirm,
        explain::request, explain::session, explain::own_refusals, explain::refusal,
        authenticators::list, authenticators::revoke,
        enrolments::list, enrolments::ask, enrolments::invite, enrolments::show, enrolments::approve, enrolments::deny,
        enrolments::founders, keys::list, keys::rotate, logins::list, logins::end,
        sessions::list, sessions::show, sessions::open, sessions::end,
        events::feed, events::show, events::evidence, population::export,
        reviews::list, reviews::show, reviews::complete, reviews::statement,
        stop::stop, stop::holds, stop::lift,
        catalog::me, catalog::applications, unclassified::list, record::show, record::verify, reconcile::compare,
        oauth::token, oauth::authorize, oauth::revoke, oauth::log_out, oauth::metadata, oauth::jwks,
        hooks::receive, ledger::checkpoint,
    ),
    components(schemas(Problem)),
    security(("bearer" = [])),
    tags(
        (name = "requests", description = "Asking to act as a subject, and what becomes of it"),
        (name = "decisions", description = "What the named people decide"),
        (name = "sessions", description = "Acting: ways in and out"),
        (name = "events", description = "The record: the feed, access events and their evidence"),
        (name = "reviews", description = "What is found afterwards"),
        (name = "stop", description = "The kill switch and its holds"),
        (name = "exceptions", description = "Closed operations that two people open for a time"),
        (name = "erasures", description = "What the record holds of one subject, erased by two people"),
        (name = "absences", description = "Who is away, and whom their requests go to meanwhile"),
        (name = "governance", description = "What counts"),
        (name = "changes", description = "Changing what counts, by one person or by two"),
        (name = "delegations", description = "Authority that is lent in writing, and waits for whoever lends it"),
        (name = "catalog", description = "What can be asked for"),
        (name = "authenticators", description = "The keys by which people sign"),
        (name = "enrolments", description = "How a key comes to count, and the founding"),
        (name = "logins", description = "Where the caller is signed in"),
        (name = "keys", description = "Locum's own signing keys"),
        (name = "oauth", description = "Tokens for programs and devices"),
        (name = "case systems", description = "Webhooks of case systems"),
        (name = "ledger", description = "The public ledger"),
    ),
    modifiers(&Problems),
)]
struct Description;

/// The description of everything that this listener answers.
pub fn openapi() -> OpenApi {
    Description::openapi()
}

/// Every refusal that an operation of the API can answer, and the bearer scheme.
struct Problems;

/// What any call can get, and what a command can get besides.
const ANY: [(&str, &str); 7] = [
    ("400", "The request cannot be read"),
    (
        "401",
        "Nobody is signed in, the session has ended, or a signature is required",
    ),
    ("403", "Refused by policy or state, with a reason code"),
    (
        "404",
        "Nothing has this id, or it is not for the caller's eyes",
    ),
    ("405", "The address does not take this method"),
    (
        "429",
        "A budget is spent, that of refusals included, or too many attempts failed",
    ),
    ("503", "Nothing can be recorded at the moment"),
];
const COMMAND: [(&str, &str); 6] = [
    (
        "409",
        "Decided already, lapsed, stale, or an idempotent command that still runs",
    ),
    ("412", "`If-Match` names another state"),
    ("408", "The body took longer than 30 seconds"),
    ("413", "The body is larger than 256 KiB"),
    ("415", "The body is not JSON"),
    (
        "422",
        "The body has another shape; `pointer` names the place",
    ),
];

impl Modify for Problems {
    fn modify(&self, description: &mut OpenApi) {
        let components = description.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let scheme = SecurityScheme::Http(bearer.build());
        components.add_security_scheme("bearer", scheme);
        for (path, item) in &mut description.paths.paths {
            // OAuth has its own errors.
            if oauth::is_spoken_at(path) || path.starts_with("/.well-known/") {
                for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                    name(operation);
                    operation.security = Some(Vec::new());
                }
                continue;
            }
            let is_open = !path.starts_with("/api/");
            for (operation, is_command) in [(&mut item.get, false), (&mut item.post, true)] {
                let Some(operation) = operation else {
                    continue;
                };
                name(operation);
                if is_open {
                    operation.security = Some(Vec::new());
                }
                let more: &[(&str, &str)] = if is_command { &COMMAND } else { &[] };
                for (status, text) in ANY.iter().chain(more) {
                    // The ledger is public: there is nobody to refuse.
                    if is_open && !is_command && ["401", "403"].contains(status) {
                        continue;
                    }
                    let answer = RefOr::T(problem(text));
                    operation
                        .responses
                        .responses
                        .entry((*status).to_owned())
                        .or_insert(answer);
                }
            }
        }
    }
}

/// Verbs are called alike in several rooms; the whole description must tell them apart.
fn name(operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next();
    if let (Some(tag), Some(id)) = (tag, &operation.operation_id) {
        operation.operation_id = Some(format!("{}-{id}", tag.replace(' ', "-")));
    }
    // Where one sentence says it all, it is the description too.
    if operation.description.is_none() {
        operation.description.clone_from(&operation.summary);
    }
}

fn problem(description: &str) -> utoipa::openapi::Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(description)
        .content(crate::refused::PROBLEM_JSON, content)
        .build()
}
