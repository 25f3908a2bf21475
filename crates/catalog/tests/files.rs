//! What lies on the disk: every problem of every file at once, files that do not count, tokens, lists of subjects.
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

use locum_catalog::{Deployment, DevelopmentTokens, Severity};
use locum_domain::catalog::SubjectSource;

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from:?} stands in {file}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Problems and warnings of a folder, without the one about the example's missing key.
fn said(folder: &Path) -> Vec<String> {
    let problems = match Deployment::read(
        &folder.join("locum.toml"),
        &common::variables(),
        common::TODAY,
    ) {
        Ok(checked) => checked.warnings,
        Err(problems) => problems,
    };
    let all = problems.iter().map(ToString::to_string);
    all.filter(|problem| !problem.contains("aida.pub.jwk"))
        .collect()
}

#[test]
fn every_problem_of_every_file_is_said_at_once() {
    let folder = common::example();
    let path = folder.path();
    edit(
        path,
        "locum.toml",
        "origin = \"locum.corp.example.development\"",
        "orign = 5",
    );
    edit(
        path,
        "locum.toml",
        "time_zone = \"Europe/Berlin\"",
        "time_zone = \"Mars/Olympus\"",
    );
    edit(
        path,
        "catalog/people.toml",
        "roles = [\"manager\"]",
        "roles = [\"boss\"]\nrank = 1",
    );
    edit(
        path,
        "catalog/applications/crm.toml",
        "tier = \"standard\"",
        "tier = standard",
    );
    edit(path, "catalog/applications/wiki.toml", "GET /**", "GET **");
    edit(
        path,
        "catalog/eligibility.toml",
        "longest_minutes = 60",
        "longest_minutes = \"60\"",
    );
    edit(
        path,
        "catalog/eligibility.toml",
        "owner = \"oscar@corp.example\"",
        "owner = \"nobody\"",
    );
    assert_eq!(
        said(path),
        [
            "catalog/applications/crm.toml:3:8: not TOML: string values must be quoted, expected literal string (https://toml.io)",
            r#"catalog/applications/wiki.toml:16:11: `GET **`: a path begins with `/` and has no query, dot segment or empty segment (as "GET /invoices/*"; methods are written in capitals)"#,
            "catalog/eligibility.toml:6:19: `longest_minutes`: expected an integer, found text",
            "catalog/eligibility.toml:16:9: unknown person `nobody` (no such person is declared)",
            "catalog/people.toml:29:10: `roles`: `boss` is not known (one of support, manager, security, security-control-owner, privacy, compliance, auditor)",
            "catalog/people.toml:30:1: unknown key `rank` in [[person]] ([[person]] has id, name, employer, manager, roles, active, accounts)",
            r#"locum.toml:20:13: `Mars/Olympus` is not a time zone (an IANA name as "Europe/Berlin")"#,
            "locum.toml:22:1: [ledger] needs `origin`",
            "locum.toml:23:1: unknown key `orign` in [ledger] (did you mean `origin`?)"
        ]
    );
}

#[test]
fn a_missing_configuration_says_what_writes_one() {
    let folder = tempfile::tempdir().unwrap();
    let said = said(folder.path());
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("cannot be read") && said[0].contains("locum init"),
        "{said:?}"
    );
}

#[test]
fn a_missing_catalog_is_an_error_and_an_empty_one_is_none() {
    let folder = common::example();
    std::fs::remove_dir_all(folder.path().join("catalog")).unwrap();
    std::fs::write(folder.path().join("development-tokens.toml"), "").unwrap();
    assert!(said(folder.path())[0].starts_with("catalog:1:1: cannot be read"));
    std::fs::create_dir(folder.path().join("catalog")).unwrap();
    assert_eq!(said(folder.path()), Vec::<String>::new());
}

#[test]
fn a_file_that_does_not_count_is_pointed_out_and_not_recorded() {
    let folder = common::example();
    std::fs::write(folder.path().join("catalog/eligibilty.toml"), "nonsense").unwrap();
    std::fs::write(folder.path().join("catalog/notify.toml"), "").unwrap();
    std::fs::write(folder.path().join("catalog/notes.txt"), "").unwrap();
    assert_eq!(
        said(folder.path()),
        [
            "catalog/eligibilty.toml:1:1: warning: is not read (did you mean `eligibility.toml`?)",
            "catalog/notify.toml:1:1: warning: is not read (notices are not built yet)",
        ]
    );
    let read = Deployment::read(
        &folder.path().join("locum.toml"),
        &common::variables(),
        common::TODAY,
    )
    .unwrap();
    assert!(
        !read
            .value
            .bundle
            .files
            .keys()
            .any(|key| key.contains("notify") || key.contains("eligibilty"))
    );
}

#[test]
fn r33_what_lies_beside_and_is_not_read_is_named_with_what_was_meant() {
    let folder = common::example();
    let path = folder.path();
    for folder in ["catalog/aplications", "catalog/keys", "policies/old"] {
        std::fs::create_dir(path.join(folder)).unwrap();
    }
    for file in [
        "catalog/x.yaml",
        "catalog/limits.toml",
        "catalog/rules.cedar",
        "catalog/applications/app.toml.bak",
        "catalog/applications/APP.TOML",
        "catalog/aplications/erp.toml",
        "catalog/keys/aida.pem",
        "catalog/applications/erp.toml.sample",
        "catalog/README.md",
        "policies/x.ceder",
        "policies/house.toml",
        "policies/locum.cedarschema",
        "policies/mine.cedarschema",
        "policies/.house.cedar.swp",
        "policies/old/then.cedar",
        "policies/tests/y.tml",
    ] {
        std::fs::write(path.join(file), "").unwrap();
    }
    assert_eq!(
        said(path),
        [
            "catalog/aplications/erp.toml:1:1: warning: is not read (did you mean `applications`?)",
            "catalog/applications/APP.TOML:1:1: warning: is not read (did you mean `APP.toml`?)",
            "catalog/applications/app.toml.bak:1:1: warning: is not read (what is read here ends in .toml)",
            "catalog/limits.toml:1:1: warning: is not read (the catalog is people.toml, chains.toml, eligibility.toml and applications/*.toml)",
            "catalog/rules.cedar:1:1: warning: is not read (policies are read from policies/*.cedar)",
            "catalog/x.yaml:1:1: warning: is not read (it is written in TOML: did you mean `x.toml`?)",
            "policies/house.toml:1:1: warning: is not read (tests of policies are read from policies/tests/*.toml)",
            "policies/mine.cedarschema:1:1: warning: is not read (the schema is Locum's own)",
            "policies/old/then.cedar:1:1: warning: is not read (policies/*.cedar is read, and no folder inside of it)",
            "policies/tests/y.tml:1:1: warning: is not read (did you mean `y.toml`?)",
            "policies/x.ceder:1:1: warning: is not read (did you mean `x.cedar`?)",
        ]
    );
}

#[test]
fn a_catalog_elsewhere_is_shown_where_it_lies_and_recorded_as_ever() {
    let folder = common::example();
    std::fs::rename(folder.path().join("catalog"), folder.path().join("access")).unwrap();
    edit(
        folder.path(),
        "locum.toml",
        "directory = \"catalog\"",
        "directory = \"access\"",
    );
    let read = Deployment::read(
        &folder.path().join("locum.toml"),
        &common::variables(),
        common::TODAY,
    )
    .unwrap();
    assert!(read.value.bundle.files.contains_key("catalog/people.toml"));
    edit(
        folder.path(),
        "access/people.toml",
        "name = \"Mia Moss\"",
        "name = 1",
    );
    assert!(
        said(folder.path())[0].starts_with("access/people.toml:28:8: "),
        "{:?}",
        said(folder.path())
    );
}

#[test]
fn r20_a_list_of_subjects_beside_the_application_is_no_application() {
    let folder = common::example();
    let list = folder.path().join("catalog/applications/crm-subjects.toml");
    let section = "[subjects]\nsource = \"file\"\nfile = \"crm-subjects.toml\"\n\n[[delegate]]";
    edit(
        folder.path(),
        "catalog/applications/crm.toml",
        "[[delegate]]",
        section,
    );
    std::fs::write(
        &list,
        "[[subject]]\ncase_subject = \"c-1\"\nid = \"carol\"\ntenant = \"initech\"\nattributes = { role = \"member\" }\n",
    )
    .unwrap();
    let read = Deployment::read(
        &folder.path().join("locum.toml"),
        &common::variables(),
        common::TODAY,
    )
    .unwrap();
    assert_eq!(read.value.catalog.applications.len(), 3);
    let crm = &read.value.catalog.applications[&"crm".parse().unwrap()];
    let Some(SubjectSource::File { subjects }) = &crm.subjects else {
        panic!("a list")
    };
    assert_eq!(subjects[0].id, "carol");
    assert_eq!(read.value.bundle.parse().unwrap(), read.value.catalog);

    std::fs::write(&list, "[[subject]]\ncase_subject = \"c-1\"\nid = \"carol\"\n[[subject]]\ncase_subject = \"c-1\"\nid = 5\n").unwrap();
    assert_eq!(
        said(folder.path()),
        [
            "catalog/applications/crm-subjects.toml:5:16: subject `c-1` is declared twice (first in catalog/applications/crm-subjects.toml, line 2)",
            "catalog/applications/crm-subjects.toml:6:6: `id`: expected text, found an integer",
        ]
    );
}

#[test]
fn an_address_is_not_the_gateways() {
    let folder = common::example();
    edit(
        folder.path(),
        "catalog/applications/crm.toml",
        "tier =",
        "address = \"127.0.0.1:8471\"\ntier =",
    );
    assert_eq!(
        said(folder.path()),
        [
            "catalog/applications/crm.toml:3:11: 127.0.0.1:8471 is where [gateway] listens already (each listener needs a port of its own)"
        ]
    );
}

#[test]
fn r20_an_application_is_never_locum_itself() {
    for (upstream, door) in [
        ("http://127.0.0.1:8470", "[server]"),
        ("http://localhost:8470", "[server]"),
        ("http://0.0.0.0:8471", "[gateway]"),
        ("http://billing.support.localhost:8471", "[gateway]"),
        ("http://127.0.0.1:9555", "the `address` of `crm`"),
    ] {
        let folder = common::example();
        let (crm, wiki) = (
            "catalog/applications/crm.toml",
            "catalog/applications/wiki.toml",
        );
        edit(
            folder.path(),
            crm,
            "tier =",
            "address = \"127.0.0.1:9555\"\ntier =",
        );
        let text = std::fs::read_to_string(folder.path().join(wiki)).unwrap();
        let line = text.lines().find(|it| it.starts_with("upstream")).unwrap();
        edit(
            folder.path(),
            wiki,
            line,
            &format!("upstream = \"{upstream}\""),
        );
        let said = said(folder.path());
        let is_said = said.iter().any(|it| {
            it.starts_with(wiki) && it.contains(&format!("Locum itself: {door} answers there"))
        });
        assert!(is_said, "{upstream}: {said:?}");
    }
}

#[test]
fn without_chains_the_staff_form_one_owned_by_a_security_control_owner() {
    let folder = common::example();
    std::fs::remove_file(folder.path().join("catalog/chains.toml")).unwrap();
    let read = Deployment::read(
        &folder.path().join("locum.toml"),
        &common::variables(),
        common::TODAY,
    )
    .unwrap();
    assert_eq!(read.value.catalog.chains.len(), 1);
    assert_eq!(
        read.value.catalog.chains[0].accountable_owner.as_str(),
        "sam@corp.example"
    );
    edit(
        folder.path(),
        "catalog/people.toml",
        "[\"security\", \"security-control-owner\"]",
        "[\"security\"]",
    );
    assert_eq!(
        said(folder.path()),
        [
            "catalog/people.toml:1:1: nobody answers for the access chain (write catalog/chains.toml, or give somebody the role `security-control-owner`)"
        ]
    );
}

#[test]
fn a_token_is_a_persons_and_is_never_quoted() {
    let catalog = common::bundle().parse().unwrap();
    let text = "\"tok-1\" = \"alice@corp.example\"\n\"tok-2\" = \"alise@corp.example\"\n\"tok-3\" = \"aida\"\n\"tok 4\" = \"sam@corp.example\"\n\"tok-5\" = 5\n";
    let problems = DevelopmentTokens::parse("development-tokens.toml", text, &catalog).unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "development-tokens.toml:2:11: unknown person `alise@corp.example` (did you mean `alice@corp.example`?)",
            "development-tokens.toml:3:11: `aida` is an agent: agents sign in with their key (tokens are for people of people.toml)",
            "development-tokens.toml:4:1: the token cannot be sent as a bearer token (letters, digits and -._~+/ only)",
            "development-tokens.toml:5:11: expected text, found an integer (write \"token\" = \"person\")",
        ]
    );
    assert!(problems.iter().all(
        |problem| !problem.render(true).contains("tok-") && problem.severity == Severity::Error
    ));
    let tokens = DevelopmentTokens::parse("f", "\"tok-1\" = \"alice@corp.example\"", &catalog)
        .unwrap()
        .value;
    assert_eq!(
        tokens.person("tok-1").unwrap().as_str(),
        "alice@corp.example"
    );
    assert_eq!(tokens.person("tok-2"), None);
    assert!(!format!("{tokens:?}").contains("tok-"));
}

#[test]
fn a_missing_token_file_is_said_where_it_is_named() {
    let folder = common::example();
    std::fs::remove_file(folder.path().join("development-tokens.toml")).unwrap();
    assert!(said(folder.path())[0].starts_with(
        "locum.toml:27:10: the development tokens in development-tokens.toml cannot be read"
    ));
}

#[test]
fn a_problem_is_shown_as_a_compiler_would() {
    let folder = common::example();
    edit(
        folder.path(),
        "catalog/people.toml",
        "roles = [\"manager\"]",
        "roles = [\"manger\"]",
    );
    let problems = Deployment::read(
        &folder.path().join("locum.toml"),
        &common::variables(),
        common::TODAY,
    )
    .unwrap_err();
    let shown = problems
        .iter()
        .find(|problem| problem.is_error())
        .unwrap()
        .render(false);
    assert_eq!(
        shown,
        concat!(
            "  × `roles`: `manger` is not known\n",
            "    ╭─[catalog/people.toml:29:10]\n",
            " 29 │ roles = [\"manger\"\n",
            "    ·          ────────\n",
            "    ╰────\n",
            "  help: did you mean `manager`?\n",
        )
    );
}

#[test]
fn a_secret_that_is_not_there_is_pointed_out_where_it_is_named() {
    let folder = common::example();
    std::fs::remove_file(folder.path().join("keys/ledger.key")).unwrap();
    let config = folder.path().join("locum.toml");
    let read = Deployment::read(&config, &BTreeMap::new(), common::TODAY).unwrap();
    let said: Vec<String> = read.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said[1..],
        [
            "locum.toml:24:7: warning: the secret `ledger.key` is not there: file:keys/ledger.key (write the file, readable for the server only)",
            "locum.toml:40:18: warning: the secret `connectors.desk.webhook_secret` is not there: env:DESK_WEBHOOK_SECRET (set the variable)",
        ]
    );
}
