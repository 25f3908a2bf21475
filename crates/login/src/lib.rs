//! Who is asking: development tokens, login cookies and CSRF.
