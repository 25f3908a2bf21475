//! Every page that has to do with authenticators, logins and the founding, as whoever sees the most of it.

use locum_login::SeenFrom;
use locum_testkit::house::SoftAuthenticator;
use secrecy::ExposeSecret as _;

use crate::browser::Answer;
use crate::device_key::sign_in;
use crate::world::World;
use crate::{ALICE, AUDREY, MIA, OSCAR, PRYA, SAM};

/// The pages of a house where approvals are signed.
pub(crate) async fn signed_pages(world: &World) -> Vec<(String, Answer)> {
    let mut pages = Vec::new();
    let mut stranger = world.stranger();
    let code = world.founding_codes.make(&SAM.parse().unwrap()).unwrap();
    for path in [
        "/login?to=%2Frequests",
        "/founding/nobodys",
        &format!("/founding/{}", code.expose_secret()),
        "/login/oidc/callback?error=x",
    ] {
        pages.push((path.to_owned(), stranger.get(path).await));
    }
    for person in [ALICE, SAM] {
        let page = world.browser(person).await.get("/founding").await;
        pages.push((format!("{person} /founding, begun"), page));
    }
    let house = &world.house;
    let [_, sam] = house.founded().await;
    let oscar = house.enrolled(OSCAR, &sam).await;
    let id = world.pending().await;
    let request = format!("/requests/{id}");
    let page = world.browser(OSCAR).await.get(&request).await;
    pages.push(("the card, too early".to_owned(), page));
    house.enrolled(ALICE, &sam).await;
    house.clock.advance_minutes(24 * 60);
    let asked = house
        .ask_to_enrol(&SoftAuthenticator::passkey(ALICE, 2))
        .await
        .unwrap();
    let lost = SoftAuthenticator::passkey(ALICE, 1).public.id;
    let mut alice = world.browser(ALICE).await;
    let path = format!("/account/authenticators/{lost}/revoke");
    alice.post(&path, &[("reason", "lost on the way")]).await;
    let crossing = house.asking(
        "desk:7",
        &[("billing", &["invoice.read"]), ("crm", &["contact.read"])],
        30,
    );
    let crossing = house.filed(ALICE, &crossing).await.id;
    let device = world.devices.ask("locum", SeenFrom::default()).unwrap();
    let code = device.user_code.to_string();
    let paths = [
        "/".to_owned(),
        "/account".to_owned(),
        "/account/signed".to_owned(),
        "/confirm?to=%2Faccount".to_owned(),
        "/enrolments".to_owned(),
        "/enrolments/lost".to_owned(),
        format!("/enrolments/lost?person={ALICE}"),
        format!("/enrolments/{}", asked.id),
        "/founding".to_owned(),
        format!("/device?user_code={code}"),
        format!("/requests/{crossing}"),
        "/login".to_owned(),
    ];
    let mut oscars = world.stranger();
    sign_in(&mut oscars, &oscar, "/").await;
    let mut sams = world.stranger();
    sign_in(&mut sams, &sam, "/").await;
    let browsers = [
        (ALICE, alice),
        (OSCAR, oscars),
        (SAM, sams),
        (MIA, world.browser(MIA).await),
        (PRYA, world.browser(PRYA).await),
        (AUDREY, world.browser(AUDREY).await),
    ];
    for (person, mut browser) in browsers {
        for path in &paths {
            pages.push((format!("{person} {path}"), browser.get(path).await));
        }
        let page = browser.post("/device", &[("user_code", &code)]).await;
        pages.push((format!("{person} the device"), page));
    }
    pages
}
