//! What somebody asks for, as a scenario says it.

use super::pattern::blanks;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    pub who: String,
    /// Applications, and the operations in each, as they are written.
    pub scope: Vec<(String, Vec<String>)>,
    pub case: String,
    pub minutes: u32,
    pub reason: Option<String>,
    pub subject: Option<String>,
    pub is_emergency: bool,
    /// Who is to act, where that is somebody else.
    pub actor: Option<String>,
}

/// `alice asks for invoice.read in billing and contact.read in crm on desk:7 for 30 minutes`, then perhaps
/// `as dora@acme.example`, `as an emergency`, `, aida acting` and `because "…"`, in this order. `verb` is what stands for
/// `asks for`.
pub(super) fn of(sentence: &str, verb: &str) -> Option<Asking> {
    let (sentence, reason) = match sentence.split_once(" because \"") {
        Some((before, reason)) => (before, Some(reason.strip_suffix('"')?.to_owned())),
        None => (sentence, None),
    };
    let acting = sentence
        .strip_suffix(" acting")
        .and_then(|it| it.rsplit_once(", "));
    let (sentence, actor) = match acting {
        Some((before, actor)) => (before, Some(actor.to_owned())),
        None => (sentence, None),
    };
    let (sentence, is_emergency) = match sentence.strip_suffix(" as an emergency") {
        Some(before) => (before, true),
        None => (sentence, false),
    };
    let (sentence, subject) = match sentence.split_once(" minutes as ") {
        Some((before, subject)) => (format!("{before} minutes"), Some(subject.to_owned())),
        None => (sentence.to_owned(), None),
    };
    let filled = blanks(&format!("_ {verb} _ on _ for _ minutes"), &sentence)?;
    let application = |part: &str| {
        let (operations, application) = part.split_once(" in ")?;
        let operations = operations.split(", ").map(ToOwned::to_owned).collect();
        Some((application.to_owned(), operations))
    };
    let scope: Option<Vec<_>> = filled[1].split(" and ").map(application).collect();
    Some(Asking {
        who: filled[0].to_owned(),
        scope: scope?,
        case: filled[2].to_owned(),
        minutes: filled[3].parse().ok()?,
        reason,
        subject,
        is_emergency,
        actor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r01_an_asking_is_read_with_everything_it_may_say() {
        let sentence = "alice asks for invoice.read in billing and contact.read in crm on desk:7 for 30 minutes \
                        as dora@acme.example as an emergency because \"she cannot pay her rent\"";
        let asking = of(sentence, "asks for").unwrap();
        assert_eq!(asking.scope.len(), 2);
        assert_eq!((asking.case.as_str(), asking.minutes), ("desk:7", 30));
        assert_eq!(asking.subject.as_deref(), Some("dora@acme.example"));
        assert!(asking.is_emergency);
        assert_eq!(asking.reason.as_deref(), Some("she cannot pay her rent"));
        assert_eq!(asking.actor, None);
        let sentence = "olga asks for contact.read in crm on desk:11 for 10 minutes, aida acting";
        let asking = of(sentence, "asks for").unwrap();
        assert_eq!(asking.actor.as_deref(), Some("aida"));
        assert!(!asking.is_emergency);
        assert!(of(sentence, "asks about").is_none());
    }
}
