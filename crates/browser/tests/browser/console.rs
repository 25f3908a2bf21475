//! Every page of the console, as somebody at a desk and somebody with a phone sees it, in both colour schemes.

use locum_browser::{Page, Visitor, in_browser};

use crate::outside::locum::Locum;

#[test]
fn every_page_of_the_console_is_accessible_and_keeps_its_own_policy() {
    in_browser(|browser| async {
        let (_demo, console) = Locum::demo().await;
        let stranger = browser.visitor().await;
        let page = stranger.open(&console).await;
        page.see("Support agents act as a customer here").await;
        page.is_presentable("welcome").await;

        let alice = browser.visitor().await;
        let oscar = browser.visitor().await;
        let sam = browser.visitor().await;
        let asking = signed_in(&alice, &console, "Alice Archer").await;
        asking.is_presentable("today-empty").await;
        for (path, name) in [
            ("/login", "sign-in"),
            ("/requests", "requests-empty"),
            ("/sessions", "sessions-empty"),
            ("/reviews", "reviews-empty"),
            ("/holds", "holds-empty"),
            ("/exceptions", "exceptions-empty"),
            ("/changes", "changes-empty"),
            ("/changes?state=denied", "changes-none-denied"),
            ("/delegations", "delegations-empty"),
            ("/account", "development-account"),
            ("/account/signed", "signed-nothing"),
            ("/confirm", "development-confirm"),
            ("/device", "development-device"),
            ("/enrolments", "enrolments-empty"),
            ("/founding", "founding-nobody"),
            ("/requests/nothing-of-that-name", "refusal"),
        ] {
            asking.go(&format!("{console}{path}")).await;
            asking.is_presentable(name).await;
        }
        let request = filed(&asking, &console).await;

        let deciding = signed_in(&oscar, &console, "Oscar Owens").await;
        deciding.is_presentable("today-waiting").await;
        deciding.go(&request).await;
        deciding.is_presentable("decision-card").await;
        deciding.follow("Approve").await;
        deciding.is_presentable("decided").await;

        let stopping = signed_in(&sam, &console, "Sam Stone").await;
        stopping.go(&request).await;
        stopping.is_presentable("decision-card-second").await;
        stopping.follow("Approve").await;

        asking.reload().await;
        asking.is_presentable("request-approved").await;
        asking.follow("Activate").await;
        asking.is_presentable("session-live").await;
        asking.go(&format!("{console}/sessions")).await;
        asking.is_presentable("sessions").await;
        asking.go(&request).await;
        asking.is_presentable("request-story").await;
        asking.follow("Why it was decided so").await;
        asking.press("The rules, and what they read then").await;
        asking.is_presentable("explanation").await;
        asking.go(&request).await;
        asking.follow("To the session").await;
        asking.follow("End the session").await;
        asking.is_presentable("session-ended").await;
        asking.go(&request).await;
        asking.follow("Access event and evidence").await;
        asking.is_presentable("event").await;

        deciding.go(&format!("{console}/exceptions")).await;
        deciding.press("Ask for an exception").await;
        deciding.is_presentable("exception-form").await;
        deciding
            .fill(
                "Why it cannot wait for the user",
                "The bank's own portal is down until Friday.",
            )
            .await;
        deciding.follow("Ask").await;
        deciding.is_presentable("exception-waiting").await;
        stopping.go(&format!("{console}/exceptions")).await;
        stopping.is_presentable("exception-to-open").await;
        stopping.follow("Open it").await;
        stopping.is_presentable("exception-open").await;

        deciding
            .go(&format!("{console}/applications/billing/unclassified"))
            .await;
        deciding.is_presentable("unclassified-empty").await;
        deciding.go(&format!("{console}/account")).await;
        deciding.press("Say that you will be away").await;
        deciding.is_presentable("absence-form").await;
        for (field, days) in [("from", 1), ("until", 5)] {
            let day = format!("new Date(Date.now() + {days} * 864e5).toISOString().slice(0, 10)");
            let choose = format!("document.getElementById('{field}').value = {day}");
            deciding.evaluate(&choose).await;
        }
        deciding.choose("Deputy", "Petra Price").await;
        deciding.follow("Announce").await;
        deciding.is_presentable("absence-announced").await;

        for (path, name) in [
            ("/changes", "changes-nobody"),
            ("/stop", "stop"),
            ("/reviews", "reviews"),
            ("/sessions", "sessions-all"),
        ] {
            stopping.go(&format!("{console}{path}")).await;
            stopping.is_presentable(name).await;
        }
    });
}

/// Signs in at the demonstration by choosing who to be.
pub(crate) async fn signed_in(visitor: &Visitor<'_>, console: &str, name: &str) -> Page {
    let page = visitor.open(&format!("{console}/login")).await;
    page.follow(name).await;
    page.see("Sign out").await;
    page
}

/// Files a request over the form, and says where it stands.
async fn filed(page: &Page, console: &str) -> String {
    page.go(&format!("{console}/requests/new")).await;
    page.is_presentable("new-request-empty").await;
    page.fill("Case", "desk:7").await;
    page.press("invoice.read").await;
    page.fill("Why", "Too short").await;
    page.follow("Preview: who will be asked").await;
    page.see("This would be refused").await;
    page.is_presentable("new-request-refused").await;
    page.fill(
        "Why",
        "The customer sees no March invoice; I need to see what they see.",
    )
    .await;
    page.follow("Preview: who will be asked").await;
    page.see("Who will be asked").await;
    page.is_presentable("preview").await;
    page.follow("File the request").await;
    page.is_presentable("request-filed").await;
    page.address().await
}
