//! One browser and one runtime for all tests of a binary.

use std::env;
use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;

use crate::browser::Browser;
use crate::process::Missing;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let built = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        built.expect("threads to run on")
    })
}

/// Runs a test that needs no browser on the runtime that all share.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    runtime().block_on(test)
}

/// Runs a test with the shared browser. Where Chromium is missing the test says so and does nothing; with
/// `LOCUM_CI=1` that fails it.
///
/// # Panics
/// When the test does, or in CI when there is no Chromium.
pub fn in_browser<F: Future<Output = ()>>(test: impl FnOnce(&'static Browser) -> F) {
    static BROWSER: OnceCell<Result<Browser, Missing>> = OnceCell::const_new();
    run(async {
        match BROWSER.get_or_init(Browser::start).await {
            Ok(browser) => test(browser).await,
            Err(missing) => {
                let is_ci = env::var_os("LOCUM_CI").is_some_and(|value| value == "1");
                assert!(!is_ci, "in CI nothing may be missing: {missing}");
                eprintln!("NOT RUN: {missing}");
            }
        }
    });
}
