//! Wire types and the typed client.
//!
//! Wire types are never domain types: what is answered is made from state by `From`, what is asked is words
//! that the server parses. Times are RFC 3339 in UTC; people are named by their id.

mod absence;
mod authenticator;
mod catalog;
mod change;
mod client;
mod delegation;
mod erasure;
mod event;
mod exception;
mod explain;
mod governance;
mod key;
mod ledger;
mod login;
mod problem;
mod reconcile;
mod request;
mod review;
mod session;
mod signature;
mod stop;
mod unclassified;

pub use absence::{AbsenceBody, AbsenceView};
pub use authenticator::{
    ApproveEnrolmentBody, AuthenticatorView, EnrolBody, EnrolmentView, FounderView, FoundingView,
    InvitationView, InviteBody, PublicKeyBody, ReasonBody, RevokedView, possession_message,
};
pub use catalog::{ApplicationView, MeView, OperationView};
pub use change::{ChangeView, ConfirmChangeBody, PreviewedChangeView, ProposeChangeBody};
pub use client::{Client, ClientError};
pub use delegation::{ConfirmDelegationBody, DelegationView};
pub use erasure::{ErasureBody, ErasureView};
pub use event::{FeedItem, LedgerState};
pub use exception::{ConfirmBody, ExceptionBody, ExceptionView};
pub use explain::{
    DecidedView, ExplainedRefusalView, ExplanationView, FactView, JudgedView, MayDecideView,
    RefusalView, RefusedUseView, RuleView, SeatView, TodayView,
};
pub use governance::GovernanceView;
pub use key::{KeyView, RotateKeyBody, RotationView};
pub use ledger::{LedgerView, WitnessView};
pub use login::{DeviceAuthorizationView, LoginView, OAuthProblem, TokenView};
pub use problem::Problem;
pub use reconcile::{AcceptedSession, ReconcileBody, ReconciliationView, UnexplainedView};
pub use request::{
    AcceptBody, AnswerBody, ApplicationScope, ApproveBody, AskBody, CaseView, ControlSeenView,
    CountersignBody, CountersignWordsBody, DenyBody, ExtendBody, OfferBody, OfferView, PreviewView,
    QuestionView, RequestBody, RequestView, StatementBody, StepView,
};
pub use review::{CompleteReviewBody, FindingWordsBody, ReviewView};
pub use session::{ActivationView, ApplicationSessionView, OpenBody, SessionView, WayInView};
pub use signature::{CredentialView, SignatureBody, StatementView};
pub use stop::{HoldView, StopBody, StopView};
pub use unclassified::UnclassifiedView;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Listing<T> {
    pub items: Vec<T>,
    /// The `cursor` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
