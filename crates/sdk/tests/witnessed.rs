//! R24: a stolen signing key opens nothing in an application that asks for witnesses.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic here fails the test, as it should"
)]

mod minting;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Request, Response};
use locum_sdk::{
    AssertionLayer, PauseFuture, PolicyRefused, ReadFuture, ReadLedger, TrustPolicy, Witnessed,
};
use locum_tlog::{
    Checkpoint, LedgerKey, MemoryTiles, TilePath, TileSource as _, WitnessKey, encode_bundle,
    leaf_hash,
};
use minting::{assertion, layer_at, now};
use tower::{Layer, ServiceExt, service_fn};

const TIME: u64 = 1_800_000_000;
/// More than one tile, so that a proof climbs.
const ENTRIES: usize = 700;
const STARTED: u64 = 600;

fn ledger_key() -> LedgerKey {
    LedgerKey::from_seed("ledger.acme.example", &[1; 32]).unwrap()
}

fn witness(seed: u8) -> WitnessKey {
    WitnessKey::from_seed("w.beta.example", &[seed; 32]).unwrap()
}

/// A server with a ledger that a witness saw up to a size, as a shared state of the tests.
#[derive(Clone)]
struct Ledger(Arc<Mutex<State>>);

struct State {
    entries: Vec<Vec<u8>>,
    witnessed: usize,
    cosigned_by: u8,
    /// What the witness sees while somebody waits.
    after_a_pause: Option<usize>,
    reads: Vec<String>,
    is_lying: bool,
    /// What the application's clock shows beyond the usual.
    waited: Duration,
}

impl Ledger {
    fn new() -> Self {
        let entry = |kind: &str, event: &str| {
            let text = format!(
                r#"{{"at":"2026-11-25T18:00:00.000000Z","event":"{event}","kind":"{kind}","v":1}}"#
            );
            text.into_bytes()
        };
        let mut entries = vec![entry("access-admitted", "evt_9"); ENTRIES];
        entries[usize::try_from(STARTED).unwrap()] = entry("session-started", "evt_1");
        entries[3] = entry("session-started", "evt_other");
        Self(Arc::new(Mutex::new(State {
            entries,
            witnessed: ENTRIES,
            cosigned_by: 11,
            after_a_pause: None,
            reads: Vec::new(),
            is_lying: false,
            waited: Duration::ZERO,
        })))
    }

    fn set(&self, change: impl FnOnce(&mut State)) -> &Self {
        change(&mut self.0.lock().unwrap());
        self
    }

    fn layer(&self) -> AssertionLayer {
        let witnessed = Witnessed::new(policy("quorum beta\n"), self.clone());
        let it = self.clone();
        layer_at(move || now() + it.0.lock().unwrap().waited).require_witnessed(witnessed.unwrap())
    }
}

impl ReadLedger for Ledger {
    fn read(&self, path: String) -> ReadFuture<'_> {
        let mut state = self.0.lock().unwrap();
        state.reads.push(path.clone());
        let answer = state.answer(&path);
        Box::pin(async move { answer })
    }

    fn pause(&self, time: Duration) -> PauseFuture<'_> {
        assert!(time <= Duration::from_secs(1));
        let mut state = self.0.lock().unwrap();
        state.waited += time;
        if let Some(witnessed) = state.after_a_pause {
            state.witnessed = witnessed;
        }
        Box::pin(async {})
    }
}

impl State {
    fn answer(&self, path: &str) -> Option<Vec<u8>> {
        let leaves = self.entries[..self.witnessed].iter();
        let tiles = MemoryTiles::from_leaves(leaves.map(|entry| leaf_hash(entry)));
        if path == "checkpoint" {
            let size = u64::try_from(self.witnessed).unwrap();
            let note = ledger_key().sign_checkpoint(size, tiles.tree().root());
            let line = witness(self.cosigned_by).cosign(&note, TIME).unwrap();
            let note = Checkpoint::with_signatures(&note, &line).unwrap();
            return Some(note.into_bytes());
        }
        match path.parse().unwrap() {
            TilePath::Hashes {
                level,
                index,
                width,
            } => tiles.tile(level, index, width).ok(),
            TilePath::Entries { index, width } => {
                let from = usize::try_from(index * 256).unwrap();
                let entries = &self.entries[from..from + usize::from(width)];
                // A server that would rather have it be another event's.
                let told = entries.iter().map(|entry| match self.is_lying {
                    true => String::from_utf8_lossy(entry)
                        .replace("evt_1", "evt_2")
                        .into_bytes(),
                    false => entry.clone(),
                });
                let told: Vec<_> = told.collect();
                encode_bundle(told.iter().map(Vec::as_slice)).ok()
            }
        }
    }
}

fn policy(quorum: &str) -> TrustPolicy {
    let (ledger, beta) = (ledger_key(), witness(11));
    let text = format!(
        "log {}\nwitness beta {} https://w.beta.example/\n{quorum}",
        ledger.verifier_key(),
        beta.cosigner_key()
    );
    TrustPolicy::parse(text).unwrap()
}

/// Status, and the word of a refusal or when to come again.
async fn answer(layer: &AssertionLayer, assertion: &str) -> (u16, String) {
    let application = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    let request = Request::builder().header("Locum-Assertion", assertion);
    let request = request.body(()).unwrap();
    let answered = layer.layer(application).oneshot(request).await.unwrap();
    let word = [WWW_AUTHENTICATE, RETRY_AFTER]
        .iter()
        .find_map(|name| answered.headers().get(name))
        .map(|value| value.to_str().unwrap().to_owned());
    (answered.status().as_u16(), word.unwrap_or_default())
}

fn come_again() -> (u16, String) {
    (503, "2".to_owned())
}

fn unrecorded() -> (u16, String) {
    (401, "Locum-Assertion error=\"unrecorded\"".to_owned())
}

#[tokio::test]
async fn r24_a_session_whose_start_was_witnessed_is_let_in_and_proved_once() {
    let ledger = Ledger::new();
    let layer = ledger.layer();
    for id in ["one", "two"] {
        let good = assertion("ses_1", "evt_1", STARTED, id);
        assert_eq!(answer(&layer, &good).await, (200, String::new()));
    }
    let reads = ledger.0.lock().unwrap().reads.clone();
    assert_eq!(reads[0], "checkpoint");
    assert_eq!(reads[1], "tile/entries/002.p/188");
    let once: std::collections::BTreeSet<_> = reads.iter().collect();
    assert_eq!(once.len(), reads.len(), "{reads:?}");
}

#[tokio::test]
async fn r24_a_minted_session_must_name_a_place_and_none_fits() {
    let layer = Ledger::new().layer();
    let rows = [
        ("beyond the ledger", "evt_1", 1_000_000, come_again()),
        ("just beyond", "evt_1", 700, come_again()),
        ("another session's start", "evt_1", 3, unrecorded()),
        ("an entry of another kind", "evt_9", 5, unrecorded()),
        ("an event of its own", "evt_minted", STARTED, unrecorded()),
        ("the first entry there is", "evt_1", 0, unrecorded()),
        ("no event", "", STARTED, unrecorded()),
    ];
    for (what, event, activation, expected) in rows {
        let minted = assertion("ses_minted", event, activation, "one");
        assert_eq!(answer(&layer, &minted).await, expected, "{what}");
    }
}

#[tokio::test]
async fn r24_until_a_trusted_witness_saw_the_start_the_application_waits_five_seconds_and_answers_503()
 {
    let ledger = Ledger::new();
    ledger.set(|state| state.witnessed = 600);
    let layer = ledger.layer();
    let good = assertion("ses_1", "evt_1", STARTED, "one");
    assert_eq!(answer(&layer, &good).await, come_again());
    assert_eq!(ledger.0.lock().unwrap().waited, Duration::from_secs(5));
    ledger.set(|state| state.after_a_pause = Some(ENTRIES));
    assert_eq!(answer(&layer, &good).await.0, 200);

    let ledger = Ledger::new();
    ledger.set(|state| state.cosigned_by = 12);
    let by_a_stranger = answer(&ledger.layer(), &good).await;
    assert_eq!(by_a_stranger, come_again());
}

#[tokio::test]
async fn r24_a_server_that_tells_another_story_than_was_witnessed_is_not_believed() {
    let ledger = Ledger::new();
    ledger.set(|state| state.is_lying = true);
    let minted = assertion("ses_1", "evt_2", STARTED, "one");
    assert_eq!(answer(&ledger.layer(), &minted).await, come_again());
    ledger.set(|state| state.is_lying = false);
    assert_eq!(answer(&ledger.layer(), &minted).await, unrecorded());
}

#[test]
fn a_policy_that_demands_nothing_is_refused() {
    let refused = |text: &str| {
        let policy = TrustPolicy::parse(text).unwrap();
        Witnessed::new(policy, Ledger::new()).unwrap_err()
    };
    assert_eq!(refused("quorum none\n"), PolicyRefused::NoWitness);
    let beta = format!("witness beta {}\nquorum beta\n", witness(11).cosigner_key());
    assert_eq!(refused(&beta), PolicyRefused::NotOneLedger);
    let other = LedgerKey::from_seed("ledger.other.example", &[2; 32]).unwrap();
    let (one, two) = (ledger_key(), other);
    let both = format!(
        "log {}\nlog {}\n{beta}",
        one.verifier_key(),
        two.verifier_key()
    );
    assert_eq!(refused(&both), PolicyRefused::NotOneLedger);
}
