//! Who gains by a change, and who answers for somebody who does: none of them confirms it (R33).

use crate::house::{
    AIDA, ALICE, ANN, BEA, CHAINS, CORA, DAN, ELIGIBILITY, House, MIA, PEOPLE, SAM, SID, SVEN,
};

const AIDAS: &str = "operations_per_session = 50";

fn names(people: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = people.iter().map(|it| (*it).to_owned()).collect();
    names.sort();
    names
}

#[test]
fn r33_a_sponsor_confirms_nothing_that_their_agent_gains() {
    let before = House::new();
    let changed = before.changed_to(&before.with(PEOPLE, AIDAS, "operations_per_session = 500"));
    assert_eq!(changed.gainers(), [AIDA]);
    assert_eq!(changed.could_confirm(ALICE), [MIA, SAM, SVEN]);
    let why = changed.gain(SID).unwrap();
    assert_eq!(why, "`aida` gains by it, and you answer for them");
}

/// Whoever stands behind somebody by either catalog does.
#[test]
fn r33_a_sponsor_who_is_exchanged_in_the_same_change_confirms_nothing_either() {
    let before = House::new();
    let after = before
        .with(PEOPLE, AIDAS, "operations_per_session = 500")
        .with(PEOPLE, "sponsor = \"sid@", "sponsor = \"sam@");
    let changed = before.changed_to(&after);
    assert_eq!(changed.could_confirm(ALICE), [MIA, SVEN]);
}

#[test]
fn r33_neither_the_vendors_sponsor_nor_its_accountable_owner_confirms_what_its_people_gain() {
    let before = House::new();
    let after = before.with(
        PEOPLE,
        "roles = [\"support\", \"privacy\"]",
        "roles = [\"support\", \"privacy\", \"auditor\"]",
    );
    let changed = before.changed_to(&after);
    assert_eq!(changed.gainers(), [ANN]);
    assert_eq!(changed.could_confirm(ALICE), [SAM, SID]);
    for who in [SVEN, MIA] {
        assert!(changed.gain(who).is_some(), "{who}");
    }
}

#[test]
fn r33_the_sponsor_of_an_agent_whose_sponsor_is_a_vendors_confirms_nothing() {
    let before = House::new().with(PEOPLE, "sponsor = \"sid@corp", "sponsor = \"bea@bpo");
    let changed = before.changed_to(&before.with(PEOPLE, AIDAS, "operations_per_session = 500"));
    assert_eq!(changed.could_confirm(ALICE), [SAM, SID]);
}

#[test]
fn r33_every_change_of_a_person_or_an_agent_that_loosens_names_them() {
    let before = House::new();
    for (from, to, gainers) in [
        (
            "name = \"Ann Abbott\"\nemployer = \"bpo\"",
            "name = \"Ann Abbott\"",
            &[ANN][..],
        ),
        (
            "name = \"Ann Abbott\"\nemployer = \"bpo\"",
            "name = \"Ann Abbott\"\nemployer = \"night\"",
            &[ANN],
        ),
        (
            "name = \"Dan Dale\"",
            "name = \"Dan Dale\"\naccounts = [{ system = \"idp\", id = \"d-1\" }]",
            &[DAN],
        ),
        ("{ system = \"desk\", id = \"ann\" }", "", &[ANN]),
        (
            "manager = \"mia@corp.example\"\nroles = [\"support\"]",
            "manager = \"dan@corp.example\"\nroles = [\"support\"]",
            &[ALICE, DAN],
        ),
        ("name = \"Ann Abbott\"", "name = \"Sam Stone\"", &[ANN]),
        ("11qYAYKx", "22qYAYKx", &[AIDA]),
        ("kind = \"ai_agent\"", "kind = \"service\"", &[AIDA]),
        (AIDAS, "operations_per_session = 51", &[AIDA]),
        (
            "{ system = \"desk\", id = \"aida\" }",
            "{ system = \"idp\", id = \"aida\" }",
            &[AIDA],
        ),
        ("sponsor = \"sid@", "sponsor = \"dan@", &[AIDA, DAN, SID]),
        ("sponsor = \"sven@corp", "sponsor = \"bea@bpo", &[BEA, SVEN]),
    ] {
        let changed = before.changed_to(&before.with(PEOPLE, from, to));
        assert!(changed.loosens(), "{from} -> {to}");
        let of_fields = changed.plan.fields.iter().flat_map(|it| it.gains.clone());
        let mut of_fields: Vec<String> = of_fields.map(|it| it.to_string()).collect();
        of_fields.dedup();
        assert_eq!(of_fields, names(gainers), "{from} -> {to}");
    }
}

#[test]
fn r33_whoever_may_come_back_gains() {
    let before = House::new().with(
        PEOPLE,
        "active = true\naccounts = [{ system = \"desk\", id = \"ann\"",
        "active = false\naccounts = [{ system = \"desk\", id = \"ann\"",
    );
    let changed = before.changed_to(&House::new());
    assert!(changed.gainers().contains(&ANN.to_owned()));
}

#[test]
fn r33_whoever_holds_an_eligibility_gains_by_whatever_is_loosened_in_it() {
    let before = House::new();
    for (id, gainers) in [
        ("alice-resends", &[ALICE][..]),
        ("support-reads", &[ALICE, ANN]),
        ("bpo-reads", &[ANN, BEA, SVEN]),
        ("aida-reads", &[AIDA]),
    ] {
        let at = before.files[ELIGIBILITY].find(id).unwrap();
        let mut after = before.clone();
        let (head, tail) = before.files[ELIGIBILITY].split_at(at);
        let text = format!("{head}{}", tail.replacen("2027-02-15", "2027-02-20", 1));
        after.files.insert(ELIGIBILITY.to_owned(), text);
        let changed = before.changed_to(&after);
        assert_eq!(changed.gainers(), names(gainers), "{id}");
    }
}

#[test]
fn r33_whoever_answers_for_a_chain_gains_by_what_comes_into_it() {
    let before = House::new();
    let after = before.with(CHAINS, "[\"emea\"]", "[\"emea\", \"mena\"]");
    assert_eq!(before.changed_to(&after).gainers(), names(&[SID, CORA]));
    let after = before.with(CHAINS, "staff = true\n", "").with(
        CHAINS,
        "id = \"bpo\"",
        "id = \"bpo\"\nstaff = true",
    );
    assert_eq!(before.changed_to(&after).gainers(), names(&[MIA, DAN]));
}
