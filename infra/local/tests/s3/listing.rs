//! Listings of objects and versions, page by page.

use aws_sdk_s3::types::EncodingType;

use crate::world::World;

#[tokio::test]
async fn objects_are_listed_in_order_and_in_pages() {
    let world = World::start().await;
    world.bucket("records").await;
    for key in ["b/2", "a", "c", "b/1", "b/10", "ä"] {
        world.put("records", key, b"x").await;
    }
    let mut keys = Vec::new();
    let mut pages = world.client.list_objects_v2().bucket("records").max_keys(2).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.contents().len() <= 2);
        keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
    }
    assert_eq!(keys, ["a", "b/1", "b/10", "b/2", "c", "ä"]);

    let listed = world.client.list_objects_v2().bucket("records").delimiter("/").send().await.unwrap();
    let prefixes: Vec<_> = listed.common_prefixes().iter().filter_map(|prefix| prefix.prefix()).collect();
    assert_eq!((prefixes, listed.contents().len(), listed.key_count()), (vec!["b/"], 3, Some(4)));
    let listed =
        world.client.list_objects_v2().bucket("records").prefix("b/").start_after("b/1").send().await;
    let listed = listed.unwrap();
    let keys: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, ["b/10", "b/2"]);
    assert_eq!(listed.contents()[0].size(), Some(1));
    assert_eq!(listed.contents()[0].e_tag(), Some("\"9dd4e461268c8034f5c8564e155c67a6\""));
}

#[tokio::test]
async fn the_old_listing_goes_on_by_markers() {
    let world = World::start().await;
    world.bucket("records").await;
    for key in ["a", "b/1", "b/2", "c"] {
        world.put("records", key, b"x").await;
    }
    let list = || world.client.list_objects().bucket("records").delimiter("/").max_keys(2);
    let first = list().send().await.unwrap();
    assert_eq!((first.is_truncated(), first.next_marker()), (Some(true), Some("b/")));
    let second = list().marker("b/").send().await.unwrap();
    assert_eq!(second.contents()[0].key(), Some("c"));
    assert!(second.common_prefixes().is_empty());
}

#[tokio::test]
async fn strange_keys_are_listed_encoded_when_asked() {
    let world = World::start().await;
    world.bucket("records").await;
    world.put("records", "tab\tü", b"x").await;
    let list = world.client.list_objects_v2().bucket("records").encoding_type(EncodingType::Url);
    assert_eq!(list.send().await.unwrap().contents()[0].key(), Some("tab%09%C3%BC"));
}

#[tokio::test]
async fn versions_are_listed_newest_first_and_in_pages() {
    let world = World::start().await;
    world.versioned_bucket("records").await;
    let mut expected = Vec::new();
    for key in ["a", "b"] {
        let mut ids = Vec::new();
        for body in ["1", "2", "3"] {
            ids.push((key.to_owned(), world.put("records", key, body.as_bytes()).await.version_id.unwrap()));
        }
        ids.reverse();
        expected.extend(ids);
    }
    let marker = world.client.delete_object().bucket("records").key("b").send().await.unwrap();
    let (mut listed, mut markers) = (Vec::new(), Vec::new());
    let (mut key, mut id) = (None, None);
    loop {
        let list = world.client.list_object_versions().bucket("records").max_keys(2);
        let page = list.set_key_marker(key).set_version_id_marker(id).send().await.unwrap();
        for version in page.versions() {
            listed.push((version.key().unwrap().to_owned(), version.version_id().unwrap().to_owned()));
            assert_eq!(version.is_latest(), Some(version.version_id() == Some(&expected[0].1)));
        }
        markers.extend(page.delete_markers().to_vec());
        if page.is_truncated() != Some(true) {
            break;
        }
        (key, id) = (page.next_key_marker, page.next_version_id_marker);
    }
    assert_eq!(listed, expected);
    assert_eq!(markers.len(), 1);
    assert_eq!((markers[0].version_id(), markers[0].is_latest()), (marker.version_id(), Some(true)));
}
