//! The domain's types as they are serialised: rustfmt writes them in one way, so that lines are enough to read them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::Outcome;

/// A serialised type.
#[derive(Debug, Default, Clone)]
pub(super) struct Shape {
    /// The first sentences of its documentation.
    pub(super) says: String,
    pub(super) is_enum: bool,
    /// The member that names the variant, for an enum that has one.
    pub(super) tag: Option<String>,
    /// Written as a plain text, whatever its parts are.
    pub(super) is_text: bool,
    /// Fields, or variants with theirs.
    pub(super) parts: Vec<Part>,
}

/// A field or a variant.
#[derive(Debug, Default, Clone)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) says: String,
    /// A field's type, or what a variant holds by position.
    pub(super) of: Option<String>,
    pub(super) is_flat: bool,
    /// A variant's own fields.
    pub(super) fields: Vec<Part>,
}

/// Every serialised type, by the file it stands in and its name.
pub(super) struct Shapes {
    known: BTreeMap<(PathBuf, String), Shape>,
    /// What each file imports: the module's path by the name.
    imports: BTreeMap<PathBuf, BTreeMap<String, String>>,
}

impl Shapes {
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let mut shapes = Self {
            known: BTreeMap::new(),
            imports: BTreeMap::new(),
        };
        shapes.folder(root, root)?;
        Ok(shapes)
    }

    fn folder(&mut self, root: &Path, folder: &Path) -> Outcome {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                self.folder(root, &path)?;
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).map_err(failed)?;
                let file = path.strip_prefix(root).unwrap_or(&path).to_owned();
                self.imports.insert(file.clone(), imports(&text));
                for (name, shape) in items(&text) {
                    self.known.insert((file.clone(), name), shape);
                }
            }
        }
        Ok(())
    }

    /// The type that a file means by a name, and the file that it stands in.
    pub(super) fn find(&self, file: &Path, name: &str) -> Option<(&Path, &Shape)> {
        let at = |file: &Path| {
            let key = (file.to_owned(), name.to_owned());
            let found = self.known.get_key_value(&key)?;
            Some((found.0.0.as_path(), found.1))
        };
        let imported = self.imports.get(file).and_then(|them| them.get(name));
        let under = imported.map_or("", String::as_str);
        let same_name = || {
            self.known
                .iter()
                .filter(|((_, other), _)| other == name)
                .map(|((file, _), shape)| (file.as_path(), shape))
        };
        at(file)
            .or_else(|| same_name().find(|(file, _)| file.starts_with(under) && !under.is_empty()))
            .or_else(|| same_name().find(|(file, _)| *file == Path::new(&format!("{under}.rs"))))
            .or_else(|| {
                let mut all = same_name();
                all.next().filter(|_| all.next().is_none())
            })
    }
}

/// Where the names of `use crate::…` come from.
fn imports(text: &str) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("use crate::") {
        let (statement, after) = after.split_once(';').unwrap_or((after, ""));
        rest = after;
        let (module, names) = statement.rsplit_once("::").unwrap_or(("", statement));
        let (module, names) = match statement.split_once("::{") {
            Some((module, names)) => (module, names.trim_end().trim_end_matches('}')),
            None => (module, names),
        };
        for name in names.split(',') {
            let name = name.trim().rsplit(' ').next().unwrap_or_default();
            if !name.is_empty() {
                known.insert(name.to_owned(), module.replace("::", "/"));
            }
        }
    }
    known
}

/// Every public struct and enum of a file.
fn items(text: &str) -> Vec<(String, Shape)> {
    let mut items = Vec::new();
    let mut lines = text.lines();
    let mut above = Above::default();
    while let Some(line) = lines.next() {
        if above.hears(line) {
            continue;
        }
        let rest = line.strip_prefix("pub struct ");
        let opened = rest.or_else(|| line.strip_prefix("pub enum "));
        let Some(opened) = opened.filter(|it| it.ends_with('{') && !it.contains('<')) else {
            above = Above::default();
            continue;
        };
        let heard = std::mem::take(&mut above);
        let name = opened.trim_end_matches('{').trim().to_owned();
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
        let is_enum = rest.is_none();
        let shape = Shape {
            says: heard.says(),
            is_enum,
            tag: heard.value("tag"),
            is_text: heard.attributes.contains("into = \"String\""),
            parts: parts(&body, is_enum, 4),
        };
        items.push((name, shape));
    }
    items
}

/// What stands above an item: documentation and attributes.
#[derive(Debug, Default)]
struct Above {
    documentation: Vec<String>,
    attributes: String,
    is_open: bool,
}

impl Above {
    /// Whether the line is one of these.
    fn hears(&mut self, line: &str) -> bool {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("///") {
            self.documentation.push(text.trim().to_owned());
            return true;
        }
        if self.is_open || line.starts_with("#[") {
            self.attributes.push_str(line);
            self.is_open = !line.ends_with(']');
            return true;
        }
        false
    }

    /// The first paragraph.
    fn says(&self) -> String {
        let lines = self.documentation.iter().take_while(|it| !it.is_empty());
        lines.cloned().collect::<Vec<_>>().join(" ")
    }

    fn value(&self, name: &str) -> Option<String> {
        let (_, after) = self.attributes.split_once(&format!("{name} = \""))?;
        Some(after.split_once('"')?.0.to_owned())
    }
}

fn parts(body: &[&str], is_enum: bool, indent: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut above = Above::default();
    let mut lines = body.iter();
    let close = format!("{}}},", " ".repeat(indent));
    while let Some(line) = lines.next() {
        if line.trim().is_empty() || above.hears(line) {
            continue;
        }
        let heard = std::mem::take(&mut above);
        let mut text = line.trim().to_owned();
        let mut part = Part {
            says: heard.says(),
            is_flat: heard.attributes.contains("flatten"),
            ..Part::default()
        };
        if is_enum && text.ends_with('{') {
            text.truncate(text.len() - 1);
            let own: Vec<&str> = lines
                .by_ref()
                .take_while(|line| **line != close)
                .copied()
                .collect();
            part.name = text.trim().to_owned();
            part.fields = self::parts(&own, false, indent + 4);
            parts.push(part);
            continue;
        }
        if let Some((name, own)) = text.trim_end_matches("},").split_once(" { ")
            && is_enum
        {
            // A short variant stands in one line.
            let own: Vec<String> = own.trim().split(", ").map(|it| format!("{it},")).collect();
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            part.name = name.to_owned();
            part.fields = self::parts(&own, false, indent + 4);
            parts.push(part);
            continue;
        }
        while !text.ends_with(',') {
            let Some(more) = lines.next() else { break };
            text.push_str(more.trim());
        }
        let text = text.trim_end_matches(',');
        match (is_enum, text.split_once(": "), text.split_once('(')) {
            (false, Some((name, of)), _) => {
                part.name = name.trim_start_matches("pub ").to_owned();
                part.of = Some(of.to_owned());
            }
            (true, _, Some((name, of))) => {
                part.name = name.to_owned();
                part.of = Some(of.trim_end_matches(')').to_owned());
            }
            _ => part.name = text.to_owned(),
        }
        if let Some(name) = heard.value("rename") {
            part.name = name;
        }
        if !heard.attributes.contains("serde(skip)") && !part.name.starts_with("pub(") {
            parts.push(part);
        }
    }
    parts
}
