//! The whole way: asked under an OpenID login, approved with a passkey, activated, used, and proved to an outsider.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use locum_browser::in_browser;

use crate::outside::http;
use crate::outside::locum::run;
use crate::outside::world::World;
use crate::people::{Somebody, asked, founded};

/// `locum evidence verify` found that something in the pack is not what it says.
const DOES_NOT_VERIFY: i32 = 4;

#[test]
fn r06_r13_an_approval_is_the_owners_own_signature_and_an_outsider_can_check_it() {
    in_browser(|browser| async {
        let mut world = World::start().await;
        let founders = founded(&world, browser).await;
        let iris = Somebody::new(browser).await;
        iris.goes(&world, "/login").await;
        iris.page.is_presentable("production-sign-in").await;
        iris.signed_in_at_provider(&world, "iris", true).await;
        let request = asked(&iris, &world).await;

        let ned = &founders.owner;
        ned.visitor.clear_cookies().await;
        ned.signed_in_by_passkey(&world).await;
        ned.page.go(&request).await;
        ned.page.see("signed with your authenticator").await;
        ned.page.press("What exactly you sign").await;
        ned.page.is_presentable("card-with-passkey").await;
        ned.page.follow("Approve").await;
        ned.page.see("approved").await;
        ned.goes(&world, "/account/signed").await;
        ned.page.see("Iris Ivers").await;
        ned.page.is_presentable("account-signed").await;

        iris.page.go(&request).await;
        iris.page.follow("Activate").await;
        iris.page.see("live").await;
        iris.page.follow("Open Parcels").await;
        iris.page
            .go(&format!(
                "http://127.0.0.1:{}/parcels/7",
                world.ports.address
            ))
            .await;
        iris.page.see("This is /parcels/7").await;
        iris.page.go(&request).await;
        iris.page.follow("To the session").await;
        iris.page.follow("End the session").await;

        let ava = Somebody::new(browser).await;
        ava.signed_in_at_provider(&world, "ava", true).await;
        ava.page.go(&request).await;
        ava.page.follow("Access event and evidence").await;
        let event = ava.page.address().await;
        let path = event.strip_prefix(&world.console()).unwrap();
        let cookies = ava.visitor.cookie_header("localhost").await;
        let pack = http::get(world.ports.server, &format!("{path}/evidence"), &cookies).unwrap();
        assert_eq!(pack.status, 200, "{}", pack.text());
        world.stop();
        fs::write(world.path("pack.zip"), &pack.body).unwrap();

        for verify in [ours, second] {
            let (status, said) = verify(&world, &founders.for_auditors);
            assert_eq!(status, 0, "{said}");
            let (status, said) = verify(&world, &exchanged(&founders.for_auditors));
            assert_eq!(status, DOES_NOT_VERIFY, "{said}");
        }
        let (_, said) = ours(&world, &founders.for_auditors);
        assert!(said.contains("ned@harbour.example"), "{said}");
    });
}

/// `locum evidence verify`: the status, and what it says.
fn ours(world: &World, founders: &str) -> (i32, String) {
    let [pack, file] = pack_and(world, founders);
    outcome(&run(
        &["evidence", "verify", &pack, "--founders", &file],
        &[],
    ))
}

/// The verifier that was written from the format's description alone.
fn second(world: &World, founders: &str) -> (i32, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/evidence/verify_pack.py");
    let [pack, file] = pack_and(world, founders);
    let mut python = Command::new("python3");
    let verified = python
        .arg(script)
        .args([&pack, "--founders", &file])
        .output();
    outcome(&verified.unwrap())
}

fn pack_and(world: &World, founders: &str) -> [String; 2] {
    fs::write(world.path("founders"), founders).unwrap();
    ["pack.zip", "founders"].map(|name| world.path(name).display().to_string())
}

fn outcome(output: &Output) -> (i32, String) {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap(),
    )
}

/// The founders with each other's keys.
fn exchanged(founders: &str) -> String {
    let words: Vec<&str> = founders.split_whitespace().collect();
    format!("{} {}\n{} {}\n", words[0], words[3], words[2], words[1])
}
