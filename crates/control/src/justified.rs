//! Whether the case still justifies a request: asked again at every decision that leads to access (R02).

use locum_domain::{Case, Denial, Provisions, Refusal, Request, Stream, Timestamp};
use locum_policy::Filing;

use crate::control::{Control, unavailable};
use crate::governance::InForce;
use crate::ports::Guard;

impl Control {
    /// The filing that a request is, for policy to judge anew.
    pub(crate) fn filing_of<'a>(
        &self,
        in_force: &'a InForce,
        request: &'a Request,
        at: Timestamp,
    ) -> Filing<'a> {
        let circumstances = self.circumstances(at);
        Filing::again(&in_force.catalog, Provisions::NONE, request, circumstances)
    }

    /// Looks the case up and judges it, and answers with the guard by which a close that comes first wins.
    ///
    /// # Errors
    /// `case-unreachable`, `case-not-open`, `not-the-assignee`, `case-mismatch`.
    pub(crate) async fn case_still_justifies(
        &self,
        in_force: &InForce,
        request: &Request,
        at: Timestamp,
    ) -> Result<(Case, Guard), Refusal> {
        let stream = Stream::Case(request.case.reference.clone());
        // The version before the look-up: what changes while the case system answers is noticed.
        let version = self
            .ports
            .store
            .load(&stream)
            .await
            .map_err(unavailable)?
            .version;
        let case = self.look_up_case(&request.case.reference, at).await?;
        let filing = self.filing_of(in_force, request, at);
        in_force
            .policies
            .judge_case(&filing, &case, &request.subject)?;
        if case.tenant != request.tenant {
            return Err(Denial::CaseMismatch.because("the case is of another tenant now"));
        }
        Ok((case, Guard::Version { stream, version }))
    }
}
