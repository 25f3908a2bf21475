//! Chromium as a process that ends with the tests, however they end.

use std::env;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Names the browser to use instead of the one on the path.
const VARIABLE: &str = "LOCUM_CHROMIUM";
const NAMES: [&str; 2] = ["chromium", "chromium-browser"];

/// Keeps Chromium alive for as long as somebody holds the shell's input open: a killed test leaves no browser.
const KEEPER: &str = r#"
profile=$1; shift
"$@" & browser=$!
read -r _
kill "$browser" 2>/dev/null
wait "$browser"
# Its children go a moment later, and write until then.
for again in 1 2 3 4 5; do
  rm -rf "$profile" 2>/dev/null
  sleep 0.2
  [ -e "$profile" ] || break
done
"#;

/// What the tests need and this machine does not have.
#[derive(Debug)]
pub struct Missing(pub String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The browser's program: `LOCUM_CHROMIUM`, else `chromium` or `chromium-browser` on the path.
///
/// # Errors
/// When none is there, with how to install it.
pub fn chromium() -> Result<PathBuf, Missing> {
    if let Some(named) = env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        let why = format!("{VARIABLE} names `{}`, which is not there", named.display());
        return if named.is_file() {
            Ok(named)
        } else {
            Err(Missing(why))
        };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    places.find(|place| place.is_file()).ok_or_else(|| {
        Missing(
            "needs Chromium (Debian package `chromium`), or its path in LOCUM_CHROMIUM".to_owned(),
        )
    })
}

/// A running Chromium.
pub(crate) struct Process {
    /// Chromium ends when this is closed.
    keeper: Option<ChildStdin>,
    shell: Child,
    /// Where its DevTools listen.
    pub(crate) address: String,
}

impl Process {
    /// Starts it with a profile of its own and waits until it listens.
    ///
    /// # Panics
    /// When it does not come up.
    pub(crate) fn start(program: &Path) -> Self {
        let profile = tempfile::Builder::new()
            .prefix("locum-chromium-")
            .tempdir()
            .expect("a folder for the profile")
            .keep();
        let mut command = Command::new("sh");
        command
            .args(["-c", KEEPER, "keeper"])
            .arg(&profile)
            .arg(program);
        command.arg(format!("--user-data-dir={}", profile.display()));
        command.args(ARGUMENTS);
        if is_root() {
            // Its sandbox refuses root, as whom containers run tests.
            command.arg("--no-sandbox");
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut shell = command.spawn().expect("sh starts");
        let keeper = shell.stdin.take();
        let mut said = BufReader::new(shell.stderr.take().expect("its complaints are piped"));
        let address = listening(&mut said);
        // Somebody must go on reading, or Chromium blocks on a full pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self {
            keeper,
            shell,
            address,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.keeper.take());
        let _ = self.shell.wait();
    }
}

const ARGUMENTS: [&str; 16] = [
    "--headless=new",
    "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE *.localhost , EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--password-store=basic",
];

/// Reads until Chromium says where its DevTools listen.
fn listening(said: &mut impl BufRead) -> String {
    let mut all = String::new();
    loop {
        let start = all.len();
        let read = said.read_line(&mut all).expect("its complaints are text");
        assert!(read > 0, "chromium ended before it listened:\n{all}");
        if let Some(address) = all[start..].trim().strip_prefix("DevTools listening on ") {
            return address.to_owned();
        }
    }
}

fn is_root() -> bool {
    Path::new("/proc/self")
        .metadata()
        .is_ok_and(|own| own.uid() == 0)
}
