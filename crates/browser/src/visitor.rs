//! One person with a browser of their own.

use std::sync::Arc;

use chromiumoxide::cdp::browser_protocol::browser::BrowserContextId;
use chromiumoxide::cdp::browser_protocol::network::CookieParam;
use chromiumoxide::cdp::browser_protocol::storage::{
    ClearCookiesParams, GetCookiesParams, SetCookiesParams,
};
use chromiumoxide::cdp::browser_protocol::target::{
    CreateTargetParams, DisposeBrowserContextParams,
};

use crate::browser::Browser;
use crate::complaints::Complaints;
use crate::page::Page;

/// Somebody with cookies that no other visitor has.
pub struct Visitor<'b> {
    pub(crate) browser: &'b Browser,
    pub(crate) context: BrowserContextId,
}

/// A cookie as the browser keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The host it is sent to; with a leading dot also to every host below.
    pub domain: String,
    /// The path it is sent to.
    pub path: String,
    /// Is it hidden from scripts?
    pub is_http_only: bool,
    /// Is it sent over TLS (or to this machine) only?
    pub is_secure: bool,
    /// `Strict`, `Lax`, `None`, or nothing when the server did not say.
    pub same_site: Option<String>,
}

impl Visitor<'_> {
    /// Opens a page.
    pub async fn open(&self, address: &str) -> Page {
        let page = self.blank().await;
        page.go(address).await;
        page
    }

    /// An empty page, for what must be there before the first address: an authenticator, a look.
    pub async fn blank(&self) -> Page {
        let mut target = CreateTargetParams::new("about:blank");
        target.browser_context_id = Some(self.context.clone());
        let opened = self.browser.connection.new_page(target).await;
        let page = opened.expect("a new page");
        let complaints = Arc::new(Complaints::default());
        complaints.listen(&page).await;
        Page::new(page, complaints).await
    }

    /// Every cookie that this person has, for any host.
    pub async fn cookies(&self) -> Vec<Cookie> {
        let asked = GetCookiesParams {
            browser_context_id: Some(self.context.clone()),
        };
        let answer = self.browser.connection.execute(asked).await;
        let cookies = answer.expect("the cookies").result.cookies;
        let cookies = cookies.into_iter().map(|cookie| Cookie {
            same_site: cookie.same_site.map(|it| it.as_ref().to_owned()),
            name: cookie.name,
            value: cookie.value,
            domain: cookie.domain,
            path: cookie.path,
            is_http_only: cookie.http_only,
            is_secure: cookie.secure,
        });
        cookies.collect()
    }

    /// The `Cookie` header that this person's browser would send to a host.
    pub async fn cookie_header(&self, host: &str) -> String {
        let cookies = self.cookies().await;
        let sent = cookies.iter().filter(|cookie| cookie.is_sent_to(host));
        let pairs: Vec<String> = sent.map(|it| format!("{}={}", it.name, it.value)).collect();
        pairs.join("; ")
    }

    /// Puts a cookie into the browser, as an answer from `address` would.
    pub async fn set_cookie(&self, address: &str, name: &str, value: &str) {
        let mut cookie = CookieParam::new(name, value);
        cookie.url = Some(address.to_owned());
        let mut set = SetCookiesParams::new(vec![cookie]);
        set.browser_context_id = Some(self.context.clone());
        let answer = self.browser.connection.execute(set).await;
        answer.expect("the cookie is set");
    }

    /// Forgets every cookie: whoever was signed in is not any more.
    pub async fn clear_cookies(&self) {
        let cleared = ClearCookiesParams {
            browser_context_id: Some(self.context.clone()),
        };
        let answer = self.browser.connection.execute(cleared).await;
        answer.expect("the cookies are gone");
    }

    /// Closes everything that this person has open.
    pub async fn leave(self) {
        let gone = DisposeBrowserContextParams::new(self.context.clone());
        let answer = self.browser.connection.execute(gone).await;
        answer.expect("the context is gone");
    }
}

impl Cookie {
    fn is_sent_to(&self, host: &str) -> bool {
        match self.domain.strip_prefix('.') {
            Some(domain) => host == domain || host.ends_with(&self.domain),
            None => host == self.domain,
        }
    }
}
