//! No token, password, cookie or card number reaches the record (R22, R26): they are sent by every way there is through
//! a real server to a real application, and every byte that stays anywhere is searched for them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic here fails the test, as it should"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use common::client::{self, Answer, head_end, value_of};
use common::deployment::{ASKER, AUDITOR, Deployment, token};
use common::people::Session;
use common::process::run;
use serde_json::json;

/// What must stay nowhere, with the way that each is likely to take.
const SECRETS: [(&str, &str); 9] = [
    ("a password", "Tr0ub4dor&3/never-written"),
    (
        "a JSON Web Token",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjdXN0b21lci03In0.c2lnbmF0dXJlLW9mLWEtdGVzdA",
    ),
    ("an access key", "sk_live_Q2hhbmdlTWVOb3dQbGVhc2U3"),
    ("a session's cookie", "9b1deb4dXw3b7d4badX9bddX2b0d7b3dcb6d"),
    ("a card's number", "4539578763621486"),
    ("a card's number in groups", "5425 2334 3010 9903"),
    ("a reset link's token", "rl-7Gq2xUeM4t"),
    ("a recovery code", "hunter2-recovery-0042"),
    (
        "random bytes in hexadecimal",
        "c0ffee254729296a45a3885639ac7e10f9d54979",
    ),
];

/// An application that keeps what reaches it, and says secrets in answers of every kind.
struct Leaky {
    port: u16,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Leaky {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || converse(stream, &kept));
            }
        });
        Self { port, seen }
    }

    fn has_seen(&self, secret: &str) -> bool {
        let seen = self.seen.lock().unwrap();
        seen.iter().any(|it| holds(it, secret.as_bytes()))
    }
}

fn converse(mut stream: TcpStream, kept: &Mutex<Vec<Vec<u8>>>) {
    let mut waiting = Vec::new();
    let mut bytes = [0; 4_096];
    loop {
        let request = loop {
            if let Some(end) = head_end(&waiting) {
                let head = String::from_utf8_lossy(&waiting[..end]).into_owned();
                let length = value_of(&head, "content-length").map_or(0, |it| it.parse().unwrap());
                if waiting.len() >= end + 4 + length {
                    break waiting.drain(..end + 4 + length).collect::<Vec<u8>>();
                }
            }
            match stream.read(&mut bytes) {
                Ok(read) if read > 0 => waiting.extend_from_slice(&bytes[..read]),
                _ => return,
            }
        };
        let first = String::from_utf8_lossy(&request).into_owned();
        kept.lock().unwrap().push(request);
        let says: String = SECRETS.map(|(_, secret)| secret).join("\n");
        let cookie = SECRETS[3].1;
        let (status, more) = if first.contains(" /api/fails") {
            (
                "500 Internal Server Error",
                "www-authenticate: Basic realm=\"x\"\r\n",
            )
        } else if first.contains(" /api/breaks") {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
            let _ = stream.write_all(format!("{head}{says}").as_bytes());
            return;
        } else if first.contains(" /api/moves") {
            (
                "302 Found",
                "location: /api/things?token=eyJhbGciOiJIUzI1NiJ9.e30.x\r\n",
            )
        } else {
            ("200 OK", "")
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\nset-cookie: sid={cookie}; Path=/\r\nx-secret: {cookie}\r\n{more}\
             content-type: text/plain\r\ncontent-length: {}\r\n\r\n{says}",
            says.len()
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

const OPERATIONS: &str = r#"id = "parcels"
name = "Parcels"
tier = "standard"
data = ["personal"]
owner = "ned@harbour.example"
upstream = "http://127.0.0.1:UPSTREAM"
address = "127.0.0.1:ADDRESS"
graphql = { endpoints = ["POST /graphql"] }

[[operation]]
id = "parcel.read"
effect = "read"
routes = ["GET /parcels/*", "GET /api/**"]
object = "parcel:{1}"

[[operation]]
id = "thing.write"
effect = "write"
routes = ["POST /api/**", "POST /reset/*", "POST /pay/*", "POST /d/*"]
object = "thing:{1}"

[[operation]]
id = "thing.find"
effect = "read"
graphql = ["query thing"]
object = "thing:{token}"
"#;

fn deployed(folder: &Path, upstream: u16) -> Deployment {
    let deployment = Deployment::write(folder);
    let file = OPERATIONS
        .replace("UPSTREAM", &upstream.to_string())
        .replace("ADDRESS", &deployment.address.to_string());
    deployment.put("catalog/applications/parcels.toml", &file);
    deployment.edit(
        "catalog/eligibility.toml",
        "[\"parcel.read\"]",
        "[\"parcel.read\", \"thing.write\", \"thing.find\"]",
    );
    deployment
}

/// A session that may do everything there.
fn begun(deployment: &Deployment) -> Session {
    let body = json!({
        "case": "quay:7",
        "reason": "The customer says the parcel does not arrive; I need to see what they see.",
        "applications": [{ "application": "parcels", "operations": ["parcel.read", "thing.write", "thing.find"] }],
        "duration_minutes": 30,
    });
    let filed = deployment.post(ASKER, "/api/v1/requests", &body).unwrap();
    let request = filed.expect(201, "filing").json();
    deployment
        .approve(&request)
        .unwrap()
        .expect(200, "approving");
    let id = request["id"].as_str().unwrap().to_owned();
    let activated = deployment.activate(&id).unwrap().expect(201, "activating");
    let activated = activated.json();
    let grant_token = activated["grant_token"].as_str().unwrap().to_owned();
    let exchanged = deployment.exchange(&grant_token).unwrap();
    let exchanged = exchanged.expect(200, "exchanging").json();
    Session {
        id: activated["id"].as_str().unwrap().to_owned(),
        request: id,
        case: 7,
        grant_token,
        bearer: exchanged["access_token"].as_str().unwrap().to_owned(),
    }
}

/// Sends to the application's own door; an answer that breaks off is one too.
fn call(
    deployment: &Deployment,
    bearer: &str,
    what: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Answer> {
    let host = format!("127.0.0.1:{}", deployment.address);
    let authorization = format!("Bearer {bearer}");
    let mut all = vec![
        ("host", host.as_str()),
        ("authorization", authorization.as_str()),
    ];
    all.extend(headers);
    client::send(deployment.address, what, &all, body).ok()
}

/// Every byte that is not of a name, as `%XX`.
fn percent(text: &str, is_lower: bool) -> String {
    let encoded = text.bytes().map(|b| match b {
        b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => char::from(b).to_string(),
        b if is_lower => format!("%{b:02x}"),
        b => format!("%{b:02X}"),
    });
    encoded.collect()
}

/// How a secret can stand somewhere: as it is, encoded for an address, and inside base64 or hexadecimal digits.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let mut all: BTreeSet<Vec<u8>> = BTreeSet::new();
    all.insert(secret.into());
    all.insert(percent(secret, false).into());
    all.insert(percent(secret, true).into());
    all.insert(secret.replace(' ', "+").into());
    let json = serde_json::to_string(secret).unwrap();
    all.insert(json.trim_matches('"').into());
    let hexadecimal: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
    all.insert(hexadecimal.to_uppercase().into());
    all.insert(hexadecimal.into());
    for skipped in 0..3 {
        // What stands before it moves it against the groups of base64, whose ends depend on what stands around.
        let whole = (secret.len() - skipped) / 3 * 3;
        let part = &secret.as_bytes()[skipped..skipped + whole];
        all.insert(STANDARD_NO_PAD.encode(part).into());
        all.insert(URL_SAFE_NO_PAD.encode(part).into());
    }
    all.into_iter().collect()
}

fn found(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let (first, mut from) = (part[0], 0);
    while let Some(at) = bytes[from..].iter().position(|b| *b == first) {
        from += at;
        if bytes[from..].starts_with(part) {
            return Some(from);
        }
        from += 1;
    }
    None
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    found(bytes, part).is_some()
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Everything that the server wrote beside the files it was given.
fn written(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    files_below(folder, &mut files);
    let given = ["catalog", "keys", "policies"];
    files.retain(|path| {
        let below = path.strip_prefix(folder).unwrap();
        let top = below.components().next().unwrap().as_os_str().to_str();
        let is_setting = ["locum.toml", "tokens.toml", "hook-secret"].contains(&top.unwrap());
        !is_setting && !given.contains(&top.unwrap())
    });
    files
        .into_iter()
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect()
}

/// Sends every secret by every way.
fn drive(deployment: &Deployment, session: &Session) {
    let bearer = session.bearer.as_str();
    let json = [("content-type", "application/json")];
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let multipart = [("content-type", "multipart/form-data; boundary=b")];
    for (_, secret) in SECRETS {
        let encoded = percent(secret, false);
        let send = |what: &str, headers: &[(&str, &str)], body: &str| {
            call(deployment, bearer, what, headers, body.as_bytes())
        };
        let get = |path: &str| send(&format!("GET {path}"), &[], "");
        // Headers.
        send(
            "GET /api/things",
            &[
                ("x-api-key", secret),
                ("cookie", &format!("sid={encoded}; theme=dark")),
                (
                    "referer",
                    &format!("http://elsewhere.example/?token={encoded}"),
                ),
                ("user-agent", secret),
                (
                    "proxy-authorization",
                    &format!("Basic {}", STANDARD_NO_PAD.encode(secret)),
                ),
                ("x-forwarded-for", secret),
            ],
            "",
        );
        // Queries, of what passes and of what does not.
        get(&format!("/api/things?token={encoded}&password={encoded}"));
        get(&format!("/nowhere?token={encoded}"));
        // Bodies of every kind, of what passes and of what does not.
        for path in ["/api/things", "/nowhere"] {
            let what = format!("POST {path}");
            send(
                &what,
                &json,
                &json!({ "password": secret, "deep": [{ "it": secret }] }).to_string(),
            );
            send(&what, &form, &format!("password={encoded}&card={encoded}"));
            let part = format!(
                "--b\r\ncontent-disposition: form-data; name=\"password\"; filename=\"{encoded}\"\r\n\r\n{secret}\r\n--b--\r\n"
            );
            send(&what, &multipart, &part);
        }
        // Addresses: where a credential belongs, for what passes and what does not.
        for place in ["reset", "password/set", "token", "api_key"] {
            send(&format!("POST /{place}/{encoded}"), &form, "a=b");
            get(&format!("/{place}/{encoded}/"));
            get(&format!("/api/{place}/{encoded}"));
            get(&format!("/api/things;jsessionid={encoded}"));
            get(&format!("/api/password={encoded}"));
        }
        // A document, its variables, and what stands in its text.
        let query = "query Find($token: String!) { thing(token: $token) { id } }";
        send(
            "POST /graphql",
            &json,
            &json!({ "query": query, "variables": { "token": secret } }).to_string(),
        );
        let text = serde_json::to_string(secret).unwrap();
        for field in ["thing", "otherThing"] {
            let query = format!("{{ {field}(token: {text}) {{ id }} }}");
            send(
                "POST /graphql",
                &json,
                &json!({ "query": query }).to_string(),
            );
        }
        send("POST /graphql", &json, &format!("{{\"query\": {text}"));
        // An upgrade to a WebSocket, which carries what it likes.
        send(
            "GET /api/socket",
            &[
                ("connection", "upgrade"),
                ("upgrade", "websocket"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("sec-websocket-protocol", &URL_SAFE_NO_PAD.encode(secret)),
            ],
            "",
        );
        // Credentials that open nothing here, at the gateway and at the server.
        call(deployment, &encoded, "GET /parcels/1", &[], b"");
        let host = format!("127.0.0.1:{}", deployment.address);
        for headers in [
            vec![
                ("host", host.as_str()),
                ("cookie", &*format!("locum={encoded}")),
            ],
            vec![
                ("host", &*format!("{}.example", secret.len())),
                ("cookie", &encoded),
            ],
        ] {
            let path = format!("GET /.well-known/locum/open?ticket={encoded}");
            let _ = client::send(deployment.address, &path, &headers, b"");
            let _ = client::send(deployment.address, "GET /parcels/1", &headers, b"");
        }
        let authorization = format!("Bearer {encoded}");
        let wrong = [("authorization", authorization.as_str())];
        let _ = client::send(deployment.server, "GET /api/v1/requests", &wrong, b"");
        let token_form = format!(
            "grant_type=password&username=x&password={encoded}&client_secret={encoded}&subject_token={encoded}"
        );
        let _ = client::send(
            deployment.server,
            "POST /oauth2/token",
            &form,
            token_form.as_bytes(),
        );
        let signed = [
            ("content-type", "application/json"),
            ("webhook-signature", &encoded),
        ];
        let _ = client::send(
            deployment.server,
            "POST /hooks/quay",
            &signed,
            text.as_bytes(),
        );
        // Bodies and addresses of the server's own that are refused.
        let _ = deployment.post(ASKER, "/api/v1/requests", &json!({ "password": secret }));
        let _ = deployment.post(
            ASKER,
            &format!("/api/v1/requests?token={encoded}"),
            &json!([secret]),
        );
        let _ = deployment.get(ASKER, &format!("/api/v1/requests/{encoded}"));
    }
    // Answers that say them: with an error, broken off, and sent elsewhere.
    for path in ["/api/fails", "/api/breaks", "/api/moves", "/parcels/1"] {
        call(deployment, bearer, &format!("GET {path}"), &[], b"");
    }
    // In an address without any word before it, by their looks alone.
    for secret in [SECRETS[1], SECRETS[2], SECRETS[4], SECRETS[5], SECRETS[8]] {
        let encoded = percent(secret.1, false);
        for place in ["parcels", "pay", "d", "api/things"] {
            call(
                deployment,
                bearer,
                &format!("GET /{place}/{encoded}"),
                &[],
                b"",
            );
            call(
                deployment,
                bearer,
                &format!("POST /{place}/{encoded}"),
                &form,
                b"a=b",
            );
        }
    }
}

#[test]
fn r26_no_secret_that_goes_through_stays_anywhere() {
    let application = Leaky::start();
    let folder = tempfile::tempdir().unwrap();
    let deployment = deployed(folder.path(), application.port);
    let locum = deployment.serve();
    let session = begun(&deployment);
    drive(&deployment, &session);
    for (what, secret) in SECRETS {
        assert!(application.has_seen(secret), "{what} never went through");
    }
    // What people may read of it.
    let event = deployment.get(ASKER, &format!("/api/v1/requests/{}", session.request));
    let event = event.unwrap().expect(200, "the request").json();
    let event = event["event"].as_str().unwrap().to_owned();
    let told = deployment.get(AUDITOR, &format!("/api/v1/events/{event}"));
    let told = told.unwrap().expect(200, "the event");
    let mut places = vec![("the event in the API".to_owned(), told.body)];
    let feed = serde_json::to_vec(&deployment.feed(None)).unwrap();
    places.push(("the feed".to_owned(), feed));
    deployment.end(&session.id).unwrap().expect(200, "ending");
    let pack = folder.path().join("pack.zip").display().to_string();
    let url = format!("http://localhost:{}", deployment.server);
    let auditor = token(AUDITOR);
    let exported = run(
        &[
            "--url", &url, "--token", &auditor, "evidence", "export", &event, "-o", &pack,
        ],
        &[],
    );
    assert!(exported.status.success(), "{exported:?}");
    // What the harness looks for is there in what it reads: the session's own id, and a path that names no secret.
    let pack = fs::read(&pack).unwrap();
    assert!(holds(&pack, session.id.as_bytes()) && holds(&pack, b"[redacted]"));
    // Killed, so that what waits to be written into the store is still beside it.
    let said = locum.kill();
    places.push(("what it said".to_owned(), said.into_bytes()));
    places.extend(written(folder.path()));
    assert!(places.iter().any(|(place, _)| place.ends_with("pack.zip")));
    assert!(
        places
            .iter()
            .any(|(place, _)| place.ends_with("harbour.db"))
    );
    let own = [session.bearer.clone(), session.grant_token.clone()];
    let own = own.into_iter().chain([ASKER, AUDITOR].map(token));
    let own = own.map(|secret| ("a credential of Locum's own".to_owned(), secret));
    let secrets = SECRETS.map(|(what, secret)| (what.to_owned(), secret.to_owned()));
    for (what, secret) in secrets.into_iter().chain(own) {
        for spelling in spellings(&secret) {
            for (place, bytes) in &places {
                let found = found(bytes, &spelling);
                let around = found.map(|at| {
                    let around = &bytes[at.saturating_sub(120)..bytes.len().min(at + 80)];
                    String::from_utf8_lossy(around).into_owned()
                });
                assert_eq!(around, None, "{what} stands in {place}");
            }
        }
    }
}
