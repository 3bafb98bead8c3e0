//! What waits in the inbox of a chart's owner and goes with the chart: what its client has sent and nobody has decided
//! on, and the wish for another intake link.

use api::{Call, Fact, Problem};
use authz::Permit;
use domain::{
    MemberId,
    chart::Chart,
    contribution::Contribution,
    intake::IntakeLink,
    limits::{INBOX_STEP, PAGE_ITEMS},
};
use evidence::{Evidence, Kind};
use std::collections::BTreeSet;
use store::{Change, InboxEntry, RenewalEntry, keys};

/// What waits, and the links over which more may come.
pub(crate) struct Waiting {
    contributions: Vec<Contribution>,
    links: Vec<IntakeLink>,
}

impl Waiting {
    pub(crate) async fn of(call: &Call, chart: &Chart) -> Result<Self, Problem> {
        // The links first: what comes over one of them since has changed it.
        let links = known(call, chart).await?;
        Ok(Self { contributions: undecided(call, chart).await?, links })
    }

    /// Moves everything from the inbox of `from` to the inbox of the chart's owner.
    ///
    /// The links are written unchanged: what comes over one of them at the same moment comes before, and is moved too,
    /// or after, and finds the new owner.
    pub(crate) fn moved(&self, change: Change, chart: &Chart, from: MemberId) -> Change {
        let organization = chart.organization_id;
        let change = self.contributions.iter().fold(change, |change, sent| {
            let contribution = Contribution { recipient: chart.owner, ..sent.clone() };
            let entry = InboxEntry { chart_id: chart.id, contribution_id: contribution.id };
            let change = change
                .replace("contribution", &keys::contribution(chart.id, contribution.id), &contribution)
                .set("inbox entry", &keys::inbox_entry(organization, chart.owner, contribution.id), &entry);
            // What was put ahead of an earlier transfer is in the inbox it came to, too.
            let known = BTreeSet::from([sent.recipient, from]).into_iter();
            known.filter(|member| *member != chart.owner).fold(change, |change, member| {
                change.unset("inbox entry", &keys::inbox_entry(organization, member, sent.id))
            })
        });
        self.links.iter().fold(change, |change, link| {
            let change = change.replace("intake link", &keys::link(chart.id, link.id), link);
            if link.renewal_requested_at.is_none() {
                return change;
            }
            let entry = RenewalEntry { chart_id: chart.id, link_id: link.id };
            change.unset("renewal entry", &keys::renewal_entry(organization, from, link.id)).set(
                "renewal entry",
                &keys::renewal_entry(organization, chart.owner, link.id),
                &entry,
            )
        })
    }
}

impl Waiting {
    /// Puts what waits into the inbox of the chart's owner ahead of the transfer, in as many transactions as it takes:
    /// for more than one transaction moves, when nobody is left who could decide on it first.
    ///
    /// Until the chart is theirs these rows show nothing to anybody. The former owner's rows and the contributions
    /// themselves stay as they are: a row is shown to whose chart it is of.
    pub(crate) async fn copied_ahead(
        &self,
        call: &Call,
        permit: &Permit,
        chart: &Chart,
    ) -> Result<(), Problem> {
        let (organization, to) = (chart.organization_id, chart.owner);
        for step in self.contributions.chunks(INBOX_STEP) {
            let change = step.iter().fold(Change::new(), |change, sent| {
                let entry = InboxEntry { chart_id: chart.id, contribution_id: sent.id };
                change.set("inbox entry", &keys::inbox_entry(organization, to, sent.id), &entry)
            });
            copied(call, permit, chart, change, step.len()).await?;
        }
        let asked: Vec<&IntakeLink> =
            self.links.iter().filter(|link| link.renewal_requested_at.is_some()).collect();
        for step in asked.chunks(INBOX_STEP) {
            let change = step.iter().fold(Change::new(), |change, link| {
                let entry = RenewalEntry { chart_id: chart.id, link_id: link.id };
                change.set("renewal entry", &keys::renewal_entry(organization, to, link.id), &entry)
            });
            copied(call, permit, chart, change, step.len()).await?;
        }
        Ok(())
    }

    /// The links, written unchanged: what has come over one of them since it was copied ahead refuses the transfer,
    /// which is tried again.
    pub(crate) fn fenced(&self, change: Change, chart: &Chart) -> Change {
        self.links
            .iter()
            .fold(change, |change, link| change.replace("intake link", &keys::link(chart.id, link.id), link))
    }
}

async fn copied(
    call: &Call,
    permit: &Permit,
    chart: &Chart,
    change: Change,
    entries: usize,
) -> Result<(), Problem> {
    let fact = Fact::new().client(chart.client_id).chart(chart.id).detail("entries", entries);
    let evidence = Evidence { kind: Kind::InboxHandedOn, ..call.evidence(permit, fact) };
    Ok(call.system.store.commit(permit, change, &evidence, None).await?)
}

async fn undecided(call: &Call, chart: &Chart) -> Result<Vec<Contribution>, Problem> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = call.system.store.contributions(chart.id, after.as_deref(), PAGE_ITEMS).await?;
        found.extend(page.items.into_iter().filter(|contribution| contribution.decision.is_none()));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

/// The links whose bearers are still known: something may come over them, or is asked for.
async fn known(call: &Call, chart: &Chart) -> Result<Vec<IntakeLink>, Problem> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    let is_known = |link: &IntakeLink| {
        let live = link.revoked_at.is_none() && call.now < link.known_until();
        live || link.renewal_requested_at.is_some()
    };
    loop {
        let page = call.system.store.links(chart.id, after.as_deref(), PAGE_ITEMS).await?;
        found.extend(page.items.into_iter().filter(is_known));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}
