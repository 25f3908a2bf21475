//! Sample applications, people, a case desk, and the story.
