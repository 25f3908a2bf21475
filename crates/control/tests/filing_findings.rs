//! What filing must notice, and what reading must not show: one test for each way round that somebody found.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

use jiff::SignedDuration;
use locum_control::extend::extend;
use locum_control::read::{self, FeedItem, RequestFilter};
use locum_control::stop::stop;
use locum_control::strangers::Strangers;
use locum_control::{Asked, deny, evidence, preview};
use locum_domain::hold::StopScope;
use locum_domain::{
    Authority, Denial, Event, Minutes, Recorded, Request, RequestId, Scope, Stream, SubjectId,
};
use locum_testkit::house::House;

const ALICE: &str = "alice@corp.example";
const ARNO: &str = "arno@corp.example";
const OSCAR: &str = "oscar@corp.example";
const PETRA: &str = "petra@corp.example";
const MIA: &str = "mia@corp.example";
const SAM: &str = "sam@corp.example";
const AUDREY: &str = "audrey@corp.example";
const CARLA: &str = "carla@acme.example";

const BILLING: &[(&str, &[&str])] = &[("billing", &["invoice.read"])];
const CRM: &[(&str, &[&str])] = &[("crm", &["contact.read"])];

fn authorities(request: &Request) -> Vec<Authority> {
    request.route.steps.iter().map(|it| it.authority).collect()
}

fn principal(id: &str) -> Stream {
    Stream::Principal(id.parse().unwrap())
}

/// The looks at evidence that `by` took, with what each was called.
async fn looks(house: &House, by: &str) -> Vec<(Stream, String)> {
    let look = |recorded: Recorded| match recorded.event {
        Event::EvidenceRead { by: who, what, .. } if who.as_str() == by => {
            Some((recorded.stream, what))
        }
        _ => None,
    };
    house.history().await.into_iter().filter_map(look).collect()
}

#[tokio::test]
async fn r02_the_case_is_judged_before_the_subject_and_in_the_contracts_order() {
    let house = House::new().await;
    let wrong: Option<SubjectId> = Some("dora@acme.example".parse().unwrap());
    let asked = Asked {
        subject: wrong,
        ..house.asking("desk:9", BILLING, 30)
    };
    let file = async || house.file(ALICE, &asked).await.unwrap_err();
    house.desk.close("9");
    assert_eq!(file().await.denial, Denial::CaseNotOpen);
    house.desk.reopen("9");
    assert_eq!(file().await.denial, Denial::NotTheAssignee);
    house.desk.reassign("9", "alice");
    let refusal = file().await;
    assert_eq!(refusal.denial, Denial::CaseMismatch);
    assert_eq!(refusal.pointer.as_deref(), Some("/subject"));

    let nobody = Asked {
        actor: Some("nobody@corp.example".parse().unwrap()),
        ..house.asking("desk:9", &[("billng", &["invoice.read"])], 30)
    };
    let refusal = house.file(ALICE, &nobody).await.unwrap_err();
    assert_eq!(refusal.denial, Denial::UnknownApplication);
    house.verify().await;
}

#[tokio::test]
async fn r08_of_two_requests_at_the_same_moment_the_second_takes_the_crossing_route() {
    let house = House::new().await;
    house.desk.open("12", "arno", CARLA, "acme");
    for (case, other) in [("desk:7", "desk:9"), ("desk:8", "desk:8")] {
        if case == other {
            house.desk.reassign("8", "arno");
        }
        let (alice, arno) = (
            house.asking(case, CRM, 30),
            house.asking(other, BILLING, 30),
        );
        let by = if case == other { ARNO } else { ALICE };
        let (one, two) = tokio::join!(house.file(by, &alice), house.file(ARNO, &arno));
        let crossing = [one.unwrap(), two.unwrap()]
            .iter()
            .filter(|it| authorities(it).contains(&Authority::ManagerOrSecurityControlOwner))
            .count();
        assert_eq!(crossing, 1, "{case} and {other}");
    }
    house.verify().await;
}

#[tokio::test]
async fn r04_what_was_approved_counts_against_the_daily_ceiling_before_it_is_used() {
    let house = House::new().await;
    for number in ["12", "13"] {
        house.desk.open(number, "alice", CARLA, "acme");
    }
    for case in ["desk:7", "desk:12"] {
        let request = house.filed(ALICE, &house.asking(case, BILLING, 60)).await;
        assert!(!authorities(&request).contains(&Authority::NextAuthority));
        house.approved(&request).await;
    }
    let third = house
        .filed(ALICE, &house.asking("desk:13", BILLING, 15))
        .await;
    assert!(authorities(&third).contains(&Authority::NextAuthority));
    house.verify().await;
}

#[tokio::test]
async fn r13_a_request_refiled_within_a_day_of_its_denial_goes_back_to_who_denied_it() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.clock.advance(SignedDuration::from_hours(3));
    let words = "not without the customer's own words";
    deny::deny(&house.control, &house.caller(OSCAR), &request.id, words)
        .await
        .unwrap();
    // More than a day after the filing, less than a day after the denial; and another files it for Alice.
    house.clock.advance(SignedDuration::from_hours(23));
    let asked = Asked {
        actor: Some(ALICE.parse().unwrap()),
        ..house.asked()
    };
    for (by, asked) in [(ALICE, &house.asked()), (ARNO, &asked)] {
        let refiled = house.filed(by, asked).await;
        assert_eq!(refiled.route.steps[0].rule, "guard-refiled", "{by}");
        let shown = refiled.warnings.iter().any(|it| it.contains(words));
        assert!(shown, "{by}: {:?}", refiled.warnings);
    }
    house.clock.advance(SignedDuration::from_hours(2));
    let later = house.filed(ALICE, &house.asked()).await;
    assert_ne!(later.route.steps[0].rule, "guard-refiled");
    house.verify().await;
}

#[tokio::test]
async fn r01_a_reason_that_served_for_another_case_is_shown_and_not_refused() {
    let house = House::new().await;
    let first = house.filed(ALICE, &house.asked()).await;
    assert!(first.warnings.is_empty(), "{:?}", first.warnings);
    let again = house
        .filed(ALICE, &house.asking("desk:8", BILLING, 30))
        .await;
    assert!(again.warnings[0].contains("desk:7"), "{:?}", again.warnings);
    house.verify().await;
}

#[tokio::test]
async fn r14_a_request_names_who_is_answerable_for_the_actors_chain() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    assert_eq!(request.accountable_owner.unwrap().as_str(), MIA);
    house.verify().await;
}

#[tokio::test]
async fn r23_an_extension_belongs_to_the_access_event_of_its_session() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let (control, alice) = (&house.control, house.caller(ALICE));
    let why = "the second invoice has the same fault";
    let extension = extend(control, &alice, &session.request, Minutes(15), why)
        .await
        .unwrap();
    assert_eq!(extension.event, session.event);
    let first = read::request_of_event(control, &alice, &session.event)
        .await
        .unwrap();
    assert_eq!(first.id, session.request);
    let story = evidence::access_event(control, &alice, &session.event)
        .await
        .unwrap();
    assert_eq!(story.extension.unwrap().asked.request, extension.id);
    house.verify().await;
}

#[tokio::test]
async fn r22_refusals_of_those_who_may_not_see_a_request_do_not_stand_in_its_history() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let stream = Stream::Request(request.id.clone());
    house.approve(PETRA, &request.id).await.unwrap_err();
    let nothing = RequestId::from_bytes([3; 16]);
    let words = locum_control::approve::Approve::default();
    let petra = house.caller(PETRA);
    locum_control::approve::approve(&house.control, &petra, &nothing, &words)
        .await
        .unwrap_err();
    let filed = ["request-filed", "facts-read"];
    assert_eq!(house.kinds(&stream).await, filed);
    assert_eq!(house.kinds(&principal(PETRA)).await, ["refused", "refused"]);
    house.approve(ALICE, &request.id).await.unwrap_err();
    let refused = [&filed[..], &["refused"]].concat();
    assert_eq!(house.kinds(&stream).await, refused);
    house.verify().await;
}

#[tokio::test]
async fn r22_whoever_is_refused_without_end_is_counted_and_nobody_else_pays_for_it() {
    let house = House::new().await;
    let thin = Asked {
        reason: "fix".to_owned(),
        ..house.asked()
    };
    let mut codes = Vec::new();
    for _ in 0..310 {
        codes.push(house.file(ARNO, &thin).await.unwrap_err().denial);
    }
    assert_eq!(codes[299], Denial::ReasonMissing);
    assert_eq!(codes[300], Denial::BudgetSpent);
    assert_eq!(house.kinds(&principal(ARNO)).await.len(), 300);
    house.filed(ALICE, &house.asked()).await;
    let refusal = house.file(ALICE, &thin).await.unwrap_err();
    assert_eq!(refusal.denial, Denial::ReasonMissing);

    let strangers = Strangers::default();
    strangers.record(&house.control).await;
    strangers.record(&house.control).await;
    let counted: Vec<_> = house
        .history()
        .await
        .into_iter()
        .filter_map(|it| match it.event {
            Event::RefusalsCounted { by, count, .. } => Some((by.to_string(), count)),
            _ => None,
        })
        .collect();
    assert_eq!(counted, [(ARNO.to_owned(), 10)]);
    house.clock.advance(SignedDuration::from_mins(1));
    let refusal = house.file(ARNO, &thin).await.unwrap_err();
    assert_eq!(refusal.denial, Denial::ReasonMissing);
    house.verify().await;
}

#[tokio::test]
async fn r20_nobody_previews_without_end() {
    let house = House::new().await;
    let caller = house.caller(ALICE);
    let asked = house.asked();
    for _ in 0..120 {
        preview::preview(&house.control, &caller, &asked)
            .await
            .unwrap();
    }
    let outcome = preview::preview(&house.control, &caller, &asked).await;
    house
        .assert_refused(outcome, ALICE, "preview", Denial::BudgetSpent)
        .await;
    house.filed(ALICE, &asked).await;
    house.clock.advance(SignedDuration::from_hours(1));
    preview::preview(&house.control, &caller, &asked)
        .await
        .unwrap();
    house.verify().await;
}

#[tokio::test]
async fn r33_the_feed_shows_the_catalog_to_nobody_but_security_and_auditors_and_a_hold_to_who_could_place_it()
 {
    let house = House::new().await;
    let billing = StopScope::Application("billing".parse().unwrap());
    stop(&house.control, &house.caller(OSCAR), &billing)
        .await
        .unwrap();
    for (who, founding, hold) in [
        (ALICE, false, false),
        (PETRA, false, false),
        (OSCAR, false, true),
        (SAM, true, true),
        (AUDREY, true, true),
    ] {
        let feed = read::feed(&house.control, &house.caller(who), None, 1_000)
            .await
            .unwrap();
        let is_whole = |kind: &str| {
            feed.iter()
                .any(|it| matches!(it, FeedItem::Whole(recorded) if recorded.event.kind() == kind))
        };
        assert_eq!(is_whole("founded"), founding, "{who} and the founding");
        assert_eq!(is_whole("hold-placed"), hold, "{who} and the hold");
    }
    house.verify().await;
}

#[tokio::test]
async fn r22_an_auditor_who_follows_the_feed_is_recorded_by_page_and_wakes_nobody_for_ever() {
    let house = House::new().await;
    house.filed(ALICE, &house.asked()).await;
    house
        .file(
            ALICE,
            &Asked {
                reason: "fix".to_owned(),
                ..house.asked()
            },
        )
        .await
        .unwrap_err();
    let caller = house.caller(AUDREY);
    let (mut after, mut pages_with_news) = (None, 0);
    for _ in 0..12 {
        let feed = read::feed(&house.control, &caller, after, 2).await.unwrap();
        let mut has_news = false;
        for item in &feed {
            let FeedItem::Whole(recorded) = item else {
                panic!("an auditor sees all")
            };
            after = Some(recorded.position);
            has_news |= !matches!(recorded.event, Event::EvidenceRead { .. });
        }
        pages_with_news += usize::from(has_news);
        if feed.is_empty() {
            break;
        }
    }
    let last = read::feed(&house.control, &caller, after, 2).await.unwrap();
    assert!(last.is_empty(), "{last:#?}");
    let looks = looks(&house, AUDREY).await;
    assert_eq!(looks[0], (principal(AUDREY), "events 0 to 1".to_owned()));
    assert_eq!(looks.len(), pages_with_news, "{looks:?}");
    house.verify().await;
}

#[tokio::test]
async fn r22_whoever_takes_evidence_out_is_on_the_record_and_whoever_looks_at_their_own_is_not() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    let stream = Stream::Request(session.request.clone());
    let event = &session.event;
    evidence::access_event(&house.control, &house.caller(ALICE), event)
        .await
        .unwrap();
    assert_eq!(looks(&house, ALICE).await, []);
    evidence::access_event(&house.control, &house.caller(AUDREY), event)
        .await
        .unwrap();
    let look = (stream.clone(), event.to_string());
    assert_eq!(looks(&house, AUDREY).await, [look]);
    evidence::pack(&house.control, &house.caller(OSCAR), event)
        .await
        .unwrap();
    let what = format!("{event}, the evidence pack");
    assert_eq!(looks(&house, OSCAR).await, [(stream, what)]);
    house.store.set_fails_commits(true);
    let unread = evidence::pack(&house.control, &house.caller(OSCAR), event).await;
    assert_eq!(unread.unwrap_err().denial, Denial::RecorderUnavailable);
    house.store.set_fails_commits(false);
    house.verify().await;
}

#[tokio::test]
async fn a_list_goes_on_where_it_stopped_and_shows_everything_once() {
    let house = House::new().await;
    for case in ["desk:7", "desk:8", "desk:7", "desk:8"] {
        house.filed(ALICE, &house.asking(case, BILLING, 30)).await;
    }
    house.filed(ARNO, &house.asking("desk:9", CRM, 30)).await;
    for (who, total) in [(SAM, 5), (ALICE, 4), (PETRA, 1)] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let caller = house.caller(who);
            let filter = RequestFilter::default();
            let page = read::requests(&house.control, &caller, &filter, before, 2)
                .await
                .unwrap();
            assert!(page.items.len() <= 2);
            seen.extend(page.items.into_iter().map(|it| it.id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), total, "{who}");
        seen.dedup();
        assert_eq!(seen.len(), total, "{who}");
        assert!(seen.is_sorted_by(|one, two| one > two));
    }
    house.verify().await;
}

#[tokio::test]
async fn r08_an_offer_of_whoever_judges_the_crossing_waits_for_their_two_texts() {
    use locum_control::accept_offer::accept_offer;
    use locum_control::approve::{Approve, approve};
    use locum_control::offer::{OfferTerms, offer};
    let house = House::new().await;
    let both: &[(&str, &[&str])] = &[("billing", &["invoice.read"]), ("crm", &["contact.read"])];
    let request = house.filed(ALICE, &house.asking("desk:7", both, 30)).await;
    let terms = OfferTerms {
        scope: None::<Scope>,
        duration: Some(Minutes(15)),
        note: "a quarter of an hour will do".to_owned(),
    };
    let (control, mia, id) = (&house.control, house.caller(MIA), &request.id);
    let offered = offer(control, &mia, id, &terms).await.unwrap();
    let locum_domain::RequestState::Offered { offer, .. } = &offered.state else {
        panic!("no offer stands")
    };
    let digest = offer.scope_digest.as_str();
    let taken = accept_offer(control, &house.caller(ALICE), id, digest)
        .await
        .unwrap();
    assert_eq!(taken.route.approvals().count(), 0);
    let silent = Approve {
        scope_digest: taken.scope_digest().as_str().to_owned(),
        ..Approve::default()
    };
    let outcome = approve(control, &mia, id, &silent).await;
    house
        .assert_refused(outcome, MIA, "approve", Denial::ReasonMissing)
        .await;
    house.approve(MIA, id).await.unwrap();
    house.approved(&request).await;
    house.activate(ALICE, id).await.unwrap();
    house.verify().await;
}
