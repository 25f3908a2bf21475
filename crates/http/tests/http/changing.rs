//! What counts is changed over the API: by one person where nothing loosens, by two where anything does (R33).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::site::{Answer, Site};

pub(crate) const CHANGES: &str = "/api/v1/changes";
const PREVIEW: &str = "/api/v1/changes/preview";
const GOVERNANCE: &str = "/api/v1/governance";
const ELIGIBILITY: &str = "catalog/eligibility.toml";

/// What Sam would send to have this text instead of that one.
pub(crate) async fn replacing(site: &Site, path: &str, from: &str, to: &str) -> Value {
    let mut body = in_force(site).await;
    let text = body["files"][path].as_str().unwrap();
    assert!(text.contains(from), "`{path}` does not say `{from}`");
    body["files"][path] = json!(text.replace(from, to));
    body
}

/// What is in force, as a body that changes nothing.
async fn in_force(site: &Site) -> Value {
    let seen = site.get("sam", GOVERNANCE).await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    let seen = seen.json();
    json!({
        "base": seen["digest"], "files": seen["files"], "settings": seen["settings"],
        "note": "as the risk committee decided in July",
    })
}

pub(crate) async fn tightening(site: &Site) -> Value {
    let (from, to) = ("longest_minutes = 60", "longest_minutes = 30");
    replacing(site, ELIGIBILITY, from, to).await
}

async fn loosening(site: &Site) -> Value {
    let (from, to) = ("longest_minutes = 15", "longest_minutes = 20");
    replacing(site, ELIGIBILITY, from, to).await
}

/// A loosening of Sam's that waits.
pub(crate) async fn waiting(site: &Site) -> Value {
    let proposed = site.post("sam", CHANGES, loosening(site).await).await;
    assert_eq!(proposed.status, 202, "{}", proposed.text());
    proposed.json()
}

pub(crate) fn path(change: &Value) -> String {
    format!("{CHANGES}/{}", change["id"].as_str().unwrap())
}

/// Somebody's yes to this change.
pub(crate) async fn confirm(site: &Site, who: &str, change: &Value) -> Answer {
    let body = json!({"digest": change["digest"]});
    site.post(who, &format!("{}/confirm", path(change)), body)
        .await
}

fn members(of: &Value) -> BTreeSet<&str> {
    of.as_object().unwrap().keys().map(String::as_str).collect()
}

async fn digest(site: &Site) -> Value {
    site.get("alice", GOVERNANCE).await.json()["digest"].clone()
}

#[tokio::test]
async fn r33_what_tightens_counts_at_once_and_says_what_it_changed() {
    let site = Site::new().await;
    let before = digest(&site).await;
    let applied = site.post("sam", CHANGES, tightening(&site).await).await;
    assert_eq!(applied.status, 201, "{}", applied.text());
    let change = applied.json();
    assert_eq!(applied.header("location"), path(&change));
    assert_eq!(change["state"], "applied");
    assert_eq!(change["by"], "sam@corp.example");
    assert_eq!((&change["base"], &change["loosens"]), (&before, &json!([])));
    assert!(change.get("decided_by").is_none(), "nobody confirmed it");
    assert_eq!(change["may_confirm"], false);
    assert_eq!(change["may_not_confirm"]["code"], "already-decided");
    let plan = &change["plan"];
    assert_eq!(plan["differs"], true);
    assert_eq!(
        (&plan["before"], &plan["after"]),
        (&before, &change["digest"])
    );
    assert_eq!(
        plan["files"],
        json!([{"path": ELIGIBILITY, "change": "changed"}])
    );
    assert_eq!(plan["access"][0]["verdict"], "tightens");
    assert!(change.get("files").is_none(), "its texts are no news");

    let seen = site.get("sam", GOVERNANCE).await.json();
    assert_eq!(
        (&seen["digest"], &seen["version"]),
        (&change["digest"], &json!(2))
    );
    assert_eq!(
        (&seen["change"], &seen["differs"]),
        (&change["id"], &json!(true))
    );
    let text = seen["files"][ELIGIBILITY].as_str().unwrap();
    assert!(text.contains("longest_minutes = 30"));
    // It is what Alice is judged by now.
    let mut hour = site.asked();
    hour["duration_minutes"] = json!(60);
    let refused = site.post("alice", "/api/v1/requests", hour).await;
    refused.refused(422, "duration-too-long");
    site.close().await;
}

#[tokio::test]
async fn r33_what_loosens_waits_for_a_second_person_and_counts_once_they_confirm() {
    let site = Site::new().await;
    let before = digest(&site).await;
    let change = waiting(&site).await;
    assert_eq!(change["state"], "waiting");
    assert_eq!(change["could_confirm"], json!(["sven@corp.example"]));
    assert_eq!(change["plan"]["could_confirm"][0]["name"], "Sven Sund");
    let says = change["loosens"][0].as_str().unwrap();
    assert!(
        says.starts_with("Aida, triage agent may go to 20 min in crm"),
        "{says}"
    );
    assert_eq!(digest(&site).await, before, "nothing counts yet");

    // Whoever proposed it does not confirm it, and who is nobody to it does not see it.
    assert_eq!(change["may_not_confirm"]["code"], "second-person-required");
    confirm(&site, "sam", &change)
        .await
        .refused(403, "second-person-required");
    confirm(&site, "audrey", &change)
        .await
        .refused(403, "not-an-approver");
    confirm(&site, "alice", &change)
        .await
        .refused(404, "not-found");
    let listed = site
        .get("sven", "/api/v1/changes?state=waiting")
        .await
        .json();
    assert_eq!(listed["items"][0]["id"], change["id"]);
    assert_eq!(listed["items"][0]["may_confirm"], true);
    assert!(listed["items"][0].get("plan").is_none(), "a list is short");

    // It is confirmed as it was shown, and as nothing else.
    let other = json!({"digest": before});
    let stale = format!("{}/confirm", path(&change));
    site.post("sven", &stale, other)
        .await
        .refused(409, "stale-approval");
    let confirmed = confirm(&site, "sven", &change).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let confirmed = confirmed.json();
    assert_eq!(confirmed["state"], "applied");
    assert_eq!(confirmed["decided_by"], "sven@corp.example");
    assert_eq!(digest(&site).await, change["digest"]);
    let seen = site.get("audrey", GOVERNANCE).await.json();
    assert_eq!(seen["by"], "sam@corp.example");
    assert_eq!(seen["confirmed_by"], "sven@corp.example");
    confirm(&site, "sven", &change)
        .await
        .refused(409, "already-decided");
    let none = site
        .get("sven", "/api/v1/changes?state=waiting")
        .await
        .json();
    assert_eq!(none["items"], json!([]));
    site.get("sven", "/api/v1/changes?state=pending")
        .await
        .refused(400, "malformed");
    site.close().await;
}

#[tokio::test]
async fn r33_whoever_gains_by_it_is_not_the_second_person() {
    let site = Site::new().await;
    let from = "name = \"Alice Archer\"\nmanager = \"mia@corp.example\"\nroles = [\"support\"]";
    let to = "name = \"Alice Archer\"\nmanager = \"mia@corp.example\"\nroles = [\"support\", \"security\"]";
    let body = replacing(&site, "catalog/people.toml", from, to).await;
    let proposed = site.post("sam", CHANGES, body).await;
    assert_eq!(proposed.status, 202, "{}", proposed.text());
    let change = proposed.json();
    // She would hold the authority after it, and did not before.
    confirm(&site, "alice", &change)
        .await
        .refused(404, "not-found");
    assert_eq!(confirm(&site, "sven", &change).await.status, 200);
    let gained = site.get("alice", GOVERNANCE).await.json();
    assert!(gained["files"].is_object(), "and has it now");
    site.close().await;
}

#[tokio::test]
async fn r33_what_was_planned_on_another_base_is_refused_with_a_remedy() {
    let site = Site::new().await;
    let (old, waits) = (loosening(&site).await, waiting(&site).await);
    let applied = site.post("sam", CHANGES, tightening(&site).await).await;
    assert_eq!(applied.status, 201, "{}", applied.text());
    for address in [CHANGES, PREVIEW] {
        let stale = site.post("sven", address, old.clone()).await;
        let problem = stale.refused(409, "stale-approval");
        assert_eq!(problem["pointer"], "/base");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("plan it again")
        );
        assert!(!problem["remedy"].as_str().unwrap().is_empty());
    }
    // What waits on the old base waits for ever, and says so.
    confirm(&site, "sven", &waits)
        .await
        .refused(409, "stale-approval");
    let shown = site.get("sven", &path(&waits)).await.json();
    assert_eq!(shown["may_not_confirm"]["code"], "stale-approval");
    assert_eq!(shown["could_confirm"], json!([]));
    // And exactly what counts is no change.
    let same = site.post("sam", CHANGES, in_force(&site).await).await;
    same.refused(409, "already-decided");
    site.close().await;
}

#[tokio::test]
async fn r33_files_that_cannot_be_read_are_refused_with_file_line_and_column() {
    let site = Site::new().await;
    let before = digest(&site).await;
    let broken = [
        (
            "policies/house.cedar",
            "action == Locum",
            "action === Locum",
            "policies/house.cedar:5:",
        ),
        (
            "catalog/people.toml",
            "manager = \"mia@corp.example\"",
            "boss = \"mia@corp.example\"",
            "catalog/people.toml:4:1: ",
        ),
        (
            ELIGIBILITY,
            "longest_minutes = 60",
            "longest_minutes = \"long\"",
            "catalog/eligibility.toml:6:",
        ),
    ];
    for (path, from, to, said) in broken {
        let body = replacing(&site, path, from, to).await;
        for address in [PREVIEW, CHANGES] {
            let refused = site.post("sam", address, body.clone()).await;
            let problem = refused.refused(422, "malformed");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.lines().any(|it| it.starts_with(said)), "{detail}");
            assert_eq!(problem["pointer"], "/files");
        }
    }
    let good = in_force(&site).await;
    let mut shapes = Vec::new();
    for (pointer, value, status, code) in [
        ("/note", json!(" "), 422, "reason-missing"),
        ("/files", json!([]), 422, "malformed"),
        ("/settings", json!({"origin": 1}), 422, "malformed"),
    ] {
        let mut body = good.clone();
        body[pointer.trim_start_matches('/')] = value;
        shapes.push((body, status, code, pointer));
    }
    for (body, status, code, pointer) in shapes {
        let answer = site.post("sam", CHANGES, body).await;
        assert_eq!(answer.refused(status, code)["pointer"], pointer);
    }
    assert_eq!(digest(&site).await, before);
    site.close().await;
}

#[tokio::test]
async fn r33_a_preview_says_what_would_be_and_leaves_no_trace() {
    let site = Site::new().await;
    let before = site.house.history().await.len();
    let loosens = site.post("sam", PREVIEW, loosening(&site).await).await;
    assert_eq!(loosens.status, 200, "{}", loosens.text());
    let loosens = loosens.json();
    assert_eq!(loosens["would_wait"], true);
    assert_eq!(loosens["could_confirm"], json!(["sven@corp.example"]));
    assert_eq!(loosens["plan"]["loosens"][0]["says"], loosens["loosens"][0]);
    assert!(loosens.get("id").is_none());
    let tightens = site
        .post("sam", PREVIEW, tightening(&site).await)
        .await
        .json();
    assert_eq!(
        (&tightens["would_wait"], &tightens["loosens"]),
        (&json!(false), &json!([]))
    );
    assert_eq!(site.house.history().await.len(), before);
    let listed = site.get("sam", CHANGES).await.json();
    assert_eq!(listed["items"], json!([]));
    // Of whoever may not propose, the try is on the record.
    let body = loosening(&site).await;
    site.post("arno", PREVIEW, body)
        .await
        .refused(403, "not-an-approver");
    assert_eq!(site.refusals().await, ["not-an-approver"]);
    site.close().await;
}

#[tokio::test]
async fn r33_a_change_is_denied_with_a_reason_or_taken_back() {
    let site = Site::new().await;
    let change = waiting(&site).await;
    let (deny, withdraw) = (
        format!("{}/deny", path(&change)),
        format!("{}/withdraw", path(&change)),
    );
    let reason = json!({"reason": "fifteen minutes were always enough"});
    site.post("sam", &deny, reason.clone())
        .await
        .refused(403, "second-person-required");
    site.post("sven", &deny, json!({"reason": ""}))
        .await
        .refused(422, "reason-missing");
    site.post("sven", &withdraw, json!({}))
        .await
        .refused(403, "not-an-approver");
    let denied = site.post("sven", &deny, reason).await;
    assert_eq!(denied.status, 200, "{}", denied.text());
    let denied = denied.json();
    assert_eq!(
        (&denied["state"], &denied["decided_by"]),
        (&json!("denied"), &json!("sven@corp.example"))
    );
    assert_eq!(
        denied["denied_because"],
        "fifteen minutes were always enough"
    );
    confirm(&site, "sven", &change)
        .await
        .refused(409, "already-decided");

    let change = waiting(&site).await;
    let withdrawn = site
        .post("sam", &format!("{}/withdraw", path(&change)), json!({}))
        .await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    assert_eq!(withdrawn.json()["state"], "withdrawn");
    confirm(&site, "sven", &change)
        .await
        .refused(409, "already-decided");
    site.close().await;
}

#[tokio::test]
async fn r33_an_owner_changes_their_own_applications_file_and_nothing_else() {
    let site = Site::new().await;
    let billing = "catalog/applications/billing.toml";
    let shell = "routes = [\"GET /static/**\"]";
    let narrower = replacing(&site, billing, shell, "routes = [\"GET /static/*\"]").await;
    let crm = replacing(
        &site,
        "catalog/applications/crm.toml",
        "Customer records",
        "Customers",
    )
    .await;
    site.post("oscar", CHANGES, crm)
        .await
        .refused(403, "not-an-approver");
    site.post("oscar", CHANGES, tightening(&site).await)
        .await
        .refused(403, "not-an-approver");
    site.post("petra", CHANGES, narrower.clone())
        .await
        .refused(403, "not-an-approver");
    let proposed = site.post("oscar", CHANGES, narrower).await;
    assert!([201, 202].contains(&proposed.status), "{}", proposed.text());
    site.close().await;
}

#[tokio::test]
async fn r24_files_are_shown_to_security_and_auditors_and_to_others_what_differs() {
    let site = Site::new().await;
    for person in ["alice", "oscar", "mia", "prya"] {
        let seen = site.get(person, GOVERNANCE).await;
        let seen = seen.json();
        let members: BTreeSet<&str> = members(&seen);
        assert_eq!(
            members,
            BTreeSet::from(["at", "digest", "version"]),
            "{person}"
        );
    }
    for person in ["sam", "sven", "audrey"] {
        let seen = site.get(person, GOVERNANCE).await.json();
        assert!(seen["files"]["catalog/people.toml"].is_string(), "{person}");
        assert!(seen["settings"].is_object(), "{person}");
        assert_eq!(seen["differs"], false);
    }
    // Oscar has a say in what is changed of his application, and reads no more than that.
    let billing = "catalog/applications/billing.toml";
    let body = replacing(&site, billing, "name = \"Billing\"", "name = \"Bills\"").await;
    let change = site.post("sam", CHANGES, body).await;
    assert!([201, 202].contains(&change.status), "{}", change.text());
    let change = path(&change.json());
    let seen = site.get("oscar", &change).await.json();
    assert_eq!(members(&seen["files"]), BTreeSet::from([billing]));
    assert!(seen.get("settings").is_none());
    for person in ["sam", "sven", "audrey"] {
        let seen = site.get(person, &change).await.json();
        assert!(seen["files"].as_object().unwrap().len() > 5, "{person}");
        assert!(seen["settings"].is_object(), "{person}");
    }
    site.get("arno", &change).await.refused(404, "not-found");
    let nobodys = format!("{CHANGES}/chg_{}", "0".repeat(32));
    site.get("sam", &nobodys).await.refused(404, "not-found");
    site.get("sam", "/api/v1/changes/x")
        .await
        .refused(404, "not-found");
    site.close().await;
}
