//! The ring on a disk: what is made, what is refused, and how a key gives way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use locum_catalog::Deployment;
use locum_catalog::templates::{self, Content};
use locum_control::ports::{KeyPurpose, KeyRing as _, KeyRingError};
use ring::rand::SystemRandom;
use tempfile::TempDir;

use super::{KeyRing, KeysError, store_options, write_new_keys};

const AT: &str = "2026-08-03T08:00:00Z";
const ORIGIN: &str = "ledger.example.development";

/// The example's deployment, with nothing in `keys/` but what every deployment has.
fn deployment(folder: &Path) -> Deployment {
    let mut drawn = 0;
    let mut secret = || {
        drawn += 1;
        format!("{drawn:064x}")
    };
    let today = Timestamp::now()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date();
    for (path, text) in templates::deployment(Content::Example, today, ORIGIN, &mut secret) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let key = folder.join(templates::AGENT_PUBLIC_KEY);
    fs::write(
        key,
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    )
    .unwrap();
    write_new_keys(&folder.join("keys"), &SystemRandom::new()).unwrap();
    let read = Deployment::read(&folder.join("locum.toml"), &BTreeMap::new(), today);
    read.unwrap().value
}

fn read(deployment: &Deployment) -> Result<KeyRing, KeysError> {
    KeyRing::read(
        &deployment.settings,
        &deployment.catalog,
        &BTreeMap::new(),
        true,
        &SystemRandom::new(),
    )
}

fn ring() -> (TempDir, Deployment, KeyRing) {
    let folder = tempfile::tempdir().unwrap();
    let deployment = deployment(folder.path());
    let ring = read(&deployment).unwrap();
    (folder, deployment, ring)
}

fn billing() -> KeyPurpose {
    KeyPurpose::Assertion("billing".parse().unwrap())
}

fn by() -> locum_domain::PrincipalId {
    "sam@corp.example".parse().unwrap()
}

fn at() -> Timestamp {
    AT.parse().unwrap()
}

#[test]
fn r33_every_purpose_and_every_application_has_a_key_of_its_own() {
    let (folder, deployment, ring) = ring();
    let halves = ring.public_halves();
    let kids: BTreeSet<&str> = halves.iter().map(|half| half.key.kid()).collect();
    assert_eq!(kids.len(), halves.len());
    assert_eq!(halves.len(), 2 + deployment.catalog.applications.len());
    assert_eq!(kids.len(), halves.len());
    for name in [
        "ledger.key",
        "grants.key",
        "access-tokens.key",
        "cookies.key",
        "payload.key",
        "assertions/billing.key",
    ] {
        let mode = fs::metadata(folder.path().join("keys").join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name} is its owner's alone");
    }
    // Read again, it is the same ring.
    let again = read(&deployment).unwrap();
    assert_eq!(again.public_halves(), halves);
    assert_eq!(*again.cookies, *ring.cookies);
}

#[test]
fn r33_a_gateway_holds_the_keys_of_the_applications_it_serves_and_no_other() {
    let (_folder, deployment, ring) = ring();
    let mut served = deployment.catalog.clone();
    let crm = "crm".parse().unwrap();
    served.applications.retain(|id, _| *id == crm);
    let keys = ring.of_gateway(&served).unwrap();
    assert_eq!(keys.signing.keys().collect::<Vec<_>>(), [&crm]);
    let believed: Vec<&str> = keys
        .access_tokens
        .keys()
        .iter()
        .map(|key| key.kid())
        .collect();
    assert_eq!(believed, [ring.access_token_key().kid()]);
}

#[test]
fn r33_in_production_a_missing_key_is_named_with_the_command_that_makes_it() {
    let (folder, mut deployment, _ring) = ring();
    deployment.settings.environment = locum_catalog::settings::Environment::Production;
    let keys = folder.path().join("keys");
    for (name, command) in [
        (
            "assertions/billing.key",
            "openssl genpkey -algorithm ed25519 -out ",
        ),
        ("grants.key", "openssl genpkey -algorithm ed25519 -out "),
        (
            "access-tokens.key",
            "openssl genpkey -algorithm ed25519 -out ",
        ),
        ("cookies.key", "openssl rand -hex -out "),
    ] {
        let path = keys.join(name);
        let own = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let said = read(&deployment).err().unwrap().to_string();
        assert!(said.contains(name) && said.contains(command), "{said}");
        assert!(!path.exists());
        fs::write(&path, own).unwrap();
    }
    read(&deployment).unwrap();
}

#[test]
fn r26_a_store_whose_payload_key_is_missing_is_told_of_and_gets_no_other() {
    let (folder, deployment, _ring) = ring();
    let options = || store_options(&deployment.settings, &BTreeMap::new(), &SystemRandom::new());
    let first = options().unwrap();
    assert_eq!(first.payload_key, options().unwrap().payload_key);
    let locum_catalog::settings::Store::Sqlite { path: database } = &deployment.settings.store;
    fs::write(database, "").unwrap();
    let key = folder.path().join("keys/payload.key");
    fs::remove_file(&key).unwrap();
    let refused = options().err().unwrap();
    assert!(matches!(refused, KeysError::PayloadKeyLost(_)), "{refused}");
    assert!(!key.exists());
}

#[test]
fn r33_an_application_that_was_not_applied_needs_no_key_yet() {
    let (folder, mut deployment, ring) = ring();
    drop(ring);
    deployment.settings.environment = locum_catalog::settings::Environment::Production;
    let path = folder.path().join("keys/assertions/billing.key");
    fs::remove_file(&path).unwrap();
    let ring = KeyRing::read(
        &deployment.settings,
        &deployment.catalog,
        &BTreeMap::new(),
        false,
        &SystemRandom::new(),
    );
    let ring = ring.unwrap();
    let mut in_force = deployment.catalog.clone();
    in_force.applications.remove(&"billing".parse().unwrap());
    ring.of_gateway(&in_force).unwrap();
    let refused = ring.of_gateway(&deployment.catalog).err().unwrap();
    assert!(matches!(refused, KeysError::Missing(..)), "{refused}");
}

#[test]
fn a_key_of_another_algorithm_than_the_applications_is_refused() {
    let (folder, deployment, ring) = ring();
    let random = SystemRandom::new();
    let path = folder.path().join("keys/assertions/billing.key");
    fs::remove_file(&path).unwrap();
    super::write_signing_key(&path, locum_token::Algorithm::Es256, "", &random).unwrap();
    drop(ring);
    let refused = read(&deployment).err().unwrap();
    assert!(
        matches!(refused, KeysError::OtherAlgorithm(_, "EdDSA")),
        "{refused}"
    );
}

#[test]
fn r33_a_key_gives_way_and_only_its_public_half_stays() {
    let (folder, deployment, ring) = ring();
    let path = folder.path().join("keys/assertions/billing.key");
    let old = fs::read_to_string(&path).unwrap();
    let next = ring.prepare(&billing(), &by()).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        old,
        "it signs until it is recorded"
    );
    assert!(ring.public_halves().iter().all(|half| half.key != next.new));
    let again = ring.prepare(&billing(), &by());
    assert!(matches!(again, Err(KeyRingError::UnderWay(_))));

    ring.switch(&next, at()).unwrap();
    ring.switch(&next, at()).unwrap();
    let halves = ring.public_halves();
    let of = |key| halves.iter().find(|half| half.key == key).unwrap();
    assert_eq!(of(next.new.clone()).retired_at, None);
    assert_eq!(of(next.old.clone()).retired_at, Some(at()));
    let secret = old.lines().nth(1).unwrap();
    for entry in walk(&folder.path().join("keys")) {
        let text = fs::read_to_string(&entry).unwrap();
        assert!(!text.contains(secret), "{} still holds it", entry.display());
    }
    // The next start finds the same ring, and the gateway the new key.
    let again = read(&deployment).unwrap();
    assert_eq!(again.public_halves(), halves);
    let keys = again.of_gateway(&deployment.catalog).unwrap();
    let signs = &keys.signing[&"billing".parse().unwrap()];
    assert_eq!(*signs.verifying_key(), next.new);
}

#[test]
fn r33_a_rotation_that_broke_off_is_found_at_the_next_start() {
    let (folder, deployment, ring) = ring();
    let next = ring.prepare(&KeyPurpose::Grant, &by()).unwrap();
    drop(ring);
    let ring = read(&deployment).unwrap();
    assert_eq!(ring.left_over(), std::slice::from_ref(&next));
    ring.discard(&next);
    assert!(ring.left_over().is_empty());
    let next = ring.prepare(&KeyPurpose::Grant, &by()).unwrap();
    // Between the public half and the move.
    super::retired::write(
        &folder.path().join("keys/retired"),
        &locum_control::ports::PublicHalf {
            purpose: KeyPurpose::Grant,
            key: next.old.clone(),
            retired_at: Some(at()),
        },
        at(),
    )
    .unwrap();
    let ring = read(&deployment).unwrap();
    let halves = ring.public_halves();
    assert_eq!(halves.iter().filter(|half| half.key == next.old).count(), 1);
    ring.switch(&next, at()).unwrap();
    assert_eq!(ring.grant_key().kid(), next.new.kid());
}

#[test]
fn what_waits_and_is_no_key_of_ours_is_left_alone() {
    let (folder, _deployment, ring) = ring();
    let waiting = folder.path().join("keys/next");
    fs::create_dir_all(&waiting).unwrap();
    fs::write(
        waiting.join("strange.key"),
        "purpose: ledger\nby: sam@corp.example\n",
    )
    .unwrap();
    assert!(ring.left_over().is_empty());
    let unknown = KeyPurpose::Assertion("nowhere".parse().unwrap());
    assert!(matches!(
        ring.prepare(&unknown, &by()),
        Err(KeyRingError::NoSuchKey(_))
    ));
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
