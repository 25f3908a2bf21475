//! `[login]`: who founds, and which identity provider is believed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use locum_catalog::settings::{Governed, GovernedLogin, SignatureRule, WITHOUT_SIGNATURES};
use locum_catalog::{Bundle, Deployment, SecretRef, Settings};
use locum_domain::catalog::Role;
use serde_json::json;

const DEVELOPMENT: &str = "[login.development]\ntokens = \"file:development-tokens.toml\"";

/// The example's settings with this `[login]`.
fn with(login: &str) -> String {
    let text = common::text("locum.toml");
    assert_eq!(text.matches(DEVELOPMENT).count(), 1);
    text.replace(DEVELOPMENT, login)
}

/// The same in production.
fn production(login: &str) -> String {
    with(login)
        .replace("\"development\"", "\"production\"")
        .replace(
            "\"http://localhost:8470\"",
            "\"https://locum.corp.example\"",
        )
        .replace("example.development", "example")
        .replace("signature = \"optional\"", "")
}

fn parse(text: &str) -> Result<(Settings, Vec<String>), Vec<String>> {
    let said =
        |problems: &[locum_catalog::Problem]| problems.iter().map(ToString::to_string).collect();
    match Settings::parse(text, &BTreeMap::new(), Path::new("/srv/locum")) {
        Ok(checked) => Ok((checked.value, said(&checked.warnings))),
        Err(problems) => Err(said(&problems)),
    }
}

fn said(text: &str) -> Vec<String> {
    match parse(text) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

/// What is said of the example's folder when its founders are these.
fn said_of_founders(founders: &str) -> Vec<String> {
    let folder = common::example();
    let config = folder.path().join("locum.toml");
    std::fs::write(&config, with(&format!("[login]\nfounders = {founders}"))).unwrap();
    let people = folder.path().join("catalog/people.toml");
    let text = std::fs::read_to_string(&people).unwrap();
    let text = text.replace(
        "name = \"Audrey Ash\"",
        "name = \"Audrey Ash\"\nactive = false\naccounts = [{ system = \"idp\", id = \"audrey\" }]",
    );
    std::fs::write(&people, text).unwrap();
    let problems = match Deployment::read(&config, &common::variables(), common::TODAY) {
        Ok(checked) => checked.warnings,
        Err(problems) => problems,
    };
    let all = problems.iter().map(ToString::to_string);
    all.filter(|problem| !problem.contains("aida.pub.jwk"))
        .collect()
}

#[test]
fn r33_the_founders_are_two_different_people_of_the_catalog() {
    let rows = [
        (r#"["sam@corp.example", "prya@corp.example"]"#, None),
        (
            r#"["sam@corp.example"]"#,
            Some(
                "locum.toml:27:12: `founders` names one person instead of two people (exactly two: each enrols a passkey and signs the other's)",
            ),
        ),
        (
            "[]",
            Some(
                "locum.toml:27:12: `founders` names nobody instead of two people (exactly two: each enrols a passkey and signs the other's)",
            ),
        ),
        (
            r#"["sam@corp.example", "prya@corp.example", "mia@corp.example"]"#,
            Some(
                "locum.toml:27:12: `founders` names 3 people instead of two people (exactly two: each enrols a passkey and signs the other's)",
            ),
        ),
        (
            r#"["sam@corp.example", "sam@corp.example"]"#,
            Some(
                "locum.toml:27:33: `sam@corp.example` would be both founders (the founders vouch for each other: name two different people)",
            ),
        ),
        (
            r#"["sam@corp.example", "pria@corp.example"]"#,
            Some(
                "locum.toml:27:33: unknown person `pria@corp.example` among the founders (did you mean `prya@corp.example`?)",
            ),
        ),
        (
            r#"["sam@corp.example", "alice"]"#,
            Some(
                "locum.toml:27:33: unknown person `alice` among the founders (that is an account of `alice@corp.example`: write the person's id)",
            ),
        ),
        (
            r#"["sam@corp.example", "aida"]"#,
            Some(
                "locum.toml:27:33: `aida` is an agent and cannot be a founder (name a person, as its sponsor `olga@corp.example`)",
            ),
        ),
        (
            r#"["sam@corp.example", "audrey@corp.example"]"#,
            Some(
                "locum.toml:27:33: warning: `audrey@corp.example` is a founder and not active (if the founding is still to come, name somebody who works here)",
            ),
        ),
        (
            r#"["sam@corp.example", "*"]"#,
            Some(
                "locum.toml:27:33: `founders`: `*` is a wildcard: a person or agent is named one by one",
            ),
        ),
        (
            r#""sam@corp.example""#,
            Some("locum.toml:27:12: `founders`: expected a list, found text"),
        ),
    ];
    for (founders, expected) in rows {
        assert_eq!(
            said_of_founders(founders),
            expected.into_iter().collect::<Vec<_>>(),
            "{founders}"
        );
    }
}

#[test]
fn in_production_somebody_can_sign_in_and_somebody_can_sign() {
    let provider = "[login.oidc]\nissuer = \"https://idp.corp.example\"\nclient_id = \"locum\"";
    let founders = "[login]\nfounders = [\"sam@corp.example\", \"prya@corp.example\"]";
    assert_eq!(
        said(&production("")),
        [
            r#"locum.toml:2:15: warning: nobody can sign in: there is neither [login.oidc] nor `[login] founders` (before anybody can sign in, name two people who enrol the first passkeys: [login] founders = ["PERSON", "PERSON"])"#
        ]
    );
    assert!(parse(&production("")).is_ok(), "they may be named later");
    // Once somebody could act they are not: what could never be approved does not start at all.
    assert_eq!(
        said(&production(provider)),
        [
            r#"locum.toml:26:2: every approval needs a passkey's signature, and without founders nobody could ever enrol one (before anybody can sign in, name two people who enrol the first passkeys: [login] founders = ["PERSON", "PERSON"])"#
        ]
    );
    assert!(parse(&production(provider)).is_err());
    assert_eq!(said(&production(founders)), [""; 0]);
    assert_eq!(said(&with("")), [""; 0], "in development a token is enough");
}

#[test]
fn r13_production_without_signatures_is_said_at_every_check() {
    let unsigned = |login: &str| {
        let text = production(login);
        text.replace("[approvals]", "[approvals]\nsignature = \"optional\"")
    };
    let founders = "[login]\nfounders = [\"sam@corp.example\", \"prya@corp.example\"]";
    let (settings, warnings) = parse(&unsigned(founders)).unwrap();
    assert_eq!(settings.approvals_signature, SignatureRule::Optional);
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    let said = format!(": warning: {WITHOUT_SIGNATURES} (take `signature` out");
    assert!(warning.contains(&said), "{warning}");
    // Then nobody need be able to sign.
    let provider = "[login.oidc]\nissuer = \"https://idp.corp.example\"\nclient_id = \"locum\"";
    let (_, warnings) = parse(&unsigned(provider)).unwrap();
    let said = warnings
        .iter()
        .any(|it| it.contains("warning: nobody can ever enrol an authenticator without founders"));
    assert!(said && warnings.len() == 2, "{warnings:?}");
    let development = with(DEVELOPMENT);
    assert!(development.contains("signature = \"optional\""));
    assert_eq!(parse(&development).unwrap().1, [""; 0]);
}

#[test]
fn an_identity_provider_has_usual_names_and_all_of_them_can_be_said() {
    let login = r#"[login.oidc]
issuer = "https://idp.corp.example/realms/corp"
client_id = "locum""#;
    let (settings, warnings) = parse(&with(login)).unwrap();
    assert_eq!(warnings, [""; 0]);
    let oidc = settings.login.oidc.unwrap();
    assert_eq!(oidc.issuer, "https://idp.corp.example/realms/corp");
    assert_eq!(oidc.client_secret, None);
    assert_eq!(oidc.scopes, ["openid"]);
    assert_eq!(
        [oidc.account_claim, oidc.system, oidc.groups_claim],
        ["sub", "idp", "groups"]
    );
    assert!(oidc.roles.is_empty() && oidc.stepped_up_acr.is_empty());

    let login = r#"[login.oidc]
issuer = "http://127.0.0.1:9400/"
client_id = "locum"
client_secret = "file:keys/oidc-client-secret"
scopes = ["openid", "email"]
account_claim = "email"
system = "entra"
groups_claim = "roles"
stepped_up_acr = ["phr", "phrh"]
[login.oidc.roles]
"locum security" = "security"
owners = "security-control-owner""#;
    let (settings, warnings) = parse(&with(login)).unwrap();
    assert_eq!(warnings, [""; 0]);
    let secret = SecretRef::File("/srv/locum/keys/oidc-client-secret".into());
    assert!(
        settings
            .secrets()
            .contains(&("login.oidc.client_secret".to_owned(), &secret))
    );
    let recorded = settings.governed().login.oidc.unwrap();
    assert_eq!(
        serde_json::to_value(&recorded).unwrap(),
        json!({
            "issuer": "http://127.0.0.1:9400/", "client_id": "locum", "account_claim": "email",
            "system": "entra", "groups_claim": "roles", "scopes": ["openid", "email"],
            "roles": { "locum security": "security", "owners": "security-control-owner" },
            "stepped_up_acr": ["phr", "phrh"],
        }),
        "everything but the secret is governed"
    );
    assert_eq!(recorded.roles["owners"], Role::SecurityControlOwner);
}

#[test]
fn what_is_wrong_with_an_identity_provider_is_said_where_it_stands() {
    let rows = [
        (
            "",
            &[
                "locum.toml:26:1: [login.oidc] needs `client_id`",
                "locum.toml:26:1: [login.oidc] needs `issuer`",
            ][..],
        ),
        (
            "issuer = \"http://idp.corp.example\"\nclient_id = \"locum\"",
            &[
                r#"locum.toml:27:10: `issuer` is reached without TLS: whoever sits on the way could sign in as anybody (write "https://…")"#,
            ],
        ),
        (
            "issuer = \"https://idp.corp.example?tenant=1\"\nclient_id = \"locum\"",
            &[
                "locum.toml:27:10: `issuer` has a query (write it as the provider's discovery document does)",
            ],
        ),
        (
            "issuer = \"idp.corp.example\"\nclient_id = \"locum\"",
            &[
                r#"locum.toml:27:10: `issuer` is not a web address (write "http://HOST:PORT" or "https://HOST")"#,
            ],
        ),
        (
            "issuer = \"https://i.example\"\nclient_id = \"locum\"\nclient_secret = \"hunter2\"",
            &[
                r#"locum.toml:29:17: `client_secret` must name where the secret is kept, never hold it (write "env:NAME" or "file:PATH")"#,
            ],
        ),
        (
            "issuer = \"https://i.example\"\nclient_id = \"locum\"\nscopes = [\"email\"]",
            &[
                r#"locum.toml:29:10: without the scope `openid` the provider sends no ID token (add "openid")"#,
            ],
        ),
        (
            "issuer = \"https://i.example\"\nclient_id = \"locum\"\nscopes = [\"openid email\"]",
            &[
                r#"locum.toml:29:10: without the scope `openid` the provider sends no ID token (add "openid")"#,
                r#"locum.toml:29:11: "openid email" is not a scope (one word each: scopes = ["openid", "email"])"#,
            ],
        ),
        (
            "issuer = \"https://i.example\"\nclient_id = \"locum\"\n[login.oidc.roles]\nsec = \"secrity\"",
            &["locum.toml:30:7: `roles`: `secrity` is not known (did you mean `security`?)"],
        ),
        (
            "issuer = \"https://i.example\"\nclient_id = \"locum\"\nclientid = \"x\"",
            &[
                "locum.toml:29:1: unknown key `clientid` in [login.oidc] (did you mean `client_id`?)",
            ],
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(
            said(&with(&format!("[login.oidc]\n{text}"))),
            expected,
            "{text}"
        );
    }
}

#[test]
fn r33_what_was_recorded_before_there_were_founders_or_origins_still_has_its_own_digest() {
    let bundle = common::bundle();
    let mut settings = bundle.settings_value();
    assert_eq!(
        settings["login"],
        json!({
            "founders": [], "rp_id": "localhost", "public_origin": "http://localhost:8470", "oidc": null,
        })
    );
    let mut before_origins = settings.clone();
    before_origins["login"]
        .as_object_mut()
        .unwrap()
        .remove("public_origin");
    let older = Bundle::recorded(bundle.files.clone(), before_origins.clone()).unwrap();
    assert_eq!(older.settings.login.public_origin, None);
    assert_eq!(older.settings_value(), before_origins);
    settings.as_object_mut().unwrap().remove("login");
    let older = Bundle::recorded(bundle.files.clone(), settings.clone()).unwrap();
    assert_eq!(older.settings.login, GovernedLogin::default());
    assert_eq!(older.settings_value(), settings);
    assert_ne!(older.digest(), bundle.digest());
    let read: Governed = serde_json::from_value(bundle.settings_value()).unwrap();
    assert_eq!(read, bundle.settings);
}
