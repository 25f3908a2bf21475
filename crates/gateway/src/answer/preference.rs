//! Whether a page or a program's text is wanted (RFC 9110 §12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// A quality in thousandths, as exact as the header can say it.
type Quality = u16;

/// Whether a refusal is read by a person: `text/html` is named, and no form of JSON is wanted more. `*/*` alone
/// names nothing; it is what programs send that do not care.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let html = quality(headers, &["text/html"]).unwrap_or(0);
    let json = ["application/json", "application/problem+json"]
        .into_iter()
        .filter_map(|name| quality(headers, &[name, "application/*", "*/*"]))
        .max()
        .unwrap_or(0);
    html > 0 && html >= json
}

/// What is said by the most specific of these ranges that is there; they are given from specific to general.
fn quality(headers: &HeaderMap, ranges: &[&str]) -> Option<Quality> {
    ranges.iter().find_map(|wanted| {
        headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let is_wanted = parts.next()?.eq_ignore_ascii_case(wanted);
                is_wanted.then(|| weight(parts))
            })
            .max()
    })
}

fn weight<'p>(mut parameters: impl Iterator<Item = &'p str>) -> Quality {
    parameters
        .find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.eq_ignore_ascii_case("q").then_some(value)
        })
        // What cannot be read as a weight is not wanted.
        .map_or(1000, |value| thousandths(value).unwrap_or(0))
}

/// A weight is 0 to 1 with at most three decimals (RFC 9110 §12.4.2).
fn thousandths(value: &str) -> Option<Quality> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let part: Quality = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" if is_number => Some(part),
        "1" if is_number && part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r17_a_browser_gets_a_page_and_a_program_does_not() {
        for (accept, is_html) in [
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                true,
            ),
            ("text/html", true),
            ("TEXT/HTML;Q=0.3", true),
            ("text/html, application/json", true),
            ("text/html;level=1;q=0.4, application/json;q=0.4", true),
            ("application/problem+json;q=0.5, text/html", true),
            ("application/json;q=0.2, */*;q=0.1, text/html;q=0.2", true),
            ("*/*", false),
            ("text/*", false),
            ("application/json", false),
            ("application/json, text/html;q=0.999", false),
            ("text/html;q=0.5, */*", false),
            ("text/html;q=0.5, application/*;q=0.6, */*;q=0.1", false),
            ("text/html;q=0, */*;q=0", false),
            ("text/html;q=nan", false),
            ("text/html;q=2", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(prefers_html(&headers), is_html, "{accept}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
