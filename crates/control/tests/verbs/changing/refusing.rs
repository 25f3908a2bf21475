//! Changes that are refused, denied and taken back.

use locum_control::change::{
    ProposedChange, change, changes, deny_change, preview_change, propose_change, withdraw_change,
};
use locum_domain::{ChangeId, Denial, Stream};
use locum_testkit::house::House;

use super::draft::{
    BILLING, CRM, ELIGIBILITY, FOR_ARNO, PEOPLE, POLICY, confirm, draft, for_arno, propose,
};
use crate::{ALICE, ARNO, AUDREY, MIA, OSCAR, PETRA, SAM, SVEN};

#[tokio::test]
async fn r33_what_cannot_be_read_is_refused_with_every_place_and_nothing_counts() {
    let house = House::new().await;
    let seen = propose(&house, SAM, |draft| {
        draft.append(ELIGIBILITY, "\n[[eligibility]]\nid = \"half\"\n");
        draft.append(POLICY, "\npermit (principal, action, resource);\n");
        draft
            .files
            .insert("catalog/notes.txt".to_owned(), String::new());
    });
    let refusal = house
        .assert_refused(seen.await, SAM, "apply", Denial::Malformed)
        .await;
    assert_eq!(refusal.pointer.as_deref(), Some("/files"));
    for place in [
        "catalog/eligibility.toml:",
        "policies/house.cedar:",
        "catalog/notes.txt:1:1:",
    ] {
        let line = refusal.detail.lines().find(|it| it.starts_with(place));
        let line = line.unwrap_or_else(|| panic!("{place} in {}", refusal.detail));
        let numbers: Vec<_> = line.splitn(4, ':').skip(1).take(2).collect();
        assert!(numbers.iter().all(|it| it.parse::<u32>().is_ok()), "{line}");
    }
    assert!(!refusal.detail.contains("warning"), "{}", refusal.detail);
    assert_eq!(house.control.in_force().version, 1);
    let proposed = house.history().await;
    assert!(
        !proposed
            .iter()
            .any(|it| it.event.kind() == "change-proposed")
    );
    house.verify().await;
}

#[tokio::test]
async fn r33_what_says_nothing_or_has_no_note_is_refused() {
    let house = House::new().await;
    let same = propose(&house, SAM, |_| {}).await;
    house
        .assert_refused(same, SAM, "apply", Denial::AlreadyDecided)
        .await;
    let silent = ProposedChange {
        note: " … ".to_owned(),
        ..draft(&house, |draft| {
            draft.append(ELIGIBILITY, FOR_ARNO);
        })
    };
    let outcome = propose_change(&house.control, &house.caller(SAM), &silent).await;
    let refusal = house
        .assert_refused(outcome, SAM, "apply", Denial::ReasonMissing)
        .await;
    assert_eq!(refusal.pointer.as_deref(), Some("/note"));
    house.verify().await;
}

#[tokio::test]
async fn r33_a_change_after_which_nobody_could_change_anything_is_refused() {
    let house = House::new().await;
    for change in [
        // Sven is left alone, and nobody could confirm what he proposes.
        "roles = [\"security\", \"security-control-owner\"]",
        "roles = [\"security\"]",
    ] {
        let outcome = propose(&house, SAM, |draft| {
            draft.replace(PEOPLE, change, "roles = [\"support\"]");
        });
        let refusal = house
            .assert_refused(outcome.await, SAM, "apply", Denial::Conflict)
            .await;
        assert!(refusal.detail.contains("1 would be left"), "{refusal}");
    }
    assert_eq!(house.control.in_force().version, 1);
    house.verify().await;
}

#[tokio::test]
async fn r33_whoever_could_confirm_denies_with_a_reason_and_whoever_proposed_takes_back() {
    let house = House::new().await;
    let control = &house.control;
    let id = for_arno(&house).await;
    let deny =
        async |by: &str, reason: &str| deny_change(control, &house.caller(by), &id, reason).await;
    for (by, denial) in [
        (SAM, Denial::SecondPersonRequired),
        (AUDREY, Denial::NotAnApprover),
        (ALICE, Denial::NotFound),
    ] {
        let outcome = deny(by, "Arno was not trained for it").await;
        house
            .assert_refused(outcome, by, "deny-change", denial)
            .await;
    }
    let silent = deny(SVEN, " ").await;
    house
        .assert_refused(silent, SVEN, "deny-change", Denial::ReasonMissing)
        .await;
    let denied = deny(SVEN, "Arno was not trained for it").await.unwrap();
    assert_eq!(denied.change.state.as_str(), "denied");
    let outcome = confirm(&house, SVEN, &id).await;
    house
        .assert_refused(outcome, SVEN, "confirm-change", Denial::AlreadyDecided)
        .await;

    let id = for_arno(&house).await;
    let others = withdraw_change(control, &house.caller(SVEN), &id).await;
    house
        .assert_refused(others, SVEN, "withdraw-change", Denial::NotAnApprover)
        .await;
    let sam = house.caller(SAM);
    let withdrawn = withdraw_change(control, &sam, &id).await.unwrap();
    assert_eq!(withdrawn.change.state.as_str(), "withdrawn");
    let again = withdraw_change(control, &sam, &id).await;
    house
        .assert_refused(again, SAM, "withdraw-change", Denial::AlreadyDecided)
        .await;
    assert_eq!(control.in_force().version, 1);
    house.verify().await;
}

#[tokio::test]
async fn r33_a_change_is_seen_by_those_it_concerns_and_an_auditors_look_is_recorded() {
    let house = House::new().await;
    let id = for_arno(&house).await;
    for (by, seen) in [
        (SAM, 1),
        (SVEN, 1),
        (AUDREY, 1),
        (OSCAR, 1),
        (PETRA, 0),
        (MIA, 0),
        (ARNO, 0),
    ] {
        let caller = house.caller(by);
        let found = changes(&house.control, &caller, Some("waiting"))
            .await
            .unwrap();
        assert_eq!(found.len(), seen, "{by}");
        let one = change(&house.control, &caller, &id).await;
        assert_eq!(one.is_ok(), seen == 1, "{by}");
    }
    let looks = house.kinds(&Stream::Change(id)).await;
    assert_eq!(looks, ["change-proposed", "evidence-read"]);
    let unknown = ChangeId::from_bytes([9; 16]);
    let none = change(&house.control, &house.caller(SAM), &unknown).await;
    assert_eq!(none.unwrap_err().denial, Denial::NotFound);
    house.verify().await;
}

#[tokio::test]
async fn r33_a_look_at_what_a_change_would_do_says_what_proposing_it_says_and_records_nothing() {
    let house = House::new().await;
    let proposed = draft(&house, |draft| {
        draft.replace(BILLING, "closed = \"money\"\n", "");
    });
    let size = house.history().await.len();
    let oscar = house.caller(OSCAR);
    let seen = preview_change(&house.control, &oscar, &proposed)
        .await
        .unwrap();
    assert_eq!(house.history().await.len(), size);
    let stands = propose_change(&house.control, &oscar, &proposed)
        .await
        .unwrap();
    assert_eq!(seen.plan, stands.plan);
    assert_eq!(seen.could_confirm, stands.could_confirm);
    assert_eq!(seen.change.loosens, stands.change.loosens);
    let others = draft(&house, |draft| {
        draft.replace(CRM, "name = \"Customer records\"", "name = \"Contacts\"");
    });
    let refusal = preview_change(&house.control, &oscar, &others)
        .await
        .unwrap_err();
    assert_eq!(refusal.denial, Denial::NotAnApprover);
    house.verify().await;
}

#[tokio::test]
async fn r33_what_waits_on_another_base_takes_nobodys_place_and_counts_for_nobody() {
    let house = House::new().await;
    for number in 0..20 {
        let seen = propose(&house, SAM, |draft| {
            draft.set("/budgets/subjects_per_day", 1_000 + number);
        });
        assert_eq!(seen.await.unwrap().change.state.as_str(), "waiting");
    }
    let one_more = propose(&house, SVEN, |draft| {
        draft.append(ELIGIBILITY, FOR_ARNO);
    });
    let refusal = house
        .assert_refused(one_more.await, SVEN, "apply", Denial::TooManyOpen)
        .await;
    assert!(refusal.detail.contains("20 changes wait"), "{refusal}");
    let tighter = propose(&house, SVEN, |draft| {
        draft.set("/budgets/open_requests", 3);
    });
    assert_eq!(tighter.await.unwrap().change.state.as_str(), "applied");
    let sven = house.caller(SVEN);
    let waiting = changes(&house.control, &sven, Some("waiting"))
        .await
        .unwrap();
    assert_eq!(waiting.len(), 20);
    for seen in waiting {
        assert_eq!(seen.may_confirm.unwrap_err().denial, Denial::StaleApproval);
        assert!(seen.could_confirm.is_empty());
    }
    let next = for_arno(&house).await;
    confirm(&house, SVEN, &next).await.unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r33_notes_and_reasons_are_text_that_no_terminal_obeys() {
    let house = House::new().await;
    let sly = ProposedChange {
        note: "a new colleague\u{1b}[2K\u{7}".to_owned(),
        ..draft(&house, |draft| {
            draft.append(ELIGIBILITY, FOR_ARNO);
        })
    };
    let sam = house.caller(SAM);
    let outcome = propose_change(&house.control, &sam, &sly).await;
    let refusal = house
        .assert_refused(outcome, SAM, "apply", Denial::Malformed)
        .await;
    assert_eq!(refusal.pointer.as_deref(), Some("/note"));
    let plain = ProposedChange {
        note: "a new colleague:\r\n\tArno".to_owned(),
        ..sly
    };
    let id = propose_change(&house.control, &sam, &plain)
        .await
        .unwrap()
        .change
        .id;
    let sven = house.caller(SVEN);
    let outcome = deny_change(&house.control, &sven, &id, "no\u{1b}[8m training").await;
    house
        .assert_refused(outcome, SVEN, "deny-change", Denial::Malformed)
        .await;
    house.verify().await;
}

#[tokio::test]
async fn r33_settings_that_nobody_knows_are_refused_by_name() {
    let house = House::new().await;
    for (pointer, key) in [
        ("", "quorum"),
        ("/login", "magic_links"),
        ("/budgets", "per_week"),
        ("/connectors/desk", "token"),
    ] {
        let seen = propose(&house, SAM, |draft| {
            draft.set("/budgets/open_requests", 3);
            let section = draft.settings.pointer_mut(pointer).unwrap();
            section[key] = 3.into();
        });
        let refusal = house
            .assert_refused(seen.await, SAM, "apply", Denial::Malformed)
            .await;
        assert_eq!(refusal.pointer.as_deref(), Some("/settings"));
        assert!(refusal.detail.contains(&format!("`{key}`")), "{refusal}");
    }
    assert_eq!(house.control.in_force().version, 1);
    house.verify().await;
}
