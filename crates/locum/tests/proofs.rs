//! `locum policy prove`: what it says, and how it exits.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;

use common::process::run;
use serde_json::Value;

fn prove(folder: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Output {
    let folder = folder.display().to_string();
    let mut all = vec!["policy", "prove", folder.as_str(), "--only", "symbolic"];
    all.extend(arguments);
    run(&all, variables)
}

#[test]
fn what_formulas_cannot_say_is_examined_by_every_combination_without_a_solver() {
    let folder = folder("");
    let path = folder.path().display().to_string();
    let all = ["policy", "prove", &path, "--only", "exhaustive", "--json"];
    let (out, err) = said(&run(&all, &[fake("rubbish")]));
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(report["kept"], true, "{err}");
    // Without a solver nothing is called proved: what is examined holds.
    assert_eq!(report["proved"], false);
    assert!(!out.contains("\"proved\":true") && !out.contains("\"verdict\":\"proved\""));
    let routes = report["routes"].as_array().unwrap();
    assert!(routes.len() >= 21, "{}", routes.len());
    for it in routes {
        assert_eq!(it["method"], "exhaustive");
        assert_eq!(it["verdict"], "holds", "{it}");
        assert!(it["routed"].as_u64().unwrap() > 0, "{it}");
    }
}

/// A folder with these rules of an operator.
fn folder(rules: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("house.cedar"), rules).unwrap();
    folder
}

fn fake(name: &str) -> (&'static str, String) {
    let fakes = concat!(env!("CARGO_MANIFEST_DIR"), "/../prover/tests/proofs/fakes");
    ("CVC5", format!("{fakes}/{name}.sh"))
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// Whether there is a solver here; in CI there must be.
fn has_solver() -> bool {
    let program = std::env::var_os("CVC5").unwrap_or_else(|| "cvc5".into());
    let answer = std::process::Command::new(program)
        .arg("--version")
        .output();
    let is_here = answer.is_ok_and(|output| output.status.success());
    let is_ci = std::env::var("LOCUM_CI").is_ok_and(|it| it == "1");
    assert!(is_here || !is_ci, "cvc5 is not here: apt-get install cvc5");
    if !is_here {
        eprintln!("NOT RUN: nothing is proved without cvc5 (apt-get install cvc5)");
    }
    is_here
}

#[test]
fn without_a_solver_it_exits_with_2_and_says_what_to_install() {
    let policies = folder("");
    let nowhere = [("PATH", String::new()), ("CVC5", String::new())];
    for arguments in [&[][..], &["--json"]] {
        let output = prove(policies.path(), arguments, &nowhere);
        let (out, err) = said(&output);
        assert_eq!(output.status.code(), Some(2), "{out}{err}");
        assert!(
            format!("{out}{err}").contains("apt-get install cvc5"),
            "{out}{err}"
        );
        assert!(
            !out.contains("proved:true") && !out.contains("are proved"),
            "{out}"
        );
    }
    let rubbish = prove(policies.path(), &[], &[fake("rubbish")]);
    let (out, err) = said(&rubbish);
    assert_eq!(rubbish.status.code(), Some(2), "{out}{err}");
    assert!(err.contains("is not a cvc5 that works"), "{err}");
    assert_eq!(out, "");
}

#[test]
fn a_solver_that_does_not_answer_leaves_it_undecided_and_exits_with_1() {
    let policies = folder("");
    let output = prove(
        policies.path(),
        &["--seconds", "1", "--json"],
        &[fake("silent")],
    );
    let (out, err) = said(&output);
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    let proof: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(proof["proved"], false);
    for finding in proof["findings"].as_array().unwrap() {
        assert_eq!(finding["verdict"], "undecided", "{finding}");
    }
}

#[test]
fn what_is_wrong_with_the_folder_is_wrong_usage() {
    let broken =
        folder("@id(\"x\") forbid (principal, action, resource) when { principal.colour };");
    let output = prove(broken.path(), &[], &[]);
    let (_, err) = said(&output);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("house.cedar:1:"), "{err}");
    let missing = prove(Path::new("/nowhere/policies"), &[], &[]);
    assert_eq!(missing.status.code(), Some(2));
    std::fs::write(broken.path().join("locum.toml"), "").unwrap();
    let above = prove(broken.path(), &[], &[]);
    assert_eq!(above.status.code(), Some(2));
    assert!(said(&above).1.contains("name the policies folder"));
}

#[test]
fn r03_to_r31_what_init_writes_is_proved() {
    if !has_solver() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, example) in [("bare", None), ("example", Some("--example"))] {
        let deployment = folder.path().join(name);
        let directory = deployment.display().to_string();
        let mut arguments = vec!["init", directory.as_str()];
        arguments.extend(example);
        let written = run(&arguments, &[]);
        assert!(written.status.success(), "{written:?}");
        let output = prove(&deployment.join("policies"), &[], &[]);
        let (out, err) = said(&output);
        assert_eq!(output.status.code(), Some(0), "{out}{err}");
        let sentence = "Nobody approves their own request, by whatever account.";
        assert!(
            out.contains(&format!("proved     R05  {sentence}")),
            "{out}"
        );
        assert!(
            out.contains("promises are proved for every possible request"),
            "{out}"
        );
        // No bar in a pipe.
        assert_eq!(err, "");
    }
}

#[test]
fn a_rule_that_forbids_everything_is_named_on_paper_and_in_json_that_stays_the_same() {
    if !has_solver() {
        return;
    }
    let policies = folder(
        "@id(\"nobody-asks\") forbid (principal, action == Locum::Action::\"file\", resource);",
    );
    let output = prove(policies.path(), &[], &[]);
    let (out, err) = said(&output);
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(
        out.contains("REFUTED    R03  Somebody can ask for something."),
        "{out}"
    );
    assert!(
        out.contains("`nobody-asks` forbids it to everybody"),
        "{out}"
    );
    assert!(err.contains("1 of"), "{err}");

    let json = || {
        let output = prove(policies.path(), &["--json"], &[]);
        assert_eq!(output.status.code(), Some(1));
        said(&output).0.lines().next().unwrap().to_owned()
    };
    let first = json();
    assert_eq!(first, json());
    let proof: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(proof["proved"], false);
    assert_eq!(proof["operators_rules"], 1);
    let findings = proof["findings"].as_array().unwrap();
    let open: Vec<&Value> = findings
        .iter()
        .filter(|it| it["verdict"] != "proved")
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["id"], "possible-to-ask");
    assert_eq!(open[0]["rules"], serde_json::json!(["nobody-asks"]));
    let members =
        |it: &Value| -> BTreeSet<String> { it.as_object().unwrap().keys().cloned().collect() };
    let always = ["claim", "id", "row", "rules", "says", "verdict"].map(str::to_owned);
    assert!(
        findings
            .iter()
            .all(|it| members(it).is_superset(&always.clone().into()))
    );
}

#[test]
fn r17_a_rule_that_may_fail_is_shown_with_a_request_on_which_it_does() {
    if !has_solver() {
        return;
    }
    let policies = folder(
        "@id(\"breaks\") forbid (principal, action == Locum::Action::\"file\", resource)
         when { context.duration_minutes * 9223372036854775807 > 1 };",
    );
    let output = prove(policies.path(), &[], &[]);
    let (out, err) = said(&output);
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(
        out.contains("for example: a person asks for access to an application"),
        "{out}"
    );
    assert!(out.contains("the duration minutes: "), "{out}");
    assert!(
        out.contains("`breaks` may fail, and Locum refuses then"),
        "{out}"
    );
}
