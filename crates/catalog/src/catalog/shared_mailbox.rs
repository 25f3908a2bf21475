//! Names that are read by several people. A group or shared mailbox can never approve (R06), and who is behind one
//! cannot be told from its name alone: so this warns, and two people with one account are refused elsewhere.

use locum_domain::PrincipalId;
use locum_domain::catalog::Account;

use crate::problem::Problems;
use crate::source::At;

/// What stands before the `@` of such a mailbox (RFC 2142, and what is usual).
const LOCAL_PARTS: [&str; 27] = [
    "abuse",
    "admin",
    "administrator",
    "contact",
    "desk",
    "do-not-reply",
    "donotreply",
    "group",
    "hello",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "mailbox",
    "no-reply",
    "noc",
    "noreply",
    "office",
    "ops",
    "postmaster",
    "root",
    "security",
    "service",
    "servicedesk",
    "support",
    "team",
    "webmaster",
];

/// Warns of a person who is named, or signs in somewhere, like a mailbox that several people read.
pub(super) fn warn(id: &At<PrincipalId>, accounts: &[Account], problems: &Problems) {
    let named = std::iter::once(id.value.as_str());
    let accounts = accounts.iter().map(|account| account.id.as_str());
    let Some(shared) = named.chain(accounts).find(|name| is_shared(name)) else {
        return;
    };
    problems.warning(
        &id.place,
        format!("`{shared}` reads like a mailbox that several people share"),
        "whoever decides must be one named human: give each person their own entry and account",
    );
}

fn is_shared(name: &str) -> bool {
    let Some((local, _)) = name.split_once('@') else {
        return false;
    };
    // `support+billing@` and `it-support@`, `support.team@` are the same habit.
    let local = local.to_ascii_lowercase();
    let plain = local.split('+').next().unwrap_or_default();
    LOCAL_PARTS.contains(&plain)
        || plain
            .rsplit(['-', '.', '_'])
            .next()
            .is_some_and(|last| matches!(last, "team" | "group" | "support" | "helpdesk" | "desk"))
}

#[cfg(test)]
mod tests {
    use super::is_shared;

    #[test]
    fn r06_a_shared_mailbox_is_told_from_a_person() {
        for shared in [
            "support@corp.example",
            "Support+eu@corp.example",
            "it-support@corp.example",
            "billing.team@corp.example",
            "noreply@corp.example",
            "no-reply@corp.example",
            "helpdesk@corp.example",
        ] {
            assert!(is_shared(shared), "{shared}");
        }
        for person in [
            "alice@corp.example",
            "tea.mason@corp.example",
            "support",
            "admin.abel@corp.example",
            "info-maria@corp.example",
        ] {
            assert!(!is_shared(person), "{person}");
        }
    }
}
