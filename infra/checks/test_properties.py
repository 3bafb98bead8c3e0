"""Each property must notice its fault: every row breaks a copy of the real template in one way.

    TEMPLATE=target/template.json python -m unittest test_properties
"""

import copy
import json
import os
import pathlib
import unittest

import portal
import properties
import resolve
from check import CONFIGURATIONS


def drop(*path):
    def plant(resources):
        node = resources
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]

    return plant


def put(value, *path):
    def plant(resources):
        node = resources
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value

    return plant


def statements(resources, role):
    return resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


def without_statement(role, sid):
    def plant(resources):
        kept = [s for s in statements(resources, role) if s["Sid"] != sid]
        assert len(kept) + 1 == len(statements(resources, role)), sid
        statements(resources, role)[:] = kept

    return plant


def in_statement(role, sid, key, value):
    def plant(resources):
        (statement,) = [s for s in statements(resources, role) if s["Sid"] == sid]
        statement[key] = value

    return plant


def without_policy_statement(policy, sid):
    def plant(resources):
        document = resources[policy]["Properties"]["PolicyDocument"]
        document["Statement"] = [s for s in document["Statement"] if s["Sid"] != sid]

    return plant


def in_policy(policy, sid, key, value):
    def plant(resources):
        (statement,) = [s for s in resources[policy]["Properties"]["PolicyDocument"]["Statement"] if s["Sid"] == sid]
        statement[key] = value

    return plant


def in_text(old, new, *path):
    """Replaces a piece of a text, wherever `Fn::Sub` put it."""

    def plant(resources):
        node = resources
        for step in path[:-1]:
            node = node[step]
        node, step = (node[path[-1]], "Fn::Sub") if isinstance(node[path[-1]], dict) else (node, path[-1])
        assert old in node[step], old
        node[step] = node[step].replace(old, new)

    return plant


P = "Properties"
CONFIG = ("PortalDistribution", P, "DistributionConfig")
HEADERS = ("PortalHeaders", P, "ResponseHeadersPolicyConfig")
CSP = (*HEADERS, "SecurityHeadersConfig", "ContentSecurityPolicy", "ContentSecurityPolicy")
ASSETS_KEY = ("PortalAssets", P, "CachePolicyConfig", "ParametersInCacheKeyAndForwardedToOrigin")
CODE = ("PortalAddresses", P, "FunctionCode")
BY_ANYBODY = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
# A directive of the policy taken out, each in turn.
WITHOUT_DIRECTIVES = [("portal_policy", in_text(f"{name} ", "x-", *CSP)) for name in (*portal.POLICY, "connect-src")]
# What the policy must not say, put where scripts, or connections, are allowed.
LOOSE_SCRIPTS = ("'unsafe-inline'", "'unsafe-eval'", "'strict-dynamic'", "https:", "*", "https://*.example.org", "data:", "blob:")
LOOSENED = [("portal_policy", in_text("script-src 'self'", f"script-src 'self' {source}", *CSP)) for source in LOOSE_SCRIPTS]
LOOSENED += [
    ("portal_policy", in_text("connect-src 'self'", f"connect-src 'self' {source}", *CSP))
    for source in ("*", "https:", "https://elsewhere.example.org")
]
FAULTS = [
    ("table", drop("Table", P, "PointInTimeRecoverySpecification")),
    ("table", drop("Table", P, "SSESpecification")),
    ("table", put("expires", "Table", P, "TimeToLiveSpecification", "AttributeName")),
    ("table", put(False, "Table", P, "DeletionProtectionEnabled")),
    ("keys_table", drop("KeysTable", P, "SSESpecification")),
    ("keys_table", put(False, "KeysTable", P, "DeletionProtectionEnabled")),
    ("keys_table", put({"PointInTimeRecoveryEnabled": True}, "KeysTable", P, "PointInTimeRecoverySpecification")),
    ("keys_table", put({"StreamViewType": "NEW_IMAGE"}, "KeysTable", P, "StreamSpecification")),
    ("keys_table", in_statement("RecordsRole", "Keys", "Action", ["dynamodb:BatchGetItem", "dynamodb:DeleteItem"])),
    ("what_must_outlive_the_stack", drop("KeysTable", "DeletionPolicy")),
    ("what_must_outlive_the_stack", drop("ContentBucket", "DeletionPolicy")),
    ("buckets", put(False, "TrailBucket", P, "PublicAccessBlockConfiguration", "BlockPublicPolicy")),
    ("buckets", drop("ContentBucket", P, "OwnershipControls")),
    ("buckets", drop("ContentBucket", P, "VersioningConfiguration")),
    ("buckets", without_policy_statement("ContentBucketPolicy", "OnlyOverTls")),
    ("content_bucket", drop("ContentBucket", P, "BucketEncryption")),
    ("content_bucket", drop("ContentBucket", P, "NotificationConfiguration")),
    ("content_bucket", put(["*"], "ContentBucket", P, "CorsConfiguration", "CorsRules", 0, "AllowedOrigins")),
    ("content_bucket", drop("ContentBucket", P, "LifecycleConfiguration", "Rules", 1, "TagFilters")),
    ("content_bucket", drop("ContentBucket", P, "LifecycleConfiguration", "Rules", 0)),
    ("content_policy", without_policy_statement("ContentBucketPolicy", "OnlyEncrypted")),
    ("content_policy", without_policy_statement("ContentBucketPolicy", "OnlyUnderOurKey")),
    ("content_policy", without_policy_statement("ContentBucketPolicy", "OnlyModernTls")),
    ("routes", put("NONE", "ReadClientRoute", P, "AuthorizationType")),
    ("routes", drop("ReadClientRoute", P, "AuthorizerId")),
    ("routes", put("GET /me", "ReadClientRoute", P, "RouteKey")),
    ("routes", put("JWT", "IntakeRoute", P, "AuthorizationType")),
    ("routes", put("JWT", "FollowDownloadRoute", P, "AuthorizationType")),
    ("routes", drop("Authorizer", P, "JwtConfiguration", "Audience")),
    ("throttles", drop("Stage", P, "RouteSettings", "ANY /intake/{proxy+}")),
    ("throttles", drop("Stage", P, "RouteSettings", "GET /downloads/{pass}")),
    ("throttles", put("$context.path", "Stage", P, "AccessLogSettings", "Format")),
    ("functions", put("clients.zip", "RecordsFunction", P, "Code", "S3Key")),
    ("functions", put({"Fn::GetAtt": ["ClientsRole", "Arn"]}, "RecordsFunction", P, "Role")),
    ("functions", drop("RecordsErrors")),
    ("invocations", drop("RecordsPermission")),
    ("invocations", drop("UploadedPermission", P, "SourceArn")),
    ("grants", without_statement("RecordsRole", "EvidenceIsNeverChanged")),
    ("grants", in_statement("RecordsRole", "Table", "Resource", "*")),
    ("grants", in_statement("RecordsRole", "Table", "Action", ["dynamodb:*"])),
    ("grants", in_statement("RecordsRole", "Table", "Action", ["dynamodb:Scan"])),
    ("grants", in_statement("RecordsRole", "Open", "Condition", {})),
    ("grants", in_statement("IntakeRole", "MarkAsPending", "Condition", {})),
    ("grants", put(["arn:aws:iam::aws:policy/AmazonS3FullAccess"], "RecordsRole", P, "ManagedPolicyArns")),
    ("keys", put(False, "OperationsKey", P, "EnableKeyRotation")),
    ("keys", put("ECC_NIST_P384", "CustodyKey", P, "KeySpec")),
    ("grants", in_statement("TransfersRole", "SignCustody", "Condition", {})),
    ("keys", drop("RecordsKey", P, "KeyPolicy", "Statement", 1, "Condition")),
    ("logs_and_queues", drop("RecordsLog", P, "RetentionInDays")),
    ("logs_and_queues", drop("InspectionDeadLetters", P, "KmsMasterKeyId")),
    ("inspection_event", put("previews/", "Uploaded", P, "EventPattern", "detail", "object", "key", 0, "prefix")),
    ("inspection_event", drop("Uploaded", P, "Targets", 0, "DeadLetterConfig")),
    ("inspection_event", drop("InspectionFunctionEventInvokeConfig")),
    ("invocations", drop("SignInsPermission")),
    ("functions", put("signins.zip", "SignInsFunction", P, "Code", "S3Key")),
    ("sign_ins_event", drop("SignInActivityDelivery")),
    ("sign_ins_event", put("userNotification", "SignInActivityDelivery", P, "LogConfigurations", 0, "EventSource")),
    ("sign_ins_event", put({"Fn::GetAtt": ["OperationsKey", "Arn"]}, "SignInActivity", P, "KmsKeyId")),
    ("sign_ins_event", put(400, "SignInActivity", P, "RetentionInDays")),
    ("sign_ins_event", put("{ $.level = 1 }", "SignInActivityFilter", P, "FilterPattern")),
    ("sign_ins_event", drop("SignInsFunction", P, "Environment", "Variables", "STRONGROOM_ISSUER")),
    ("sign_ins_event", drop("SignInsFunctionEventInvokeConfig")),
    ("sign_ins_event", drop("SignInsGaveUp")),
    ("sign_ins_event", in_statement("SignInsRole", "LeaveEvidence", "Condition", {})),
    ("sign_in", put("OPTIONAL", "UserPool", P, "MfaConfiguration")),
    ("sign_in", put(["ALLOW_USER_PASSWORD_AUTH"], "UserPoolClient", P, "ExplicitAuthFlows")),
    ("trail", drop("AccountTrail", P, "EventSelectors", 0, "DataResources")),
    ("grants", in_statement("IntakeRole", "MarkAsKept", "Condition", {})),
    ("catalogue_functions", put({"Type": "AWS::Lambda::Function", P: {}}, "SpareFunction")),
    ("catalogue_functions", drop("RecordsFunction", P, "Environment", "Variables", "STRONGROOM_KEY")),
    ("catalogue_routes", drop("ReadClientRoute")),
    ("catalogue_routes", put("GET /clients/{id}", "ReadClientRoute", P, "RouteKey")),
    ("catalogue_routes", put({"Fn::Sub": "integrations/${LedgerIntegration}"}, "ReadClientRoute", P, "Target")),
    ("catalogue_routes", put({"Fn::GetAtt": ["LedgerFunction", "Arn"]}, "ClientsIntegration", P, "IntegrationUri")),
    ("catalogue_events", put([], "Uploaded", P, "Targets")),
    ("catalogue_grants", without_statement("RecordsRole", "Indexes")),
    ("catalogue_grants", without_statement("RecordsRole", "KeysInOrder")),
    ("catalogue_grants", without_statement("RetentionSweepRole", "DestroyAndLockFiles")),
    ("catalogue_events", put("rate(1 day)", "RetentionSweepSchedule", P, "ScheduleExpression")),
    ("catalogue_events", put("{}", "RetentionSweepSchedule", P, "Target", "Input")),
    ("catalogue_events", drop("RetentionSweepWork", P, "FunctionResponseTypes")),
    ("catalogue_events", put({"Fn::GetAtt": ["WorkDeadLetters", "Arn"]}, "RetentionSweepWork", P, "EventSourceArn")),
    ("catalogue_events", drop("RetentionSweepSchedule", P, "Target", "DeadLetterConfig")),
    ("catalogue_events", without_statement("RetentionSweepScheduleRole", "Wake")),
    ("catalogue_events", in_statement("RetentionSweepScheduleRole", "Wake", "Resource", {"Fn::GetAtt": ["RetentionFunction", "Arn"]})),
    ("catalogue_events", drop("RetentionSweepStream")),
    ("catalogue_events", drop("RetentionSweepStream", P, "FilterCriteria", "Filters", 0)),
    ("catalogue_events", drop("RetentionSweepStream", P, "DestinationConfig")),
    ("catalogue_grants", without_statement("RetentionSweepRole", "FindStream")),
    ("catalogue_events", drop("NotifyStream")),
    ("catalogue_events", drop("NotifyStream", P, "FunctionResponseTypes")),
    ("catalogue_events", drop("NotifyStream", P, "FilterCriteria", "Filters", 0)),
    ("catalogue_events", drop("NotifyStream", P, "BisectBatchOnFunctionError")),
    ("catalogue_events", drop("NotifyStream", P, "MaximumRecordAgeInSeconds")),
    ("catalogue_events", drop("NotifyStream", P, "DestinationConfig")),
    ("catalogue_grants", without_statement("NotifyRole", "FindStream")),
    ("catalogue_grants", in_statement("NotifyRole", "SendMail", "Condition", {})),
    ("catalogue_grants", in_statement("RecordsRole", "Table", "Action", ["dynamodb:BatchGetItem", "dynamodb:Query"])),
    ("catalogue_grants", in_statement("DeliveryRole", "Download", "Condition", {})),
    ("catalogue_grants", in_statement("LedgerRole", "Log", "Action", ["logs:PutLogEvents", "s3:GetObject"])),
    ("everything_on", drop("ContentBucket", P, "ObjectLockConfiguration")),
    ("everything_on", drop("ContentBucket", P, "AccelerateConfiguration")),
    ("what_must_outlive_the_stack", drop("PortalBucket", "DeletionPolicy")),
    ("buckets", put(False, "PortalBucket", P, "PublicAccessBlockConfiguration", "RestrictPublicBuckets")),
    ("buckets", put("BucketOwnerPreferred", "PortalBucket", P, "OwnershipControls", "Rules", 0, "ObjectOwnership")),
    ("buckets", put("ObjectWriter", "PortalLogBucket", P, "OwnershipControls", "Rules", 0, "ObjectOwnership")),
    ("buckets", drop("PortalBucket", P, "VersioningConfiguration")),
    ("buckets", without_policy_statement("PortalBucketPolicy", "OnlyOverTls")),
    ("portal_bucket", without_policy_statement("PortalBucketPolicy", "OnlyModernTls")),
    ("portal_bucket", without_policy_statement("PortalBucketPolicy", "ReadByTheDistribution")),
    ("portal_bucket", in_policy("PortalBucketPolicy", "ReadByTheDistribution", "Principal", "*")),
    ("portal_bucket", in_policy("PortalBucketPolicy", "ReadByTheDistribution", "Condition", BY_ANYBODY)),
    ("portal_bucket", in_policy("PortalBucketPolicy", "ReadByTheDistribution", "Action", "s3:*")),
    ("portal_bucket", in_policy("PortalBucketPolicy", "MissingIsNotForbidden", "Condition", BY_ANYBODY)),
    ("portal_bucket", in_policy("PortalBucketPolicy", "OnlyOverTls", "Effect", "Allow")),
    ("portal_bucket", put({"IndexDocument": "index.html"}, "PortalBucket", P, "WebsiteConfiguration")),
    ("portal_bucket", drop("PortalBucket", P, "BucketEncryption")),
    ("portal_bucket", drop("PortalBucket", P, "LifecycleConfiguration")),
    ("portal_bucket", put(90, "PortalBucket", P, "LifecycleConfiguration", "Rules", 0, "ExpirationInDays")),
    ("portal_origin", drop(*CONFIG, "Origins", 0, "OriginAccessControlId")),
    ("portal_origin", put("elsewhere.example.org", *CONFIG, "Origins", 0, "DomainName")),
    ("portal_origin", put("http-only", *CONFIG, "Origins", 1, "CustomOriginConfig", "OriginProtocolPolicy")),
    ("portal_origin", put("api", *CONFIG, "CacheBehaviors", 0, "TargetOriginId")),
    ("portal_caching", put({"Ref": "PortalAssets"}, *CONFIG, "CacheBehaviors", 1, "CachePolicyId")),
    ("portal_origin", put("no-override", "PortalOriginAccess", P, "OriginAccessControlConfig", "SigningBehavior")),
    ("portal_transport", put("allow-all", *CONFIG, "DefaultCacheBehavior", "ViewerProtocolPolicy")),
    ("portal_transport", put("allow-all", *CONFIG, "CacheBehaviors", 0, "ViewerProtocolPolicy")),
    ("portal_transport", put(["GET", "HEAD", "POST"], *CONFIG, "DefaultCacheBehavior", "AllowedMethods")),
    ("portal_transport", put(False, *CONFIG, "CacheBehaviors", 0, "Compress")),
    ("portal_transport", put("TLSv1", *CONFIG, "ViewerCertificate", "MinimumProtocolVersion")),
    ("portal_transport", drop(*CONFIG, "ViewerCertificate", "AcmCertificateArn")),
    ("portal_transport", drop(*CONFIG, "Aliases")),
    ("portal_transport", put("http1.1", *CONFIG, "HttpVersion")),
    ("portal_transport", put(False, *CONFIG, "IPV6Enabled")),
    ("portal_transport", drop(*CONFIG, "DefaultRootObject")),
    ("portal_errors", put(200, *CONFIG, "CustomErrorResponses", 1, "ResponseCode")),
    ("portal_errors", put("/index.html", *CONFIG, "CustomErrorResponses", 0, "ResponsePagePath")),
    ("portal_errors", put(300, *CONFIG, "CustomErrorResponses", 1, "ErrorCachingMinTTL")),
    ("portal_logs", drop(*CONFIG, "Logging")),
    ("portal_logs", put(True, *CONFIG, "Logging", "IncludeCookies")),
    ("portal_logs", drop("PortalLogBucket")),
    ("portal_caching", put({"Ref": "PortalAssets"}, *CONFIG, "DefaultCacheBehavior", "CachePolicyId")),
    ("portal_caching", put("/*.js", *CONFIG, "CacheBehaviors", 0, "PathPattern")),
    ("portal_caching", put(60, "PortalPages", P, "CachePolicyConfig", "DefaultTTL")),
    ("portal_caching", put(60, "PortalAssets", P, "CachePolicyConfig", "MaxTTL")),
    ("portal_caching", put("all", *ASSETS_KEY, "CookiesConfig", "CookieBehavior")),
    ("portal_caching", put("all", *ASSETS_KEY, "QueryStringsConfig", "QueryStringBehavior")),
    ("portal_caching", drop(*ASSETS_KEY, "EnableAcceptEncodingBrotli")),
    *WITHOUT_DIRECTIVES,
    *LOOSENED,
    ("portal_policy", in_text("script-src 'self'", "script-src 'self'; script-src 'self'", *CSP)),
    ("portal_policy", in_text("${Api.ApiEndpoint}", "", *CSP)),
    ("portal_policy", in_text("https://cognito-idp.", "https://elsewhere.", *CSP)),
    ("portal_policy", in_text("https://strongroom-example.auth.", "https://elsewhere.auth.", *CSP)),
    ("portal_policy", in_text("data: https://${ContentBucket", "data: https://${TrailBucket", *CSP)),
    ("portal_policy", put(False, *HEADERS, "SecurityHeadersConfig", "ContentSecurityPolicy", "Override")),
    ("portal_headers", drop(*CONFIG, "DefaultCacheBehavior", "ResponseHeadersPolicyId")),
    ("portal_headers", drop(*CONFIG, "CacheBehaviors", 0, "ResponseHeadersPolicyId")),
    ("portal_headers", put(3600, *HEADERS, "SecurityHeadersConfig", "StrictTransportSecurity", "AccessControlMaxAgeSec")),
    ("portal_headers", drop(*HEADERS, "SecurityHeadersConfig", "StrictTransportSecurity", "IncludeSubdomains")),
    ("portal_headers", drop(*HEADERS, "SecurityHeadersConfig", "ContentTypeOptions")),
    ("portal_headers", put("SAMEORIGIN", *HEADERS, "SecurityHeadersConfig", "FrameOptions", "FrameOption")),
    ("portal_headers", put("origin", *HEADERS, "SecurityHeadersConfig", "ReferrerPolicy", "ReferrerPolicy")),
    ("portal_headers", drop(*HEADERS, "CustomHeadersConfig", "Items", 0)),
    ("portal_headers", put("unsafe-none", *HEADERS, "CustomHeadersConfig", "Items", 1, "Value")),
    ("portal_headers", put(False, *HEADERS, "CustomHeadersConfig", "Items", 2, "Override")),
    ("portal_headers", put({"AccessControlAllowOrigins": {"Items": ["*"]}}, *HEADERS, "CorsConfig")),
    ("portal_addresses", in_text('address === "/" ||', "", *CODE)),
    ("portal_addresses", in_text('"/signed-in"', '"/signed"', *CODE)),
    ("portal_addresses", in_text('startsWith("/app/")', 'startsWith("/app")', *CODE)),
    ("portal_addresses", in_text('"/intake.html"', '"/index.html"', *CODE)),
    ("portal_addresses", in_text('address === "/intake"', 'address.startsWith("/intake")', *CODE)),
    ("portal_addresses", in_text("return request;", "return {};", *CODE)),
    ("portal_addresses", in_text("function handler", "function", *CODE)),
    ("portal_addresses", put(False, "PortalAddresses", P, "AutoPublish")),
    ("portal_addresses", drop(*CONFIG, "DefaultCacheBehavior", "FunctionAssociations")),
    ("portal_configuration", put("https://issuer.example.org", "Authorizer", P, "JwtConfiguration", "Issuer")),
    ("portal_configuration", put(["another"], "Authorizer", P, "JwtConfiguration", "Audience")),
    ("portal_named", put(["elsewhere.example.org"], *CONFIG, "Aliases")),
    ("portal_named", drop(*CONFIG, "WebACLId")),
    ("portal_named", drop(*CONFIG, "Logging")),
]


class Properties(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        plain = json.loads(pathlib.Path(os.environ["TEMPLATE"]).read_text(encoding="utf-8"))
        cls.template = resolve.resolve(plain, CONFIGURATIONS["everything"])

    def test_the_template_has_every_property(self):
        self.assertEqual(properties.wrong(self.template, "everything"), [])

    def test_each_property_notices_its_fault(self):
        for number, (expected, plant) in enumerate(FAULTS):
            with self.subTest(fault=number, expected=expected):
                broken = copy.deepcopy(self.template)
                plant(broken["Resources"])
                self.assertIn(expected, {name for name, _ in properties.wrong(broken, "everything")})

    def test_every_property_has_a_fault(self):
        named = {expected for expected, _ in FAULTS}
        self.assertEqual(named, {check.__name__ for check in (*properties.ALWAYS, *properties.WITH_EVERYTHING)})


if __name__ == "__main__":
    unittest.main()
