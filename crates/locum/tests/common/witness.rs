//! A witness that somebody else runs, and the ledger that it looks at.

use std::fs;
use std::path::Path;
use std::time::Duration;

use locum_tlog::LedgerKey;
use serde_json::Value;

use super::deployment::Deployment;
use super::process::{Locum, run};
use super::{client, free_port, wait_until};

/// Long enough for a debug build on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Another organisation's.
pub(crate) struct Beta {
    pub(crate) folder: String,
    pub(crate) port: u16,
    key: String,
}

impl Beta {
    /// Made, and knowing this ledger.
    pub(crate) fn of(folder: &Path, ledger: &str) -> Self {
        let folder = folder.display().to_string();
        let name = ["--name", "witness.beta.example"];
        let made = run(
            &[&["--json", "witness", "init", &folder][..], &name].concat(),
            &[],
        );
        assert!(made.status.success(), "{made:?}");
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let ledgers = Path::new(&folder).join("ledgers");
        fs::write(ledgers, format!("{ledger}\n")).unwrap();
        Self {
            folder,
            port: free_port(),
            key: made["vkey"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) fn serve(&self) -> Locum {
        let listen = format!("127.0.0.1:{}", self.port);
        let witness = Locum::spawn_with(
            &["witness", "serve", &self.folder, "--listen", &listen],
            &[],
        );
        wait_until("the witness listens", SOON, || {
            client::send(self.port, "GET /key", &[], b"").is_ok()
        });
        witness
    }

    /// What the ledger's operator writes.
    pub(crate) fn trusted(&self) -> String {
        let (key, port) = (&self.key, self.port);
        format!("witness beta {key} http://127.0.0.1:{port}/\nquorum beta\n")
    }

    /// Writes it down.
    pub(crate) fn is_trusted_by(&self, deployment: &Deployment) {
        let key = "key = \"file:keys/ledger.key\"";
        let witnesses = format!("{key}\nwitnesses = '''\n{}'''", self.trusted());
        deployment.edit("locum.toml", key, &witnesses);
    }
}

pub(crate) fn ledger_key(deployment: &Deployment) -> LedgerKey {
    let pem = fs::read_to_string(deployment.folder.join("keys/ledger.key")).unwrap();
    LedgerKey::from_pem("ledger.harbour.example.development", &pem).unwrap()
}
