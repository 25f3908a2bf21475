//! A loaded server is killed at some moment, again and again, and started again on the same folder: whatever
//! it had acknowledged is there, and nothing lives that it had said was over.
//!
//! Six kills by default, a hundred with `LOCUM_LONG=1`; `LOCUM_SEED` chooses the moments.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;
#[path = "kills/facts.rs"]
mod facts;
#[path = "kills/load.rs"]
mod load;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::Chance;
use common::deployment::{ASKER, AUDITOR, Deployment};
use common::people::{Session, text};
use common::process::Locum;
use common::wait_until;
use facts::Facts;
use serde_json::{Value, json};

const WORKERS: u64 = 4;
/// Sessions that are left alive over a kill, besides those of the last load.
const LIVING: usize = 8;
/// What a server that just started has for catching up: polls, confirmations, sequencing.
const CATCH_UP: Duration = Duration::from_secs(30);

#[test]
fn r22_r24_no_kill_loses_what_was_acknowledged_or_revives_what_was_ended() {
    let is_long = std::env::var_os("LOCUM_LONG").is_some();
    let kills = if is_long { 100 } else { 6 };
    let (seed, mut chance) = Chance::seeded();
    println!("seed {seed}");
    let folder = tempfile::tempdir().unwrap();
    let deployment = Arc::new(Deployment::write(folder.path()));
    let facts = Arc::new(Facts::default());
    let mut record = Record::default();
    for kill in 1..=kills {
        let said = if kill % 3 == 0 {
            // In the middle of taking up what the kill before left behind.
            let moment = Duration::from_millis(chance.below(600));
            println!("kill {kill}: {moment:?} after the start");
            let locum = Locum::spawn(&deployment.config(), &[]);
            std::thread::sleep(moment);
            locum.kill()
        } else {
            let moment = Duration::from_millis(100 + chance.below(1_400));
            let locum = deployment.serve();
            record.holds(&deployment, &facts);
            println!("kill {kill}: {moment:?} after the load began; {facts}");
            let said = kill_under_load(&deployment, &facts, locum, moment, chance.below(u64::MAX));
            facts.assert_no_surprise();
            said
        };
        assert!(!said.contains(" ERROR "), "{said}");
        assert_consistent(&deployment);
    }
    let locum = deployment.serve();
    record.holds(&deployment, &facts);
    record.nothing_revived(&deployment, &facts);
    let beside = deployment.verify(&[]);
    assert!(beside.status.success(), "{beside:?}");
    println!(
        "after the last kill: {facts}; {} entries seen",
        record.entries()
    );
    assert!(facts.sessions().len() > kills, "there was no load");
    locum.stop();
    assert_consistent(&deployment);
}

/// Lets the workers work until the server is killed under them.
fn kill_under_load(
    deployment: &Arc<Deployment>,
    facts: &Arc<Facts>,
    locum: Locum,
    moment: Duration,
    seed: u64,
) -> String {
    let over = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let (deployment, facts, over) =
                (Arc::clone(deployment), Arc::clone(facts), Arc::clone(&over));
            std::thread::spawn(move || {
                let mut chance = Chance::of(seed.wrapping_add(worker));
                while !over.load(Ordering::Relaxed)
                    && load::one_story(&deployment, &facts, &mut chance).is_ok()
                {}
            })
        })
        .collect();
    std::thread::sleep(moment);
    let said = locum.kill();
    over.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.join().unwrap();
    }
    said
}

/// State, ledger and signed checkpoint agree, and tables folded anew from the ledger are the same tables.
fn assert_consistent(deployment: &Deployment) {
    let verified = deployment.verify(&["--rebuild"]);
    assert!(verified.status.success(), "{verified:?}");
    let found: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(found["rebuilt"], json!([]), "{found}");
    assert_eq!(found["findings"]["faults"], json!([]), "{found}");
}

/// What was seen of the server so far: the feed as far as it was read, and who is out.
#[derive(Default)]
struct Record {
    last: Option<Value>,
    admitted: BTreeSet<String>,
    /// Sessions that were seen to be over.
    over: BTreeSet<String>,
}

impl Record {
    /// Everything that was acknowledged is what the server says now.
    fn holds(&mut self, deployment: &Deployment, facts: &Facts) {
        for (request, acknowledged) in facts.take_requests() {
            let shown = deployment.get(ASKER, &format!("/api/v1/requests/{request}"));
            let shown = shown.unwrap().expect(200, "a request that was filed");
            let state = text(&shown.json(), "state");
            assert!(acknowledged.allows(&state), "{acknowledged:?} is {state}");
        }
        let mut living = Vec::new();
        for session in facts.sessions() {
            if self.over.contains(&session.id) {
                continue;
            }
            if facts.must_be_over(&session) {
                self.is_over(deployment, &session);
            } else if deployment.desk.is_closed(session.case) {
                // Nobody was told that it ended, but its case is closed: polling finds that.
                wait_until("a closed case ends its session", CATCH_UP, || {
                    state_of(deployment, &session) != "live"
                });
                self.is_over(deployment, &session);
            } else if facts.may_be_over(&session) && state_of(deployment, &session) != "live" {
                self.is_over(deployment, &session);
            } else {
                is_alive(deployment, &session);
                living.push(session);
            }
        }
        // Some live on through kill after kill.
        for session in living.iter().rev().skip(LIVING) {
            deployment
                .end(&session.id)
                .unwrap()
                .expect(200, "ending what survived");
            self.is_over(deployment, session);
        }
        wait_until(
            "every request that went through is on the record",
            CATCH_UP,
            || {
                self.read_on(deployment);
                let seen = deployment.application.seen();
                seen.iter().all(|record| self.admitted.contains(record))
            },
        );
    }

    /// It is over, and so it stays: what was seen to be over once is looked at again after the last kill.
    fn is_over(&mut self, deployment: &Deployment, session: &Session) {
        assert_ne!(state_of(deployment, session), "live", "{session:?}");
        let exchanged = deployment.exchange(&session.grant_token).unwrap();
        assert_eq!(exchanged.status, 400, "{}", exchanged.text());
        let called = deployment.call(&session.bearer, "/parcels/1").unwrap();
        assert_eq!(called.status, 401, "{}", called.text());
        self.over.insert(session.id.clone());
    }

    fn entries(&self) -> u64 {
        let last = self
            .last
            .as_ref()
            .and_then(|last| last["position"].as_u64());
        last.map_or(0, |last| last + 1)
    }

    fn nothing_revived(&mut self, deployment: &Deployment, facts: &Facts) {
        let over = std::mem::take(&mut self.over);
        for session in facts.sessions() {
            if over.contains(&session.id) {
                self.is_over(deployment, &session);
            }
        }
    }

    /// Reads the feed from where it was read to: the same entry stands there, and no position is left out.
    fn read_on(&mut self, deployment: &Deployment) {
        let last = self
            .last
            .as_ref()
            .map(|last| last["position"].as_u64().unwrap());
        let before = last.and_then(|last| last.checked_sub(1));
        let items = deployment.feed(before);
        if let Some(last) = &self.last {
            assert_eq!(items.first(), Some(last), "an entry is another one now");
        }
        let first = before.map_or(0, |before| before + 1);
        for (item, position) in items.iter().zip(first..) {
            assert_eq!(item["position"], json!(position), "a gap in the feed");
            if item["kind"] == "access-admitted" {
                self.admitted.insert(text(&item["event"], "record"));
            }
        }
        self.last = items.last().cloned();
    }
}

fn is_alive(deployment: &Deployment, session: &Session) {
    assert_eq!(state_of(deployment, session), "live", "{session:?}");
    let exchanged = deployment.exchange(&session.grant_token).unwrap();
    let exchanged = exchanged.expect(200, "a live grant").json();
    let bearer = text(&exchanged, "access_token");
    let called = deployment.call(&bearer, "/parcels/1").unwrap();
    called.expect(200, "a live session");
}

fn state_of(deployment: &Deployment, session: &Session) -> String {
    let path = format!("/api/v1/sessions/{}", session.id);
    let shown = deployment.get(AUDITOR, &path).unwrap();
    text(&shown.expect(200, "a session that began").json(), "state")
}
