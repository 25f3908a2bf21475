//! A witness, as the ledgers it watches and those who rely on it meet it (R24).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test harness")]

use std::path::Path;

use locum_tlog::{
    Checkpoint, CosignerKey, Hash, LedgerKey, MemoryTiles, WitnessKey, consistency_proof,
    encode_consistency, leaf_hash,
};
use locum_witness::{Memory, MemoryError, Refusal, Witness};

const NOW: u64 = 1_790_000_000;

fn ledger_key() -> LedgerKey {
    LedgerKey::from_seed("ledger.example/locum", &[1; 32]).unwrap()
}

fn key() -> WitnessKey {
    WitnessKey::from_seed("witness.example/w", &[2; 32]).unwrap()
}

fn witness(folder: &Path) -> Witness {
    let memory = Memory::open(folder, key().cosigner_key()).unwrap();
    Witness::new(key(), vec![ledger_key().verifier_key().clone()], memory)
}

/// A ledger that can show any two of its own checkpoints to be one history.
struct Ledger(MemoryTiles);

impl Ledger {
    fn of(entries: &[&str]) -> Self {
        let mut ledger = Self(MemoryTiles::new());
        ledger.grow(entries);
        ledger
    }

    fn grow(&mut self, entries: &[&str]) {
        for entry in entries {
            self.0.append(leaf_hash(entry.as_bytes()));
        }
    }

    fn root(&self) -> Hash {
        self.0.tree().root()
    }

    fn checkpoint(&self) -> String {
        ledger_key().sign_checkpoint(self.0.tree().size(), self.root())
    }

    fn submission(&self, old: u64) -> Vec<u8> {
        let proof = match old {
            0 => Vec::new(),
            old => consistency_proof(&self.0, old, self.0.tree().size()).unwrap(),
        };
        let proof = encode_consistency(&proof);
        format!("old {old}\n{proof}\n{}", self.checkpoint()).into_bytes()
    }
}

fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("memory");
    Memory::create(&folder).unwrap();
    (above, folder)
}

#[test]
fn r24_a_history_that_grows_is_cosigned_step_by_step() {
    let (_above, folder) = folder();
    let mut witness = witness(&folder);
    let mut ledger = Ledger::of(&["a", "b", "c"]);
    witness.add_checkpoint(&ledger.submission(0), NOW).unwrap();
    ledger.grow(&["d", "e"]);
    // The second of the two is the same checkpoint again, cosigned at a later time.
    for (old, time) in [(3, NOW + 1), (5, NOW + 2)] {
        let line = witness.add_checkpoint(&ledger.submission(old), time);
        let note = Checkpoint::with_signatures(&ledger.checkpoint(), &line.unwrap()).unwrap();
        let cosignature = witness.cosigner_key().cosignature(note).unwrap();
        assert_eq!(cosignature.map(|it| it.time), Some(time));
    }
}

#[test]
fn r24_a_second_history_is_refused_and_both_checkpoints_are_kept_as_proof() {
    let (_above, folder) = folder();
    let mut witness = witness(&folder);
    let shown = Ledger::of(&["a", "b", "c"]);
    witness.add_checkpoint(&shown.submission(0), NOW).unwrap();
    let other = Ledger::of(&["a", "b", "another"]);
    let refusal = witness.add_checkpoint(&other.submission(3), NOW);
    assert!(matches!(refusal, Err(Refusal::NotContinued)), "{refusal:?}");
    let kept = std::fs::read_dir(&folder).unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        path.extension()
            .is_some_and(|it| it == "conflict")
            .then(|| std::fs::read_to_string(path).unwrap())
    });
    let kept: Vec<String> = kept.collect();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].contains(&shown.root().to_base64()));
    assert!(kept[0].contains(&other.root().to_base64()));
}

#[test]
fn r24_a_history_that_was_wound_back_is_refused() {
    let (_above, folder) = folder();
    let mut witness = witness(&folder);
    let ledger = Ledger::of(&["a", "b", "c"]);
    witness.add_checkpoint(&ledger.submission(0), NOW).unwrap();
    let mut rewound = Ledger::of(&["a", "b"]);
    assert!(matches!(
        witness.add_checkpoint(&rewound.submission(0), NOW),
        Err(Refusal::OtherSize(3))
    ));
    rewound.grow(&["x", "d"]);
    let body = rewound.submission(3);
    assert!(matches!(
        witness.add_checkpoint(&body, NOW),
        Err(Refusal::NotContinued)
    ));
}

#[test]
fn r24_only_what_a_known_ledger_signed_is_cosigned() {
    let (_above, folder) = folder();
    let mut witness = witness(&folder);
    let root = Ledger::of(&["a"]).root();
    let unknown = LedgerKey::from_seed("other.example", &[1; 32]).unwrap();
    let body = format!("old 0\n\n{}", unknown.sign_checkpoint(1, root));
    let refusal = witness.add_checkpoint(body.as_bytes(), NOW);
    assert!(matches!(refusal, Err(Refusal::UnknownLedger(origin)) if origin == "other.example"));
    let impostor = LedgerKey::from_seed("ledger.example/locum", &[9; 32]).unwrap();
    let body = format!("old 0\n\n{}", impostor.sign_checkpoint(1, root));
    let refusal = witness.add_checkpoint(body.as_bytes(), NOW);
    assert!(matches!(refusal, Err(Refusal::NotSigned(_))));
}

#[test]
fn r24_a_witness_takes_up_its_memory_and_no_other() {
    let (above, folder) = folder();
    let ledger = Ledger::of(&["a", "b", "c"]);
    {
        let mut witness = witness(&folder);
        witness.add_checkpoint(&ledger.submission(0), NOW).unwrap();
        assert!(matches!(
            Memory::open(&folder, key().cosigner_key()),
            Err(MemoryError::InUse(_))
        ));
    }
    let mut again = witness(&folder);
    assert!(matches!(
        again.add_checkpoint(&ledger.submission(0), NOW),
        Err(Refusal::OtherSize(3))
    ));
    drop(again);
    let missing = above.path().join("elsewhere");
    assert!(matches!(
        Memory::open(&missing, key().cosigner_key()),
        Err(MemoryError::Missing(_))
    ));
    assert!(matches!(
        Memory::create(&folder),
        Err(MemoryError::Exists(_))
    ));
    let other = WitnessKey::from_seed("witness.example/w", &[3; 32]).unwrap();
    assert!(matches!(
        Memory::open(&folder, other.cosigner_key()),
        Err(MemoryError::Foreign { .. })
    ));
}

#[test]
fn r24_a_memory_that_somebody_wrote_into_is_not_taken_up() {
    let (_above, folder) = folder();
    let ledger = Ledger::of(&["a", "b", "c"]);
    witness(&folder)
        .add_checkpoint(&ledger.submission(0), NOW)
        .unwrap();
    let file = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|it| it == "checkpoint"))
        .unwrap();
    // An earlier state without the witness's own signature: what a hand-made rewind looks like.
    std::fs::write(&file, Ledger::of(&["a"]).checkpoint()).unwrap();
    let error = Memory::open(&folder, key().cosigner_key()).unwrap_err();
    assert!(matches!(error, MemoryError::Foreign { .. }), "{error}");
}

/// Over HTTP, with the statuses of the specification.
mod over_http {
    use super::*;
    use axum::body::Body;
    use axum::http::{Request, Response, StatusCode, header};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn ask(router: &axum::Router, request: Request<Body>) -> (Response<()>, String) {
        let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        (Response::from_parts(head, ()), body)
    }

    fn add(body: impl Into<Body>) -> Request<Body> {
        let request = Request::post("/add-checkpoint");
        request.body(body.into()).unwrap()
    }

    #[tokio::test]
    async fn r24_each_outcome_has_the_status_of_the_specification() {
        let (_above, folder) = folder();
        let router = locum_witness::router(witness(&folder), || NOW);
        let ledger = Ledger::of(&["a", "b", "c"]);
        let (answer, line) = ask(&router, add(ledger.submission(0))).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let note = Checkpoint::with_signatures(&ledger.checkpoint(), &line).unwrap();
        assert!(key().cosigner_key().cosignature(note).unwrap().is_some());

        let (answer, body) = ask(&router, add(ledger.submission(2))).await;
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/x.tlog.size");
        assert_eq!(body, "3\n");

        let split = Ledger::of(&["a", "b", "x"]);
        let beyond = format!("old 9\n\n{}", ledger.checkpoint());
        let stranger = LedgerKey::from_seed("other.example", &[1; 32]).unwrap();
        let stranger = format!("old 0\n\n{}", stranger.sign_checkpoint(3, ledger.root()));
        let impostor = LedgerKey::from_seed("ledger.example/locum", &[9; 32]).unwrap();
        let impostor = format!("old 3\n\n{}", impostor.sign_checkpoint(3, ledger.root()));
        for (body, status) in [
            (split.submission(3), StatusCode::UNPROCESSABLE_ENTITY),
            (b"no submission".to_vec(), StatusCode::BAD_REQUEST),
            (beyond.into_bytes(), StatusCode::BAD_REQUEST),
            (stranger.into_bytes(), StatusCode::NOT_FOUND),
            (impostor.into_bytes(), StatusCode::FORBIDDEN),
            (vec![b'a'; 70_000], StatusCode::PAYLOAD_TOO_LARGE),
        ] {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let (answer, _) = ask(&router, add(body)).await;
            assert_eq!(answer.status(), status, "{shown}");
        }
    }

    #[tokio::test]
    async fn r24_the_newest_cosigned_checkpoint_is_there_for_monitors() {
        let (_above, folder) = folder();
        let router = locum_witness::router(witness(&folder), || NOW);
        let address = format!("/{}/checkpoint", origin_hash());
        let get = |address: &str| Request::get(address).body(Body::empty()).unwrap();
        let (answer, _) = ask(&router, get(&address)).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let ledger = Ledger::of(&["a", "b", "c"]);
        ask(&router, add(ledger.submission(0))).await;
        let (answer, note) = ask(&router, get(&address)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        locum_tlog::verify_checkpoint(&note, ledger_key().verifier_key()).unwrap();
        assert!(key().cosigner_key().cosignature(&note).unwrap().is_some());
        let (_, shown) = ask(&router, get("/key")).await;
        assert_eq!(CosignerKey::parse(&shown).unwrap(), *key().cosigner_key());
    }

    fn origin_hash() -> String {
        use sha2::Digest as _;
        hex::encode(sha2::Sha256::digest("ledger.example/locum"))
    }
}
