//! Documents that somebody wrote to do harm.

use std::fmt::Write as _;

use locum_catalog::propose::{LARGEST_DOCUMENT, ProposeError, from_openapi, toml};
use proptest::prelude::*;

use crate::reading::{imported, read_back};

#[test]
fn a_document_larger_than_any_is_refused_unread() {
    let error = from_openapi(&vec![b' '; LARGEST_DOCUMENT + 1], None, None).unwrap_err();
    assert!(matches!(error, ProposeError::TooLarge { .. }));
}

#[test]
fn references_in_circles_end() {
    let proposal = imported(
        r##"{"openapi": "3.1.0", "paths": {
            "/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"},
            "/c": {"post": {"requestBody": {"$ref": "#/components/requestBodies/B"}}},
            "/d": {"post": {"requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/S"}}}}}}},
            "components": {"requestBodies": {"B": {"$ref": "#/components/requestBodies/B"}},
                "schemas": {"S": {"allOf": [{"$ref": "#/components/schemas/S"}, {"$ref": "#/components/schemas/S"}]}}}}"##,
    );
    assert_eq!(proposal.routes(), 2);
    assert_eq!(proposal.left_out.values().sum::<usize>(), 2);
}

#[test]
fn aliases_of_aliases_and_deep_nesting_are_refused() {
    let mut bomb = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..12 {
        let before = at - 1;
        let _ = writeln!(
            bomb,
            "a{at}: &a{at} [{}]",
            vec![format!("*a{before}"); 9].join(", ")
        );
    }
    let refused = |text: &str| from_openapi(text.as_bytes(), None, None).unwrap_err();
    assert!(matches!(
        refused(&bomb),
        ProposeError::Syntax { what: "YAML", .. }
    ));
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let all_of = format!(
        r#"{{"openapi": "3.0.0", "components": {{"schemas": {{"S": {}}}}}}}"#,
        deep(r#"{"allOf": ["#, "]}")
    );
    assert!(matches!(refused(&all_of), ProposeError::Syntax { .. }));
    assert!(matches!(
        refused(&format!("openapi: 3.0.0\nx: {}", deep("[", "]"))),
        ProposeError::Syntax { .. }
    ));
}

#[test]
fn a_hundred_thousand_paths_are_read_and_more_are_refused() {
    let document = |count: usize| {
        let mut text = r#"{"openapi": "3.0.0", "paths": {"#.to_owned();
        for at in 0..count {
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(text, r#"{comma}"/things/t{at}/{{id}}": {{"get": {{}}}}"#);
        }
        text + "}}"
    };
    let proposal = from_openapi(document(100_000).as_bytes(), None, None).unwrap();
    assert_eq!(proposal.routes(), 100_000);
    assert_eq!(
        from_openapi(document(100_001).as_bytes(), None, None).unwrap_err(),
        ProposeError::TooManyRoutes
    );
}

#[test]
fn a_documents_words_become_no_lines_of_the_catalog() {
    let words = "x\n[[operation]]\nid = \"open\"\neffect = \"read\"\nroutes = [\"GET /**\"]\r\u{2028}\u{202e}";
    let document = serde_json::json!({
        "openapi": "3.0.0",
        "servers": [{ "url": "/" }, { "url": format!("/{words}") }],
        "paths": {
            "/a": { "get": { "tags": [words], "operationId": words, "summary": words } },
            "/b/{path}": { "get": {} },
            "/c\"]\nx": { "get": {} }, "/d\"": { "get": {} }, "/**": { "get": {} }, "/..": { "get": {} },
        },
    });
    let proposal = imported(&document.to_string());
    assert!(
        !toml(&proposal, words)
            .lines()
            .any(|it| it.contains("id = \"open\"") && !it.starts_with('#'))
    );
    let routes: Vec<&String> = proposal
        .operations
        .iter()
        .flat_map(|it| &it.routes)
        .collect();
    assert_eq!(routes.len(), 3, "{routes:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r21_whatever_the_paths_are_the_catalog_takes_what_is_proposed(
        paths in prop::collection::btree_map("(/([a-zA-Z0-9_.{}*~ %:;\"\\\\é-]{0,8}|\\{id\\}|users|payouts)){1,5}", 0..3_usize, 0..12),
        tag in prop::option::of(".{0,6}"),
    ) {
        let methods = ["get", "post", "delete"];
        let paths: serde_json::Map<String, serde_json::Value> = paths.into_iter().map(|(path, method)| {
            (path, serde_json::json!({ methods[method]: { "tags": tag.iter().collect::<Vec<_>>() } }))
        }).collect();
        let document = serde_json::json!({ "openapi": "3.1.0", "paths": paths }).to_string();
        read_back(from_openapi(document.as_bytes(), None, None).unwrap());
    }

    #[test]
    fn arbitrary_text_is_a_proposal_or_an_error(text in prop_oneof![".{0,200}", "(openapi: 3\\.0\\.0\n|paths:\n|  /a:\n|    get:\n|- |\\{|\\}|&a |\\*a |x: ){0,30}"]) {
        let _ = from_openapi(text.as_bytes(), None, None);
        let _ = locum_catalog::propose::from_recordings(&[text], &[], None);
    }
}
