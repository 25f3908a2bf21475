//! What `locum check` says, word for word: on which line and column, with the caret under what is meant, and what to
//! do instead.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test harness"
)]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use locum_catalog::{Deployment, Problem, policies_of};
use locum_cli::policy_problems;
use locum_policy::Policies;

use common::process::run;

const CARET: char = '─';

/// What `locum init --example` writes, with these files beside.
struct Written {
    folder: tempfile::TempDir,
}

impl Written {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let written = Self { folder };
        let made = run(
            &["init", "--example", &written.path().display().to_string()],
            &[],
        );
        assert!(made.status.success(), "{made:?}");
        for (file, text) in files {
            std::fs::write(written.path().join(file), text).unwrap();
        }
        written
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("made")
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from:?} stands in {file}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    fn config(&self) -> PathBuf {
        self.path().join("locum.toml")
    }

    /// What it says in a pipe, where nobody has turned colours off.
    fn checked(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_locum"));
        command
            .args(["check", "--config"])
            .arg(self.config())
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
        command.output().unwrap()
    }

    /// The lines of standard error.
    fn said(&self) -> Vec<String> {
        let output = self.checked();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !said.contains('\u{1b}') && !output.stdout.contains(&0x1b),
            "colours in a pipe: {said:?}"
        );
        said.lines().map(str::to_owned).collect()
    }

    /// The first problem as a terminal shows it, without colours.
    fn shown(&self) -> String {
        let problems = problems(&self.config());
        let shown = problems[0].render(false);
        for line in shown.lines() {
            assert!(line.chars().count() <= 80, "wider than 80 columns: {line}");
        }
        shown
    }
}

fn problems(config: &Path) -> Vec<Problem> {
    let variables = BTreeMap::new();
    let today = jiff::civil::date(2026, 11, 25);
    let mut problems = match Deployment::read(config, &variables, today) {
        Ok(_) => Vec::new(),
        Err(problems) => problems,
    };
    let operator = policies_of(config, &variables);
    if let Err(found) = Policies::load(&operator) {
        problems.extend(policy_problems(found, &operator));
    }
    problems
}

/// What stands above the caret.
fn marked(shown: &str) -> String {
    let lines: Vec<&str> = shown.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.contains('·') && line.contains(CARET))
        .unwrap();
    let is_caret = |it: char| matches!(it, CARET | '┬');
    let carets = lines[at].chars().collect::<Vec<char>>();
    let start = carets.iter().position(|it| is_caret(*it)).unwrap();
    let length = carets[start..].iter().filter(|it| is_caret(**it)).count();
    lines[at - 1].chars().skip(start).take(length).collect()
}

#[test]
fn r33_a_syntax_error_of_cedar_is_shown_where_it_stands() {
    let written = Written::with(&[(
        "policies/friday.cedar",
        "@id(\"no-friday\")\nforbid (principal, action, resource\nwhen { true };\n",
    )]);
    assert_eq!(
        written.said(),
        [
            "policies/friday.cedar:3:1: unexpected token `when` (expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`)",
            "locum: 1 problem",
        ]
    );
    let shown = written.shown();
    assert_eq!(marked(&shown), "when");
    assert_eq!(
        shown,
        concat!(
            "  × unexpected token `when`\n",
            "   ╭─[policies/friday.cedar:3:1]\n",
            " 3 │ when\n",
            "   · ────\n",
            "   ╰────\n",
            "  help: expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or\n",
            "        `is`\n",
        )
    );
}

#[test]
fn r33_a_type_error_against_the_schema_is_shown_where_it_stands() {
    let written = Written::with(&[(
        "policies/long.cedar",
        "@id(\"no-long\")\nforbid (principal, action == Locum::Action::\"file\", resource)\nwhen { context.duration_minutes == \"sixty\" };\n",
    )]);
    assert_eq!(
        written.said(),
        [
            "policies/long.cedar:3:8: the types Long and String are not compatible (for policy `no-long`, both operands to a `==` expression must have compatible types. Types must be exactly equal to be compatible)",
            "locum: 1 problem",
        ]
    );
    let shown = written.shown();
    assert_eq!(marked(&shown), "context.duration_minutes == \"sixty\"");
    assert_eq!(
        shown,
        concat!(
            "  × the types Long and String are not compatible\n",
            "   ╭─[policies/long.cedar:3:8]\n",
            " 3 │ when { context.duration_minutes == \"sixty\"\n",
            "   ·        ───────────────────────────────────\n",
            "   ╰────\n",
            "  help: for policy `no-long`, both operands to a `==` expression must have\n",
            "        compatible types. Types must be exactly equal to be compatible\n",
        )
    );
}

#[test]
fn r33_an_unknown_attribute_is_answered_with_the_nearest_one() {
    let written = Written::with(&[(
        "policies/long.cedar",
        "@id(\"no-long\")\nforbid (principal, action == Locum::Action::\"file\", resource)\nwhen { context.duration_minute > 60 };\n",
    )]);
    assert_eq!(
        written.said(),
        [
            "policies/long.cedar:3:8: for policy `no-long`, attribute `duration_minute` in context for Locum::Action::\"file\" not found (did you mean `duration_minutes`?)",
            "locum: 1 problem",
        ]
    );
    let shown = written.shown();
    assert_eq!(marked(&shown), "context.duration_minute");
    assert_eq!(
        shown,
        concat!(
            "  × for policy `no-long`, attribute `duration_minute` in context for\n",
            "  │ Locum::Action::\"file\" not found\n",
            "   ╭─[policies/long.cedar:3:8]\n",
            " 3 │ when { context.duration_minute\n",
            "   ·        ───────────────────────\n",
            "   ╰────\n",
            "  help: did you mean `duration_minutes`?\n",
        )
    );
}

#[test]
fn r33_a_mistake_in_toml_is_shown_where_it_stands() {
    let written = Written::with(&[]);
    written.edit(
        "catalog/applications/crm.toml",
        "tier = \"",
        "tier = standard # \"",
    );
    assert_eq!(
        written.said(),
        [
            "catalog/applications/crm.toml:4:8: not TOML: string values must be quoted, expected literal string (https://toml.io)",
            "locum: 1 problem",
        ]
    );
    let shown = written.shown();
    assert_eq!(
        shown,
        concat!(
            "  × not TOML: string values must be quoted, expected literal string\n",
            "   ╭─[catalog/applications/crm.toml:4:8]\n",
            " 4 │ tier = …\n",
            "   ·        ─\n",
            "   ╰────\n",
            "  help: https://toml.io\n",
        )
    );
    assert_eq!(marked(&shown), "…", "an unquoted value may be a secret");
}

#[test]
fn r33_mistakes_of_several_files_are_said_at_once_and_what_nothing_reads_beside_them() {
    let written = Written::with(&[
        ("policies/x.ceder", ""),
        ("catalog/app.yaml", ""),
        (
            "policies/one.cedar",
            "permit (principal, action, resource);\n",
        ),
    ]);
    written.edit("catalog/applications/crm.toml", "tier = ", "teir = ");
    assert_eq!(
        written.said(),
        [
            "catalog/app.yaml:1:1: warning: is not read (it is written in TOML: did you mean `app.toml`?)",
            "catalog/applications/crm.toml:1:1: an application needs `tier` (low, standard or regulated)",
            "catalog/applications/crm.toml:4:1: unknown key `teir` in an application (did you mean `tier`?)",
            "policies/x.ceder:1:1: warning: is not read (did you mean `x.cedar`?)",
            "policies/one.cedar:1:1: a policy without an @id (begin it with @id(\"a-name-for-the-evidence\"))",
            "locum: 3 problems",
        ]
    );
}

#[test]
fn a_warning_alone_leaves_the_deployment_in_order() {
    let written = Written::with(&[("policies/x.ceder", "")]);
    let checked = written.checked();
    assert!(checked.status.success(), "{checked:?}");
    assert_eq!(
        written.said(),
        ["policies/x.ceder:1:1: warning: is not read (did you mean `x.cedar`?)"]
    );
}
