//! What follows when a note comes to wait for the signature of its chart's owner, and when they decide (R068, P-13).

use crate::filed::{Filed, Place};
use api::{Call, Fact, Problem};
use domain::{
    MemberId,
    note::NoteVersion,
    notice::{Notice, NoticeReason},
    record::Record,
};
use store::{Change, keys};

/// The owner is told of a version that waits for them; nobody of one that does not.
pub(crate) fn asked(call: &Call, filed: &Filed, change: Change, fact: Fact) -> (Change, Fact) {
    if !filed.record.awaits_cosignature() {
        return (change, fact);
    }
    let notice = notice(call, filed, filed.chart.owner, NoticeReason::NoteToCosign);
    (change.notify(&notice), fact.detail("cosignature", "pending"))
}

/// What the owner decided stands with the version they decided on, whatever is amended later; its author is told.
pub(crate) async fn decided(
    call: &Call,
    place: &Place,
    filed: &Filed,
    before: &Record,
    reason: NoticeReason,
) -> Result<Change, Problem> {
    let key = keys::note_version(place.chart_id, place.record_id, filed.record.versions());
    let version = call.system.store.fetch([key.any()]).await?.get(&key)?;
    let version = version.ok_or_else(|| Problem::internal("a signed note without its version"))?;
    let version = NoteVersion { cosignature: filed.record.cosignature.clone(), ..version };
    let notice = notice(call, filed, filed.record.author, reason);
    Ok(filed.replacing(place, before).set("version", &key, &version).notify(&notice))
}

fn notice(call: &Call, filed: &Filed, to: MemberId, reason: NoticeReason) -> Notice {
    Notice {
        by: call.member_id().ok(),
        chart_id: Some(filed.chart.id),
        record_id: Some(filed.record.id),
        ..Notice::new(call.new_id(), filed.chart.organization_id, to, reason, call.now)
    }
}
