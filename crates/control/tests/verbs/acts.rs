//! Whatever somebody can do to one request, by the throw of dice.

use locum_control::accept_offer::accept_offer;
use locum_control::deny::deny;
use locum_control::extend::extend;
use locum_control::offer::{OfferTerms, offer};
use locum_control::stop::{holds, lift, stop};
use locum_control::withdraw::withdraw;
use locum_domain::hold::StopScope;
use locum_domain::{Minutes, RequestId, RequestState};
use locum_testkit::house::{House, SeededEntropy};

use crate::{ALICE, ARNO, OSCAR, PAUL, PETRA, PRYA, SAM, SVEN};

const PEOPLE: [&str; 8] = [ALICE, ARNO, OSCAR, PAUL, PETRA, PRYA, SAM, SVEN];

/// Files for this case, of which the number is a case of Alice's.
pub(crate) async fn file(house: &House, dice: &SeededEntropy, number: &str) -> RequestId {
    let scopes: [&[(&str, &[&str])]; 3] = [
        &[("billing", &["invoice.read"])],
        &[("crm", &["contact.read"])],
        &[("billing", &["invoice.read"]), ("crm", &["contact.read"])],
    ];
    let subject = format!("customer-{number}@acme.example");
    house.desk.open(number, "alice", &subject, "acme");
    let scope = *dice.one_of(&scopes);
    let asked = house.asking(&format!("desk:{number}"), scope, 20);
    house.filed(ALICE, &asked).await.id
}

/// Does one thing. Whether it is refused is part of the game.
pub(crate) async fn act(house: &House, dice: &SeededEntropy, id: &RequestId, number: &str) {
    let control = &house.control;
    let caller = house.caller(dice.one_of::<&str>(&PEOPLE));
    let who = caller.principal.to_string();
    let session = house.request(id).await.session().cloned();
    match dice.below(16) {
        0..=4 => drop(house.approve(&who, id).await),
        5 | 6 => drop(house.activate(ALICE, id).await),
        7 => drop(deny(control, &caller, id, "not for this case").await),
        8 => drop(withdraw(control, &caller, id).await),
        9 => {
            let terms = OfferTerms {
                scope: None,
                duration: Some(Minutes(10)),
                note: "ten minutes will do".to_owned(),
            };
            drop(offer(control, &caller, id, &terms).await);
        }
        10 => {
            if let RequestState::Offered { offer, .. } = house.request(id).await.state {
                let digest = offer.scope_digest.as_str();
                drop(accept_offer(control, &house.caller(ALICE), id, digest).await);
            }
        }
        11 => {
            if let Some(session) = session {
                drop(house.end(&who, &session).await);
            }
        }
        12 => {
            house.desk.close(number);
            let delivery = format!("{number}-{}", dice.below(3));
            drop(house.closed_webhook(number, &delivery).await);
        }
        13 => {
            let scope = StopScope::Case(format!("desk:{number}").parse().unwrap());
            drop(stop(control, &caller, &scope).await);
        }
        14 => {
            for hold in holds(control).await.unwrap() {
                drop(lift(control, &caller, &hold.id).await);
            }
        }
        _ => {
            let why = "the second invoice has the same fault";
            drop(extend(control, &house.caller(ALICE), id, Minutes(5), why).await);
            house.run_jobs().await;
        }
    }
}
