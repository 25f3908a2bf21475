//! How an application is told who acts as whom: the assertion, a trusted header, a secret header.

use std::path::Path;

use locum_domain::ApplicationId;
use locum_domain::catalog::{IdentityHeader, SigningAlgorithm};

use super::Reading;
use crate::address::is_token;
use crate::problem::Problems;
use crate::read::Fields;
use crate::secret::secret_text;
use crate::source::At;

/// Headers that frame a message or belong to one hop: no identity travels in them.
const FRAMING: [&str; 10] = [
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "set-cookie",
    "te",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn identity(
    fields: &Fields<'_>,
    key: &str,
    id: Option<&ApplicationId>,
    reading: &mut Reading<'_>,
) -> (Option<IdentityHeader>, Option<(String, String)>) {
    let problems = fields.problems;
    let assertion = fields.table_or_empty(
        "assertion",
        "[assertion]",
        &["header", "algorithm", "audience"],
    );
    let header = assertion
        .get::<String>("header")
        .filter(|header| is_header(header, "header", problems));
    let algorithm = assertion.word(
        "algorithm",
        &[
            ("EdDSA", SigningAlgorithm::EdDSA),
            ("Ed25519", SigningAlgorithm::Ed25519),
            ("ES256", SigningAlgorithm::ES256),
            ("RS256", SigningAlgorithm::RS256),
        ],
    );
    let audience = audience(&assertion, id, reading);
    let trusted = fields
        .get::<String>("trusted_header")
        .filter(|header| is_header(header, "trusted_header", problems));
    let assertion_header =
        header.map_or_else(|| "Locum-Assertion".to_owned(), |header| header.value);
    if let Some(trusted) = trusted
        .as_ref()
        .filter(|trusted| trusted.value.eq_ignore_ascii_case(&assertion_header))
    {
        problems.error(&trusted.place, "`trusted_header` is the assertion's header");
    }
    let secret_header = secret_header(fields, key);
    let identity = audience.map(|audience| IdentityHeader {
        assertion_header,
        algorithm: algorithm.map_or(SigningAlgorithm::EdDSA, |algorithm| algorithm.value),
        audience,
        trusted_header: trusted.map(|trusted| trusted.value),
    });
    (identity, secret_header)
}

/// Two applications with one audience would accept each other's assertions.
fn audience(
    assertion: &Fields<'_>,
    id: Option<&ApplicationId>,
    reading: &mut Reading<'_>,
) -> Option<String> {
    let stated = assertion.get::<String>("audience");
    let place = stated
        .as_ref()
        .map_or(&assertion.place, |stated| &stated.place)
        .clone();
    let audience = stated.map_or_else(
        || id.map(|id| format!("app:{id}")),
        |stated| Some(stated.value),
    )?;
    if let Some(id) = id
        && let Some(other) = reading.seen.audiences.insert(audience.clone(), id.clone())
        && other != *id
    {
        let message = format!("`{audience}` is the audience of `{other}` already");
        assertion.problems.error_with(
            &place,
            message,
            "each application would accept the other's assertions",
        );
    }
    Some(audience)
}

/// Name and secret reference; a relative path is kept relative to the folder of `locum.toml`.
fn secret_header(fields: &Fields<'_>, key: &str) -> Option<(String, String)> {
    let section = fields.table("secret_header", "[secret_header]", &["name", "value"])?;
    let name = section
        .need::<String>("name")
        .filter(|name| is_header(name, "name", section.problems));
    if section.node("value").is_none() {
        section.problems.error_with(
            &section.place,
            "[secret_header] needs `value`",
            "\"env:NAME\" or \"file:PATH\"",
        );
    }
    let value = secret_text(&section, "value")?.value;
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let value = match value.strip_prefix("file:") {
        Some(path) if Path::new(path).is_relative() => format!("file:{folder}/{path}"),
        _ => value,
    };
    Some((name?.value, value))
}

/// Headers that are stripped besides the built-in list.
pub(super) fn strip_headers(fields: &Fields<'_>) -> Vec<String> {
    let names = fields.list::<String>("strip_headers");
    let names = names.into_iter().filter(|name| {
        // `X-Product-*` strips a whole family, as the built-in list does.
        let plain = name.map_ref(|text| text.strip_suffix("-*").unwrap_or(text).to_owned());
        is_header(&plain, "strip_headers", fields.problems)
    });
    names.map(|name| name.value).collect()
}

fn is_header(name: &At<String>, key: &str, problems: &Problems) -> bool {
    let lower = name.value.to_ascii_lowercase();
    if !is_token(&name.value) || lower.contains('*') {
        problems.error_with(
            &name.place,
            format!("`{key}` is not the name of a header"),
            "as \"X-Remote-User\"",
        );
        return false;
    }
    if FRAMING.contains(&lower.as_str()) {
        problems.error(
            &name.place,
            format!("`{key}`: `{}` is not Locum's to set or strip", name.value),
        );
        return false;
    }
    true
}
