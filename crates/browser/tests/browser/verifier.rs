//! R24: the page that an auditor keeps, opened from a disk, with packs dropped into it.

use std::fs;
use std::path::Path;

use locum_browser::{Browser, Page, in_browser};
use serde_json::json;

use crate::outside::http;
use crate::outside::locum::run;
use crate::outside::world::World;
use crate::people::{Somebody, asked, founded};

/// The page, as it lies on somebody's disk.
async fn kept(browser: &Browser) -> Page {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verifier/locum-verify.html");
    let file = fs::canonicalize(file).unwrap();
    let visitor = browser.visitor().await;
    let page = visitor.open(&format!("file://{}", file.display())).await;
    page.see("Choose the file, or drop it anywhere on this page.")
        .await;
    page
}

/// Hands a file to the page, as a hand that lets go of it over the page, or by the chooser.
async fn hand(page: &Page, how: &str, name: &str, bytes: &[u8]) {
    let handed = format!(
        "(() => {{ const data = new DataTransfer(); \
         data.items.add(new File([new Uint8Array({})], {})); \
         const input = document.getElementById('pack'); \
         if ({} === 'chosen') {{ input.files = data.files; input.dispatchEvent(new Event('change')); }} \
         else document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }})); \
         return 0; }})()",
        json!(bytes),
        json!(name),
        json!(how)
    );
    page.evaluate(&handed).await;
}

/// The sentence on top, which is what a screen reader says.
async fn answers(page: &Page, beginning: &str) -> String {
    let look = "document.querySelector('[role=status]').innerText.replace(/^[^A-Z]+/, '')";
    let what = format!("the answer begins with `{beginning}`");
    page.until(&what, &format!("{look}.startsWith({})", json!(beginning)))
        .await;
    let answer = page.evaluate(look).await;
    answer.as_str().unwrap().to_owned()
}

#[test]
fn r24_a_pack_dropped_into_the_page_is_judged_with_no_network_in_words_and_in_both_schemes() {
    in_browser(|browser| async {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().display().to_string();
        let played = run(&["demo", "--once", "--out", &out], &[]);
        assert!(played.status.success(), "{played:?}");
        let pack = fs::read(folder.path().join("evidence.zip")).unwrap();
        let key = fs::read_to_string(folder.path().join("ledger.vkey")).unwrap();

        let page = kept(browser).await;
        page.is_presentable("verifier-empty").await;
        hand(&page, "dropped", "evidence.zip", &pack).await;
        answers(&page, "Consistent, but not verified: ").await;
        page.see("Whose key it is: you gave none to compare.").await;
        page.is_presentable("verifier-consistent").await;
        // The key, dropped as the file that it came in; then, by hand, that of somebody else.
        hand(&page, "dropped", "ledger.vkey", key.as_bytes()).await;
        let answer = answers(&page, "Verifies: ").await;
        assert!(
            answer.ends_with("; 4 approvals are not signed; 1 finding is not signed."),
            "{answer}"
        );
        for told in [
            "alice@corp.example",
            "approval-unsigned",
            "access-event.json and report.html: whether these two files say what the entries say.",
            "Nobody decided on their own request or twice",
        ] {
            page.see(told).await;
        }
        page.is_presentable("verifier-verifies").await;

        let mut bent = pack.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 1;
        hand(&page, "chosen", "evidence.zip", &bent).await;
        let answer = answers(&page, "Does not verify: ").await;
        assert!(answer.contains("it differs at byte"), "{answer}");
        // Nothing of what did not verify is shown.
        page.see_no("alice@corp.example").await;
        page.is_presentable("verifier-fails").await;

        hand(&page, "chosen", "evidence.zip", &pack).await;
        answers(&page, "Verifies: ").await;
        page.fill("The ledger's key", "nonsense").await;
        page.press_at("h1").await;
        let answer = answers(&page, "Does not verify: ").await;
        assert!(answer.contains("is not a verifier key"), "{answer}");

        // It could not tell anybody if it wanted to.
        page.expects_complaint("Content Security Policy");
        let said = page
            .evaluate(
                "fetch('http://127.0.0.1:9/').then(() => 'reached', (error) => error.message)",
            )
            .await;
        assert_eq!(said, "Failed to fetch");
        page.has_complained("Content Security Policy").await;
        page.close().await;
    });
}

#[test]
fn r13_r24_an_approval_by_a_passkey_is_checked_in_the_page_up_to_the_founders() {
    in_browser(|browser| async {
        let world = World::start().await;
        let founders = founded(&world, browser).await;
        let iris = Somebody::new(browser).await;
        iris.signed_in_at_provider(&world, "iris", true).await;
        let request = asked(&iris, &world).await;
        let ned = &founders.owner;
        ned.visitor.clear_cookies().await;
        ned.signed_in_by_passkey(&world).await;
        ned.page.go(&request).await;
        ned.page.follow("Approve").await;
        ned.page.see("approved").await;
        let ava = Somebody::new(browser).await;
        ava.signed_in_at_provider(&world, "ava", true).await;
        ava.page.go(&request).await;
        ava.page.follow("Access event and evidence").await;
        let event = ava.page.address().await;
        let path = event.strip_prefix(&world.console()).unwrap();
        let cookies = ava.visitor.cookie_header("localhost").await;
        let pack = http::get(world.ports.server, &format!("{path}/evidence"), &cookies).unwrap();
        assert_eq!(pack.status, 200, "{}", pack.text());

        let page = kept(browser).await;
        let fingerprints = "The founders' fingerprints";
        page.fill(fingerprints, &founders.for_auditors).await;
        hand(&page, "dropped", "pack.zip", &pack.body).await;
        let answer = answers(&page, "Consistent").await;
        assert!(
            answer.ends_with("every signature leads to the founders' keys you gave."),
            "{answer}"
        );
        page.see("signed with a passkey, enrolled").await;
        page.is_presentable("verifier-signed").await;
        let words: Vec<&str> = founders.for_auditors.split_whitespace().collect();
        let exchanged = format!("{} {}\n{} {}", words[0], words[3], words[2], words[1]);
        page.fill(fingerprints, &exchanged).await;
        hand(&page, "chosen", "pack.zip", &pack.body).await;
        let answer = answers(&page, "Does not verify: ").await;
        assert!(
            answer.contains("the keys that founded are not those"),
            "{answer}"
        );
        page.close().await;
    });
}
