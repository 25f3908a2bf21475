//! Real witnesses within reach of a test, asked without a network.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use locum_catalog::settings::{self, WhenUnwitnessed};
use locum_control::ports::{WitnessAnswer, WitnessSilent, Witnesses};
use locum_tlog::{LedgerKey, WitnessKey};
use locum_witness::{Memory, Refusal, Witness};
use tempfile::TempDir;

use super::builder::LEDGER_SEED;
use super::files::ORIGIN;

/// When they sign, in seconds since 1970-01-01 UTC.
const NOW: u64 = 1_785_744_000;

/// Witnesses by their address, each with a memory of its own on disk.
pub struct RealWitnesses {
    /// Nothing where the test keeps a witness silent.
    asked: Mutex<BTreeMap<String, Option<Witness>>>,
    folder: TempDir,
}

impl RealWitnesses {
    /// One witness for each host.
    pub fn of(hosts: &[&str]) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let witnesses = Self {
            asked: Mutex::default(),
            folder,
        };
        for host in hosts {
            Memory::create(&witnesses.memory(host)).unwrap();
            witnesses.speak(host);
        }
        Arc::new(witnesses)
    }

    /// What an operator writes who trusts them, with a quorum.
    pub fn settings(hosts: &[&str], quorum: &str, when: WhenUnwitnessed) -> settings::Witnesses {
        let lines = hosts.iter().map(|host| {
            let key = key(host);
            format!("witness {host} {} https://{host}/\n", key.cosigner_key())
        });
        settings::Witnesses {
            policy: format!("{}{quorum}\n", lines.collect::<String>()),
            when_unwitnessed: when,
            unwitnessed_after_seconds: 60,
        }
    }

    /// From now on this witness answers nothing.
    pub fn hush(&self, host: &str) {
        self.asked().insert(address(host), None);
    }

    /// It answers, with the memory that it had.
    pub fn speak(&self, host: &str) {
        // One process at a time has a memory.
        self.hush(host);
        let key = key(host);
        let memory = Memory::open(&self.memory(host), key.cosigner_key()).unwrap();
        let witness = Witness::new(key, vec![ledger().verifier_key().clone()], memory);
        self.asked().insert(address(host), Some(witness));
    }

    /// Somebody shows it a checkpoint: what a second copy of the ledger would do.
    pub fn show(&self, host: &str, submission: &str) -> WitnessAnswer {
        self.add(&address(host), submission).unwrap()
    }

    fn memory(&self, host: &str) -> PathBuf {
        self.folder.path().join(host)
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Option<Witness>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, prefix: &str, submission: &str) -> Result<WitnessAnswer, WitnessSilent> {
        let mut asked = self.asked();
        let Some(Some(witness)) = asked.get_mut(prefix) else {
            return Err(WitnessSilent("the test keeps it silent".to_owned()));
        };
        match witness.add_checkpoint(submission.as_bytes(), NOW) {
            Ok(line) => Ok(WitnessAnswer::Lines(line)),
            Err(Refusal::OtherSize(size)) => Ok(WitnessAnswer::OtherSize(size)),
            Err(Refusal::NotContinued) => Ok(WitnessAnswer::NotContinued),
            Err(refusal) => Err(WitnessSilent(refusal.to_string())),
        }
    }
}

#[async_trait]
impl Witnesses for RealWitnesses {
    async fn add_checkpoint(
        &self,
        prefix: &str,
        submission: String,
    ) -> Result<WitnessAnswer, WitnessSilent> {
        self.add(prefix, &submission)
    }
}

fn address(host: &str) -> String {
    format!("https://{host}/")
}

/// Each host's key follows from its name.
fn key(host: &str) -> WitnessKey {
    let mut seed = [0; 32];
    for (place, byte) in seed.iter_mut().zip(host.bytes()) {
        *place = byte;
    }
    WitnessKey::from_seed(host, &seed).unwrap()
}

/// The key of the house's ledger.
pub fn ledger() -> LedgerKey {
    LedgerKey::from_seed(ORIGIN, &LEDGER_SEED).unwrap()
}
