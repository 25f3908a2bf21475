//! Many at once, by the throw of dice: whatever happens, nothing lives that should be dead.

use std::sync::Arc;

use locum_control::Budgets;
use locum_domain::{Event, Stream};
use locum_testkit::house::{House, SeededEntropy};
use tokio::task::JoinSet;

use crate::acts::{act, file};

/// Rounds without `LOCUM_LONG`, and with it.
const ROUNDS: (u64, u64) = (200, 5_000);
/// A house grows slow with its history.
const ROUNDS_PER_HOUSE: u64 = 40;
const TASKS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r18_r22_whoever_comes_first_nothing_lives_after_its_case_and_no_grant_is_used_twice() {
    let is_long = std::env::var_os("LOCUM_LONG").is_some();
    let rounds = if is_long { ROUNDS.1 } else { ROUNDS.0 };
    let budgets = Budgets {
        open_requests: 1_000,
        live_sessions: 1_000,
        subjects_per_day: 10_000,
    };
    for house_number in 0..rounds.div_ceil(ROUNDS_PER_HOUSE) {
        let house = House::builder()
            .seed(house_number)
            .budgets(budgets)
            .open()
            .await;
        let house = Arc::new(house);
        for round in 0..ROUNDS_PER_HOUSE {
            let seed = house_number * ROUNDS_PER_HOUSE + round;
            one_round(&house, seed).await;
        }
        house.verify().await;
    }
}

async fn one_round(house: &Arc<House>, seed: u64) {
    let dice = SeededEntropy::new(seed);
    let number = format!("r{seed}");
    let id = file(house, &dice, &number).await;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (house, id, number) = (Arc::clone(house), id.clone(), number.clone());
        tasks.spawn(async move {
            let dice = SeededEntropy::new(seed * TASKS + task + 1_000_000);
            for _ in 0..3 {
                for _ in 0..dice.below(20) {
                    tokio::task::yield_now().await;
                }
                act(&house, &dice, &id, &number).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    house.desk.close(&number);
    house.closed_webhook(&number, "last").await.ok();
    house
        .closed_webhook(&number, &format!("{number}-last"))
        .await
        .unwrap();
    let case = format!("desk:{number}").parse().unwrap();
    let live = house.live_sessions().await;
    assert!(
        live.iter().all(|session| session.case != case),
        "seed {seed}: it lives on"
    );
    let history = house.history().await;
    let begun = history.iter().filter(|it| {
        it.stream == Stream::Request(id.clone())
            && matches!(it.event, Event::RequestActivated { .. })
    });
    assert!(
        begun.count() <= 1,
        "seed {seed}: one grant, several activations"
    );
}
