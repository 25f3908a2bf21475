//! How a request stands now: the questions of its filing put again to the catalog and policies of today, who may
//! decide, and whether it could begin.

use locum_domain::{
    Event, PrincipalId, Recorded, Refusal, Request, RequestState, Route, Timestamp,
};
use locum_policy::Filing;

use super::judged::{Judged, of_filing};
use super::people::MayDecide;
use super::recorded::ask_for_route;
use crate::caller::Caller;
use crate::control::Control;

/// Today's answers.
#[derive(Debug, Clone)]
pub struct Today {
    pub at: Timestamp,
    /// The route it would take, or why it would be refused.
    pub route: Result<Route, Refusal>,
    pub questions: Vec<Judged>,
    pub people: Vec<MayDecide>,
    /// Whether it could begin, once it is approved and before it has begun.
    pub activation: Option<Result<(), Refusal>>,
}

impl Control {
    /// Asks again. What happened before it was filed counts as it did then; the case is looked up while something
    /// can still come of the request.
    pub(super) async fn today(
        &self,
        caller: &Caller,
        request: &Request,
        events: &[Recorded],
        also: Option<&PrincipalId>,
        at: Timestamp,
    ) -> Result<Today, Refusal> {
        let in_force = self.in_force();
        let provisions = self.provisions_of(request, at).await?;
        let circumstances = self.circumstances(at);
        let filing = Filing::again(&in_force.catalog, &provisions, request, circumstances);
        let filed = events
            .iter()
            .find(|it| matches!(it.event, Event::RequestFiled { .. }))
            .map_or(u64::MAX, |it| it.position);
        let case = match request.state.is_settled() {
            true => Ok(request.case.clone()),
            false => self.look_up_case(&request.case.reference, at).await,
        };
        let traced = in_force.policies.tracing();
        let route = match case {
            Err(refusal) => traced.policies().may_file(&filing).and(Err(refusal)),
            Ok(case) => {
                let asked = Request {
                    case,
                    ..request.clone()
                };
                let history = self
                    .history_before(&filing, &asked, &request.case, filed)
                    .await?;
                ask_for_route(&traced, &filing, &asked, &history)
            }
        };
        let questions = of_filing(&traced, route.as_ref().err());
        let activation = match &request.state {
            RequestState::Approved { .. } => {
                let may = in_force
                    .policies
                    .may_activate(&filing, request, &request.case);
                Some(may.map(drop))
            }
            _ => None,
        };
        Ok(Today {
            at,
            route,
            questions: self.withhold(caller, request, questions),
            people: self.people(caller, request, also, at),
            activation,
        })
    }
}
