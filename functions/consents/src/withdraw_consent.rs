//! Withdraws a permission: at the next request everything that stood on it is over (R060, R066; 45 CFR
//! 164.508(b)(5)).
//!
//! One transaction ends all of it. It has room for all of it, because a permission carries no more than that
//! (`Consent::must_carry`, `limits::CLIENT_PROXIES`).

use crate::{Nothing, known};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    ClientId, ConsentId,
    chart::Chart,
    limits::PAGE_ITEMS,
    notice::{Notice, NoticeReason},
    proxy::Proxy,
    sharing::Grantee,
};
use evidence::Kind;
use futures_util::TryFutureExt;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::delete(
    "withdraw_consent",
    "/clients/{client_id}/consents/{consent_id}",
    Action::WithdrawConsent,
    Kind::ConsentWithdrawn,
)
.summary("Withdraw a permission, and end what stands on it (R060, R066, 45 CFR 164.508(b)(5))");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let (client_id, consent_id): (ClientId, ConsentId) = (call.path("client_id")?, call.path("consent_id")?);
    let (key, consent_key) = (keys::client(client_id), keys::consent(client_id, consent_id));
    let store = &call.system.store;
    let (loaded, charts, proxies) = tokio::try_join!(
        call.load([key.any(), consent_key.any()]),
        store.charts(client_id).err_into::<Problem>(),
        store.proxies(client_id, None, PAGE_ITEMS).err_into::<Problem>(),
    )?;
    let client = loaded.require(&key)?;
    let permit = known::permit(&call, &loaded, &client, &charts)?;
    let consent = loaded.require(&consent_key)?.withdraw(loaded.member.id, call.now)?;
    let on_it: Vec<Proxy> =
        proxies.items.into_iter().filter(|proxy| proxy.consent_id == Some(consent_id)).collect();
    let fact = Fact::new().client(client_id).consent(consent_id).detail("proxies", on_it.len());
    let change = Change::new().replace("consent", &consent_key, &consent);
    let change = end_proxies(&call, change, on_it).await?;
    let (change, shares) = end_shares(&call, change, charts, consent_id);
    call.commit(&loaded.organization, &permit, change, fact.detail("shares", shares), Reply::none()).await
}

/// Takes the shares out of each chart and off the lists of whom it was shared with, who are told.
fn end_shares(call: &Call, change: Change, charts: Vec<Chart>, consent_id: ConsentId) -> (Change, usize) {
    charts.into_iter().fold((change, 0_usize), |(change, shares), chart| {
        let (grants, ended) = chart.grants.clone().without(consent_id);
        if ended.is_empty() {
            return (change, shares);
        }
        let chart = Chart { grants, ..chart };
        let change = ended.iter().fold(change.replace_chart_as_due(&chart), |change, grantee| {
            let entry = keys::shared_chart(chart.organization_id, *grantee, chart.id);
            tell(call, change.unset("shared chart", &entry), &chart, *grantee)
        });
        (change, shares.saturating_add(ended.len()))
    })
}

/// Whom it was shared with by name is told; a team finds the chart gone from its list.
fn tell(call: &Call, change: Change, chart: &Chart, grantee: Grantee) -> Change {
    let Grantee::Member(member_id) = grantee else { return change };
    let (organization_id, reason) = (chart.organization_id, NoticeReason::SharingEnded);
    change.notify(&Notice {
        by: call.member_id().ok(),
        chart_id: Some(chart.id),
        ..Notice::new(call.new_id(), organization_id, member_id, reason, call.now)
    })
}

async fn end_proxies(call: &Call, mut change: Change, proxies: Vec<Proxy>) -> Result<Change, Problem> {
    let member_key = |proxy: &Proxy| keys::member(proxy.organization_id, proxy.member_id);
    let members = call.system.store.fetch(proxies.iter().map(|proxy| member_key(proxy).any())).await?;
    for proxy in proxies {
        let key = member_key(&proxy);
        if let Some(member) = members.get(&key)? {
            change = change.replace("member", &key, &member.represent_no_longer(proxy.client_id));
        }
        change = change.take("proxy", &keys::proxy(proxy.client_id, proxy.member_id), &proxy);
    }
    Ok(change)
}
