//! The ledger's checkpoints are cosigned by witnesses that its operator does not run (R24).

use std::sync::Arc;

use locum_catalog::settings::WhenUnwitnessed::{self, Continue, Stop};
use locum_control::ports::{Store as _, WitnessAnswer, Witnesses};
use locum_domain::{Denial, Event, WitnessStanding};
use locum_testkit::house::{House, RealWitnesses, ledger};
use locum_tlog::{TrustPolicy, leaf_hash};

use crate::ALICE;

const BOTH: [&str; 2] = ["w.acme.example", "w.beta.example"];
const EITHER: &str = "group outside any w.acme.example w.beta.example\nquorum outside";
const ALL: &str = "group outside all w.acme.example w.beta.example\nquorum outside";

struct Witnessed {
    house: House,
    witnesses: Arc<RealWitnesses>,
    policy: TrustPolicy,
}

impl Witnessed {
    async fn by_both(quorum: &str, when: WhenUnwitnessed) -> Self {
        let settings = RealWitnesses::settings(&BOTH, quorum, when);
        let policy = TrustPolicy::parse(&settings.policy).unwrap();
        Self {
            house: House::builder().witnesses(settings).open().await,
            witnesses: RealWitnesses::of(&BOTH),
            policy,
        }
    }

    async fn round(&self) {
        let witnesses = Arc::clone(&self.witnesses) as Arc<dyn Witnesses>;
        self.house.control.witness_once(&witnesses).await.unwrap();
    }

    /// How many of them cosigned what is published.
    async fn cosigned(&self) -> usize {
        let note = self.house.control.published_checkpoint().await.unwrap();
        let known = self.house.control.ledger_verifier();
        let trusted = self.policy.verify(note.unwrap(), Some(known));
        trusted.map_or(0, |trusted| trusted.cosignatures.len())
    }

    async fn heard(&self) -> Vec<(String, WitnessStanding)> {
        let history = self.house.history().await;
        let heard = history
            .into_iter()
            .filter_map(|recorded| match recorded.event {
                Event::WitnessHeard {
                    witness, standing, ..
                } => Some((witness, standing)),
                _ => None,
            });
        heard.collect()
    }
}

#[tokio::test]
async fn r24_what_is_recorded_is_cosigned_and_kept_as_final() {
    let world = Witnessed::by_both(ALL, Continue).await;
    world.round().await;
    assert_eq!(world.cosigned().await, 2);
    let before = world.house.store.newest_witnessed().await.unwrap();
    world.house.filed(ALICE, &world.house.asked()).await;
    world.round().await;
    assert_eq!(world.cosigned().await, 2);
    let after = world.house.store.newest_witnessed().await.unwrap();
    assert_ne!(before, after);
    world.house.verify().await;
}

#[tokio::test]
async fn r24_a_witness_that_is_silent_is_on_the_record_once_and_nothing_waits_for_it() {
    let world = Witnessed::by_both(EITHER, Continue).await;
    world.round().await;
    world.witnesses.hush("w.beta.example");
    for _ in 0..3 {
        world.house.filed(ALICE, &world.house.asked()).await;
        world.round().await;
    }
    assert_eq!(world.cosigned().await, 1);
    world.witnesses.speak("w.beta.example");
    world.round().await;
    assert_eq!(world.cosigned().await, 2);
    let of_beta: Vec<_> = world.heard().await;
    let of_beta: Vec<_> = of_beta
        .iter()
        .filter(|(witness, _)| witness == "w.beta.example")
        .map(|(_, standing)| standing)
        .collect();
    assert!(matches!(
        of_beta.as_slice(),
        [
            WitnessStanding::Cosigns,
            WitnessStanding::Silent { .. },
            WitnessStanding::Cosigns
        ]
    ));
    world.house.verify().await;
}

#[tokio::test]
async fn r24_a_history_shown_to_somebody_else_is_an_alarm_on_the_record() {
    let world = Witnessed::by_both(EITHER, Continue).await;
    world.round().await;
    // A copy of the ledger's key signs another history and shows it to one witness first.
    let size = world.house.store.size().await.unwrap() + 5;
    let other = ledger().sign_checkpoint(size, leaf_hash(b"another history"));
    let fresh = RealWitnesses::of(&BOTH);
    let submission = format!("old 0\n\n{other}");
    let answer = fresh.show("w.beta.example", &submission);
    assert!(matches!(answer, WitnessAnswer::Lines(_)));
    let world = Witnessed {
        witnesses: fresh,
        ..world
    };
    world.round().await;
    let heard = world.heard().await;
    let (witness, standing) = heard.last().unwrap();
    assert_eq!(witness, "w.beta.example");
    assert!(
        matches!(standing, WitnessStanding::Ahead { cosigned, .. } if *cosigned == size),
        "{standing:?}"
    );
    // Once this ledger has as many entries the witness sees that they are others.
    while world.house.store.size().await.unwrap() < size {
        let _refused_or_not = world.house.file(ALICE, &world.house.asked()).await;
    }
    world.round().await;
    let heard = world.heard().await;
    let disagrees = |(witness, standing): &(String, WitnessStanding)| {
        witness == "w.beta.example" && matches!(standing, WitnessStanding::Disagrees { .. })
    };
    assert!(heard.iter().any(disagrees), "{heard:?}");
    assert_eq!(world.cosigned().await, 1);
    world.house.verify().await;
}

#[tokio::test]
async fn r24_where_the_operator_says_so_no_session_begins_unwitnessed() {
    let world = Witnessed::by_both(ALL, Stop).await;
    let house = &world.house;
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approved(&request).await;
    let refusal = house.activate(ALICE, &request.id).await.unwrap_err();
    assert_eq!(refusal.denial, Denial::RecorderUnavailable);
    assert_eq!(
        refusal.detail,
        "too few witnesses cosign the ledger, and no session begins without them"
    );
    world.round().await;
    assert!(house.activate(ALICE, &request.id).await.is_ok());
    house.verify().await;
}

#[tokio::test]
async fn r24_a_witness_that_is_gone_for_long_keeps_sessions_from_beginning() {
    let world = Witnessed::by_both(ALL, Stop).await;
    let house = &world.house;
    world.round().await;
    world.witnesses.hush("w.acme.example");
    let request = house.filed(ALICE, &house.asked()).await;
    let request = house.approved(&request).await;
    house.clock.advance_minutes(2);
    world.round().await;
    let refusal = house.activate(ALICE, &request.id).await.unwrap_err();
    assert_eq!(refusal.denial, Denial::RecorderUnavailable);
    house.verify().await;
}
