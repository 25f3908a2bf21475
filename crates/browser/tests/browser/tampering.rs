//! Somebody who can write the database while the server is stopped, and holds no key.

use locum_browser::in_browser;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::outside::files::{OWNER, SECURITY};
use crate::outside::locum::run;
use crate::outside::world::World;
use crate::people::{Somebody, asked, founded};

#[test]
fn r13_r22_r24_an_approval_slipped_into_the_database_by_hand_opens_nothing_and_is_reported() {
    in_browser(|browser| async {
        let mut world = World::start().await;
        let founders = founded(&world, browser).await;
        let iris = Somebody::new(browser).await;
        iris.signed_in_at_provider(&world, "iris", true).await;
        // One request is approved as it should be; what that left behind is copied to the other.
        let approved = asked(&iris, &world).await;
        let ned = &founders.owner;
        ned.visitor.clear_cookies().await;
        ned.signed_in_by_passkey(&world).await;
        ned.page.go(&approved).await;
        ned.page.follow("Approve").await;
        ned.page.see("approved").await;
        let pending = asked(&iris, &world).await;
        let [approved, id] =
            [&approved, &pending].map(|it| it.rsplit('/').next().unwrap().to_owned());
        world.stop();
        assert_eq!(verified(&world), Ok(()));

        // The table says what nobody said. The state itself is sealed, so that it is made up of what the ledger shows.
        let database = Connection::open(world.path("harbour.db")).unwrap();
        put(
            &database,
            "request",
            &id,
            &approved_by_hand(&database, &approved, &id),
        );
        drop(database);
        verified(&world).unwrap_err();
        world.serve().await;
        iris.visitor.clear_cookies().await;
        iris.signed_in_at_provider(&world, "iris", true).await;
        iris.page.go(&pending).await;
        iris.page.follow("Activate").await;
        assert!(
            iris.page.status().await >= 400,
            "{}",
            iris.page.text().await
        );
        iris.page.see("missing-approval").await;
        iris.goes(&world, "/sessions").await;
        iris.page.see("0 live").await;
        world.stop();

        // So does a row at the end of the ledger: nothing starts on top of it.
        let database = Connection::open(world.path("harbour.db")).unwrap();
        slip_in(&database, &approved, &id);
        drop(database);
        verified(&world).unwrap_err();
        let refused = run(&["serve", "--config", &world.config()], &[]);
        assert!(!refused.status.success(), "{refused:?}");
    });
}

#[test]
fn r33_an_authenticator_enrolled_in_the_database_by_hand_signs_nothing() {
    in_browser(|browser| async {
        let mut world = World::start().await;
        let founders = founded(&world, browser).await;
        let iris = Somebody::new(browser).await;
        iris.signed_in_at_provider(&world, "iris", true).await;
        let request = asked(&iris, &world).await;

        // Somebody signs in as the owner at the provider, with a key of their own that nobody signs for.
        let thief = Somebody::new(browser).await;
        thief.signed_in_at_provider(&world, "ned", false).await;
        thief.goes(&world, "/account").await;
        thief.page.press("Enrol an authenticator").await;
        thief.page.fill("What you call it", "another key").await;
        thief.page.follow("Enrol it").await;
        thief.page.see("Waiting for somebody to sign").await;
        world.stop();
        let database = Connection::open(world.path("harbour.db")).unwrap();
        enrol_by_hand(&database);
        drop(database);
        verified(&world).unwrap_err();

        world.serve().await;
        let keys = thief.authenticator.credentials(&thief.page).await;
        let thief = Somebody::with(browser, &keys).await;
        thief.signed_in_at_provider(&world, "ned", false).await;
        thief.page.go(&request).await;
        thief.page.press("Approve").await;
        thief.page.see("Your authenticator did not answer").await;
        thief.page.go(&request).await;
        thief.page.see("pending").await;
        // Nor does it sign anybody in.
        thief.visitor.clear_cookies().await;
        thief.goes(&world, "/login").await;
        thief.page.press("Sign in with a passkey").await;
        thief
            .page
            .until(
                "nobody is signed in",
                "!shownText().includes('Waiting for your')",
            )
            .await;
        thief.page.see_no("Sign out").await;

        // The founder's own still does.
        let keys = founders
            .owner
            .authenticator
            .credentials(&founders.owner.page)
            .await;
        let ned = Somebody::with(browser, &keys).await;
        ned.signed_in_by_passkey(&world).await;
    });
}

/// `locum ledger verify`, and what it finds.
fn verified(world: &World) -> Result<(), String> {
    let output = run(&["ledger", "verify", "--config", &world.config()], &[]);
    let said = [output.stdout, output.stderr].concat();
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8(said).unwrap())
    }
}

fn state(database: &Connection, kind: &str, id: &str) -> Value {
    let sql = "SELECT state FROM projection WHERE kind = ?1 AND id = ?2";
    let text: String = database
        .query_row(sql, (kind, id), |row| row.get(0))
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

fn put(database: &Connection, kind: &str, id: &str, state: &Value) {
    let sql = "UPDATE projection SET version = version + 1, state = ?3, subject_key = NULL, sealed = NULL \
               WHERE kind = ?1 AND id = ?2";
    let changed = database
        .execute(sql, (kind, id, state.to_string()))
        .unwrap();
    assert_eq!(changed, 1, "nothing was tampered with");
}

/// The state of one request as if the approval of another were its own.
fn approved_by_hand(database: &Connection, from: &str, to: &str) -> Value {
    let said = |id: &str, kind: &str| -> Value {
        let sql = "SELECT body FROM entry JOIN payload USING (position) \
                   WHERE stream_kind = 'request' AND stream_id = ?1 AND instr(body, ?2)";
        let body: Vec<u8> = database
            .query_row(sql, (id, kind), |row| row.get(0))
            .unwrap();
        serde_json::from_slice(&body).unwrap()
    };
    let approved = said(from, "request-approved");
    let mut request = said(to, "request-filed")["request"].take();
    let step = usize::try_from(approved["step"].as_u64().unwrap()).unwrap();
    request["route"]["steps"][step]["approval"] = approved["approval"].clone();
    request["grant"] = approved["granted"]["grant"].clone();
    request["state"] = json!({
        "state": "approved",
        "at": approved["approval"]["at"],
        "activate_by": approved["granted"]["activate_by"],
    });
    json!({ "kind": "request", "state": request })
}

/// Makes the table say that somebody signed for what the owner asked for.
fn enrol_by_hand(database: &Connection) {
    let mut enrolled = state(database, "enrolment", OWNER);
    let inner = &mut enrolled["state"];
    let asked = inner["asked"][0].clone();
    let (authenticator, at) = (
        &asked["enrolment"]["authenticator"],
        &asked["enrolment"]["at"],
    );
    inner["held"] = json!([{
        "authenticator": authenticator,
        "enrolled_at": at,
        "enrolled_by": SECURITY,
    }]);
    inner["asked"] = json!([]);
    put(database, "enrolment", OWNER, &enrolled);
}

/// Appends the approval of one request to the ledger as that of another.
fn slip_in(database: &Connection, from: &str, to: &str) {
    let sql = "SELECT max(entry.position) FROM entry JOIN payload USING (position) \
               WHERE stream_id = ?1 AND instr(body, 'request-approved')";
    let approval: i64 = database.query_row(sql, (from,), |row| row.get(0)).unwrap();
    let sql = "SELECT max(position) + 1 FROM entry";
    let next: i64 = database.query_row(sql, (), |row| row.get(0)).unwrap();
    let sql = "INSERT INTO entry SELECT ?2, entry, stream_kind, ?3 FROM entry WHERE position = ?1";
    assert_eq!(database.execute(sql, (approval, next, to)).unwrap(), 1);
    let sql = "INSERT INTO payload (position, salt, body, personal_digest, personal, subject_key) \
               SELECT ?2, salt, body, personal_digest, personal, subject_key FROM payload WHERE position = ?1";
    assert_eq!(database.execute(sql, (approval, next)).unwrap(), 1);
}
