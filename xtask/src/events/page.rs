//! The tables of the page.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::process::Outcome;

use super::shapes::{Part, Shapes};

/// Kept by somebody else's format, or too long to say here: what it is, in a word.
const OPAQUE: [(&str, &str); 3] = [
    ("Catalog", "the catalog's files as they were parsed"),
    ("Value", "any JSON"),
    ("DeploymentSettings", "the settings that were in force"),
];

/// Kinds first, then the structures that they hold.
///
/// # Errors
/// When the events are not found.
pub(super) fn page(
    shapes: &Shapes,
    streams: &BTreeMap<String, String>,
    personal: &BTreeMap<String, BTreeSet<String>>,
) -> Outcome<String> {
    let file = Path::new("event.rs");
    let (file, events) = shapes
        .find(file, "Event")
        .ok_or("crates/domain/src/event.rs: no `Event` there")?;
    let mut writer = Writer {
        shapes,
        known: BTreeSet::new(),
        open: VecDeque::new(),
    };
    let mut text = String::from(
        "\n| kind | stream | what happened | members | personal |\n| --- | --- | --- | --- | --- |\n",
    );
    for variant in &events.parts {
        let kind = kebab(&variant.name);
        let stream = streams.get(&variant.name).map_or("any", String::as_str);
        let members = match &variant.of {
            Some(of) => format!("those of {}", writer.kind(file, of)),
            None => writer.members(file, &variant.fields),
        };
        let places = personal.get(&variant.name).into_iter().flatten();
        let places: Vec<String> = places.map(|it| format!("`{it}`")).collect();
        let says = cell(&variant.says);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| `{kind}` | {stream} | {says} | {members} | {} |",
            places.join(", ")
        );
    }
    text.push_str("\n### What members hold\n");
    while let Some((file, name)) = writer.open.pop_front() {
        writer.structure(&mut text, &file, &name);
    }
    text.push('\n');
    Ok(text)
}

struct Writer<'s> {
    shapes: &'s Shapes,
    known: BTreeSet<String>,
    open: VecDeque<(PathBuf, String)>,
}

impl Writer<'_> {
    fn members(&mut self, file: &Path, fields: &[Part]) -> String {
        let members = fields.iter().map(|field| self.member(file, field));
        members.collect::<Vec<_>>().join(", ")
    }

    fn member(&mut self, file: &Path, field: &Part) -> String {
        let of = field.of.as_deref().unwrap_or_default();
        let (inner, mark) = match inside(of, "Option") {
            Some(inner) => (inner, "?"),
            None => (of, ""),
        };
        let kind = self.kind(file, inner);
        if field.is_flat {
            return format!("those of {kind}");
        }
        format!("`{}{mark}` {kind}", field.name)
    }

    /// A type in words, with a link where it is told further down.
    fn kind(&mut self, file: &Path, of: &str) -> String {
        let of = of.trim();
        for wrapper in ["Box", "Arc", "Option"] {
            if let Some(inner) = inside(of, wrapper) {
                return self.kind(file, inner);
            }
        }
        for list in ["Vec", "BTreeSet"] {
            if let Some(inner) = inside(of, list) {
                return format!("list of {}", self.kind(file, inner));
            }
        }
        if let Some((key, value)) = inside(of, "BTreeMap").and_then(|it| it.split_once(',')) {
            let (key, value) = (self.kind(file, key), self.kind(file, value));
            return format!("map of {key} to {value}");
        }
        if let Some(inner) = of.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            return format!("list of {}", self.kind(file, inner));
        }
        match of {
            "String" | "str" => return "text".into(),
            "bool" => return "true or false".into(),
            "u8" | "u16" | "u32" | "u64" | "usize" | "i64" => return "number".into(),
            "Timestamp" => return "time".into(),
            "Date" => return "day".into(),
            _ => {}
        }
        let name = of.rsplit("::").next().unwrap_or(of);
        if let Some((_, words)) = OPAQUE.iter().find(|(opaque, _)| *opaque == name) {
            return (*words).to_owned();
        }
        match self.shapes.find(file, name) {
            Some((at, shape)) if !shape.is_text && !shape.parts.is_empty() => {
                if self.known.insert(name.to_owned()) {
                    self.open.push_back((at.to_owned(), name.to_owned()));
                }
                format!("[{name}](#{})", name.to_lowercase())
            }
            _ => name.to_owned(),
        }
    }

    fn structure(&mut self, text: &mut String, file: &Path, name: &str) {
        let Some((file, shape)) = self.shapes.find(file, name) else {
            return;
        };
        let (file, shape) = (file.to_owned(), shape.clone());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n#### {name}\n");
        if !shape.says.is_empty() {
            let _ = writeln!(text, "{}\n", cell(&shape.says));
        }
        if !shape.is_enum {
            for field in &shape.parts {
                let member = self.member(&file, field);
                let _ = writeln!(text, "- {member}{}", after(&field.says));
            }
            return;
        }
        if let Some(tag) = &shape.tag {
            let _ = writeln!(text, "`{tag}` is one of:\n");
        } else {
            let _ = writeln!(text, "One of:\n");
        }
        for variant in &shape.parts {
            let mut line = format!("- `{}`", kebab(&variant.name));
            if let Some(of) = &variant.of {
                let _ = write!(line, " with {}", self.kind(&file, of));
            } else if !variant.fields.is_empty() {
                let _ = write!(line, " with {}", self.members(&file, &variant.fields));
            }
            let _ = writeln!(text, "{line}{}", after(&variant.says));
        }
    }
}

fn after(says: &str) -> String {
    if says.is_empty() {
        String::new()
    } else {
        format!(": {}", cell(says))
    }
}

/// A sentence as it can stand in a table: without the links that only rustdoc follows.
fn cell(says: &str) -> String {
    says.replace("[`", "`")
        .replace("`]", "`")
        .replace('|', "\\|")
}

/// What stands between a generic type's brackets.
fn inside<'t>(of: &'t str, wrapper: &str) -> Option<&'t str> {
    of.strip_prefix(wrapper)?
        .strip_prefix('<')?
        .strip_suffix('>')
}

/// A variant as serde writes it.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
