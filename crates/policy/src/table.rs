//! Table tests over an operator's policies: what would be filed, what refused, by which rule.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use locum_domain::{
    ApplicationId, Case, CaseRef, Catalog, Denial, Minutes, OperationId, PrincipalId, Provisions,
    Refusal, Scope, SubjectId, Timestamp,
};
use serde::Deserialize;
use toml::Spanned;

use crate::filing::{Circumstances, Filing};
use crate::index::Indexed;
use crate::policies::Policies;
use crate::problem::LoadProblem;
use crate::route::History;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    case: Vec<Spanned<Row>>,
}

/// One line of a table. What it leaves out is ordinary: an open case, assigned to the actor, opened by the
/// customer; noon; the shortest step of a duration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    actor: PrincipalId,
    requester: Option<PrincipalId>,
    applications: BTreeMap<ApplicationId, BTreeSet<OperationId>>,
    #[serde(default = "noon")]
    local_hour: u8,
    #[serde(default = "shortest")]
    duration_minutes: u32,
    #[serde(default)]
    break_glass: bool,
    /// `filed`, or the code of a refusal.
    expect: Spanned<String>,
    /// The authorities of the route, in any order.
    route: Option<Vec<String>>,
    /// The `@id` of a rule that refused, or that allowed or demanded something.
    rule: Option<String>,
}

fn noon() -> u8 {
    12
}

fn shortest() -> u32 {
    5
}

/// What became of a row.
struct Outcome {
    authorities: Vec<String>,
    rules: BTreeSet<String>,
}

impl Policies {
    /// Runs every `[[case]]` of the tables (file name to text) against this set and catalog.
    ///
    /// # Errors
    /// Every place where a table cannot be read.
    pub fn test(
        &self,
        catalog: &Catalog,
        tables: &BTreeMap<String, String>,
        today: Date,
    ) -> Result<Vec<TableResult>, Vec<LoadProblem>> {
        let catalog = &Indexed::of(catalog.clone());
        let mut problems = Vec::new();
        let mut results = Vec::new();
        for (file, text) in tables {
            match toml::from_str::<Table>(text) {
                Ok(table) => {
                    for row in table.case {
                        problems.extend(unknown_code(file, text, row.get_ref()));
                        let line = header_line(text, row.span().start);
                        let row = row.into_inner();
                        results.push(TableResult {
                            file: file.clone(),
                            line,
                            failure: self.difference(catalog, &row, today),
                            name: row.name,
                        });
                    }
                }
                Err(error) => {
                    let span = error.span().unwrap_or_default();
                    problems.push(LoadProblem::over(file, text, span, error.message()));
                }
            }
        }
        if problems.is_empty() {
            Ok(results)
        } else {
            Err(problems)
        }
    }

    /// What a row expects and did not get.
    fn difference(&self, catalog: &Indexed, row: &Row, today: Date) -> Option<String> {
        let expected = row.expect.get_ref().as_str();
        let (got, authorities, rules) = match self.outcome(catalog, row, today) {
            Ok(outcome) => ("filed".to_owned(), outcome.authorities, outcome.rules),
            Err(refusal) => {
                let rules = refusal.rule.into_iter().collect();
                if refusal.denial.code() != expected {
                    let code = refusal.denial.code();
                    let detail = refusal.detail;
                    return Some(format!("expected {expected}, got {code}: {detail}"));
                }
                (refusal.denial.code().to_owned(), Vec::new(), rules)
            }
        };
        if got != expected {
            return Some(format!("expected {expected}, got {got}"));
        }
        if let Some(route) = &row.route {
            let sorted = |list: &[String]| {
                let mut list = list.to_vec();
                list.sort();
                list
            };
            if sorted(route) != sorted(&authorities) {
                let got = authorities.join(", ");
                return Some(format!(
                    "expected the route {}, got {got}",
                    route.join(", ")
                ));
            }
        }
        let rule = row.rule.as_ref()?;
        if rules.contains(rule.trim_start_matches('@')) {
            return None;
        }
        let got: Vec<&str> = rules.iter().map(String::as_str).collect();
        Some(format!("expected the rule {rule}, got {}", got.join(", ")))
    }

    fn outcome(&self, catalog: &Indexed, row: &Row, today: Date) -> Result<Outcome, Refusal> {
        let scope = Scope(row.applications.clone());
        let filing = Filing {
            catalog,
            provisions: Provisions::NONE,
            requester: row.requester.as_ref().unwrap_or(&row.actor),
            actor: &row.actor,
            scope: &scope,
            duration: Minutes(row.duration_minutes),
            break_glass: row.break_glass,
            impersonating: false,
            circumstances: Circumstances {
                today,
                local_hour: row.local_hour,
            },
        };
        let allowed = self.may_file(&filing)?;
        let (case, subject) = ordinary_case(&row.actor)?;
        let finding = self.judge_case(&filing, &case, &subject)?;
        let route = self.route(
            &filing,
            &allowed,
            &case,
            &finding,
            &History::default(),
            false,
        )?;
        let mut rules: BTreeSet<String> = allowed.rules.into_iter().collect();
        rules.extend(finding.rules);
        rules.extend(route.steps.iter().map(|step| step.rule.clone()));
        let authorities = route.steps.iter().map(|step| step.authority.as_str());
        Ok(Outcome {
            authorities: authorities.map(str::to_owned).collect(),
            rules,
        })
    }
}

/// An open case, assigned to the actor, which a customer opened.
fn ordinary_case(actor: &PrincipalId) -> Result<(Case, SubjectId), Refusal> {
    let malformed = |error: locum_domain::IdError| Denial::Malformed.because(error.to_string());
    let subject: SubjectId = "the customer".parse().map_err(malformed)?;
    let reference: CaseRef = "desk:1".parse().map_err(malformed)?;
    let case = Case {
        reference,
        is_open: true,
        state: "open".to_owned(),
        assignee: Some(actor.to_string()),
        subject: Some(subject.clone()),
        tenant: None,
        title: None,
        priority: None,
        queue: None,
        opened_by: Some(subject.to_string()),
        subject_set_by: None,
        opened_at: None,
        looked_up_at: Timestamp::UNIX_EPOCH,
    };
    Ok((case, subject))
}

fn unknown_code(file: &str, text: &str, row: &Row) -> Option<LoadProblem> {
    let code = row.expect.get_ref();
    let is_known = code == "filed" || Denial::ALL.iter().any(|denial| denial.code() == code);
    let problem = || {
        let message = format!("`{code}` is neither filed nor the code of a refusal");
        LoadProblem::over(file, text, row.expect.span(), message)
            .hint("write filed, or a code such as not-eligible")
    };
    (!is_known).then(problem)
}

/// The line of the `[[case]]` that the row at `offset` belongs to.
fn header_line(text: &str, offset: usize) -> usize {
    let row = text.get(offset..).unwrap_or_default();
    if row.starts_with("[[") {
        return LoadProblem::at("", text, offset, "").line;
    }
    let before = text.get(..offset).unwrap_or(text);
    let header = before.rfind("[[").unwrap_or(offset);
    LoadProblem::at("", text, header, "").line
}
