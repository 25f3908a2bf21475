//! The gateway's own pages: a title, sentences, at most one thing to press.

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue};

/// Text as it may stand in HTML, in ASCII.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            ' '..='~' => escaped.push(letter),
            other => escaped.push_str(&format!("&#{};", u32::from(other))),
        }
    }
    escaped
}

/// One page.
pub(crate) struct Page<'p> {
    pub(crate) title: &'p str,
    pub(crate) sentences: Vec<String>,
    /// Where the one button leads, and what it says.
    pub(crate) button: Option<(String, &'p str)>,
    /// The reason code, for people who tell others about it.
    pub(crate) code: Option<&'p str>,
    /// Where the browser goes by itself.
    pub(crate) onward: Option<&'p str>,
}

impl Page<'_> {
    /// The page as HTML.
    pub(crate) fn html(&self) -> String {
        let onward = self.onward.map_or_else(String::new, |to| {
            format!(
                "<meta http-equiv=\"refresh\" content=\"0;url={}\">",
                escaped(to)
            )
        });
        let sentences: String = self
            .sentences
            .iter()
            .map(|sentence| format!("<p>{}</p>", escaped(sentence)))
            .collect();
        let button = self.button.as_ref().map_or_else(String::new, |(to, says)| {
            format!(
                "<p><a class=\"button\" href=\"{}\">{}</a></p>",
                escaped(to),
                escaped(says)
            )
        });
        let code = self.code.map_or_else(String::new, |code| {
            format!("<p><code>{}</code></p>", escaped(code))
        });
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">{onward}\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
             <link rel=\"stylesheet\" href=\"/.well-known/locum/banner.css\"></head>\
             <body><main id=\"locum-page\"><h1>{title}</h1>{sentences}{button}{code}</main></body></html>",
            title = escaped(self.title),
        )
    }

    /// The headers of every page of the gateway's own.
    pub(crate) fn headers(headers: &mut HeaderMap) {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
        );
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
}
