//! People at their own browsers, and how they come in.

use locum_browser::{Browser, ExportedCredential, Page, VirtualAuthenticator, Visitor};

use crate::outside::files::{OWNER, SECURITY};
use crate::outside::provider::answer_provider;
use crate::outside::world::World;

/// Somebody with a browser of their own and an authenticator in it.
pub(crate) struct Somebody<'b> {
    pub(crate) visitor: Visitor<'b>,
    pub(crate) page: Page,
    pub(crate) authenticator: VirtualAuthenticator,
}

impl<'b> Somebody<'b> {
    /// They have never been here, and nothing is enrolled.
    pub(crate) async fn new(browser: &'b Browser) -> Self {
        let visitor = browser.visitor().await;
        let page = visitor.blank().await;
        let authenticator = VirtualAuthenticator::plug_into(&page).await;
        Self {
            visitor,
            page,
            authenticator,
        }
    }

    /// They come with these keys.
    pub(crate) async fn with(browser: &'b Browser, credentials: &[ExportedCredential]) -> Self {
        let visitor = browser.visitor().await;
        let page = visitor.blank().await;
        let authenticator = VirtualAuthenticator::with(&page, credentials).await;
        Self {
            visitor,
            page,
            authenticator,
        }
    }

    /// They sign in at the identity provider, with or without a security key there.
    pub(crate) async fn signed_in_at_provider(&self, world: &World, account: &str, has_key: bool) {
        self.page.go(&format!("{}/login", world.console())).await;
        self.page.follow("Sign in with 127.0.0.1").await;
        answer_provider(&self.page, account, has_key).await;
        self.page.is_at(&world.console()).await;
        self.page.see("Sign out").await;
    }

    /// They sign in with what is in their authenticator.
    pub(crate) async fn signed_in_by_passkey(&self, world: &World) {
        self.page.go(&format!("{}/login", world.console())).await;
        self.page.follow("Sign in with a passkey").await;
        self.page.see("Sign out").await;
    }

    pub(crate) async fn goes(&self, world: &World, path: &str) {
        self.page.go(&format!("{}{path}", world.console())).await;
    }
}

/// The two founders, after the founding.
pub(crate) struct Founders<'b> {
    pub(crate) owner: Somebody<'b>,
    pub(crate) security: Somebody<'b>,
    /// What the auditor keeps.
    pub(crate) for_auditors: String,
}

/// Who founds a founding under way.
pub(crate) struct Founding<'b> {
    pub(crate) owner: Somebody<'b>,
    pub(crate) security: Somebody<'b>,
}

impl<'b> Founding<'b> {
    /// Both come in, each in their own browser, by their own link or by the provider, and enrol.
    pub(crate) async fn enrolled(world: &World, browser: &'b Browser) -> Self {
        let owner = Somebody::new(browser).await;
        let security = Somebody::new(browser).await;
        for (founder, person, account) in [(&owner, OWNER, "ned"), (&security, SECURITY, "sol")] {
            match world.founding_link(person) {
                Some(link) => {
                    founder.page.go(&link).await;
                    founder.page.follow("Begin as founder").await;
                }
                None => {
                    founder.goes(world, "/founding").await;
                    founder.page.follow("Sign in with 127.0.0.1").await;
                    answer_provider(&founder.page, account, true).await;
                    founder.page.is_at("/founding").await;
                }
            }
            founder
                .page
                .fill("What you call it", "a security key")
                .await;
            founder.page.follow("Enrol my passkey").await;
            founder.page.see("done").await;
        }
        Self { owner, security }
    }

    /// Both sign both keys, and leave.
    pub(crate) async fn signed(self, world: &World) -> Founders<'b> {
        for founder in [&self.owner, &self.security] {
            founder.goes(world, "/founding").await;
            founder
                .page
                .press("We read both fingerprints to each other")
                .await;
            founder.page.follow("Sign both keys").await;
        }
        self.security
            .page
            .see("Each founder tells the auditor their own fingerprint")
            .await;
        let file = "Array.from(document.querySelectorAll('button[data-copy]'), (it) => it.dataset.copy)\
                    .find((text) => text.includes('\\n'))";
        let copied = self.security.page.evaluate(file).await;
        for founder in [&self.owner, &self.security] {
            founder.visitor.clear_cookies().await;
        }
        Founders {
            owner: self.owner,
            security: self.security,
            for_auditors: copied.as_str().unwrap().to_owned(),
        }
    }
}

/// The whole founding.
pub(crate) async fn founded<'b>(world: &World, browser: &'b Browser) -> Founders<'b> {
    Founding::enrolled(world, browser).await.signed(world).await
}

/// Asks for one operation, for case 31, and says where the request stands.
pub(crate) async fn asked_for(operation: &str, somebody: &Somebody<'_>, world: &World) -> String {
    let page = &somebody.page;
    somebody.goes(world, "/requests/new").await;
    page.fill("Case", "quay:31").await;
    page.press(operation).await;
    page.fill(
        "Why",
        "The customer misses a parcel; I need to see what they see.",
    )
    .await;
    page.follow("Preview: who will be asked").await;
    page.follow("File the request").await;
    page.see("pending").await;
    page.address().await
}

/// Asks to look at parcels, which their owner alone decides.
pub(crate) async fn asked(somebody: &Somebody<'_>, world: &World) -> String {
    asked_for("parcel.read", somebody, world).await
}
