//! What people and programs do: each step as the contract has it, over plain HTTP.

use std::io;

use serde_json::{Value, json};

use super::client::{self, Answer};
use super::deployment::{ASKER, AUDITOR, Deployment, token};

/// A session as its holder knows it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) request: String,
    pub(crate) case: u64,
    pub(crate) grant_token: String,
    /// The access token at the application's own address.
    pub(crate) bearer: String,
}

impl Deployment {
    pub(crate) fn get(&self, person: &str, path: &str) -> io::Result<Answer> {
        let authorization = format!("Bearer {}", token(person));
        let headers = [("authorization", authorization.as_str())];
        client::send(self.server, &format!("GET {path}"), &headers, b"")
    }

    pub(crate) fn post(&self, person: &str, path: &str, body: &Value) -> io::Result<Answer> {
        let authorization = format!("Bearer {}", token(person));
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
        ];
        let body = body.to_string();
        client::send(
            self.server,
            &format!("POST {path}"),
            &headers,
            body.as_bytes(),
        )
    }

    pub(crate) fn file(&self, case: u64) -> io::Result<Answer> {
        let body = json!({
            "case": format!("quay:{case}"),
            "reason": "The customer says the parcel does not arrive; I need to see what they see.",
            "applications": [{ "application": "parcels", "operations": ["parcel.read"] }],
            "duration_minutes": 30,
        });
        self.post(ASKER, "/api/v1/requests", &body)
    }

    /// Lets whoever the route names decide, until it is walked or somebody is refused.
    pub(crate) fn approve(&self, request: &Value) -> io::Result<Answer> {
        let path = format!("/api/v1/requests/{}/approve", text(request, "id"));
        let body = json!({ "scope_digest": request["scope_digest"] });
        let mut used: Vec<String> = Vec::new();
        let mut last = None;
        for step in request["route"].as_array().unwrap() {
            let approvers = step["approvers"].as_array().unwrap().iter();
            let mut approvers = approvers.map(|it| it.as_str().unwrap().to_owned());
            let by = approvers.find(|it| !used.contains(it)).unwrap();
            let answer = self.post(&by, &path, &body)?;
            used.push(by);
            if answer.status != 200 {
                return Ok(answer);
            }
            last = Some(answer);
        }
        Ok(last.expect("a route has a step"))
    }

    pub(crate) fn activate(&self, request: &str) -> io::Result<Answer> {
        let path = format!("/api/v1/requests/{request}/activate");
        self.post(ASKER, &path, &json!({}))
    }

    /// The grant for an access token at the application.
    pub(crate) fn exchange(&self, grant_token: &str) -> io::Result<Answer> {
        self.exchange_for("parcels", grant_token)
    }

    /// The same at another application.
    pub(crate) fn exchange_for(&self, application: &str, grant_token: &str) -> io::Result<Answer> {
        const JWT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt";
        const ACCESS: &str = "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token";
        let form = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
             &subject_token={grant_token}&subject_token_type={JWT}\
             &actor_token={}&actor_token_type={ACCESS}&audience=app%3A{application}",
            token(ASKER)
        );
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        client::send(self.server, "POST /oauth2/token", &headers, form.as_bytes())
    }

    pub(crate) fn call(&self, bearer: &str, path: &str) -> io::Result<Answer> {
        let (host, authorization) = (
            format!("127.0.0.1:{}", self.address),
            format!("Bearer {bearer}"),
        );
        let headers = [
            ("host", host.as_str()),
            ("authorization", authorization.as_str()),
        ];
        client::send(self.address, &format!("GET {path}"), &headers, b"")
    }

    /// A call whose answer is read as it comes.
    pub(crate) fn begin_call(&self, bearer: &str, path: &str) -> std::net::TcpStream {
        let (host, authorization) = (
            format!("127.0.0.1:{}", self.address),
            format!("Bearer {bearer}"),
        );
        let headers = [
            ("host", host.as_str()),
            ("authorization", authorization.as_str()),
        ];
        client::begin(self.address, &format!("GET {path}"), &headers, b"").unwrap()
    }

    pub(crate) fn end(&self, session: &str) -> io::Result<Answer> {
        let path = format!("/api/v1/sessions/{session}/end");
        self.post(ASKER, &path, &json!({}))
    }

    /// The whole way from asking to a session.
    pub(crate) fn session(&self, case: u64) -> Session {
        let filed = self.file(case).unwrap().expect(201, "filing");
        let request = filed.json();
        self.approve(&request).unwrap().expect(200, "approving");
        let id = text(&request, "id");
        let activated = self.activate(&id).unwrap().expect(201, "activating");
        let activated = activated.json();
        let grant_token = text(&activated, "grant_token");
        let token = self.exchange(&grant_token).unwrap();
        let token = token.expect(200, "exchanging");
        Session {
            id: text(&activated, "id"),
            request: id,
            case,
            grant_token,
            bearer: text(&token.json(), "access_token"),
        }
    }

    /// Everything in the feed after a position, as the auditor reads it.
    pub(crate) fn feed(&self, mut after: Option<u64>) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let from = after.map_or_else(String::new, |after| format!("&after={after}"));
            let page = self.get(AUDITOR, &format!("/api/v1/events?limit=1000{from}"));
            let page = page.unwrap().expect(200, "the feed").json();
            let items = page["items"].as_array().unwrap();
            all.extend(items.iter().cloned());
            match items.last() {
                Some(last) if items.len() == 1_000 => after = last["position"].as_u64(),
                _ => return all,
            }
        }
    }
}

/// A field that is text.
pub(crate) fn text(value: &Value, name: &str) -> String {
    let found = value[name].as_str();
    found
        .unwrap_or_else(|| panic!("no `{name}` in {value}"))
        .to_owned()
}
