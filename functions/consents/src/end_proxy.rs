//! Ends that somebody stands for a client: from their next request on they see nothing of them (R066).

use crate::{Nothing, appoint_proxy, known};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{ClientId, MemberId};
use evidence::Kind;
use futures_util::TryFutureExt;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::delete(
    "end_proxy",
    "/clients/{client_id}/proxies/{member_id}",
    Action::EndProxy,
    Kind::ProxyEnded,
)
.summary("End that somebody sees what is meant for a client (R066)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let (client_id, member_id): (ClientId, MemberId) = (call.path("client_id")?, call.path("member_id")?);
    let (key, proxy_key) = (keys::client(client_id), keys::proxy(client_id, member_id));
    let member_key = keys::member(call.organization_id()?, member_id);
    let (loaded, charts) = tokio::try_join!(
        call.load([key.any(), proxy_key.any(), member_key.any()]),
        call.system.store.charts(client_id).err_into::<Problem>(),
    )?;
    let client = loaded.require(&key)?;
    let permit = known::permit(&call, &loaded, &client, &charts)?;
    let proxy = loaded.require(&proxy_key)?;
    let member = loaded.require(&member_key)?.represent_no_longer(client_id);
    let change = Change::new().take("proxy", &proxy_key, &proxy).replace("member", &member_key, &member);
    let fact = appoint_proxy::fact(&proxy);
    call.commit(&loaded.organization, &permit, change, fact, Reply::none()).await
}
