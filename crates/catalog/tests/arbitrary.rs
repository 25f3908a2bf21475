//! Whatever is written into the files, the answer is a catalog or a list of problems, never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use locum_catalog::{Bundle, DevelopmentTokens, Problem, Settings};
use locum_domain::Catalog;
use proptest::prelude::*;

const FILES: [&str; 7] = [
    "catalog/people.toml",
    "catalog/chains.toml",
    "catalog/eligibility.toml",
    "catalog/applications/billing.toml",
    "catalog/applications/crm.toml",
    "catalog/applications/wiki.toml",
    "catalog/subjects.toml",
];

fn look(problems: &[Problem]) {
    for problem in problems {
        assert!(problem.line >= 1 && problem.column >= 1);
        let _ = (problem.to_string(), problem.render(false));
    }
}

fn judge(bundle: &Bundle) {
    match bundle.check(common::TODAY) {
        Ok(checked) => look(&checked.warnings),
        Err(problems) => look(&problems),
    }
}

/// A small vocabulary meets the reader's branches far more often than arbitrary letters.
fn toml_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[[person]]\n"),
        Just("[[operation]]\n"),
        Just("[subjects]\n"),
        Just("id = "),
        Just("name = "),
        Just("routes = "),
        Just("object = "),
        Just("who = "),
        Just("until = "),
        Just("file = "),
        Just("source = "),
        Just("\"*\"\n"),
        Just("\"GET /**\"\n"),
        Just("[\"GET /*\"]\n"),
        Just("\"file\"\n"),
        Just("\"{1\"\n"),
        Just("2027-02-15\n"),
        Just("{ role = 1 }\n"),
        Just("[[["),
        Just("\"\"\"é"),
        Just("5\n"),
        Just("\u{0}"),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_in_any_file(file in 0..FILES.len(), text in prop_oneof![".{0,200}", toml_like()]) {
        let mut bundle = common::bundle();
        bundle.files.insert(FILES[file].to_owned(), text.clone());
        judge(&bundle);
        let _ = DevelopmentTokens::parse("tokens", &text, &Catalog::default());
        let variables = BTreeMap::from([("LOCUM__SERVER__LISTEN".to_owned(), text.clone())]);
        if let Err(problems) = Settings::parse(&text, &variables, Path::new("/x")) {
            look(&problems);
        }
    }

    #[test]
    fn the_example_cut_or_spoiled_anywhere(file in 0..6usize, at in any::<prop::sample::Index>(), with in ".{0,3}") {
        let mut bundle = common::bundle();
        let text = bundle.files.get_mut(FILES[file]).unwrap();
        let at = at.index(text.len());
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        text.replace_range(at..(at + 1).min(text.len()), &with);
        judge(&bundle);
        let mut settings = common::text("locum.toml");
        let cut = (0..=at).rev().find(|at| settings.is_char_boundary(*at)).unwrap();
        settings.truncate(cut);
        if let Err(problems) = Settings::parse(&settings, &BTreeMap::new(), Path::new("/x")) {
            look(&problems);
        }
    }
}
