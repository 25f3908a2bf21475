//! A change of what counts: proposed from the command line, confirmed, denied and taken back on a page.

use locum_browser::{Page, Visitor, in_browser, wait_for};
use serde_json::{Value, json};

use crate::console::signed_in;
use crate::device::token;
use crate::outside::http;
use crate::outside::locum::Locum;

const BILLING: &str = "catalog/applications/billing.toml";

/// The demonstration, and Sam of security with a command line of hers.
struct Desk {
    console: String,
    port: u16,
    cookies: String,
    token: String,
}

impl Desk {
    async fn of(console: String, visitor: &Visitor<'_>, page: &Page) -> Self {
        let port = console.rsplit(':').next().unwrap().parse().unwrap();
        let kept = tempfile::tempdir().unwrap();
        let variables = [
            ("LOCUM_URL", console.clone()),
            ("XDG_STATE_HOME", kept.path().display().to_string()),
        ];
        let mut device = Locum::spawn(&["login"], &variables);
        let code = wait_for("the device shows its code", || async {
            let shown = device.answered();
            let after = shown.split("enter ").nth(1).and_then(|rest| rest.get(..9));
            after.map(str::to_owned).ok_or_else(|| shown.clone())
        });
        let code = code.await;
        page.go(&format!("{console}/device")).await;
        page.fill("Code", &code).await;
        page.follow("Show the device").await;
        page.follow("Allow").await;
        page.see("The device is in").await;
        let ended = std::cell::RefCell::new(&mut device);
        wait_for("the device is signed in", || async {
            let ended = ended.borrow_mut().ended();
            ended.ok_or_else(|| "it still waits".to_owned())
        })
        .await;
        Self {
            port,
            cookies: visitor.cookie_header("localhost").await,
            token: token(kept.path()),
            console,
        }
    }

    /// Proposes that billing's own file says something else, and says where that stands.
    fn proposes(&self, from: &str, to: &str, note: &str) -> String {
        let governance = http::get(self.port, "/api/v1/governance", &self.cookies).unwrap();
        let mut governance: Value = serde_json::from_slice(&governance.body).unwrap();
        let billing = governance["files"][BILLING].as_str().unwrap();
        assert!(billing.contains(from), "{billing}");
        governance["files"][BILLING] = json!(billing.replace(from, to));
        let proposed = json!({
            "base": governance["digest"],
            "files": governance["files"],
            "settings": governance["settings"],
            "note": note,
        });
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let answer = http::post(
            self.port,
            "/api/v1/changes",
            &headers,
            &proposed.to_string(),
        );
        let answer = answer.unwrap();
        assert!((200..300).contains(&answer.status), "{}", answer.text());
        let change: Value = serde_json::from_slice(&answer.body).unwrap();
        format!(
            "{}/changes/{}",
            self.console,
            change["id"].as_str().unwrap()
        )
    }
}

#[test]
fn r33_what_loosens_waits_on_a_page_for_a_second_person() {
    in_browser(|browser| async {
        let (_demo, console) = Locum::demo().await;
        let visitors = [browser.visitor().await, browser.visitor().await];
        let [sam, oscar] = &visitors;
        let proposing = signed_in(sam, &console, "Sam Stone").await;
        let deciding = signed_in(oscar, &console, "Oscar Owens").await;
        let desk = Desk::of(console.clone(), sam, &proposing).await;

        // One more route: Sam alone cannot let it count.
        let more = "routes = [\"GET /invoices\", \"GET /invoices/*\", \"GET /receipts/*\"]";
        let fewer = "routes = [\"GET /invoices\", \"GET /invoices/*\"]";
        let change = desk.proposes(fewer, more, "receipts are asked for daily");
        proposing.go(&change).await;
        proposing.see("waiting").await;
        proposing.see_no("Confirm: let it count").await;
        proposing.is_presentable("change-of-ones-own").await;
        deciding.go(&console).await;
        deciding.see("receipts are asked for daily").await;
        deciding.is_presentable("today-change").await;
        deciding.go(&change).await;
        deciding.see("GET /receipts/*").await;
        deciding.is_presentable("change-to-confirm").await;
        deciding.follow("Confirm: let it count").await;
        deciding.see("applied").await;
        deciding.is_presentable("change-applied").await;

        // The next is denied with a reason, which its proposer reads.
        let most = more.replace("/receipts/*", "/*/*");
        let change = desk.proposes(more, &most, "whatever else there is");
        deciding.go(&change).await;
        deciding.press("Deny").await;
        let reason = "Why not; whoever proposed it reads this";
        deciding.fill(reason, "name what is needed").await;
        deciding.follow("Deny the change").await;
        deciding.see("denied").await;
        proposing.go(&change).await;
        proposing.see("name what is needed").await;
        proposing.is_presentable("change-denied").await;

        // And one is taken back.
        let change = desk.proposes(more, &most, "whatever else there is, again");
        proposing.go(&change).await;
        proposing.follow("Take it back").await;
        proposing.see("withdrawn").await;
        proposing.go(&format!("{console}/changes")).await;
        proposing.is_presentable("changes").await;
    });
}
