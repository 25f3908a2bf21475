//! What others try on somebody who is, or is about to be, signed in.

use locum_browser::in_browser;

use crate::outside::http;
use crate::outside::provider::answer_provider;
use crate::outside::web::{Answer, serve};
use crate::outside::world::World;
use crate::people::{Founders, Somebody, founded};

#[test]
fn clickjacking_no_page_of_the_console_is_shown_in_a_frame_of_another_site() {
    in_browser(|browser| async {
        let world = World::start().await;
        let framed = format!("{}/login", world.console());
        let evil = serve(move |_, _| {
            Answer::page(&format!(
                "<h1>Win a prize</h1><iframe src=\"{framed}\"></iframe>"
            ))
        });
        let visitor = browser.visitor().await;
        let page = visitor.blank().await;
        page.expects_complaint("frame-ancestors");
        page.go(&format!("http://127.0.0.1:{evil}/")).await;
        page.has_complained("frame-ancestors").await;
    });
}

#[test]
fn login_csrf_nobody_is_signed_in_by_a_form_or_an_answer_that_their_own_browser_did_not_ask_for() {
    in_browser(|browser| async {
        let world = World::start().await;
        // Mallory signs in as herself, keeps the answer of the provider unused and hands it to a victim.
        let answer = provider_answer(&world, "iris");
        let victim = browser.visitor().await;
        let page = victim.open(&answer).await;
        assert!(page.status().await >= 400, "{}", page.text().await);
        page.see_no("Iris Ivers").await;
        page.go(&world.console()).await;
        page.see_no("Sign out").await;

        // Nor by a form on a page of somebody else.
        let console = world.console();
        let evil = serve(move |_, _| {
            Answer::page(&format!(
                "<form method=post action=\"{console}/login/passkey/verify\">\
                 <input name=credential value=\"{{}}\"><button>Win a prize</button></form>"
            ))
        });
        page.go(&format!("http://127.0.0.1:{evil}/")).await;
        page.follow("Win a prize").await;
        assert!(page.status().await >= 400, "{}", page.text().await);
        page.go(&world.console()).await;
        page.see_no("Sign out").await;
    });
}

#[test]
fn a_replayed_answer_of_the_provider_signs_nobody_in() {
    in_browser(|browser| async {
        let world = World::start().await;
        let iris = Somebody::new(browser).await;
        let login = format!("{}/login/oidc", world.console());
        iris.page.go(&login).await;
        answer_provider(&iris.page, "iris", false).await;
        iris.page.see("Sign out").await;
        let history = "performance.getEntriesByType('navigation')[0].name";
        let landed = iris.page.evaluate(history).await;
        let landed = landed.as_str().unwrap().to_owned();
        let other = browser.visitor().await.open(&landed).await;
        other.see_no("Iris Ivers").await;
    });
}

#[test]
fn open_redirect_a_login_leads_to_the_console_and_nowhere_else() {
    in_browser(|browser| async {
        let world = World::start().await;
        let Founders { owner, .. } = founded(&world, browser).await;
        let evil = serve(|_, _| Answer::page("<h1>Evil</h1>"));
        for to in [
            format!("http://127.0.0.1:{evil}/"),
            format!("//127.0.0.1:{evil}/"),
            format!("/\\127.0.0.1:{evil}/"),
            format!("/%09/127.0.0.1:{evil}/"),
        ] {
            owner.visitor.clear_cookies().await;
            let to: String = to.bytes().map(|byte| format!("%{byte:02X}")).collect();
            owner.goes(&world, &format!("/login?to={to}")).await;
            owner.page.follow("Sign in with a passkey").await;
            let address = owner.page.address().await;
            let console = format!("{}/", world.console());
            assert!(address.starts_with(&console), "{to}: {address}");
            assert!(!address.contains("/login"), "{to}: {address}");
        }
        let at_provider = Somebody::new(browser).await;
        let login = format!("/login/oidc?to=%2F%2F127.0.0.1%3A{evil}%2F");
        at_provider.goes(&world, &login).await;
        answer_provider(&at_provider.page, "iris", false).await;
        at_provider.page.see("Sign out").await;
        let address = at_provider.page.address().await;
        assert!(address.starts_with(&world.console()), "{address}");
    });
}

#[test]
fn cookie_tossing_a_sibling_host_cannot_make_somebody_somebody_else() {
    in_browser(|browser| async {
        let world = World::start().await;
        let mallory = Somebody::new(browser).await;
        mallory.signed_in_at_provider(&world, "iris", false).await;
        let tossed = mallory.visitor.cookies().await;
        let tossed: Vec<_> = tossed
            .into_iter()
            .filter(|it| it.name.contains("locum"))
            .collect();
        assert!(!tossed.is_empty());
        for cookie in &tossed {
            assert!(cookie.is_http_only, "{cookie:?}");
            assert!(!cookie.domain.starts_with('.'), "{cookie:?}");
            assert_ne!(cookie.same_site.as_deref(), Some("None"), "{cookie:?}");
        }
        let sibling = serve(move |_, _| {
            let page = Answer::page("<h1>Billing</h1>");
            tossed.iter().fold(page, |page, it| {
                let set = format!("{}={}; Domain=localhost; Path=/", it.name, it.value);
                page.with("set-cookie", set)
            })
        });
        let sol = Somebody::new(browser).await;
        sol.signed_in_at_provider(&world, "sol", false).await;
        sol.page
            .go(&format!("http://billing.localhost:{sibling}/"))
            .await;
        sol.goes(&world, "/").await;
        sol.page.see_no("Iris Ivers").await;
        let stranger = browser.visitor().await;
        let page = stranger
            .open(&format!("http://billing.localhost:{sibling}/"))
            .await;
        page.go(&world.console()).await;
        page.see_no("Iris Ivers").await;
    });
}

#[test]
fn session_fixation_a_login_begins_under_a_cookie_that_nobody_knew_before() {
    in_browser(|browser| async {
        let world = World::start().await;
        let mallory = Somebody::new(browser).await;
        mallory.signed_in_at_provider(&world, "iris", false).await;
        let known = mallory.visitor.cookies().await;
        let known = known.into_iter().find(|it| it.name.contains("locum-login"));
        let known = known.expect("a login has a cookie");
        let victim = Somebody::new(browser).await;
        let console = world.console();
        victim
            .visitor
            .set_cookie(&console, &known.name, &known.value)
            .await;
        victim.page.go(&format!("{console}/login/oidc")).await;
        answer_provider(&victim.page, "sol", false).await;
        victim.page.see("Sol Sears").await;
        let own = victim.visitor.cookies().await;
        let own = own.iter().find(|it| it.name == known.name);
        assert_ne!(own.expect("a login has a cookie").value, known.value);
    });
}

#[test]
fn signing_out_ends_the_login_here_and_at_the_provider() {
    in_browser(|browser| async {
        let world = World::start().await;
        let iris = Somebody::new(browser).await;
        iris.signed_in_at_provider(&world, "iris", false).await;
        let before = iris.visitor.cookie_header("localhost").await;
        assert!(is_signed_in(&world, &before));
        iris.page.follow("Sign out").await;
        iris.page.see("Sign out here").await;
        assert!(!is_signed_in(&world, &before));
        iris.page.follow("Sign out here").await;
        iris.page.is_at(&world.console()).await;
        iris.page.see_no("Iris Ivers").await;
        // The provider has forgotten too: it asks again.
        iris.goes(&world, "/login/oidc").await;
        iris.page.see("Who are you?").await;
    });
}

#[test]
fn signing_out_at_the_provider_ends_the_login_here() {
    in_browser(|browser| async {
        let world = World::start().await;
        let iris = Somebody::new(browser).await;
        iris.signed_in_at_provider(&world, "iris", false).await;
        let cookies = iris.visitor.cookie_header("localhost").await;
        assert!(is_signed_in(&world, &cookies));
        let elsewhere = iris
            .visitor
            .open(&format!("{}/session/end", world.provider.issuer))
            .await;
        elsewhere.follow("Sign out here").await;
        elsewhere.see("You are signed out of the provider").await;
        // The provider tells every client before it answers.
        assert!(!is_signed_in(&world, &cookies));
        iris.goes(&world, "/requests").await;
        iris.page.see_no("Iris Ivers").await;
    });
}

/// Whether these cookies are somebody at the console.
fn is_signed_in(world: &World, cookies: &str) -> bool {
    let answer = http::get(world.ports.server, "/account", cookies).unwrap();
    answer.status == 200 && answer.text().contains("Sign out")
}

/// The address that the provider sends somebody back to, fetched without a browser and never gone to.
fn provider_answer(world: &World, account: &str) -> String {
    let port: u16 = world
        .provider
        .issuer
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let begun = http::get(world.ports.server, "/login/oidc", "").unwrap();
    let mut jar = Vec::new();
    let mut next = begun
        .header("location")
        .expect("the provider's address")
        .to_owned();
    loop {
        let path = next.replace(&world.provider.issuer, "");
        let cookies = jar.join("; ");
        let answer = if path.starts_with("/interaction/") {
            let form = [
                ("content-type", "application/x-www-form-urlencoded"),
                ("cookie", cookies.as_str()),
            ];
            http::post(port, &path, &form, &format!("account={account}")).unwrap()
        } else {
            http::get(port, &path, &cookies).unwrap()
        };
        let set = answer.head.lines().filter_map(|line| line.split_once(": "));
        let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        jar.extend(
            set.filter_map(|(_, it)| it.split(';').next())
                .map(str::to_owned),
        );
        next = answer
            .header("location")
            .unwrap_or_else(|| panic!("{answer:?}"))
            .to_owned();
        if next.starts_with(&world.console()) {
            return next;
        }
    }
}
