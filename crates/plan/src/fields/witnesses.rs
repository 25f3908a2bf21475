//! Who vouches for the ledger beside its operator.

use locum_catalog::settings::{WhenUnwitnessed, Witnesses};

use crate::field::{Sheet, loosens, quoted, tightens};

pub(super) fn witnesses(sheet: &mut Sheet<'_>, old: Option<&Witnesses>, new: Option<&Witnesses>) {
    let said = |it: Option<&Witnesses>| it.map(|it| quoted(&it.policy));
    let texts = (said(old), said(new));
    let (old, new) = match (old, new) {
        (None, None) => return,
        (None, Some(_)) => {
            let more = tightens("the ledger's checkpoints ask for cosignatures");
            return sheet.note("[ledger] witnesses", texts, more, []);
        }
        (Some(_), None) => {
            let nobody = loosens("nobody but the operator vouches for the ledger any more");
            return sheet.note("[ledger] witnesses", texts, nobody, []);
        }
        (Some(old), Some(new)) => (old, new),
    };
    if old.policy != new.policy {
        let others = loosens("others vouch for the ledger, or in another number");
        sheet.note("[ledger] witnesses", texts, others, []);
    }
    let word = |it: WhenUnwitnessed| match it {
        WhenUnwitnessed::Continue => "continue",
        WhenUnwitnessed::Stop => "stop",
    };
    sheet.judged(
        "[ledger] when_unwitnessed",
        &word(old.when_unwitnessed),
        &word(new.when_unwitnessed),
        |_, new| match *new {
            "stop" => tightens("no session begins while too few witnesses cosign"),
            _ => loosens("sessions begin while too few witnesses cosign"),
        },
    );
    sheet.limit(
        "[ledger] unwitnessed_after_seconds",
        Some(old.unwitnessed_after_seconds),
        Some(new.unwitnessed_after_seconds),
        loosens("sessions begin for longer without cosignatures"),
    );
}
