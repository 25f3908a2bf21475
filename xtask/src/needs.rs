//! What a step needs from the machine, and how to get it.

use std::path::Path;
use std::sync::OnceLock;

use crate::process::Call;

/// Something from the operating system.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    Python,
    /// Python's `venv` with `pip` in it, which Debian packs apart.
    PythonVenv,
    Nginx,
    Wrk,
    Haproxy,
    Caddy,
    Taskset,
    /// Makes system calls fail.
    Strace,
    /// For the browser tests; `LOCUM_CHROMIUM` may name another one.
    Chromium,
    /// The solver of the policy proofs; `CVC5` may name another one.
    Cvc5,
    /// Node.js, as new as the identity provider of the browser tests wants it.
    Node,
    Npm,
}

/// The oldest major version of Node.js that will do.
const OLDEST_NODE: u32 = 20;

impl Need {
    /// Makes sure that it is there, installing it when this is root on a machine with `apt-get`.
    ///
    /// # Errors
    /// What is missing, in words.
    pub(crate) fn ensure(self) -> Result<(), String> {
        if self.is_here() || (self.install() && self.is_here()) {
            return Ok(());
        }
        Err(format!(
            "needs {} (Debian package `{}`)",
            self.name(),
            self.package()
        ))
    }

    fn is_here(self) -> bool {
        match self {
            Self::Python => Call::new("python3", ["--version"]).succeeds(),
            Self::PythonVenv => Call::new("python3", ["-c", "import ensurepip, venv"]).succeeds(),
            Self::Nginx => Call::new("nginx", ["-v"]).succeeds(),
            // wrk answers its own version with status 1.
            Self::Wrk => Call::new("which", ["wrk"]).succeeds(),
            Self::Haproxy => Call::new("haproxy", ["-v"]).succeeds(),
            Self::Caddy => Call::new("caddy", ["version"]).succeeds(),
            Self::Taskset => Call::new("taskset", ["--version"]).succeeds(),
            Self::Strace => Call::new("strace", ["--version"]).succeeds(),
            Self::Chromium => {
                std::env::var_os("LOCUM_CHROMIUM").is_some()
                    || Call::new("which", ["chromium"]).succeeds()
                    || Call::new("which", ["chromium-browser"]).succeeds()
            }
            Self::Cvc5 => {
                std::env::var_os("CVC5").is_some() || Call::new("cvc5", ["--version"]).succeeds()
            }
            Self::Node => is_node_new_enough(),
            Self::Npm => Call::new("npm", ["--version"]).succeeds(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Python => "Python 3",
            Self::PythonVenv => "Python's venv module",
            Self::Nginx => "nginx",
            Self::Wrk => "wrk",
            Self::Haproxy => "HAProxy",
            Self::Caddy => "Caddy",
            Self::Taskset => "taskset",
            Self::Strace => "strace",
            Self::Chromium => "Chromium",
            Self::Cvc5 => "the solver cvc5",
            Self::Node => "Node.js 20 or newer",
            Self::Npm => "npm",
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Python => "python3",
            Self::PythonVenv => "python3-venv",
            Self::Nginx => "nginx",
            Self::Wrk => "wrk",
            Self::Haproxy => "haproxy",
            Self::Caddy => "caddy",
            Self::Taskset => "util-linux",
            Self::Strace => "strace",
            Self::Chromium => "chromium",
            Self::Cvc5 => "cvc5",
            Self::Node => "nodejs",
            Self::Npm => "npm",
        }
    }

    fn install(self) -> bool {
        static CAN_INSTALL: OnceLock<bool> = OnceLock::new();
        let can_install = *CAN_INSTALL.get_or_init(|| {
            is_root()
                && Path::new("/usr/bin/apt-get").exists()
                && Call::new("apt-get", ["update", "-qq"]).succeeds()
        });
        if !can_install {
            return false;
        }
        println!("installing the Debian package `{}`", self.package());
        let arguments = [
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            self.package(),
        ];
        Call::new("apt-get", arguments)
            .with("DEBIAN_FRONTEND", "noninteractive")
            .succeeds()
    }
}

/// `node --version` says `v20.20.2`.
fn is_node_new_enough() -> bool {
    let said = Call::new("node", ["--version"])
        .output()
        .unwrap_or_default();
    let major = said.trim().trim_start_matches('v').split('.').next();
    let major = major.and_then(|number| number.parse::<u32>().ok());
    major.is_some_and(|major| major >= OLDEST_NODE)
}

fn is_root() -> bool {
    Call::new("id", ["-u"])
        .output()
        .is_ok_and(|id| id.trim() == "0")
}
