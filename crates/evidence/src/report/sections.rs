//! What stands on the page: tables of plain text, in the order a reader wants them.

use std::collections::BTreeMap;

use locum_record::instant;

use crate::story::{AccessEvent, ApprovalTold, Ends, Line, Outcomes, SignedBy, StepTold};

/// One table.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<Vec<String>>,
    /// What stands there instead of an empty table.
    pub(super) when_empty: &'static str,
}

/// How to go on from here.
pub(super) const LAST_LINE: &str = "Times are UTC. Numbers in brackets are positions in the ledger. This page is derived from the entries in this pack: locum evidence verify rebuilds it and compares every byte.";

/// What this is and where it stands.
pub(super) fn first_line(told: &AccessEvent) -> String {
    let AccessEvent {
        actor,
        subject,
        state,
        ..
    } = told;
    let case = &told.case.reference;
    let end = match (told.activation, told.ended_because, told.ended) {
        (_, Some(because), Some(ended)) => format!(
            "The session ended {}: {}.",
            instant::to_text(ended.at),
            because.as_str()
        ),
        (Some(begun), _, _) => format!(
            "The session began {} and has not ended.",
            instant::to_text(begun.at)
        ),
        _ => "No session began.".to_owned(),
    };
    format!("{actor} as {subject} for case {case}: the request is {state}. {end}")
}

/// The tables of the page. Those after the first are left out when they are empty.
pub(super) fn sections(told: &AccessEvent) -> Vec<Section> {
    let rest = [
        request(told),
        route(told),
        applications(told),
        touched(told),
        refused(told),
        refusals(told),
        timeline(told),
    ];
    let rest = rest.into_iter().filter(|section| !section.rows.is_empty());
    std::iter::once(findings(told)).chain(rest).collect()
}

fn findings(told: &AccessEvent) -> Section {
    let rows = told.findings.iter();
    Section {
        title: "Findings",
        columns: &["Finding", "What is open, missing or wrong"],
        rows: rows
            .map(|finding| {
                let place = finding
                    .position
                    .map(|position| format!(" [{position}]"))
                    .unwrap_or_default();
                vec![finding.code.clone(), format!("{}{place}", finding.sentence)]
            })
            .collect(),
        when_empty: "None: nothing that the record can show is open, missing or wrong.",
    }
}

fn request(told: &AccessEvent) -> Section {
    let mut rows = vec![
        ("Request", told.request.to_string()),
        ("Asked by", told.requester.to_string()),
        ("Actor", told.actor.to_string()),
        ("Subject", told.subject.to_string()),
    ];
    rows.extend(
        told.tenant
            .iter()
            .map(|tenant| ("Tenant", tenant.to_string())),
    );
    rows.extend(
        told.subjects.iter().map(|(application, there)| {
            ("Subject there", format!("{} in {application}", there.id))
        }),
    );
    rows.push((
        "Case",
        format!("{} ({})", told.case.reference, told.case.state),
    ));
    rows.push(("Reason", told.reason.clone()));
    rows.extend(told.scope.0.iter().map(|(application, operations)| {
        let operations: Vec<&str> = operations
            .iter()
            .map(|operation| operation.as_str())
            .collect();
        ("Scope", format!("{application}: {}", operations.join(", ")))
    }));
    rows.push(("Minutes", told.duration_minutes.0.to_string()));
    rows.push((
        "Emergency",
        if told.break_glass { "yes" } else { "no" }.to_owned(),
    ));
    rows.extend(
        told.warnings
            .iter()
            .map(|warning| ("Warning", warning.clone())),
    );
    rows.push(("Filed", place(told.filed)));
    rows.extend(
        told.session
            .iter()
            .map(|session| ("Session", session.to_string())),
    );
    rows.extend(told.activation.map(|line| ("Activated", place(line))));
    rows.extend(told.witnessed.as_ref().map(|it| {
        let entries = format!(
            "the ledger's first {} entries {}",
            it.entries,
            place(it.line)
        );
        ("Witnessed", entries)
    }));
    rows.extend(told.ended.map(|line| ("Ended", place(line))));
    rows.extend(
        told.ended_because
            .map(|because| ("Ended because", because.as_str().to_owned())),
    );
    rows.extend(told.ended_by.iter().map(|by| ("Ended by", by.to_string())));
    if let Some(review) = &told.review {
        let reviewer = review
            .reviewer
            .as_ref()
            .map_or("nobody by name", |reviewer| reviewer.as_str());
        rows.push(("Review owed by", reviewer.to_owned()));
        if let Some(verdict) = &review.completed {
            let (finding, place, note) = (
                verdict.finding.as_str(),
                place(verdict.note.line),
                &verdict.note.text,
            );
            rows.push((
                "Review",
                format!("{finding}, by {} {place}: {note}", verdict.note.by),
            ));
            rows.push((
                "Review signed",
                signature(verdict.is_signed, verdict.signed_by.as_ref(), "reviewer"),
            ));
        }
    }
    let rows = rows
        .into_iter()
        .map(|(what, says)| vec![what.to_owned(), says])
        .collect();
    Section {
        title: "Who, for what",
        columns: &["What", "On the record"],
        rows,
        when_empty: "",
    }
}

fn route(told: &AccessEvent) -> Section {
    let extension = told
        .extension
        .iter()
        .flat_map(|extension| &extension.asked.route);
    Section {
        title: "Who decided",
        columns: &["Authority", "Demanded by", "Decided by", "When", "Grounds"],
        rows: told.route.iter().chain(extension).map(step).collect(),
        when_empty: "",
    }
}

fn step(step: &StepTold) -> Vec<String> {
    let authority = match &step.application {
        Some(application) => format!("{} of {application}", step.authority.as_str()),
        None => step.authority.as_str().to_owned(),
    };
    let (by, when, grounds) = match &step.approval {
        Some(approval) => (
            approval.by.to_string(),
            place(approval.line),
            grounds(approval),
        ),
        None => ("nobody".to_owned(), String::new(), String::new()),
    };
    vec![authority, step.rule.clone(), by, when, grounds]
}

fn grounds(approval: &ApprovalTold) -> String {
    let mut grounds = vec![format!("under {}", approval.rules.join(", "))];
    let key = approval.signed_by.as_ref();
    grounds.push(signature(approval.is_signed, key, "approver"));
    grounds.extend(
        approval
            .unavoidable_because
            .iter()
            .map(|text| format!("unavoidable because: {text}")),
    );
    grounds.extend(
        approval
            .compensating_controls
            .iter()
            .map(|text| format!("compensating control: {text}")),
    );
    grounds.extend(approval.note.iter().map(|text| format!("note: {text}")));
    grounds.join("; ")
}

/// Whether whoever decided signed it themselves: with which key, since when it counted and by whose word.
fn signature(is_signed: bool, key: Option<&SignedBy>, who: &str) -> String {
    let Some(key) = key else {
        let not = if is_signed { "" } else { "not " };
        return format!("{not}signed by the {who}");
    };
    let means = match key.kind.as_str() {
        "passkey" => "passkey",
        _ => "key file",
    };
    let whose = match &key.enrolled_by {
        Some(by) => format!("signed for by {by}"),
        None => "a founder's".to_owned(),
    };
    let (thumbprint, enrolled) = (&key.thumbprint, place(key.enrolled));
    format!("signed by the {who} with {means} {thumbprint}, enrolled {enrolled}, {whose}")
}

fn applications(told: &AccessEvent) -> Section {
    let rows = told.applications.iter().map(|it| {
        let mut row = vec![it.application.to_string(), it.subject.clone()];
        row.extend(counts(&it.requests));
        row.push(statuses(&it.requests.statuses));
        row.push(length(it.requests.longest_us));
        row.push(it.upstreams.iter().cloned().collect::<Vec<_>>().join(", "));
        row.push(it.end_confirmed.map_or_else(
            || it.state.as_str().to_owned(),
            |line| format!("confirmed {}", place(line)),
        ));
        row
    });
    Section {
        title: "Applications",
        columns: &[
            "Application",
            "Subject there",
            "Admitted",
            "Completed",
            "Refused",
            "Cut",
            "Without completion",
            "Answers",
            "Longest",
            "Answered by",
            "End",
        ],
        rows: rows.collect(),
        when_empty: "",
    }
}

fn counts(requests: &Outcomes) -> [String; 5] {
    let Outcomes {
        admitted,
        completed,
        refused,
        cut,
        without_completion,
        ..
    } = requests;
    [admitted, completed, refused, cut, without_completion].map(u64::to_string)
}

/// How often each status was answered.
fn statuses(statuses: &BTreeMap<String, u64>) -> String {
    let statuses = statuses.iter();
    let statuses = statuses.map(|(status, count)| format!("{count} \u{d7} {status}"));
    statuses.collect::<Vec<_>>().join(", ")
}

/// A duration in whole milliseconds.
fn length(microseconds: u64) -> String {
    format!("{} ms", microseconds / 1_000)
}

fn touched(told: &AccessEvent) -> Section {
    let rows = told.applications.iter().flat_map(|it| {
        it.accessed.iter().map(|row| {
            let object = row.object.clone().unwrap_or_default();
            let request = match row.template.starts_with('/') {
                true => format!("{} {}", row.method, row.path),
                false => format!("{} {}: {}", row.method, row.path, row.template),
            };
            let mut cells = vec![
                it.application.to_string(),
                row.operation.to_string(),
                row.rule.as_str().to_owned(),
                object,
                request,
                statuses(&row.statuses),
                length(row.longest_us),
            ];
            cells.extend(ends(&row.ends));
            cells
        })
    });
    Section {
        title: "What was touched",
        columns: &[
            "Application",
            "Operation",
            "Let by",
            "Object",
            "Request",
            "Answers",
            "Longest",
            "Times",
            "First",
            "Last",
        ],
        rows: rows.collect(),
        when_empty: "",
    }
}

fn refused(told: &AccessEvent) -> Section {
    let inside = told
        .applications
        .iter()
        .flat_map(|it| it.refused.iter().map(|row| (&it.application, row)));
    let elsewhere = told
        .refused_elsewhere
        .iter()
        .map(|row| (&row.application, &row.refused));
    let rows = inside.chain(elsewhere).map(|(application, row)| {
        let request = format!("{} {}", row.method, row.path);
        let rule = row.rule.clone().unwrap_or_default();
        let mut cells = vec![
            application.to_string(),
            row.code.code().to_owned(),
            rule,
            request,
        ];
        cells.extend(ends(&row.ends));
        cells
    });
    Section {
        title: "Requests that were refused",
        columns: &[
            "Application",
            "Code",
            "Rule",
            "Request",
            "Times",
            "First",
            "Last",
        ],
        rows: rows.collect(),
        when_empty: "",
    }
}

fn refusals(told: &AccessEvent) -> Section {
    let rows = told.refusals.iter().map(|it| {
        vec![
            it.by.to_string(),
            it.act.clone(),
            it.code.code().to_owned(),
            place(it.line),
            it.detail.clone(),
        ]
    });
    Section {
        title: "People who were refused",
        columns: &["Who", "Act", "Code", "When", "Why"],
        rows: rows.collect(),
        when_empty: "",
    }
}

fn timeline(told: &AccessEvent) -> Section {
    let rows = told.timeline.iter();
    Section {
        title: "What happened, in order",
        columns: &["Position", "When", "What"],
        rows: rows
            .map(|it| {
                vec![
                    it.line.position.to_string(),
                    instant::to_text(it.line.at),
                    it.sentence.clone(),
                ]
            })
            .collect(),
        when_empty: "",
    }
}

fn place(line: Line) -> String {
    format!("{} [{}]", instant::to_text(line.at), line.position)
}

fn ends(ends: &Ends) -> [String; 3] {
    [ends.count.to_string(), place(ends.first), place(ends.last)]
}
