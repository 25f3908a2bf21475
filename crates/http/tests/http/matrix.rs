//! Every address of the API, driven by somebody who must not get through it: each row is one of them (R33).

use std::collections::BTreeSet;

use axum::http::Method;
use jiff::SignedDuration;
use locum_control::privileged::{acts, behind};
use locum_login::{How, NewLogin, SeenFrom};
use locum_testkit::house::{House, SoftAuthenticator};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

/// Address, who comes without a right to it, and what they hear. `anybody` may: there is nothing of anybody's in it.
const STRANGERS_TO_IT: &str = "
    GET  /api/v1/refusals                       arno     200 nothing
    GET  /api/v1/refusals/{refusal}             arno     404 not-found
    GET  /api/v1/me                             anybody  200
    GET  /api/v1/me/logins                      arno     200 nothing
    POST /api/v1/me/logins/{login}/end          arno     404 not-found
    GET  /api/v1/catalog/applications           anybody  200
    GET  /api/v1/applications/{application}/unclassified  arno  404 not-found
    GET  /api/v1/founding                       anybody  200
    GET  /api/v1/keys                           anybody  200
    POST /api/v1/keys/grant/rotate              arno     403 not-an-approver
    POST /api/v1/keys/grant/rotate              audrey   403 not-an-approver
    POST /api/v1/keys/grant/rotate              aida     403 not-an-approver
    GET  /api/v1/authenticators?person=paul@corp.example  arno  404 not-found
    GET  /api/v1/authenticators                 arno     200 nothing
    POST /api/v1/authenticators/{authenticator}/revoke    arno  403 not-an-approver
    GET  /api/v1/enrolments                     arno     200 nothing
    POST /api/v1/enrolments                     aida     403 non-human-approver
    POST /api/v1/enrolments/invitations         arno     403 not-an-approver
    POST /api/v1/enrolments/invitations         alice    403 self-approval
    POST /api/v1/enrolments/invitations         aida     403 non-human-approver
    GET  /api/v1/enrolments/{enrolment}         arno     404 not-found
    POST /api/v1/enrolments/{enrolment}/approve arno     403 not-an-approver
    POST /api/v1/enrolments/{enrolment}/approve paul     403 self-approval
    POST /api/v1/enrolments/{enrolment}/approve aida     403 non-human-approver
    POST /api/v1/enrolments/{enrolment}/deny    arno     403 not-an-approver
    GET  /api/v1/requests                       arno     200 nothing
    POST /api/v1/requests                       oscar    403 not-eligible
    POST /api/v1/requests/preview               oscar    403 not-eligible
    GET  /api/v1/requests/{request}             arno     404 not-found
    GET  /api/v1/requests/{request}/explain     arno     404 not-found
    GET  /api/v1/requests/{request}/explain?as=petra@corp.example  alice  404 not-found
    POST /api/v1/requests/{request}/approve     arno     403 not-an-approver
    POST /api/v1/requests/{request}/approve     alice    403 self-approval
    POST /api/v1/requests/{request}/approve     aida     403 non-human-approver
    POST /api/v1/requests/{request}/statement   arno     403 not-an-approver
    POST /api/v1/requests/{request}/statement   alice    403 self-approval
    POST /api/v1/requests/{request}/countersign arno     403 not-an-approver
    POST /api/v1/requests/{request}/countersign/statement arno 403 not-an-approver
    GET  /api/v1/absences                       anybody  200
    POST /api/v1/absences                       arno     403 not-an-approver
    POST /api/v1/absences/{person}/end          arno     403 not-an-approver
    GET  /api/v1/erasures                       arno     404 not-found
    POST /api/v1/erasures                       arno     403 not-an-approver
    POST /api/v1/erasures/{erasure}/confirm     arno     404 not-found
    POST /api/v1/erasures/{erasure}/deny        arno     404 not-found
    POST /api/v1/erasures/{erasure}/statement   arno     404 not-found
    GET  /api/v1/exceptions                     arno     200 nothing
    POST /api/v1/exceptions                     arno     403 not-an-approver
    POST /api/v1/exceptions/{exception}/confirm arno     404 not-found
    POST /api/v1/exceptions/{exception}/deny    arno     404 not-found
    POST /api/v1/exceptions/{exception}/end     arno     404 not-found
    POST /api/v1/exceptions/{exception}/statement arno   404 not-found
    GET  /api/v1/governance                     anybody  200
    GET  /api/v1/changes                        arno     200 nothing
    POST /api/v1/changes                        arno     403 not-an-approver
    POST /api/v1/changes                        audrey   403 not-an-approver
    POST /api/v1/changes                        aida     403 non-human-approver
    POST /api/v1/changes/preview                arno     403 not-an-approver
    POST /api/v1/changes/preview                aida     403 non-human-approver
    GET  /api/v1/changes/{change}               arno     404 not-found
    POST /api/v1/changes/{change}/statement     arno     404 not-found
    POST /api/v1/changes/{change}/statement     sam      403 second-person-required
    POST /api/v1/changes/{change}/confirm       arno     404 not-found
    POST /api/v1/changes/{change}/confirm       sam      403 second-person-required
    POST /api/v1/changes/{change}/confirm       audrey   403 not-an-approver
    POST /api/v1/changes/{change}/confirm       aida     404 not-found
    POST /api/v1/changes/{change}/deny          arno     404 not-found
    POST /api/v1/changes/{change}/deny          sam      403 second-person-required
    POST /api/v1/changes/{change}/withdraw      arno     404 not-found
    POST /api/v1/changes/{change}/withdraw      sven     403 not-an-approver
    GET  /api/v1/delegations                    arno     200 nothing
    POST /api/v1/delegations/confirm            arno     403 not-an-approver
    POST /api/v1/delegations/confirm            mia      403 not-an-approver
    POST /api/v1/delegations/confirm            aida     403 not-an-approver
    POST /api/v1/requests/{request}/deny        arno     403 not-an-approver
    POST /api/v1/requests/{request}/ask         arno     403 not-an-approver
    POST /api/v1/requests/{request}/offer       arno     403 not-an-approver
    POST /api/v1/requests/{request}/answer      arno     404 not-found
    POST /api/v1/requests/{request}/accept      arno     404 not-found
    POST /api/v1/requests/{request}/withdraw    arno     404 not-found
    POST /api/v1/requests/{request}/extend      arno     404 not-found
    POST /api/v1/requests/{request}/activate    arno     404 not-found
    GET  /api/v1/sessions                       arno     200 nothing
    GET  /api/v1/sessions/{session}             arno     404 not-found
    GET  /api/v1/sessions/{session}/explain     arno     404 not-found
    POST /api/v1/sessions/{session}/open        arno     404 not-found
    POST /api/v1/sessions/{session}/end         arno     404 not-found
    GET  /api/v1/events                         arno     200 outlines
    GET  /api/v1/events/{event}                 arno     404 not-found
    GET  /api/v1/events/{event}/evidence        arno     404 not-found
    GET  /api/v1/evidence?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z arno 403 not-eligible
    GET  /api/v1/evidence?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z sam  403 not-eligible
    GET  /api/v1/ledger/verify                  arno     403 not-eligible
    POST /api/v1/applications/{application}/reconcile arno  404 not-found
    POST /api/v1/applications/{application}/reconcile petra 404 not-found
    GET  /api/v1/reviews                        arno     200 nothing
    GET  /api/v1/reviews/{review}               arno     404 not-found
    POST /api/v1/reviews/{review}/complete      arno     404 not-found
    POST /api/v1/reviews/{review}/statement     arno     404 not-found
    GET  /api/v1/ledger                         anybody  200
    POST /api/v1/stop                           arno     403 not-an-approver
    GET  /api/v1/holds                          anybody  200
    POST /api/v1/holds/{hold}/lift              arno     403 not-an-approver
    POST /api/v1/holds/{hold}/lift              sam      403 second-person-required
";

/// Where the right person comes with a device that they let in, and approvals are signed.
const DEVICES: &str = "
    POST /api/v1/requests/{request}/approve     oscar    401 signature-required
    POST /api/v1/requests/{approved}/activate   alice    401 signature-required
    POST /api/v1/enrolments/{enrolment}/approve sam      401 signature-required
    POST /api/v1/enrolments/invitations         sam      401 signature-required
    POST /api/v1/authenticators/{oscars}/revoke sam      401 signature-required
    POST /api/v1/keys/grant/rotate              sam      401 signature-required
    POST /api/v1/holds/{hold}/lift              sven     401 signature-required
    POST /api/v1/changes/{change}/confirm       sven     401 signature-required
";

struct Row {
    method: Method,
    path: String,
    who: String,
    status: u16,
    heard: String,
}

fn rows(table: &str) -> Vec<Row> {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            Row {
                method: words[0].parse().unwrap(),
                path: words[1].to_owned(),
                who: words[2].to_owned(),
                status: words[3].parse().unwrap(),
                heard: words.get(4).copied().unwrap_or_default().to_owned(),
            }
        })
        .collect()
}

/// The operations of the description, as `METHOD /path`.
fn described() -> BTreeSet<String> {
    let description: Value = serde_json::to_value(locum_http::openapi()).unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            operations.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    operations
}

/// The address of a row as the description has it.
fn general(row: &Row) -> String {
    let path = row
        .path
        .split('?')
        .next()
        .unwrap()
        .replace("/grant/", "/{purpose}/");
    let parts = path.split('/').map(|part| match part {
        "{purpose}" | "{person}" => part,
        part if part.starts_with('{') => "{id}",
        part => part,
    });
    format!("{} {}", row.method, parts.collect::<Vec<_>>().join("/"))
}

#[test]
fn r33_every_address_that_changes_something_is_an_act_with_its_rule() {
    let described = described();
    let changing: Vec<&String> = described
        .iter()
        .filter(|it| !it.starts_with("GET "))
        .collect();
    for endpoint in &changing {
        let act = behind(endpoint);
        assert!(
            act.is_some(),
            "{endpoint} is no act of `locum_control::privileged`"
        );
    }
    let ours = |endpoint: &&&str| {
        let path = endpoint.split(' ').next_back().unwrap();
        let rooms = ["/api/", "/oauth2/", "/hooks/", "/login/oidc/back-channel"];
        rooms.iter().any(|room| path.starts_with(room))
    };
    for endpoint in acts().flat_map(|act| act.endpoints).filter(ours) {
        assert!(
            described.contains(*endpoint),
            "{endpoint} is an act that nothing answers"
        );
    }
}

#[test]
fn r33_every_address_of_the_api_has_its_row() {
    let described = described();
    let api: BTreeSet<&String> = described
        .iter()
        .filter(|it| it.contains(" /api/"))
        .collect();
    let table = rows(STRANGERS_TO_IT);
    let driven: BTreeSet<String> = table.iter().map(general).collect();
    let missing: Vec<_> = api.iter().filter(|it| !driven.contains(**it)).collect();
    assert!(missing.is_empty(), "nobody is kept out of {missing:?}");
    let gone: Vec<_> = driven
        .iter()
        .filter(|it| !described.contains(*it))
        .collect();
    assert!(gone.is_empty(), "no such address: {gone:?}");
}

/// What the rows name.
struct Things {
    names: Vec<(&'static str, String)>,
    digest: Value,
    /// Another version of what counts, and a change to one that waits.
    version: Value,
    change: Value,
}

impl Things {
    fn path(&self, path: &str) -> String {
        let known = self.names.iter();
        known.fold(path.to_owned(), |path, (name, id)| {
            path.replace(&format!("{{{name}}}"), id)
        })
    }

    /// Words that the verb would take from whoever may use it.
    fn body(&self, site: &Site, path: &str) -> Value {
        let reason = json!({"reason": "somebody asked for it"});
        match path.rsplit('/').next().unwrap() {
            "changes" => self.version.clone(),
            "preview" if path.contains("changes") => self.version.clone(),
            "confirm" if path.contains("changes") => json!({"digest": self.change["digest"]}),
            "confirm" if path.contains("delegations") => {
                json!({"application": "crm", "person": "mia@corp.example"})
            }
            "requests" | "preview" => site.asked(),
            "approve" if path.contains("enrolments") => {
                let key = SoftAuthenticator::passkey("sam@corp.example", 1);
                json!({"signature": key.sign_digest(&[0; 32])})
            }
            "approve" | "accept" | "countersign" => json!({"scope_digest": self.digest}),
            "deny" | "revoke" => reason,
            "ask" => json!({"question": "which invoice is it?"}),
            "answer" => json!({"answer": "the one of August"}),
            "offer" => json!({"duration_minutes": 10, "note": "ten are enough"}),
            "extend" => json!({"duration_minutes": 10, "reason": "one more invoice must be read"}),
            "open" => json!({"application": "billing"}),
            "complete" => json!({"finding": "justified", "note": "two invoices were read"}),
            "statement" if path.contains("reviews") => {
                json!({"finding": "justified", "note": "two invoices were read"})
            }
            "erasures" => json!({
                "subject": "carla@acme.example", "reason": "she asked for it in writing",
            }),
            "exceptions" => json!({
                "application": "billing", "operation": "payout.create",
                "reason": "the bank's own portal is down", "until": "2100-01-01T00:00:00Z",
            }),
            "absences" => json!({
                "person": "petra@corp.example", "from": "2100-01-01", "until": "2100-01-02",
            }),
            "stop" => json!({"all": true}),
            "reconcile" => json!({"accepted": [{"session": "ses_minted"}]}),
            "enrolments" => crate::enrolments::asking(9).1,
            "invitations" => json!({"person": "alice@corp.example"}),
            _ => json!({}),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Alice's live session, an ended one under review, a request that waits, a hold, and Paul's keys.
async fn busy(site: &Site, sam: &SoftAuthenticator) -> Things {
    let (_, key) = crate::enrolments::enrolled(site, sam).await;
    let (_, body) = crate::enrolments::asking(8);
    let waiting = site.post("paul", "/api/v1/enrolments", body).await.json();
    let ended = site.activated().await;
    let end = format!("/api/v1/sessions/{}/end", text(&ended["id"]));
    assert_eq!(site.post("alice", &end, json!({})).await.status, 200);
    let reviews = site.get("audrey", "/api/v1/reviews").await.json();
    let live = site.activated().await;
    let request = site.filed().await;
    let own = format!("/api/v1/requests/{}/approve", text(&request["id"]));
    let words = json!({"scope_digest": request["scope_digest"]});
    assert_eq!(site.post("alice", &own, words).await.status, 403);
    let refusals = site.get("alice", "/api/v1/refusals").await.json();
    let case = json!({"case": "desk:99"});
    let stopped = site.post("sam", "/api/v1/stop", case).await.json();
    crate::delegating::lent(site).await;
    let (version, change) = changed(site).await;
    site.device("alice@corp.example");
    let alice = "alice@corp.example".parse().unwrap();
    let login = site.logins.of(&alice, None)[0].id.to_string();
    Things {
        digest: request["scope_digest"].clone(),
        version,
        names: vec![
            ("change", text(&change["id"])),
            ("login", login),
            ("application", "billing".to_owned()),
            ("authenticator", text(&key["authenticator"])),
            ("enrolment", text(&waiting["id"])),
            ("person", "petra@corp.example".to_owned()),
            ("erasure", format!("era_{}", "0".repeat(32))),
            ("exception", format!("exc_{}", "0".repeat(32))),
            ("request", text(&request["id"])),
            ("session", text(&live["id"])),
            ("event", text(&live["event"])),
            ("review", text(&reviews["items"][0]["id"])),
            ("hold", text(&stopped["hold"]["id"])),
            ("refusal", refusals["items"][0]["position"].to_string()),
        ],
        change,
    }
}

/// What somebody could propose, and a change of Sam's that waits.
async fn changed(site: &Site) -> (Value, Value) {
    let version = crate::changing::tightening(site).await;
    (version, crate::changing::waiting(site).await)
}

/// The token by which somebody comes.
fn token(site: &Site, who: &str) -> String {
    match who {
        "aida" => {
            let login = NewLogin::new("aida".parse().unwrap(), How::Program, SeenFrom::default());
            let token = site.logins.begin_token(login).unwrap().token;
            token.expose_secret().to_owned()
        }
        "anybody" => crate::site::token("arno"),
        person => crate::site::token(person),
    }
}

async fn sent(site: &Site, things: &Things, row: &Row, token: Option<&str>) -> Answer {
    let path = things.path(&row.path);
    let mut call = site.call(row.method.clone(), &path);
    if let Some(token) = token {
        call = call.with(token);
    }
    if row.method == Method::POST {
        call = call.json(&things.body(site, &path));
    }
    call.send().await
}

fn judge(row: &Row, answer: &Answer) -> Result<(), String> {
    let (who, path, said) = (&row.who, &row.path, answer.text());
    let wrong = |what: &str| Err(format!("{} {path} by {who}: {what}: {said}", row.method));
    if answer.status != row.status {
        return wrong(&format!("{} and not {}", answer.status, row.status));
    }
    let items = || {
        answer.json()["items"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let holds = match row.heard.as_str() {
        "" => true,
        "nothing" => items().is_empty(),
        // The feed has no gap, and says nothing of what is somebody else's.
        "outlines" => {
            let is_theirs = |item: &Value| {
                let stream = item["stream"].as_str().unwrap_or_default();
                stream.starts_with("request/") || stream.starts_with("session/")
            };
            !items().is_empty() && !items().iter().any(is_theirs)
        }
        code => answer.json()["code"] == code,
    };
    if holds {
        Ok(())
    } else {
        wrong("not what they must hear")
    }
}

#[tokio::test]
async fn r33_nobody_gets_through_an_address_that_is_not_theirs() {
    let site = Site::of(House::builder().founders()).await;
    let [_, sam] = site.house.founded().await;
    let things = busy(&site, &sam).await;
    let before = site.refusals().await.len();
    let table = rows(STRANGERS_TO_IT);
    let mut faults = Vec::new();
    for row in &table {
        let answer = sent(&site, &things, row, None).await;
        if answer.status != 401 {
            faults.push(format!(
                "{} {} as nobody: {}",
                row.method, row.path, answer.status
            ));
        }
        let answer = sent(&site, &things, row, Some(&token(&site, &row.who))).await;
        faults.extend(judge(row, &answer).err());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // Each refusal of somebody we know is on the record, once.
    let refused = table.iter().filter(|row| row.status >= 400).count();
    assert_eq!(site.refusals().await.len() - before, refused);
    site.close().await;
}

#[tokio::test]
async fn r17_r33_a_device_decides_and_begins_nothing_that_must_be_its_persons_own() {
    let site = Site::of(House::builder().founders().signature_demanded()).await;
    let [prya, sam] = site.house.founded().await;
    let oscar = site.house.enrolled("oscar@corp.example", &sam).await;
    site.house.clock.advance(SignedDuration::from_hours(25));
    let approved = site.filed().await;
    let id = approved["id"].as_str().unwrap().parse().unwrap();
    for key in [&oscar, &prya] {
        site.house.approve_signed(key, &id).await.unwrap();
    }
    let (_, body) = crate::enrolments::asking(8);
    let waiting = site.post("paul", "/api/v1/enrolments", body).await.json();
    let request = site.filed().await;
    let case = json!({"case": "desk:99"});
    let stopped = site.post("sam", "/api/v1/stop", case).await.json();
    let (version, change) = changed(&site).await;
    let things = Things {
        digest: request["scope_digest"].clone(),
        version,
        names: vec![
            ("change", text(&change["id"])),
            ("request", text(&request["id"])),
            ("approved", text(&approved["id"])),
            ("enrolment", text(&waiting["id"])),
            ("oscars", oscar.public.id.to_string()),
            ("hold", text(&stopped["hold"]["id"])),
        ],
        change,
    };
    let mut faults = Vec::new();
    for row in rows(DEVICES) {
        let token = site.device(&format!("{}@corp.example", row.who));
        let answer = sent(&site, &things, &row, Some(&token)).await;
        faults.extend(judge(&row, &answer).err());
        let challenge = answer.header("www-authenticate");
        if !challenge.contains("insufficient_user_authentication") {
            faults.push(format!("{}: {challenge}", row.path));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    site.close().await;
}
