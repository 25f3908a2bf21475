//! `[ledger] witnesses`: who vouches for the ledger beside its operator (R24).
#![allow(clippy::unwrap_used, reason = "test harness")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use locum_catalog::Settings;
use locum_catalog::settings::{WhenUnwitnessed, Witnesses};

const BETA: &str = "witness.beta.example+5f5b764b+BMkboydW4BGAtx/2gtWJ88K8bRDAZuLD2r79VOSG+SWg";
const ORIGIN: &str = "origin = \"locum.corp.example.development\"";

/// What is said of the example's settings with these lines below the origin, and the witnesses.
fn with(lines: &str) -> Result<Option<Witnesses>, Vec<String>> {
    let text = common::text("locum.toml");
    assert_eq!(text.matches(ORIGIN).count(), 1);
    let text = text.replace(ORIGIN, &format!("{ORIGIN}\n{lines}"));
    match Settings::parse(&text, &BTreeMap::new(), Path::new("/srv/locum")) {
        Ok(checked) => Ok(checked.value.ledger.witnesses),
        Err(problems) => Err(problems.iter().map(ToString::to_string).collect()),
    }
}

fn trusting(policy: &str) -> Result<Option<Witnesses>, Vec<String>> {
    with(&format!("witnesses = '''\n{policy}'''"))
}

#[test]
fn r24_witnesses_are_a_trust_policy_with_addresses() {
    let policy = format!("witness beta {BETA} https://w.example/\nquorum beta\n");
    let witnesses = trusting(&policy).unwrap().unwrap();
    assert_eq!(witnesses.policy, policy);
    assert_eq!(witnesses.when_unwitnessed, WhenUnwitnessed::Continue);
    assert_eq!(witnesses.unwitnessed_after_seconds, 600);
    assert_eq!(with("").unwrap(), None);
}

#[test]
fn r24_witnesses_that_could_not_vouch_are_an_error_where_they_stand() {
    for (policy, expected) in [
        (
            format!("witness beta {BETA} https://w.example/\n"),
            "locum.toml:24:13: `witnesses` is no trust policy: line 1: a `quorum` line is missing (C2SP tlog-policy: \
             `witness NAME VKEY URL` lines, `group` lines, one `quorum` line)",
        ),
        (
            "quorum none\n".to_owned(),
            "locum.toml:24:13: `quorum none` asks for no cosignature (name a witness or a group, or take `witnesses` out)",
        ),
        (
            format!("witness beta {BETA}\nquorum beta\n"),
            "locum.toml:24:13: witness `beta` has no address, and cannot be asked (write its submission prefix behind its \
             key)",
        ),
    ] {
        assert_eq!(trusting(&policy).unwrap_err(), [expected]);
    }
    assert_eq!(
        with("when_unwitnessed = \"stop\"").unwrap_err(),
        ["locum.toml:24:20: there are no `witnesses` that this could be about"]
    );
}
