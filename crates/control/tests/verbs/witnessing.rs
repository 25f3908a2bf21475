//! The ledger's checkpoints are cosigned by witnesses that its operator does not run (R24).

use std::sync::Arc;

use locum_catalog::settings::WhenUnwitnessed::{self, Continue, Stop};
use locum_control::open_application::open_application;
use locum_control::ports::{Store as _, WitnessAnswer, Witnesses};
use locum_domain::{Denial, Event, Stream, WitnessStanding};
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

/// A session of Alice across two applications, fully approved.
async fn crossing(house: &House) -> locum_domain::Request {
    let scope: [(&str, &[&str]); 2] = [("billing", &["invoice.read"]), ("crm", &["contact.read"])];
    let asked = house.asking("desk:7", &scope, 30);
    let request = house.filed(ALICE, &asked).await;
    house.approved(&request).await
}

#[tokio::test]
async fn r25_a_session_across_applications_is_entered_once_witnesses_signed_for_its_beginning() {
    let world = Witnessed::by_both(ALL, Stop).await;
    let house = &world.house;
    world.round().await;
    let request = crossing(house).await;
    world.round().await;
    let waits = house.activate(ALICE, &request.id);
    let signed = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.round().await;
    };
    let (activated, ()) = tokio::join!(waits, signed);
    let session = activated.unwrap().session;
    assert!(session.is_witnessed);
    let stream = Stream::Session(session.id.clone());
    assert_eq!(
        house.kinds(&stream).await,
        ["session-started", "session-witnessed"]
    );
    let recorded = house.history().await;
    let note = recorded.iter().find_map(|it| match &it.event {
        Event::SessionWitnessed { checkpoint, .. } => Some(checkpoint.clone()),
        _ => None,
    });
    let known = house.control.ledger_verifier();
    let note = note.unwrap();
    assert!(world.policy.verify(&note, Some(known)).is_ok());
    let size = locum_tlog::verify_checkpoint(&note, known).unwrap().size();
    assert!(size > session.activation);
    house.verify().await;
}

#[tokio::test]
async fn r25_where_nothing_begins_unwitnessed_nobody_enters_a_crossing_that_nobody_signed_for() {
    let world = Witnessed::by_both(ALL, Stop).await;
    let house = &world.house;
    let request = crossing(house).await;
    world.round().await;
    world.witnesses.hush("w.acme.example");
    let refusal = house.activate(ALICE, &request.id).await.unwrap_err();
    assert_eq!(refusal.denial, Denial::RecorderUnavailable);
    assert!(refusal.detail.contains("open it again"), "{refusal}");
    let request = house.request(&request.id).await;
    let session = request.session().unwrap().clone();
    let billing = "billing".parse().unwrap();
    let caller = house.caller(ALICE);
    let enter = || open_application(&house.control, &caller, &session, &billing);
    let refusal = enter().await.unwrap_err();
    assert_eq!(refusal.denial, Denial::RecorderUnavailable);
    world.witnesses.speak("w.acme.example");
    world.round().await;
    assert!(enter().await.is_ok());
    assert_eq!(
        house.kinds(&Stream::Session(session)).await,
        ["session-started", "session-witnessed", "session-opened"]
    );
    house.verify().await;
}

#[tokio::test]
async fn r25_where_the_operator_goes_on_without_witnesses_the_lack_is_a_finding() {
    let world = Witnessed::by_both(ALL, Continue).await;
    let house = &world.house;
    world.witnesses.hush("w.acme.example");
    let request = crossing(house).await;
    let session = house.activate(ALICE, &request.id).await.unwrap().session;
    assert!(!session.is_witnessed);
    assert_eq!(
        house.kinds(&Stream::Session(session.id)).await,
        ["session-started"]
    );
    house.verify().await;
}
