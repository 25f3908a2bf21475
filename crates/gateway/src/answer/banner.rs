//! The banner in every page: who acts as whom, for which case, how long still, and the end button. It is the
//! gateway's, so that it is true whatever the application shows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use lol_html::html_content::ContentType;
use lol_html::send::{
    DocumentContentHandlers, Element, ElementContentHandlers, HtmlRewriter, Settings,
};
use lol_html::{HandlerResult, OutputSink, Selector};

use super::page::escaped;
use crate::session::LiveSession;

/// The stylesheet of banner and refusal pages, so that no page needs inline styles.
pub(crate) const STYLESHEET: &str = include_str!("banner.css");

/// What a banner says.
pub(super) struct BannerFacts<'f> {
    pub(super) session: &'f LiveSession,
    pub(super) subject: &'f str,
    pub(super) mode: &'f str,
    pub(super) now: Timestamp,
    pub(super) is_development: bool,
}

impl BannerFacts<'_> {
    /// The banner, in ASCII, so that it can stand in a page of any ASCII-compatible encoding.
    fn html(&self) -> String {
        let end = self.session.end_by().at;
        let left = end
            .as_second()
            .saturating_sub(self.now.as_second())
            .max(0)
            .div_euclid(60);
        let until = end.strftime("%H:%M UTC");
        let environment = if self.is_development {
            "<span>development</span>"
        } else {
            ""
        };
        format!(
            "<link rel=\"stylesheet\" href=\"/.well-known/locum/banner.css\">\
             <div id=\"locum-banner\" role=\"region\" aria-label=\"Locum: you act as somebody else\">\
             <strong>You act as {subject}</strong><span>case {case}</span><span>signed in as {actor}</span>\
             <span>{mode}</span><span>{left} min left, until <time datetime=\"{end}\">{until}</time></span>\
             {environment}<form method=\"post\" action=\"/.well-known/locum/end\">\
             <button type=\"submit\">End session</button></form></div>",
            subject = escaped(self.subject),
            case = escaped(&self.session.facts.case.to_string()),
            actor = escaped(self.session.facts.actor.as_str()),
            mode = escaped(self.mode),
        )
    }
}

/// The page cannot be read as HTML.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be rewritten")]
pub(crate) struct BannerError(#[source] lol_html::errors::RewritingError);

/// What the rewriter has written and nobody has taken yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *written).into()
    }
}

impl OutputSink for Written {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(chunk);
    }
}

/// A page being written into, piece by piece.
pub(crate) struct Banner {
    rewriter: HtmlRewriter<'static, Written>,
    written: Written,
}

impl Banner {
    /// Puts the banner first in the body; last in the page when there is no body.
    pub(super) fn over(facts: &BannerFacts<'_>) -> Self {
        let html: Arc<str> = facts.html().into();
        let is_in = Arc::new(AtomicBool::new(false));
        let (first, is_first) = (html.clone(), is_in.clone());
        let mut settings = Settings::new_send().with_strict(false);
        if let Ok(body) = "body".parse::<Selector>() {
            let body = std::borrow::Cow::Owned(body);
            let handler = ElementContentHandlers::default().element(
                move |element: &mut Element<'_, '_>| -> HandlerResult {
                    if !is_first.swap(true, Ordering::Relaxed) {
                        element.prepend(&first, ContentType::Html);
                    }
                    Ok(())
                },
            );
            settings = settings.append_element_content_handler((body, handler));
        }
        let settings =
            settings.append_document_content_handler(DocumentContentHandlers::default().end(
                move |end: &mut lol_html::html_content::DocumentEnd<'_>| -> HandlerResult {
                    if !is_in.load(Ordering::Relaxed) {
                        end.append(&html, ContentType::Html);
                    }
                    Ok(())
                },
            ));
        let written = Written::default();
        Self {
            rewriter: HtmlRewriter::new(settings, written.clone()),
            written,
        }
    }

    /// Takes a piece of the page; answers what can go on.
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<Bytes, BannerError> {
        self.rewriter.write(piece).map_err(BannerError)?;
        Ok(self.written.take())
    }

    /// The rest of the page.
    pub(super) fn end(self) -> Result<Bytes, BannerError> {
        self.rewriter.end().map_err(BannerError)?;
        Ok(self.written.take())
    }
}
