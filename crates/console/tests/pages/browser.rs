//! A browser without a script: its cookies, and forms as they stand on its pages. What the script would fetch, the
//! tests fetch.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

pub(crate) struct Browser {
    router: Router,
    /// The login's cookie.
    pub(crate) cookie: Option<String>,
    /// Every other one.
    others: BTreeMap<String, String>,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// What somebody reads: the text without its tags, white space folded.
    pub(crate) fn words(&self) -> String {
        let text = self.text();
        let main = text.split("<main").nth(1).unwrap_or(&text);
        let words: String = main
            .split('<')
            .map(|part| match part.split_once('>') {
                Some((tag, text)) if is_inline(tag) => text.to_owned(),
                Some((_, text)) => format!(" {text}"),
                None => part.to_owned(),
            })
            .collect();
        let words = words.replace("&amp;", "&").replace("&quot;", "\"");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.words());
        self.headers[LOCATION].to_str().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// What it says in JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// The token of the login whose page this is; nothing on a page of nobody's.
    fn token(&self) -> String {
        match self.text().contains("name=\"csrf\"") {
            true => self.hidden("csrf"),
            false => String::new(),
        }
    }

    /// The value that stands in a field.
    pub(crate) fn value_of(&self, name: &str) -> String {
        let tags = crate::markup::tags(&self.text());
        let mut named = tags.iter().filter(|it| it.get("name") == Some(name));
        named.next().unwrap().get("value").unwrap().to_owned()
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let text = self.text();
        let start = format!("name=\"{name}\" value=\"");
        let value = text.split(&start).nth(1).expect("no such field");
        value.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            cookie: None,
            others: BTreeMap::new(),
        }
    }

    pub(crate) async fn sign_in(&mut self, person: &str) {
        let sent = [("sec-fetch-site", "same-origin")];
        let answer = self
            .send("/login", Some(&[("person", person)]), &sent)
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(path, None, &[]).await
    }

    /// Sends a form with the login's token.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.get("/").await.hidden("csrf");
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.send(path, Some(&all), &[("sec-fetch-site", "same-origin")])
            .await
    }

    /// Fetches what the script of a page fetches: the form's fields, its token in a header.
    pub(crate) async fn fetch(
        &mut self,
        page: &Answer,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let csrf = page.token();
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("x-csrf-token", csrf.as_str()),
        ];
        self.send(path, Some(fields), &headers).await
    }

    /// Sends a form that stands on this page.
    pub(crate) async fn submit(
        &mut self,
        page: &Answer,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let csrf = page.token();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.send(path, Some(&all), &[("sec-fetch-site", "same-origin")])
            .await
    }

    /// Sends just this.
    pub(crate) async fn send(
        &mut self,
        path: &str,
        form: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request =
            Request::builder()
                .uri(path)
                .method(if form.is_some() { "POST" } else { "GET" });
        let others = self
            .others
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<String> = self.cookie.iter().cloned().chain(others).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match form {
            Some(fields) => {
                request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                Body::from(encoded(fields))
            }
            None => Body::empty(),
        };
        let answer = self.router.clone().oneshot(request.body(body).unwrap());
        let (parts, body) = answer.await.unwrap().into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match name {
                "locum-login" => self.cookie = (!value.is_empty()).then(|| pair.to_owned()),
                _ if value.is_empty() => drop(self.others.remove(name)),
                _ => drop(self.others.insert(name.to_owned(), value.to_owned())),
            }
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}

fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').split(' ').next();
    ["a", "code", "span", "strong", "time"].contains(&name.unwrap_or_default())
}

/// `application/x-www-form-urlencoded`.
fn encoded(fields: &[(&str, &str)]) -> String {
    let text = |text: &str| {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                    char::from(b).to_string()
                }
                b' ' => "+".to_owned(),
                _ => format!("%{b:02X}"),
            })
            .collect::<String>()
    };
    let pairs = fields.iter();
    pairs
        .map(|(name, value)| format!("{}={}", text(name), text(value)))
        .collect::<Vec<_>>()
        .join("&")
}
