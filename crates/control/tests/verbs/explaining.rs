//! Why something was decided as it was, and how it stands now.

use locum_control::explain::{
    Explanation, Judged, Verdict, explain_own_refusals, explain_refusal, explain_request,
    explain_session,
};
use locum_control::{deny, preview};
use locum_domain::access::RefusedInSession;
use locum_domain::{
    Denial, Event, EventId, Happened, RecordId, Request, RequestId, SessionId, Stream,
};
use locum_testkit::house::House;

use crate::{ALICE, ANN, ARNO, AUDREY, MIA, OSCAR, PAUL, PETRA, PRYA, SAM, SVEN};

async fn explained(house: &House, who: &str, id: &RequestId) -> Explanation {
    let caller = house.caller(who);
    let explained = explain_request(&house.control, &caller, id, None).await;
    explained.unwrap()
}

/// A request in the session that the gateway refused and recorded.
async fn refused_use(
    house: &House,
    session: &SessionId,
    path: &str,
    operation: Option<&str>,
    denial: Denial,
) {
    let (at, size) = (house.control.now().unwrap(), house.history().await.len());
    let refused = RefusedInSession {
        record: RecordId::from_bytes([u8::try_from(size).unwrap(); 16]),
        txn: EventId::from_bytes([7; 16]),
        session: session.clone(),
        actor: ALICE.parse().unwrap(),
        subject: None,
        application: "billing".parse().unwrap(),
        operation: operation.map(|it| it.parse().unwrap()),
        rule: None,
        method: "POST".to_owned(),
        template: None,
        path: path.to_owned(),
        asked: None,
        denial,
        at,
    };
    house.journal.append(&Happened {
        stream: Stream::Session(session.clone()),
        at,
        event: Event::AccessRefused(refused),
    });
    while house.history().await.len() == size {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn rules(judged: &[Judged]) -> Vec<&str> {
    let rules = judged.iter().flat_map(|it| &it.explained.rules);
    rules.map(|it| it.rule.id.as_str()).collect()
}

fn fact<'j>(judged: &'j [Judged], rule: &str, path: &str) -> &'j str {
    let of_judged = |it: &'j Judged| it.explained.rules.iter().chain(&it.explained.silent);
    let found = judged
        .iter()
        .flat_map(of_judged)
        .find(|it| it.rule.id == rule);
    let found = found.unwrap_or_else(|| panic!("{rule} is not told: {:?}", rules(judged)));
    let fact = found.facts.iter().find(|it| it.path == path);
    &fact
        .unwrap_or_else(|| panic!("{path} is not told: {:?}", found.facts))
        .is
}

#[tokio::test]
async fn r22_a_filed_request_is_explained_by_the_rules_the_facts_and_the_ledger_position() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let explained = explained(&house, ALICE, &request.id).await;
    let filed = &explained.decided[0];
    assert_eq!(filed.kind, "request-filed");
    assert_eq!(filed.rules, ["guard-owner-decides", "guard-two-people"]);
    assert_eq!(filed.differs, None);
    let position = house.history().await.iter().find_map(|it| match it.event {
        Event::RequestFiled { .. } => Some(it.position),
        _ => None,
    });
    assert_eq!(Some(filed.position), position);
    let demanded: Vec<&str> = filed
        .questions
        .iter()
        .filter(|it| it.verdict == Verdict::Demanded)
        .map(|it| it.about.as_str())
        .collect();
    assert_eq!(
        demanded,
        [
            "the approval of `application-owner` of `billing`",
            "the approval of `security-or-privacy-or-compliance`",
        ]
    );
    let read = |rule, path| fact(&filed.questions, rule, path);
    assert_eq!(read("guard-two-people", "context.two_people"), "yes");
    // What could have objected, with what it read.
    assert_eq!(
        read("guard-duration-ceiling", "context.duration_minutes"),
        "30"
    );
    assert_eq!(read("guard-case-open", "resource.open"), "yes");
    let through = filed
        .questions
        .iter()
        .find(|it| it.explained.action == "ask");
    assert!(through.unwrap().about.contains("`support-reads`"));
    assert!(
        explained.differences.is_empty(),
        "{:?}",
        explained.differences
    );
    house.verify().await;
}

#[tokio::test]
async fn r05_everybody_named_and_the_reader_are_told_whether_they_may_decide_and_why_not() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let explained = explained(&house, ALICE, &request.id).await;
    let person = |id: &str| {
        let mut people = explained.today.people.iter();
        people.find(|it| it.person.as_str() == id).unwrap()
    };
    assert!(person(OSCAR).refusal.is_none() && person(OSCAR).is_named);
    assert_eq!(person(OSCAR).seats.len(), 1);
    assert!(rules(&person(OSCAR).questions).contains(&"locum-application-owner-decides"));
    let own = person(ALICE);
    assert!(own.is_caller && !own.is_named);
    let refusal = own.refusal.as_ref().unwrap();
    assert_eq!(refusal.denial, Denial::SelfApproval);
    assert_eq!(refusal.rule.as_deref(), Some("guard-self-approval"));
    assert_eq!(
        fact(&own.questions, "guard-self-approval", "resource.requester"),
        format!("person {ALICE:?}")
    );
    assert!(
        explained
            .answer
            .iter()
            .any(|it| it.starts_with("you may not decide it"))
    );
    assert!(explained.next.iter().any(|it| it.contains("withdraw")));
    house.verify().await;
}

#[tokio::test]
async fn r06_whether_somebody_else_may_decide_is_told_of_those_whom_the_reader_may_see() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let ask = async |who: &str, of: &str| {
        let (caller, of) = (house.caller(who), of.parse().unwrap());
        explain_request(&house.control, &caller, &request.id, Some(&of)).await
    };
    for (who, of, is_told) in [
        (ALICE, PRYA, true),
        (ALICE, PETRA, false),
        (PRYA, ALICE, true),
        (PRYA, ANN, false),
        (OSCAR, ANN, true),
        (SAM, PETRA, true),
        (AUDREY, MIA, true),
    ] {
        let told = ask(who, of).await;
        assert_eq!(told.is_ok(), is_told, "{who} of {of}");
        match told {
            Ok(told) => {
                let mut people = told.today.people.iter();
                assert!(people.any(|it| it.person.as_str() == of));
            }
            Err(refusal) => assert_eq!(refusal.denial, Denial::NotFound),
        }
    }
    for (who, of) in [(ARNO, ARNO), (PETRA, PETRA)] {
        assert_eq!(ask(who, of).await.unwrap_err().denial, Denial::NotFound);
    }
    house.verify().await;
}

#[tokio::test]
async fn approvals_denials_and_refusals_are_explained_with_the_rule_that_was_recorded() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    house.approve(ALICE, &request.id).await.unwrap_err();
    house.approve(PETRA, &request.id).await.unwrap_err();
    let reason = "the case says nothing about invoices";
    deny::deny(&house.control, &house.caller(PRYA), &request.id, reason)
        .await
        .unwrap();
    let told = explained(&house, SAM, &request.id).await;
    let kinds: Vec<_> = told.decided.iter().map(|it| it.kind).collect();
    // Petra may not see the request: what she was refused stands with her.
    assert_eq!(
        kinds,
        [
            "request-filed",
            "request-approved",
            "refused",
            "request-denied"
        ]
    );
    let [_, approved, refused, denied] = told.decided.as_slice() else {
        panic!("{kinds:?}")
    };
    assert_eq!(approved.rules, ["locum-application-owner-decides"]);
    assert!(rules(&approved.questions).contains(&"locum-application-owner-decides"));
    assert_eq!(approved.differs, None);
    assert_eq!(refused.rules, ["guard-self-approval"]);
    assert_eq!(
        refused.refusal.as_ref().unwrap().denial,
        Denial::SelfApproval
    );
    assert_eq!(refused.differs, None);
    assert!(denied.sentence.contains(reason));
    assert!(told.answer[0].contains(reason), "{:?}", told.answer);
    let told = explained(&house, ALICE, &request.id).await;
    assert!(told.next[0].contains("new request"), "{:?}", told.next);
    house.verify().await;
}

#[tokio::test]
async fn r12_what_was_decided_is_explained_by_the_policies_of_then_and_compared_with_those_of_now()
{
    let house = House::builder().on_disk().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    house.approve(OSCAR, &request.id).await.unwrap();
    let house = house
        .shut()
        .await
        .changed(|builder| {
            builder.files(|files| {
                files.replace("catalog/applications/billing.toml", OSCAR, PETRA);
                files.append(
                    "policies/house.cedar",
                    r#"@id("nobody-at-ten") @because("nobody works at ten") @remedy("wait until eleven")
                    forbid (principal, action == Locum::Action::"file", resource)
                    when { context.local_hour == 10 };"#,
                );
            })
        })
        .reopen()
        .await
        .unwrap();
    let told = explained(&house, SAM, &request.id).await;
    let filed = &told.decided[0];
    assert_eq!(filed.differs, None);
    assert!(
        filed
            .questions
            .iter()
            .all(|it| it.verdict != Verdict::Refused)
    );
    let owner = "context.application.owner";
    let approved = &told.decided[1];
    assert_eq!(
        fact(&approved.questions, "guard-authority-of-owner", owner),
        format!("person {OSCAR:?}")
    );
    let now = told.today.route.as_ref().unwrap_err();
    assert_eq!(now.rule.as_deref(), Some("nobody-at-ten"));
    assert!(rules(&told.today.questions).contains(&"nobody-at-ten"));
    let differs = |part: &str| told.differences.iter().any(|it| it.contains(part));
    assert!(differs("nobody works at ten"), "{:?}", told.differences);
    assert!(
        differs("approved it, and could not today"),
        "{:?}",
        told.differences
    );
    let told = explained(&house, ALICE, &request.id).await;
    assert!(
        told.next.contains(&"wait until eleven".to_owned()),
        "{:?}",
        told.next
    );
    house.verify().await;
}

#[tokio::test]
async fn a_policy_that_errors_is_explained_by_its_name_its_place_and_what_it_read() {
    let house = House::builder().on_disk().open().await;
    let request = house.filed(ALICE, &house.asked()).await;
    let house = house
        .shut()
        .await
        .changed(|builder| {
            builder.files(|files| {
                files.append(
                    "policies/house.cedar",
                    r#"@id("breaks") forbid (principal, action == Locum::Action::"approve", resource)
                    when { context.local_hour * 9223372036854775807 > 9223372036854775807 };"#,
                );
            })
        })
        .reopen()
        .await
        .unwrap();
    let outcome = house.approve(OSCAR, &request.id).await;
    assert_eq!(outcome.unwrap_err().denial, Denial::PolicyError);
    let told = explained(&house, OSCAR, &request.id).await;
    let refused = told.decided.last().unwrap();
    let broken = refused
        .questions
        .iter()
        .find(|it| it.verdict == Verdict::Broken)
        .unwrap();
    let rule = &broken.explained.rules[0];
    assert_eq!(rule.rule.id, "breaks");
    assert_eq!(rule.rule.file, "policies/house.cedar");
    assert!(rule.rule.line > 1);
    assert!(rule.error.as_ref().unwrap().contains("overflow"));
    assert_eq!(
        fact(&refused.questions, "breaks", "context.local_hour"),
        "10"
    );
    house.verify().await;
}

#[tokio::test]
async fn a_refusal_that_filed_nothing_is_explained_to_whom_it_was_given_and_to_nobody_else() {
    let house = House::new().await;
    let mut asked = house.asked();
    asked.duration = locum_domain::Minutes(500);
    house.file(ALICE, &asked).await.unwrap_err();
    let closed = house.asking("desk:7", &[("billing", &["payout.create"])], 10);
    preview::preview(&house.control, &house.caller(ALICE), &closed)
        .await
        .unwrap_err();
    let own = explain_own_refusals(&house.control, &house.caller(ALICE), 5)
        .await
        .unwrap();
    let acts: Vec<_> = own.iter().map(|it| it.act.as_str()).collect();
    assert_eq!(acts, ["preview", "file"], "the newest first");
    assert_eq!(own[0].refusal.denial, Denial::ClosedOperation);
    let rule = own[0].rule.as_ref().unwrap();
    assert_eq!(
        (rule.id.as_str(), rule.row.as_deref()),
        ("guard-closed-operation", Some("R21"))
    );
    assert_ne!(own[0].refusal.remedy(), Denial::ClosedOperation.remedy());
    // What the rules read is kept with the refusal.
    let read = own[1].refusal.read.as_ref().unwrap().iter();
    let read: Vec<_> = read.map(|it| (it.path.as_str(), it.is.as_str())).collect();
    assert!(
        read.contains(&("context.duration_minutes", "500")),
        "{read:?}"
    );
    let position = own[1].position;
    for (who, is_told) in [(ALICE, true), (SAM, true), (ARNO, false), (OSCAR, false)] {
        let told = explain_refusal(&house.control, &house.caller(who), position).await;
        assert_eq!(told.is_ok(), is_told, "{who}");
    }
    let nothing = explain_refusal(&house.control, &house.caller(ALICE), 0).await;
    assert_eq!(nothing.unwrap_err().denial, Denial::NotFound);
    let nobodys = explain_own_refusals(&house.control, &house.caller(ARNO), 5).await;
    assert!(nobodys.unwrap().is_empty());
    house.verify().await;
}

#[tokio::test]
async fn r21_what_was_refused_in_a_session_says_which_operation_it_was_and_what_helps() {
    let house = House::new().await;
    let session = house.activated(ALICE, &house.asked()).await.session;
    for (path, operation, denial) in [
        ("/payouts", Some("payout.create"), Denial::ClosedOperation),
        (
            "/invoices/7/resend",
            Some("invoice.resend"),
            Denial::OutOfScope,
        ),
        ("/elsewhere", None, Denial::UnclassifiedRoute),
        ("/elsewhere", None, Denial::UnclassifiedRoute),
    ] {
        refused_use(&house, &session.id, path, operation, denial).await;
    }
    let uses = explain_session(&house.control, &house.caller(ALICE), &session.id)
        .await
        .unwrap();
    assert_eq!(uses.len(), 3);
    let of = |denial: Denial| uses.iter().find(|it| it.denial == denial).unwrap();
    let closed = of(Denial::ClosedOperation);
    assert_eq!(closed.closed.as_deref(), Some("money"));
    assert!(closed.next.contains("exception"));
    let beyond = of(Denial::OutOfScope);
    assert!(!beyond.in_scope);
    assert_eq!(beyond.effect, Some("write"));
    assert!(
        beyond.next.contains("is eligible for it"),
        "{}",
        beyond.next
    );
    let unknown = of(Denial::UnclassifiedRoute);
    assert_eq!(unknown.times, 2);
    assert!(unknown.next.contains(OSCAR));
    let told = explain_refusal(&house.control, &house.caller(ALICE), closed.position).await;
    assert_eq!(told.unwrap().used.unwrap().closed.as_deref(), Some("money"));
    let outside = explain_session(&house.control, &house.caller(ARNO), &session.id).await;
    assert_eq!(outside.unwrap_err().denial, Denial::NotFound);
    house.verify().await;
}

#[tokio::test]
async fn what_the_application_says_of_the_subject_is_shown_to_its_owner_and_to_security_only() {
    let house = House::new().await;
    let request: Request = house.filed(ALICE, &house.asked()).await;
    for (who, is_shown) in [(ALICE, false), (PRYA, false), (OSCAR, true), (SVEN, true)] {
        let told = explained(&house, who, &request.id).await;
        let facts = told.decided[0].questions.iter().flat_map(|it| {
            let explained = &it.explained;
            let is_subject = explained.resource.kind == "Subject";
            let silent = explained.silent.iter().filter(move |_| is_subject);
            silent.flat_map(|it| &it.facts)
        });
        let hidden = facts.filter(|it| it.is == "not shown to you").count();
        assert_eq!(hidden == 0, is_shown, "{who}");
    }
    house.verify().await;
}

#[tokio::test]
async fn r22_an_auditors_look_at_an_explanation_is_on_the_record() {
    let house = House::new().await;
    let request = house.filed(ALICE, &house.asked()).await;
    for (who, looks) in [(AUDREY, 1), (SAM, 0)] {
        let before = house.history().await.len();
        explained(&house, who, &request.id).await;
        let events = house.history().await.split_off(before);
        assert_eq!(events.len(), looks, "{who}");
    }
    house.store.set_fails_commits(true);
    let caller = house.caller(AUDREY);
    let unseen = explain_request(&house.control, &caller, &request.id, None).await;
    assert_eq!(unseen.unwrap_err().denial, Denial::RecorderUnavailable);
    house.store.set_fails_commits(false);
    house.verify().await;
}

#[tokio::test]
async fn what_the_desk_says_of_a_case_is_not_told_to_somebody_whose_case_it_is_not() {
    let house = House::new().await;
    // Desk 9 is Arno's.
    let others = house.asking("desk:9", &[("billing", &["invoice.read"])], 10);
    house.file(ALICE, &others).await.unwrap_err();
    let own = explain_own_refusals(&house.control, &house.caller(ALICE), 1)
        .await
        .unwrap();
    assert_eq!(own[0].refusal.denial, Denial::NotTheAssignee);
    assert_eq!(own[0].rule.as_ref().unwrap().id, "guard-case-assignee");
    let read = own[0].refusal.read.iter().flatten();
    let told: Vec<_> = read.map(|it| it.path.as_str()).collect();
    assert_eq!(told, ["principal.id"]);
    house.verify().await;
}

#[tokio::test]
async fn r07_a_delegates_approval_is_explained_by_the_delegation_of_that_time() {
    let house = House::builder().on_disk().open().await;
    let crm = house.asking("desk:7", &[("crm", &["contact.read"])], 30);
    let request = house.filed(ALICE, &crm).await;
    house.approve(PAUL, &request.id).await.unwrap();
    let house = house
        .shut()
        .await
        .changed(|builder| {
            builder.files(|files| {
                files.replace("catalog/applications/crm.toml", PAUL, OSCAR);
            })
        })
        .reopen()
        .await
        .unwrap();
    let told = explained(&house, SAM, &request.id).await;
    let approved = &told.decided[1];
    assert_eq!(approved.differs, None);
    assert!(rules(&approved.questions).contains(&"locum-application-owner-decides"));
    let differs = |part: &str| told.differences.iter().any(|it| it.contains(part));
    assert!(
        differs("approved it, and could not today"),
        "{:?}",
        told.differences
    );
    house.verify().await;
}
