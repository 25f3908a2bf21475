//! The example catalog of the contract, and what `init` writes, are read without a complaint.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod common;

use jiff::civil::date;
use locum_catalog::settings::{Connector, Environment, SignatureRule, Store, WebhookSignature};
use locum_catalog::templates::{self, Content};
use locum_catalog::{Bundle, Deployment, Problem};
use locum_domain::catalog::{Holder, RecordTiming, Role, SubjectSource, Tier};

fn read(folder: &std::path::Path) -> Result<locum_catalog::Checked<Deployment>, Vec<Problem>> {
    Deployment::read(
        &folder.join("locum.toml"),
        &common::variables(),
        common::TODAY,
    )
}

#[test]
fn the_contracts_example_has_no_errors() {
    let folder = common::example();
    let checked = read(folder.path()).unwrap();
    let catalog = &checked.value.catalog;
    assert_eq!(catalog.people.len(), 11);
    assert_eq!(catalog.agents.len(), 1);
    let billing = &catalog.applications[&"billing".parse().unwrap()];
    assert_eq!(
        (billing.tier, billing.record),
        (Tier::Regulated, RecordTiming::Before)
    );
    assert_eq!(billing.operations.len(), 4);
    assert!(matches!(&billing.subjects, Some(SubjectSource::Http { id, .. }) if id == "/login"));
    let crm = &catalog.applications[&"crm".parse().unwrap()];
    assert_eq!(crm.delegates[0].until, date(2026, 12, 20));
    assert_eq!(crm.identity.audience, "app:crm");
    assert_eq!(catalog.eligibilities[0].holder, Holder::Role(Role::Support));
    assert_eq!(catalog.break_glass.len(), 1);
    assert_eq!(
        catalog.chains[0].accountable_owner.as_str(),
        "mia@corp.example"
    );

    let settings = &checked.value.settings;
    assert_eq!(settings.environment, Environment::Development);
    assert_eq!(settings.approvals_signature, SignatureRule::Optional);
    assert_eq!(
        settings.gateway.base_url("billing", 8471),
        "http://billing.support.localhost:8471/"
    );
    assert_eq!(
        settings.store,
        Store::Sqlite {
            path: folder.path().join("locum.db")
        }
    );
    let Connector::Generic(desk) = &settings.connectors["desk"] else {
        panic!("desk is generic")
    };
    assert_eq!(
        desk.common.webhook.as_ref().unwrap().signature,
        WebhookSignature::Standard
    );
    assert_eq!(
        (desk.common.poll_seconds, desk.common.grace_seconds),
        (15, 60)
    );
    assert_eq!(
        checked
            .value
            .development_tokens
            .person("alice-token")
            .unwrap()
            .as_str(),
        "alice@corp.example"
    );

    // The example has no keys folder: the agent cannot sign in yet, and everything else works.
    let warnings: Vec<String> = checked.warnings.iter().map(Problem::to_string).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with(
        "catalog/people.toml:55:14: warning: the key file `keys/aida.pub.jwk` is missing"
    ));
}

#[test]
fn the_catalog_is_rebuilt_from_the_recorded_texts_alone() {
    let folder = common::example();
    let jwk = r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    std::fs::write(folder.path().join("keys/aida.pub.jwk"), jwk).unwrap();
    let deployment = read(folder.path()).unwrap();
    assert!(deployment.warnings.is_empty(), "{:?}", deployment.warnings);
    let deployment = deployment.value;
    let keys: Vec<&str> = deployment.bundle.files.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "catalog/applications/billing.toml",
            "catalog/applications/crm.toml",
            "catalog/applications/wiki.toml",
            "catalog/chains.toml",
            "catalog/eligibility.toml",
            "catalog/people.toml",
            "keys/aida.pub.jwk",
            "policies/house.cedar",
            "policies/tests/house.toml",
        ]
    );
    drop(folder);
    let recorded = Bundle::recorded(
        deployment.bundle.files.clone(),
        deployment.bundle.settings_value(),
    )
    .unwrap();
    assert_eq!(recorded.digest(), deployment.bundle.digest());
    assert_eq!(recorded.parse().unwrap(), deployment.catalog);
    assert_eq!(
        deployment.catalog.agents[&"aida".parse().unwrap()]
            .public_key
            .as_deref(),
        Some(jwk)
    );
    // A certificate of years ago still parses: what was recorded does not depend on the day.
    let mut changed = recorded.clone();
    changed
        .files
        .get_mut("catalog/people.toml")
        .unwrap()
        .push('\n');
    assert_ne!(changed.digest(), recorded.digest());
}

#[test]
fn what_init_writes_is_read_unchanged() {
    for content in [Content::Bare, Content::Example] {
        let folder = tempfile::tempdir().unwrap();
        let mut number = 0;
        let mut secret = || {
            number += 1;
            format!("{number:064x}")
        };
        let files = templates::deployment(
            content,
            common::TODAY,
            "locum.corp.example.development",
            &mut secret,
        );
        for (path, text) in &files {
            assert!(
                !text.contains('@') || !text.contains("_UNTIL@"),
                "{path} has an unfilled place"
            );
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let jwk =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        std::fs::create_dir_all(folder.path().join("keys")).unwrap();
        std::fs::write(folder.path().join("keys/ledger.key"), "the caller's").unwrap();
        std::fs::write(folder.path().join(templates::AGENT_PUBLIC_KEY), jwk).unwrap();
        let checked = read(folder.path()).unwrap();
        assert!(checked.warnings.is_empty(), "{:?}", checked.warnings);
        let people: Vec<&str> = checked
            .value
            .catalog
            .people
            .keys()
            .map(|id| id.as_str())
            .collect();
        assert_eq!(
            checked.value.development_tokens.iter().count(),
            people.len()
        );
        if content == Content::Bare {
            for text in checked
                .value
                .bundle
                .policies()
                .chain(checked.value.bundle.policy_tests())
                .map(|(_, text)| text)
            {
                let is_comment =
                    |line: &str| line.is_empty() || line.starts_with("//") || line.starts_with('#');
                assert!(
                    text.lines().all(is_comment),
                    "a bare policy names something: {text}"
                );
            }
        }
    }
}

#[test]
fn the_sample_application_is_a_valid_one() {
    let files = templates::deployment(Content::Bare, common::TODAY, "x.development", &mut || {
        "a".repeat(64)
    });
    let sample = files
        .iter()
        .find(|(path, _)| path.ends_with(".sample"))
        .unwrap()
        .1
        .clone();
    let mut bundle = common::bundle();
    bundle.files.retain(|path, _| !path.starts_with("catalog/"));
    for (path, text) in files
        .iter()
        .filter(|(path, _)| path.starts_with("catalog/") && path.ends_with(".toml"))
    {
        bundle.files.insert(path.clone(), text.clone());
    }
    bundle
        .files
        .insert("catalog/applications/billing.toml".into(), sample);
    let checked = bundle.check(common::TODAY).unwrap();
    assert!(checked.warnings.is_empty(), "{:?}", checked.warnings);
}
