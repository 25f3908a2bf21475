//! R23, R24: whoever holds a pack decides again by the rules that were in force, and every lie about a decision shows.
//!
//! The liar holds the ledger's key: entries, proofs and derived files of each lie are those of an honest server.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod device;
mod house;
mod ledger;
mod second_verifier;

use std::collections::BTreeMap;

use house::{Lie, NIGHT, SIGNED, events, tell};
use ledger::unzip;
use locum_domain::facts::Decision;
use locum_domain::{Authority, Minutes};
use locum_evidence::{Verified, VerifyFailure, VerifyOptions, decide_again, verify};
use locum_policy::Policies;
use second_verifier::peer_says;

fn judged(lie: &Lie) -> Result<Verified, VerifyFailure> {
    verify(&tell(lie), &VerifyOptions::default())
}

#[track_caller]
fn says(lie: Lie, sentence: &str) {
    let failure = match judged(&lie) {
        Ok(verified) => panic!("verified: {}", verified.decided_again.sentence),
        Err(failure) => failure,
    };
    assert!(
        matches!(failure, VerifyFailure::Otherwise { .. }),
        "{failure}"
    );
    let said = failure.to_string();
    assert!(said.contains(sentence), "{said}");
}

#[test]
fn r23_every_decision_is_decided_again_as_it_was_recorded() {
    let again = judged(&Lie::default()).unwrap().decided_again;
    assert_eq!(
        again.sentence,
        "decided again: 4 decisions, as recorded: approved by those whom the rules in force demanded"
    );
    assert_eq!((again.as_recorded, again.without_facts.len()), (4, 0));
    let rules = &again.rules[0];
    assert_eq!(rules.policies, ["policies/house.cedar"]);
    assert!(rules.guardrails_differ.is_empty(), "{rules:?}");
}

#[test]
fn r24_a_pack_holds_the_policies_for_cedars_own_tools_and_the_facts_of_each_decision() {
    let files = unzip(&tell(&Lie::default()));
    let named = |beginning: &str| {
        let names = files.iter().map(|(name, _)| name.as_str());
        let names = names.filter(|name| name.starts_with(beginning));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(named("policy/"), ["policy/0.cedar", "policy/0.cedarschema"]);
    assert_eq!(named("decisions/").len(), 4);
    let text = |name: &str| {
        let (_, bytes) = files.iter().find(|(it, _)| it == name).unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    };
    let policies = text("policy/0.cedar");
    assert!(policies.contains("// \"policies/house.cedar\"\n") && policies.contains(NIGHT));
    let texts = BTreeMap::from([
        ("0.cedar".to_owned(), policies),
        ("locum.cedarschema".to_owned(), text("policy/0.cedarschema")),
    ]);
    Policies::recorded(&texts, &BTreeMap::new()).unwrap();
}

#[test]
fn a_route_with_one_approver_fewer_is_not_what_the_rules_demanded() {
    let fewer = Lie::about_the_filing(|request, _| {
        request.route.steps.pop();
    });
    says(
        fewer,
        "the rules in force demanded `security-or-privacy-or-compliance` from sam, prya (`guard-two-people`), and the \
         record demands it of nobody",
    );
}

#[test]
fn another_authority_than_was_demanded_shows() {
    let other = Lie::about_the_filing(|request, _| {
        request.route.steps[1].authority = Authority::NextAuthority;
    });
    says(
        other,
        "the rules in force demanded `security-or-privacy-or-compliance`",
    );
}

#[test]
fn a_friend_in_the_owners_place_shows_by_the_facts() {
    let friend = Lie::about_the_filing(|request, _| {
        request.route.steps[0].approvers = vec!["mallory".parse().unwrap()];
    });
    says(
        friend,
        "`application-owner` of `billing` was to be decided by oscar, and the record names mallory",
    );
}

#[test]
fn a_friend_made_owner_in_the_facts_shows_by_the_rules_in_force() {
    let mut friend = Lie::about_the_filing(|request, _| {
        request.route.steps[0].approvers = vec!["mallory".parse().unwrap()];
    });
    friend.facts = |_, facts| {
        for application in facts.catalog.applications.values_mut() {
            application.owner = "mallory".parse().unwrap();
        }
    };
    says(
        friend,
        "`billing` is not what the rules in force say of it: by what was read it is `regulated`, owned by mallory",
    );
}

#[test]
fn somebody_who_approves_without_the_authority_shows() {
    let stranger = Lie {
        approver: |step| (step == 0).then_some("mallory"),
        ..Lie::default()
    };
    says(
        stranger,
        "mallory approved as `application-owner` of `billing`, and the rules in force refuse it: not-an-approver",
    );
}

#[test]
fn a_longer_session_than_the_rules_allow_shows() {
    let longer = Lie::about_the_filing(|request, _| request.duration = Minutes(480));
    says(
        longer,
        "the rules in force refuse the filing: duration-too-long",
    );
    let longest = Lie::about_the_filing(|request, _| request.route.longest = Minutes(480));
    says(
        longest,
        "the rules in force give 60 minutes for the session, and the record says 480",
    );
}

#[test]
fn a_later_deadline_shows() {
    let later = Lie::about_the_filing(|request, _| {
        request.filed_at -= jiff::SignedDuration::from_secs(60);
    });
    says(later, "it was to be decided by");
}

#[test]
fn approvals_that_were_to_be_signed_are_not_said_to_need_none() {
    let unsigned = Lie {
        rules: SIGNED,
        ..Lie::about_the_filing(|request, _| request.route.signature_demanded = false)
    };
    says(
        unsigned,
        "the rules in force demand that approvals are signed, and the record does not",
    );
}

#[test]
fn a_weaker_policy_text_than_was_applied_shows() {
    let weaker = Lie {
        rules: |rules| {
            let text = rules.policies.get_mut("policies/house.cedar").unwrap();
            text.push_str("// and nothing else");
        },
        ..Lie::default()
    };
    says(
        weaker,
        "the rules it stands on are not those that were applied: the text of `policies/house.cedar` does not have the \
         digest that was applied",
    );
    let missing = Lie {
        rules: |rules| rules.policies.clear(),
        ..Lie::default()
    };
    says(missing, "was applied and is not among the rules");
}

#[test]
fn a_guardrail_that_is_missing_on_the_record_is_named() {
    let missing = Lie {
        rules: |rules| {
            let route = rules.built_in.get_mut("guardrails/route.cedar").unwrap();
            let from = route.find("@id(\"guard-two-people\")").unwrap();
            let to = route[from..].find("};").unwrap() + from + 2;
            route.replace_range(from..to, "");
        },
        ..Lie::about_the_filing(|request, _| {
            request.route.steps.pop();
        })
    };
    let again = judged(&missing).unwrap().decided_again;
    assert_eq!(
        again.rules[0].guardrails_differ,
        ["`guard-two-people` is not on the record"]
    );
    assert!(
        again
            .sentence
            .ends_with("; the guardrails on the record are not those of this verifier"),
        "{}",
        again.sentence
    );
    let demanding = VerifyOptions {
        must_decide_again: true,
        ..VerifyOptions::default()
    };
    let failure = verify(&tell(&missing), &demanding).unwrap_err().to_string();
    assert!(
        failure.contains("`guard-two-people` is not on the record"),
        "{failure}"
    );
}

#[test]
fn a_decision_without_its_facts_is_said_to_be_one() {
    let silent = Lie {
        is_silent: |decision| decision == Decision::Approval,
        ..Lie::default()
    };
    let again = judged(&silent).unwrap().decided_again;
    assert_eq!((again.as_recorded, again.without_facts.len()), (2, 2));
    let words = "2 decisions cannot be decided again: what was read is not on the record";
    assert!(again.sentence.ends_with(words), "{}", again.sentence);
    let demanding = VerifyOptions {
        must_decide_again: true,
        ..VerifyOptions::default()
    };
    let failure = verify(&tell(&silent), &demanding).unwrap_err().to_string();
    assert!(failure.contains(words), "{failure}");
}

#[test]
fn r23_what_was_erased_is_not_decided_again_and_is_counted() {
    let erased = Lie::about_the_filing(|request, _| request.subject = "erased".parse().unwrap());
    let again = decide_again(&events(&erased));
    assert_eq!((again.as_recorded, again.erased.len()), (0, 4));
    assert_eq!(
        again.sentence,
        "4 decisions cannot be decided again: erased"
    );
}

#[test]
fn facts_of_another_day_or_of_other_rules_show() {
    let another_day = Lie {
        facts: |_, facts| facts.today = jiff::civil::date(2026, 3, 1),
        ..Lie::default()
    };
    says(
        another_day,
        "it was judged by the date 2026-03-01, and was recorded on",
    );
    let other_rules = Lie {
        is_ruled_twice: true,
        ..Lie::default()
    };
    says(
        other_rules,
        "it stands on other rules than those that entry 1 put in force",
    );
}

#[test]
fn an_eligibility_that_had_run_out_by_the_activation_shows() {
    let lapsed = Lie {
        facts: |decision, facts| {
            if decision == Decision::Activation {
                facts.catalog.eligibilities[0].certified_until = jiff::civil::date(2026, 1, 1);
            }
        },
        ..Lie::default()
    };
    says(
        lapsed,
        "the rules in force refuse the activation: not-eligible",
    );
}

#[test]
fn r24_the_second_verifier_shows_on_which_rules_decisions_stand_and_says_that_it_does_not_decide() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("deciding-again");
    std::fs::create_dir_all(&folder).unwrap();
    let says = |lie: &Lie| peer_says(&folder, &tell(lie), &[]);
    let Some(honest) = says(&Lie::default()) else {
        eprintln!("not compared: there is no python3 here");
        return;
    };
    honest.unwrap();
    let friend = Lie {
        facts: |_, facts| {
            for application in facts.catalog.applications.values_mut() {
                application.owner = "mallory".parse().unwrap();
            }
        },
        ..Lie::default()
    };
    let weaker = Lie {
        rules: |rules| rules.policies.clear(),
        ..Lie::default()
    };
    let older = Lie {
        is_ruled_twice: true,
        ..Lie::default()
    };
    for (lie, words) in [
        (friend, "`billing` is not what the rules in force say of it"),
        (weaker, "was applied and is not among the rules"),
        (
            older,
            "it stands on other rules than those that entry 1 put in force",
        ),
    ] {
        let said = says(&lie).unwrap().unwrap_err();
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_part_of_the_facts_cannot_be_changed_in_the_pack() {
    let mut files = unzip(&tell(&Lie::default()));
    let (_, bytes) = files
        .iter_mut()
        .find(|(name, _)| name.starts_with("decisions/"))
        .unwrap();
    let text = String::from_utf8(bytes.clone())
        .unwrap()
        .replace("oscar", "peter");
    *bytes = text.into_bytes();
    let altered = ledger::with_manifest(files);
    let failure = verify(&altered, &VerifyOptions::default()).unwrap_err();
    assert!(matches!(failure, VerifyFailure::NotDerived(_)), "{failure}");
}

#[test]
fn r23_the_facts_of_a_decision_are_no_story_of_their_own() {
    let told = judged(&Lie::default()).unwrap().access_event;
    let kinds: Vec<&str> = told.timeline.iter().map(|it| it.kind.as_str()).collect();
    assert!(
        !kinds.contains(&"facts-read") && !kinds.contains(&"rules-in-force"),
        "{kinds:?}"
    );
}
