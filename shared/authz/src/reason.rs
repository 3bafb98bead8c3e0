//! Each policy as a plain sentence, for people who ask why (R052): `policies.cedar` in other words.
//!
//! A sentence speaks of the member who is asked about as "they". Whoever adds a policy adds its sentence.

/// Said where no policy permits and none forbids.
pub const NOTHING_PERMITS: &str = "No rule gives them this: neither their role nor their part in it.";

const SENTENCES: &[(&str, &str)] = &[
    ("other-organization", "It belongs to another organization."),
    ("member-not-active", "They are suspended, or have not signed in yet."),
    ("member-uses-organization", "Every member may."),
    ("colleague-sees-colleagues", "Everybody who works here may."),
    ("client-accounts-are-no-colleagues", "Accounts of clients are an administrator's to see."),
    ("administrator-manages-organization", "They are an administrator of the organization."),
    ("administrator-manages-members", "They are an administrator of its members."),
    ("registrar-keeps-clients", "They are a practitioner or staff, who register and look up clients."),
    ("practitioner-works-with-clients", "They are a practitioner, who works with clients."),
    (
        "chart-holder-keeps-permissions",
        "They are a practitioner who owns a chart of the client, or writes in one.",
    ),
    ("owner-keeps-chart", "They own the chart."),
    ("owner-keeps-record", "They own the chart it is filed in."),
    ("only-author-edits-note", "A note is edited by its author alone."),
    ("draft-is-its-authors", "A draft is its author's alone until it is signed."),
    ("collaborator-reads-chart", "The chart is shared with them."),
    ("collaborator-reads-record", "The whole chart it is filed in is shared with them."),
    ("collaborator-adds", "The chart is shared with them to write in."),
    ("collaborator-edits-own", "They made it, and the chart is shared with them to write in."),
    ("collaborators-wait", "The owner is handing the chart over; who shares it waits until that is decided."),
    ("administrator-ends-sharing", "They are an administrator, who may end what is shared and never share."),
    ("kept-apart-from-sharing", "It is kept apart from the chart, and no share reaches it."),
    ("private-is-its-authors", "Private and psychotherapy notes are their author's alone."),
    ("recipient-answers", "The chart is offered to them."),
    ("former-owner-reads-copy", "They handed the chart over and kept a copy."),
    ("former-owner-reads-copied-record", "They handed the chart over, and it is in the copy they kept."),
    ("residue-is-sealed", "It was left out when the chart was handed over, and is sealed since."),
    ("coordinator-hands-charts-on", "They are a coordinator, who hands charts on and never sees into them."),
    ("coordinator-sees-caseloads", "They are a coordinator, who sees who has how many charts."),
    ("offerer-takes-offer-back", "They are the coordinator who began the offer."),
    (
        "administrators-control-escrow",
        "They are an administrator; two of them together open a chart for a legal cause.",
    ),
    (
        "facilitator-is-not-in-control",
        "They own the chart, and take no part in opening it for a legal cause.",
    ),
    ("facilitator-knows-escrow", "They own the chart, and know who opens it for a legal cause."),
    ("escrow-opens-chart", "Two administrators, they among them, have opened the chart for a legal cause."),
    ("escrow-opens-record", "Two administrators, they among them, have opened its chart for a legal cause."),
    ("colleague-knows-schedule", "Everybody who works here may know how long records are kept."),
    ("records-manager-keeps-retention", "They are a records manager, who sees to the end of records."),
    ("administrator-oversees-retention", "They are an administrator, who oversees the end of records."),
    ("auditor-reads-certificates", "They are an auditor, who reads what was destroyed and by whom."),
    ("records-manager-keeps-holds", "They are a records manager or an administrator, who keep legal holds."),
    ("custodian-knows-hold", "They are a custodian of the hold."),
    ("facts-of-retention", "They are a practitioner or a records manager, who record what decides how long."),
    ("owner-knows-retention", "They own the chart, and know how long its records are kept."),
    ("records-manager-asks-why", "They are a records manager, who asks how long a record is kept."),
    (
        "records-manager-sees-what-is-gone",
        "They are a records manager or an auditor, who see what was destroyed.",
    ),
    ("client-sees-own-charts", "It is their own file, or that of somebody they stand for."),
    ("client-reads-own-chart", "The chart is about them, or about somebody they stand for."),
    ("client-is-no-colleague", "Their account is a client's, who sees what is for them and nothing else."),
    ("client-reads-what-is-for-them", "It was written for them, or for somebody they stand for."),
    ("practitioner-begins-sessions", "They are a practitioner, who holds sessions."),
    (
        "practitioner-sees-sessions-of-client",
        "They are a practitioner, and see the sessions they hold with a client.",
    ),
    ("facilitator-holds-session", "They are a facilitator of the session."),
    ("facilitator-takes-answers", "They are a facilitator of the session."),
    (
        "client-answers-for-themselves",
        "It is their own part in the session, or that of somebody they may answer for.",
    ),
    ("client-sees-own-sessions", "They are the client, or stand for them."),
    (
        "center-reads-session",
        "They are an administrator of the service center the session is associated with.",
    ),
    ("administrator-keeps-center", "They are an administrator of the organization."),
    ("user-level-session-access", "Their own permissions leave out seeing what is typed."),
    ("user-level-session-edit", "Their own permissions leave out editing what is typed."),
    ("user-level-session-delete", "Their own permissions leave out striking out what is typed."),
    ("user-level-session-add", "Their own permissions leave out adding what is typed."),
    ("colleague-begins-spaces", "Everybody who works here may begin a space."),
    ("member-uses-space", "They are in the space."),
    ("client-is-in-no-space", "A person whose records these are is in no space."),
    (
        "administrator-is-steward-of-spaces",
        "They are an administrator, who looks after spaces that everybody has left.",
    ),
    ("records-room-handles-folders", "They are staff or a records manager, who fetch and file the folders."),
    (
        "records-room-knows-places",
        "They are staff, a records manager or a practitioner, who know the places of folders.",
    ),
    ("records-room-keeps-places", "They are staff, a records manager or an administrator, who keep places."),
    ("records-room-keeps-inventory", "They are staff or a records manager, who take stock of folders."),
    ("incidents-are-assessed", "They are an administrator or a records manager, who assess what was lost."),
    ("user-level-inventory", "Their own permissions leave out seeing folders."),
    ("user-level-import", "Their own permissions leave out adding folders."),
    ("auditor-reads-trail", "They are an auditor or an administrator, who read the audit trail."),
    ("member-reads-own-trail", "It is their own trail."),
    ("practitioner-reads-client-trail", "They are a practitioner, who reads the trail of a client."),
    ("user-level-access", "Their own permissions leave out seeing records of this type."),
    ("user-level-edit", "Their own permissions leave out editing records of this type."),
    ("user-level-delete", "Their own permissions leave out striking out records of this type."),
    ("record-level-access", "The record's own permissions leave out that they see it."),
    ("record-level-edit", "The record's own permissions leave out that they edit it."),
    ("record-level-delete", "The record's own permissions leave out that they strike it out."),
    ("user-level-chart-access", "Their own permissions leave out seeing records of any type."),
    (
        "user-level-open-contribution",
        "Their own permissions leave out seeing files, and what was sent is one.",
    ),
    ("user-level-add-data", "Their own permissions leave out adding notes."),
    ("user-level-add-physical", "Their own permissions leave out adding folders."),
    ("user-level-add-electronic", "Their own permissions leave out adding files."),
];

/// What a policy says, in a sentence.
pub fn sentence(policy_id: &str) -> &'static str {
    let found = SENTENCES.iter().find(|(id, _)| *id == policy_id);
    found.map_or("A rule of the organization decides it.", |(_, sentence)| *sentence)
}

/// What the policies that decided say, in sentences.
pub fn sentences(policies: &[String]) -> String {
    if policies.is_empty() {
        return NOTHING_PERMITS.to_owned();
    }
    let said: Vec<&str> = policies.iter().map(|policy| sentence(policy)).collect();
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Authorizer;
    use std::collections::BTreeSet;

    #[test]
    fn every_policy_has_one_sentence() {
        let told: BTreeSet<String> = SENTENCES.iter().map(|(id, _)| (*id).to_owned()).collect();
        let there_are: BTreeSet<String> = Authorizer::new().unwrap().policy_ids().into_iter().collect();
        assert_eq!(told, there_are, "policies with a sentence, and policies");
        assert_eq!(told.len(), SENTENCES.len(), "each has one");
    }

    #[test]
    fn sentences_are_sentences() {
        for (id, sentence) in SENTENCES {
            let starts = sentence.starts_with(|first: char| first.is_uppercase());
            assert!(starts && sentence.ends_with('.') && sentence.len() < 120, "{id}: {sentence}");
        }
        let both = sentences(&["owner-keeps-record".into(), "collaborator-edits-own".into()]);
        assert_eq!(
            both,
            "They own the chart it is filed in. They made it, and the chart is shared with them to write in."
        );
        assert_eq!(sentences(&[]), NOTHING_PERMITS);
    }
}
