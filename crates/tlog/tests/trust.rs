//! A reader's trust policy over cosigned checkpoints (C2SP tlog-policy).

#![allow(clippy::unwrap_used, reason = "test harness")]

use locum_tlog::{
    Checkpoint, CheckpointError, CosignatureError, Hash, LedgerKey, TrustError, TrustPolicy,
    TrustPolicyProblem, WitnessKey, WitnessVerifier, leaf_hash,
};

const TIME: u64 = 1_790_000_000;

fn ledger() -> LedgerKey {
    LedgerKey::from_seed("ledger.acme.example", &[1; 32]).unwrap()
}

/// `x1`, `x2` and `x3` belong to one organisation, `y1` to another, `own` to the ledger's.
fn witness(name: &str) -> WitnessKey {
    let (host, seed) = match name {
        "x1" => ("w1.x.example", 11),
        "x2" => ("w2.x.example", 12),
        "x3" => ("w3.x.example", 13),
        "y1" => ("w.y.example", 21),
        _ => ("w.acme.example", 31),
    };
    WitnessKey::from_seed(host, &[seed; 32]).unwrap()
}

fn checkpoint(cosigned_by: &[&str]) -> String {
    let root: Hash = leaf_hash(b"root");
    let mut note = ledger().sign_checkpoint(7, root);
    for name in cosigned_by {
        let line = witness(name).cosign(&note, TIME).unwrap();
        note = Checkpoint::with_signatures(&note, &line).unwrap();
    }
    note
}

fn policy(groups: &str) -> TrustPolicy {
    TrustPolicy::parse(text(groups)).unwrap()
}

fn text(groups: &str) -> String {
    let mut text = format!("# who is trusted\n\nlog {}\n", ledger().verifier_key());
    for name in ["x1", "x2", "x3", "y1", "own"] {
        let key = witness(name);
        text += &format!(
            "\twitness {name}  {} https://{name}.example/\n",
            key.cosigner_key()
        );
    }
    text + groups
}

const TWO_LEVELS: &str = "group x 2 x1 x2 x3\ngroup both all x y1\nquorum both\n";

#[test]
fn r24_the_quorum_of_two_organisations_is_met_by_two_of_one_and_one_of_the_other() {
    let trusted = policy(TWO_LEVELS)
        .verify(checkpoint(&["x1", "x3", "y1"]), None)
        .unwrap();
    assert_eq!(trusted.cosignatures.len(), 3);
    assert_eq!(trusted.outside_operators, 2);
    assert_eq!(trusted.checkpoint.size(), 7);
}

#[test]
fn r24_too_few_witnesses_are_told_by_name() {
    let error = policy(TWO_LEVELS)
        .verify(checkpoint(&["x1", "y1"]), None)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the quorum `both` is not met: only x1, y1 cosigned"
    );
    let error = policy("quorum x1\n").verify(checkpoint(&[]), None);
    assert_eq!(
        error.unwrap_err().to_string(),
        "the quorum `x1` is not met: none of the witnesses cosigned"
    );
}

#[test]
fn r24_without_a_quorum_only_the_operator_vouches() {
    let trusted = policy("quorum none\n").verify(checkpoint(&["own"]), None);
    let trusted = trusted.unwrap();
    assert_eq!(trusted.cosignatures.len(), 1);
    assert_eq!(trusted.outside_operators, 0);
}

#[test]
fn r24_a_line_of_a_trusted_witness_that_does_not_verify_spoils_the_note() {
    let other = ledger().sign_checkpoint(8, leaf_hash(b"other"));
    let line = witness("x1").cosign(other, TIME).unwrap();
    let note = checkpoint(&["x2", "x3", "y1"]) + &line;
    let error = policy(TWO_LEVELS).verify(note, None).unwrap_err();
    assert!(
        matches!(
            error,
            TrustError::Cosignature(CosignatureError::Signature(_))
        ),
        "{error}"
    );
}

#[test]
fn r24_a_ledger_that_is_not_in_the_policy_is_not_trusted() {
    let other = LedgerKey::from_seed("other.example", &[1; 32]).unwrap();
    let note = other.sign_checkpoint(7, leaf_hash(b"root"));
    let error = policy("quorum none\n").verify(&note, Some(other.verifier_key()));
    assert_eq!(
        error.unwrap_err(),
        TrustError::UnknownLog("other.example".to_owned())
    );
    let without_logs = TrustPolicy::parse("quorum none\n").unwrap();
    assert!(
        without_logs
            .verify(&note, Some(other.verifier_key()))
            .is_ok()
    );
    assert!(without_logs.verify(&note, None).is_err());
}

#[test]
fn r24_an_impostor_under_the_ledgers_name_is_not_trusted() {
    let impostor = LedgerKey::from_seed("ledger.acme.example", &[9; 32]).unwrap();
    let note = impostor.sign_checkpoint(7, leaf_hash(b"root"));
    let error = policy("quorum none\n").verify(note, None).unwrap_err();
    assert!(matches!(
        error,
        TrustError::Checkpoint(CheckpointError::Unsigned(_))
    ));
}

#[test]
fn r24_a_key_of_a_type_not_understood_is_named_and_never_counts() {
    // ML-DSA-44 of C2SP tlog-cosignature: type 0x06 and 1312 bytes.
    let key = not_understood("pq.example", 0x06, 1312);
    let policy = TrustPolicy::parse(format!(
        "log {}\nwitness pq {key}\nquorum pq\n",
        ledger().verifier_key()
    ))
    .unwrap();
    assert!(matches!(
        &policy.witnesses()[0].key,
        WitnessVerifier::NotUnderstood { name, algorithm: 0x06 } if name == "pq.example"
    ));
    let error = policy.verify(checkpoint(&["x1"]), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the quorum `pq` is not met: none of the witnesses cosigned; keys of pq.example (type 0x06) \
         are of a type that is not understood"
    );
}

/// A verifier key whose bytes nobody here can use.
fn not_understood(name: &str, algorithm: u8, bytes: usize) -> String {
    use base64::Engine as _;
    let key = [vec![algorithm], vec![7; bytes]].concat();
    let id = signed_note::key_id(name, &key);
    let key = base64::prelude::BASE64_STANDARD.encode(key);
    format!("{name}+{id:08x}+{key}")
}

#[test]
fn what_is_no_policy_says_the_line_and_why() {
    let key = witness("x1").cosigner_key().to_string();
    let ledger = ledger().verifier_key().to_string();
    for (groups, line, problem) in [
        ("", 8, "a `quorum` line is missing"),
        (
            "quorum nobody\n",
            9,
            "`nobody` is not defined on a preceding line",
        ),
        (
            "quorum x1\nquorum x1\n",
            10,
            "the quorum is on an earlier line already",
        ),
        ("quorum x1", 9, "the line is not ended by a newline"),
        ("quorum x1\r\n", 9, "a control character other than a tab"),
        ("quorum\n", 9, "expected `quorum NAME|none`"),
        (
            "group x 2\n",
            9,
            "expected `group NAME all|any|K MEMBER...`",
        ),
        ("group none any x1\n", 9, "the name `none` is taken"),
        ("group x1 any x2\n", 9, "the name `x1` is taken"),
        (
            "group x any none\n",
            9,
            "`none` is not defined on a preceding line",
        ),
        (
            "group x 3 x1 x2\n",
            9,
            "`3` is neither `all`, `any`, nor a number between 1 and the number of members",
        ),
        (
            "group x +1 x1 x2\n",
            9,
            "`+1` is neither `all`, `any`, nor a number between 1 and the number of members",
        ),
        (
            "group x any x1 x1\n",
            9,
            "`x1` is a member of a group already",
        ),
        (
            "group x any x1\ngroup y any x1\n",
            10,
            "`x1` is a member of a group already",
        ),
        (
            "witnesses x1\n",
            9,
            "`witnesses` is none of `log`, `witness`, `group`, `quorum`",
        ),
    ] {
        let error = TrustPolicy::parse(text(groups)).unwrap_err();
        assert_eq!(
            (error.line, error.problem.to_string().as_str()),
            (line, problem)
        );
    }
    let again = TrustPolicy::parse(text(&format!("witness again {key}\n"))).unwrap_err();
    assert_eq!(again.problem, TrustPolicyProblem::SameKey);
    let again = TrustPolicy::parse(text(&format!("log {ledger}\n"))).unwrap_err();
    assert_eq!(again.problem, TrustPolicyProblem::SameKey);
    let wrong = TrustPolicy::parse(text(&format!("log {key}\n"))).unwrap_err();
    assert!(
        matches!(wrong.problem, TrustPolicyProblem::Key(_)),
        "{wrong}"
    );
    let wrong = TrustPolicy::parse(text(&format!("witness w {ledger}\n"))).unwrap_err();
    assert!(matches!(
        wrong.problem,
        TrustPolicyProblem::Key(_) | TrustPolicyProblem::SameKey
    ));
}
