//! The certificate of a disposition whose records have all come to their end: signed, kept for ever, and told of
//! (R155).

use crate::{batch::Batch, worker::raced};
use api::{Fact, Problem};
use domain::{
    MemberId,
    disposition::{Disposition, DispositionItem},
    member::Member,
    notice::{Notice, NoticeReason},
};
use evidence::{
    Kind,
    certificate::{self, Head, Signed},
};
use std::collections::BTreeSet;
use store::{Change, Key, keys};

/// Which version of us has destroyed.
const SOFTWARE: &str = concat!("strongroom ", env!("CARGO_PKG_VERSION"));

/// Certifies it. If somebody else has done so meanwhile, theirs is the certificate.
pub(crate) async fn certify(batch: &Batch<'_>, items: &[DispositionItem]) -> Result<(), Problem> {
    let worker = batch.worker;
    let disposition = batch.disposition().await?;
    if !disposition.is_executing() {
        return Ok(());
    }
    let certified = disposition.certify(worker.now)?;
    let members = members(batch, &certified, items).await?;
    let head = Head::of(certificate::Batch {
        organization: &batch.organization,
        disposition: &certified,
        items,
        members: &members,
        software: SOFTWARE,
    })
    .map_err(Problem::internal)?;
    let signed = signed(batch, &head).await?;
    let fact = Fact::new()
        .disposition(batch.id)
        .detail("destroyed", head.destroyed.records)
        .detail("left_out", head.left_out.values().sum::<u32>())
        .detail("root", head.destroyed.root)
        .detail("certificate_sha256", signed.sha256)
        .detail("key_sha256", signed.key_sha256);
    let (organization_id, id) = (batch.organization.id, batch.id);
    let change = Change::new()
        .insert("certificate", &keys::certificate(id), &signed)
        .replace("disposition", &keys::disposition(id), &certified)
        .unset("executing", &keys::executing(organization_id, id));
    let told = told(batch, &certified).await?;
    let change = told.into_iter().fold(change, |change, member| {
        let reason = NoticeReason::RecordsDestroyed;
        change.notify(&Notice {
            disposition_id: Some(id),
            records: Some(head.destroyed.records),
            ..Notice::new(worker.new_id(), organization_id, member, reason, worker.now)
        })
    });
    let evidence = worker.evidence(&batch.permit, Kind::DispositionCertified, fact);
    raced(worker.store().commit(&batch.permit, change, &evidence, None).await).map(drop)
}

async fn signed(batch: &Batch<'_>, head: &Head) -> Result<Signed, Problem> {
    let (vault, text) = (&batch.worker.system.vault, head.text());
    let (signature, key) =
        tokio::try_join!(vault.sign_document(&batch.permit, text.as_bytes()), vault.custody_key())?;
    Signed::new(batch.id, text, signature.text, signature.key_id, key.pem).map_err(Problem::internal)
}

/// Whoever the certificate names.
async fn members(
    batch: &Batch<'_>,
    disposition: &Disposition,
    items: &[DispositionItem],
) -> Result<Vec<Member>, Problem> {
    let named = certificate::people(disposition, items);
    let wanted: Vec<Key<Member>> =
        named.into_iter().map(|member| keys::member(batch.organization.id, member)).collect();
    let found = batch.worker.store().fetch_all(wanted.iter().map(Key::any)).await?;
    let members = wanted.iter().map(|key| found.get(key)).collect::<Result<Vec<_>, _>>()?;
    Ok(members.into_iter().flatten().collect())
}

/// The records managers, and whoever had a part in it. Owners of charts are told with the next digest.
async fn told(batch: &Batch<'_>, disposition: &Disposition) -> Result<BTreeSet<MemberId>, Problem> {
    let managers = appraisal::managers(batch.worker.store(), batch.organization.id).await?;
    let approved = disposition.approvals.iter().map(|approval| approval.by);
    Ok(managers.into_iter().chain(approved).chain([batch.proposed_by, batch.executed_by]).collect())
}
