//! What a regulated application asks of whoever activates and whoever signs.

use locum_browser::in_browser;

use crate::outside::provider::answer_provider;
use crate::outside::world::World;
use crate::people::{Somebody, asked_for, founded};

#[test]
fn r09_r13_a_regulated_session_takes_two_signatures_and_a_login_that_is_sure() {
    in_browser(|browser| async {
        let world = World::start().await;
        let founders = founded(&world, browser).await;
        let iris = Somebody::new(browser).await;
        iris.signed_in_at_provider(&world, "iris", false).await;
        let request = asked_for("slip.read", &iris, &world).await;

        for approver in [&founders.owner, &founders.security] {
            approver.visitor.clear_cookies().await;
            approver.signed_in_by_passkey(&world).await;
            approver.page.go(&request).await;
            approver.page.follow("Approve").await;
            approver.page.see("approved").await;
        }

        // A password at the provider is enough to ask with and too little to begin with.
        iris.page.go(&request).await;
        iris.page.follow("Activate").await;
        iris.page.see("Confirm it is you").await;
        iris.page.is_presentable("confirm").await;
        iris.page.follow("Confirm with 127.0.0.1").await;
        answer_provider(&iris.page, "iris", true).await;
        iris.page.is_at(&world.console()).await;
        iris.page.go(&request).await;
        iris.page.follow("Activate").await;
        iris.page.see("live").await;
        iris.page.see("Open Payroll").await;
    });
}
