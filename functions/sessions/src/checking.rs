//! The rules of Oregon, asked about a session: what they find is the same for the facilitators and for the center
//! (R110).

use crate::{
    center::{self, Center},
    people,
    recorded::{self, EntryView},
};
use api::{Call, Problem};
use authz::Permit;
use domain::{
    ParticipantId,
    facilitation::{
        Act, Administration, Answers, Code, Content, FacilitatedSession, Facts, Finding, ItemCode, OhaForm,
        Opened, Part, Person, check, must_allow,
    },
};
use serde_json::json;
use std::collections::BTreeMap;
use vault::RecordKey;

const CONSENT: ItemCode = ItemCode::Oha(OhaForm::DisclosureConsent);

/// What is looked at of what was recorded.
fn is_looked_at(part: Part) -> bool {
    part == Part::Administration || part == Part::Item(CONSENT)
}

/// What the rules find in a session whose newest entries are open.
pub(crate) async fn findings(
    call: &Call,
    session: &FacilitatedSession,
    persons: &BTreeMap<ParticipantId, Person>,
    entries: &[EntryView],
    given: Option<(ParticipantId, &Administration)>,
) -> Result<Vec<Finding>, Problem> {
    let Some(center_id) =
        session.center.as_ref().filter(|center| center.oregon).map(|one| one.organization_id)
    else {
        return Ok(Vec::new());
    };
    let center = center::find(call, center_id, session.organization_id, []).await?;
    let Some(center) = center else {
        return Err(Problem::internal("a session at a center without a profile"));
    };
    let opened: Vec<Opened> = session
        .present()
        .filter_map(|participant| {
            let person = persons.get(&participant.id)?.clone();
            Some(opened(participant.id, person, entries, given))
        })
        .collect();
    let Center { profile, zone, .. } = &center;
    let license = Some(&profile.license);
    let facts = Facts { session, opened: &opened, license, zone, today: center.today(call) };
    Ok(check(&facts))
}

fn opened(
    participant_id: ParticipantId,
    person: Person,
    entries: &[EntryView],
    given: Option<(ParticipantId, &Administration)>,
) -> Opened {
    let mut opened = Opened { participant_id, person, administration: None, consent: None };
    for entry in entries.iter().filter(|entry| entry.participant_id == participant_id) {
        match &entry.content {
            Content::Administration(administration) => {
                opened.administration = Some((**administration).clone());
            }
            Content::Item { answers: Answers::DisclosureConsent(consent) } => {
                opened.consent = Some(consent.clone());
            }
            Content::Item { .. } | Content::Integration(_) => {}
        }
    }
    if let Some((_, administration)) = given.filter(|(id, _)| *id == participant_id) {
        opened.administration = Some(administration.clone());
    }
    opened
}

/// What an act is about, when the rules are asked whether it may be done.
pub(crate) struct Asked<'a> {
    pub(crate) act: Act,
    /// Everybody, if nobody is named.
    pub(crate) participant_id: Option<ParticipantId>,
    /// What is about to be recorded.
    pub(crate) given: Option<&'a Administration>,
}

/// Whether the act may be done with the session as it would be; the codes of the rules it goes against come back when
/// it may be done against them, with a reason.
pub(crate) async fn must_be_allowed(
    call: &Call,
    permit: &Permit,
    session: &FacilitatedSession,
    keys: &BTreeMap<ParticipantId, RecordKey>,
    asked: Asked<'_>,
) -> Result<Vec<Code>, Problem> {
    if session.center.as_ref().is_none_or(|center| !center.oregon) {
        return Ok(Vec::new());
    }
    let persons = people::persons(session, keys, permit)?;
    let given = asked.participant_id.zip(asked.given);
    // What is about to be recorded is not there yet; it stands in the place of what is.
    let wanted = |part| is_looked_at(part) && (given.is_none() || part != Part::Administration);
    let entries = recorded::newest(call, session, permit, keys, wanted).await?;
    let findings = findings(call, session, &persons, &entries, given).await?;
    let deviation = asked.given.is_some_and(|given| given.deviation.is_some());
    must_allow(&findings, asked.act, asked.participant_id, deviation).map_err(|error| {
        let against: Vec<Finding> = findings
            .into_iter()
            .filter(|finding| finding.blocks.is_some_and(|blocked| blocked <= asked.act))
            .filter(|finding| {
                asked.participant_id.is_none() || finding.participant_id == asked.participant_id
            })
            .collect();
        Problem::from(error).with("findings", json!(against))
    })
}
