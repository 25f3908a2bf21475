//! What no page may do, and what every form must have.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use crate::browser::Answer;
use crate::changing::proposed;
use crate::markup::tags;
use crate::signed_pages::signed_pages;
use crate::world::World;
use crate::{ALICE, AUDREY, OSCAR, SAM, SVEN};

/// Every page there is, as whoever sees the most of it.
async fn every_page(world: &World) -> Vec<(String, Answer)> {
    let mut pages = Vec::new();
    let mut stranger = world.stranger();
    for path in ["/", "/login", "/login?to=%2Frequests"] {
        pages.push((path.to_owned(), stranger.get(path).await));
    }
    let house = &world.house;
    let crossing = house.asking(
        "desk:8",
        &[("billing", &["invoice.read"]), ("crm", &["contact.read"])],
        30,
    );
    let crossing = house.filed(ALICE, &crossing).await;
    let ended = world.live().await;
    house.end(ALICE, &ended).await.unwrap();
    let review = house.reviews_of(&ended).await[0].clone();
    let reviewer = review.reviewer.clone().unwrap().to_string();
    let approved = world.approved().await;
    let session = house.activate(ALICE, &approved).await.unwrap().session;
    let mut sven = world.browser(SVEN).await;
    assert_eq!(
        sven.post("/stop", &[("kind", "case"), ("value", "desk:99")])
            .await
            .location(),
        "/holds"
    );
    let change = proposed(world, SVEN).await;
    let paths = [
        "/".to_owned(),
        "/requests".to_owned(),
        "/requests?state=pending".to_owned(),
        "/requests/new".to_owned(),
        format!("/requests/{}", crossing.id),
        format!("/requests/{approved}"),
        "/sessions".to_owned(),
        "/sessions?state=ended".to_owned(),
        format!("/sessions/{}", session.id),
        format!("/sessions/{ended}"),
        "/reviews".to_owned(),
        format!("/reviews/{}", review.id),
        format!("/events/{}", session.event),
        "/stop".to_owned(),
        "/stop?kind=all".to_owned(),
        "/stop?kind=application&value=billing".to_owned(),
        "/holds".to_owned(),
        "/changes".to_owned(),
        "/changes?state=denied".to_owned(),
        format!("/changes/{change}"),
        "/delegations".to_owned(),
        "/requests/nothing".to_owned(),
    ];
    for person in [ALICE, OSCAR, SAM, AUDREY, reviewer.as_str()] {
        let mut browser = world.browser(person).await;
        for path in &paths {
            pages.push((format!("{person} {path}"), browser.get(path).await));
        }
        let asked = [
            ("case", "desk:8"),
            ("in:crm", "contact.read"),
            ("minutes", "30"),
            ("reason", "Dora cannot read her invoice"),
        ];
        pages.push((
            format!("{person} preview"),
            browser.post("/requests/preview", &asked).await,
        ));
        pages.push((
            format!("{person} form again"),
            browser.post("/requests/preview", &[("case", "?")]).await,
        ));
    }
    pages
}

#[tokio::test]
async fn no_page_has_a_script_but_ours_a_style_of_its_own_or_another_host() {
    let world = World::new().await;
    let mut scripts = BTreeSet::new();
    let signed = World::signed().await;
    let mut pages = every_page(&world).await;
    pages.extend(signed_pages(&signed).await);
    for (path, answer) in pages {
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        let tags = tags(&answer.text());
        // Only what asks an authenticator, or copies something, has the script at all.
        let needs_script = tags
            .iter()
            .any(|it| it.get("data-ceremony").is_some() || it.name == "script");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(
            policy.contains("script-src 'self'; connect-src 'self'"),
            needs_script,
            "{path}: {policy}"
        );
        assert_eq!(policy.contains("script-src"), needs_script, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        let permissions = answer.header("permissions-policy");
        for part in [
            "publickey-credentials-get=(self)",
            "publickey-credentials-create=(self)",
            "camera=()",
        ] {
            assert!(permissions.contains(part), "{path}: {permissions}");
        }
        for tag in tags {
            assert!(
                !["style", "iframe", "object", "base", "img"].contains(&tag.name.as_str()),
                "{path}: {}",
                tag.name
            );
            if tag.name == "script" {
                let source = tag.get("src").unwrap();
                assert!(source.starts_with("/assets/console."), "{path}: {source}");
                scripts.insert(source.to_owned());
            }
            assert!(tag.get("http-equiv").is_none(), "{path}: {}", tag.name);
            for (name, value) in &tag.attributes {
                assert!(
                    name != "style" && !name.starts_with("on"),
                    "{path}: {name} on {}",
                    tag.name
                );
                if ["href", "src", "action", "formaction"].contains(&name.as_str()) {
                    let is_guide = value == "http://localhost:9000/";
                    assert!(
                        value.starts_with(['/', '#']) || is_guide,
                        "{path}: {name}={value}"
                    );
                }
            }
        }
    }
    assert_eq!(scripts.len(), 1);
    for source in scripts {
        let script = world.stranger().get(&source).await;
        assert!(script.header("content-type").starts_with("text/javascript"));
        assert!(script.header("cache-control").contains("immutable"));
    }
    world.house.verify().await;
    signed.house.verify().await;
}

#[tokio::test]
async fn every_control_has_a_label_and_no_id_stands_twice() {
    let world = World::new().await;
    let signed = World::signed().await;
    let mut pages = every_page(&world).await;
    pages.extend(signed_pages(&signed).await);
    for (path, answer) in pages {
        let tags = tags(&answer.text());
        let labelled: BTreeSet<&str> = tags
            .iter()
            .filter(|it| it.name == "label")
            .filter_map(|it| it.get("for"))
            .collect();
        let mut ids = BTreeSet::new();
        for tag in &tags {
            if let Some(id) = tag.get("id") {
                assert!(ids.insert(id), "{path}: id {id} stands twice");
            }
            let is_control = ["input", "select", "textarea"].contains(&tag.name.as_str());
            if is_control && tag.get("type") != Some("hidden") {
                let has_label =
                    tag.is_in_label || tag.get("id").is_some_and(|id| labelled.contains(id));
                assert!(
                    has_label,
                    "{path}: {} {:?} has no label",
                    tag.name,
                    tag.get("name")
                );
            }
        }
        assert!(
            labelled.iter().all(|id| ids.contains(id)),
            "{path}: a label for nothing"
        );
        assert_eq!(
            tags.iter().filter(|it| it.name == "h1").count(),
            1,
            "{path}"
        );
    }
    world.house.verify().await;
    signed.house.verify().await;
}

#[tokio::test]
async fn every_form_that_changes_something_is_a_post_with_its_logins_token() {
    let world = World::new().await;
    let signed = World::signed().await;
    let mut pages = every_page(&world).await;
    pages.extend(signed_pages(&signed).await);
    for (path, answer) in pages {
        let text = answer.text();
        for form in text.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let is_look = form.contains("method=\"get\"");
            let is_login = [
                "/login",
                "/login/passkey/verify",
                "/founding/begin",
                "/invitation",
            ]
            .iter()
            .any(|it| form.contains(&format!("action=\"{it}\"")));
            assert!(
                is_look || is_login || form.contains("name=\"csrf\""),
                "{path}: {form}"
            );
        }
    }
    world.house.verify().await;
    signed.house.verify().await;
}

#[tokio::test]
async fn nothing_is_decided_by_looking() {
    let world = World::new().await;
    let id = world.approved().await;
    let mut alice = world.browser(ALICE).await;
    for verb in [
        "approve", "offer", "ask", "deny", "answer", "accept", "withdraw", "activate", "extend",
    ] {
        let answer = alice.get(&format!("/requests/{id}/{verb}")).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{verb}");
    }
    assert_eq!(world.house.request(&id).await.state.as_str(), "approved");
    world.house.verify().await;
}
