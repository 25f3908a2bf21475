//! A person's own list of logins.

use locum_domain::PrincipalId;

use super::Logins;
use crate::login::{LoginId, LoginView};

impl Logins {
    /// The person's live logins, newest first; `this` is the one that asks.
    pub fn of(&self, owner: &PrincipalId, this: Option<&LoginId>) -> Vec<LoginView> {
        let now = self.ports.now();
        let live = self.live();
        let mut views: Vec<LoginView> = live
            .values()
            .filter(|entry| entry.principal == *owner && !entry.is_over(now))
            .map(|entry| entry.view(this))
            .collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.began_at));
        views
    }
}
