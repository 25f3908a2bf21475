//! The holders of authorities to whom an asker is more than a stranger.

use std::collections::BTreeSet;

use locum_domain::PrincipalId;
use locum_domain::catalog::Application;

use crate::plan::judge::Judge;
use crate::plan::kin::concerned;

/// The holders of authorities to whom somebody is more than a stranger: those that may be barred, and the manager.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Circle<'a> {
    concerned: BTreeSet<&'a PrincipalId>,
    manager: Option<&'a PrincipalId>,
    /// Where rules about deciding look at whose request it is.
    alone: Option<&'a PrincipalId>,
}

impl<'a> Circle<'a> {
    pub(super) fn special(&self) -> BTreeSet<&'a PrincipalId> {
        self.concerned.iter().copied().chain(self.manager).collect()
    }
}

/// The circle of one asker in one application.
pub(super) fn circle<'a>(
    judge: &Judge<'a>,
    application: &'a Application,
    id: &'a PrincipalId,
    managers_matter: bool,
) -> Circle<'a> {
    let might = judge.everybody_who_might(application);
    let manager = judge.manager(id).filter(|_| managers_matter);
    if judge.reading.decides_by_request {
        return Circle {
            concerned: might,
            manager,
            alone: Some(id),
        };
    }
    let mut concerned = concerned(judge.side.catalog, id);
    concerned.retain(|it| might.contains(it) || Some(*it) == manager);
    Circle {
        concerned,
        manager,
        alone: None,
    }
}
