//! The table itself: its name, its indexes, and how it is made where nobody has deployed it.

use crate::StoreError;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        LocalSecondaryIndex, Projection, ProjectionType, ScalarAttributeType, StreamSpecification,
        StreamViewType, TimeToLiveSpecification,
    },
};

/// The attribute by which DynamoDB forgets what is meant to be forgotten.
pub const TTL_ATTRIBUTE: &str = "purge_at";

/// An index of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: &'static str,
    pub kind: IndexKind,
    pub partition: &'static str,
    pub sort: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// In the partition of its items, and as consistent as they are.
    Local,
    /// Across partitions, eventually consistent.
    Global,
}

/// All indexes; each projects whole items.
pub const INDEXES: &[Index] = &[
    Index { name: "timeline", kind: IndexKind::Local, partition: "pk", sort: "timeline_sk" },
    Index { name: "by_record", kind: IndexKind::Global, partition: "record_pk", sort: "evidence_sk" },
    Index { name: "by_client", kind: IndexKind::Global, partition: "client_pk", sort: "evidence_sk" },
    Index { name: "by_member", kind: IndexKind::Global, partition: "member_pk", sort: "evidence_sk" },
];

/// The single table.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub fn table(&self) -> &str {
        &self.table
    }

    /// Makes the table where the deployment template has not: on one machine and in tests.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let mut request = self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attribute_definitions()?))
            .set_key_schema(Some(key_schema("pk", "sk")?))
            .stream_specification(
                StreamSpecification::builder()
                    .stream_enabled(true)
                    .stream_view_type(StreamViewType::NewAndOldImages)
                    .build()
                    .map_err(StoreError::corrupt)?,
            );
        for index in INDEXES {
            let schema = Some(key_schema(index.partition, index.sort)?);
            let projection = Projection::builder().projection_type(ProjectionType::All).build();
            request = match index.kind {
                IndexKind::Local => request.local_secondary_indexes(
                    LocalSecondaryIndex::builder()
                        .index_name(index.name)
                        .set_key_schema(schema)
                        .projection(projection)
                        .build()
                        .map_err(StoreError::corrupt)?,
                ),
                IndexKind::Global => request.global_secondary_indexes(
                    GlobalSecondaryIndex::builder()
                        .index_name(index.name)
                        .set_key_schema(schema)
                        .projection(projection)
                        .build()
                        .map_err(StoreError::corrupt)?,
                ),
            };
        }
        match request.send().await {
            Ok(_) => self.set_expiry().await,
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError::from_sdk(error)),
        }
    }

    async fn set_expiry(&self) -> Result<(), StoreError> {
        let ttl = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name(TTL_ATTRIBUTE)
            .build()
            .map_err(StoreError::corrupt)?;
        let request =
            self.client.update_time_to_live().table_name(&self.table).time_to_live_specification(ttl);
        request.send().await.map(drop).map_err(StoreError::from_sdk)
    }
}

fn attribute_definitions() -> Result<Vec<AttributeDefinition>, StoreError> {
    let mut names: Vec<&str> = ["pk", "sk"].into_iter().collect();
    names.extend(INDEXES.iter().flat_map(|index| [index.partition, index.sort]));
    names.sort_unstable();
    names.dedup();
    let define = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(StoreError::corrupt)
    };
    names.into_iter().map(define).collect()
}

fn key_schema(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, StoreError> {
    let element = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(StoreError::corrupt)
    };
    Ok(vec![element(partition, KeyType::Hash)?, element(sort, KeyType::Range)?])
}
