//! `[server] trusted_proxies`: from where a forwarding header is believed.
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

use locum_catalog::Settings;

/// The sample settings with this list, for production or not.
fn parse(list: &str, is_production: bool) -> Result<Vec<String>, Vec<String>> {
    let address = r#"public_url = "http://localhost:8470""#;
    let mut text = common::text("locum.toml");
    assert_eq!(text.matches(address).count(), 1);
    text = text.replace(address, &format!("{address}\ntrusted_proxies = {list}"));
    if is_production {
        text = text.replace(
            r#"environment = "development""#,
            r#"environment = "production""#,
        );
    }
    match Settings::parse(&text, &BTreeMap::new(), Path::new("/srv/locum")) {
        Ok(checked) => {
            let proxies = checked.value.server.trusted_proxies.iter();
            Ok(proxies.map(ToString::to_string).collect())
        }
        Err(problems) => {
            let about = problems.iter().map(ToString::to_string);
            Err(about.filter(|it| it.contains("toml:7:")).collect())
        }
    }
}

#[test]
fn r33_a_proxy_is_named_by_its_address_or_its_network() {
    for (list, problem) in [
        (
            r#"["10.1.2.3", "10.1.2.0/28", "2001:db8:7::/64", "::1"]"#,
            "",
        ),
        ("[]", ""),
        (
            r#"["proxy.corp.example"]"#,
            "`proxy.corp.example` is no address and no network",
        ),
        (
            r#"["10.1.2.0/33"]"#,
            "`10.1.2.0/33` is no address and no network",
        ),
        (r#"["0.0.0.0/0"]"#, "everybody could say who they are"),
        (r#"["::/0"]"#, "everybody could say who they are"),
    ] {
        let said = match parse(list, true) {
            Ok(_) => Vec::new(),
            Err(said) => said,
        };
        match problem {
            "" => assert!(said.is_empty(), "{list}: {said:?}"),
            problem => assert!(said[0].contains(problem), "{list}: {said:?}"),
        }
    }
}

#[test]
fn r33_a_development_server_trusts_no_proxy() {
    assert_eq!(parse("[]", false), Ok(Vec::new()));
    let said = parse(r#"["127.0.0.1"]"#, false).unwrap_err();
    assert!(
        said[0].contains("a development server is not behind a proxy"),
        "{said:?}"
    );
}
