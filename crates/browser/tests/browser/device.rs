//! `locum login`: a command line let in from a browser, and what it cannot do.

use std::fs;

use locum_browser::{in_browser, wait_for};
use serde_json::Value;

use crate::outside::http;
use crate::outside::locum::{Locum, run};
use crate::outside::world::World;
use crate::people::{Somebody, asked, founded};

#[test]
fn r06_a_device_that_was_let_in_looks_and_asks_and_approves_nothing() {
    in_browser(|browser| async {
        let world = World::start().await;
        let founders = founded(&world, browser).await;
        let iris = Somebody::new(browser).await;
        iris.signed_in_at_provider(&world, "iris", true).await;
        let request = asked(&iris, &world).await;
        let id = request.rsplit('/').next().unwrap();

        let kept = tempfile::tempdir().unwrap();
        let variables = [
            ("LOCUM_URL", world.console()),
            ("XDG_STATE_HOME", kept.path().display().to_string()),
        ];
        let mut device = Locum::spawn(&["login"], &variables);
        let code = wait_for("the device shows its code", || async {
            let shown = device.answered();
            let after = shown.split("enter ").nth(1).and_then(|rest| rest.get(..9));
            after
                .map(str::to_owned)
                .ok_or_else(|| shown.clone() + &device.complained())
        });
        let code = code.await;

        // The owner lets it in, having seen which one it is.
        let ned = &founders.owner;
        ned.visitor.clear_cookies().await;
        ned.signed_in_by_passkey(&world).await;
        ned.goes(&world, "/device").await;
        ned.page.is_presentable("device").await;
        ned.page.fill("Code", &code).await;
        ned.page.follow("Show the device").await;
        ned.page.see("Is this the device in front of you?").await;
        ned.page.is_presentable("device-confirm").await;
        ned.page.follow("Allow").await;
        ned.page.see("The device is in").await;
        let ended = std::cell::RefCell::new(&mut device);
        let said = wait_for("the device is signed in", || async {
            ended
                .borrow_mut()
                .ended()
                .ok_or_else(|| "it still waits".to_owned())
        });
        let said = said.await;
        assert!(said.contains("signed in at"), "{said}");

        // It looks.
        let seen = run(&["show", id], &variables);
        assert!(seen.status.success(), "{seen:?}");
        assert!(
            String::from_utf8_lossy(&seen.stdout).contains("pending"),
            "{seen:?}"
        );
        // It approves nothing, by the command line or past it.
        let refused = run(&["approve", id], &variables);
        assert!(
            !String::from_utf8_lossy(&refused.stdout).contains("approved"),
            "{refused:?}"
        );
        let token = token(kept.path());
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let shown = run(&["show", id, "--json"], &variables);
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        let body = serde_json::json!({ "scope_digest": shown["scope_digest"] }).to_string();
        let path = format!("/api/v1/requests/{id}/approve");
        let refused = http::post(world.ports.server, &path, &headers, &body).unwrap();
        assert_eq!(refused.status, 401, "{}", refused.text());
        assert!(
            refused.text().contains("signature-required"),
            "{}",
            refused.text()
        );
        ned.page.go(&request).await;
        ned.page.see("pending").await;

        // Its owner ends it.
        ned.goes(&world, "/account").await;
        ned.page.see("device you let in").await;
        ned.page.follow("End all others").await;
        let gone = run(&["show", id], &variables);
        assert!(!gone.status.success(), "{gone:?}");
    });
}

/// The token that `locum login` keeps.
pub(crate) fn token(kept: &std::path::Path) -> String {
    let text = fs::read_to_string(kept.join("locum/logins.json")).unwrap();
    let logins: Value = serde_json::from_str(&text).unwrap();
    found(&logins).expect("a token is kept")
}

fn found(value: &Value) -> Option<String> {
    let own = value
        .get("token")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let inner = || value.as_object()?.values().find_map(found);
    own.or_else(inner)
}
