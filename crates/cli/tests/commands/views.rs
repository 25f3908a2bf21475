//! What the server answers, as it writes it.

use serde_json::{Value, json};

pub(crate) const DIGEST: &str = "9f2c000000000000000000000000000000000000000000000000000000000000";

pub(crate) fn request(state: &str) -> Value {
    json!({
        "id": "req_1", "state": state, "scope_digest": DIGEST,
        "route": [{ "authority": "application-owner", "application": "billing", "approvers": ["oscar"],
                    "rule": "owner" }],
        "decide_by": "2026-03-02T12:00:00Z", "activate_by": null, "warnings": [],
        "filed_at": "2026-03-02T11:00:00Z", "requester": "ann", "actor": "ann", "subject": "carol",
        "tenant": "initech",
        "case": { "id": "desk:7", "is_open": true, "state": "open", "title": "cannot open her invoice",
                  "assignee": "ann", "opened_by": "carol", "priority": null,
                  "looked_up_at": "2026-03-02T11:00:00Z" },
        "reason": "customer cannot open her invoice",
        "applications": [{ "application": "billing", "operations": ["invoice.read"] }],
        "duration_minutes": 30, "break_glass": false, "version": 1,
        "nonce": "00112233445566778899aabbccddeeff", "escalation": null, "questions": [],
        "offer": null, "grant": null, "session": null, "event": "evt_1", "extends": null, "denied_because": null,
    })
}

pub(crate) fn session() -> Value {
    json!({
        "id": "ses_1", "state": "live", "request": "req_1", "grant": "grt_1", "event": "evt_1",
        "requester": "ann", "actor": "ann", "subject": "carol", "tenant": "initech", "case": "desk:7",
        "break_glass": false,
        "applications": [
            { "application": "billing", "state": "live", "subject": "4711",
              "operations": ["invoice.read", "invoice.resend"] },
            { "application": "crm", "state": "ended", "subject": "c-9", "operations": ["contact.read"] },
        ],
        "started_at": "2026-03-02T11:30:00Z", "expires_at": "2026-03-02T12:00:00Z",
        "ended_because": null, "ended_at": null, "ended_by": null,
    })
}

pub(crate) fn problem(status: u16, code: &str, remedy: Option<&str>) -> (u16, String) {
    let kind = format!("https://locum.dev/problems/{code}");
    let mut problem = json!({
        "type": kind, "title": code, "status": status, "detail": "not so", "code": code,
    });
    if let Some(remedy) = remedy {
        problem["remedy"] = remedy.into();
    }
    (status, problem.to_string())
}

pub(crate) fn ok(answer: &Value) -> (u16, String) {
    (200, answer.to_string())
}

/// What the server says that proposing something with this plan would do.
pub(crate) fn previewed(plan: &Value) -> Value {
    let shown = change("waiting", plan);
    json!({
        "base": plan["before"], "digest": plan["after"], "would_wait": shown["loosens"] != json!([]),
        "loosens": shown["loosens"], "could_confirm": shown["could_confirm"], "restart": [],
        "plan": plan,
    })
}

/// A change with this plan.
pub(crate) fn change(state: &str, plan: &Value) -> Value {
    let of = |list: &str, member: &str| -> Vec<Value> {
        let list = plan[list].as_array().unwrap().iter();
        list.map(|it| it[member].clone()).collect()
    };
    json!({
        "id": "chg_1", "by": "prya@corp.example", "at": "2026-03-02T11:00:00Z",
        "note": "an hour is too long", "base": plan["before"], "digest": plan["after"], "state": state,
        "loosens": of("loosens", "says"), "could_confirm": of("could_confirm", "id"),
        "may_confirm": false, "restart": [], "plan": plan,
    })
}

/// What is in force, as somebody who may not read it sees it.
pub(crate) fn outline(digest: &Value) -> Value {
    json!({ "digest": digest, "version": 1, "at": "2026-03-02T11:00:00Z" })
}
