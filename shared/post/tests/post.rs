//! Work and e-mail as an AWS takes them: all of it, whatever is lost on the way.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail as the test does"
)]

use api::{Problem, System};
use local::aws::sqs::Message;
use post::{Mail, MailError, Outgoing, Queue, QueueError};
use std::collections::BTreeSet;
use testkit::{Fault, aws::EmbeddedAws};

const QUEUE: &str = "strongroom-work";

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

fn outgoing(to: &str) -> Outgoing {
    Outgoing {
        to: to.to_owned(),
        subject: "North Clinic: a chart was shared with you".to_owned(),
        text: "A chart was shared with you.".to_owned(),
        html: Some("<p>A chart was shared with you.</p>".to_owned()),
        reference: "m-1".to_owned(),
    }
}

#[tokio::test]
async fn work_is_sent_one_by_one_and_in_batches() {
    let aws = EmbeddedAws::start().await;
    let queue = Queue::new(&System::new(aws.settings().clone()).unwrap()).unwrap();
    queue.send(&"alone").await.unwrap();
    queue.send_all(0..25).await.unwrap();
    queue.send_all(Vec::<u32>::new()).await.unwrap();
    let sent = aws.aws().sqs().messages(QUEUE).await.unwrap();
    assert_eq!(sent.len(), 26);
    assert_eq!(bodies(&sent)[..3], ["\"alone\"", "0", "1"]);
}

#[tokio::test]
async fn a_lost_answer_sends_work_twice_rather_than_never() {
    let aws = EmbeddedAws::start().await;
    let queue = Queue::new(&System::new(aws.settings().clone()).unwrap()).unwrap();
    aws.aws().faults().plan(Fault::after("SendMessageBatch").nth(2));
    queue.send_all(0..20).await.unwrap();
    let sent = aws.aws().sqs().messages(QUEUE).await.unwrap();
    assert_eq!(sent.len(), 30);
    assert_eq!(bodies(&sent).into_iter().collect::<BTreeSet<_>>().len(), 20);
    aws.aws().faults().plan(Fault::before("SendMessage").for_good());
    let error = queue.send(&"alone").await.unwrap_err();
    assert!(matches!(error, QueueError::Unavailable(_)), "{error}");
    assert_eq!(Problem::from(error).code(), "unavailable");
}

#[tokio::test]
async fn an_e_mail_says_whom_it_is_from_and_which_one_it_is() {
    let aws = EmbeddedAws::start().await;
    let mail = Mail::new(&System::new(aws.settings().clone()).unwrap()).unwrap();
    let id = mail.send(outgoing("amara@north.example")).await.unwrap();
    let outbox = aws.aws().ses().outbox().await.unwrap();
    assert_eq!((outbox.len(), outbox[0].id.as_str()), (1, id.as_str()));
    assert_eq!(Some(&outbox[0].from), aws.settings().mail_from.as_ref());
    assert_eq!(outbox[0].to, ["amara@north.example"]);
    assert_eq!(outbox[0].html.as_deref(), Some("<p>A chart was shared with you.</p>"));
    assert_eq!(outbox[0].headers["X-Strongroom-Reference"], "m-1");
}

#[tokio::test]
async fn what_is_wrong_with_the_message_is_told_from_what_is_wrong_with_ses() {
    let aws = EmbeddedAws::start().await;
    let mail = Mail::new(&System::new(aws.settings().clone()).unwrap()).unwrap();
    let refused = mail.send(outgoing("nobody")).await.unwrap_err();
    assert!(matches!(refused, MailError::Refused(_)), "{refused}");
    aws.aws().faults().plan(Fault::before("SendEmail").for_good());
    let unavailable = mail.send(outgoing("amara@north.example")).await.unwrap_err();
    assert!(matches!(unavailable, MailError::Unavailable(_)), "{unavailable}");
    assert!(aws.aws().ses().outbox().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_is_not_told_where_sends_nothing() {
    let aws = EmbeddedAws::start().await;
    let mut settings = aws.settings().clone();
    (settings.queue_url, settings.mail_from) = (None, None);
    let system = System::new(settings).unwrap();
    assert!(matches!(Queue::new(&system), Err(QueueError::Unset)));
    assert!(matches!(Mail::new(&system), Err(MailError::Unset)));
}

#[test]
fn an_e_mail_is_not_written_into_a_log() {
    let written = format!("{:?}", outgoing("amara@north.example"));
    assert_eq!(written, "Outgoing(m-1)");
}
