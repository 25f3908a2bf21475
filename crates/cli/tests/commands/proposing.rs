//! Operations proposed from files, without any server.

use serde_json::{Value, json};

use crate::scripted::locum;

const DOCUMENT: &str = r#"{"openapi": "3.1.0", "paths": {
    "/invoices/{id}": {"get": {"tags": ["Invoices"]}}, "/payouts": {"post": {}}}}"#;

fn folder(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

#[tokio::test]
async fn r21_a_document_becomes_tables_on_standard_output() {
    let (_folder, document) = folder("openapi.json", DOCUMENT);
    let told = locum(&["catalog", "import-openapi", &document]).await;
    assert_eq!(told.status(), 0);
    let expected = r#"# Proposed from openapi.json: 2 operations, 1 of them closed.
# Effects, classes and objects are guesses. Look at each, correct it, and delete its REVIEW lines.

# REVIEW effect `read`: its method is GET
# REVIEW object: `{1}` is taken for the id of what is called invoice
[[operation]]
id = "invoice.read"
effect = "read"
routes = ["GET /invoices/*"]
object = "invoice:{1}"

# REVIEW closed `money`: its path says `payout`
# REVIEW effect `write`: its method is POST
[[operation]]
id = "payout.create"
effect = "write"
closed = "money"
routes = ["POST /payouts"]
"#;
    assert_eq!(told.text, expected);
    let told = locum(&["--json", "catalog", "import-openapi", &document]).await;
    let answer: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(answer["operations"][1]["closed"], "money");
    assert_eq!(answer["operations"][1]["effect"], "write");
    assert_eq!(answer["toml"], expected);
}

#[tokio::test]
async fn tables_are_written_into_a_new_file_and_never_over_one_that_is_there() {
    let (folder, document) = folder("openapi.json", DOCUMENT);
    let path = folder.path().join("operations.toml").display().to_string();
    let words = ["catalog", "import-openapi", &document, "-o", &path];
    let told = locum(&words).await;
    assert!(
        told.text
            .starts_with("2 operations with 2 routes proposed, 1 of them closed")
    );
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written.contains("id = \"payout.create\""));
    let again = locum(&words).await;
    assert_eq!(again.status(), 2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
}

#[tokio::test]
async fn r21_what_an_application_of_the_catalog_has_is_left_out() {
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../catalog/tests/fixtures/example"
    );
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files(std::path::Path::new(example)) {
        let target = folder.path().join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, text).unwrap();
    }
    std::fs::write(folder.path().join("development-tokens.toml"), "").unwrap();
    let document = folder.path().join("openapi.json").display().to_string();
    std::fs::write(&document, DOCUMENT).unwrap();
    let config = folder.path().join("locum.toml").display().to_string();
    let run = async |application: &str| {
        locum(&[
            "--json",
            "catalog",
            "import-openapi",
            &document,
            "--config",
            &config,
            "--application",
            application,
        ])
        .await
    };
    let told = run("billing").await;
    let answer: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(answer["operations"], json!([]));
    assert_eq!(
        answer["known"],
        json!({ "invoice.read": 1, "payout.create": 1 })
    );
    let told = run("bilking").await;
    assert_eq!(told.status(), 2);
    assert!(
        told.failure()
            .to_string()
            .contains("no application `bilking` in the catalog, which has: billing")
    );
}

fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(here) = waiting.pop() {
        for entry in std::fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

#[tokio::test]
async fn r23_a_recording_is_learned_from_and_nothing_of_it_is_echoed() {
    let recording = json!({ "log": { "entries": [{
        "request": { "method": "POST", "url": "https://wiki.example.org/pages/17?key=S3CR3T",
            "headers": [{ "name": "Cookie", "value": "S3CR3T" }],
            "postData": { "mimeType": "application/json", "text": "{\"title\": \"S3CR3T\"}" } },
        "response": { "status": 200, "content": { "text": "S3CR3T" } },
    }] } });
    let (_folder, recording) = folder("wiki.har", &recording.to_string());
    let told = locum(&[
        "--json", "catalog", "learn", "--har", &recording, "--har", &recording,
    ])
    .await;
    let answer: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(answer["operations"][0]["routes"], json!(["POST /pages/*"]));
    assert!(!told.text.contains("S3CR3T"));
}

#[tokio::test]
async fn what_cannot_be_read_is_wrong_usage() {
    let (folder, swagger) = folder("swagger.yaml", "swagger: '1.2'\npaths: {}\n");
    let told = locum(&["catalog", "import-openapi", &swagger]).await;
    assert_eq!(told.status(), 2);
    assert!(told.failure().to_string().contains("this says `1.2`"));
    let missing = folder.path().join("nowhere.har").display().to_string();
    assert_eq!(
        locum(&["catalog", "learn", "--har", &missing])
            .await
            .status(),
        2
    );
    assert_eq!(
        locum(&["catalog", "learn", "--har", &swagger])
            .await
            .status(),
        2
    );
}
