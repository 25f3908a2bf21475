//! The rules of accessibility, as axe-core judges them in the page itself.

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use crate::page::Page;

/// One broken rule.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The rule's name at axe-core.
    pub rule: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: String,
    /// What the rule says.
    pub help: String,
    /// Where it is broken: a selector and the element.
    pub places: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.rule, self.impact, self.help)?;
        self.places
            .iter()
            .try_for_each(|place| write!(f, "\n    {place}"))
    }
}

/// axe-core, from the folder that `npm ci` filled.
fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let modules =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser/node_modules");
        let file = modules.join("axe-core/axe.min.js");
        std::fs::read_to_string(&file).unwrap_or_else(|error| {
            panic!("axe-core: {error}; run `npm ci` in tests/browser, or `cargo xtask test`")
        })
    })
}

impl Page {
    /// The rules that this page breaks as it is shown now.
    ///
    /// # Panics
    /// When axe-core cannot run.
    pub async fn axe(&self) -> Vec<Violation> {
        if self.evaluate("typeof axe").await != "object" {
            self.evaluate(&format!("{};0", source())).await;
        }
        let found = self
            .evaluate("axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations)")
            .await;
        let violations = found.as_array().expect("axe answers with a list");
        violations.iter().map(violation).collect()
    }
}

fn violation(found: &Value) -> Violation {
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    let places = found["nodes"].as_array().into_iter().flatten();
    let places = places.map(|node| {
        format!(
            "{} {} {}",
            node["target"], node["html"], node["failureSummary"]
        )
    });
    Violation {
        rule: text("id"),
        impact: text("impact"),
        help: text("help"),
        places: places.collect(),
    }
}
