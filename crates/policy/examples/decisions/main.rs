//! What one decision costs, for `cargo xtask bench decide`.
//!
//! `decisions measure` takes one round over a company of 10,000 people and prints one JSON line for each measurement;
//! `decisions questions` prints the company and its questions with Locum's answers, for the peers in other languages;
//! `decisions decide`, `may-decide` and `may-activate` do one thing over and over, for a profiler, and `decisions first`
//! decides everything once, by a catalog that was just read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a driver of measurements: what does not hold ends it"
)]

mod cedar_alone;
mod clock;
mod company;
mod exported;
mod gateway;
mod wishes;

use std::collections::BTreeMap;

use locum_policy::{Indexed, Policies};

use cedar_alone::CedarAlone;
use clock::Times;

const WISHES: usize = 2_000;
pub(crate) const QUESTIONS: usize = 1_000;
/// Long enough for a profiler.
const TIMES_OVER: usize = 20;

fn main() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a program of its own, with arguments"
    )]
    let what = std::env::args().nth(1);
    let policies = Policies::load(&BTreeMap::new()).expect("the guardrails compile");
    let catalog = Indexed::of(company::catalog()).worked_out();
    match what.as_deref() {
        Some("measure") => measure(&policies, &catalog),
        Some("questions") => println!("{}", exported::company(&policies, &catalog)),
        Some("first") => first(&policies),
        Some(kind @ ("decide" | "may-decide" | "may-activate")) => {
            repeat(kind, &policies, &catalog);
        }
        _ => panic!("usage: decisions measure|questions|first|decide|may-decide|may-activate"),
    }
}

fn measure(policies: &Policies, catalog: &Indexed) {
    let mut all = Times::default();
    let mut each: BTreeMap<&str, Times> = BTreeMap::new();
    let (mut deciding, mut activating) = (Times::default(), Times::default());
    for wish in wishes::wishes(WISHES) {
        let decide = || wish.decide(policies, catalog);
        let route = all.take(1, decide).expect("a route");
        let again = each.entry(wish.kind).or_default().take(1, decide);
        assert_eq!(again.as_ref(), Ok(&route), "the same decision twice");
        let request = wish.approved(route);
        deciding
            .take(1, || wish.may_decide(policies, catalog, &request))
            .expect("may decide");
        activating
            .take(1, || wish.may_activate(policies, catalog, &request))
            .expect("may activate");
    }
    println!("{}", all.json("decide"));
    for (kind, times) in each {
        println!("{}", times.json(kind));
    }
    println!("{}", deciding.json("may-decide"));
    println!("{}", activating.json("may-activate"));
    println!("{}", gateway::scope_checks().json("scope-check"));

    let alone = CedarAlone::of(catalog);
    let (mut ours, mut theirs) = (Times::default(), Times::default());
    let mut wrong = 0;
    for question in wishes::questions(QUESTIONS) {
        let our_answer = ours.take(1, || question.ask(policies, catalog));
        let their_answer = theirs.take(1, || alone.ask(&question));
        wrong += usize::from(our_answer != their_answer);
    }
    println!("{}", ours.json("one-question"));
    println!("{}", theirs.json("cedar-alone"));
    println!(
        "{}",
        serde_json::json!({ "name": "cedar-alone-wrong", "wrong_answers": wrong })
    );
}

fn first(policies: &Policies) {
    for _ in 0..TIMES_OVER {
        let catalog = Indexed::of(company::catalog()).worked_out();
        for wish in wishes::wishes(WISHES) {
            drop(wish.decide(policies, &catalog).expect("a route"));
        }
    }
}

fn repeat(kind: &str, policies: &Policies, catalog: &Indexed) {
    for wish in wishes::wishes(WISHES) {
        let route = wish.decide(policies, catalog).expect("a route");
        let request = wish.approved(route);
        for _ in 0..TIMES_OVER {
            match kind {
                "decide" => drop(wish.decide(policies, catalog).expect("a route")),
                "may-decide" => wish
                    .may_decide(policies, catalog, &request)
                    .expect("may decide"),
                _ => wish
                    .may_activate(policies, catalog, &request)
                    .expect("may activate"),
            }
        }
    }
}
