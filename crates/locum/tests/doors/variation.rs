//! What can be different about a house from the start, in sentences.

use locum_control::Budgets;
use locum_testkit::house::HouseBuilder;

const PEOPLE: &str = "catalog/people.toml";
const USUAL: Budgets = Budgets {
    open_requests: 5,
    live_sessions: 2,
    subjects_per_day: 25,
};

/// The builder of a house of which this is said.
pub(crate) fn varied(builder: HouseBuilder, sentence: &str) -> HouseBuilder {
    match sentence {
        "one open request is the most" => builder.budgets(Budgets { open_requests: 1, ..USUAL }),
        "one live session is the most" => builder.budgets(Budgets { live_sessions: 1, ..USUAL }),
        "one subject a day is the most" => builder.budgets(Budgets { subjects_per_day: 1, ..USUAL }),
        "two founders are named" => builder.founders(),
        "approvals are signed" => builder.founders().signature_demanded(),
        "petra has left" => builder.files(|files| {
            files.replace(PEOPLE, "name = \"Petra Price\"", "name = \"Petra Price\"\nactive = false");
        }),
        "petra is support herself" => builder.files(|files| {
            files.replace(PEOPLE, "name = \"Petra Price\"", "name = \"Petra Price\"\nroles = [\"support\"]");
        }),
        "nobody is of security, privacy or compliance" => builder.files(|files| {
            files.replace(PEOPLE, "roles = [\"security\", \"security-control-owner\"]", "roles = [\"security-control-owner\"]");
            files.replace(PEOPLE, "roles = [\"security\"]", "roles = [\"manager\"]");
            files.replace(PEOPLE, "roles = [\"privacy\"]", "roles = [\"manager\"]");
        }),
        "paul's delegation has ended" => builder.files(|files| {
            files.replace("catalog/applications/crm.toml", "until = \"2026-08-28\"", "until = \"2026-08-02\"");
        }),
        "arno reviews what was done in crm" => builder.files(|files| {
            let owner = "owner = \"petra@corp.example\"\n";
            let reviewer = "reviewer = \"arno@corp.example\"\n";
            files.replace("catalog/applications/crm.toml", owner, &format!("{owner}{reviewer}"));
        }),
        "an invoice is read twice a session at most" => builder.files(|files| {
            let read = "object = \"invoice:{1}\"";
            files.replace("catalog/applications/billing.toml", read, &format!("{read}\nmax_per_session = 2"));
        }),
        "a policy of the operator cannot be evaluated" => builder.files(|files| {
            files.append(
                "policies/house.cedar",
                "@id(\"overflows\")\nforbid (principal, action == Locum::Action::\"file\", resource)\n\
                 when { context.duration_minutes * 9223372036854775807 > 0 };",
            );
        }),
        other => panic!("no house is so: `{other}`"),
    }
}
