//! Who stands for a child does so as for one and until the child is of age, whatever is found to be the birth date (R066;
//! 45 CFR 164.502(g)(3)).

use api::{Call, Problem};
use domain::{
    client::Client, consent::Consent, limits::PAGE_ITEMS, member::Member, organization::Organization,
    proxy::Proxy, sharing::end_of,
};
use jiff::civil::Date;
use store::{Change, Key, keys};

/// Those who would stand for a client longer than the client is a child, or see what a child may have come for alone,
/// with a corrected birth date.
pub(crate) struct Cut(Vec<(Proxy, Member)>);

impl Cut {
    /// `before` and `after` are when the client is of age, by what was known and by what is. A birth date
    /// that is taken away says nothing new.
    pub(crate) async fn of(
        call: &Call,
        client: &Client,
        (before, after): (Option<Date>, Option<Date>),
        today: Date,
    ) -> Result<Self, Problem> {
        let Some(majority) = after.filter(|_| after != before) else { return Ok(Self(Vec::new())) };
        let store = &call.system.store;
        let proxies = store.proxies(client.id, None, PAGE_ITEMS).await?.items;
        // Twice as many as stand for a client at most (`CLIENT_PROXIES`), which is one batch.
        let members = proxies.iter().map(|proxy| member_key(proxy).any());
        let consents = proxies.iter().filter_map(consent_key).map(|key| key.any());
        let items = store.fetch(members.chain(consents)).await?;
        let mut cut = Vec::new();
        for proxy in proxies {
            let consent = consent_key(&proxy).map(|key| items.get(&key)).transpose()?.flatten();
            let giver = consent.map(|consent| consent.terms.given_by);
            let Some(proxy) = proxy.cut(giver, majority, today) else { continue };
            cut.extend(items.get(&member_key(&proxy))?.map(|member| (proxy, member)));
        }
        Ok(Self(cut))
    }

    /// The items it writes.
    pub(crate) const fn items(&self) -> usize {
        self.0.len().saturating_mul(2)
    }

    pub(crate) fn write(self, change: Change, organization: &Organization) -> Result<Change, Problem> {
        let zone = organization.policy.time_zone.zone();
        self.0.into_iter().try_fold(change, |change, (proxy, member)| {
            let Some(last_day) = proxy.expires_on else { return Ok(change) };
            let member = member.represent_child_until(proxy.client_id, end_of(last_day, &zone)?);
            Ok(change.replace("member", &member_key(&proxy), &member).replace(
                "proxy",
                &keys::proxy(proxy.client_id, proxy.member_id),
                &proxy,
            ))
        })
    }
}

fn member_key(proxy: &Proxy) -> Key<Member> {
    keys::member(proxy.organization_id, proxy.member_id)
}

/// Where the permission is on which somebody stands for a client, if they need one.
fn consent_key(proxy: &Proxy) -> Option<Key<Consent>> {
    proxy.consent_id.map(|id| keys::consent(proxy.client_id, id))
}
