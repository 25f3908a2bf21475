//! Refusals on a terminal: what was wanted, why not, and what helps.

use locum_api::{ExplainedRefusalView, RefusedUseView};

use super::lines::Lines;
use super::rule;
use crate::args::ExplainArgs;

/// Refusals by their place in the ledger.
pub(super) fn own(refusals: &[ExplainedRefusalView], args: &ExplainArgs) -> String {
    let mut lines = Lines::default();
    if refusals.is_empty() {
        lines.put(0, "you were refused nothing");
    }
    for (place, refused) in refusals.iter().enumerate() {
        if place > 0 {
            lines.verbatim(0, "");
        }
        let refusal = &refused.refusal;
        let (by, act) = (&refused.by, refused.act.replace('-', " "));
        lines.put(0, &format!("{by} was refused to {act}: {}", refusal.detail));
        lines.put(0, &format!("what helps: {}", refusal.remedy));
        lines.put(
            2,
            &format!(
                "#{} {} {}, {}",
                refused.position, refused.at, refusal.code, refused.about
            ),
        );
        match (&refused.rule, &refusal.rule) {
            (Some(it), _) => rule::with_grounds(&mut lines, 2, it, args),
            (None, Some(id)) => {
                lines.put(2, &format!("rule {id}, which is in no file of that time"))
            }
            (None, None) if refused.used.is_none() => {
                lines.put(2, "no policy decided this: it is one of Locum's own checks");
            }
            (None, None) => {}
        }
        if let Some(used) = &refused.used {
            what(&mut lines, used);
        }
    }
    lines.whole()
}

/// Everything that was refused in a session.
pub(super) fn in_session(id: &str, uses: &[RefusedUseView]) -> String {
    let mut lines = Lines::default();
    match uses.len() {
        0 => lines.put(0, &format!("nothing was refused in {id}")),
        1 => lines.put(0, &format!("one kind of request was refused in {id}")),
        more => lines.put(0, &format!("{more} kinds of requests were refused in {id}")),
    }
    for used in uses {
        lines.section(&format!(
            "{} {}{}",
            used.method, used.application, used.path
        ));
        lines.put(2, &used.because);
        lines.put(2, &format!("what helps: {}", used.next));
        what(&mut lines, used);
    }
    lines.whole()
}

fn what(lines: &mut Lines, used: &RefusedUseView) {
    let operation = match (&used.operation, &used.effect) {
        (Some(operation), Some(effect)) => format!("operation {operation} ({effect})"),
        (Some(operation), None) => format!("operation {operation}"),
        (None, _) => "no operation has this route".to_owned(),
    };
    let closed = used.closed.iter().map(|class| format!(", closed: {class}"));
    let closed: String = closed.collect();
    let scope = match (&used.operation, used.in_scope) {
        (None, _) => "",
        (_, true) => ", in the session's scope",
        (_, false) => ", not in the session's scope",
    };
    lines.put(2, &format!("{operation}{closed}{scope}"));
    let times = match used.times {
        1 => "once".to_owned(),
        times => format!("{times} times, the last"),
    };
    lines.put(
        2,
        &format!("{}: {times} at #{} {}", used.code, used.position, used.at),
    );
    if !used.granted.is_empty() {
        lines.put(2, &format!("the grant allows: {}", used.granted.join(", ")));
    }
}
