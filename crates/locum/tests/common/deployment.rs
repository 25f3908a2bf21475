//! The files of a small deployment, and the ports it uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use jiff::{SignedDuration, Timestamp};

use super::free_port;
use super::outside::{Application, Desk};
use super::process::{Locum, run};

pub(crate) const ASKER: &str = "iris@harbour.example";
pub(crate) const AUDITOR: &str = "ava@harbour.example";
const PEOPLE: [&str; 5] = [
    ASKER,
    "ned@harbour.example",
    "sol@harbour.example",
    "max@harbour.example",
    AUDITOR,
];

/// A folder with everything that `locum serve` needs, and the outside it speaks to.
pub(crate) struct Deployment {
    pub(crate) folder: PathBuf,
    pub(crate) server: u16,
    pub(crate) gateway: u16,
    /// The application's own listener.
    pub(crate) address: u16,
    pub(crate) application: Application,
    pub(crate) desk: Desk,
}

impl Deployment {
    /// Writes the files into `folder`. Its `keys/` are those that `locum init` makes.
    pub(crate) fn write(folder: &Path) -> Self {
        let made = folder.join("made");
        let made_it = run(&["init", &made.display().to_string()], &[]);
        assert!(made_it.status.success(), "{made_it:?}");
        fs::rename(made.join("keys"), folder.join("keys")).unwrap();
        fs::remove_dir_all(made).unwrap();
        let deployment = Self {
            folder: folder.to_owned(),
            server: free_port(),
            gateway: free_port(),
            address: free_port(),
            application: Application::start(),
            desk: Desk::start(),
        };
        deployment.put("locum.toml", &deployment.settings());
        let tokens = PEOPLE.map(|person| format!("\"{}\" = \"{person}\"\n", token(person)));
        deployment.put("tokens.toml", &tokens.concat());
        deployment.put("hook-secret", &Desk::webhook_secret());
        deployment.put("catalog/people.toml", PEOPLE_FILE);
        deployment.put(
            "catalog/applications/parcels.toml",
            &deployment.application_file(),
        );
        let until = Timestamp::now() + SignedDuration::from_hours(80 * 24);
        let until = until.strftime("%Y-%m-%d").to_string();
        deployment.put(
            "catalog/eligibility.toml",
            &ELIGIBILITY.replace("UNTIL", &until),
        );
        fs::create_dir_all(folder.join("policies")).unwrap();
        deployment
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("locum.toml")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("harbour.db")
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Changes one thing in a file.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.folder.join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        self.put(path, &text.replace(from, to));
    }

    /// `locum serve`, ready.
    pub(crate) fn serve(&self) -> Locum {
        let locum = Locum::spawn(&self.config(), &[]);
        locum.ready(self.server)
    }

    /// `locum ledger verify --config`, with whatever else is asked of it.
    pub(crate) fn verify(&self, more: &[&str]) -> Output {
        let config = self.config().display().to_string();
        let mut arguments = vec!["ledger", "verify", "--json", "--config", &config];
        arguments.extend(more);
        run(&arguments, &[])
    }

    fn settings(&self) -> String {
        let (server, gateway, desk) = (self.server, self.gateway, self.desk.port);
        format!(
            r#"environment = "development"

[server]
listen = "127.0.0.1:{server}"
public_url = "http://localhost:{server}"

[gateway]
listen = "127.0.0.1:{gateway}"
domain = "act.localhost"

[store]
url = "sqlite:harbour.db"

[catalog]
directory = "catalog"

[policies]
directory = "policies"

[ledger]
origin = "ledger.harbour.example.development"
key = "file:keys/ledger.key"

[login.development]
tokens = "file:tokens.toml"

[approvals]
signature = "optional"

[budgets]
open_requests = 100000
live_sessions = 100000
subjects_per_day = 100000

[connectors.quay]
kind = "generic"
url = "http://127.0.0.1:{desk}/cases/{{id}}"
id_pattern = "[0-9]{{1,9}}"
webhook_secret = "file:hook-secret"
webhook_id = "/case/number"
webhook_state = "/case/status"
poll_seconds = 5
grace_seconds = 60

[connectors.quay.map]
state = "/case/status"
open = ["working"]
id = "/case/number"
assignee = "/case/agent"
title = "/case/title"
opened_by = "/case/customer/id"
subject = "/case/customer/id"
tenant = "/case/customer/company"
"#
        )
    }

    fn application_file(&self) -> String {
        format!(
            r#"id = "parcels"
name = "Parcels"
tier = "standard"
data = ["personal"]
owner = "ned@harbour.example"
upstream = "http://127.0.0.1:{}"
address = "127.0.0.1:{}"

[[operation]]
id = "parcel.read"
effect = "read"
routes = ["GET /parcels/*", "GET /slow/*", "GET /stream/*"]
object = "parcel:{{1}}"
"#,
            self.application.port, self.address
        )
    }
}

/// A person's bearer token at the API.
pub(crate) fn token(person: &str) -> String {
    let name = person.split('@').next().unwrap();
    format!("token-of-{name}-{}", "0123456789abcdef".repeat(2))
}

const PEOPLE_FILE: &str = r#"[[person]]
id = "iris@harbour.example"
name = "Iris Ivers"
manager = "max@harbour.example"
roles = ["support"]
accounts = [{ system = "quay", id = "i.ivers" }]

[[person]]
id = "ned@harbour.example"
name = "Ned Noble"

[[person]]
id = "sol@harbour.example"
name = "Sol Sears"
roles = ["security", "security-control-owner"]

[[person]]
id = "max@harbour.example"
name = "Max Moor"
roles = ["manager"]

[[person]]
id = "ava@harbour.example"
name = "Ava Ames"
roles = ["auditor"]
"#;

const ELIGIBILITY: &str = r#"[[eligibility]]
id = "support-looks"
who = { role = "support" }
applications = ["parcels"]
operations = ["parcel.read"]
longest_minutes = 45
owner = "sol@harbour.example"
certified_until = "UNTIL"
"#;
