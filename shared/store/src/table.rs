//! The tables themselves: their names, their indexes, and how they are made where nobody has deployed them.

use crate::StoreError;
use aws_sdk_dynamodb::{
    Client,
    operation::create_table::builders::CreateTableFluentBuilder,
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

/// All indexes of the main table; each projects whole items. The table of keys has the local ones of them.
pub const INDEXES: &[Index] = &[
    Index { name: "timeline", kind: IndexKind::Local, partition: "pk", sort: "timeline_sk" },
    Index { name: "by_record", kind: IndexKind::Global, partition: "record_pk", sort: "evidence_sk" },
    Index { name: "by_client", kind: IndexKind::Global, partition: "client_pk", sort: "evidence_sk" },
    Index { name: "by_member", kind: IndexKind::Global, partition: "member_pk", sort: "evidence_sk" },
];

/// The single table, and the table of keys beside it.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    keys_table: String,
}

impl Store {
    pub fn new(client: Client, table: impl Into<String>, keys_table: impl Into<String>) -> Self {
        Self { client, table: table.into(), keys_table: keys_table.into() }
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub fn table(&self) -> &str {
        &self.table
    }

    /// Where the keys of what can be destroyed stand, and nothing else.
    pub fn keys_table(&self) -> &str {
        &self.keys_table
    }

    /// Makes both tables where the deployment template has not: on one machine and in tests.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .map_err(StoreError::corrupt)?;
        self.create(&self.table, INDEXES, Some(stream)).await?;
        // No stream: a stream is a copy.
        let local: Vec<Index> =
            INDEXES.iter().filter(|index| index.kind == IndexKind::Local).copied().collect();
        self.create(&self.keys_table, &local, None).await
    }

    async fn create(
        &self,
        table: &str,
        indexes: &[Index],
        stream: Option<StreamSpecification>,
    ) -> Result<(), StoreError> {
        let mut request = self
            .client
            .create_table()
            .table_name(table)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attribute_definitions(indexes)?))
            .set_key_schema(Some(key_schema("pk", "sk")?))
            .set_stream_specification(stream);
        for index in indexes {
            request = with_index(request, index)?;
        }
        match request.send().await {
            Ok(_) => self.set_expiry(table).await,
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError::from_sdk(error)),
        }
    }

    async fn set_expiry(&self, table: &str) -> Result<(), StoreError> {
        let ttl = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name(TTL_ATTRIBUTE)
            .build()
            .map_err(StoreError::corrupt)?;
        let request = self.client.update_time_to_live().table_name(table).time_to_live_specification(ttl);
        request.send().await.map(drop).map_err(StoreError::from_sdk)
    }
}

fn with_index(
    request: CreateTableFluentBuilder,
    index: &Index,
) -> Result<CreateTableFluentBuilder, StoreError> {
    let schema = Some(key_schema(index.partition, index.sort)?);
    let projection = Projection::builder().projection_type(ProjectionType::All).build();
    Ok(match index.kind {
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
    })
}

fn attribute_definitions(indexes: &[Index]) -> Result<Vec<AttributeDefinition>, StoreError> {
    let mut names: Vec<&str> = ["pk", "sk"].into_iter().collect();
    names.extend(indexes.iter().flat_map(|index| [index.partition, index.sort]));
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
