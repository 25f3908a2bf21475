//! One human behind several entries is one (R33).

use locum_plan::is_same_human;

use crate::house::{ALICE, CORA, DAN, House, PEOPLE, SAM, SVEN, person};

const SAMS: &str = "{ system = \"desk\", id = \"sam\" }";

/// An account that moves from one to the other: whoever had it is whoever has it.
#[test]
fn r33_whoever_hands_their_account_to_a_second_entry_is_no_second_person() {
    let before = House::new();
    let after = before.with(PEOPLE, SAMS, "").with(
        PEOPLE,
        "name = \"Sven Sund\"",
        &format!("name = \"Sven Sund\"\naccounts = [{SAMS}]"),
    );
    let changed = before.changed_to(&after);
    let (sam, sven) = (person(SAM), person(SVEN));
    assert!(is_same_human(&changed.before, &changed.after, &sam, &sven));
    let could = changed.could_confirm(SAM);
    assert!(!could.contains(&SVEN.to_owned()), "{could:?}");
}

/// By the one catalog the first two, by the other the last two.
#[test]
fn r33_whoever_is_the_same_human_by_way_of_a_third_entry_is_the_same_human() {
    let account =
        |name: &str, accounts: &str| format!("name = \"{name}\"\naccounts = [{accounts}]");
    let dans = "{ system = \"idp\", id = \"d\" }";
    let before = House::new().with(
        PEOPLE,
        "name = \"Dan Dale\"",
        &account(
            "Dan Dale",
            &format!("{dans}, {{ system = \"x\", id = \"y\" }}"),
        ),
    );
    let after = House::new()
        .with(
            PEOPLE,
            "name = \"Dan Dale\"",
            &account("Dan Dale", "{ system = \"x\", id = \"z\" }"),
        )
        .with(PEOPLE, "name = \"Cora Cole\"", &account("Cora Cole", dans))
        .with(
            PEOPLE,
            "name = \"Sven Sund\"",
            &account("Sven Sund", "{ system = \"x\", id = \"y\" }"),
        );
    let changed = before.changed_to(&after);
    let same = |one: &str, other: &str| {
        is_same_human(
            &changed.before,
            &changed.after,
            &person(one),
            &person(other),
        )
    };
    assert!(same(CORA, DAN) && same(DAN, SVEN) && same(CORA, SVEN));
    assert!(!same(CORA, ALICE) && !same(SAM, SVEN));
}

#[test]
fn r33_whoever_gains_by_another_account_confirms_nothing() {
    let before = House::new();
    let after = before.with(PEOPLE, SAMS, "").with(
        PEOPLE,
        "name = \"Dan Dale\"",
        &format!("name = \"Dan Dale\"\nroles = [\"auditor\"]\naccounts = [{SAMS}]"),
    );
    let changed = before.changed_to(&after);
    assert!(changed.gain(SAM).is_some());
    let could = changed.could_confirm(ALICE);
    assert!(!could.contains(&SAM.to_owned()), "{could:?}");
}
