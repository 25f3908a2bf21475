//! Case systems and subject directories: one module for each kind of outside system.
