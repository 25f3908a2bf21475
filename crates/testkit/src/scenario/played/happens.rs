//! What happens around Locum.

use super::Played;
use crate::scenario::Step;

impl Played {
    /// What happens around Locum. `None` when the step is something else.
    pub(super) async fn happens(&mut self, step: &Step) -> Option<()> {
        let house = &self.house;
        match step {
            Step::CaseIsClosed(case) => house.desk.close(Self::number(case)),
            Step::CaseIsAssigned { case, to } => house.desk.reassign(Self::number(case), to),
            Step::CaseWasOpenedBy { case, who } => {
                let who = Some(who.clone());
                house.desk.edit(Self::number(case), |it| it.opened_by = who);
            }
            Step::CaseIsAbout { case, subject } => {
                let subject = Some(subject.parse().unwrap());
                house
                    .desk
                    .edit(Self::number(case), |it| it.subject = subject);
            }
            Step::NobodyCanTellWhoOpened(case) => {
                house
                    .desk
                    .edit(Self::number(case), |it| it.opened_by = None);
            }
            Step::CaseCloses(case) => {
                house.desk.close(Self::number(case));
                house
                    .closed_webhook(Self::number(case), "delivery-1")
                    .await
                    .unwrap();
            }
            Step::CaseClosesUnheard(case) => house.desk.close(Self::number(case)),
            Step::DeskIsSilent => house.desk.set_unreachable(true),
            Step::DeskAnswers => house.desk.set_unreachable(false),
            Step::SubjectIs {
                application,
                subject,
                role,
            } => house.subjects.set_role(application, subject, role),
            Step::SubjectIsUnknown {
                application,
                subject,
            } => house.subjects.forget(application, subject),
            Step::SubjectBelongsTo {
                application,
                subject,
                tenant,
            } => house.subjects.set_tenant(application, subject, tenant),
            Step::NoAccessCanBeRecorded => house.journal.set_unavailable(true),
            Step::NothingCanBeRecorded => house.store.set_fails_commits(true),
            Step::ClockIsBehind => house.clock.step_back(jiff::SignedDuration::from_hours(1)),
            Step::MinutesPass(minutes) => {
                house.clock.advance_minutes(i64::from(*minutes));
                self.jobs.run_once(&house.control).await;
            }
            Step::NobodyUsesTheSession => {
                house.plane.make_idle(&self.session().await.id);
                self.jobs.run_once(&house.control).await;
            }
            _ => return None,
        }
        Some(())
    }
}
