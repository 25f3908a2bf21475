//! The record's standing: how long it is, what was signed of it, who witnesses it, and what is wrong.

use axum::response::Response;
use locum_control::see_ledger::{LedgerSeen, see_ledger};
use locum_control::witnessing::Standing;
use locum_domain::WitnessStanding;
use maud::{Markup, html};

use super::refusal::Refused;
use crate::page::Page;
use crate::shown::{Mood, state, when};
use crate::view::View;
use crate::visitor::Visitor;

/// `/record`
pub(crate) async fn show(visitor: Visitor) -> Response {
    let seen = see_ledger(&visitor.state.control).await;
    let page = seen.map(|seen| whole(&visitor.view, &seen));
    visitor.show(page, Refused::new("see the record", "/"))
}

/// The page.
pub(crate) fn whole(view: &View, seen: &LedgerSeen) -> Page {
    let lead = html! {
        (seen.entries) " entries, "
        @match (&seen.witnessed, seen.witnesses.is_empty()) {
            (Some((entries, at)), _) => {
                "cosigned by enough witnesses up to " (entries)
                @if let Some(at) = at { ", last " (when(view, *at)) }
            }
            (None, true) => { "vouched for by the operator alone" }
            (None, false) => { "not yet cosigned by enough witnesses" }
        }
        "."
    };
    let body = html! {
        @if seen.is_split() {
            p.warning { strong { "Two histories. " } "A witness cosigned another history of this ledger, or more of it than there is here. Somebody changed the record, or shows another one elsewhere: keep the store as it is, and compare with what the witness has." }
        }
        @for finding in &seen.recorder_findings { p.warning { "Recorder: " (finding) } }
        section {
            h2 { "Witnesses" }
            @if seen.witnesses.is_empty() {
                p.empty { "Nobody is asked. Whoever holds this ledger's key could show two histories, and no evidence would tell." }
            } @else {
                table.stack {
                    thead { tr { th { "State" } th { "Who" } th { "Cosigned" } th { "Since" } } }
                    tbody { @for it in &seen.witnesses { (row(view, it)) } }
                }
            }
        }
        @if let Some((size, root)) = seen.signed {
            section {
                h2 { "Newest checkpoint" }
                p { "The root of the first " (size) " entries is " code { (root.to_base64()) } "." }
                p { "Key " code { (seen.key) } }
                p { a href="/ledger/checkpoint" { "The signed note" } ", to keep and compare." }
            }
        }
    };
    Page::new("Record", lead, body)
}

fn row(view: &View, it: &Standing) -> Markup {
    let (mood, word) = match it.says.as_ref().map(|(says, _)| says) {
        None => (Mood::Waiting, "not asked yet"),
        Some(WitnessStanding::Cosigns) => (Mood::Good, "cosigns"),
        Some(WitnessStanding::Silent { .. }) => (Mood::Waiting, "silent"),
        Some(WitnessStanding::Ahead { .. }) => (Mood::Bad, "knows more than is here"),
        Some(WitnessStanding::Disagrees { .. }) => (Mood::Bad, "saw another history"),
    };
    html! {
        tr {
            td { (state(mood, word)) }
            td {
                strong { (it.name) } " " span.quiet { (it.url) }
                @if let Some((WitnessStanding::Silent { why }, _)) = &it.says { br; span.quiet { (why) } }
            }
            td { @match it.cosigned { Some(entries) => { (entries) " entries" }, None => { "nothing yet" } } }
            td { @if let Some((_, at)) = &it.says { (when(view, *at)) } }
        }
    }
}
