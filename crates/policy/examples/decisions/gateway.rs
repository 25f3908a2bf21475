//! The check that the gateway makes for every single request, from a scope compiled when the session began.

use locum_domain::OperationId;
use locum_domain::access::{LiveScope, OperationSet, RouteTable, Used};

use crate::clock::Times;
use crate::company::{self, Numbers, id};

/// Too short to be timed one by one.
const AT_ONCE: u64 = 100;
const CHECKS: usize = 2_000;

struct Never;

impl Used for Never {
    fn used(&self, _: usize) -> u32 {
        0
    }
}

/// Requests in a session with half of an application's operations: allowed, out of scope, closed and unknown ones.
pub(crate) fn scope_checks() -> Times {
    let catalog = company::catalog();
    let application = &catalog.applications[&company::application(7)];
    let table = RouteTable::compile(application).expect("routes");
    let granted: Vec<OperationId> = (3..15)
        .map(|number| id(format!("thing{number:02}.do")))
        .collect();
    let scope = LiveScope {
        operations: table.scope(&granted),
        opened: OperationSet::default(),
        has_ended: false,
        end_by_ms: u64::MAX,
    };
    let mut numbers = Numbers::new(17);
    let mut times = Times::default();
    for _ in 0..CHECKS {
        let thing = format!("thing{:02}", numbers.below(company::OPERATIONS + 2));
        let object = numbers.below(100_000).to_string();
        let mut path = vec!["api", "v1", &thing, &object];
        if numbers.below(2) == 0 {
            path.extend(["parts", "7"]);
        }
        let method = if numbers.below(4) == 0 { "POST" } else { "GET" };
        let _ = times.take(AT_ONCE, || scope.admit(&table, method, &path, &Never, 0));
    }
    times
}
