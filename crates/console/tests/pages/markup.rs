//! Just enough of a reader of HTML to check what no page may do.

/// One opening tag.
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Whether it stands inside a `label`.
    pub(crate) is_in_label: bool,
}

impl Tag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.attributes.iter().filter(|(key, _)| key == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

/// Every opening tag in order.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut labels = 0_usize;
    for part in html.split('<').skip(1) {
        let inner = &part[..end_of_tag(part)];
        if let Some(name) = inner.strip_prefix('/') {
            labels -= usize::from(name == "label");
            continue;
        }
        if inner.starts_with('!') {
            continue;
        }
        let (name, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        tags.push(Tag {
            name: name.to_owned(),
            attributes: attributes(rest),
            is_in_label: labels > 0,
        });
        labels += usize::from(name == "label");
    }
    tags
}

/// Where the tag ends: at the first `>` outside quotes.
fn end_of_tag(text: &str) -> usize {
    let mut is_quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '>' if !is_quoted => return at,
            _ => {}
        }
    }
    panic!("a tag without an end: {text}")
}

fn attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return found;
        }
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        match after.strip_prefix("=\"") {
            Some(value) => {
                let (value, after) = value.split_once('"').unwrap();
                found.push((name.to_owned(), value.to_owned()));
                rest = after;
            }
            None => {
                found.push((name.to_owned(), String::new()));
                rest = after;
            }
        }
    }
}

#[test]
fn a_quoted_bracket_ends_no_tag() {
    let tags = tags("<p title=\"a > b\"><label><input name=\"x\" required></label><br>");
    assert_eq!(tags[0].get("title"), Some("a > b"));
    assert!(tags[2].is_in_label && !tags[3].is_in_label);
    assert_eq!(tags[2].get("required"), Some(""));
}
