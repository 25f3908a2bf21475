//! That an emergency is strictly shorter, whatever an eligibility allows (R11).

use locum_domain::catalog::Tier;

use super::examine::{Examined, Failure};
use super::kind::Kind;
use super::relation::SHORTER;
use super::routing::Routing;
use super::situation::Situation;
use super::world::World;

const TIERS: [Tier; 3] = [Tier::Low, Tier::Standard, Tier::Regulated];

/// Every tier with every length, for what is promised of emergencies.
pub(super) fn examine(
    routing: &dyn Routing,
    lengths: &[u32],
    mut told: impl FnMut(usize, usize),
) -> Examined {
    let mut examined = Examined::none_yet(SHORTER);
    let all = lengths.len().saturating_mul(TIERS.len());
    for tier in TIERS {
        let ordinary = Situation::ordinary(Kind::new(tier, []));
        let emergency = Situation {
            is_emergency: true,
            ..ordinary.clone()
        };
        for minutes in lengths.iter().copied() {
            if examined.combinations.is_multiple_of(64) {
                told(examined.combinations, all);
            }
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
    told(all, all);
    examined
}
