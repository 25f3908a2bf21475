//! The second part: two applications used, an operation refused, and the case closes under a download.

use std::time::Instant;

use http::{Method, StatusCode};
use locum_api::{ActivationView, RequestView, SessionView, WayInView};

use super::browser::{Browser, Ending};
use super::{Person, StoryFailed, Teller};
use crate::loopback;
use crate::world::World;

/// Ends with the access event of the session that was cut.
pub(super) async fn acted_and_cut(
    world: &World,
    request: &RequestView,
    teller: &mut Teller<'_>,
) -> Result<String, StoryFailed> {
    teller.step("Alice activates the grant: only now does access exist");
    let alice = teller.must(Person::new(world, "alice@corp.example"))?;
    let path = format!("/api/v1/requests/{}/activate", request.id);
    let session: ActivationView = teller.must(alice.post(&path, &serde_json::json!({})).await)?;
    teller.done(format!("{} until {}", session.id, session.expires_at));

    let mut browser = Browser::default();
    teller.step("Alice opens both applications as Carol, through one-time tickets");
    for way in &session.applications {
        let opened = teller.must(browser.open(Method::GET, &way.open_url).await)?;
        if !opened.status.is_redirection() && opened.status != StatusCode::OK {
            return teller.failed(format!("{} answered {}", way.application, opened.status));
        }
    }
    teller.done("each application has its own cookie, and no credential of Carol's");

    let billing = way(&session, "billing", teller)?;
    let crm = way(&session, "crm", teller)?;
    teller.step("She reads Carol's invoices in billing and her contact in customer records");
    let invoices = reads(
        &mut browser,
        &format!("{}invoices", billing.base_url),
        "INV-",
        teller,
    )
    .await?;
    reads(
        &mut browser,
        &format!("{}contacts", crm.base_url),
        "Carol",
        teller,
    )
    .await?;
    teller.done("both applications show who acts as whom");
    let invoice = invoices
        .split("INV-")
        .nth(1)
        .and_then(|rest| rest.get(..4))
        .unwrap_or("2041")
        .to_owned();

    teller.step("She tries what no approval opens, and what nobody approved");
    for (path, code) in [
        ("payouts".to_owned(), "closed-operation"),
        (format!("invoices/INV-{invoice}/resend"), "out-of-scope"),
    ] {
        let refused = teller.must(
            browser
                .open(Method::POST, &format!("{}{path}", billing.base_url))
                .await,
        )?;
        if refused.status != StatusCode::FORBIDDEN || !refused.text.contains(code) {
            return teller.failed(format!(
                "POST /{path} answered {}: {}",
                refused.status, refused.text
            ));
        }
    }
    teller.done(
        "a payment and a mail to the customer are refused, and both refusals are on the record",
    );

    cut_by_the_case(world, &mut browser, billing, &invoice, teller).await?;

    teller.step("The next request is refused, with the reason");
    let after = teller.must(
        browser
            .open(Method::GET, &format!("{}invoices", billing.base_url))
            .await,
    )?;
    if after.status != StatusCode::UNAUTHORIZED || !after.text.contains("case-closed") {
        return teller.failed(format!("it answered {}: {}", after.status, after.text));
    }
    let path = format!("/api/v1/sessions/{}", session.id);
    let ended: SessionView = teller.must(alice.get(&path).await)?;
    if ended.ended_because.as_deref() != Some("case-closed") {
        return teller.failed(format!(
            "the session ended because {:?}",
            ended.ended_because
        ));
    }
    teller.done("401 session-ended: case-closed");
    Ok(session.event)
}

async fn cut_by_the_case(
    world: &World,
    browser: &mut Browser,
    billing: &WayInView,
    invoice: &str,
    teller: &mut Teller<'_>,
) -> Result<(), StoryFailed> {
    teller.step("While a download runs, the customer's case is closed at the desk");
    let url = format!("{}invoices/INV-{invoice}/export", billing.base_url);
    let (status, mut download) = teller.must(browser.download(&url).await)?;
    if status != StatusCode::OK {
        return teller.failed(format!("the download answered {status}"));
    }
    for _ in 0..3 {
        if let Some(ending) = download.next().await {
            return teller.failed(format!("the download ended by itself: {ending:?}"));
        }
    }
    let before = download.bytes;
    let closed = Instant::now();
    let close = format!("http://127.0.0.1:{}/cases/7/close", world.ports.desk);
    let close = tokio::spawn(async move { loopback::post(&close, &[], bytes::Bytes::new()).await });
    let ending = loop {
        if let Some(ending) = download.next().await {
            break ending;
        }
    };
    let took = closed.elapsed();
    if ending != Ending::Cut {
        return teller.failed("the download ended as if it were complete");
    }
    let (status, _) = teller.must(teller.must(close.await)?)?;
    if status.is_client_error() || status.is_server_error() {
        return teller.failed(format!("the desk answered {status}"));
    }
    let more = download.bytes - before;
    teller.done(format!(
        "reset {} ms after the press of the button, webhook included; {more} more bytes arrived",
        took.as_millis()
    ));
    Ok(())
}

fn way<'s>(
    session: &'s ActivationView,
    application: &str,
    teller: &Teller<'_>,
) -> Result<&'s WayInView, StoryFailed> {
    match session
        .applications
        .iter()
        .find(|way| way.application == application)
    {
        Some(way) => Ok(way),
        None => teller.failed(format!("the session has no `{application}`")),
    }
}

async fn reads(
    browser: &mut Browser,
    url: &str,
    shows: &str,
    teller: &Teller<'_>,
) -> Result<String, StoryFailed> {
    let page = teller.must(browser.open(Method::GET, url).await)?;
    if page.status != StatusCode::OK || !page.text.contains(shows) {
        return teller.failed(format!("{url} answered {} without `{shows}`", page.status));
    }
    Ok(page.text)
}
