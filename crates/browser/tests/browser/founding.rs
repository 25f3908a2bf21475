//! The founding, and how every later key comes to count (R33).

use locum_browser::{in_browser, wait_for};

use crate::outside::files::OWNER;
use crate::outside::world::World;
use crate::people::{Founding, Somebody, founded};

#[test]
fn r33_two_founders_sign_each_others_keys_and_every_later_one_is_signed_by_somebody_else() {
    in_browser(|browser| async {
        let world = World::start().await;
        // Where there is a provider nobody is handed a link.
        assert_eq!(world.founding_link(OWNER), None);
        let founding = Founding::enrolled(&world, browser).await;
        founding.owner.page.reload().await;
        founding.owner.page.is_presentable("founding-compare").await;
        let founders = founding.signed(&world).await;
        founders
            .security
            .page
            .is_presentable("founding-complete")
            .await;
        let fingerprints: Vec<&str> = founders.for_auditors.split_whitespace().collect();
        assert_eq!(fingerprints.len(), 4, "{}", founders.for_auditors);
        // Whoever stands at the terminal reads the same ones.
        let terminal = world.terminal();
        for fingerprint in [fingerprints[1], fingerprints[3]] {
            assert!(terminal.contains(fingerprint), "{terminal}");
        }

        // Whoever comes later asks, and is no approver of their own key.
        let max = Somebody::new(browser).await;
        max.signed_in_at_provider(&world, "max", false).await;
        max.goes(&world, "/account").await;
        max.page.is_presentable("account-empty").await;
        max.page.fill("What you call it", "work phone").await;
        max.page.follow("Enrol it").await;
        max.page.see("Waiting for somebody to sign").await;
        max.page.is_presentable("account-waiting").await;
        max.goes(&world, "/enrolments").await;
        max.page.see_no("Sign the enrolment").await;

        let sol = &founders.security;
        sol.signed_in_by_passkey(&world).await;
        sol.goes(&world, "/").await;
        sol.page.is_presentable("today-enrolment").await;
        sol.goes(&world, "/enrolments").await;
        sol.page.is_presentable("enrolments").await;
        sol.page.follow("Max Moor").await;
        sol.page.is_presentable("enrolment").await;
        sol.page.press("I spoke to Max Moor").await;
        sol.page.follow("Sign the enrolment").await;

        // Announced, new, and good for signing in.
        max.goes(&world, "/").await;
        max.page.see("work phone").await;
        max.page.is_presentable("today-announced").await;
        max.goes(&world, "/account").await;
        max.page.see("signs regulated from").await;
        max.page.is_presentable("account").await;
        max.visitor.clear_cookies().await;
        max.signed_in_by_passkey(&world).await;
        max.page.see("Max Moor").await;
    });
}

#[test]
fn r33_without_a_provider_each_founder_begins_with_a_link_of_their_own() {
    in_browser(|browser| async {
        let world = World::without_provider().await;
        let link = world.founding_link(OWNER).unwrap();
        let stranger = browser.visitor().await.open(&link).await;
        stranger.see("This link is for Ned Noble").await;
        stranger.is_presentable("founding-link").await;
        stranger.close().await;
        let code = link.rsplit('/').next().unwrap();
        assert!(!world.terminal().contains(code));

        let founding = Founding::enrolled(&world, browser).await;
        // A founder's link is for the founding alone, and good once.
        let sol = &founding.security;
        sol.goes(&world, "/enrolments").await;
        sol.page.see("Sign in with a passkey").await;
        let again = browser.visitor().await.open(&link).await;
        again.see("This link is nobody's").await;
        again.is_presentable("founding-link-used").await;
        again.close().await;

        let founders = founding.signed(&world).await;
        let sol = &founders.security;
        sol.page.is_presentable("founding-complete-by-link").await;
        let links = world.path("keys/founding");
        wait_for("the links are gone", || async {
            match links.exists() {
                true => Err("they are there".to_owned()),
                false => Ok(()),
            }
        })
        .await;
        sol.signed_in_by_passkey(&world).await;
        sol.page.see("Sol Sears").await;
    });
}

#[test]
fn r33_whoever_is_invited_enrols_once_and_somebody_else_signs_for_it() {
    in_browser(|browser| async {
        let world = World::without_provider().await;
        let founders = founded(&world, browser).await;
        let (ned, sol) = (&founders.owner, &founders.security);
        sol.signed_in_by_passkey(&world).await;
        sol.goes(&world, "/enrolments").await;
        sol.page.press("Invite somebody").await;
        sol.page.choose("Whom", "Ava Ames").await;
        sol.page.is_presentable("inviting").await;
        sol.page.follow("Make the link").await;
        sol.page.is_presentable("invitation-made").await;
        let link = sol
            .page
            .evaluate("document.querySelector('main code').innerText")
            .await;
        let link = link.as_str().unwrap().to_owned();

        let ava = Somebody::new(browser).await;
        ava.page.go(&link).await;
        ava.page.is_presentable("invitation").await;
        ava.page.fill("What you call it", "blue security key").await;
        ava.page.follow("Enrol it").await;
        ava.page.see("Your authenticator waits").await;
        ava.page.is_presentable("invitation-waiting").await;
        let again = browser.visitor().await.open(&link).await;
        again.see("This invitation is nobody's").await;

        // Whoever invited does not sign as well.
        sol.goes(&world, "/enrolments").await;
        sol.page.follow("Ava Ames").await;
        sol.page.see_no("Sign the enrolment").await;
        ned.signed_in_by_passkey(&world).await;
        ned.goes(&world, "/enrolments").await;
        ned.page.follow("Ava Ames").await;
        ned.page.press("I spoke to Ava Ames").await;
        ned.page.follow("Sign the enrolment").await;
        ava.signed_in_by_passkey(&world).await;
        ava.page.see("Ava Ames").await;
    });
}
