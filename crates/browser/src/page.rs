//! A page, and what somebody does with it.

use std::fmt;
use std::sync::Arc;

use chromiumoxide::Command;
use chromiumoxide::cdp::browser_protocol::emulation::SetFocusEmulationEnabledParams;
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchMouseEventParams, DispatchMouseEventType, InsertTextParams, MouseButton,
};
use chromiumoxide::cdp::browser_protocol::page::{GetFrameTreeParams, NavigateParams};
use chromiumoxide::cdp::js_protocol::runtime::EvaluateParams;
use serde_json::{Value, json};

use crate::complaints::Complaints;
use crate::waiting::wait_for;

/// What every expression may use.
const EYES: &str = include_str!("page.js");

/// One tab. A complaint in its console that the test did not expect fails the test, at the latest when the page
/// goes out of scope.
pub struct Page {
    pub(crate) inner: chromiumoxide::Page,
    complaints: Arc<Complaints>,
}

impl Page {
    pub(crate) async fn new(inner: chromiumoxide::Page, complaints: Arc<Complaints>) -> Self {
        let page = Self { inner, complaints };
        // Passkeys are asked for in a page with focus only, and tests run side by side.
        page.tell(SetFocusEmulationEnabledParams::new(true)).await;
        page
    }

    /// Goes to an address and waits until its page is there, whatever its status.
    pub async fn go(&self, address: &str) {
        let before = self.document().await.ok();
        let answer = self.tell(NavigateParams::new(address)).await;
        if let Some(why) = answer.error_text {
            panic!("could not go to {address}: {why}");
        }
        if answer.loader_id.is_some() {
            self.is_another_than(before, address).await;
        }
        self.has_no_complaints();
    }

    /// Goes to an address that the browser is expected to refuse, and says why it did.
    pub async fn cannot_go(&self, address: &str) -> String {
        let answer = self.tell(NavigateParams::new(address)).await;
        answer
            .error_text
            .unwrap_or_else(|| panic!("{address} opened"))
    }

    /// Waits until the page shows a text.
    pub async fn see(&self, text: &str) {
        let look = format!("shownText().includes({})", json!(text));
        self.until(&format!("the page shows `{text}`"), &look).await;
        self.has_no_complaints();
    }

    /// The page, as it is now, does not show a text.
    pub async fn see_no(&self, text: &str) {
        let shown = self.text().await;
        assert!(!shown.contains(text), "the page shows `{text}`:\n{shown}");
    }

    /// Everything that the page shows, in one line.
    pub async fn text(&self) -> String {
        let text = self.evaluate("shownText()").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Where the page is.
    pub async fn address(&self) -> String {
        let address = self.evaluate("location.href").await;
        address.as_str().unwrap_or_default().to_owned()
    }

    /// The status by which the server answered with this page.
    pub async fn status(&self) -> u64 {
        let status = self.evaluate("performance.getEntriesByType('navigation')[0].responseStatus");
        status.await.as_u64().unwrap_or_default()
    }

    /// Waits until the address holds a text.
    pub async fn is_at(&self, part: &str) {
        let look = format!(
            "document.readyState === 'complete' && location.href.includes({})",
            json!(part)
        );
        self.until(&format!("the page is at `{part}`"), &look).await;
        self.has_no_complaints();
    }

    /// Writes into the field with this label, over what stood there.
    pub async fn fill(&self, label: &str, text: &str) {
        let what = format!("a field `{label}`");
        let focus = format!(
            "(() => {{ const it = field({}); if (!it) return false; it.focus(); it.select(); return true; }})()",
            json!(label)
        );
        self.until(&what, &focus).await;
        self.tell(InsertTextParams::new(text)).await;
    }

    /// Chooses an option, by what it says, in the list with this label.
    pub async fn choose(&self, label: &str, option: &str) {
        let what = format!("a list `{label}` with `{option}`");
        let choose = format!(
            "(() => {{ const it = field({}); if (!it || !it.options) return false; \
             const option = Array.from(it.options).find((one) => squash(one.text).startsWith({})); \
             if (!option) return false; it.value = option.value; \
             it.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             it.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()",
            json!(label),
            json!(option)
        );
        self.until(&what, &choose).await;
    }

    /// Presses a button, a link, a tick or a fold by its name, with the mouse: what lies over it gets the press.
    pub async fn press(&self, name: &str) {
        self.press_found(
            &format!("something to press named `{name}`"),
            &format!("pressable({})", json!(name)),
        )
        .await;
    }

    /// Presses the first thing that a selector finds.
    pub async fn press_at(&self, selector: &str) {
        let found = format!("document.querySelector({})", json!(selector));
        self.press_found(&format!("something at `{selector}`"), &found)
            .await;
    }

    async fn press_found(&self, what: &str, found: &str) {
        // Only a point that really is the thing itself, or inside it, or its label, may be pressed.
        let point = format!(
            "(() => {{ const it = {found}; if (!it) return null; it.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const box = it.getClientRects()[0]; if (!box) return null; \
             const x = box.x + box.width / 2, y = box.y + box.height / 2; \
             const top = document.elementFromPoint(x, y); \
             return top && (it.contains(top) || top.contains(it) && top.tagName === 'LABEL') ? [x, y] : null; }})()"
        );
        let point = wait_for(what, || async {
            let point = self.try_evaluate(&point).await?;
            match (point[0].as_f64(), point[1].as_f64()) {
                (Some(x), Some(y)) => Ok((x, y)),
                _ => Err(self.described().await),
            }
        });
        let (x, y) = point.await;
        self.has_no_complaints();
        for kind in [
            DispatchMouseEventType::MousePressed,
            DispatchMouseEventType::MouseReleased,
        ] {
            let mut press = DispatchMouseEventParams::new(kind, x, y);
            press.button = Some(MouseButton::Left);
            press.click_count = Some(1);
            self.tell(press).await;
        }
    }

    /// Presses something that leads to another page, and waits until that is there.
    pub async fn follow(&self, name: &str) {
        let before = self.document().await.ok();
        self.press(name).await;
        self.is_another_than(before, &format!("what `{name}` leads to"))
            .await;
        self.has_no_complaints();
    }

    /// Looks at the same address again.
    pub async fn reload(&self) {
        let address = self.address().await;
        self.go(&address).await;
    }

    /// A complaint with this text in it is part of the test.
    pub fn expects_complaint(&self, text: &str) {
        self.complaints.expect(text);
    }

    /// Waits until the page has complained with this text.
    pub async fn has_complained(&self, text: &str) {
        let said = wait_for(text, || async {
            let is_said = self.complaints.has(text);
            is_said
                .then_some(())
                .ok_or_else(|| "the page has not complained".to_owned())
        });
        said.await;
    }

    /// # Panics
    /// With every complaint that the test did not expect.
    pub fn has_no_complaints(&self) {
        let complaints = self.complaints.unexpected();
        assert!(
            complaints.is_empty(),
            "the page complains:\n{}",
            complaints.join("\n")
        );
    }

    /// What an expression or a promise in the page comes to.
    ///
    /// # Panics
    /// When it throws.
    pub async fn evaluate(&self, expression: &str) -> Value {
        self.try_evaluate(expression)
            .await
            .unwrap_or_else(|why| panic!("{why}"))
    }

    /// Waits until an expression is true.
    pub async fn until(&self, what: &str, expression: &str) {
        let held = wait_for(what, || async {
            match self.try_evaluate(expression).await? {
                Value::Bool(true) => Ok(()),
                _ => Err(self.described().await),
            }
        });
        held.await;
    }

    /// Leaves the page.
    pub async fn close(self) {
        self.has_no_complaints();
        self.inner.clone().close().await.expect("the page closes");
    }

    async fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        let mut evaluated = EvaluateParams::new(format!("{{ {EYES} {expression} }}"));
        evaluated.await_promise = Some(true);
        evaluated.return_by_value = Some(true);
        // While a page makes way for another there is nothing to ask.
        let answer = self
            .inner
            .execute(evaluated)
            .await
            .map_err(|error| error.to_string())?;
        if let Some(thrown) = &answer.result.exception_details {
            let exception = thrown
                .exception
                .as_ref()
                .and_then(|it| it.description.clone());
            return Err(exception.unwrap_or_else(|| thrown.text.clone()));
        }
        Ok(answer.result.result.value.clone().unwrap_or_default())
    }

    /// Which document is shown: another load of the same address is another document.
    async fn document(&self) -> Result<String, String> {
        let tree = self.inner.execute(GetFrameTreeParams::default()).await;
        let tree = tree.map_err(|error| error.to_string())?;
        Ok(tree.result.frame_tree.frame.loader_id.inner().clone())
    }

    async fn is_another_than(&self, before: Option<String>, what: &str) {
        let what = format!("the page of {what}");
        let arrived = wait_for(&what, || async {
            let now = self.document().await?;
            let state = self.try_evaluate("document.readyState").await?;
            if Some(&now) != before.as_ref() && state == "complete" {
                Ok(())
            } else {
                Err(self.described().await)
            }
        });
        arrived.await;
    }

    /// The page, for whoever reads why a test failed.
    async fn described(&self) -> String {
        let seen = self
            .try_evaluate("location.href + '\\n' + shownText()")
            .await;
        let seen = seen.map(|it| it.as_str().unwrap_or_default().to_owned());
        let complaints = self.complaints.unexpected().join("\n");
        format!("{}\n{complaints}", seen.unwrap_or_else(|why| why))
    }

    /// Gives Chromium a command for this page.
    pub(crate) async fn tell<C: Command>(&self, command: C) -> C::Response
    where
        C::Response: fmt::Debug,
    {
        let name = command.identifier();
        match self.inner.execute(command).await {
            Ok(answer) => answer.result,
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.has_no_complaints();
        }
    }
}
