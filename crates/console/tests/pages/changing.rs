//! Changes of what counts, and the delegations that wait for whoever lends.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use locum_control::Caller;
use locum_control::change::{ProposedChange, propose_change};
use locum_domain::ChangeId;
use locum_testkit::house::House;

use crate::device_key::{sign, sign_in};
use crate::world::World;
use crate::{ALICE, AUDREY, OSCAR, PETRA, SAM, SVEN};

const ELIGIBILITY: &str = "catalog/eligibility.toml";
const WIKI: &str = "catalog/applications/wiki.toml";
/// Arno may resend invoices, as Alice may.
const FOR_ARNO: &str = r#"
[[eligibility]]
id = "arno-resends"
who = { person = "arno@corp.example" }
applications = ["billing"]
operations = ["invoice.resend"]
longest_minutes = 30
owner = "oscar@corp.example"
certified_until = "2027-02-15"
"#;

/// The files in force, otherwise.
async fn changed(
    house: &House,
    by: &Caller,
    change: impl FnOnce(&mut BTreeMap<String, String>),
) -> ChangeId {
    let in_force = house.control.in_force();
    let mut files = in_force.applied.files.clone();
    change(&mut files);
    let proposed = ProposedChange {
        base: None,
        files,
        settings: in_force.applied.settings.clone(),
        note: "Arno takes over resending while Alice is away".to_owned(),
    };
    let seen = propose_change(&house.control, by, &proposed).await;
    seen.unwrap().change.id
}

/// A change that lets Arno do more, and waits.
pub(crate) async fn proposed(world: &World, by: &str) -> ChangeId {
    let caller = world.house.caller(by);
    let house = &world.house;
    changed(house, &caller, |files| {
        files.get_mut(ELIGIBILITY).unwrap().push_str(FOR_ARNO);
    })
    .await
}

#[tokio::test]
async fn r33_a_second_person_reads_who_gains_and_lets_a_change_count() {
    let world = World::new().await;
    let before = world.house.control.in_force().applied.digest.clone();
    let id = proposed(&world, SAM).await;
    let path = format!("/changes/{id}");
    let mut sam = world.browser(SAM).await;
    let own = sam.get(&path).await;
    assert!(own.words().contains("You do not confirm it"));
    assert!(own.words().contains("Take it back"), "{}", own.words());
    assert!(!own.text().contains(&format!("{path}/confirm")));
    let mut sven = world.browser(SVEN).await;
    let today = sven.get("/").await.words();
    assert!(today.contains("Confirm or deny a change"), "{today}");
    let list = sven.get("/changes").await.words();
    assert!(list.contains("1 waits for you"), "{list}");
    let page = sven.get(&path).await;
    for part in [
        "Arno takes over resending",
        "What it loosens",
        "Arno Ames gains invoice.resend",
        "may not ask",
        "up to 30 minutes, application owner (Oscar Owens)",
        "loosens",
        "eligibility arno-resends",
        "+ id = \"arno-resends\"",
    ] {
        assert!(page.words().contains(part), "{part}: {}", page.words());
    }
    let confirm = format!("{path}/confirm");
    let digest = page.hidden("digest");
    let fields = [("digest", digest.as_str())];
    let refused = sam.post(&confirm, &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.words().contains("second-person-required"));
    let other = sven.post(&confirm, &[("digest", &before)]).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(sven.post(&confirm, &fields).await.location(), path);
    assert_eq!(world.house.control.in_force().applied.digest, digest);
    let page = sven.get(&path).await.words();
    assert!(
        page.contains("nobody; Sven Sund confirmed it just now"),
        "{page}"
    );
    let again = sven.post(&confirm, &fields).await;
    assert!(again.words().contains("already-decided"));
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_change_is_denied_with_a_reason_or_taken_back_and_stays_listed() {
    let world = World::new().await;
    let denied = format!("/changes/{}", proposed(&world, SAM).await);
    let mut sven = world.browser(SVEN).await;
    let deny = format!("{denied}/deny");
    let silent = sven.post(&deny, &[]).await;
    assert!(silent.words().contains("reason-missing"));
    let reason = [("reason", "Arno has not been trained for this")];
    assert_eq!(sven.post(&deny, &reason).await.location(), denied);
    let mut sam = world.browser(SAM).await;
    let page = sam.get(&denied).await.words();
    assert!(page.contains("Arno has not been trained"), "{page}");
    let withdrawn = format!("/changes/{}", proposed(&world, SAM).await);
    let withdraw = format!("{withdrawn}/withdraw");
    let other = sven.post(&withdraw, &[]).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    assert_eq!(sam.post(&withdraw, &[]).await.location(), withdrawn);
    for (state, path) in [("denied", &denied), ("withdrawn", &withdrawn)] {
        let list = sam.get(&format!("/changes?state={state}")).await;
        assert!(list.text().contains(path.as_str()), "{}", list.words());
    }
    let waiting = sam.get("/changes?state=waiting").await.words();
    assert!(waiting.contains("None is waiting"), "{waiting}");
    world.house.verify().await;
}

#[tokio::test]
async fn r33_whom_it_does_not_concern_sees_no_change_and_decides_none() {
    let world = World::new().await;
    let mut sam = world.browser(SAM).await;
    let empty = sam.get("/changes").await.words();
    assert!(empty.contains("locum plan") && empty.contains("waits here for a second person"));
    let id = proposed(&world, SAM).await;
    let path = format!("/changes/{id}");
    let mut alice = world.browser(ALICE).await;
    assert!(!alice.get("/").await.text().contains("href=\"/changes\""));
    assert!(!alice.get("/changes").await.text().contains(id.as_str()));
    assert_eq!(alice.get(&path).await.status, StatusCode::NOT_FOUND);
    for act in ["confirm", "deny", "withdraw"] {
        let refused = alice.post(&format!("{path}/{act}"), &[]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{act}");
    }
    let mut audrey = world.browser(AUDREY).await;
    let page = audrey.get(&path).await;
    assert!(page.words().contains("You do not confirm it"));
    assert!(!page.text().contains(&format!("{path}/deny")));
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_change_on_what_gave_way_waits_for_nobody() {
    let world = World::new().await;
    let first = proposed(&world, SAM).await;
    let tighter = |files: &mut BTreeMap<String, String>| {
        let file = files.get_mut(ELIGIBILITY).unwrap();
        *file = file.replacen("longest_minutes = 60", "longest_minutes = 50", 1);
    };
    let caller = world.house.caller(SVEN);
    let second = changed(&world.house, &caller, tighter).await;
    let mut sven = world.browser(SVEN).await;
    let applied = sven.get(&format!("/changes/{second}")).await.words();
    assert!(applied.contains("counted at once"), "{applied}");
    let page = sven.get(&format!("/changes/{first}")).await;
    assert!(page.words().contains("overtaken"), "{}", page.words());
    assert!(!page.text().contains("/confirm\""));
    let today = sven.get("/").await.words();
    assert!(!today.contains("Confirm or deny a change"), "{today}");
    world.house.verify().await;
}

#[tokio::test]
async fn r33_a_confirmation_is_signed_where_signatures_are_demanded() {
    let world = World::signed().await;
    let [_, sam] = world.house.founded().await;
    let sven = world.house.enrolled(SVEN, &sam).await;
    world.house.clock.advance_minutes(24 * 60);
    let caller = world.house.sure(SAM);
    let id = changed(&world.house, &caller, |files| {
        files.get_mut(ELIGIBILITY).unwrap().push_str(FOR_ARNO);
    })
    .await;
    let path = format!("/changes/{id}");
    let mut browser = world.stranger();
    sign_in(&mut browser, &sven, "/").await;
    let page = browser.get(&path).await;
    let digest = page.hidden("digest");
    let unsigned = [("digest", digest.as_str())];
    let confirm = format!("{path}/confirm");
    let refused = browser.submit(&page, &confirm, &unsigned).await;
    assert!(refused.words().contains("signature-required"));
    let statement = format!("{path}/statement");
    let asked = browser.fetch(&page, &statement, &unsigned).await.json();
    let signature = sign(&sven, &asked);
    let fields = [unsigned[0], ("signature", signature.as_str())];
    let confirmed = browser.submit(&page, &confirm, &fields).await;
    assert_eq!(confirmed.location(), path);
    assert_eq!(world.house.control.in_force().applied.digest, digest);
    world.house.verify().await;
}

#[tokio::test]
async fn r07_a_delegation_counts_once_whoever_lends_has_confirmed_it() {
    let world = World::new().await;
    let mut petra = world.browser(PETRA).await;
    let nothing = petra.get("/delegations").await.words();
    assert!(nothing.contains("No delegation waits"), "{nothing}");
    let caller = world.house.caller(SAM);
    let id = changed(&world.house, &caller, |files| {
        let file = files.get_mut(WIKI).unwrap();
        *file = file.replace("paul@corp.example", OSCAR);
    })
    .await;
    let path = format!("/changes/{id}");
    let mut sven = world.browser(SVEN).await;
    let digest = sven.get(&path).await.hidden("digest");
    let confirm = format!("{path}/confirm");
    let confirmed = sven.post(&confirm, &[("digest", &digest)]).await;
    assert_eq!(confirmed.location(), path);
    let today = petra.get("/").await.words();
    assert!(today.contains("Lend what you decide in"), "{today}");
    assert!(petra.get("/account").await.text().contains("/delegations"));
    let page = petra.get("/delegations").await;
    assert!(page.words().contains("1 waits for you"));
    let person = page.hidden("person");
    assert_eq!(person, OSCAR);
    let fields = [("application", "wiki"), ("person", person.as_str())];
    let mut oscar = world.browser(OSCAR).await;
    let lent = oscar.get("/delegations").await.words();
    assert!(lent.contains("waits for Petra Price"), "{lent}");
    let refused = oscar.post("/delegations/confirm", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let confirmed = petra.post("/delegations/confirm", &fields).await;
    assert_eq!(confirmed.location(), "/delegations");
    let in_force = world.house.control.in_force();
    let wiki = &in_force.catalog.applications[&"wiki".parse().unwrap()];
    assert!(wiki.delegates.iter().any(|it| it.person.as_str() == OSCAR));
    let nonsense = petra.post("/delegations/confirm", &[]).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    world.house.verify().await;
}
