//! The whole way: asked under an OpenID login, approved with a passkey, activated, used, and proved to an outsider.

use std::fs;

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

        let verified = verify(&world, &founders.for_auditors);
        assert_eq!(verified.0, 0, "{}", verified.1);
        assert!(
            verified.1.contains("Ned Noble") || verified.1.contains("ned@harbour.example"),
            "{}",
            verified.1
        );
        let others = exchanged(&founders.for_auditors);
        let refused = verify(&world, &others);
        assert_eq!(refused.0, DOES_NOT_VERIFY, "{}", refused.1);
    });
}

/// The status, and what it says, for these founders.
fn verify(world: &World, founders: &str) -> (i32, String) {
    let (pack, file) = (world.path("pack.zip"), world.path("founders"));
    fs::write(&file, founders).unwrap();
    let arguments = [
        "evidence",
        "verify",
        &pack.display().to_string(),
        "--founders",
        &file.display().to_string(),
    ];
    let output = run(&arguments, &[]);
    let said = [output.stdout, output.stderr].concat();
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
