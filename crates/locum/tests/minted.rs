//! Somebody stole the key that signs assertions and mints a session: an application that asks for witnesses lets
//! nobody in by it, and one that does not finds it by its own log (R24).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use common::deployment::{ASKER, AUDITOR, Deployment, token};
use common::people::text;
use common::process::run;
use common::witness::{Beta, SOON, ledger_key};
use common::{client, wait_for};
use jiff::{SignedDuration, Timestamp};
use locum_demo::apps::{Trust, Witnesses, billing};
use locum_token::{Actor, ActorProfile, Assertion, AssertionInput, LocumClaims, SigningKey};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const OPERATIONS: &str = r#"[[operation]]
id = "invoice.read"
effect = "read"
routes = ["GET /invoices", "GET /invoices/*"]
object = "invoice:{1}"
"#;

/// The sample application in this process, with a log of what it accepts.
struct Billing {
    port: u16,
    log: PathBuf,
}

impl Billing {
    fn serve(
        runtime: &Runtime,
        deployment: &Deployment,
        name: &str,
        witnesses: Option<Witnesses>,
    ) -> Self {
        let folder = deployment.folder.join(name);
        fs::create_dir(&folder).unwrap();
        let server = deployment.server;
        let trust = Trust {
            issuer: format!("http://localhost:{server}"),
            jwks_url: format!("http://127.0.0.1:{server}/.well-known/jwks.json"),
            clock: Arc::new(Timestamp::now),
            accepted_logs: Some(folder.clone()),
            witnesses,
        };
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(billing::serve(listener, trust, CancellationToken::new()));
        Self {
            port,
            log: folder.join("billing.jsonl"),
        }
    }

    fn asked(&self, assertion: &str) -> client::Answer {
        let headers = [("locum-assertion", assertion)];
        client::send(self.port, "GET /invoices", &headers, b"").unwrap()
    }

    fn accepted(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }
}

/// What the thief writes, with the key that signs for billing.
struct Minted<'a> {
    session: &'a str,
    event: &'a str,
    activation: u64,
}

impl Minted<'_> {
    fn signed(&self, deployment: &Deployment) -> String {
        let pem = deployment.folder.join("keys/assertions/billing.key");
        let pem = fs::read_to_string(pem).unwrap();
        let key = SigningKey::from_pkcs8_pem(&pem, &SystemRandom::new()).unwrap();
        let issuer = format!("http://localhost:{}", deployment.server);
        let now = Timestamp::now();
        let input = AssertionInput {
            issuer: issuer.clone(),
            audience: billing::AUDIENCE.to_owned(),
            subject: "carol.diaz".to_owned(),
            actor: Actor::new(issuer, ASKER, ActorProfile::User),
            client_id: "locum".to_owned(),
            scope: "invoice.read".parse().unwrap(),
            session: self.session.to_owned(),
            access_event: self.event.to_owned(),
            assertion_id: format!("minted-{}", self.session),
            confirmation: None,
            locum: LocumClaims {
                case: "quay:7".to_owned(),
                grant: "grt_minted".to_owned(),
                mode: "read".to_owned(),
                break_glass: false,
                activation: self.activation,
            },
            session_ends_at: now + SignedDuration::from_mins(10),
        };
        let signed = Assertion::issue(input, now, &key, &SystemRandom::new());
        signed.unwrap().0
    }
}

/// Billing beside parcels, for the same people.
fn with_billing(deployment: &Deployment, port: u16) -> u16 {
    let address = common::free_port();
    let file = format!(
        "id = \"billing\"\nname = \"Billing\"\ntier = \"standard\"\ndata = [\"personal\"]\n\
         owner = \"ned@harbour.example\"\nupstream = \"http://127.0.0.1:{port}\"\naddress = \"127.0.0.1:{address}\"\n\n\
         [subjects]\nsource = \"file\"\nfile = \"../subjects.toml\"\n\n{OPERATIONS}"
    );
    deployment.put("catalog/applications/billing.toml", &file);
    let subject =
        "[[subject]]\ncase_subject = \"c-7\"\nid = \"carol.diaz\"\ntenant = \"lighthouse\"\n";
    deployment.put("catalog/subjects.toml", subject);
    let eligibility = "catalog/eligibility.toml";
    deployment.edit(eligibility, "[\"parcels\"]", "[\"parcels\", \"billing\"]");
    deployment.edit(
        eligibility,
        "[\"parcel.read\"]",
        "[\"parcel.read\", \"invoice.read\"]",
    );
    address
}

/// The session, and the access token for billing.
fn begun(deployment: &Deployment) -> (Value, String) {
    let body = json!({
        "case": "quay:7",
        "reason": "The customer says the invoice is wrong; I need to see what they see.",
        "applications": [{ "application": "billing", "operations": ["invoice.read"] }],
        "duration_minutes": 30,
    });
    let filed = deployment.post(ASKER, "/api/v1/requests", &body).unwrap();
    let request = filed.expect(201, "filing").json();
    deployment
        .approve(&request)
        .unwrap()
        .expect(200, "approving");
    let activated = deployment.activate(&text(&request, "id")).unwrap();
    let activated = activated.expect(201, "activating").json();
    let grant = text(&activated, "grant_token");
    let exchanged = deployment.exchange_for("billing", &grant).unwrap();
    let bearer = text(&exchanged.expect(200, "exchanging").json(), "access_token");
    let path = format!("/api/v1/sessions/{}", text(&activated, "id"));
    let session = deployment.get(AUDITOR, &path).unwrap();
    (session.expect(200, "the session").json(), bearer)
}

fn through_the_gateway(address: u16, bearer: &str) -> client::Answer {
    let authorization = format!("Bearer {bearer}");
    let host = format!("127.0.0.1:{address}");
    let headers = [("host", host.as_str()), ("authorization", &authorization)];
    client::send(address, "GET /invoices", &headers, b"").unwrap()
}

fn reconciled(deployment: &Deployment, log: &Path, more: &[&str]) -> Output {
    let url = format!("http://localhost:{}", deployment.server);
    let (auditor, log) = (token(AUDITOR), log.display().to_string());
    let words = [
        "--url",
        &url,
        "--token",
        &auditor,
        "reconcile",
        "billing",
        &log,
    ];
    run(&[&words[..], more].concat(), &[])
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// The place of the session's start in the ledger.
fn activation(deployment: &Deployment, session: &Value) -> u64 {
    let id = text(session, "id");
    let is_start =
        |item: &&Value| item["kind"] == "session-started" && item.to_string().contains(&id);
    let feed = deployment.feed(None);
    let start = feed
        .iter()
        .find(is_start)
        .expect("its start is in the feed");
    start["position"].as_u64().unwrap()
}

#[test]
fn r24_a_session_minted_with_the_stolen_assertion_key_is_refused_by_witnesses_or_found_by_reconciling()
 {
    let home = tempfile::tempdir().unwrap();
    let deployment = Deployment::write(home.path());
    let vkey = ledger_key(&deployment).verifier_key().to_string();
    let beta = Beta::of(&home.path().join("beta"), &vkey);
    let witness = beta.serve();
    beta.is_trusted_by(&deployment);
    let runtime = Runtime::new().unwrap();
    let witnesses = Witnesses {
        policy: format!("log {vkey}\n{}", beta.trusted()),
        ledger_url: format!("http://127.0.0.1:{}/ledger", deployment.server),
    };
    let careful = Billing::serve(&runtime, &deployment, "careful", Some(witnesses));
    let trusting = Billing::serve(&runtime, &deployment, "trusting", None);
    let address = with_billing(&deployment, careful.port);
    let server = deployment.serve();

    // A session that was asked for, approved and begun: both kinds of application let it in.
    let (session, bearer) = begun(&deployment);
    let page = through_the_gateway(address, &bearer).expect(200, "a witnessed session");
    assert!(page.text().contains("INV-2041"), "{}", page.text());
    let own = careful.accepted();
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(
        (&own[0]["sid"], &own[0]["txn"]),
        (&session["id"], &session["event"])
    );
    let clean = reconciled(&deployment, &careful.log, &[]);
    assert!(clean.status.success(), "{}", said(&clean));
    assert_eq!(said(&clean), "1 session, on the record\n");

    // The thief's: wherever it points, there is nothing of it that a witness saw.
    let start = activation(&deployment, &session);
    let (made_up, event) = (
        "ses_77777777777777777777777777777777",
        "evt_77777777777777777777777777777777",
    );
    let rows = [
        ("beyond the ledger", 1_000_000, 503),
        ("the start of somebody's session", start, 401),
        ("an entry of another kind", start - 1, 401),
    ];
    for (what, activation, status) in rows {
        let minted = Minted {
            session: made_up,
            event,
            activation,
        }
        .signed(&deployment);
        let answer = careful.asked(&minted);
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        assert!(!answer.text().contains("INV-2041"), "{what}");
        match status {
            503 => assert_eq!(answer.header("retry-after"), Some("2")),
            _ => assert!(
                answer
                    .header("www-authenticate")
                    .unwrap()
                    .contains("unrecorded")
            ),
        }
    }
    assert_eq!(
        careful.accepted().len(),
        1,
        "what is refused is not accepted"
    );

    // Without witnesses the application is deceived, and its own log tells.
    let minted = Minted {
        session: made_up,
        event,
        activation: start,
    }
    .signed(&deployment);
    let page = trusting
        .asked(&minted)
        .expect(200, "nobody asked a witness");
    assert!(page.text().contains("INV-2041"));
    let config = deployment.config().display().to_string();
    for more in [&[][..], &["--config", &config][..]] {
        let found = reconciled(&deployment, &trusting.log, more);
        assert_eq!(found.status.code(), Some(1), "{}", said(&found));
        let told = said(&found);
        assert!(
            told.contains(made_up) && told.contains("unknown-session"),
            "{told}"
        );
        assert!(
            told.contains("the record does not explain 1 of 1 sessions"),
            "{told}"
        );
    }
    let looks = wait_for("the comparisons are on the record", SOON, || {
        let feed = deployment.feed(None).into_iter();
        let looks = feed.filter(|item| item.to_string().contains("reconciliation of billing"));
        let count = looks.count();
        (count > 0).then_some(count)
    });
    assert_eq!(looks, 2, "one by each comparison that the server made");
    server.stop();
    witness.stop();
}
