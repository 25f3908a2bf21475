//! `locum backup` and `locum restore`, and a store that is taken away.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use super::deployment::Deployment;
use super::process::run;

pub(crate) fn command(name: &str, deployment: &Deployment, file: &Path, more: &[&str]) -> Output {
    let (file, config) = (
        file.display().to_string(),
        deployment.config().display().to_string(),
    );
    let mut arguments = vec![name, &file, "--config", &config];
    arguments.extend(more);
    run(&arguments, &[])
}

pub(crate) fn back_up(deployment: &Deployment, name: &str) -> PathBuf {
    let file = deployment.folder.join(name);
    let made = command("backup", deployment, &file, &[]);
    assert!(made.status.success(), "{made:?}");
    file
}

/// A restore over what is there, which is moved into a new folder.
pub(crate) fn restore(deployment: &Deployment, file: &Path, more: &[&str]) -> Output {
    let taken = (0..).map(|number| deployment.folder.join(format!("aside-{number}")));
    let aside = taken.into_iter().find(|it| !it.exists()).unwrap();
    let aside = aside.display().to_string();
    command(
        "restore",
        deployment,
        file,
        &[&["--aside", &aside, "--json"], more].concat(),
    )
}

/// A command that was refused with this status and these words.
pub(crate) fn refused(output: &Output, status: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert!(said.contains(words), "{words}: {said}");
}

pub(crate) fn beside(deployment: &Deployment, ending: &str) -> PathBuf {
    deployment.folder.join(format!("harbour.db{ending}"))
}

/// Takes the store away, and leaves what is remembered beside it.
pub(crate) fn lose_store(deployment: &Deployment) {
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(deployment, ending));
    }
    fs::remove_dir_all(beside(deployment, ".records")).unwrap();
}
