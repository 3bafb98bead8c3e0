//! Presigned URLs, as a browser uses them.

use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use reqwest::{Client, Method, RequestBuilder};

use crate::world::World;

/// The CRC-32C and the SHA-256 of `123456789`.
const CRC32C: &str = "4waSgw==";
const SHA256: &str = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=";

fn lasting(seconds: u64) -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_secs(seconds)).unwrap()
}

fn send(presigned: &PresignedRequest, method: Method, body: &'static [u8]) -> RequestBuilder {
    let mut request = Client::new().request(method, presigned.uri()).body(body);
    // The length is that of the body, as a browser sends it.
    for (name, value) in presigned.headers().filter(|(name, _)| *name != "content-length") {
        request = request.header(name, value);
    }
    request
}

async fn outcome(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    (status, code.map_or(text.clone(), |(code, _)| code.to_owned()))
}

async fn upload_url(world: &World) -> PresignedRequest {
    let put = world.client.put_object().bucket("records").key("incoming/scan");
    let put = put.content_type("application/pdf").content_length(9).checksum_crc32_c(CRC32C);
    put.presigned(lasting(60)).await.unwrap()
}

#[tokio::test]
async fn an_upload_goes_through_exactly_as_signed() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let url = upload_url(&world).await;
    assert_eq!(outcome(send(&url, Method::PUT, b"123456789")).await.0, 200);
    assert_eq!(world.get("records", "incoming/scan").await, b"123456789");
    let head = world.client.head_object().bucket("records").key("incoming/scan").send().await.unwrap();
    assert_eq!(head.content_type(), Some("application/pdf"));
}

#[tokio::test]
async fn a_signature_covers_headers_size_method_and_key() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let url = upload_url(&world).await;
    let wrong = (403, "SignatureDoesNotMatch".to_owned());
    let retyped = Client::new().put(url.uri()).header("content-type", "text/html").body("123456789");
    assert_eq!(outcome(retyped).await, wrong);
    assert_eq!(outcome(send(&url, Method::PUT, b"123456789 and more")).await, wrong);
    assert_eq!(outcome(send(&url, Method::GET, b"")).await.0, 403);
    let other_key = url.uri().replace("incoming/scan", "incoming/other");
    let moved = url
        .headers()
        .fold(Client::new().put(other_key), |request, (name, value)| request.header(name, value));
    assert_eq!(outcome(moved.body("123456789")).await, wrong);
    let smuggled = send(&url, Method::PUT, b"123456789").header("x-amz-tagging", "scan=clean");
    assert_eq!(outcome(smuggled).await, (403, "AccessDenied".to_owned()));
    assert_eq!(world.version_count("records").await, 0);
    world.settled_on(0).await;
}

#[tokio::test]
async fn other_bytes_than_the_signed_checksum_are_not_kept() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let url = upload_url(&world).await;
    assert_eq!(outcome(send(&url, Method::PUT, b"987654321")).await, (400, "BadDigest".to_owned()));
    let put = world.client.put_object().bucket("records").key("incoming/scan").checksum_sha256(SHA256);
    let url = put.presigned(lasting(60)).await.unwrap();
    assert_eq!(outcome(send(&url, Method::PUT, b"987654321")).await, (400, "BadDigest".to_owned()));
    assert_eq!(world.version_count("records").await, 0);
    world.settled_on(0).await;
    assert_eq!(outcome(send(&url, Method::PUT, b"123456789")).await.0, 200);
}

#[tokio::test]
async fn a_url_expires() {
    let world = World::start().await;
    world.bucket("records").await;
    let put = world.client.put_object().bucket("records").key("late").presigned(lasting(1)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(outcome(send(&put, Method::PUT, b"x")).await, (403, "AccessDenied".to_owned()));
}

#[tokio::test]
async fn a_download_has_the_headers_that_were_signed_for_it() {
    let world = World::start().await;
    world.bucket("records").await;
    world.put("records", "scan", b"0123456789").await;
    let get = world.client.get_object().bucket("records").key("scan");
    let get = get
        .response_content_disposition("attachment; filename=\"scan 1.pdf\"")
        .response_content_type("application/pdf")
        .response_cache_control("private, no-store");
    let url = get.presigned(lasting(60)).await.unwrap();
    let response = send(&url, Method::GET, b"").header("range", "bytes=2-4").send().await.unwrap();
    assert_eq!(response.status(), 206);
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"scan 1.pdf\"");
    assert_eq!(response.headers()["content-type"], "application/pdf");
    assert_eq!(response.headers()["cache-control"], "private, no-store");
    assert_eq!(response.text().await.unwrap(), "234");
    let altered = url.uri().replace("application%2Fpdf", "text%2Fhtml");
    assert_ne!(altered, url.uri());
    assert_eq!(outcome(Client::new().get(altered)).await, (403, "SignatureDoesNotMatch".to_owned()));
}

#[tokio::test]
async fn parts_are_uploaded_by_url_too() {
    let world = World::start().await;
    world.bucket("records").await;
    let create = world.client.create_multipart_upload().bucket("records").key("scan").send().await.unwrap();
    let id = create.upload_id().unwrap();
    let part = world.client.upload_part().bucket("records").key("scan").upload_id(id).part_number(1);
    let url = part.checksum_crc32_c(CRC32C).content_length(9).presigned(lasting(60)).await.unwrap();
    assert_eq!(outcome(send(&url, Method::PUT, b"987654321")).await, (400, "BadDigest".to_owned()));
    assert_eq!(outcome(send(&url, Method::PUT, b"123456789")).await.0, 200);
    let listed = world.client.list_parts().bucket("records").key("scan").upload_id(id).send().await.unwrap();
    assert_eq!((listed.parts().len(), listed.parts()[0].size()), (1, Some(9)));
}

#[tokio::test]
async fn a_body_cut_short_is_not_kept() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let world = World::start().await;
    world.versioned_bucket("records").await;
    let put = world.client.put_object().bucket("records").key("cut").presigned(lasting(60)).await.unwrap();
    let path = put.uri().split_once(&world.address.to_string()).unwrap().1;
    let mut socket = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let head =
        format!("PUT {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000\r\n\r\nonly this", world.address);
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200"));
    assert_eq!(world.version_count("records").await, 0);
    world.settled_on(0).await;
}

#[tokio::test]
async fn streamed_bytes_of_unknown_truth_are_checked_at_their_end() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    // A stream makes the SDK send the checksum behind the bytes.
    let file = world.folder().join("body");
    std::fs::write(&file, vec![7_u8; 3_000_000]).unwrap();
    let body = ByteStream::from_path(&file).await.unwrap();
    world.client.put_object().bucket("records").key("scan").body(body).send().await.unwrap();
    assert!(world.get("records", "scan").await == vec![7_u8; 3_000_000]);
}
