//! What an e-mail says: how many things of which kind wait, by when, and where to look. It names no client, no record,
//! no case and nobody who did anything: e-mail is read by others than its addressee (R150, P-10).

use domain::{message::MessageLine, notice::NoticeReason, retention::NoticeDuty};
use std::fmt::Write;

/// An e-mail as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Letter {
    /// What a member of an organization is written of the lines; `portal_origin` is where they look.
    pub(crate) fn new(organization: &str, lines: &[MessageLine], portal_origin: &str) -> Self {
        let subject = match lines {
            [line] => format!("{organization}: {}", lowercased(&sentence(line))),
            _ => format!("{organization}: {} things to look at", lines.len()),
        };
        let mut text = String::new();
        for line in lines {
            // Writing to a string does not fail.
            let _ = writeln!(text, "- {}{}", sentence(line), asked(line.duty));
        }
        let _ = write!(
            text,
            "\nLook into your inbox: {portal_origin}/app/inbox/notices\n\nThis message says nothing of whom or what \
             it is about. You are a member of {organization} in Strongroom.\n"
        );
        Self { subject: subject.trim_end_matches('.').to_owned(), text }
    }
}

fn lowercased(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// One line in words.
fn sentence(line: &MessageLine) -> String {
    let MessageLine { reason, count, due_on, .. } = *line;
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    let by = due_on.map(|day| format!(" on {day}")).unwrap_or_default();
    match reason {
        NoticeReason::RetentionEnding => format!("The time of {records} ends{by}."),
        NoticeReason::RetentionEnded => {
            format!("The time of {records} has ended, and they can be proposed for disposition.")
        }
        NoticeReason::RetentionUnknown => {
            let charts = if count == 1 { "1 chart".to_owned() } else { format!("{count} charts") };
            format!("Too little is known of {charts} to say how long their records are kept.")
        }
        NoticeReason::RecordsDestroyed => format!("{records} were destroyed, and a certificate says so."),
        NoticeReason::IncidentToAssess if count > 1 => {
            format!("{count} folders were lost or harmed. Assess whether that is a breach.")
        }
        NoticeReason::HoldToReaffirm => format!("A legal hold has to be reaffirmed{by}."),
        other => told(other).to_owned(),
    }
}

/// What the law asks for before any of the records is destroyed, as a sentence behind the line's own.
const fn asked(duty: Option<NoticeDuty>) -> &'static str {
    match duty {
        Some(NoticeDuty::Client) => " The law asks that patients be told before the records are destroyed.",
        Some(NoticeDuty::Client30Days) => {
            " The law asks that patients be told 30 days before the records are destroyed."
        }
        Some(NoticeDuty::ClientByMail) => {
            " The law asks that patients be told by mail before the records are destroyed."
        }
        Some(NoticeDuty::HealthAuthority) => {
            " The law asks that the health authority be told before the records are destroyed."
        }
        _ => "",
    }
}

const fn told(reason: NoticeReason) -> &'static str {
    match reason {
        NoticeReason::ChartShared => "A chart was shared with you.",
        NoticeReason::SharingChanged => "What you may do with a shared chart has changed.",
        NoticeReason::SharingEnded => "A chart is no longer shared with you.",
        NoticeReason::CollaboratorLeft => "A collaborator has left a chart of yours.",
        NoticeReason::GrantRevoked => "An administrator has ended a share of a chart of yours.",
        NoticeReason::NoteToCosign => "A note waits for your co-signature.",
        NoticeReason::NoteCosigned => "A note of yours was co-signed.",
        NoticeReason::NoteReturned => "A note of yours was sent back to you.",
        NoticeReason::TransferOffered => "A chart is offered to you.",
        NoticeReason::TransferAccepted => "A chart you handed over was accepted.",
        NoticeReason::TransferDeclined => "A chart you handed over was declined.",
        NoticeReason::TransferWithdrawn => "A chart that was offered to you is offered no longer.",
        NoticeReason::ProxyAppointed => "Somebody was appointed to stand for the person of a chart of yours.",
        NoticeReason::SpaceInvitation => "You were invited to a collaborative space.",
        NoticeReason::SessionAssociated => "A session was associated with your service center.",
        NoticeReason::SessionReleased => "A session was released by its service center.",
        NoticeReason::FormToCounterSign => "A form of a session waits for your counter-signature.",
        NoticeReason::FormToAnswer => "A form of a session waits for your answers.",
        NoticeReason::ParticipantNotified => {
            "Somebody was told that a form of a session waits for their answers."
        }
        NoticeReason::HoldPlaced => {
            "You are a custodian of a legal hold. Read it and say that you know of it."
        }
        NoticeReason::HoldReleased => "A legal hold you are a custodian of was released.",
        NoticeReason::RecordsHeld => "A legal hold keeps records: nothing it covers is destroyed.",
        NoticeReason::RecordsReleased => "A legal hold that kept records was released.",
        NoticeReason::DispositionToApprove => "A disposition waits for your approval.",
        NoticeReason::DispositionApproved => "A disposition was approved, and can be executed.",
        NoticeReason::DispositionRejected => "A disposition was rejected.",
        NoticeReason::DestructionOrdered => "Paper is to be destroyed, with a witness.",
        NoticeReason::DestructionWithdrawn => "Paper that was to be destroyed is not to be destroyed.",
        NoticeReason::IncidentToAssess => "A folder was lost or harmed. Assess whether that is a breach.",
        NoticeReason::EscrowRequested => "An administrator asked to open a chart of yours for a legal cause.",
        NoticeReason::EscrowToApprove => "Another administrator asked to open a chart. Approve or refuse it.",
        NoticeReason::EscrowApproved => "A chart was opened to two administrators for a legal cause.",
        NoticeReason::EscrowRefused => "A chart that was to be opened for a legal cause stays closed.",
        NoticeReason::EscrowEnded => "A chart is no longer open to administrators.",
        _ => "Something waits in your inbox.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn line(reason: NoticeReason, count: u32) -> MessageLine {
        MessageLine { reason, count, due_on: Some(date(2033, 3, 1)), duty: None }
    }

    #[test]
    fn one_thing_is_the_subject_and_several_are_counted() {
        let one =
            Letter::new("North Clinic", &[line(NoticeReason::ChartShared, 1)], "https://portal.example");
        assert_eq!(one.subject, "North Clinic: a chart was shared with you");
        assert!(one.text.contains("https://portal.example/app/inbox/notices"), "{}", one.text);
        let lines = [line(NoticeReason::RetentionEnding, 3), line(NoticeReason::RetentionEnded, 1)];
        let digest = Letter::new("North Clinic", &lines, "https://portal.example");
        assert_eq!(digest.subject, "North Clinic: 2 things to look at");
        assert!(
            digest.text.starts_with("- The time of 3 records ends on 2033-03-01.\n- The time of 1 record ")
        );
    }

    /// R150: what the law asks for is said in words for each duty that keeps a destruction waiting.
    #[test]
    fn whom_the_law_wants_told_is_said_behind_the_records() {
        let text = |duty| {
            let line = MessageLine { duty: Some(duty), ..line(NoticeReason::RetentionEnding, 3) };
            Letter::new("North Clinic", &[line], "https://portal.example").text
        };
        let told =
            "- The time of 3 records ends on 2033-03-01. The law asks that patients be told 30 days before";
        assert!(text(NoticeDuty::Client30Days).starts_with(told), "{}", text(NoticeDuty::Client30Days));
        for duty in NoticeDuty::ALL {
            let said = text(*duty).contains("The law asks");
            assert_eq!(said, duty.days_before().is_some(), "{}", duty.name());
        }
    }

    #[test]
    fn every_reason_is_told_apart_from_the_others() {
        let all = NoticeReason::ALL.map(|reason| sentence(&line(reason, 2)));
        let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{all:#?}");
        assert!(all.iter().all(|sentence| sentence.ends_with('.')), "{all:#?}");
    }
}
