//! Every rule of `locum.toml` broken once, at its line and column.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use locum_catalog::settings::{Budgets, Connector, SignatureRule, Store};
use locum_catalog::{Problem, SecretRef, Settings};

type Variables = BTreeMap<String, String>;

fn parse(text: &str, variables: &Variables) -> Result<(Settings, Vec<String>), Vec<String>> {
    let said = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect();
    match Settings::parse(text, variables, Path::new("/srv/locum")) {
        Ok(checked) => Ok((checked.value, said(checked.warnings))),
        Err(problems) => Err(said(problems)),
    }
}

fn edited(edits: &[(&str, &str)]) -> String {
    let mut text = common::text("locum.toml");
    for (from, to) in edits {
        assert_eq!(
            text.matches(from).count(),
            1,
            "{from:?} stands once in locum.toml"
        );
        text = text.replace(from, to);
    }
    text
}

fn assert_said(edits: &[(&str, &str)], expected: &[&str]) {
    let found = match parse(&edited(edits), &Variables::new()) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    assert_eq!(found, expected);
}

fn variables(pairs: &[(&str, &str)]) -> Variables {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn a_mistyped_key_is_an_error_with_the_one_that_was_meant() {
    assert_said(
        &[(
            r#"public_url = "http://localhost:8470""#,
            r#"publik_url = "http://localhost:8470""#,
        )],
        &[
            "locum.toml:4:1: [server] needs `public_url`",
            "locum.toml:6:1: unknown key `publik_url` in [server] (did you mean `public_url`?)",
        ],
    );
    assert_said(
        &[("[budgets] ", "[budget] ")],
        &["locum.toml:32:2: unknown key `budget` in locum.toml (did you mean `budgets`?)"],
    );
    assert_said(
        &[("poll_seconds = 15", "pol_seconds = 15")],
        &[
            "locum.toml:41:1: unknown key `pol_seconds` in [connectors.NAME] (did you mean `poll_seconds`?)",
        ],
    );
    assert_said(
        &[(
            r#"origin = "locum.corp.example.development""#,
            r#"origin = "locum.corp.example.development"
witness = "x""#,
        )],
        &["locum.toml:24:1: unknown key `witness` in [ledger] (did you mean `witnesses`?)"],
    );
}

#[test]
fn a_wrong_kind_is_an_error_where_it_stands() {
    assert_said(
        &[("open_requests = 5", r#"open_requests = "5""#)],
        &["locum.toml:33:17: `open_requests`: expected an integer, found text"],
    );
    assert_said(
        &[("live_sessions = 2", "live_sessions = 0")],
        &["locum.toml:34:17: `live_sessions`: expected an integer from 1 to 4294967295, found 0"],
    );
    assert_said(
        &[(r#"listen = "127.0.0.1:8470""#, "listen = 8470")],
        &["locum.toml:5:10: `listen`: expected text, found an integer"],
    );
    assert_said(
        &[(r#"open = ["open", "pending"]"#, r#"open = ["open", 2]"#)],
        &["locum.toml:45:17: `open`: expected text, found an integer"],
    );
    assert_said(
        &[(
            r#"environment = "development""#,
            r#"environment = "staging""#,
        )],
        &[
            "locum.toml:2:15: `environment`: `staging` is not known (one of production, development)",
        ],
    );
}

#[test]
fn what_is_missing_is_named() {
    assert_said(
        &[(
            r#"origin = "locum.corp.example.development"
"#,
            "",
        )],
        &["locum.toml:22:1: [ledger] needs `origin`"],
    );
    assert_said(
        &[(r#"domain = "support.localhost" "#, "# ")],
        &["locum.toml:8:1: [gateway] needs `domain`"],
    );
    assert_said(
        &[(
            r#"state = "/state"
"#,
            "",
        )],
        &["locum.toml:43:1: [connectors.NAME.map] needs `state`"],
    );
    assert_said(
        &[(
            r#"kind = "generic"
"#,
            "",
        )],
        &[r#"locum.toml:37:1: [connectors.NAME] needs `kind` ("generic" or "roundup")"#],
    );
}

#[test]
fn a_development_server_stays_on_this_machine() {
    assert_said(
        &[(r#"listen = "127.0.0.1:8470""#, r#"listen = "0.0.0.0:8470""#)],
        &[
            r#"locum.toml:5:10: a development server listens on this machine only, not on 0.0.0.0 (write "127.0.0.1:8470")"#,
        ],
    );
    assert_said(
        &[(
            r#"listen = "127.0.0.1:8471""#,
            r#"listen = "192.0.2.1:8471""#,
        )],
        &[
            r#"locum.toml:9:10: a development server listens on this machine only, not on 192.0.2.1 (write "127.0.0.1:8471")"#,
        ],
    );
    assert_said(
        &[(
            r#""http://localhost:8470""#,
            r#""http://locum.corp.example""#,
        )],
        &[
            r#"locum.toml:6:14: a development server has a name on this machine only (write "http://localhost:8470", or set up `environment = "production"`)"#,
        ],
    );
    assert_said(
        &[(
            r#"origin = "locum.corp.example.development""#,
            r#"origin = "locum.corp.example""#,
        )],
        &[
            r#"locum.toml:23:10: the origin of a development ledger ends in `.development` (write "locum.corp.example.development")"#,
        ],
    );
}

#[test]
fn a_production_server_takes_no_development_token() {
    assert_said(
        &[
            (
                r#"environment = "development""#,
                r#"environment = "production""#,
            ),
            (
                r#""http://localhost:8470""#,
                r#""https://locum.corp.example""#,
            ),
            (r#"signature = "optional" "#, "#"),
        ],
        &[
            r#"locum.toml:2:15: warning: nobody can sign in: there is neither [login.oidc] nor `[login] founders` (before anybody can sign in, name two people who enrol the first passkeys: [login] founders = ["PERSON", "PERSON"])"#,
            "locum.toml:23:10: the origin of a production ledger does not end in `.development` (a ledger is one or the other for good: found a new one)",
            "locum.toml:26:1: development tokens are refused in production (remove [login.development]; people sign in by OIDC or passkey)",
        ],
    );
}

#[test]
fn two_doors_are_two_doors() {
    assert_said(
        &[(
            r#"listen = "127.0.0.1:8471""#,
            r#"listen = "127.0.0.1:8470""#,
        )],
        &[
            "locum.toml:9:10: 127.0.0.1:8470 is the server's own address (the gateway needs a port of its own)",
        ],
    );
    assert_said(
        &[(
            r#"domain = "support.localhost" "#,
            r#"domain = "Support.Localhost:8471" "#,
        )],
        &[
            r#"locum.toml:10:10: `Support.Localhost:8471` is not a domain name (lower case, no scheme, no port: "support.localhost")"#,
        ],
    );
    assert_said(
        &[(
            r#"domain = "support.localhost" "#,
            r#"domain = "127.0.0.1" "#,
        )],
        &[
            r#"locum.toml:10:10: `127.0.0.1` is not a domain name (lower case, no scheme, no port: "support.localhost")"#,
        ],
    );
    assert_said(
        &[
            (
                r#"domain = "support.localhost" "#,
                r#"domain = "localhost" "#,
            ),
            (
                r#""http://localhost:8470""#,
                r#""http://locum.localhost:8470""#,
            ),
        ],
        &[
            "locum.toml:10:10: the console's own name would be an application's (give the gateway a domain that `[server] public_url` is not below)",
        ],
    );
    assert_said(
        &[(
            r#"domain = "support.localhost" "#,
            r#"domain = "support.test" "#,
        )],
        &[
            "locum.toml:10:10: warning: browsers do not find `support.test` on this machine by themselves (names under .localhost need no set-up)",
        ],
    );
}

#[test]
fn passkeys_need_a_name() {
    assert_said(
        &[(r#""http://localhost:8470""#, r#""http://127.0.0.1:8470""#)],
        &[
            r#"locum.toml:6:14: warning: `127.0.0.1` is an address: passkeys need a name, so nobody can use one here (write "http://localhost:PORT" or a domain name in public_url)"#,
        ],
    );
    assert_said(
        &[(
            "[approvals]",
            r#"[login.passkeys]
rp_id = "other.example"

[approvals]"#,
        )],
        &[
            r#"locum.toml:30:9: `rp_id` must be `localhost` or a domain above it (leave it out, or write "localhost")"#,
        ],
    );
}

#[test]
fn a_store_is_on_disk() {
    assert_said(
        &[(
            r#""sqlite:locum.db""#,
            r#""postgres://locum:hunter2@db/locum""#,
        )],
        &[r#"locum.toml:13:7: PostgreSQL is not built yet (write "sqlite:locum.db")"#],
    );
    assert_said(
        &[(r#""sqlite:locum.db""#, r#""sqlite::memory:""#)],
        &[r#"locum.toml:13:7: `url` names no store on disk (write "sqlite:locum.db")"#],
    );
    assert_said(
        &[(r#""sqlite:locum.db""#, r#""mysql://db""#)],
        &[r#"locum.toml:13:7: `url` names no store on disk (write "sqlite:locum.db")"#],
    );
}

#[test]
fn a_time_zone_exists() {
    assert_said(
        &[(r#""Europe/Berlin""#, r#""Europe/Bonn""#)],
        &[
            r#"locum.toml:20:13: `Europe/Bonn` is not a time zone (an IANA name as "Europe/Berlin")"#,
        ],
    );
}

#[test]
fn a_secret_is_never_written_inline_and_never_quoted() {
    assert_said(
        &[(
            r#"webhook_secret = "env:DESK_WEBHOOK_SECRET""#,
            r#"webhook_secret = "whsec_hunter2""#,
        )],
        &[
            r#"locum.toml:40:18: `webhook_secret` must name where the secret is kept, never hold it (write "env:NAME" or "file:PATH")"#,
        ],
    );
    assert_said(
        &[(
            r#"webhook_secret = "env:DESK_WEBHOOK_SECRET""#,
            r#"auth_value = ["hunter2"]"#,
        )],
        &[
            r#"locum.toml:40:14: `auth_value` must name where the secret is kept, never hold it (write "env:NAME" or "file:PATH")"#,
        ],
    );
    assert_said(
        &[(
            r#"key = "file:keys/ledger.key""#,
            r#"key = "pkcs11:token=ledger;pin-value=hunter2""#,
        )],
        &[
            r#"locum.toml:24:7: `key` names a signer, and keys are read from files only so far (write "file:PATH"; signer sockets come later)"#,
        ],
    );
    assert_said(
        &[(r#"key = "file:keys/ledger.key""#, r#"key = "hunter2""#)],
        &[
            r#"locum.toml:24:7: `key` must name where the secret is kept, never hold it (write "env:NAME" or "file:PATH")"#,
        ],
    );
}

#[test]
fn a_connector_says_where_the_case_is() {
    assert_said(
        &[(
            r#""http://127.0.0.1:9300/cases/{id}""#,
            r#""http://127.0.0.1:9300/cases""#,
        )],
        &[
            r#"locum.toml:39:7: `url` says once, after the host, where the case's number goes (as "https://desk.example/cases/{id}")"#,
        ],
    );
    assert_said(
        &[(
            r#""http://127.0.0.1:9300/cases/{id}""#,
            r#""http://{id}.example/cases""#,
        )],
        &[
            r#"locum.toml:39:7: `url` says once, after the host, where the case's number goes (as "https://desk.example/cases/{id}")"#,
        ],
    );
    assert_said(
        &[(
            r#""http://127.0.0.1:9300/cases/{id}""#,
            r#""http://user:hunter2@desk/{id}""#,
        )],
        &[
            "locum.toml:39:7: `url` holds credentials (give secrets by reference: env:NAME or file:PATH)",
        ],
    );
    assert_said(
        &[("poll_seconds = 15", r#"id_pattern = "([""#)],
        &[r#"locum.toml:41:14: `id_pattern` is not a regular expression (as "[0-9]+")"#],
    );
    assert_said(
        &[(
            r#"webhook_secret = "env:DESK_WEBHOOK_SECRET""#,
            r#"signature = "zendesk""#,
        )],
        &["locum.toml:40:13: `signature` says nothing without `webhook_secret`"],
    );
    assert_said(
        &[
            ("[connectors.desk]", r#"[connectors."my desk"]"#),
            ("[connectors.desk.map]", r#"[connectors."my desk".map]"#),
        ],
        &[
            r#"locum.toml:37:13: "my desk" cannot name a connector (letters, digits, `-` and `_`: cases are written NAME:NUMBER)"#,
        ],
    );
    assert_said(
        &[(r#"tenant = "/customer/tenant""#, "")],
        &[
            r#"locum.toml:43:1: warning: without `tenant` nobody can tell whether a case and an account are of the same customer (as tenant = "/customer/tenant")"#,
        ],
    );
    assert_said(
        &[(r#"subject = "/customer/id" "#, r#"subject = "customer" "#)],
        &["locum.toml:51:11: `subject`: `customer` is not a JSON Pointer as `/customer/id`"],
    );
    assert_said(
        &[(r#"kind = "generic""#, r#"kind = "jira""#)],
        &["locum.toml:38:8: `kind`: `jira` is not known (one of generic, roundup)"],
    );
}

#[test]
fn what_is_not_said_has_its_default() {
    let text = "environment = \"development\"\n[server]\npublic_url = \"http://localhost:8470\"\n\
                [gateway]\ndomain = \"support.localhost\"\n[ledger]\norigin = \"x.development\"\n";
    let (settings, warnings) = parse(text, &Variables::new()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8470");
    assert_eq!(settings.gateway.listen.to_string(), "127.0.0.1:8471");
    assert_eq!(
        settings.store,
        Store::Sqlite {
            path: "/srv/locum/locum.db".into()
        }
    );
    assert_eq!(settings.catalog_directory, Path::new("/srv/locum/catalog"));
    assert_eq!(settings.policies.time_zone, "UTC");
    assert_eq!(
        settings.ledger.key,
        SecretRef::File("/srv/locum/keys/ledger.key".into())
    );
    assert_eq!(settings.login.rp_id, "localhost");
    assert_eq!(
        settings.budgets,
        Budgets {
            open_requests: 5,
            live_sessions: 2,
            subjects_per_day: 25
        }
    );
    assert_eq!(settings.approvals_signature, SignatureRule::Optional);
}

#[test]
fn in_production_every_approval_is_signed_unless_somebody_says_otherwise() {
    let text = edited(&[
        (
            "environment = \"development\"",
            "environment = \"production\"",
        ),
        (
            "\"http://localhost:8470\"",
            "\"https://locum.corp.example\"",
        ),
        ("locum.corp.example.development", "locum.corp.example"),
        (
            "[login.development]\ntokens = \"file:development-tokens.toml\" ",
            "[login]\nfounders = [\"sam@corp.example\", \"prya@corp.example\"] #",
        ),
        ("signature = \"optional\" ", "#"),
    ]);
    let (settings, _) = parse(&text, &Variables::new()).unwrap();
    assert_eq!(settings.approvals_signature, SignatureRule::Required);
    assert_eq!(settings.login.development_tokens, None);
    assert_eq!(settings.login.rp_id, "locum.corp.example");
}

#[test]
fn the_environment_stands_above_the_file() {
    let variables = variables(&[
        ("LOCUM__SERVER__LISTEN", "127.0.0.1:9000"),
        ("LOCUM__BUDGETS__OPEN_REQUESTS", "7"),
        ("LOCUM__CONNECTORS__DESK__URL", "http://127.0.0.1:1/{id}"),
        ("LOCUM__CONNECTORS__DESK__MAP__OPEN", "new, open"),
        ("LOCUM__POLICIES__TIME_ZONE", "Asia/Tokyo"),
        ("LOCUM_URL", "http://localhost:8470"),
        ("PATH", "/bin"),
    ]);
    let (settings, _) = parse(&common::text("locum.toml"), &variables).unwrap();
    assert_eq!(settings.server.listen.port(), 9000);
    assert_eq!(settings.budgets.open_requests, 7);
    assert_eq!(settings.policies.time_zone, "Asia/Tokyo");
    let Connector::Generic(desk) = &settings.connectors["desk"] else {
        panic!("desk is generic")
    };
    assert_eq!(desk.url, "http://127.0.0.1:1/{id}");
    assert_eq!(desk.map.open, ["new", "open"].map(str::to_owned).into());
}

#[test]
fn a_wrong_variable_is_named_and_its_value_is_not_quoted() {
    let variables = variables(&[
        ("LOCUM__BUDGETS__OPEN_REQUESTS", "many"),
        ("LOCUM__SERVER__PORT", "1"),
        ("LOCUM__LEDGER__KEY", "hunter2"),
        ("LOCUM____", "x"),
    ]);
    let problems =
        Settings::parse(&common::text("locum.toml"), &variables, Path::new("")).unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "$LOCUM__BUDGETS__OPEN_REQUESTS:1:1: `open_requests`: expected an integer",
            "$LOCUM__LEDGER__KEY:1:1: `key` must name where the secret is kept, never hold it (write \"env:NAME\" or \"file:PATH\")",
            "$LOCUM__SERVER__PORT:1:1: unknown key `port` in [server] ([server] has listen, public_url, trusted_proxies)",
            "$LOCUM____:1:1: names no setting (write LOCUM__SECTION__KEY)",
        ]
    );
    assert!(
        problems
            .iter()
            .all(|problem| !problem.render(false).contains("hunter2"))
    );
}

#[test]
fn roundup_has_the_defaults_of_its_classic_template() {
    let text = edited(&[])
        .split("[connectors.desk]")
        .next()
        .unwrap()
        .to_owned()
        + "[connectors.desk]\nkind = \"roundup\"\nurl = \"http://127.0.0.1:9910/demo\"\nuser = \"locum\"\npassword = \"file:keys/roundup\"\n";
    let (settings, warnings) = parse(&text, &Variables::new()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let Connector::Roundup(desk) = &settings.connectors["desk"] else {
        panic!("desk is a Roundup")
    };
    assert_eq!(desk.url, "http://127.0.0.1:9910/demo/");
    assert_eq!(
        desk.password,
        SecretRef::File("/srv/locum/keys/roundup".into())
    );
    assert_eq!(
        (desk.fields.subject.as_str(), desk.fields.assignee.as_str()),
        ("creator", "assignedto")
    );
    assert!(desk.fields.open.contains("in-progress") && !desk.fields.open.contains("resolved"));
}

#[test]
fn a_case_number_matches_the_whole_pattern() {
    let pattern = |text| locum_catalog::settings::IdPattern::parse(text);
    assert!(pattern("[0-9]+").unwrap().matches("12"));
    assert!(!pattern("[0-9]+").unwrap().matches("12/../13"));
    assert!(!pattern("1|2").unwrap().matches("12"));
    assert!(pattern("a)|(b").is_err());
}

#[test]
fn a_public_gateway_keeps_its_scheme_and_port() {
    let text = edited(&[(
        "domain = \"support.localhost\" ",
        "domain = \"support.localhost\"\npublic_url = \"https://support.localhost:8443\" ",
    )]);
    let (settings, _) = parse(&text, &Variables::new()).unwrap();
    assert_eq!(
        settings.gateway.base_url("billing", 8471),
        "https://billing.support.localhost:8443/"
    );
}

#[test]
fn an_excerpt_ends_where_the_mark_ends_so_that_no_secret_is_shown_by_accident() {
    let text = edited(&[(
        "webhook_secret = \"env:DESK_WEBHOOK_SECRET\"",
        "webhook_secrett = \"hunter2\"\nauth_value = hunter3",
    )]);
    let problems = Settings::parse(&text, &Variables::new(), Path::new("")).unwrap_err();
    let rendered: String = problems
        .iter()
        .map(|problem| problem.render(false))
        .collect();
    assert!(
        rendered.contains("webhook_secrett") && rendered.contains("did you mean `webhook_secret`?"),
        "{rendered}"
    );
    assert!(!rendered.contains("hunter"), "{rendered}");
    let json = serde_json::to_value(&problems).unwrap();
    assert_eq!(json[0]["file"], "locum.toml");
    assert!(
        json[0]["line"].is_u64() && json[0]["column"].is_u64() && json[0]["message"].is_string()
    );
    assert!(!json.to_string().contains("hunter"));
}
