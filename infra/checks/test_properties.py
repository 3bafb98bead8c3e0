"""Each property must notice its fault: every row breaks a copy of the real template in one way.

    TEMPLATE=target/template.json python -m unittest test_properties
"""

import copy
import json
import os
import pathlib
import unittest

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


P = "Properties"
FAULTS = [
    ("table", drop("Table", P, "PointInTimeRecoverySpecification")),
    ("table", drop("Table", P, "SSESpecification")),
    ("table", put("expires", "Table", P, "TimeToLiveSpecification", "AttributeName")),
    ("table", put(False, "Table", P, "DeletionProtectionEnabled")),
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
    ("routes", drop("Authorizer", P, "JwtConfiguration", "Audience")),
    ("throttles", drop("Stage", P, "RouteSettings", "ANY /intake/{proxy+}")),
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
    ("catalogue_grants", in_statement("RecordsRole", "Table", "Action", ["dynamodb:BatchGetItem", "dynamodb:Query"])),
    ("catalogue_grants", in_statement("DeliveryRole", "Download", "Condition", {})),
    ("catalogue_grants", in_statement("LedgerRole", "Log", "Action", ["logs:PutLogEvents", "s3:GetObject"])),
    ("everything_on", drop("ContentBucket", P, "ObjectLockConfiguration")),
    ("everything_on", drop("ContentBucket", P, "AccelerateConfiguration")),
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
        self.assertEqual(named, {check.__name__ for check in (*properties.ALWAYS, properties.everything_on)})


if __name__ == "__main__":
    unittest.main()
