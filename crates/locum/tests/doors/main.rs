//! One decision, every door (R03–R09, R13, R16–R18, R20, R21, R27, R33): the cases under `scenarios/doors/` through the
//! control room, the HTTP API, the command line, the console and the gateway, in one process over real listeners.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod attempt;
mod case;
mod cli;
mod client;
mod console;
mod control;
mod door;
mod endpoints;
mod events;
mod gateway;
mod http;
mod matrix;
mod plane;
mod ratchet;
mod street;
mod variation;

use std::collections::{BTreeMap, BTreeSet};

use locum_domain::Denial;

use crate::case::{Played, read};
use crate::door::{Door, Outcome};
use crate::matrix::Matrix;

/// Codes that no line reaches, and why. This list may only shrink.
const NOT_REACHED: [(Denial, &str); 3] = [
    (
        Denial::NestedSession,
        "a session's own credential, at the doors that take one: crates/http/tests/http/nested.rs",
    ),
    (
        Denial::NoticeUnavailable,
        "nothing is sent yet, so that no notice can be unavailable",
    ),
    (
        Denial::Conflict,
        "others at the very same moment: crates/control/tests/verbs/races.rs",
    ),
];

/// Fewest lines that must have gone through the control room, the API, the command line and the console each.
const FEWEST: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r03_r05_r06_r13_r16_r20_r21_r33_one_decision_whichever_door_somebody_comes_through() {
    // As the binary does; another test may have.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let upstream = gateway::application().await;
    let states = read("table.toml");
    let mut running = tokio::task::JoinSet::new();
    let at_once = std::sync::Arc::new(tokio::sync::Semaphore::new(4));
    for state in states.clone() {
        let at_once = std::sync::Arc::clone(&at_once);
        running.spawn(async move {
            let _place = at_once.acquire_owned().await.unwrap();
            door::through_all(&state, upstream).await
        });
    }
    let mut played: BTreeMap<String, Vec<Played>> = BTreeMap::new();
    let mut faults = Vec::new();
    while let Some(done) = running.join_next().await {
        // What panicked has said where; the others are heard out.
        let lines = done.unwrap_or_else(|error| {
            faults.push(error.to_string());
            Vec::new()
        });
        for (case, doors) in lines {
            let is_new = played.insert(case.clone(), doors).is_none();
            assert!(is_new, "`{case}` stands there twice");
        }
    }
    let matrix = Matrix::of(&states, &played);
    println!("{matrix}");
    faults.extend(matrix.faults());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for door in Door::ALL {
        let went = matrix.went_through(door);
        assert!(
            went >= FEWEST,
            "only {went} lines went through {}",
            door.name()
        );
    }
}

#[test]
fn every_reason_code_has_its_line() {
    let states = [read("table.toml"), read("in-session.toml")].concat();
    let cases = states.iter().flat_map(|state| &state.cases);
    let named: BTreeSet<&str> = cases.map(|case| case.expect.as_str()).collect();
    for denial in Denial::ALL {
        let code = denial.code();
        let is_excused = NOT_REACHED.iter().any(|(it, _)| it == denial);
        let is_named = named.contains(code);
        assert!(is_named || is_excused, "no line reaches `{code}`");
        assert!(
            !(is_named && is_excused),
            "`{code}` is reached: take it off the list"
        );
    }
    let is_code = |it: &&&str| **it == "done" || Denial::ALL.iter().any(|d| d.code() == **it);
    let unknown: Vec<_> = named.iter().filter(|it| !is_code(it)).collect();
    assert!(unknown.is_empty(), "these are no reason codes: {unknown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r17_r18_r20_r21_in_a_session_a_browser_and_a_program_hear_the_same() {
    let upstream = gateway::application().await;
    let states = read("in-session.toml");
    let mut faults = Vec::new();
    let mut went = 0;
    for state in &states {
        for case in &state.cases {
            let outcomes = gateway::calls(state, case, upstream).await;
            for (way, outcome) in outcomes {
                println!("{:<50} {way:<8} {outcome}", case.case);
                went += 1;
                if outcome != Outcome::expected(&case.expect) {
                    faults.push(format!(
                        "{} ({way}): {outcome}, not {}",
                        case.case, case.expect
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(went >= 30, "{went}");
}
