//! Why, on a terminal and for machines: the answer first, then the rules, the facts and the ways out.

use serde_json::{Value, json};

use crate::scripted::{Scripted, locum};
use crate::views::ok;

fn rule(id: &str) -> Value {
    json!({
        "id": id, "effect": "forbid", "written_by": "locum",
        "because": "nobody approves their own request, by whatever account",
        "remedy": "somebody else must decide", "row": "R05",
        "file": "guardrails/deciding.cedar", "line": 14, "text": "@id(\"it\")\nforbid (principal);",
        "facts": [{ "path": "resource.requester", "of": "this request's requester", "is": "person \"ann\"" }],
        "changes": ["this request's requester would have to do without person \"ann\""],
    })
}

fn refusal() -> Value {
    json!({
        "code": "self-approval", "detail": "nobody approves their own request, by whatever account",
        "remedy": "somebody else must decide", "rule": "guard-self-approval",
    })
}

fn explained() -> Value {
    let own = json!({
        "about": "whether ann may decide as `application-owner` of `billing`", "verdict": "refused",
        "rules": [rule("guard-self-approval")], "silent": [rule("guard-human-approver")],
    });
    let demanded = json!({
        "about": "the approval of `application-owner` of `billing`", "verdict": "demanded",
        "rules": [rule("guard-owner-decides")], "silent": [],
    });
    let allowed = json!({
        "about": "whether ann may ask for `billing`", "verdict": "allowed",
        "rules": [], "silent": [rule("guard-closed-operation")],
    });
    json!({
        "request": "req_1", "state": "pending",
        "answer": ["0 of 1 approvals are given", "you may not decide it"],
        "next": ["wait for those who are named"],
        "decided": [{
            "position": 12, "at": "2026-03-02T11:00:00Z", "kind": "request-filed", "by": "ann",
            "sentence": "ann asked; one approval was demanded", "rules": ["guard-owner-decides"],
            "questions": [allowed, demanded],
        }],
        "today": {
            "at": "2026-03-02T11:05:00Z", "route": [], "questions": [],
            "people": [
                { "person": "oscar", "is_caller": false, "is_named": true, "has_approved": false,
                  "may_decide": [{ "authority": "application-owner", "application": "billing" }],
                  "questions": [] },
                { "person": "ann", "is_caller": true, "is_named": false, "has_approved": false,
                  "may_decide": [], "refusal": refusal(), "questions": [own] },
            ],
        },
        "differences": ["as `application-owner` of `billing` oscar was named, and would be petra today"],
    })
}

#[tokio::test]
async fn a_request_is_explained_with_the_answer_first_and_fits_a_terminal() {
    let server = Scripted::new([ok(&explained())]);
    let told = locum(&["--url", &server.url, "explain", "req_1"]).await;
    let expected = "req_1 pending
0 of 1 approvals are given
you may not decide it

What you can do next
  - wait for those who are named

Who may decide
  oscar: yes, as application-owner of billing
  ann (you): no, nobody approves their own request, by whatever account
    (guard-self-approval)
      this request's requester: person \"ann\"
      otherwise if: this request's requester would have to do without person
        \"ann\"
      what helps: somebody else must decide

What was decided
  #12 2026-03-02T11:00:00Z ann asked; one approval was demanded
      recorded with: guard-owner-decides
      allowed: ann may ask for `billing`; one rule could have objected
      demanded: the approval of `application-owner` of `billing`
        guard-owner-decides (R05): nobody approves their own request, by
          whatever account
          this request's requester: person \"ann\"
          otherwise if: this request's requester would have to do without person
            \"ann\"
          what helps: somebody else must decide

What is not as it was
  - as `application-owner` of `billing` oscar was named, and would be petra
    today

More
  --all: what the rules read that could have objected and did not
  --text: each rule as it is written
";
    assert_eq!(told.text, expected);
    assert!(told.text.lines().all(|line| line.chars().count() <= 80));
    assert_eq!(server.heard()[0].line, "GET /api/v1/requests/req_1/explain");
}

#[tokio::test]
async fn all_and_text_show_the_silent_rules_and_each_rule_as_it_is_written() {
    let server = Scripted::new([ok(&explained())]);
    let asked = ["explain", "req_1", "--as", "prya", "--all", "--text"];
    let told = locum(&[&["--url", &server.url], asked.as_slice()].concat()).await;
    assert!(
        told.text.contains("guard-closed-operation did not object"),
        "{}",
        told.text
    );
    assert!(
        told.text.contains("guardrails/deciding.cedar:14"),
        "{}",
        told.text
    );
    assert!(told.text.contains("@id(\"it\")"), "{}", told.text);
    assert_eq!(
        server.heard()[0].line,
        "GET /api/v1/requests/req_1/explain?as=prya"
    );
}

#[tokio::test]
async fn machines_get_the_document_as_the_server_wrote_it() {
    let server = Scripted::new([ok(&json!({ "request": "req_1" })), ok(&explained())]);
    let told = locum(&["--url", &server.url, "--json", "explain", "evt_1"]).await;
    let told: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(told, explained());
    let heard = server.heard();
    assert_eq!(heard[0].line, "GET /api/v1/events/evt_1");
    assert_eq!(heard[1].line, "GET /api/v1/requests/req_1/explain");
}

#[tokio::test]
async fn ones_last_refusal_says_what_helps_before_anything_else() {
    let refused = json!({
        "position": 9, "at": "2026-03-02T11:00:00Z", "by": "ann", "act": "file", "about": "principal/ann",
        "refusal": { "code": "duration-too-long", "detail": "too long", "remedy": "ask for fewer minutes",
                     "rule": "guard-duration-ceiling" },
        "rule": rule("guard-duration-ceiling"),
    });
    let page = json!({ "items": [refused] });
    let none = json!({ "items": [] });
    let server = Scripted::new([ok(&page), ok(&none), ok(&refused)]);
    let told = locum(&["--url", &server.url, "explain", "--last"]).await;
    assert!(
        told.text
            .starts_with("ann was refused to file: too long\nwhat helps: ask for fewer minutes\n"),
        "{}",
        told.text
    );
    let told = locum(&["--url", &server.url, "explain", "--last", "3"]).await;
    assert_eq!(told.text, "you were refused nothing\n");
    let told = locum(&["--url", &server.url, "explain", "9"]).await;
    assert!(
        told.text
            .contains("#9 2026-03-02T11:00:00Z duration-too-long"),
        "{}",
        told.text
    );
    let heard = server.heard();
    assert_eq!(heard[0].line, "GET /api/v1/refusals?limit=1");
    assert_eq!(heard[1].line, "GET /api/v1/refusals?limit=3");
    assert_eq!(heard[2].line, "GET /api/v1/refusals/9");
}

#[tokio::test]
async fn what_was_refused_in_a_session_says_which_operation_it_was() {
    let used = json!({
        "session": "ses_1", "position": 40, "at": "2026-03-02T11:40:00Z", "times": 2, "application": "billing",
        "operation": "payout.create", "effect": "write", "closed": "money", "in_scope": false,
        "method": "POST", "path": "/payouts", "code": "closed-operation",
        "because": "`payout.create` is closed", "next": "only the user can do this", "granted": ["invoice.read"],
    });
    let server = Scripted::new([ok(&json!({ "items": [used] }))]);
    let told = locum(&["--url", &server.url, "explain", "ses_1"]).await;
    let expected = "one kind of request was refused in ses_1

POST billing/payouts
  `payout.create` is closed
  what helps: only the user can do this
  operation payout.create (write), closed: money, not in the session's scope
  closed-operation: 2 times, the last at #40 2026-03-02T11:40:00Z
  the grant allows: invoice.read
";
    assert_eq!(told.text, expected);
}

#[tokio::test]
async fn what_is_neither_an_id_nor_a_place_is_wrong_usage() {
    let told = locum(&["--url", "http://127.0.0.1:1", "explain", "hld_1"]).await;
    assert!(told.failure().to_string().contains("hld_1"));
}
