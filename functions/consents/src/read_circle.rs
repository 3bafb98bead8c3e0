//! Reads a client's circle of care, and whether it can be shared with (R060).

use crate::{
    Nothing,
    view::{CircleNames, CircleView},
};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ClientId, consent::Circle, sharing::Grantee};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("read_circle", "/clients/{client_id}/circle", Action::ReadCircle, Kind::CircleRead)
        .summary("Read the circle of care of a client (R060)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<CircleView> {
    let client_id: ClientId = call.path("client_id")?;
    let (key, circle_key) = (keys::client(client_id), keys::circle(client_id));
    let loaded = call.load([key.any(), circle_key.any()]).await?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    call.witness(&permit, Fact::new().client(client_id)).await?;
    match loaded.get(&circle_key)? {
        Some(circle) => Ok(Reply::with(view(&call, &loaded, &circle).await?)),
        None => Ok(Reply::with(CircleView::none(client_id))),
    }
}

async fn view(call: &Call, loaded: &Loaded, circle: &Circle) -> Result<CircleView, Problem> {
    let organization_id = circle.organization_id;
    let consent_key = keys::consent(circle.client_id, circle.consent_id);
    let teams = circle.members.iter().filter_map(|member| match member.grantee {
        Grantee::Team(id) => Some(keys::team(organization_id, id).any()),
        Grantee::Member(_) => None,
    });
    let items = call.system.store.fetch(teams.chain([consent_key.any()])).await?;
    let consent =
        items.get(&consent_key)?.ok_or_else(|| Problem::internal("a circle without its permission"))?;
    let team = |id| Ok(items.get(&keys::team(organization_id, id))?);
    let names = CircleNames::of_circle(call, loaded, circle, team).await?;
    Ok(CircleView::new(circle, &consent, &names, call.today(&loaded.organization)))
}
