//! Words of the wire as typed words, each refused at its place.

use std::str::FromStr;

use locum_api::{ApplicationScope, OfferBody, StopBody};
use locum_control::offer::OfferTerms;
use locum_domain::hold::StopScope;
use locum_domain::review::Finding;
use locum_domain::{ApplicationId, Denial, Minutes, OperationId, Refusal, Scope};

/// An id out of a path. What is no id names nothing.
pub(crate) fn id<I: FromStr>(text: &str) -> Result<I, Refusal> {
    text.parse()
        .map_err(|_| Denial::NotFound.because("nothing here has this id"))
}

/// A name in the body.
pub(crate) fn name<N: FromStr>(text: &str, pointer: &str) -> Result<N, Refusal>
where
    N::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error: N::Err| Denial::Malformed.because(error.to_string()).at(pointer))
}

/// An application's name.
pub(crate) fn application(text: &str, pointer: &str) -> Result<ApplicationId, Refusal> {
    named(text, pointer, Denial::UnknownApplication)
}

fn named<N: FromStr>(text: &str, pointer: &str, unknown: Denial) -> Result<N, Refusal> {
    if text.contains('*') {
        let detail = "`*` stands for nothing here";
        return Err(Denial::Wildcard.because(detail).at(pointer));
    }
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(80).collect();
        unknown
            .because(format!("nothing is called `{shown}`"))
            .at(pointer)
    })
}

/// Minutes, of which there is at least one.
pub(crate) fn minutes(minutes: u32) -> Result<Minutes, Refusal> {
    if minutes == 0 {
        let refusal = Denial::Malformed.because("at least one minute");
        return Err(refusal.at("/duration_minutes"));
    }
    Ok(Minutes(minutes))
}

/// Applications and operations, one by one.
pub(crate) fn applications(
    named_ones: &[ApplicationScope],
) -> Result<Vec<(ApplicationId, Vec<OperationId>)>, Refusal> {
    if named_ones.is_empty() {
        let refusal = Denial::Malformed.because("name at least one application");
        return Err(refusal.at("/applications"));
    }
    let one = |(index, scope): (usize, &ApplicationScope)| {
        let place = format!("/applications/{index}");
        let id = application(&scope.application, &format!("{place}/application"))?;
        if scope.operations.is_empty() {
            let detail = format!("name the operations in `{id}` one by one");
            let refusal = Denial::Malformed.because(detail);
            return Err(refusal.at(format!("{place}/operations")));
        }
        let operations = scope.operations.iter().enumerate().map(|(nth, text)| {
            let pointer = format!("{place}/operations/{nth}");
            named(text, &pointer, Denial::UnknownOperation)
        });
        Ok((id, operations.collect::<Result<_, _>>()?))
    };
    named_ones.iter().enumerate().map(one).collect()
}

/// What an offer narrows.
pub(crate) fn offer(body: OfferBody) -> Result<OfferTerms, Refusal> {
    let scope = match &body.applications {
        Some(named_ones) => {
            let pairs = applications(named_ones)?.into_iter();
            Some(Scope(
                pairs
                    .map(|(id, operations)| (id, operations.into_iter().collect()))
                    .collect(),
            ))
        }
        None => None,
    };
    Ok(OfferTerms {
        scope,
        duration: body.duration_minutes.map(minutes).transpose()?,
        note: body.note,
    })
}

/// What a stop reaches: exactly one of its members.
pub(crate) fn stop(body: StopBody) -> Result<StopScope, Refusal> {
    let mut scopes = Vec::new();
    match body.all {
        Some(true) => scopes.push(StopScope::All),
        Some(false) => {
            return Err(Denial::Malformed
                .because("`all` can only be true")
                .at("/all"));
        }
        None => {}
    }
    if let Some(text) = body.application {
        scopes.push(StopScope::Application(application(&text, "/application")?));
    }
    if let Some(text) = body.actor {
        scopes.push(StopScope::Actor(name(&text, "/actor")?));
    }
    if let Some(text) = body.case {
        scopes.push(StopScope::Case(name(&text, "/case")?));
    }
    if let Some(text) = body.subject {
        scopes.push(StopScope::Subject(name(&text, "/subject")?));
    }
    if let Some(text) = body.tenant {
        scopes.push(StopScope::Tenant(name(&text, "/tenant")?));
    }
    match (scopes.pop(), scopes.is_empty()) {
        (Some(scope), true) => Ok(scope),
        _ => Err(Denial::Malformed
            .because("exactly one of `all`, `application`, `actor`, `case`, `subject`, `tenant`")
            .at("")),
    }
}

/// What a review found.
pub(crate) fn finding(word: &str) -> Result<Finding, Refusal> {
    match word {
        "justified" => Ok(Finding::Justified),
        "justified-with-follow-up" => Ok(Finding::JustifiedWithFollowUp),
        "unjustified" => Ok(Finding::Unjustified),
        _ => Err(Denial::Malformed
            .because("`justified`, `justified-with-follow-up` or `unjustified`")
            .at("/finding")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r01_a_star_is_refused_where_it_stands() {
        let scope = |application: &str, operation: &str| ApplicationScope {
            application: application.to_owned(),
            operations: vec![operation.to_owned()],
        };
        let refusal = applications(&[scope("*", "a")]).unwrap_err();
        assert_eq!(refusal.denial, Denial::Wildcard);
        assert_eq!(
            refusal.pointer.as_deref(),
            Some("/applications/0/application")
        );
        let refusal = applications(&[scope("a", "b"), scope("c", "*")]).unwrap_err();
        assert_eq!(refusal.denial, Denial::Wildcard);
        assert_eq!(
            refusal.pointer.as_deref(),
            Some("/applications/1/operations/0")
        );
    }

    #[test]
    fn a_stop_names_exactly_one_thing() {
        let all = StopBody {
            all: Some(true),
            ..StopBody::default()
        };
        assert_eq!(stop(all.clone()).unwrap(), StopScope::All);
        let two = StopBody {
            actor: Some("a".to_owned()),
            ..all
        };
        assert!(stop(two).is_err());
        assert!(stop(StopBody::default()).is_err());
    }
}
