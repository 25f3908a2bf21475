//! The decision that every single request in a session gets, without a database and without a policy engine.

use crate::access::routes::{OperationSet, RouteTable};
use crate::catalog::Effect;
use crate::denial::{Denial, Refusal};
use crate::ids::OperationId;

/// What a live session may do in one application, compiled when it was activated.
#[derive(Debug, Clone)]
pub struct LiveScope {
    pub operations: OperationSet,
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
    /// What it touches.
    pub fn object(&self) -> Option<&str> {
        self.object.as_deref()
    }
}

impl LiveScope {
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
    ) -> Result<Permit, (Option<OperationId>, Refusal)> {
        if self.has_ended || now_ms >= self.end_by_ms {
            return Err((None, Denial::SessionEnded.because("the session is over")));
        }
        let Some(matched) = table.find(method, path) else {
            return Err((
                None,
                Denial::UnclassifiedRoute.because("no operation has this route"),
            ));
        };
        let operation = matched.operation;
        let refuse = |refusal: Refusal| Err((Some(operation.id.clone()), refusal));
        if let Some(class) = &operation.closed {
            return refuse(
                Denial::ClosedOperation.because(format!("`{}` is closed: {class}", operation.id)),
            );
        }
        if !self.operations.contains(matched.index) {
            return refuse(
                Denial::OutOfScope.because(format!("the grant has no `{}`", operation.id)),
            );
        }
        if operation
            .max_per_session
            .is_some_and(|most| used.used(matched.index) >= most)
        {
            return refuse(
                Denial::BudgetSpent
                    .because(format!("`{}` was used as often as allowed", operation.id)),
            );
        }
        Ok(Permit {
            index: matched.index,
            operation: operation.id.clone(),
            effect: operation.effect,
            object: matched.object,
        })
    }
}
