//! Checkpoints that witnesses signed: of the pack, and in the ledger itself.

use locum_domain::Event;
use locum_tlog::{Checkpoint, LedgerKey, TrustPolicy, WitnessKey};

/// When every witness signs.
pub const COSIGNED: u64 = 1_785_744_000;

pub fn witness(host: &str) -> WitnessKey {
    let seed = u8::try_from(host.len()).unwrap();
    WitnessKey::from_seed(host, &[seed; 32]).unwrap()
}

/// The note with the lines of these witnesses.
pub fn cosigned(note: &str, hosts: &[&str]) -> String {
    hosts.iter().fold(note.to_owned(), |note, host| {
        let line = witness(host).cosign(&note, COSIGNED).unwrap();
        Checkpoint::with_signatures(&note, &line).unwrap()
    })
}

/// An auditor who trusts this ledger and these witnesses, two of whom belong to one organisation.
pub fn trust(key: &LedgerKey, quorum: &str) -> TrustPolicy {
    let witnesses = [
        "w.acme.example",
        "w2.acme.example",
        "w.beta-witness.example",
    ]
    .map(|host| {
        let key = witness(host);
        format!("witness {host} {}\n", key.cosigner_key())
    });
    let log = format!("log {}\n", key.verifier_key());
    TrustPolicy::parse(format!("{log}{}{quorum}\n", witnesses.concat())).unwrap()
}

/// The event with the checkpoint of the ledger as it stands, cosigned by whom a script names in its place.
pub fn witnessed_now(event: &Event, note: impl FnOnce() -> String) -> Event {
    let mut event = event.clone();
    if let Event::SessionWitnessed { checkpoint, .. } = &mut event
        && let Some(hosts) = checkpoint.strip_prefix("by ")
    {
        let hosts: Vec<&str> = hosts.split_whitespace().collect();
        *checkpoint = cosigned(&note(), &hosts);
    }
    event
}
