//! What a demonstration says on its first screen.

/// A few sentences on what to click, and the places they speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    pub title: String,
    /// One sentence each.
    pub steps: Vec<String>,
    /// Name and address of the places outside the console: the case desk, the applications.
    pub places: Vec<(String, String)>,
}
