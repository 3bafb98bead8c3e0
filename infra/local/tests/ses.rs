//! E-mail, by the official client: it is kept, and goes nowhere.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail as the test does"
)]

mod aws_support;

use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};
use aws_support::Running;
use local::aws::faults::Fault;

fn content(data: &str) -> Content {
    Content::builder().data(data).charset("UTF-8").build().unwrap()
}

fn email(client: &aws_sdk_sesv2::Client, to: &str, subject: &str) -> SendEmailFluentBuilder {
    let header = MessageHeader::builder().name("X-Reference").value("r-1").build().unwrap();
    let body = Body::builder().text(content("Two records wait: ä ü 漢字.")).build();
    let message = Message::builder().subject(content(subject)).body(body).headers(header).build();
    client
        .send_email()
        .from_email_address("strongroom@north.example")
        .destination(Destination::builder().to_addresses(to).build())
        .content(EmailContent::builder().simple(message).build())
}

#[tokio::test]
async fn what_is_sent_is_kept_across_restarts() {
    let running = Running::start().await;
    let ses = running.ses();
    let sent = email(&ses, "amara@north.example", "First").send().await.unwrap();
    email(&ses, "ben@north.example", "Second").send().await.unwrap();
    let running = running.restart().await;
    let outbox = running.aws.ses().outbox().await.unwrap();
    let [first, second] = outbox.as_slice() else { panic!("{outbox:?}") };
    assert_eq!(Some(first.id.as_str()), sent.message_id());
    assert_eq!((first.subject.as_str(), second.subject.as_str()), ("First", "Second"));
    assert_eq!(first.to, ["amara@north.example"]);
    assert_eq!(first.from, "strongroom@north.example");
    assert_eq!(first.text, "Two records wait: ä ü 漢字.");
    assert_eq!((first.html.as_deref(), first.headers["X-Reference"].as_str()), (None, "r-1"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused() {
    let running = Running::start().await;
    let ses = running.ses();
    for to in ["nobody", "a b@north.example", "@north.example", "amara@north"] {
        let refused = email(&ses, to, "Hello").send().await.unwrap_err();
        assert!(refused.as_service_error().unwrap().is_bad_request_exception(), "{to}");
    }
    assert!(email(&ses, "amara@north.example", "two\r\nlines").send().await.is_err());
    let stranger = running.ses_as("AKIDSTRANGER", "a guess");
    assert!(email(&stranger, "amara@north.example", "Hello").send().await.is_err());
    assert!(running.aws.ses().outbox().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_answer_leaves_the_e_mail_sent() {
    let running = Running::start().await;
    running.aws.faults().plan(Fault::before("SendEmail"));
    running.aws.faults().plan(Fault::after("SendEmail"));
    assert!(email(&running.ses(), "amara@north.example", "Before").send().await.is_err());
    assert!(email(&running.ses(), "amara@north.example", "After").send().await.is_err());
    let outbox = running.aws.ses().outbox().await.unwrap();
    assert_eq!(outbox.iter().map(|email| email.subject.as_str()).collect::<Vec<_>>(), ["After"]);
    assert_eq!(running.aws.faults().end().len(), 2);
}
