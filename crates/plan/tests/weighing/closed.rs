//! Operations that stay closed (R21).

use locum_plan::Verdict;

use crate::house::{BILLING, House};

/// A live exception opens the closed operation as it stands: with more in it, more is open.
#[test]
fn r21_whatever_is_added_to_a_closed_operation_loosens() {
    let before = House::new();
    for (from, to) in [
        (
            "\"POST /payouts\", \"POST /refunds\"",
            "\"POST /payouts\", \"POST /refunds\", \"POST /recipients\"",
        ),
        (
            "\"mutation createRefund\"",
            "\"mutation createRefund\", \"mutation createRecipient\"",
        ),
        (
            "\"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\"",
            "\"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\", \
             \"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\"",
        ),
    ] {
        let changed = before.changed_to(&before.with(BILLING, from, to));
        assert_eq!(changed.verdict(), Verdict::Loosens, "{to}");
        let says = changed.field().says();
        assert!(says.contains("an exception would open more"), "{says}");
    }
}

#[test]
fn r21_whatever_is_taken_out_of_a_closed_operation_loosens() {
    let before = House::new();
    for (from, to) in [
        (", \"POST /refunds\"", ""),
        (", \"mutation createRefund\"", ""),
        ("closed = \"money\"\n", ""),
    ] {
        let changed = before.changed_to(&before.with(BILLING, from, to));
        assert!(changed.loosens(), "{from}");
    }
}

/// Two people open what they are told that it is.
#[test]
fn r21_a_closed_operation_under_another_class_loosens() {
    let before = House::new();
    let after = before.with(BILLING, "closed = \"money\"", "closed = \"speech\"");
    assert_eq!(before.changed_to(&after).verdict(), Verdict::Loosens);
}

#[test]
fn r21_what_is_closed_besides_tightens() {
    let before = House::new();
    let after = before.with(
        BILLING,
        "id = \"invoice.resend\"\neffect = \"write\"",
        "id = \"invoice.resend\"\neffect = \"write\"\nclosed = \"money\"",
    );
    let after = after.with(crate::house::ELIGIBILITY, "\"invoice.resend\", ", "");
    let changed = before.changed_to(&after);
    assert!(!changed.loosens(), "{:#?}", changed.plan.loosens());
}
