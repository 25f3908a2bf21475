//! A browser as its owner knows it: the name and the system, the browser's own words on hover.

use maud::{Markup, html};

/// What browsers call themselves, the particular ones before those they pretend to be.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("locum", "locum"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The browser's words cut to what helps. Believed for nothing.
pub(crate) fn browser(words: Option<&str>) -> Markup {
    html! {
        @match words {
            Some(words) => span title=(words) { (in_short(words)) },
            None => "an unknown browser",
        }
    }
}

fn in_short(words: &str) -> String {
    let known = |table: &[(&str, &'static str)]| {
        let mut found = table.iter().filter(|(mark, _)| words.contains(mark));
        found.next().map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_people_name_it() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0";
        assert_eq!(in_short(edge), "Edge on Windows");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(in_short(phone), "Safari on iPhone");
        assert_eq!(in_short("locum/0.1.0"), "locum");
        assert_eq!(in_short("curl/8"), "curl/8");
    }
}
