//! Stripping before injecting: nothing a client says about identity reaches the application.

use crate::client::{parse, raw, request};
use crate::world::World;

/// Everything that is the gateway's alone to say, with what stands for `*`.
const PROTECTED: [&str; 49] = [
    "Locum-Assertion",
    "Locum-Request",
    "Locum-Anything",
    "Remote-User",
    "X-Remote-User",
    "X-Remote-Groups",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Auth-Request-User",
    "Forwarded",
    "X-Goog-Authenticated-User-Email",
    "X-Pomerium-Claim-Email",
    "Cf-Access-Jwt-Assertion",
    "X-Amzn-Oidc-Identity",
    "X-MS-Client-Principal",
    "X-MS-Client-Principal-Name",
    "X-Webauth-User",
    "X-Forwarded-Client-Cert",
    "Tailscale-User-Login",
    "Txn-Token",
    "Impersonate-User",
    "X-Redmine-Switch-User",
    "X-Appwrite-Impersonate-User",
    "Authorization",
    "Proxy-Authorization",
    "X-Proxy-Secret",
    "X-Debug-As",
    "X-Real-IP",
    "X-HTTP-Method-Override",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Script-Name",
    "Client-Cert",
    "Proxy",
    "User",
    "X-User",
    "X-User-Email",
    "X-User-Id",
    "X-Email",
    "X-Email-Verified",
    "OIDC-Claim-Sub",
    "X-Shib-Uid",
    "Shib-Session-Id",
    "Remote-Anything",
    "HTTP-Remote-User",
    "HTTP-X-Forwarded-User",
    "X-Remote-Anything",
];

fn spellings(name: &str) -> Vec<String> {
    let mut mixed = String::new();
    for (at, letter) in name.chars().enumerate() {
        mixed.push(if at % 2 == 0 {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        });
    }
    let half = name.replacen('-', "_", 1);
    [
        name.to_owned(),
        name.to_lowercase(),
        name.to_uppercase(),
        mixed.clone(),
        name.replace('-', "_"),
        name.to_uppercase().replace('-', "_"),
        mixed.replace('-', "_"),
        half,
        name.replace('-', "."),
    ]
    .into()
}

#[tokio::test]
async fn r19_no_spelling_of_a_protected_header_reaches_the_application() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let host = world.host("billing");
    let mut tried = 0;
    for name in PROTECTED {
        let mut headers: Vec<(String, &str)> = vec![("Cookie".to_owned(), cookie.as_str())];
        for spelling in spellings(name) {
            headers.push((spelling.clone(), "forged"));
            headers.push((spelling, "  forged twice\t"));
            tried += 2;
        }
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        let text = request("GET", "/echo/x", &host, &headers, "");
        let reply = parse(&raw(world.door, text.as_bytes()).await.unwrap());
        assert_eq!(reply.status, 200, "{name}: {reply:?}");
        assert!(!reply.text().contains("forged"), "{name}: {}", reply.text());
    }
    assert!(tried >= 200);
}

#[tokio::test]
async fn r19_a_connection_header_cannot_take_the_assertion_away() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let text = format!(
        "GET /echo/x HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nX-Mine: forged\r\n\
         Connection: close, Locum-Assertion, X-Remote-User, X-Mine, Locum-Request\r\n\r\n",
        world.host("billing")
    );
    let reply = parse(&raw(world.door, text.as_bytes()).await.unwrap());
    let said = reply.text();
    assert!(!said.contains("forged"), "{said}");
    for injected in ["locum-assertion", "x-remote-user", "locum-request"] {
        assert!(said.contains(injected), "{injected}: {said}");
    }
}

#[tokio::test]
async fn r19_a_trailer_cannot_bring_what_a_header_may_not() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let text = format!(
        "POST /echo/x HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nConnection: close\r\n\
         Trailer: X-Remote-User\r\nTransfer-Encoding: chunked\r\n\r\n\
         2\r\nhi\r\n0\r\nX-Remote-User: forged\r\n\r\n",
        world.host("billing")
    );
    let reply = parse(&raw(world.door, text.as_bytes()).await.unwrap());
    assert_eq!(reply.json()["body"], "hi");
    assert!(!reply.text().contains("forged"));
}

#[tokio::test]
async fn r19_the_application_receives_who_acts_as_whom_and_nothing_of_the_browsers() {
    let world = World::new().await;
    let cookie = world.cookie("billing").await;
    let cookies = format!("other=1; {cookie}; theme=dark");
    let reply = world
        .get("/echo/a%20b?q=1", &cookies, &[("X-Plain", "kept")])
        .await;
    let said = reply.json();
    assert_eq!(said["uri"], "/echo/a%20b?q=1");
    let header = |name: &str| {
        let all: Vec<String> = said["headers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it[0] == name)
            .map(|it| it[1].as_str().unwrap().to_owned())
            .collect();
        assert!(all.len() <= 1, "{name} came twice");
        all.into_iter().next()
    };
    assert_eq!(header("x-remote-user").unwrap(), "kim@customer.example");
    assert_eq!(header("x-proxy-secret").unwrap(), "hunter2");
    assert_eq!(header("x-plain").unwrap(), "kept");
    assert_eq!(header("cookie").unwrap(), "theme=dark");
    assert_eq!(
        header("host").unwrap(),
        world.application.address.to_string()
    );
    assert_eq!(header("x-forwarded-host").unwrap(), world.host("billing"));
    assert_eq!(header("x-forwarded-proto").unwrap(), "http");
    assert_eq!(header("x-forwarded-for").unwrap(), "127.0.0.1");
    assert!(header("locum-request").unwrap().starts_with("rec_"));

    let keys = locum_token::JwkSet::of([world.key.verifying_key().clone()]);
    let expected = locum_token::Expected {
        issuer: crate::world::ISSUER,
        audience: "app:billing",
        now: jiff::Timestamp::now(),
        leeway_seconds: 5,
    };
    let assertion = header("locum-assertion").unwrap();
    let claims = locum_token::Assertion::verify(&assertion, &keys, &expected).unwrap();
    assert_eq!(claims.sub, "kim@customer.example");
    assert_eq!(claims.act.sub, crate::world::ACTOR);
    assert_eq!(claims.sid, world.session.id.to_string());
    assert_eq!(claims.locum.activation, 42);
    assert_eq!(claims.locum.case, "desk:7");

    // The application is told its configured host, however the client writes it.
    let host = format!("BILLING.gw.LOCALHOST:{}", world.door.port());
    let text = request("GET", "/echo/x", &host, &[("Cookie", &cookie)], "");
    let shouted = parse(&raw(world.door, text.as_bytes()).await.unwrap());
    assert_eq!(shouted.status, 200);
    let said = shouted.text();
    assert!(said.contains(&world.host("billing")), "{said}");
    assert!(!said.contains("BILLING"), "{said}");

    // One assertion a minute, one record a request.
    let again = world.get("/echo/b", &cookie, &[]).await.text();
    assert!(again.contains(&assertion));
    assert!(!again.contains(&header("locum-request").unwrap()));
}
