//! Sends the e-mail of what the table's stream brings: a notice that somebody was given, a digest, or that a message
//! which was not sent is to be tried again (R150, P-10).
//!
//! What is sent stands in the table before it is sent: a notice is written with what it tells of, and becomes a message
//! here; a digest is written as one. Whoever sends a message claims it first, and marks it when it is out. An error of
//! SES puts it back, and the stream brings it again, and nothing that follows it before; for half a day. Then it is left
//! as it stands, and what follows becomes messages too, before the stream has forgotten it. The sweep finds every day
//! what was left, and has the stream bring it once more (`Recall`). Only where a sender dies between SES's yes and the mark can one go
//! out twice: SES has no token by which it would know the second, and a message lost would be worse. Both carry the same
//! reference, the message's id.

use crate::letter::Letter;
use api::{Fact, Problem, StreamEvent, StreamRecord, System};
use authz::{Action, Permit};
use domain::{
    MessageId,
    member::{Member, MemberStatus},
    message::{Message, MessageError, MessageLine, MessageState, is_left},
    notice::Notice,
    organization::Organization,
};
use evidence::Kind;
use jiff::Timestamp;
use post::{Mail, MailError, Outgoing};
use serde_json::Value;
use std::sync::Arc;
use store::{Change, Key, Recall, StoreError, keys};

pub(crate) const FUNCTION: &str = "notify";

/// Handles a batch of the stream. From what failed on it is brought again; what was sent is not sent twice.
pub(crate) async fn handle(system: Arc<System>, event: Value) -> Result<Value, Problem> {
    let batch = StreamEvent::parse(event)?;
    let sender = Sender { mail: Mail::new(&system)?, system };
    for record in &batch.records {
        if let Err(problem) = sender.deliver(record).await {
            tracing::warn!(code = problem.code(), cause = %problem, "a message waits");
            return Ok(batch.failed_from(record));
        }
    }
    Ok(batch.done())
}

struct Sender {
    system: Arc<System>,
    mail: Mail,
}

/// A message the stream tells of. What stands in the table counts, not what the stream saw there.
struct Told {
    key: Key<Message>,
    /// As it begins, where it is made of a notice.
    new: Option<Message>,
    /// Since when the stream tells of it.
    since: Timestamp,
}

/// A message that was taken to be sent, and nobody else sends now.
struct Taken {
    message: Message,
    permit: Permit,
    /// Since when the stream brings it.
    since: Timestamp,
}

impl Told {
    /// What a record of the stream says there is to be sent.
    fn by(record: &StreamRecord) -> Result<Option<Self>, Problem> {
        if let Some(Recall { organization_id, message_id, at }) = record.new_item::<Recall>()? {
            let key = keys::message(organization_id, message_id);
            return Ok(Some(Self { key, new: None, since: at }));
        }
        if let Some(notice) = record.new_item::<Notice>()? {
            return Ok((!notice.in_digest).then(|| Self::new(of_notice(&notice))));
        }
        Ok(record.new_item::<Message>()?.map(|message| Self { new: None, ..Self::new(message) }))
    }

    fn new(message: Message) -> Self {
        let (key, since) = (keys::message(message.organization_id, message.id), message.written_at);
        Self { key, new: Some(message), since }
    }
}

impl Sender {
    async fn deliver(&self, record: &StreamRecord) -> Result<(), Problem> {
        let now = self.system.now();
        let Some(told) = Told::by(record)? else { return Ok(()) };
        match self.take(told, now).await? {
            Some(taken) => self.send(taken, record, now).await,
            None => Ok(()),
        }
    }

    /// Claims a message; `None` if it is out already, or gone. One that somebody else has taken comes again later: they
    /// may not have lived to send it.
    async fn take(&self, told: Told, now: Timestamp) -> Result<Option<Taken>, Problem> {
        let Told { key, new, since } = told;
        let kept: Option<Message> = self.system.store.fetch([key.any()]).await?.get(&key)?;
        let is_new = kept.is_none();
        let message = kept.or(new).filter(|message| now < message.forgotten_at());
        let Some(message) = message else { return Ok(None) };
        let permit = Permit::for_function(FUNCTION, message.organization_id, Action::SendMessages);
        let message = match message.claim(now) {
            Ok(message) => message,
            Err(MessageError::Ended) => return Ok(None),
            Err(MessageError::Underway) => return Err(Problem::unavailable(MessageError::Underway)),
        };
        let change = match is_new {
            true => Change::new().insert("message", &key, &message),
            false => Change::new().replace("message", &key, &message),
        };
        self.system.store.note(&permit, change).await?;
        let revision = if is_new { message.revision } else { message.revision.saturating_add(1) };
        Ok(Some(Taken { message: Message { revision, ..message }, permit, since }))
    }

    async fn send(&self, taken: Taken, record: &StreamRecord, now: Timestamp) -> Result<(), Problem> {
        let sent = match self.outgoing(&taken.message).await? {
            Ok(outgoing) => self.mail.send(outgoing).await.map(|_| ()),
            Err(reason) => return self.give_up(taken, reason, record, now).await,
        };
        match sent {
            Ok(()) => {
                let message = taken.message.clone().sent(now);
                self.settle(&taken, &message, Kind::MessageSent, "sent", record, now).await
            }
            Err(MailError::Refused(why)) => {
                tracing::warn!(cause = %why, "an e-mail is refused");
                self.give_up(taken, "refused", record, now).await
            }
            Err(error) => self.put_back(taken, error, now).await,
        }
    }

    /// SES does not take it now. It comes again, or is left to the work of a day: it stands in the table either way.
    async fn put_back(&self, taken: Taken, error: MailError, now: Timestamp) -> Result<(), Problem> {
        let key = keys::message(taken.message.organization_id, taken.message.id);
        let message = taken.message.put_back();
        let change = Change::new().replace("message", &key, &message);
        self.system.store.note(&taken.permit, change).await?;
        if is_left(taken.since, now) {
            tracing::error!(message_id = %message.id, cause = %error, "a message is left to the work of a day");
            return Ok(());
        }
        Err(error.into())
    }

    async fn give_up(
        &self,
        taken: Taken,
        reason: &'static str,
        record: &StreamRecord,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let message = taken.message.clone().give_up(reason, now);
        self.settle(&taken, &message, Kind::MessageGivenUp, reason, record, now).await
    }

    /// What became of a message, with the evidence of it. Somebody else can have come to the same end before.
    async fn settle(
        &self,
        taken: &Taken,
        message: &Message,
        kind: Kind,
        outcome: &'static str,
        record: &StreamRecord,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let key = keys::message(message.organization_id, message.id);
        let change = Change::new().replace("message", &key, message);
        let fact = Fact::new()
            .member(message.member_id)
            .detail("message", message.id)
            .detail("lines", message.lines.len())
            .detail("outcome", outcome);
        let system = &self.system;
        let evidence = system.evidence_by_itself(&taken.permit, kind, now, &record.sequence, fact);
        match system.store.commit(&taken.permit, change, &evidence, None).await {
            Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The e-mail, or why there is none.
    async fn outgoing(&self, message: &Message) -> Result<Result<Outgoing, &'static str>, Problem> {
        let organization_key = keys::organization(message.organization_id);
        let member_key = keys::member(message.organization_id, message.member_id);
        let found = self.system.store.fetch([organization_key.any(), member_key.any()]).await?;
        let organization: Option<Organization> = found.get(&organization_key)?;
        let member: Option<Member> = found.get(&member_key)?;
        let (Some(organization), Some(member)) = (organization, member) else { return Ok(Err("no_member")) };
        if member.status == MemberStatus::Suspended {
            return Ok(Err("suspended"));
        }
        let portal_origin = &self.system.settings.portal_origin;
        let Letter { subject, text } = Letter::new(organization.name.as_str(), &message.lines, portal_origin);
        let to = member.email.as_str().to_owned();
        Ok(Ok(Outgoing { to, subject, text, html: None, reference: message.id.to_string() }))
    }
}

/// The message of a notice: the same for the same notice, however often it comes.
fn of_notice(notice: &Notice) -> Message {
    let count = notice.records.unwrap_or(1);
    Message {
        id: MessageId::new(notice.id.uuid()),
        organization_id: notice.organization_id,
        member_id: notice.member_id,
        lines: vec![MessageLine { reason: notice.reason, count, due_on: notice.due_on, duty: notice.duty }],
        written_at: notice.at,
        state: MessageState::Pending,
        revision: 1,
    }
}
