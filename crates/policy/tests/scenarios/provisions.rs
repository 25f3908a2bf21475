//! What people put on the record beside the catalog: exceptions, absences, delegations with a first day, overdue
//! reviews; and what an emergency skips.

use jiff::civil::date;
use locum_domain::route::CompensatingControl;
use locum_domain::{Absence, Authority, PrincipalId, Timestamp};

use crate::house::*;

fn away(person: &str, deputy: Option<&str>) -> Absence {
    Absence {
        person: p(person),
        from: date(2026, 11, 1),
        until: date(2026, 12, 31),
        deputy: deputy.map(p),
        at: Timestamp::UNIX_EPOCH,
        is_ended: false,
    }
}

fn approvers(wish: &Wish, authority: Authority) -> Vec<PrincipalId> {
    let route = wish.route(&GUARDRAILS).unwrap();
    let step = route.steps.into_iter().find(|it| it.authority == authority);
    step.unwrap().approvers
}

#[test]
fn r21_a_closed_operation_is_asked_for_only_while_an_exception_opens_exactly_it() {
    let payout = wish("alice", &["billing/payout.create"]).but(|it| {
        let eligibility = it.catalog.eligibilities.first_mut().unwrap();
        eligibility.operations.insert(op("payout.create"));
    });
    let closed = ("closed-operation", "guard-closed-operation");
    assert_eq!(code(&payout.file(&GUARDRAILS)), closed);
    let open = |application: &str, operation: &str| {
        payout.clone().but(|it| {
            let opened = &mut it.provisions.opened;
            opened.insert((app(application), op(operation)), Timestamp::MAX);
        })
    };
    assert!(open("billing", "payout.create").file(&GUARDRAILS).is_ok());
    assert_eq!(
        code(&open("crm", "payout.create").file(&GUARDRAILS)),
        closed
    );
    assert_eq!(
        code(&open("billing", "invoice.read").file(&GUARDRAILS)),
        closed
    );
}

#[test]
fn r20_nobody_asks_from_within_a_session() {
    let nested = wish("ann", &["crm/contact.read"]).but(|it| it.impersonating = true);
    let refused = ("nested-session", "guard-nested-session");
    assert_eq!(code(&nested.file(&GUARDRAILS)), refused);
}

#[test]
fn r27_whoever_owes_an_overdue_review_asks_for_nothing_before_it_is_done() {
    let owing = wish("ann", &["crm/contact.read"]);
    let owing = owing.but(|it| it.provisions.overdue_reviewers = [p("ann")].into());
    let refused = ("review-overdue", "guard-review-overdue");
    assert_eq!(code(&owing.file(&GUARDRAILS)), refused);
    let other = owing.but(|it| it.provisions.overdue_reviewers = [p("alice")].into());
    assert!(other.file(&GUARDRAILS).is_ok());
}

#[test]
fn r01_access_without_an_end_is_never_asked_for() {
    let endless = wish("ann", &["crm/contact.read"]).but(|it| it.minutes = 0);
    let refused = ("duration-too-long", "guard-expiry");
    assert_eq!(code(&endless.file(&GUARDRAILS)), refused);
}

#[test]
fn r07_a_delegation_counts_from_its_first_day_to_its_last() {
    let lent = |from, until| {
        wish("ann", &["wiki/page.read"]).but(|it| {
            let delegate = it.application("wiki").delegates.first_mut().unwrap();
            delegate.from = from;
            delegate.until = until;
        })
    };
    let today = NOON.today;
    let tomorrow = today.tomorrow().unwrap();
    let yesterday = today.yesterday().unwrap();
    for (from, until, decides) in [
        (None, today, "paul"),
        (Some(today), tomorrow, "paul"),
        (Some(tomorrow), tomorrow, "petra"),
        (Some(yesterday), yesterday, "petra"),
    ] {
        let wish = lent(from, until);
        assert_eq!(
            approvers(&wish, Authority::Delegate),
            [p(decides)],
            "{from:?} {until}"
        );
    }
}

#[test]
fn r13_requests_go_round_whoever_is_away_to_a_deputy_who_holds_the_authority() {
    let crm = wish("ann", &["crm/contact.read"]);
    assert_eq!(
        approvers(&crm, Authority::ApplicationOwner),
        [p("petra"), p("paul")]
    );
    let petra_away = crm.clone().but(|it| {
        let absence = away("petra", Some("paul"));
        it.provisions.absences.insert(p("petra"), absence);
    });
    assert_eq!(
        approvers(&petra_away, Authority::ApplicationOwner),
        [p("paul")]
    );
    let several = wish("ann", &["billing/invoice.read"]);
    let before = approvers(&several, Authority::SecurityOrPrivacyOrCompliance);
    assert_eq!(before.first(), Some(&p("sam")));
    let to_nobody = several.but(|it| {
        let absence = away("oscar", Some("mia"));
        it.provisions.absences.insert(p("oscar"), absence);
    });
    // A deputy without the authority gets none by being named, and the only holder stays.
    assert_eq!(
        approvers(&to_nobody, Authority::ApplicationOwner),
        [p("oscar")]
    );
}

#[test]
fn r11_an_emergency_names_every_authority_it_skips_for_signing_afterwards() {
    let urgent = wish("ann", &["billing/invoice.read"]).but(|it| it.break_glass = true);
    let route = urgent.route(&GUARDRAILS).unwrap();
    let authorities = |steps: &[locum_domain::route::Step]| {
        let names: Vec<_> = steps.iter().map(|it| it.authority.as_str()).collect();
        names.join(" ")
    };
    assert_eq!(authorities(&route.steps), "break-glass");
    let skipped = "application-owner security-or-privacy-or-compliance";
    assert_eq!(authorities(&route.afterwards), skipped);
    let ordinary = wish("ann", &["billing/invoice.read"]).route(&GUARDRAILS);
    assert!(ordinary.unwrap().afterwards.is_empty());
    let request = urgent.request(&GUARDRAILS);
    let may = |who: &str| {
        let answer = GUARDRAILS.may_countersign(urgent.indexed(), &request, &p(who), NOON);
        answer.map(|steps| steps.into_keys().collect::<Vec<_>>())
    };
    assert_eq!(may("prya").unwrap(), [1]);
    assert_eq!(may("oscar").unwrap(), [0]);
    assert_eq!(code(&may("ann")).0, "self-approval");
}

#[test]
fn r08_locum_looks_for_the_controls_it_can_see_itself_where_applications_are_crossed() {
    let both = wish("alice", &["billing/invoice.read", "crm/contact.read"]);
    let holds = |wish: &Wish| {
        let seen = wish.route(&GUARDRAILS).unwrap().controls_seen;
        seen.into_iter()
            .map(|it| (it.control, it.holds))
            .collect::<Vec<_>>()
    };
    use CompensatingControl::{Banner, ReadOnly, RequestsRecorded, ShortExpiry};
    let all = [RequestsRecorded, ReadOnly, Banner, ShortExpiry];
    assert_eq!(holds(&both), all.map(|control| (control, true)));
    let worse = wish("alice", &["billing/invoice.resend", "crm/contact.read"]).but(|it| {
        it.minutes = 30;
        it.application("crm").record = locum_domain::catalog::RecordTiming::After;
    });
    let seen = [false, false, true, false];
    let expected: Vec<_> = all.into_iter().zip(seen).collect();
    assert_eq!(holds(&worse), expected);
    assert!(holds(&wish("ann", &["crm/contact.read"])).is_empty());
}
