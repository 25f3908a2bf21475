//! What `policy prove` says of guarantees, and of two versions beside each other.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::scripted::{Told, locum};

const NIGHTS: &str = r#"@id("no-nights") forbid (principal, action == Locum::Action::"file", resource)
    when { context.local_hour < 6 };"#;

/// A policies folder with these rules.
fn rules(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("house.cedar"), text).unwrap();
    folder
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

async fn prove(after: &Path, more: &[&str]) -> Told {
    let after = after.display().to_string();
    locum(&[&["policy", "prove", &after], more].concat()).await
}

async fn against(before: &Path, after: &Path, more: &[&str]) -> Told {
    let before = before.display().to_string();
    let only = ["--against", &before, "--only", "loosening"];
    prove(after, &[&only, more].concat()).await
}

#[tokio::test]
async fn r33_what_the_later_rules_permit_is_shown_by_example_in_words_and_as_json() {
    if !has_solver() {
        return;
    }
    let (before, after) = (rules(NIGHTS), rules(""));
    let told = against(before.path(), after.path(), &[]).await;
    assert_eq!(told.status(), 1, "{}", told.text);
    for words in [
        "12  What an earlier version denied, this one does not permit.",
        "LOOSENED   R33  `file` by person on application: something is permitted that was denied.",
        "for example: a person asks for access to an application",
        "the local hour: ",
        "`no-nights`, which forbade it before, is gone",
        "types of request, ",
        "rules that differ: `no-nights` (forbid, gone)",
        "12  REFUTED    What an earlier",
        "1  not asked  Nobody approves their own request. (1 symbolic not asked, 1 exhaustive not asked)",
    ] {
        assert!(told.text.contains(words), "{words} in\n{}", told.text);
    }
    let said = told.failure().to_string();
    assert!(
        said.starts_with("the rules permit what those of `"),
        "{said}"
    );

    let told = against(before.path(), after.path(), &["--json"]).await;
    assert_eq!(told.status(), 1);
    let report: Value = serde_json::from_str(told.text.lines().next().unwrap()).unwrap();
    assert_eq!(report["kept"], false);
    assert_eq!(report["proved"], false);
    assert_eq!(report["loosening"]["method"], "symbolic");
    assert_eq!(report["loosening"]["verdict"], "loosened");
    assert_eq!(report["loosening"]["rules"][0]["is"], "gone");
    let questions = report["loosening"]["questions"].as_array().unwrap();
    let open: Vec<&Value> = questions
        .iter()
        .filter(|it| it["verdict"] != "not-loosened")
        .collect();
    assert!(!open.is_empty());
    for question in open {
        assert_eq!(question["action"], "file");
        let hour = &question["counter_example"]["context"]["local_hour"];
        assert!(hour.as_i64().unwrap() < 6, "{question}");
    }
}

#[tokio::test]
async fn r33_rules_that_only_forbid_more_loosen_nothing() {
    if !has_solver() {
        return;
    }
    let (before, after) = (rules(""), rules(NIGHTS));
    let told = against(before.path(), after.path(), &[]).await;
    assert_eq!(told.status(), 0, "{}", told.text);
    let proved = "12  proved     What an earlier version denied, this one does not permit.";
    assert!(told.text.contains(proved), "{}", told.text);
    assert!(!told.text.contains("LOOSENED"));
    let told = against(before.path(), after.path(), &["--json"]).await;
    let report: Value = serde_json::from_str(told.text.lines().next().unwrap()).unwrap();
    assert_eq!(report["kept"], true);
    // One of twelve guarantees was asked.
    assert_eq!(report["proved"], false);
    assert_eq!(report["loosening"]["verdict"], "not-loosened");
}

#[tokio::test]
async fn each_guarantee_says_how_it_fared_and_by_which_method() {
    if !has_solver() {
        return;
    }
    let house = rules("");
    let told = prove(house.path(), &["--only", "symbolic", "--json"]).await;
    assert_eq!(told.status(), 0, "{}", told.text);
    let report: Value = serde_json::from_str(told.text.lines().next().unwrap()).unwrap();
    assert_eq!(report["kept"], true);
    assert_eq!(report["proved"], false, "a half of it was not asked");
    let guarantees = report["guarantees"].as_array().unwrap();
    assert_eq!(guarantees.len(), 13);
    for it in guarantees {
        let is_whole = it["exhaustive"]["of"] == 0 && it["symbolic"]["asked"] != 0;
        let verdict = if is_whole { "proved" } else { "not-asked" };
        assert_eq!(it["verdict"], verdict, "{it}");
    }
    for finding in report["findings"].as_array().unwrap() {
        let named = |it: &&Value| it["guarantee"] == finding["guarantee"];
        assert!(guarantees.iter().any(|it| named(&it)), "{finding}");
    }
    let told = prove(house.path(), &["--only", "symbolic"]).await;
    for words in [
        "\n 2  Nobody approves what they gain from.\n    proved     R05  Nobody approves a session",
        "\n 2  proved     Nobody approves what they gain from. (5 symbolic in ",
        "\n 6  not asked  Regulated, finance, HR and health data takes two different people",
        "2 exhaustive not asked)",
        "\n12  not asked  What an earlier version denied, this one does not permit. (name the earlier",
        "are proved for every possible request",
    ] {
        assert!(told.text.contains(words), "{words} in\n{}", told.text);
    }
}

#[tokio::test]
async fn an_earlier_version_that_is_not_named_or_not_asked_is_wrong_usage() {
    let house = rules("");
    let path = house.path().display().to_string();
    for more in [
        &["--only", "loosening"][..],
        &["--only", "exhaustive", "--against", &path],
        &["--against", "nowhere"],
    ] {
        let told = prove(house.path(), more).await;
        assert_eq!(told.status(), 2, "{more:?}");
        assert_eq!(told.text, "");
    }
}
