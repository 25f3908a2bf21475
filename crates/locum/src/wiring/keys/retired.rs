//! Keys that sign no more: their public halves, with which everybody still verifies what they signed.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use locum_control::ports::{KeyPurpose, PublicHalf};
use locum_domain::{ApplicationId, Timestamp};
use locum_token::VerifyingKey;
use serde::{Deserialize, Serialize};

use super::KeysError;
use super::file::write_private;

/// The folder below `keys/`.
pub(super) const FOLDER: &str = "retired";

/// What stands in the JWK beside the key (RFC 7517, section 4, lets members be added).
#[derive(Serialize, Deserialize)]
struct Retired {
    purpose: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<ApplicationId>,
    retired_at: Timestamp,
}

/// Writes a public half, unless it is there already.
pub(super) fn write(folder: &Path, half: &PublicHalf, at: Timestamp) -> Result<(), KeysError> {
    let path = folder.join(format!("{}.jwk", half.key.thumbprint()));
    if path.exists() {
        return Ok(());
    }
    let retired = Retired {
        purpose: half.purpose.as_str().to_owned(),
        application: half.purpose.application().cloned(),
        retired_at: at,
    };
    let mut jwk = half.key.to_jwk();
    if let (Some(jwk), Ok(retired)) = (jwk.as_object_mut(), serde_json::to_value(retired)) {
        jwk.insert("locum".to_owned(), retired);
    }
    write_private(&path, &format!("{jwk:#}\n"))
}

/// Reads every public half of the folder.
pub(super) fn read(folder: &Path) -> Result<Vec<PublicHalf>, KeysError> {
    let unreadable =
        |path: &Path, why: String| KeysError::Unreadable(path.display().to_string(), why);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, error.to_string())),
    };
    let mut halves = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| unreadable(folder, error.to_string()))?
            .path();
        if path.extension().is_none_or(|ending| ending != "jwk") {
            continue;
        }
        let text =
            fs::read_to_string(&path).map_err(|error| unreadable(&path, error.to_string()))?;
        halves.push(parse(&text).map_err(|why| unreadable(&path, why))?);
    }
    halves.sort_by_key(|half: &PublicHalf| half.retired_at);
    Ok(halves)
}

fn parse(text: &str) -> Result<PublicHalf, String> {
    let key = VerifyingKey::from_jwk(text).map_err(|error| error.to_string())?;
    let document: serde_json::Value =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let about = document.get("locum").cloned().unwrap_or_default();
    let about: Retired = serde_json::from_value(about).map_err(|error| error.to_string())?;
    Ok(PublicHalf {
        purpose: KeyPurpose::parse(&about.purpose, about.application)?,
        key,
        retired_at: Some(about.retired_at),
    })
}
