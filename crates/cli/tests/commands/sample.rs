//! A folder of files that something is changed in.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use locum_catalog::templates::{self, Content};
use serde_json::Value;
use tempfile::TempDir;

use crate::scripted::locum;

/// RFC 8037, appendix A.2.
const AGENT_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// The sample deployment, with these texts replaced in these files.
pub(crate) fn folder(replacing: &[(&str, &str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let mut count = 0;
    let mut secret = || {
        count += 1;
        format!("{count:064x}")
    };
    for (path, mut text) in templates::deployment(
        Content::Example,
        today,
        "locum.example.development",
        &mut secret,
    ) {
        for (_, old, new) in replacing.iter().filter(|(of, ..)| *of == path) {
            assert!(text.contains(old), "{path} has no `{old}`");
            text = text.replacen(old, new, 1);
        }
        write(&path, &text);
    }
    write(templates::AGENT_PUBLIC_KEY, AGENT_KEY);
    folder
}

pub(crate) const SHORTER: (&str, &str, &str) = (
    "catalog/eligibility.toml",
    "longest_minutes = 60",
    "longest_minutes = 45",
);
pub(crate) const ALICE_RUNS_LOCUM: (&str, &str, &str) = (
    "catalog/people.toml",
    "roles = [\"support\"]",
    "roles = [\"support\", \"security\"]",
);

/// The plan of `after` against `before`, as a machine reads it.
pub(crate) async fn document(before: &Path, after: &Path) -> Value {
    let (before, after) = (before.display().to_string(), after.display().to_string());
    let told = locum(&["plan", &after, "--against", &before, "--json"]).await;
    serde_json::from_str(&told.text).unwrap()
}
