//! Changes that wait, and delegations that do.

use serde_json::{Value, json};

use crate::sample::{ALICE_RUNS_LOCUM, SHORTER, document, folder};
use crate::scripted::{Scripted, Told, locum};
use crate::views::{change, ok, outline, problem};

async fn as_sam(server: &Scripted, words: &[&str]) -> Told {
    let as_sam = ["--url", server.url.as_str(), "--token", "sam-token"];
    locum(&[&as_sam, words].concat()).await
}

async fn loosening() -> Value {
    let (before, after) = (folder(&[]), folder(&[ALICE_RUNS_LOCUM]));
    document(before.path(), after.path()).await
}

#[tokio::test]
async fn r33_a_list_says_whose_move_it_is() {
    let plan = loosening().await;
    let waiting = change("waiting", &plan);
    let mut mine = waiting.clone();
    mine["may_confirm"] = true.into();
    let mut overtaken = waiting.clone();
    overtaken["could_confirm"] = json!([]);
    let mut denied = change("denied", &plan);
    denied["decided_by"] = "sam@corp.example".into();
    let listed = json!({ "items": [waiting, mine, overtaken, denied] });
    let server = Scripted::new([ok(&listed)]);
    let told = as_sam(&server, &["changes", "--state", "waiting"]).await;
    let expected = " CHANGE  STATE    WHAT
 chg_1   waiting  an hour is too long. By prya@corp.example; waits for sam@corp.example
 chg_1   waiting  an hour is too long. By prya@corp.example; waits for you to confirm or deny
 chg_1   waiting  an hour is too long. By prya@corp.example; overtaken: something else was applied meanwhile
 chg_1   denied   an hour is too long. By prya@corp.example; sam@corp.example said no
";
    assert_eq!(told.text, expected);
    assert_eq!(server.heard()[0].line, "GET /api/v1/changes?state=waiting");
}

#[tokio::test]
async fn r33_a_change_is_shown_line_by_line_while_what_it_replaces_is_in_force() {
    let (before, after) = (folder(&[]), folder(&[SHORTER]));
    let plan = document(before.path(), after.path()).await;
    let text = |folder: &std::path::Path| {
        let text = std::fs::read_to_string(folder.join("catalog/eligibility.toml")).unwrap();
        json!({ "catalog/eligibility.toml": text })
    };
    let mut shown = change("waiting", &plan);
    shown["could_confirm"] = json!(["sam@corp.example"]);
    shown["files"] = text(after.path());
    let mut in_force = outline(&plan["before"]);
    in_force["files"] = text(before.path());
    let server = Scripted::new([ok(&shown), ok(&in_force)]);
    let told = as_sam(&server, &["changes", "show", "chg_1"]).await;
    for says in [
        "prya@corp.example proposed it at 2026-03-02T11:00:00Z: an hour is too long",
        "longest_minutes is 45 instead of 60",
        "- longest_minutes = 60\n+ longest_minutes = 45",
        "locum changes confirm chg_1",
    ] {
        assert!(told.text.contains(says), "{says}\n{}", told.text);
    }
    let server = Scripted::new([ok(&shown), ok(&outline(&json!("0".repeat(64))))]);
    let told = as_sam(&server, &["changes", "show", "chg_1"]).await;
    assert!(
        told.text
            .contains("compared with what was in force when it was proposed")
    );
    assert!(!told.text.contains("+ longest_minutes"), "{}", told.text);
}

#[tokio::test]
async fn r33_a_second_person_confirms_what_they_were_shown() {
    let plan = loosening().await;
    let mut shown = change("waiting", &plan);
    shown["may_confirm"] = true.into();
    let in_force = outline(&plan["before"]);
    let server = Scripted::new([ok(&shown), ok(&in_force), ok(&change("applied", &plan))]);
    let told = as_sam(&server, &["changes", "confirm", "chg_1"]).await;
    assert_eq!(told.status(), 0, "{:?}", told.end);
    assert!(told.text.starts_with("in force: chg_1"), "{}", told.text);
    let confirmed = &server.heard()[2];
    assert_eq!(confirmed.line, "POST /api/v1/changes/chg_1/confirm");
    assert_eq!(confirmed.body, json!({ "digest": plan["after"] }));
}

#[tokio::test]
async fn r33_whoever_may_not_confirm_is_told_why_before_anything_is_sent() {
    let plan = loosening().await;
    let mut shown = change("waiting", &plan);
    shown["may_not_confirm"] = json!({
        "code": "second-person-required", "detail": "whoever proposed a change does not confirm it",
        "remedy": "somebody else must lift or confirm this",
    });
    let server = Scripted::new([ok(&shown), ok(&outline(&plan["before"]))]);
    let told = as_sam(&server, &["changes", "confirm", "chg_1"]).await;
    assert_eq!(told.status(), 1);
    let error = &told.failure().to_json()["error"];
    assert_eq!(error["code"], "second-person-required");
}

#[tokio::test]
async fn r33_a_server_that_shows_other_files_than_it_names_gets_no_confirmation() {
    let plan = loosening().await;
    let mut shown = change("waiting", &plan);
    let after = folder(&[SHORTER]);
    let config = after.path().join("locum.toml");
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let read = locum_catalog::Deployment::read(&config, &Default::default(), today.date()).unwrap();
    shown["files"] = json!(read.value.bundle.files);
    shown["settings"] = read.value.bundle.settings_value();
    let server = Scripted::new([ok(&shown)]);
    let told = as_sam(&server, &["changes", "confirm", "chg_1"]).await;
    assert_eq!(told.status(), 1);
    assert!(told.failure().to_string().contains("nothing was confirmed"));
}

#[tokio::test]
async fn where_a_signature_is_demanded_it_says_where_one_signs() {
    let server = Scripted::new([problem(401, "signature-required", None)]);
    let words = ["changes", "confirm", "chg_1", "--digest", "9f2c"];
    let told = as_sam(&server, &words).await;
    assert_eq!(told.status(), 1);
    let remedy = told.failure().remedy().unwrap();
    let expected = format!(
        "open {}/changes/chg_1 and sign there with your passkey",
        server.url
    );
    assert_eq!(remedy, expected);
}

#[tokio::test]
async fn r33_a_change_is_denied_with_a_reason_or_taken_back() {
    let plan = loosening().await;
    let mut denied = change("denied", &plan);
    denied["decided_by"] = "sam@corp.example".into();
    let server = Scripted::new([ok(&denied), ok(&change("withdrawn", &plan))]);
    let words = ["changes", "deny", "chg_1", "--reason", "Alice left"];
    let told = as_sam(&server, &words).await;
    assert_eq!(
        told.text,
        "chg_1 is denied by sam@corp.example; nothing of it counts\n"
    );
    let told = as_sam(&server, &["changes", "withdraw", "chg_1"]).await;
    assert_eq!(told.text, "chg_1 is withdrawn; nothing of it counts\n");
    let heard = server.heard();
    assert_eq!(heard[0].line, "POST /api/v1/changes/chg_1/deny");
    assert_eq!(heard[0].body, json!({ "reason": "Alice left" }));
    assert_eq!(heard[1].line, "POST /api/v1/changes/chg_1/withdraw");
}

#[tokio::test]
async fn r33_a_delegation_counts_once_its_lender_says_so() {
    let lent = json!({ "application": "billing", "person": "paul", "until": "2027-01-03",
        "from": "2026-12-21", "by": "oscar" });
    let server = Scripted::new([ok(&json!({ "items": [lent] })), ok(&lent)]);
    let told = as_sam(&server, &["delegations"]).await;
    assert!(
        told.text
            .contains("billing      paul    from 2026-12-21 until 2027-01-03  oscar"),
        "{}",
        told.text
    );
    let told = as_sam(&server, &["delegations", "confirm", "billing", "paul"]).await;
    let expected = "paul decides for oscar in billing from 2026-12-21 until 2027-01-03\n";
    assert_eq!(told.text, expected);
    let heard = server.heard();
    assert_eq!(heard[1].line, "POST /api/v1/delegations/confirm");
    assert_eq!(
        heard[1].body,
        json!({ "application": "billing", "person": "paul" })
    );
}
