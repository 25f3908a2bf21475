//! Commands over the API; verify and check work offline.
