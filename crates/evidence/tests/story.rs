//! R23: however many applications a session crosses, its record is one access event.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod ledger;

use ledger::scenario::{Script, person};
use ledger::signing::People;
use ledger::{Ledger, time};
use locum_domain::catalog::Tier;
use locum_domain::request::Offer;
use locum_domain::session::EndedBecause;
use locum_domain::{Event, Stream};
use locum_evidence::{AccessEvent, StoryError, report, story};

fn told(script: &Script) -> AccessEvent {
    let mut ledger = Ledger::new(1);
    ledger.fill(2);
    ledger.interleave(&[script.play()], 0);
    story(&ledger.events(&script.streams())).unwrap()
}

#[test]
fn r23_the_story_says_who_asked_who_approved_what_was_touched_and_why_it_ended() {
    let applications = vec!["billing", "crm"];
    let script = Script {
        applications,
        approvers: vec!["oscar", "prya"],
        ..Script::new(1)
    };
    let mut play = script.play();
    People::new(&["oscar", "prya"]).sign_approvals(&mut play);
    let mut ledger = Ledger::new(1);
    ledger.fill(2);
    ledger.interleave(&[play], 0);
    let told = story(&ledger.events(&script.streams())).unwrap();
    assert_eq!(told.filed.position, 2);
    assert_eq!(told.state, "ended");
    let approvals: Vec<_> = told
        .route
        .iter()
        .map(|step| step.approval.as_ref().unwrap())
        .collect();
    assert_eq!(approvals[0].by, person("oscar"));
    assert_eq!(
        (approvals[0].line.position, approvals[1].line.position),
        (4, 5)
    );
    assert_eq!(approvals[0].rules, ["approve-owner"]);
    assert_eq!(told.activation.unwrap().position, 7);
    let billing = &told.applications[0];
    assert_eq!(billing.accessed[0].object.as_deref(), Some("invoice:0"));
    assert_eq!(billing.refused[0].code.code(), "closed-operation");
    assert_eq!(
        (
            billing.requests.admitted,
            billing.requests.cut,
            billing.requests.refused
        ),
        (3, 1, 1)
    );
    assert_eq!(told.requests.admitted, 6);
    assert_eq!(told.ended_because, Some(EndedBecause::CaseClosed));
    assert!(
        told.applications
            .iter()
            .all(|it| it.end_confirmed.is_some())
    );
    assert_eq!(told.refusals[0].code.code(), "self-approval");
    assert_eq!(
        told.review.unwrap().completed.unwrap().note.by,
        person("rita")
    );
    let found: Vec<&str> = told.findings.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(found, ["beginning-unwitnessed"]);
}

#[test]
fn r23_the_time_line_is_plain_sentences_in_ledger_order() {
    let told = told(&Script {
        requests: 2,
        ..Script::new(1)
    });
    let sentences: Vec<&str> = told
        .timeline
        .iter()
        .map(|line| line.sentence.as_str())
        .collect();
    assert_eq!(
        sentences,
        [
            "ann asked to act as carla@example.org in billing for 30 minutes, for case desk:1: The customer's August invoice does not open: ü, 漢, \u{1}",
            "ann was refused (approve, self-approval): you asked for this yourself",
            "oscar approved as application-owner under approve-owner. The request is fully approved.",
            "The grant was used.",
            "The session of ann as carla@example.org began; it ends by 2026-11-24T22:30:20.000000Z.",
            "billing was opened with a one-time ticket.",
            "invoice.read on invoice:0 in billing, once.",
            "invoice.read on invoice:1 in billing, once.",
            "POST /api-keys in billing was refused (closed-operation), once.",
            "The session ended: case-closed.",
            "The request ended with its session.",
            "A review is owed by rita until 2026-11-26T22:00:00.000000Z.",
            "The end was confirmed in billing.",
            "rita found the session justified: Opened only the invoice of the case",
        ]
    );
    let positions: Vec<u64> = told
        .timeline
        .iter()
        .map(|line| line.line.position)
        .collect();
    assert!(positions.is_sorted());
}

#[test]
fn r23_the_record_says_how_requests_went_how_long_they_took_and_who_answered() {
    let told = told(&Script::new(1));
    let billing = &told.applications[0];
    assert_eq!(billing.requests.statuses["200"], 3);
    assert_eq!(billing.requests.longest_us, 1_002);
    assert!(billing.upstreams.contains("http://billing.internal:8080"));
    let row = &billing.accessed[0];
    assert_eq!(row.rule.as_str(), "grant");
    assert_eq!(row.template, "/invoices/*");
    assert_eq!(row.statuses["200"], row.ends.count);
    assert_eq!(billing.refused[0].rule.as_deref(), Some("credentials"));
    let page = report(&told);
    assert!(
        page.contains("<td>1 \u{d7} 200</td><td>1 ms</td>"),
        "{page}"
    );
}

#[test]
fn r23_what_was_touched_and_is_not_known_is_a_finding_once_for_each_operation_above_low() {
    let script = |strictest| Script {
        applications: vec!["billing", "crm"],
        approvers: vec!["oscar", "prya"],
        has_objects: false,
        strictest,
        ..Script::new(1)
    };
    let gaps = |strictest| {
        let told = told(&script(strictest));
        let mut gaps = told.findings;
        gaps.retain(|it| it.code == "object-unknown");
        gaps
    };
    let found = gaps(Tier::Standard);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        found[0].sentence,
        "3 requests of invoice.read in billing do not say which object was touched."
    );
    assert!(found[0].position < found[1].position);
    assert_eq!(gaps(Tier::Low), []);
    let told = told(&script(Tier::Regulated));
    let sentences = told.timeline.iter().map(|it| it.sentence.as_str());
    assert!(
        sentences
            .into_iter()
            .any(|it| it == "invoice.read on query invoice in billing, once.")
    );
}

#[test]
fn r13_questions_and_an_accepted_offer_stand_in_the_story_with_the_digest_of_the_narrower_version()
{
    let script = Script {
        applications: vec!["billing", "crm"],
        ..Script::new(1)
    };
    let stream = Stream::Request(script.request_id());
    let events = script.narrowed();
    let mut ledger = Ledger::new(1);
    for event in &events {
        ledger.record(&stream, event);
    }
    let told = story(&ledger.events(std::slice::from_ref(&stream))).unwrap();
    assert_eq!((told.state.as_str(), told.version), ("approved", 2));
    assert_eq!(told.questions[0].answer.as_ref().unwrap().text, "August");
    let offer = &told.offers[0];
    assert_eq!(offer.accepted.as_ref().unwrap().line.position, 4);
    assert_eq!(offer.scope_digest, told.scope_digest);
    let approval = told.route[0].approval.as_ref().unwrap();
    assert_eq!(
        (approval.line.position, &approval.scope_digest),
        (3, &told.scope_digest)
    );
    assert!(told.session.is_none());
    let codes: Vec<&str> = told.findings.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["approval-unsigned"]);

    // The pack holds exactly what the maker of the offer approved.
    let bytes = ledger.pack(&[stream]).build().unwrap();
    let files = ledger::unzip(&bytes);
    let file = files
        .iter()
        .find(|(name, _)| name == "approvals/3.json")
        .unwrap();
    let approval: serde_json::Value = serde_json::from_slice(&file.1).unwrap();
    assert_eq!(approval["shown"]["version"], 2);
    assert_eq!(approval["shown"]["duration_minutes"], 10);
    let Event::OfferMade { offer, .. } = &events[3] else {
        panic!("an offer")
    };
    assert_eq!(
        approval["scope_digest"],
        Offer::clone(offer).scope_digest.as_str()
    );
    locum_evidence::verify(&bytes, &locum_evidence::VerifyOptions::default()).unwrap();
}

#[test]
fn r16_an_extension_is_part_of_the_story_with_its_own_approvals() {
    let script = Script::new(1);
    let (play, stream) = script.extended();
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[play], 0);
    let streams = [script.streams(), vec![stream]].concat();
    let told = story(&ledger.events(&streams)).unwrap();
    let extension = told.extension.unwrap();
    assert_eq!(extension.end_by, Some(time(3_620)));
    assert_eq!(told.end_by, Some(time(3_620)));
    assert_eq!(
        extension.asked.route[0].approval.as_ref().unwrap().by,
        person("oscar")
    );
    let bytes = ledger.pack(&streams).build().unwrap();
    locum_evidence::verify(&bytes, &locum_evidence::VerifyOptions::default()).unwrap();
}

#[test]
fn r23_stops_case_changes_looks_and_strays_stand_in_the_story() {
    let script = Script::new(1);
    let (play, held) = script.eventful();
    let mut ledger = Ledger::new(1);
    ledger.interleave(&[play], 0);
    let told = story(&ledger.events(&[script.streams(), vec![held]].concat())).unwrap();
    assert_eq!(told.case_changes[0].source, "webhook");
    assert_eq!(told.holds[0].lifted.as_ref().unwrap().by, person("prya"));
    assert_eq!(told.reads.len(), 2);
    assert_eq!(told.refused_elsewhere[0].application.as_str(), "wiki");
    assert_eq!(told.requests.refused, 2);
    let unsigned = told.findings.iter();
    let unsigned: Vec<_> = unsigned
        .filter(|it| it.code == "countersignature-missing")
        .map(|it| it.sentence.as_str())
        .collect();
    assert_eq!(
        unsigned,
        [
            "The emergency skipped security-or-privacy-or-compliance, and nobody has signed for it afterwards."
        ]
    );
}

#[test]
fn r23_a_request_that_came_to_nothing_is_told_to_its_end() {
    for (last, state) in [
        ("denied", "denied"),
        ("withdrawn", "withdrawn"),
        ("lapsed", "lapsed"),
        ("tightened", "lapsed"),
    ] {
        let script = Script::new(1);
        let stream = Stream::Request(script.request_id());
        let mut ledger = Ledger::new(1);
        for event in script.fruitless(last) {
            ledger.record(&stream, &event);
        }
        let told = story(&ledger.events(&[stream])).unwrap();
        assert_eq!(told.state, state);
        assert_eq!(told.escalated.unwrap().to, person("sam"));
        assert_eq!(told.timeline.len(), 3);
        assert!(told.activation.is_none() && told.findings.is_empty());
    }
}

#[test]
fn r23_what_does_not_belong_is_refused_and_named() {
    let mut ledger = Ledger::new(1);
    let (one, two) = (Script::new(1), Script::new(2));
    ledger.interleave(&[one.play(), two.play()], 0);
    let both = ledger.events(&[one.streams(), two.streams()].concat());
    assert_eq!(story(&both), Err(StoryError::OtherEvent(1)));
    assert_eq!(story(&[]), Err(StoryError::NoRequest));
    let events = ledger.events(&one.streams());
    let mut doubled = events.clone();
    doubled.insert(1, events[0].clone());
    assert_eq!(story(&doubled), Err(StoryError::Order(0)));
    let mut moved = events;
    moved[1].stream = Stream::Review(two.review_id());
    assert!(matches!(story(&moved), Err(StoryError::OtherEvent(_))));
}

#[test]
fn r23_the_story_as_json_is_read_again_as_it_was_written() {
    let told = told(&Script::new(1));
    let json = serde_json::to_string(&told).unwrap();
    assert!(json.starts_with("{\"findings\":[{\"code\":"), "{json}");
    assert!(json.contains("\"ended_because\":\"case-closed\""));
    assert_eq!(serde_json::from_str::<AccessEvent>(&json).unwrap(), told);
}

#[test]
fn the_report_needs_nothing_from_elsewhere_and_runs_nothing() {
    let mut script = Script::new(1);
    script.applications = vec!["<script>alert(1)</script>"];
    let page = report(&told(&script));
    // Who answered is told as text, and leads nowhere.
    let page = page.replace("<td>http://billing.internal:8080</td>", "<td></td>");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    for foreign in [
        "<script",
        "http://",
        "https://",
        "src=",
        "href=",
        "url(",
        "@import",
        "javascript:",
        " onload",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}
