//! The harness itself: it sees what it should see, and fails what it should fail.

use locum_browser::{VirtualAuthenticator, in_browser};

const PAGE: &str = "data:text/html,<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1>\
    <label>Name <input></label><button onclick=\"document.querySelector('p').textContent='Hello '+document.querySelector('input').value\">Greet</button><p></p></main>";

#[test]
fn a_page_is_filled_and_pressed_by_what_it_says() {
    in_browser(|browser| async {
        let visitor = browser.visitor().await;
        let page = visitor.open(PAGE).await;
        page.fill("Name", "Carol").await;
        page.press("Greet").await;
        page.see("Hello Carol").await;
        assert!(page.axe().await.is_empty());
        page.close().await;
    });
}

#[test]
fn faults_of_accessibility_are_found() {
    in_browser(|browser| async {
        let visitor = browser.visitor().await;
        let faulty = "data:text/html,<html lang=en><title>A page</title><main><h1>A page</h1><img src=x:y>\
            <p style='color:%23aaa;background:%23fff'>hardly legible</p></main>";
        let page = visitor.blank().await;
        page.expects_complaint("x:y");
        page.go(faulty).await;
        let found: Vec<_> = page.axe().await.into_iter().map(|it| it.rule).collect();
        assert_eq!(found, ["color-contrast", "image-alt"]);
    });
}

#[test]
fn what_a_content_security_policy_stops_and_what_breaks_is_complained_about() {
    in_browser(|browser| async {
        let visitor = browser.visitor().await;
        let page = visitor.blank().await;
        page.expects_complaint("Content Security Policy");
        page.go(
            "data:text/html,<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">\
             <p>shown</p><script>1</script>",
        )
        .await;
        page.has_complained("Content Security Policy").await;
        page.expects_complaint("it broke");
        page.go("data:text/html,<p>shown</p><script>throw new Error('it broke')</script>")
            .await;
        page.has_complained("it broke").await;
        page.expects_complaint("it is wrong");
        page.go("data:text/html,<p>shown</p><script>console.error('it is wrong')</script>")
            .await;
        page.has_complained("it is wrong").await;
    });
}

#[test]
fn a_complaint_that_nobody_expects_fails_the_test() {
    in_browser(|browser| async {
        let visitor = browser.visitor().await;
        let page = visitor.blank().await;
        page.evaluate("console.error('it broke')").await;
        page.has_complained("it broke").await;
        let leaving = std::panic::AssertUnwindSafe(|| drop(page));
        assert!(std::panic::catch_unwind(leaving).is_err());
    });
}

#[test]
fn nothing_beyond_this_machine_is_reached() {
    in_browser(|browser| async {
        let visitor = browser.visitor().await;
        let page = visitor.blank().await;
        let why = page.cannot_go("http://corp.example/").await;
        assert_eq!(why, "net::ERR_NAME_NOT_RESOLVED");
    });
}

#[test]
fn two_visitors_share_no_cookie() {
    in_browser(|browser| async {
        let (one, other) = (browser.visitor().await, browser.visitor().await);
        one.set_cookie("http://localhost/", "name", "value").await;
        assert_eq!(one.cookie_header("localhost").await, "name=value");
        assert!(other.cookies().await.is_empty());
        one.clear_cookies().await;
        assert!(one.cookies().await.is_empty());
        one.leave().await;
    });
}

#[test]
fn an_authenticator_starts_empty_and_can_be_taken_away() {
    in_browser(|browser| async {
        let visitor = browser.visitor().await;
        let page = visitor.open(PAGE).await;
        let authenticator = VirtualAuthenticator::plug_into(&page).await;
        assert!(authenticator.credentials(&page).await.is_empty());
        authenticator.unplug(&page).await;
    });
}
