//! Sending e-mail through SES, from the one address that is the product's.

use api::{Problem, System};
use aws_sdk_sesv2::{
    Client,
    config::Builder,
    error::{BuildError, DisplayErrorContext},
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag},
};

/// Where an e-mail says which one of ours it is: whoever gets one twice, or finds it bounced, can tell.
const REFERENCE_HEADER: &str = "X-Strongroom-Reference";

/// Who sends e-mail.
#[derive(Clone, Debug)]
pub struct Mail {
    client: Client,
    from: String,
}

/// An e-mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// Which one of ours it is: letters, digits, `-` and `_`.
    pub reference: String,
}

/// Whom it is for, and what it says, is nothing for a log.
impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing({})", self.reference)
    }
}

/// An e-mail could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The function was not told where e-mail comes from.
    #[error("`STRONGROOM_MAIL_FROM` is not set")]
    Unset,
    /// This one will not be sent, however often it is tried.
    #[error("the e-mail is refused: {0}")]
    Refused(String),
    /// It may be sent another time; it may even have been sent.
    #[error("e-mail cannot be sent: {0}")]
    Unavailable(String),
}

impl From<BuildError> for MailError {
    fn from(error: BuildError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<MailError> for Problem {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Unavailable(_) => Self::unavailable(error),
            MailError::Unset | MailError::Refused(_) => Self::internal(error),
        }
    }
}

impl Mail {
    pub fn new(system: &System) -> Result<Self, MailError> {
        let from = system.settings.mail_from.clone().ok_or(MailError::Unset)?;
        let config = Builder::from(&system.sdk_config()).interceptor(system.meter.clone()).build();
        Ok(Self { client: Client::from_conf(config), from })
    }

    /// Hands an e-mail to SES, and gives the id that SES knows it by.
    pub async fn send(&self, outgoing: Outgoing) -> Result<String, MailError> {
        let Outgoing { to, subject, text, html, reference } = outgoing;
        let html = html.map(content).transpose()?;
        let body = Body::builder().text(content(text)?).set_html(html).build();
        let header = MessageHeader::builder().name(REFERENCE_HEADER).value(&reference).build()?;
        let message = Message::builder().subject(content(subject)?).body(body).headers(header).build();
        let request = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(message).build())
            .email_tags(MessageTag::builder().name("reference").value(reference).build()?);
        match request.send().await {
            Ok(sent) => Ok(sent.message_id.unwrap_or_default()),
            Err(error) if error.as_service_error().is_some_and(is_of_the_message) => {
                Err(MailError::Refused(DisplayErrorContext(error).to_string()))
            }
            Err(error) => Err(MailError::Unavailable(DisplayErrorContext(error).to_string())),
        }
    }
}

fn content(data: String) -> Result<Content, BuildError> {
    Content::builder().data(data).charset("UTF-8").build()
}

/// Whether the message is at fault, and not SES, its quotas or how it is set up.
const fn is_of_the_message(error: &SendEmailError) -> bool {
    matches!(error, SendEmailError::BadRequestException(_) | SendEmailError::MessageRejected(_))
}
