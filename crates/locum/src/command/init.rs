//! `locum init`: a commented, working deployment, keys included.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use locum_catalog::templates::{self, Content};
use locum_cli::{Failure, InitArgs, Output};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::wiring::write_new_keys;

const ORIGIN: &str = "locum.example.development";

/// What comes between this folder and a production server.
const FOUNDING: &str = "\
It begins as `development`: this machine only. locum.toml says what a production server needs, and above all two people:
the founders. They sign in with your identity provider, or with a link each that the first start keeps in a file; both
enrol a passkey, read each other its fingerprint, and sign both. Every other passkey is approved by somebody who has one,
so these two decide who can ever sign. Auditors take each fingerprint from its founder, in person, and keep them beside
the verifier key: evidence leads back to them.";

pub(crate) fn run(args: &InitArgs, output: &Output) -> Result<(), Failure> {
    let directory = &args.directory;
    must_be_new(directory)?;
    let random = SystemRandom::new();
    let mut secret = || {
        let mut bytes = [0; 32];
        // A template with an empty secret is refused by `check`; that is the right end of a machine without
        // randomness.
        let is_filled = random.fill(&mut bytes).is_ok();
        if is_filled {
            hex::encode(bytes)
        } else {
            String::new()
        }
    };
    let content = if args.example {
        Content::Example
    } else {
        Content::Bare
    };
    let files = templates::deployment(content, super::today(), ORIGIN, &mut secret);
    for (path, text) in &files {
        write(&directory.join(path), text)?;
    }
    write(
        &directory.join("policies").join("locum.cedarschema"),
        locum_policy::Policies::schema_text(),
    )?;
    let keys = directory.join("keys");
    write_new_keys(&keys, &random).map_err(|error| Failure::Usage(error.to_string()))?;
    if args.example {
        agent_key(directory, &random)?;
    }
    let config = directory.join("locum.toml");
    let deployment = super::deployment(&config)?;
    let ring = crate::wiring::KeyRing::read(
        &deployment.settings,
        &deployment.catalog,
        &super::variables(),
        true,
        &random,
    );
    let ring = ring.map_err(|error| Failure::Usage(error.to_string()))?;
    let vkey = ring.ledger.verifier_key().to_string();
    write(&keys.join("ledger.vkey"), &format!("{vkey}\n"))?;
    let document =
        serde_json::json!({ "directory": directory, "config": config, "ledger_vkey": vkey });
    output.answer(&document, || {
        format!(
            "{} is ready\n\n  locum check --config {config}\n  locum serve --config {config}\n\nGive auditors the \
             ledger's verifier key (also in keys/ledger.vkey):\n  {vkey}\n\n{FOUNDING}",
            directory.display(),
            config = config.display(),
        )
    })
}

fn must_be_new(directory: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(directory) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(Failure::Usage(format!(
                "`{}` is not empty; name a new folder",
                directory.display()
            ))),
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let made = DirBuilder::new()
                .recursive(true)
                .mode(0o750)
                .create(directory);
            made.map_err(|error| Failure::Usage(format!("`{}`: {error}", directory.display())))
        }
        Err(error) => Err(Failure::Usage(format!(
            "`{}`: {error}",
            directory.display()
        ))),
    }
}

/// Everything is its owner's alone to read: tokens and secrets are among it.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::Usage(format!("`{}`: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(wrong)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(wrong)?;
    file.write_all(text.as_bytes()).map_err(wrong)
}

/// The sample agent's key pair: the private half is for whoever tries the agent's part.
fn agent_key(directory: &Path, random: &SystemRandom) -> Result<(), Failure> {
    let wrong = |error: locum_token::KeyError| Failure::Usage(format!("the agent's key: {error}"));
    let pem = locum_token::generate_pem(locum_token::Algorithm::EdDsa, random).map_err(wrong)?;
    let key = locum_token::SigningKey::from_pkcs8_pem(&pem, random).map_err(wrong)?;
    let public = directory.join(templates::AGENT_PUBLIC_KEY);
    write(&public, &format!("{:#}\n", key.verifying_key().to_jwk()))?;
    write(&public.with_extension("").with_extension("key"), &pem)
}
