//! `check --live`: a credential that only reads is told from one that can write, and neither changes anything.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test harness"
)]

mod desk;

use axum::response::Response;
use desk::{Asked, Desk, answer, web};
use locum_connectors::probe::{ProbeFinding, Verdict};
use locum_connectors::{
    CaseMap, Generic, GenericSettings, NumberCheck, Pace, Roundup, RoundupFields, RoundupSettings,
    WriteProbe,
};
use serde_json::Value;

const PACE: Pace = Pace {
    poll_seconds: 15,
    grace_seconds: 60,
};

fn generic(desk: &Desk, probe: WriteProbe) -> Generic {
    let settings = GenericSettings {
        url: desk.url("/cases/{id}"),
        auth: Some(("Authorization".into(), "Bearer desk-key".into())),
        number: Some(NumberCheck::new(|number| number.parse::<u32>().is_ok())),
        map: CaseMap::default(),
        pace: PACE,
        probe,
    };
    Generic::new(settings, web()).unwrap()
}

fn known() -> WriteProbe {
    WriteProbe {
        case: Some("7".into()),
        ..WriteProbe::default()
    }
}

async fn writes_answered(status: u16, probe: WriteProbe) -> (Desk, Vec<ProbeFinding>) {
    let desk = Desk::answering(move |asked: &Asked| match asked.method.as_str() {
        "GET" if asked.target == "/cases/7" => answer(200, "{}"),
        "GET" => answer(404, "{}"),
        _ => answer(status, "{}"),
    })
    .await;
    let findings = generic(&desk, probe).probe().await;
    (desk, findings)
}

fn verdicts(findings: &[ProbeFinding]) -> Vec<Verdict> {
    findings
        .iter()
        .map(|finding| finding.verdict.clone())
        .collect()
}

#[tokio::test]
async fn a_desk_that_refuses_the_write_has_a_reading_credential() {
    for status in [401, 403, 404, 405, 501] {
        let (desk, findings) = writes_answered(status, known()).await;
        assert_eq!(
            verdicts(&findings),
            [Verdict::Read, Verdict::Refused(status)]
        );
        let asked = desk.asked();
        let write = &asked[1];
        assert_eq!(
            (write.method.as_str(), write.target.as_str()),
            ("PATCH", "/cases/7")
        );
        assert_eq!(write.body, "{}");
        assert_eq!(write.header("if-match"), Some("\"locum-probe\""));
        assert_eq!(write.header("authorization"), Some("Bearer desk-key"));
    }
}

#[tokio::test]
async fn a_desk_that_lets_the_write_in_is_a_problem() {
    for status in [200, 204, 409, 412, 422, 428] {
        let (_desk, findings) = writes_answered(status, known()).await;
        assert_eq!(findings[1].verdict, Verdict::Allowed(status));
        assert!(findings[1].is_problem());
        assert!(
            findings[1]
                .to_string()
                .contains("give it one that only reads")
        );
    }
    for status in [302, 400, 429, 500] {
        let (_desk, findings) = writes_answered(status, known()).await;
        assert!(findings[1].is_unproven(), "{status}");
    }
}

#[tokio::test]
async fn without_a_known_case_what_is_not_there_proves_nothing() {
    let (desk, findings) = writes_answered(404, WriteProbe::default()).await;
    assert!(
        findings.iter().all(ProbeFinding::is_unproven),
        "{findings:?}"
    );
    assert_eq!(desk.asked()[0].target, "/cases/0");
    let (_desk, findings) = writes_answered(403, WriteProbe::default()).await;
    assert_eq!(findings[1].verdict, Verdict::Refused(403));
}

#[tokio::test]
async fn a_desk_that_writes_elsewhere_is_tried_there() {
    let desk = Desk::answering(|_: &Asked| answer(403, "{}")).await;
    let probe = WriteProbe {
        case: Some("7".into()),
        method: "POST".into(),
        url: Some(desk.url("/write?case={id}")),
    };
    let findings = generic(&desk, probe).probe().await;
    assert!(matches!(findings[0].verdict, Verdict::Failed(_)));
    assert_eq!(findings[1].verdict, Verdict::Refused(403));
    let write = &desk.asked()[1];
    assert_eq!(
        (write.method.as_str(), write.target.as_str()),
        ("POST", "/write?case=7")
    );
}

/// What Roundup 2.6.0 answered to an account of its `classic` template (`locum_probe` is no property).
fn classic(asked: &Asked, may_edit: bool, may_retire: bool) -> Response {
    let denied = || {
        answer(
            403,
            r#"{"error": {"status": 403, "msg": "Permission denied"}}"#,
        )
    };
    let refused = |status: u16, message: &str| {
        answer(
            status,
            serde_json::json!({"error": {"status": status, "msg": message}}).to_string(),
        )
    };
    if asked.method == "GET" {
        return match asked.target.as_str() {
            "/demo/rest/data/issue/1?@verbose=1" => {
                answer(200, include_str!("recorded/roundup-newest.json"))
            }
            _ => answer(
                200,
                r#"{"data": {"collection": [{"id": "1", "link": "x"}]}}"#,
            ),
        };
    }
    let has_headers =
        asked.header("x-requested-with").is_some() && asked.header("origin").is_some();
    if !has_headers {
        return answer(
            400,
            r#"{ "error": { "status": 400, "msg": "Required Header Missing" } }"#,
        );
    }
    let version = asked.header("if-match").unwrap_or_default();
    let is_version = version == "\"2ac8f3e187c31142951359bf307ead37\"";
    match asked.method.as_str() {
        "POST" if may_edit => refused(400, "Property locum_probe not found in class issue"),
        "DELETE" if may_retire && !is_version => {
            refused(412, "If-Match is missing or does not match.")
        }
        "PATCH" if !is_version => refused(412, "If-Match is missing or does not match."),
        "PATCH" if may_edit && asked.body.contains("creation") => refused(
            400,
            "'\"creator\", \"actor\", \"creation\" and \"activity\" are reserved'",
        ),
        "PATCH" if may_edit => answer(200, r#"{"data": {"attribute": {}}}"#),
        _ => denied(),
    }
}

async fn roundup(
    answers: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static,
) -> (Desk, Vec<ProbeFinding>) {
    let desk = Desk::answering(answers).await;
    let settings = RoundupSettings {
        url: desk.url("/demo/"),
        user: "locum".into(),
        password: "pw3".into(),
        fields: RoundupFields::classic(["unread".to_owned()]),
        pace: PACE,
    };
    let findings = Roundup::new(settings, web()).unwrap().probe().await;
    (desk, findings)
}

#[tokio::test]
async fn a_roundup_account_that_only_reads_is_proved_right_by_right() {
    let (desk, findings) = roundup(|asked: &Asked| classic(asked, false, false)).await;
    assert_eq!(findings[0].verdict, Verdict::Read);
    let attempts: Vec<&str> = findings[1..]
        .iter()
        .map(|finding| finding.attempt.as_str())
        .collect();
    let expected = [
        "create an issue",
        "retire an issue",
        "change an issue's `creation`",
        "change an issue's `status`",
        "change an issue's `assignedto`",
        "change an issue's `title`",
    ];
    assert_eq!(attempts, expected);
    assert!(
        findings[1..]
            .iter()
            .all(|finding| finding.verdict == Verdict::Refused(403))
    );
    // What is sent is what is there already, so that a wrong guess about Roundup would change nothing either.
    let asked = desk.asked();
    let sent: Vec<Value> = asked
        .iter()
        .filter(|asked| asked.method == "PATCH" && !asked.body.contains("creation"))
        .map(|asked| serde_json::from_str(&asked.body).unwrap())
        .collect();
    let expected = [
        serde_json::json!({"status": "1"}),
        serde_json::json!({"assignedto": ""}),
        serde_json::json!({"title": "Invoice 12 is wrong"}),
    ];
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_roundup_account_that_edits_is_found_without_a_change() {
    let (desk, findings) = roundup(|asked: &Asked| classic(asked, true, true)).await;
    let verdicts = verdicts(&findings[1..]);
    assert_eq!(
        verdicts,
        [
            Verdict::Allowed(400),
            Verdict::Allowed(412),
            Verdict::Allowed(400)
        ]
    );
    assert!(findings[1..].iter().all(ProbeFinding::is_problem));
    let asked = desk.asked();
    let mut writes = asked.iter().filter(|asked| asked.method != "GET");
    assert!(writes.all(|write| write.method != "PATCH" || write.body.contains("creation")));
}

#[tokio::test]
async fn a_roundup_account_with_a_right_to_one_property_is_found() {
    let (_desk, findings) = roundup(|asked: &Asked| {
        classic(
            asked,
            asked.method == "PATCH" && asked.body.contains("status"),
            false,
        )
    })
    .await;
    let allowed: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.is_problem())
        .map(|finding| finding.attempt.as_str())
        .collect();
    assert_eq!(allowed, ["change an issue's `status`"]);
}

#[tokio::test]
async fn an_address_that_roundup_takes_no_writes_from_proves_nothing() {
    let (_desk, findings) = roundup(|asked: &Asked| match asked.method.as_str() {
        "GET" => classic(asked, true, true),
        _ => answer(
            400,
            r#"{ "error": { "status": 400, "msg": "Required Header Missing" } }"#,
        ),
    })
    .await;
    assert!(
        findings[1..].iter().all(ProbeFinding::is_unproven),
        "{findings:?}"
    );
}

#[tokio::test]
async fn a_tracker_that_cannot_be_read_is_a_problem_and_an_empty_one_is_not() {
    let (_desk, findings) = roundup(|_: &Asked| answer(401, "Invalid Login")).await;
    assert_eq!(
        verdicts(&findings),
        [Verdict::Failed("it refused our credential (401)".into())]
    );
    let (_desk, findings) = roundup(|asked: &Asked| match asked.method.as_str() {
        "GET" => answer(200, r#"{"data": {"collection": [], "@total_size": 0}}"#),
        _ => classic(asked, false, false),
    })
    .await;
    assert_eq!(findings[0].verdict, Verdict::Refused(403));
    assert!(findings[1].is_unproven());
}
