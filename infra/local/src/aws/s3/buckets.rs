//! Buckets and their configuration.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};
use s3s::dto::{
    Bucket as WireBucket, BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
    CORSConfiguration, CreateBucketInput, CreateBucketOutput, DeleteBucketCorsInput, DeleteBucketCorsOutput,
    DeleteBucketInput, DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput, DeleteBucketOutput,
    GetBucketCorsInput, GetBucketCorsOutput, GetBucketEncryptionInput, GetBucketEncryptionOutput,
    GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput, GetBucketLocationInput,
    GetBucketLocationOutput, GetBucketNotificationConfigurationInput,
    GetBucketNotificationConfigurationOutput, GetBucketVersioningInput, GetBucketVersioningOutput,
    GetPublicAccessBlockInput, GetPublicAccessBlockOutput, HeadBucketInput, HeadBucketOutput,
    ListBucketsInput, ListBucketsOutput, NotificationConfiguration, Owner, PublicAccessBlockConfiguration,
    PutBucketCorsInput, PutBucketCorsOutput, PutBucketEncryptionInput, PutBucketEncryptionOutput,
    PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput,
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
    PutBucketVersioningInput, PutBucketVersioningOutput, PutPublicAccessBlockInput,
    PutPublicAccessBlockOutput, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use s3s::{S3Request, s3_error};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{Result, no_such_bucket, refusal_with_code};
use super::lifecycle;
use super::model::{Bucket, Versioning};
use super::store::Store;
use super::time;
use crate::aws::ambient;

/// A bucket's configurations that are kept as they came.
#[derive(Debug, Clone, Copy)]
pub(super) enum Setting {
    Encryption,
    Lifecycle,
    Cors,
    Notification,
    ObjectLock,
    PublicAccessBlock,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Self::Encryption => "encryption",
            Self::Lifecycle => "lifecycle",
            Self::Cors => "cors",
            Self::Notification => "notification",
            Self::ObjectLock => "object-lock",
            Self::PublicAccessBlock => "public-access-block",
        }
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Bucket> {
    Ok(Bucket {
        id: row.get(0)?,
        name: row.get(1)?,
        created: time::stored(row.get(2)?),
        versioning: Versioning::parse(&row.get::<_, String>(3)?),
        lockable: row.get(4)?,
    })
}

/// The bucket of this name, or a refusal.
pub(super) fn find(connection: &Connection, name: &str) -> Result<Bucket> {
    let query = "SELECT id, name, created, versioning, lockable FROM buckets WHERE name = ?1";
    let bucket = connection.prepare_cached(query)?.query_row([name], read).optional()?;
    bucket.ok_or_else(|| no_such_bucket(name))
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Bucket>> {
    let query = "SELECT id, name, created, versioning, lockable FROM buckets ORDER BY name";
    let mut statement = connection.prepare_cached(query)?;
    let buckets = statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    Ok(buckets)
}

pub(super) fn names(connection: &Connection) -> Result<BTreeSet<String>> {
    Ok(all(connection)?.into_iter().map(|bucket| bucket.name).collect())
}

/// A configuration of a bucket, when it has one.
pub(super) fn setting<T: DeserializeOwned>(
    connection: &Connection,
    bucket: i64,
    setting: Setting,
) -> Result<Option<T>> {
    let query = "SELECT body FROM bucket_settings WHERE bucket = ?1 AND kind = ?2";
    let mut statement = connection.prepare_cached(query)?;
    let body: Option<String> =
        statement.query_row(params![bucket, setting.name()], |row| row.get(0)).optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}

pub(super) fn set_setting<T: Serialize>(
    connection: &Connection,
    bucket: i64,
    setting: Setting,
    value: &T,
) -> Result<()> {
    let body = serde_json::to_string(value)?;
    let set = "INSERT INTO bucket_settings (bucket, kind, body) VALUES (?1, ?2, ?3)
               ON CONFLICT (bucket, kind) DO UPDATE SET body = excluded.body";
    connection.execute(set, params![bucket, setting.name(), body])?;
    Ok(())
}

impl Store {
    pub(super) async fn bucket(&self, name: &str) -> Result<Bucket> {
        let name = name.to_owned();
        self.look(move |connection| find(connection, &name)).await
    }

    async fn setting_of<T>(&self, bucket: String, kind: Setting) -> Result<Option<T>>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.look(move |connection| setting(connection, find(connection, &bucket)?.id, kind)).await
    }

    async fn configure<T>(&self, bucket: String, kind: Setting, value: T) -> Result<()>
    where
        T: Serialize + Send + 'static,
    {
        self.commit(move |connection, _| set_setting(connection, find(connection, &bucket)?.id, kind, &value))
            .await
    }

    async fn unconfigure(&self, bucket: String, kind: Setting) -> Result<()> {
        let delete = "DELETE FROM bucket_settings WHERE bucket = ?1 AND kind = ?2";
        self.commit(move |connection, _| {
            connection.execute(delete, params![find(connection, &bucket)?.id, kind.name()])?;
            Ok(())
        })
        .await
    }

    pub(super) fn owner(&self) -> Owner {
        Owner { display_name: None, id: Some(self.account().to_owned()) }
    }

    pub(super) async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> Result<CreateBucketOutput> {
        let input = request.input;
        let constraint = input.create_bucket_configuration.and_then(|wish| wish.location_constraint);
        if constraint.is_some_and(|wished| wished.as_str() != self.region()) {
            let told = "The specified location-constraint is not valid";
            return Err(s3_error!(InvalidLocationConstraint, "{told}").into());
        }
        let lockable = input.object_lock_enabled_for_bucket.unwrap_or_default();
        // What is locked must not be overwritten, so a lock brings versions with it.
        let versioning = if lockable { Versioning::Enabled } else { Versioning::Never };
        let location = format!("/{}", input.bucket);
        self.commit(move |connection, effects| {
            let insert = "INSERT INTO buckets (name, created, versioning, lockable) VALUES (?1, ?2, ?3, ?4)
                          ON CONFLICT (name) DO NOTHING";
            let created = ambient::now().as_millisecond();
            let values = params![input.bucket, created, versioning.as_str(), lockable];
            if connection.execute(insert, values)? == 0 {
                let told =
                    "Your previous request to create the named bucket succeeded and you already own it.";
                return Err(s3_error!(BucketAlreadyOwnedByYou, "{told}").into());
            }
            effects.buckets_changed = true;
            Ok(())
        })
        .await?;
        Ok(CreateBucketOutput { location: Some(location) })
    }

    pub(super) async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> Result<DeleteBucketOutput> {
        let name = request.input.bucket;
        self.commit(move |connection, effects| {
            let bucket = find(connection, &name)?;
            let query = "SELECT EXISTS (SELECT 1 FROM versions WHERE bucket = ?1)
                             OR EXISTS (SELECT 1 FROM uploads WHERE bucket = ?1)";
            if connection.query_row(query, [bucket.id], |row| row.get(0))? {
                return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty").into());
            }
            connection.execute("DELETE FROM bucket_settings WHERE bucket = ?1", [bucket.id])?;
            connection.execute("DELETE FROM buckets WHERE id = ?1", [bucket.id])?;
            effects.buckets_changed = true;
            Ok(())
        })
        .await?;
        Ok(DeleteBucketOutput::default())
    }

    pub(super) async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Result<HeadBucketOutput> {
        self.bucket(&request.input.bucket).await?;
        Ok(HeadBucketOutput { bucket_region: Some(self.region().to_owned()), ..Default::default() })
    }

    pub(super) async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> Result<ListBucketsOutput> {
        let prefix = request.input.prefix;
        let wanted = prefix.clone().unwrap_or_default();
        let buckets = self.look(all).await?;
        let region = self.region();
        let told =
            buckets.into_iter().filter(|bucket| bucket.name.starts_with(&wanted)).map(|bucket| WireBucket {
                name: Some(bucket.name),
                creation_date: Some(time::wire(bucket.created)),
                bucket_region: Some(region.to_owned()),
            });
        let buckets = Some(told.collect());
        Ok(ListBucketsOutput { buckets, owner: Some(self.owner()), prefix, ..Default::default() })
    }

    pub(super) async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> Result<GetBucketLocationOutput> {
        self.bucket(&request.input.bucket).await?;
        // The oldest region has no name here.
        let named = self.region() != "us-east-1";
        let location_constraint = named.then(|| BucketLocationConstraint::from(self.region().to_owned()));
        Ok(GetBucketLocationOutput { location_constraint })
    }

    pub(super) async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> Result<GetBucketVersioningOutput> {
        let bucket = self.bucket(&request.input.bucket).await?;
        let status = match bucket.versioning {
            Versioning::Never => None,
            told => Some(BucketVersioningStatus::from_static(told.as_str())),
        };
        Ok(GetBucketVersioningOutput { status, ..Default::default() })
    }

    pub(super) async fn put_bucket_versioning(
        &self,
        request: S3Request<PutBucketVersioningInput>,
    ) -> Result<PutBucketVersioningOutput> {
        let input = request.input;
        let status = input.versioning_configuration.status;
        let versioning = Versioning::parse(status.as_ref().map_or("", BucketVersioningStatus::as_str));
        if versioning == Versioning::Never {
            let told = "The Versioning element must be specified";
            return Err(s3_error!(IllegalVersioningConfigurationException, "{told}").into());
        }
        self.commit(move |connection, _| {
            let bucket = find(connection, &input.bucket)?;
            if bucket.lockable && versioning == Versioning::Suspended {
                let told = "An Object Lock configuration is present on this bucket, so the versioning state cannot \
                            be changed.";
                return Err(s3_error!(InvalidBucketState, "{told}").into());
            }
            let update = "UPDATE buckets SET versioning = ?2 WHERE id = ?1";
            connection.execute(update, params![bucket.id, versioning.as_str()])?;
            Ok(())
        })
        .await?;
        Ok(PutBucketVersioningOutput::default())
    }

    pub(super) async fn put_bucket_encryption(
        &self,
        request: S3Request<PutBucketEncryptionInput>,
    ) -> Result<PutBucketEncryptionOutput> {
        let input = request.input;
        let configuration = input.server_side_encryption_configuration;
        let algorithms = [ServerSideEncryption::AES256, ServerSideEncryption::AWS_KMS];
        let known = |rule: &ServerSideEncryptionRule| {
            let default = rule.apply_server_side_encryption_by_default.as_ref();
            default.is_none_or(|default| algorithms.contains(&default.sse_algorithm.as_str()))
        };
        if configuration.rules.len() != 1 || !configuration.rules.iter().all(known) {
            let told = "The encryption configuration is not valid.";
            return Err(s3_error!(MalformedXML, "{told}").into());
        }
        self.configure(input.bucket, Setting::Encryption, configuration).await?;
        Ok(PutBucketEncryptionOutput::default())
    }

    pub(super) async fn get_bucket_encryption(
        &self,
        request: S3Request<GetBucketEncryptionInput>,
    ) -> Result<GetBucketEncryptionOutput> {
        let stored: Option<ServerSideEncryptionConfiguration> =
            self.setting_of(request.input.bucket, Setting::Encryption).await?;
        // A bucket without a configuration is encrypted all the same, and says so.
        let configuration = stored.unwrap_or_else(|| ServerSideEncryptionConfiguration {
            rules: vec![ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
                    kms_master_key_id: None,
                    sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
                }),
                bucket_key_enabled: Some(false),
            }],
        });
        Ok(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(configuration) })
    }

    pub(super) async fn put_bucket_lifecycle_configuration(
        &self,
        request: S3Request<PutBucketLifecycleConfigurationInput>,
    ) -> Result<PutBucketLifecycleConfigurationOutput> {
        let input = request.input;
        let configuration = input.lifecycle_configuration.unwrap_or_default();
        lifecycle::check(&configuration)?;
        self.configure(input.bucket, Setting::Lifecycle, configuration).await?;
        Ok(PutBucketLifecycleConfigurationOutput::default())
    }

    pub(super) async fn get_bucket_lifecycle_configuration(
        &self,
        request: S3Request<GetBucketLifecycleConfigurationInput>,
    ) -> Result<GetBucketLifecycleConfigurationOutput> {
        let stored: Option<BucketLifecycleConfiguration> =
            self.setting_of(request.input.bucket, Setting::Lifecycle).await?;
        let missing =
            || s3_error!(NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist");
        let rules = Some(stored.ok_or_else(missing)?.rules);
        Ok(GetBucketLifecycleConfigurationOutput { rules, ..Default::default() })
    }

    pub(super) async fn delete_bucket_lifecycle(
        &self,
        request: S3Request<DeleteBucketLifecycleInput>,
    ) -> Result<DeleteBucketLifecycleOutput> {
        self.unconfigure(request.input.bucket, Setting::Lifecycle).await?;
        Ok(DeleteBucketLifecycleOutput::default())
    }

    pub(super) async fn put_bucket_cors(
        &self,
        request: S3Request<PutBucketCorsInput>,
    ) -> Result<PutBucketCorsOutput> {
        let input = request.input;
        self.configure(input.bucket, Setting::Cors, input.cors_configuration).await?;
        Ok(PutBucketCorsOutput::default())
    }

    pub(super) async fn get_bucket_cors(
        &self,
        request: S3Request<GetBucketCorsInput>,
    ) -> Result<GetBucketCorsOutput> {
        let stored: Option<CORSConfiguration> = self.setting_of(request.input.bucket, Setting::Cors).await?;
        let missing = || s3_error!(NoSuchCORSConfiguration, "The CORS configuration does not exist");
        Ok(GetBucketCorsOutput { cors_rules: Some(stored.ok_or_else(missing)?.cors_rules) })
    }

    pub(super) async fn delete_bucket_cors(
        &self,
        request: S3Request<DeleteBucketCorsInput>,
    ) -> Result<DeleteBucketCorsOutput> {
        self.unconfigure(request.input.bucket, Setting::Cors).await?;
        Ok(DeleteBucketCorsOutput::default())
    }

    pub(super) async fn put_bucket_notification_configuration(
        &self,
        request: S3Request<PutBucketNotificationConfigurationInput>,
    ) -> Result<PutBucketNotificationConfigurationOutput> {
        let input = request.input;
        let configuration = input.notification_configuration;
        let direct = configuration.lambda_function_configurations.is_some()
            || configuration.queue_configurations.is_some()
            || configuration.topic_configurations.is_some();
        if direct {
            // To keep such a wish and never deliver would be a trap.
            return Err(s3_error!(NotImplemented, "Events are sent through EventBridge only.").into());
        }
        self.configure(input.bucket, Setting::Notification, configuration).await?;
        Ok(PutBucketNotificationConfigurationOutput::default())
    }

    pub(super) async fn get_bucket_notification_configuration(
        &self,
        request: S3Request<GetBucketNotificationConfigurationInput>,
    ) -> Result<GetBucketNotificationConfigurationOutput> {
        let stored: Option<NotificationConfiguration> =
            self.setting_of(request.input.bucket, Setting::Notification).await?;
        let event_bridge_configuration = stored.and_then(|stored| stored.event_bridge_configuration);
        Ok(GetBucketNotificationConfigurationOutput { event_bridge_configuration, ..Default::default() })
    }

    pub(super) async fn put_public_access_block(
        &self,
        request: S3Request<PutPublicAccessBlockInput>,
    ) -> Result<PutPublicAccessBlockOutput> {
        let input = request.input;
        let configuration = input.public_access_block_configuration;
        self.configure(input.bucket, Setting::PublicAccessBlock, configuration).await?;
        Ok(PutPublicAccessBlockOutput::default())
    }

    pub(super) async fn get_public_access_block(
        &self,
        request: S3Request<GetPublicAccessBlockInput>,
    ) -> Result<GetPublicAccessBlockOutput> {
        let stored: Option<PublicAccessBlockConfiguration> =
            self.setting_of(request.input.bucket, Setting::PublicAccessBlock).await?;
        match stored {
            Some(stored) => {
                Ok(GetPublicAccessBlockOutput { public_access_block_configuration: Some(stored) })
            }
            None => Err(refusal_with_code(
                "NoSuchPublicAccessBlockConfiguration".to_owned(),
                http::StatusCode::NOT_FOUND,
                "The public access block configuration was not found".to_owned(),
            )
            .into()),
        }
    }
}
