//! R24: a ledger that lost entries goes on as another epoch, and every pack says so.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;
mod second_verifier;

use std::path::Path;

use ledger::Ledger;
use ledger::restores::{BECAUSE, restores};
use locum_evidence::{VerifyOptions, verify};
use second_verifier::peer_says;

#[test]
fn r24_an_epoch_counts_as_it_began_on_the_record_and_a_loss_is_on_the_first_page() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("epochs");
    std::fs::create_dir_all(&folder).unwrap();
    for it in restores() {
        let options = VerifyOptions {
            trusted_key: Some(it.key.clone()),
            ..VerifyOptions::default()
        };
        let name = it.name;
        let said = verify(&it.bytes, &options);
        match (&said, it.why) {
            (Ok(_), None) => {}
            (Err(failure), Some(why)) => {
                assert!(failure.to_string().contains(why), "{name}: {failure}");
            }
            _ => panic!("{name}: {said:?}"),
        }
        let key = it.key.to_string();
        if let Some(peer) = peer_says(&folder, &it.bytes, &["--key", &key]) {
            match (&peer, it.why) {
                (Ok(_), None) => {}
                (Err(said), Some(why)) => assert!(said.contains(why), "{name}: {said}"),
                _ => panic!("{name}: {peer:?}"),
            }
        }
        let Ok(verified) = said else { continue };
        let found = verified.findings.iter();
        let found: Vec<&str> = found
            .filter(|finding| finding.code == "record-restored")
            .map(|finding| finding.sentence.as_str())
            .collect();
        match name {
            "told as it was" => {
                assert_eq!(found.len(), 1, "{found:?}");
                assert!(
                    found[0].contains("goes on as epoch 2, because:"),
                    "{found:?}"
                );
                assert!(found[0].contains(BECAUSE), "{found:?}");
                assert!(found[0].ends_with("At least 5 entries that were signed before are lost."));
            }
            "without words" => assert!(found[0].contains("as epoch 2. At least"), "{found:?}"),
            // The one before the filing lost nothing of it.
            "before it and behind it" => {
                assert_eq!(found.len(), 1, "{found:?}");
                assert!(found[0].contains("goes on as epoch 3"), "{found:?}");
                assert!(
                    found[0].contains("1 entry that was signed before is lost"),
                    "{found:?}"
                );
            }
            _ => assert_eq!(found, Vec::<&str>::new(), "{name}"),
        }
    }
}

#[test]
fn r24_the_key_of_one_epoch_vouches_for_no_other() {
    let first = Ledger::new(1).key.verifier_key().clone();
    for it in restores()
        .into_iter()
        .filter(|it| it.key != first && it.why.is_none())
    {
        let options = VerifyOptions {
            trusted_key: Some(first.clone()),
            ..VerifyOptions::default()
        };
        let failure = verify(&it.bytes, &options).unwrap_err();
        assert!(
            failure.to_string().contains("not by the key you gave"),
            "{failure}"
        );
    }
}
