//! The decision that every single request in a session gets, without a database and without a policy engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::access::graphql::GraphqlCall;
use crate::access::record::AdmittedBy;
use crate::access::routes::{OperationSet, RouteTable};
use crate::catalog::{Effect, Operation};
use crate::denial::{Denial, Refusal};
use crate::ids::OperationId;

/// What a live session may do in one application, compiled when it was activated.
#[derive(Debug, Clone)]
pub struct LiveScope {
    pub operations: OperationSet,
    /// Closed operations that an exception opened when the session began.
    pub opened: OperationSet,
    pub has_ended: bool,
    /// Milliseconds on the clock that never steps (boot time), when the session ends by itself.
    pub end_by_ms: u64,
}

/// How often each operation was used in this session, by its index.
pub trait Used {
    /// Uses of the operation so far.
    fn used(&self, operation: usize) -> u32;
}

/// Proof that one request was allowed. Only [`LiveScope::admit`] makes one, and whatever reaches an
/// application takes one.
#[derive(Debug)]
pub struct Permit {
    index: usize,
    operation: OperationId,
    effect: Effect,
    rule: AdmittedBy,
    template: Arc<str>,
    object: Option<String>,
}

impl Permit {
    /// The operation's index in its application's table.
    pub fn index(&self) -> usize {
        self.index
    }
    /// The operation that was allowed.
    pub fn operation(&self) -> &OperationId {
        &self.operation
    }
    /// What it does.
    pub fn effect(&self) -> Effect {
        self.effect
    }
    /// What let it through.
    pub fn rule(&self) -> AdmittedBy {
        self.rule
    }
    /// What of the catalog it matched.
    pub fn template(&self) -> &Arc<str> {
        &self.template
    }
    /// What it touches, where its operation says it.
    pub fn object(&self) -> Option<&str> {
        self.object.as_deref()
    }
}

/// Why a request may not pass.
#[derive(Debug, Clone, PartialEq)]
pub struct NotAdmitted {
    /// The operation, where it is known.
    pub operation: Option<OperationId>,
    /// What of the catalog was matched, where anything was.
    pub template: Option<Arc<str>>,
    /// What was asked for where the path does not say it: a root field or a document's hash.
    pub asked: Option<String>,
    pub refusal: Refusal,
}

/// In a box, since nearly every request passes and carries its permit only.
impl NotAdmitted {
    /// A refusal before any operation is known.
    pub fn because(refusal: Refusal) -> Box<Self> {
        Box::new(Self {
            operation: None,
            template: None,
            asked: None,
            refusal,
        })
    }

    /// A refusal of a known operation, and what of the catalog led to it.
    pub fn of(operation: &OperationId, template: &Arc<str>, refusal: Refusal) -> Box<Self> {
        let mut not = Self::because(refusal);
        not.operation = Some(operation.clone());
        not.template = Some(template.clone());
        not
    }

    /// A refusal of what was permitted by itself.
    pub fn after(permit: &Permit, refusal: Refusal) -> Box<Self> {
        Self::of(&permit.operation, &permit.template, refusal)
    }

    /// What was asked for, where the path does not say it.
    #[must_use]
    pub fn asking(mut self: Box<Self>, asked: Option<String>) -> Box<Self> {
        self.asked = asked;
        self
    }
}

impl LiveScope {
    /// Whether the session is over.
    pub fn is_over(&self, now_ms: u64) -> bool {
        self.has_ended || now_ms >= self.end_by_ms
    }

    /// Whether `method` on the decoded path segments may pass now.
    ///
    /// # Errors
    /// In this order: `session-ended`, `unclassified-route`, `closed-operation`, `out-of-scope`,
    /// `budget-spent`. The operation is named with the refusal where the route is known.
    pub fn admit(
        &self,
        table: &RouteTable,
        method: &str,
        path: &[&str],
        used: &impl Used,
        now_ms: u64,
    ) -> Result<Permit, Box<NotAdmitted>> {
        if self.is_over(now_ms) {
            return Err(over());
        }
        let Some(matched) = table.find(method, path) else {
            let refusal = Denial::UnclassifiedRoute.because("no operation has this route");
            return Err(NotAdmitted::because(refusal));
        };
        let operation = matched.operation;
        let rule = self
            .allow(matched.index, operation, used.used(matched.index))
            .map_err(|refusal| NotAdmitted::of(&operation.id, matched.template, refusal))?;
        Ok(Permit {
            index: matched.index,
            operation: operation.id.clone(),
            effect: operation.effect,
            rule,
            template: matched.template.clone(),
            object: matched.object,
        })
    }

    /// Whether every call of a GraphQL request may pass now: a permit for each root field of each of them, or none
    /// at all. A document that asks for one thing several times uses it as often.
    ///
    /// # Errors
    /// In the order of [`LiveScope::admit`], over all calls: one that is unclassified comes before one that is
    /// closed.
    pub fn admit_graphql(
        &self,
        table: &RouteTable,
        calls: &[GraphqlCall],
        used: &impl Used,
        now_ms: u64,
    ) -> Result<Vec<Permit>, Box<NotAdmitted>> {
        if self.is_over(now_ms) {
            return Err(over());
        }
        let mut asked = Vec::new();
        for call in calls {
            let found = table.graphql().find(table.operations(), call);
            let found = found.map_err(|why| {
                let refusal = Denial::UnclassifiedRoute.because(why.detail);
                NotAdmitted::because(refusal).asking(why.asked)
            })?;
            asked.extend(found);
        }
        if asked.is_empty() {
            let refusal = Denial::UnclassifiedRoute.because("the document asks for nothing");
            return Err(NotAdmitted::because(refusal));
        }
        let mut permits = Vec::with_capacity(asked.len());
        let mut refused: Option<(usize, Box<NotAdmitted>)> = None;
        let mut uses: BTreeMap<usize, u32> = BTreeMap::new();
        for it in asked {
            let Some(operation) = table.operations().get(it.operation) else {
                continue;
            };
            let before = uses.entry(it.operation).or_default();
            let used = used.used(it.operation).saturating_add(*before);
            *before = before.saturating_add(1);
            match self.allow(it.operation, operation, used) {
                Ok(rule) => permits.push(Permit {
                    index: it.operation,
                    operation: operation.id.clone(),
                    effect: operation.effect,
                    rule,
                    template: it.template,
                    object: it.object,
                }),
                Err(refusal) => {
                    let severity = severity(refusal.denial);
                    if refused.as_ref().is_none_or(|known| severity < known.0) {
                        let not = NotAdmitted::of(&operation.id, &it.template, refusal);
                        let asked = Some(it.object.unwrap_or_else(|| it.template.to_string()));
                        refused = Some((severity, not.asking(asked)));
                    }
                }
            }
        }
        match refused {
            None => Ok(permits),
            Some((_, not)) => Err(not),
        }
    }

    /// What lets one operation be used once more.
    fn allow(&self, index: usize, operation: &Operation, used: u32) -> Result<AdmittedBy, Refusal> {
        if let Some(class) = &operation.closed
            && !self.opened.contains(index)
        {
            let detail = format!("`{}` is closed: {class}", operation.id);
            return Err(Denial::ClosedOperation.because(detail).by(class));
        }
        if !self.operations.contains(index) {
            let detail = format!("the grant has no `{}`", operation.id);
            return Err(Denial::OutOfScope.because(detail));
        }
        if operation.max_per_session.is_some_and(|most| used >= most) {
            let detail = format!("`{}` was used as often as allowed", operation.id);
            return Err(Denial::BudgetSpent.because(detail).by("max_per_session"));
        }
        Ok(match (&operation.closed, operation.effect) {
            (Some(_), _) => AdmittedBy::Exception,
            (None, Effect::Asset) => AdmittedBy::Asset,
            (None, _) => AdmittedBy::Grant,
        })
    }
}

fn over() -> Box<NotAdmitted> {
    NotAdmitted::because(Denial::SessionEnded.because("the session is over"))
}

/// The order in which refusals are said when several apply.
fn severity(denial: Denial) -> usize {
    match denial {
        Denial::ClosedOperation => 0,
        Denial::OutOfScope => 1,
        _ => 2,
    }
}
