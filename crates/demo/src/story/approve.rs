//! The first part: a request, what its requester may not do, and four people's approvals.

use locum_api::{ApplicationScope, ApproveBody, PreviewView, RequestBody, RequestView};

use super::{Person, StoryFailed, Teller};
use crate::world::World;

const ALICE: &str = "alice@corp.example";

/// Ends with an approved request.
pub(super) async fn asked_and_approved(
    world: &World,
    teller: &mut Teller<'_>,
) -> Result<RequestView, StoryFailed> {
    let body = request();
    teller.step("Alice looks who would have to agree before she may act as Carol");
    let alice = teller.must(Person::new(world, ALICE))?;
    let preview: PreviewView = teller.must(alice.post("/api/v1/requests/preview", &body).await)?;
    let authorities: Vec<&str> = preview
        .route
        .iter()
        .map(|step| step.authority.as_str())
        .collect();
    teller.done(authorities.join(", "));

    teller.step("Alice asks to act as Carol in billing and customer records, for case desk:7");
    let request: RequestView = teller.must(alice.post("/api/v1/requests", &body).await)?;
    if request.state != "pending" {
        return teller.failed(format!("the request is {}", request.state));
    }
    teller.done(format!(
        "{} waits for {} people",
        request.id,
        request.route.len()
    ));

    teller.step("Alice approves her own request and is refused");
    let path = format!("/api/v1/requests/{}/approve", request.id);
    let yes = ApproveBody {
        scope_digest: request.scope_digest.clone(),
        ..ApproveBody::default()
    };
    let own = alice.post::<_, RequestView>(&path, &yes).await;
    teller.done(teller.must_refuse(own, "self-approval")?);

    teller.step("Oscar owns billing and approves exactly what he was shown");
    approved_by(world, "oscar@corp.example", &path, &yes, teller).await?;
    teller.step("Petra owns customer records and approves");
    approved_by(world, "petra@corp.example", &path, &yes, teller).await?;

    teller.step("Mia approves the crossing of two applications without saying why, and is refused");
    let mia = teller.must(Person::new(world, "mia@corp.example"))?;
    let silent = mia.post::<_, RequestView>(&path, &yes).await;
    teller.done(teller.must_refuse(silent, "reason-missing")?);
    teller.step("Mia says why the crossing cannot be avoided and which controls are in place");
    let grounds = ApproveBody {
        unavoidable_because: Some(
            "the invoice's address must be compared with the contact's".to_owned(),
        ),
        compensating_controls: vec![
            "every request is recorded".to_owned(),
            "30 minutes, reading only".to_owned(),
        ],
        ..yes.clone()
    };
    approved_by(world, "mia@corp.example", &path, &grounds, teller).await?;

    teller.step("Prya decides for privacy: finance data takes two people of different authority");
    let request = approved_by(world, "prya@corp.example", &path, &yes, teller).await?;
    if request.state != "approved" {
        return teller.failed(format!(
            "after four approvals the request is {}",
            request.state
        ));
    }
    Ok(request)
}

async fn approved_by(
    world: &World,
    person: &str,
    path: &str,
    yes: &ApproveBody,
    teller: &Teller<'_>,
) -> Result<RequestView, StoryFailed> {
    let person = teller.must(Person::new(world, person))?;
    let request: RequestView = teller.must(person.post(path, yes).await)?;
    let open = request
        .route
        .iter()
        .filter(|step| step.decision.is_none())
        .count();
    teller.done(match open {
        0 => "approved, and nobody is left to ask".to_owned(),
        1 => "approved; one more".to_owned(),
        open => format!("approved; {open} more"),
    });
    Ok(request)
}

fn request() -> RequestBody {
    let scope = |application: &str, operations: &[&str]| ApplicationScope {
        application: application.to_owned(),
        operations: operations.iter().map(|&it| it.to_owned()).collect(),
    };
    RequestBody {
        case: "desk:7".to_owned(),
        reason: "Carol cannot open her August invoice; compare it with her contact data".to_owned(),
        subject: None,
        applications: vec![
            scope("billing", &["invoice.read", "invoice.export"]),
            scope("crm", &["contact.read"]),
        ],
        duration_minutes: 30,
        break_glass: false,
        actor: None,
    }
}
