//! A lost authenticator: what it signed counts no more, and the next one comes through the same door.

use locum_browser::in_browser;

use crate::outside::world::World;
use crate::people::{Somebody, asked, asked_for, founded};

#[test]
fn r33_a_lost_authenticator_counts_no_more_and_the_next_one_waits_for_somebodys_signature_and_a_day()
 {
    in_browser(|browser| async {
        let world = World::start().await;
        let founders = founded(&world, browser).await;
        let (ned, sol) = (&founders.owner, &founders.security);
        let iris = Somebody::new(browser).await;
        iris.signed_in_at_provider(&world, "iris", true).await;
        let request = asked(&iris, &world).await;
        ned.visitor.clear_cookies().await;
        ned.signed_in_by_passkey(&world).await;

        // A finger that the authenticator does not know signs nothing.
        ned.authenticator.verifies_its_user(&ned.page, false).await;
        ned.page.go(&request).await;
        ned.page.press("Approve").await;
        ned.page.see("Your authenticator did not answer").await;
        ned.authenticator.verifies_its_user(&ned.page, true).await;
        ned.page.follow("Approve").await;
        ned.page.see("approved").await;

        // It is lost before anybody used what it signed.
        ned.goes(&world, "/account").await;
        ned.page.press("I lost this").await;
        ned.page.fill("What happened", "left on a train").await;
        ned.page.is_presentable("account-losing").await;
        ned.page.follow("Revoke a security key").await;
        iris.page.go(&request).await;
        iris.page.follow("Activate").await;
        iris.page.see("missing-approval").await;
        ned.visitor.clear_cookies().await;
        ned.goes(&world, "/login").await;
        ned.page.follow("Sign in with a passkey").await;
        ned.page.see_no("Ned Noble").await;

        // The next one is asked for under his name, and somebody else signs for it.
        let again = Somebody::new(browser).await;
        again.signed_in_at_provider(&world, "ned", true).await;
        again.goes(&world, "/account").await;
        again.page.is_presentable("account-lost").await;
        again.page.fill("What you call it", "the next one").await;
        again.page.follow("Enrol it").await;
        sol.visitor.clear_cookies().await;
        sol.signed_in_by_passkey(&world).await;
        sol.goes(&world, "/enrolments").await;
        sol.page.follow("Ned Noble").await;
        sol.page.press("I spoke to Ned Noble").await;
        sol.page.follow("Sign the enrolment").await;

        // It signs at once, but nothing regulated before a day has passed.
        let standard = asked(&iris, &world).await;
        again.page.go(&standard).await;
        again.page.follow("Approve").await;
        again.page.see("approved").await;
        let regulated = asked_for("slip.read", &iris, &world).await;
        again.page.go(&regulated).await;
        again.page.see("Your authenticator is new").await;
        again.page.is_presentable("card-too-new").await;
    });
}
