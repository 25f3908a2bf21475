//! The files of a small company in production: no development token, no picker, every approval signed.

use jiff::{SignedDuration, Timestamp};

use super::provider::{CLIENT_ID, CLIENT_SECRET};

/// Owns parcels, and founds.
pub(crate) const OWNER: &str = "ned@harbour.example";
/// Is security, and founds.
pub(crate) const SECURITY: &str = "sol@harbour.example";

/// Where everything listens.
pub(crate) struct Ports {
    pub(crate) server: u16,
    pub(crate) gateway: u16,
    /// The application's own listener at the gateway.
    pub(crate) address: u16,
    pub(crate) application: u16,
    pub(crate) desk: u16,
}

/// Every file by its path. Locum's own keys are not among them. Without an issuer people sign in by passkey alone.
pub(crate) fn files(ports: &Ports, issuer: Option<&str>) -> Vec<(&'static str, String)> {
    let until = Timestamp::now() + SignedDuration::from_hours(80 * 24);
    let until = until.strftime("%Y-%m-%d").to_string();
    vec![
        ("locum.toml", settings(ports, issuer)),
        ("keys/oidc-client-secret", CLIENT_SECRET.to_owned()),
        ("catalog/people.toml", PEOPLE.to_owned()),
        ("catalog/applications/parcels.toml", parcels(ports)),
        ("catalog/applications/payroll.toml", payroll(ports)),
        ("payroll-subjects.toml", SUBJECTS.to_owned()),
        (
            "catalog/eligibility.toml",
            ELIGIBILITY.replace("UNTIL", &until),
        ),
        ("catalog/chains.toml", CHAINS.to_owned()),
        // A folder that may be empty.
        ("policies/house.cedar", HOUSE.to_owned()),
    ]
}

fn settings(ports: &Ports, issuer: Option<&str>) -> String {
    let Ports {
        server,
        gateway,
        desk,
        ..
    } = ports;
    let provider = issuer.map(provider).unwrap_or_default();
    format!(
        r#"environment = "production"

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
time_zone = "UTC"

[ledger]
origin = "ledger.harbour.example"
key = "file:keys/ledger.key"

[login]
founders = ["{OWNER}", "{SECURITY}"]
{provider}
[connectors.quay]
kind = "generic"
url = "http://127.0.0.1:{desk}/cases/{{id}}"
id_pattern = "[0-9]{{1,9}}"
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

fn provider(issuer: &str) -> String {
    format!(
        r#"
[login.oidc]
issuer = "{issuer}"
client_id = "{CLIENT_ID}"
client_secret = "file:keys/oidc-client-secret"
stepped_up_acr = ["phr"]
"#
    )
}

/// Where two people decide and a login must be sure.
fn payroll(ports: &Ports) -> String {
    format!(
        r#"id = "payroll"
name = "Payroll"
tier = "regulated"
data = ["hr", "personal"]
owner = "{OWNER}"
upstream = "http://127.0.0.1:{}"
record = "before"

[subjects]
source = "file"
file = "../../payroll-subjects.toml"

[[operation]]
id = "slip.read"
effect = "read"
routes = ["GET /slips/*"]
object = "slip:{{1}}"
"#,
        ports.application
    )
}

fn parcels(ports: &Ports) -> String {
    let Ports {
        application,
        address,
        ..
    } = ports;
    format!(
        r#"id = "parcels"
name = "Parcels"
tier = "standard"
data = ["personal"]
owner = "{OWNER}"
upstream = "http://127.0.0.1:{application}"
address = "127.0.0.1:{address}"

[[operation]]
id = "parcel.read"
effect = "read"
routes = ["GET /parcels/*"]
object = "parcel:{{1}}"
"#
    )
}

/// Accounts at the provider are the names before the `@`.
const PEOPLE: &str = r#"[[person]]
id = "iris@harbour.example"
name = "Iris Ivers"
manager = "max@harbour.example"
roles = ["support"]
accounts = [{ system = "quay", id = "i.ivers" }, { system = "idp", id = "iris" }]

[[person]]
id = "ned@harbour.example"
name = "Ned Noble"
manager = "max@harbour.example"
accounts = [{ system = "idp", id = "ned" }]

[[person]]
id = "sol@harbour.example"
name = "Sol Sears"
roles = ["security", "security-control-owner"]
accounts = [{ system = "idp", id = "sol" }]

[[person]]
id = "max@harbour.example"
name = "Max Moor"
roles = ["manager"]
accounts = [{ system = "idp", id = "max" }]

[[person]]
id = "ava@harbour.example"
name = "Ava Ames"
roles = ["auditor"]
accounts = [{ system = "idp", id = "ava" }]
"#;

const CHAINS: &str = r#"[[chain]]
id = "quayside"
accountable_owner = "max@harbour.example"
successor = "sol@harbour.example"
"#;

const ELIGIBILITY: &str = r#"[[eligibility]]
id = "support-looks"
who = { role = "support" }
applications = ["parcels", "payroll"]
operations = ["parcel.read", "slip.read"]
longest_minutes = 45
owner = "sol@harbour.example"
certified_until = "UNTIL"
"#;

/// What payroll says of its own accounts.
const SUBJECTS: &str = r#"[[subject]]
case_subject = "c-31"
id = "carla"
tenant = "lighthouse"
"#;

const HOUSE: &str = "// Nothing beyond the guardrails.\n";
