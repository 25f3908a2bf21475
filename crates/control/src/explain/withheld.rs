//! What an explanation keeps back: it shows no more of anybody than its reader sees elsewhere.

use locum_domain::{Denial, PrincipalId, Refusal, Request};

use super::judged::Judged;
use crate::caller::Caller;
use crate::control::Control;
use crate::sight;

/// What stands in the place of a value.
const WITHHELD: &str = "not shown to you";

impl Control {
    /// Whether the caller may be told why this person may or may not decide: of themselves, of those whom the
    /// request names, and of everybody for those who see everything or own an application of the request.
    ///
    /// # Errors
    /// `not-found`, as for whatever one may not see.
    pub(super) fn may_be_told_of(
        &self,
        caller: &Caller,
        request: &Request,
        person: &PrincipalId,
    ) -> Result<(), Refusal> {
        let catalog = self.catalog_for(caller);
        let who = &caller.principal;
        let steps = request.route.steps.iter();
        let mut steps = steps.chain(&request.route.afterwards);
        let is_named = [&request.requester, &request.actor].contains(&person)
            || steps.any(|step| step.approvers.contains(person));
        let owns = || {
            let mut applications = request.scope.applications();
            applications.any(|id| sight::owns(&catalog, who, id))
        };
        if person == who || is_named || sight::sees_all(&catalog, who) || owns() {
            Ok(())
        } else {
            Err(Denial::NotFound.because("nobody of this name has a part in the request"))
        }
    }

    /// The answers without what the reader may not see: the subject's attributes, which are their application's, and
    /// other people's accounts.
    pub(super) fn withhold(
        &self,
        caller: &Caller,
        request: &Request,
        mut judged: Vec<Judged>,
    ) -> Vec<Judged> {
        let catalog = self.catalog_for(caller);
        let who = &caller.principal;
        if sight::sees_all(&catalog, who) {
            return judged;
        }
        let mut applications = request.scope.applications();
        let owns = applications.any(|id| sight::owns(&catalog, who, id));
        for one in &mut judged {
            let is_subject = one.explained.resource.kind == "Subject" && !owns;
            let is_other = one.explained.principal.id != who.as_str();
            let rules = one.explained.rules.iter_mut();
            for rule in rules.chain(&mut one.explained.silent) {
                let mut is_kept_back = false;
                for fact in &mut rule.facts {
                    let of_subject = is_subject && fact.path.starts_with("resource");
                    if of_subject || (is_other && fact.path == "principal.accounts") {
                        fact.is = WITHHELD.to_owned();
                        is_kept_back = true;
                    }
                }
                // What would have to change says what is.
                if is_kept_back {
                    rule.changes.clear();
                }
            }
        }
        judged
    }
}
