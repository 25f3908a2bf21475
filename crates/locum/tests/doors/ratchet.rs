//! Nothing is answered to nobody, and nothing happens unrecorded (R22, R33): every address that the routers have, and
//! lists of exceptions that may only shrink.

use std::collections::{BTreeMap, BTreeSet};

use locum_control::change::{ProposedChange, propose_change};
use locum_control::privileged::acts;
use locum_domain::{ChangeId, Event};
use locum_testkit::house::{House, SoftAuthenticator};

use crate::case::{Case, State};
use crate::client::{Answer, send};
use crate::endpoints::{self, Room};
use crate::events::{RECORDED, UNRECORDED};
use crate::street::Street;
use crate::{console, gateway};

/// Addresses that answer somebody without a credential, and why. A new one needs a reason; one that is closed by now
/// must go.
const FOR_ANYBODY: &[(&str, &str)] = &[
    (
        "GET /",
        "without a login it says what this is, and leads to the sign-in page",
    ),
    ("GET /login", "the sign-in page"),
    (
        "GET /login/oidc",
        "the way to the identity provider, where one is configured",
    ),
    (
        "GET /login/oidc/callback",
        "the way back; the provider's word is what it judges",
    ),
    (
        "POST /login/oidc/back-channel-logout",
        "the provider's signed token is its credential",
    ),
    (
        "GET /invitation/{code}",
        "the code is the credential, and is good once",
    ),
    (
        "POST /oauth2/token",
        "the credentials stand in its form; OAuth's own refusals",
    ),
    (
        "POST /oauth2/revoke",
        "whoever holds a token may throw it away",
    ),
    (
        "POST /oauth2/device_authorization",
        "a device that nobody has let in yet",
    ),
    (
        "POST /hooks/{connector}",
        "the case system's signature is its credential",
    ),
    ("GET /.well-known/jwks.json", "public keys"),
    (
        "GET /.well-known/oauth-authorization-server",
        "where the endpoints are",
    ),
    ("GET /.well-known/locum/banner.css", "how the banner looks"),
    (
        "GET /ledger/checkpoint",
        "public by the contract: no personal data in it",
    ),
    (
        "GET /ledger/tile/{*rest}",
        "public by the contract: no personal data in it",
    ),
    ("GET /openapi.json", "the description of the API"),
    ("GET /healthz", "for whoever keeps the process running"),
    ("GET /readyz", "for whoever keeps the process running"),
    ("GET /metrics", "numbers without names"),
];

/// What an auditor reads without leaving an event, and why there is nothing of anybody's in it.
const LOOKS_LEAVING_NOTHING: &[(&str, &str)] = &[
    ("GET /api/v1/me", "oneself"),
    ("GET /api/v1/me/logins", "one's own logins"),
    ("GET /account", "one's own logins and authenticators"),
    (
        "GET /api/v1/authenticators",
        "one's own; another person's are named in the query, and looked at",
    ),
    ("GET /confirm", "the form by which one proves oneself again"),
    ("GET /device", "the form that takes a device's code"),
    (
        "GET /requests/new",
        "an empty form, over what one may ask for",
    ),
    (
        "GET /api/v1/catalog/applications",
        "what one may ask for oneself",
    ),
    (
        "GET /api/v1/enrolments",
        "only those that wait for oneself, as everybody sees theirs",
    ),
    (
        "GET /enrolments",
        "only those that wait for oneself, as everybody sees theirs",
    ),
    ("GET /enrolments/lost", "only those one answers for"),
    (
        "GET /api/v1/absences",
        "who is away, which everybody here may know",
    ),
    (
        "GET /api/v1/founding",
        "the founders' keys, by which anybody verifies",
    ),
    (
        "GET /founding",
        "the founders' keys, by which anybody verifies",
    ),
    ("GET /api/v1/keys", "public keys"),
    (
        "GET /api/v1/ledger",
        "sizes, a checkpoint and witnesses: nobody's data",
    ),
    (
        "GET /record",
        "sizes, a checkpoint and witnesses: nobody's data",
    ),
    (
        "GET /api/v1/holds",
        "what is held, which stops everybody alike",
    ),
    ("GET /holds", "what is held, which stops everybody alike"),
];

/// What an auditor asks for and is not shown here, and why.
const NOT_SHOWN: &[(&str, &str)] = &[
    (
        "GET /api/v1/refusals/{id}",
        "no refusal has this id; the list of them is looked at",
    ),
    (
        "GET /founding/{code}",
        "a founder's link, and the founding is over",
    ),
    (
        "GET /open/{token}",
        "the way into an application, which an auditor never has",
    ),
    (
        "GET /api/v1/evidence",
        "no period is named; taking one that is leaves its event",
    ),
    (
        "GET /stop",
        "only those who may stop are shown what it would cut",
    ),
];

fn state(given: &[&str], who: &[&str]) -> State {
    let case = |name: &&str| Case {
        case: String::new(),
        rows: Vec::new(),
        attempt: format!("{name} approves"),
        expect: String::new(),
    };
    State {
        house: vec!["two founders are named".to_owned()],
        given: given.iter().map(|it| (*it).to_owned()).collect(),
        after: Vec::new(),
        cases: who.iter().map(case).collect(),
    }
}

/// An address with everything in it named.
fn filled(endpoint: &str, names: &BTreeMap<&str, String>) -> (String, String) {
    let (method, path) = endpoint.split_once(' ').unwrap();
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('/') {
        let before = parts.last().map(String::as_str).unwrap_or_default();
        let name = match part {
            "{id}" | "{token}" | "{code}" | "{person}" | "{connector}" | "{purpose}" => before,
            "{*rest}" => "rest",
            part => {
                parts.push(part.to_owned());
                continue;
            }
        };
        let named = names.get(name).cloned();
        parts.push(named.unwrap_or_else(|| "0".to_owned()));
    }
    (method.to_owned(), parts.join("/"))
}

async fn asked(
    street: &Street,
    room: Room,
    method: &str,
    path: &str,
    shown: &[(&str, &str)],
) -> Answer {
    let what = format!("{method} {path}");
    let host = format!("billing.act.localhost:{}", street.gateway_port);
    let (port, host) = match room {
        Room::Gateway => (street.gateway_port, Some(("host", host.as_str()))),
        _ => (street.server, None),
    };
    let kind = match room {
        Room::Http if path.starts_with("/api/") => "application/json",
        _ => "application/x-www-form-urlencoded",
    };
    let mut headers: Vec<(&str, &str)> = host.into_iter().collect();
    headers.extend(shown);
    if method == "POST" {
        headers.push(("content-type", kind));
    }
    send(
        port,
        &what,
        &headers,
        if method == "POST" && kind.ends_with("json") {
            b"{}"
        } else {
            b""
        },
    )
    .await
}

fn is_closed(answer: &Answer) -> bool {
    let to = answer.header("location").unwrap_or_default();
    matches!(answer.status, 401 | 403) || (answer.status == 303 && to.starts_with("/login"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r33_nobody_without_a_credential_is_answered_anywhere_but_where_anybody_may_be() {
    let upstream = gateway::application().await;
    let street = Street::of(&state(&[], &[]), upstream).await;
    let all = endpoints::all();
    assert!(all.len() > 120, "no router was read: {}", all.len());
    let mut open = BTreeMap::new();
    for (room, endpoint) in &all {
        let (method, path) = filled(endpoint, &BTreeMap::new());
        let answer = asked(&street, *room, &method, &path, &[]).await;
        if !is_closed(&answer) {
            open.insert(endpoint.as_str(), format!("answered {}", answer.status));
        }
    }
    street.close().await;
    exactly(&open, FOR_ANYBODY, "answers nobody in particular");
}

/// That these are exactly the listed ones.
fn exactly(found: &BTreeMap<&str, String>, listed: &[(&str, &str)], what: &str) {
    let names: BTreeSet<&str> = listed.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), listed.len(), "something is listed twice");
    assert!(
        listed.iter().all(|(_, why)| why.len() > 5),
        "every exception has its reason"
    );
    let new: Vec<_> = found
        .iter()
        .filter(|(it, _)| !names.contains(*it))
        .collect();
    let gone: Vec<_> = names.iter().filter(|it| !found.contains_key(*it)).collect();
    assert!(new.is_empty(), "these are new, and each {what}: {new:#?}");
    assert!(
        gone.is_empty(),
        "these are exceptions no more; take them off the list: {gone:#?}"
    );
}

#[test]
fn r22_every_act_has_the_event_that_it_leaves() {
    let listed: BTreeSet<&str> = RECORDED.iter().map(|(act, _)| *act).collect();
    let excused: BTreeSet<&str> = UNRECORDED.iter().map(|(act, _)| *act).collect();
    let known: BTreeSet<&str> = acts().map(|act| act.name).collect();
    let unsaid: Vec<_> = known
        .iter()
        .filter(|it| !listed.contains(*it) && !excused.contains(*it))
        .collect();
    assert!(unsaid.is_empty(), "say which event these leave: {unsaid:?}");
    let gone: Vec<_> = listed
        .union(&excused)
        .filter(|it| !known.contains(*it))
        .collect();
    assert!(gone.is_empty(), "no such acts: {gone:?}");
    assert!(listed.is_disjoint(&excused));
    let kinds = include_str!("../../../domain/src/event/kind.rs");
    for kind in RECORDED.iter().flat_map(|(_, kinds)| *kinds) {
        assert!(
            kinds.contains(&format!("=> \"{kind}\"")),
            "no event is called `{kind}`"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r22_r33_whatever_an_auditor_looks_at_is_on_the_record() {
    let upstream = gateway::application().await;
    let given = [
        "alice asks for invoice.read in billing on desk:7 for 30 minutes",
        "oscar approves",
        "prya approves",
        "alice activates",
        "alice ends the session",
        "sven stops wiki",
    ];
    let street = Street::of(&state(&given, &["audrey"]), upstream).await;
    let house = &street.played.house;
    let key = SoftAuthenticator::passkey("paul@corp.example", 1);
    let enrolment = house.ask_to_enrol(&key).await.unwrap();
    let change = proposed(house).await;
    let session = street.played.session().await;
    let review = house.reviews_of(&session.id).await.pop().unwrap();
    let refused = house.refusals().await;
    assert!(refused.is_empty(), "{refused:?}");
    let names = BTreeMap::from([
        ("requests", session.request.to_string()),
        ("sessions", session.id.to_string()),
        ("events", session.event.to_string()),
        ("reviews", review.id.to_string()),
        ("enrolments", enrolment.id.to_string()),
        ("applications", "billing".to_owned()),
        ("changes", change.to_string()),
    ]);
    let cookie = street.cookies["audrey@corp.example"].clone();
    let bearer = format!("Bearer {}", street.token("audrey@corp.example"));
    let (mut silent, mut not_shown) = (BTreeMap::new(), BTreeMap::new());
    let gets = endpoints::all()
        .into_iter()
        .filter(|(_, it)| it.starts_with("GET "));
    for (room, endpoint) in gets.filter(|(room, _)| *room != Room::Gateway) {
        let is_open = FOR_ANYBODY.iter().any(|(it, _)| *it == endpoint);
        if is_open {
            continue;
        }
        let (method, path) = filled(&endpoint, &names);
        let shown = match room {
            Room::Console => ("cookie", cookie.as_str()),
            _ => ("authorization", bearer.as_str()),
        };
        let before = looks(&street).await;
        let answer = asked(&street, room, &method, &path, &[shown]).await;
        let endpoint: &'static str = Box::leak(endpoint.into_boxed_str());
        if answer.status != 200 {
            not_shown.insert(endpoint, format!("answered {}", answer.status));
        } else if looks(&street).await == before {
            silent.insert(endpoint, "left no event".to_owned());
        }
    }
    street.close().await;
    exactly(&not_shown, NOT_SHOWN, "is not shown to an auditor");
    exactly(
        &silent,
        LOOKS_LEAVING_NOTHING,
        "shows an auditor something off the record",
    );
}

/// Authority lent for a shorter time than so far.
async fn proposed(house: &House) -> ChangeId {
    let applied = house.control.in_force().applied.clone();
    let shorter = |(path, text): (String, String)| (path, text.replace("2026-08-28", "2026-08-27"));
    let proposed = ProposedChange {
        base: None,
        files: applied.files.into_iter().map(shorter).collect(),
        settings: applied.settings,
        note: "nobody lends for longer than four weeks".to_owned(),
    };
    let caller = house.caller("sam@corp.example");
    let seen = propose_change(&house.control, &caller, &proposed).await;
    seen.unwrap().change.id
}

async fn looks(street: &Street) -> usize {
    let history = street.played.house.history().await;
    history
        .iter()
        .filter(|it| matches!(it.event, Event::EvidenceRead { .. }))
        .count()
}

/// The login that the console test signs in with is begun on the record.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r22_a_login_is_on_the_record() {
    let upstream = gateway::application().await;
    let street = Street::of(&state(&[], &[]), upstream).await;
    console::signed_in(street.server, "alice@corp.example").await;
    let history = street.played.house.history().await;
    assert!(history.iter().any(|it| it.event.kind() == "login-began"));
    street.close().await;
}
