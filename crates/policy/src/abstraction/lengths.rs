//! That an emergency is strictly shorter, whatever an eligibility allows (R11).

use locum_domain::catalog::Tier;

use super::examine::{Examined, Failure};
use super::kind::Kind;
use super::routing::Routing;
use super::situation::Situation;
use super::world::World;

/// Adds every tier with every length to what was found of emergencies.
pub(super) fn examine(routing: &dyn Routing, lengths: &[u32], found: &mut [Examined]) {
    let of = |it: &&mut Examined| it.promise.id == "always-shorter-in-an-emergency";
    let Some(examined) = found.iter_mut().find(of) else {
        return;
    };
    for tier in [Tier::Low, Tier::Standard, Tier::Regulated] {
        let ordinary = Situation::ordinary(Kind::new(tier, []));
        let emergency = Situation {
            is_emergency: true,
            ..ordinary.clone()
        };
        for minutes in lengths.iter().copied() {
            let of = |situation| {
                let world = World::of(situation).with_eligibilities_of(minutes);
                routing.route(&world).ok()
            };
            let both = of(&ordinary).zip(of(&emergency));
            examined.see(both.is_some(), || {
                let (ordinary_route, route) = both?;
                let (is, most) = (route.longest.0, ordinary_route.longest.0);
                (is >= most).then(|| {
                    let because = format!(
                        "where eligibilities allow {minutes} minutes, an emergency lasts {is}, and the ordinary session {most}"
                    );
                    Failure {
                        beside: Some(ordinary.clone()),
                        ..Failure::of(&emergency, &route, because)
                    }
                })
            });
        }
    }
}
