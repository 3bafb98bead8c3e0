"""What must hold of the deployment and neither the checkers nor the emulator would notice.

Every function here takes the template as it is deployed and yields a sentence for each thing that is wrong. What the
template must say for itself is here, and in `portal.py` for the portal; what the code demands of it is in `product.py`.
"""

import re

import portal
import product

PUBLIC_ROUTES = {"ANY /intake/{proxy+}", "GET /downloads/{pass}"}
# Invoked by another service than the API.
CALLERS = {"InspectionFunction": "events.amazonaws.com", "SignInsFunction": "logs.amazonaws.com"}
# Woken under a role of their own, or from a source that they poll: nobody is permitted to invoke them.
NOT_CALLED = {"RetentionSweepFunction", "NotifyFunction"}
# CloudFront delivers its logs in no other way from a region of one's choice.
TAKES_ACCESS_LISTS = {"PortalLogBucket"}
EVIDENCE = "EVIDENCE#*"
# The one role that ends a record for ever.
MAY_DESTROY_KEYS = "RetentionSweepRole"
PENDING_ONLY = {"StringEquals": {"s3:RequestObjectTag/strongroom-state": "pending"}}
KEPT_OR_PENDING = {"StringEquals": {"s3:RequestObjectTag/strongroom-state": ["kept", "pending"]}}


def of_type(template, kind):
    return {name: r.get("Properties", {}) for name, r in template["Resources"].items() if r["Type"] == kind}


def attribute(logical_id, name="Arn"):
    return {"Fn::GetAtt": [logical_id, name]}


def as_list(value):
    return value if isinstance(value, list) else [value]


def dig(node, *path):
    """The value at a path of keys and indexes, or `None`."""
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def table(template):
    properties = template["Resources"]["Table"]["Properties"]
    wanted = {
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": attribute("RecordsKey")},
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "TimeToLiveSpecification": {"AttributeName": "purge_at", "Enabled": True},
    }
    for name, value in wanted.items():
        if properties.get(name) != value:
            yield f"the table's {name} is {properties.get(name)}"


def keys_table(template):
    """The keys of what can be destroyed: sealed, kept from mistakes, and never copied."""
    properties = template["Resources"]["KeysTable"]["Properties"]
    wanted = {
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": attribute("RecordsKey")},
        "TimeToLiveSpecification": {"AttributeName": "purge_at", "Enabled": True},
    }
    for name, value in wanted.items():
        if properties.get(name) != value:
            yield f"the keys table's {name} is {properties.get(name)}"
    for name in ("PointInTimeRecoverySpecification", "StreamSpecification", "KinesisStreamSpecification", "Replicas"):
        if name in properties:
            yield f"the keys table has a {name}: what was destroyed could be read in it"
    for name, statement in role_statements(template):
        ends = {"dynamodb:DeleteItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"} & set(as_list(statement["Action"]))
        if statement["Effect"] == "Allow" and ends and attribute("KeysTable") in as_list(statement["Resource"]):
            if (name, ends) != (MAY_DESTROY_KEYS, {"dynamodb:DeleteItem"}):
                yield f"{name} may destroy keys"


def what_must_outlive_the_stack(template):
    kept = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Cognito::UserPool", "AWS::Logs::LogGroup"}
    for name, resource in template["Resources"].items():
        policies = (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        if resource["Type"] in kept and policies != ("Retain", "Retain"):
            yield f"{name} would be deleted with the stack"


def buckets(template):
    closed = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    policies = {dig(p, "Bucket", "Ref"): p["PolicyDocument"]["Statement"] for p in of_type(template, "AWS::S3::BucketPolicy").values()}
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        if bucket.get("PublicAccessBlockConfiguration") != closed:
            yield f"{name} can be opened to the public"
        ownership = "BucketOwnerPreferred" if name in TAKES_ACCESS_LISTS else "BucketOwnerEnforced"
        if dig(bucket, "OwnershipControls", "Rules", 0, "ObjectOwnership") != ownership:
            yield f"{name} allows access lists"
        if dig(bucket, "VersioningConfiguration", "Status") != "Enabled":
            yield f"{name} keeps no versions"
        if not denies(policies.get(name, []), "s3:*", {"Bool": {"aws:SecureTransport": False}}):
            yield f"{name} may be spoken to without TLS"


def denies(statements, action, condition):
    return any(s["Effect"] == "Deny" and s["Principal"] == "*" and s["Action"] == action and s["Condition"] == condition for s in statements)


def content_bucket(template):
    bucket = template["Resources"]["ContentBucket"]["Properties"]
    encryption = dig(bucket, "BucketEncryption", "ServerSideEncryptionConfiguration", 0) or {}
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": attribute("RecordsKey")}
    if encryption != {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": by_default}:
        yield f"the content bucket is encrypted as {encryption}"
    if dig(bucket, "NotificationConfiguration", "EventBridgeConfiguration", "EventBridgeEnabled") is not True:
        yield "the content bucket tells nobody of new objects"
    if len(dig(bucket, "CorsConfiguration", "CorsRules") or []) != 1 or "*" in dig(bucket, "CorsConfiguration", "CorsRules", 0, "AllowedOrigins"):
        yield "the content bucket may be used from any origin"
    rules = {rule["Id"]: rule for rule in dig(bucket, "LifecycleConfiguration", "Rules") or []}
    if dig(rules, "abandoned-parts", "AbortIncompleteMultipartUpload", "DaysAfterInitiation") != 2:
        yield "parts of abandoned uploads are kept"
    pending = rules.get("abandoned-uploads", {})
    if pending.get("TagFilters") != [{"Key": "strongroom-state", "Value": "pending"}] or pending.get("ExpirationInDays") != 3:
        yield "abandoned uploads are kept, or others expire with them"
    for name, rule in rules.items():
        if "ExpirationInDays" in rule and not rule.get("TagFilters"):
            yield f"the lifecycle rule {name} would delete records"


def content_policy(template):
    statements = template["Resources"]["ContentBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    key_header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    under_ours = {"Null": {key_header: "false"}, "StringNotEquals": {key_header: attribute("RecordsKey")}}
    if not denies(statements, "s3:PutObject", {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}):
        yield "an object may be stored unencrypted"
    if not denies(statements, "s3:PutObject", under_ours):
        yield "an object may be encrypted under another key"
    if not denies(statements, "s3:*", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}):
        yield "the content bucket may be spoken to with an old TLS"
    if any(s["Effect"] == "Allow" for s in statements):
        yield "the content bucket's policy allows something; only roles may"


def routes(template):
    authorizer = {"Ref": "Authorizer"}
    for name, route in of_type(template, "AWS::ApiGatewayV2::Route").items():
        public = route["RouteKey"] in PUBLIC_ROUTES
        wanted = ("NONE", None) if public else ("JWT", authorizer)
        found = (route.get("AuthorizationType"), route.get("AuthorizerId"))
        if found != wanted:
            yield f"{name} ({route['RouteKey']}) is authorized by {found}"
    keys = [route["RouteKey"] for route in of_type(template, "AWS::ApiGatewayV2::Route").values()]
    yield from (f"{key} is routed twice" for key in sorted({key for key in keys if keys.count(key) > 1}))
    if not PUBLIC_ROUTES <= set(keys):
        yield "a public route is missing"
    kind = template["Resources"]["Authorizer"]["Properties"]
    if kind["AuthorizerType"] != "JWT" or not dig(kind, "JwtConfiguration", "Audience") or not dig(kind, "JwtConfiguration", "Issuer"):
        yield "the authorizer checks no issuer or no audience"


def throttles(template):
    stage = template["Resources"]["Stage"]["Properties"]
    for settings in (stage["DefaultRouteSettings"], *(stage["RouteSettings"].get(key, {}) for key in PUBLIC_ROUTES)):
        if not settings.get("ThrottlingRateLimit") or not settings.get("ThrottlingBurstLimit"):
            yield "a route has no throttle"
    if "$context.path" in stage["AccessLogSettings"]["Format"]:
        yield "access logs would hold the tokens of intake links and of downloads"


def kebab(name):
    """`SignIns` as the crate is called: `sign-ins`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def functions(template):
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        stem = name.removesuffix("Function")
        wanted = {
            "Code": {"S3Bucket": "strongroom-packages", "S3Key": f"{kebab(stem)}.zip"},
            "Handler": "bootstrap",
            "Runtime": "provided.al2023",
            "Role": attribute(f"{stem}Role"),
        }
        for key, value in wanted.items():
            if function.get(key) != value:
                yield f"{name} has {key} {function.get(key)}"
        if dig(function, "LoggingConfig", "LogGroup") != {"Ref": f"{stem}Log"}:
            yield f"{name} logs to a group that is not its own"
        for alarm in ("Errors", "Throttles"):
            watched = dig(template, "Resources", f"{stem}{alarm}", "Properties", "Dimensions", 0, "Value")
            if watched != {"Ref": name}:
                yield f"nobody hears of the {alarm.lower()} of {name}"


def invocations(template):
    """Each function may be invoked by exactly the one service that is meant to."""
    callers = {}
    for permission in of_type(template, "AWS::Lambda::Permission").values():
        if not permission.get("SourceArn"):
            yield f"any {permission['Principal']} may invoke {permission['FunctionName']}"
        callers.setdefault(permission["FunctionName"]["Ref"], []).append(permission["Principal"])
    for name in of_type(template, "AWS::Lambda::Function"):
        meant = None if name in NOT_CALLED else [CALLERS.get(name, "apigateway.amazonaws.com")]
        if callers.get(name) != meant:
            yield f"{name} may be invoked by {callers.get(name)}"


def role_statements(template):
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def grants(template):
    evidence = {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": EVIDENCE}}
    protected = set()
    for name, statement in role_statements(template):
        actions = as_list(statement["Action"])
        if any("*" in action for action in actions) or "*" in as_list(statement["Resource"]):
            yield f"{name} has a wildcard in {statement.get('Sid')}"
        if statement["Effect"] == "Deny" and statement.get("Condition") == evidence:
            if set(actions) == {"dynamodb:UpdateItem", "dynamodb:DeleteItem"}:
                protected.add(name)
        if statement["Effect"] == "Allow" and any(action.startswith("kms:") for action in actions):
            yield from key_use(name, statement)
        if "s3:PutObjectTagging" in actions and statement.get("Condition") != PENDING_ONLY:
            yield f"{name} may label an upload as anything but pending"
        if "s3:PutObjectVersionTagging" in actions and statement.get("Condition") != KEPT_OR_PENDING:
            yield f"{name} may label an upload as anything but kept or pending"
        if "dynamodb:Scan" in actions:
            yield f"{name} may scan the table"
    for function in of_type(template, "AWS::Lambda::Function"):
        role = f"{function.removesuffix('Function')}Role"
        if role not in protected:
            yield f"{role} does not deny changes to evidence"
    for name, role in of_type(template, "AWS::IAM::Role").items():
        if role.get("ManagedPolicyArns"):
            yield f"{name} has a policy that is not in this template"


def key_use(name, statement):
    """A key is used for a named purpose of ours, or through a named service."""
    keys = dig(statement, "Condition", "StringEquals") or {}
    # The key of the chain of custody opens nothing; what it signs with is named where it signs.
    if as_list(statement["Resource"]) == [attribute("CustodyKey")]:
        signs, gives_out = {"kms:SigningAlgorithm": "ECDSA_SHA_256"}, as_list(statement["Action"]) == ["kms:GetPublicKey"]
        if keys != signs and not gives_out:
            yield f"{name} may use the key of the chain of custody for anything ({statement.get('Sid')})"
        return
    if not {"kms:EncryptionContext:strongroom:purpose", "kms:ViaService"} & set(keys):
        yield f"{name} may use a key for anything ({statement.get('Sid')})"


def keys(template):
    for name, key in of_type(template, "AWS::KMS::Key").items():
        # KMS rotates no key that signs: what it signed is checked with it for as long as charts are kept.
        signs = key.get("KeyUsage") == "SIGN_VERIFY"
        if key.get("EnableKeyRotation") is not (None if signs else True):
            yield f"{name} is never rotated"
        if signs and (name, key.get("KeySpec")) != ("CustodyKey", "ECC_NIST_P256"):
            yield f"{name} signs, and nobody checks what"
        for statement in key["KeyPolicy"]["Statement"]:
            if statement["Sid"] != "AccountDecidesByItsPolicies" and not statement.get("Condition"):
                yield f"{name} may be used by anybody ({statement['Sid']})"


def logs_and_queues(template):
    for name, group in of_type(template, "AWS::Logs::LogGroup").items():
        if name == "SignInActivity":
            continue
        if not group.get("RetentionInDays") or group.get("KmsKeyId") != attribute("OperationsKey"):
            yield f"{name} is kept for ever or in clear"
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        if queue.get("KmsMasterKeyId") != {"Ref": "OperationsKey"}:
            yield f"{name} is in clear"


def inspection_event(template):
    rule = template["Resources"]["Uploaded"]["Properties"]
    wanted = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [{"Ref": "ContentBucket"}]}, "object": {"key": [{"prefix": "uploads/"}]}},
    }
    if rule["EventPattern"] != wanted:
        yield f"inspection is woken by {rule['EventPattern']}"
    dead_letters = attribute("InspectionDeadLetters")
    if dig(rule, "Targets", 0, "DeadLetterConfig", "Arn") != dead_letters:
        yield "an event that cannot be delivered is lost"
    invoke = of_type(template, "AWS::Lambda::EventInvokeConfig").get("InspectionFunctionEventInvokeConfig", {})
    if dig(invoke, "DestinationConfig", "OnFailure", "Destination") != dead_letters:
        yield "an upload that cannot be inspected is forgotten"


def sign_ins_event(template):
    """What the user pool writes of attempts to sign in reaches the function, is forgotten soon, and never lost in between."""
    deliveries = of_type(template, "AWS::Cognito::LogDeliveryConfiguration")
    for name in of_type(template, "AWS::Cognito::UserPool"):
        to = [d["LogConfigurations"] for d in deliveries.values() if d["UserPoolId"] == {"Ref": name}]
        log = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${SignInActivity}"
        activity = {"CloudWatchLogsConfiguration": {"LogGroupArn": {"Fn::Sub": log}}, "EventSource": "userAuthEvents", "LogLevel": "INFO"}
        if to != [[activity]]:
            yield f"{name} tells nobody of attempts to sign in: {to}"
        yield from sign_in_activity(template)


def sign_in_activity(template):
    resources = template["Resources"]
    group = dig(resources, "SignInActivity", "Properties") or {}
    # A log group under a key of ours is one that Cognito delivers nothing to.
    if "KmsKeyId" in group or group.get("RetentionInDays") != 14:
        yield f"the log of attempts to sign in is kept as {group}"
    wanted = {"LogGroupName": {"Ref": "SignInActivity"}, "FilterPattern": "", "DestinationArn": attribute("SignInsFunction")}
    if dig(resources, "SignInActivityFilter", "Properties") != wanted:
        yield "attempts to sign in do not all reach the function"
    issuer = dig(resources, "SignInsFunction", "Properties", "Environment", "Variables", "STRONGROOM_ISSUER")
    if not issuer or issuer != dig(resources, "Authorizer", "Properties", "JwtConfiguration", "Issuer"):
        yield f"sign-ins takes the issuer for {issuer}"
    invoke = dig(resources, "SignInsFunctionEventInvokeConfig", "Properties")
    if dig(invoke, "DestinationConfig", "OnFailure", "Destination") != attribute("SignInDeadLetters"):
        yield "an attempt to sign in that cannot be put in evidence is forgotten"
    if dig(resources, "SignInsGaveUp", "Properties", "Dimensions", 0, "Value") != attribute("SignInDeadLetters", "QueueName"):
        yield "nobody hears of attempts to sign in that were given up"
    allowed = {a: s.get("Condition") for n, s in role_statements(template) if n == "SignInsRole" and s["Effect"] == "Allow" for a in as_list(s["Action"])}
    for action, prefix in (("dynamodb:Query", "IDENTITY#*"), ("dynamodb:PutItem", EVIDENCE)):
        if allowed.get(action) != {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": prefix}}:
            yield f"sign-ins may {action} outside {prefix}"


def sign_in(template):
    for name, pool in of_type(template, "AWS::Cognito::UserPool").items():
        if pool.get("MfaConfiguration") != "ON" or pool.get("EnabledMfas") != ["SOFTWARE_TOKEN_MFA"]:
            yield f"{name} lets people in with a password alone"
        if dig(pool, "AdminCreateUserConfig", "AllowAdminCreateUserOnly") is not True:
            yield f"{name} lets anybody sign up"
    for name, client in of_type(template, "AWS::Cognito::UserPoolClient").items():
        if client["AllowedOAuthFlows"] != ["code"] or any("PASSWORD" in flow for flow in client["ExplicitAuthFlows"]):
            yield f"{name} takes passwords outside the sign-in page"


def trail(template):
    for name, properties in of_type(template, "AWS::CloudTrail::Trail").items():
        objects = [{"Type": "AWS::S3::Object", "Values": [{"Fn::Sub": "${ContentBucket.Arn}/"}]}]
        selectors = [{"IncludeManagementEvents": True, "ReadWriteType": "All", "DataResources": objects}]
        if properties.get("EventSelectors") != selectors or properties.get("IsLogging") is not True:
            yield f"{name} does not record every access to an object"


ALWAYS = (
    table, keys_table, what_must_outlive_the_stack, buckets, content_bucket, content_policy, routes, throttles, functions, invocations,
    grants, keys, logs_and_queues, inspection_event, sign_ins_event, sign_in, trail,
    *portal.CHECKS,
    *product.CHECKS,
)


def everything_on(template):
    """What must hold where every option was chosen."""
    bucket = template["Resources"]["ContentBucket"]["Properties"]
    retention = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}}
    if bucket.get("ObjectLockEnabled") is not True or bucket.get("ObjectLockConfiguration") != retention:
        yield "object lock was chosen and objects are not retained"
    if dig(bucket, "AccelerateConfiguration", "AccelerationStatus") != "Enabled":
        yield "transfer acceleration was chosen and is off"
    if not of_type(template, "AWS::CloudTrail::Trail"):
        yield "the trail was chosen and is missing"


WITH_EVERYTHING = (everything_on, portal.portal_named)


def wrong(template, configuration):
    checks = (*ALWAYS, *WITH_EVERYTHING) if configuration == "everything" else ALWAYS
    return [(check.__name__, sentence) for check in checks for sentence in check(template)]
