"""What the product's own catalogue (`infra/functions.json`, generated from the code) demands of the deployment.

Every function yields a sentence for each thing in which the template says more, less or otherwise than the code: routes,
the functions behind them, what wakes the others, their environment, and their roles' statements, one by one.
"""

import json
import pathlib
import re

CATALOGUE = json.loads((pathlib.Path(__file__).parent.parent / "functions.json").read_text(encoding="utf-8"))
# One route for everything a patient's phone asks; which of it is an operation, the function decides.
INTAKE = "ANY /intake/{proxy+}"
ENVIRONMENT = {"STRONGROOM_TABLE", "STRONGROOM_KEYS_TABLE", "STRONGROOM_BUCKET", "STRONGROOM_KEY", "STRONGROOM_CUSTODY_KEY", "STRONGROOM_PORTAL_ORIGIN", "RUST_LOG"}

# What functions are told besides, by what they may do.
TOLD = {"send_work": "STRONGROOM_QUEUE_URL", "send_mail": "STRONGROOM_MAIL_FROM"}

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
WORK_QUEUE = {"Fn::GetAtt": ["WorkQueue", "Arn"]}
OPERATIONS_KEY = {"Fn::GetAtt": ["OperationsKey", "Arn"]}
THROUGH_QUEUES = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "sqs.${AWS::Region}.amazonaws.com"}}}
KEYS_TABLE = {"Fn::GetAtt": ["KeysTable", "Arn"]}
RECORDS_KEY = {"Fn::GetAtt": ["RecordsKey", "Arn"]}
CUSTODY_KEY = {"Fn::GetAtt": ["CustodyKey", "Arn"]}
UPLOADS = {"Fn::Sub": "${ContentBucket.Arn}/uploads/*"}
PREVIEWS = {"Fn::Sub": "${ContentBucket.Arn}/previews/*"}
THROUGH_STORAGE = {
    "StringEquals": {
        "kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"},
        "kms:EncryptionContext:aws:s3:arn": {"Fn::GetAtt": ["ContentBucket", "Arn"]},
    }
}


def index(name):
    return {"Fn::Sub": "${Table.Arn}/index/" + name}


def leading(prefix):
    return {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": prefix}}


def purpose(name):
    return {"StringEquals": {"kms:EncryptionContext:strongroom:purpose": name}}


def labelled(state):
    return {"StringEquals": {"s3:RequestObjectTag/strongroom-state": state}}


NOT_PENDING = {"StringNotEquals": {"s3:ExistingObjectTag/strongroom-state": "pending"}}
OPEN_THROUGH_STORAGE = ("kms:Decrypt", RECORDS_KEY, THROUGH_STORAGE)
SEAL_THROUGH_STORAGE = ("kms:GenerateDataKey", RECORDS_KEY, THROUGH_STORAGE)

# What each grant of the code (`shared/api/src/function.rs`) is in IAM: action, resource, condition.
GRANTS = {
    "read_items": [("dynamodb:BatchGetItem", TABLE, None)],
    "query_items": [("dynamodb:Query", TABLE, None)],
    "query_timeline": [("dynamodb:Query", index("timeline"), None)],
    "query_trail": [("dynamodb:Query", index(name), None) for name in ("by_record", "by_client", "by_member")],
    "write_items": [("dynamodb:PutItem", TABLE, None)],
    "remove_items": [("dynamodb:DeleteItem", TABLE, None)],
    "check_items": [("dynamodb:ConditionCheckItem", TABLE, None)],
    "read_keys": [("dynamodb:BatchGetItem", KEYS_TABLE, None)],
    "query_keys": [("dynamodb:Query", {"Fn::Sub": "${KeysTable.Arn}/index/timeline"}, None)],
    "write_keys": [("dynamodb:PutItem", KEYS_TABLE, None)],
    "destroy_keys": [("dynamodb:DeleteItem", KEYS_TABLE, None)],
    "query_memberships": [("dynamodb:Query", TABLE, leading("IDENTITY#*"))],
    "write_evidence": [("dynamodb:PutItem", TABLE, leading("EVIDENCE#*"))],
    "open_directories": [("kms:Decrypt", RECORDS_KEY, purpose("directory"))],
    "seal_directories": [("kms:GenerateDataKey", RECORDS_KEY, purpose("directory"))],
    "open_clients": [("kms:Decrypt", RECORDS_KEY, purpose("client"))],
    "seal_clients": [("kms:GenerateDataKey", RECORDS_KEY, purpose("client"))],
    "sign_custody": [
        ("kms:Sign", CUSTODY_KEY, {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_256"}}),
        ("kms:GetPublicKey", CUSTODY_KEY, None),
    ],
    "send_uploads": [
        ("s3:PutObject", UPLOADS, None),
        ("s3:PutObjectTagging", UPLOADS, labelled("pending")),
        ("s3:AbortMultipartUpload", UPLOADS, None),
        ("s3:ListMultipartUploadParts", UPLOADS, None),
        OPEN_THROUGH_STORAGE,
        SEAL_THROUGH_STORAGE,
    ],
    "see_uploads": [("s3:GetObject", UPLOADS, None), ("s3:ListBucket", {"Fn::GetAtt": ["ContentBucket", "Arn"]}, None)],
    "keep_uploads": [("s3:PutObjectVersionTagging", UPLOADS, labelled(state)) for state in ("kept", "pending")],
    "read_uploads": [("s3:GetObject", UPLOADS, None), ("s3:GetObjectVersion", UPLOADS, None), OPEN_THROUGH_STORAGE],
    "write_previews": [("s3:PutObject", PREVIEWS, None), SEAL_THROUGH_STORAGE],
    "destroy_files": [
        ("s3:DeleteObjectVersion", UPLOADS, None),
        ("s3:DeleteObjectVersion", PREVIEWS, None),
        ("s3:ListBucketVersions", {"Fn::GetAtt": ["ContentBucket", "Arn"]}, None),
    ],
    "lock_files": [
        *(
            (action, folder, None)
            for action in ("s3:GetObjectLegalHold", "s3:PutObjectLegalHold", "s3:GetObjectRetention")
            for folder in (UPLOADS, PREVIEWS)
        ),
        ("s3:GetBucketObjectLockConfiguration", {"Fn::GetAtt": ["ContentBucket", "Arn"]}, None),
    ],
    "send_work": [
        ("sqs:SendMessage", WORK_QUEUE, None),
        *((action, OPERATIONS_KEY, THROUGH_QUEUES) for action in ("kms:Decrypt", "kms:GenerateDataKey")),
    ],
    "read_files": [
        ("s3:GetObjectVersion", UPLOADS, NOT_PENDING),
        ("s3:GetObjectVersion", PREVIEWS, NOT_PENDING),
        OPEN_THROUGH_STORAGE,
    ],
}


SENDERS = {"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"}
# What a function that follows the table's stream is let do by its role, as the stream is polled in its name.
STREAM = {"Fn::GetAtt": ["Table", "StreamArn"]}
OPEN_STREAM = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"}}}
FOLLOWING = [
    *((f"dynamodb:{action}", STREAM, None) for action in ("GetRecords", "GetShardIterator", "DescribeStream")),
    # Streams are listed by table, whichever it has.
    ("dynamodb:ListStreams", {"Fn::Sub": "${Table.Arn}/stream/*"}, None),
    ("kms:Decrypt", RECORDS_KEY, OPEN_STREAM),
]

# Where what a function cannot do comes to lie, by what wakes it.
DEAD_LETTERS = {
    "object_created": "InspectionDeadLetters",
    "sign_in_activity": "SignInDeadLetters",
    "schedule": "WorkDeadLetters",
    "table_stream": "NotifyDeadLetters",
}


def dead_letters(function, trigger):
    """Who works through the queue gives up among its dead letters, whatever wakes it."""
    works = any(event["trigger"] == "queue" for event in CATALOGUE[function]["events"])
    return "WorkDeadLetters" if works and trigger == "table_stream" else DEAD_LETTERS.get(trigger)


def stem(function):
    """`sign-ins` as the template calls it: `SignIns`."""
    return "".join(word.capitalize() for word in function.split("-"))


def of_type(template, kind):
    return {name: r.get("Properties", {}) for name, r in template["Resources"].items() if r["Type"] == kind}


def as_list(value):
    return value if isinstance(value, list) else [value]


def catalogue_functions(template):
    """Exactly the functions of the code are deployed, each with the environment the code reads."""
    wanted = {f"{stem(name)}Function": name for name in CATALOGUE}
    found = of_type(template, "AWS::Lambda::Function")
    yield from (f"{name} is deployed and is no function of the product" for name in sorted(set(found) - set(wanted)))
    for name in sorted(set(found) & set(wanted)):
        given = set(found[name].get("Environment", {}).get("Variables", {})) - {"STRONGROOM_ISSUER"}
        grants = CATALOGUE[wanted[name]]["grants"]
        if given != ENVIRONMENT | {TOLD[grant] for grant in grants if grant in TOLD}:
            yield f"{name} is told {sorted(given)}"
    missing = set(wanted) - set(found)
    # An organization that brings its own issuer has no user pool whose log could be read, and one that names no address
    # sends no e-mail.
    yield from (f"{name} is not deployed" for name in sorted(missing - {"SignInsFunction", "NotifyFunction"}))


def catalogue_routes(template):
    """Every operation has its route to its function, and every route its operation."""
    wanted = {INTAKE: ("intake", "intake")}
    for function, entry in CATALOGUE.items():
        for operation in entry["operations"]:
            if operation["access"] == "intake_link":
                if not operation["path"].startswith("/intake/"):
                    yield f"{operation['id']} is public and not below the public route"
                continue
            wanted[f"{operation['method']} {operation['path']}"] = (operation["id"], function)
    found = {}
    for route in of_type(template, "AWS::ApiGatewayV2::Route").values():
        target = re.fullmatch(r"integrations/\$\{(\w+)Integration\}", route["Target"].get("Fn::Sub", ""))
        found[route["RouteKey"]] = (route.get("OperationName"), target and target.group(1))
    for key in sorted(set(wanted) | set(found)):
        operation, function = wanted.get(key, (None, None))
        if found.get(key) != (operation, function and stem(function)):
            yield f"{key} should be {operation} of {function}, and is {found.get(key)}"
    for name, integration in of_type(template, "AWS::ApiGatewayV2::Integration").items():
        if integration["IntegrationUri"] != {"Fn::GetAtt": [name.removesuffix("Integration") + "Function", "Arn"]}:
            yield f"{name} calls {integration['IntegrationUri']}"


def catalogue_events(template):
    """Functions that the code wakes by an event are woken by that event, and by nothing else."""
    for function, entry in CATALOGUE.items():
        name = f"{stem(function)}Function"
        if name not in template["Resources"]:
            continue
        arn = {"Fn::GetAtt": [name, "Arn"]}
        rules = [r for r in of_type(template, "AWS::Events::Rule").values() if any(t["Arn"] == arn for t in r["Targets"])]
        logs = [f for f in of_type(template, "AWS::Logs::SubscriptionFilter").values() if f["DestinationArn"] == arn]
        triggers = [event["trigger"] for event in entry["events"]]
        if (len(rules), len(logs)) != (triggers.count("object_created"), triggers.count("sign_in_activity")):
            yield f"{name} should be woken by {triggers}, and has {len(rules)} rules and {len(logs)} logs"
        mappings = [m for m in of_type(template, "AWS::Lambda::EventSourceMapping").values() if m["FunctionName"] == {"Ref": name}]
        yield from sources(name, function, entry["events"], mappings)
        yield from schedules(template, name, function, entry["events"])


def sources(name, function, events, mappings):
    """What a function polls is what the code follows, all of it and nothing else, and says which part of a batch failed."""
    wanted = {"queue": WORK_QUEUE, "table_stream": STREAM}
    followed = {json.dumps(wanted[event["trigger"]]): event for event in events if event["trigger"] in wanted}
    found = [json.dumps(mapping["EventSourceArn"]) for mapping in mappings]
    if sorted(found) != sorted(followed):
        yield f"{name} polls {sorted(found)} and should poll {sorted(followed)}"
    for mapping in mappings:
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} cannot say which part of a batch has failed"
        event = followed.get(json.dumps(mapping["EventSourceArn"]), {})
        if event.get("trigger") == "table_stream":
            yield from following(name, event, mapping, dead_letters(function, "table_stream"))


def following(name, event, mapping, dead):
    """What follows the table's stream is shown what it watches for, and one bad change does not hold up all others for ever."""
    patterns = [json.loads(one["Pattern"]) for one in mapping.get("FilterCriteria", {}).get("Filters", [])]
    image = {"INSERT": "NewImage", "MODIFY": "NewImage", "REMOVE": "OldImage"}
    watched = [
        {"eventName": [one["change"]], "dynamodb": {image[one["change"]]: {"entity": {"S": [one["entity"]]}}}}
        for one in event["watched"]
    ]
    if sorted(map(json.dumps, patterns)) != sorted(map(json.dumps, watched)):
        yield f"{name} should be shown {watched}, and is shown {patterns}"
    if mapping.get("BisectBatchOnFunctionError") is not True:
        yield f"{name} loses a whole batch with one bad change"
    if mapping.get("MaximumRecordAgeInSeconds", -1) < 0 and mapping.get("MaximumRetryAttempts", -1) < 0:
        yield f"{name} tries a bad change again for ever"
    if mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination") != {"Fn::GetAtt": [dead, "Arn"]}:
        yield f"{name} loses what it gives up"


def schedules(template, name, function, events):
    """The clock wakes a function at the times the code says, with what the code reads."""
    wanted = [event["expression"] for event in events if event["trigger"] == "schedule"]
    found = [s for s in of_type(template, "AWS::Scheduler::Schedule").values() if s["Target"]["Arn"] == {"Fn::GetAtt": [name, "Arn"]}]
    if [s["ScheduleExpression"] for s in found] != wanted:
        yield f"{name} should be woken at {wanted}"
    for schedule in found:
        yield from waking(template, name, schedule)
        said = json.loads(schedule["Target"]["Input"])
        if said != {"schedule": function, "at": "<aws.scheduler.scheduled-time>"} or "DeadLetterConfig" not in schedule["Target"]:
            yield f"{name} is woken by a schedule with {said}"


def waking(template, name, schedule):
    """A schedule wakes its function under a role that may do that, give up, and nothing else."""
    role = template["Resources"].get(schedule["Target"]["RoleArn"]["Fn::GetAtt"][0], {}).get("Properties", {})
    statements = [s for policy in role.get("Policies", []) for s in policy["PolicyDocument"]["Statement"]]
    found = {atom for statement in statements for atom in atoms(statement)}
    wanted = [
        ("lambda:InvokeFunction", {"Fn::GetAtt": [name, "Arn"]}, None),
        ("sqs:SendMessage", schedule["Target"].get("DeadLetterConfig", {}).get("Arn"), None),
        *((action, OPERATIONS_KEY, THROUGH_QUEUES) for action in ("kms:Decrypt", "kms:GenerateDataKey")),
    ]
    if found != {json.dumps(one, sort_keys=True) for one in wanted}:
        yield f"the schedule of {name} may do {sorted(found)}"
    trusted = [s["Principal"] for s in role.get("AssumeRolePolicyDocument", {}).get("Statement", [])]
    if trusted != [{"Service": "scheduler.amazonaws.com"}]:
        yield f"the schedule of {name} is run by {trusted}"


def atoms(statement):
    """A statement as single permissions: a list of actions, resources or condition values is each of them."""
    conditions = [None]
    condition = statement.get("Condition")
    if condition:
        conditions = [condition]
        ((operator, keys),) = condition.items()
        for key, values in keys.items():
            if isinstance(values, list):
                conditions = [{operator: {**keys, key: value}} for value in values]
    for action in as_list(statement["Action"]):
        for resource in as_list(statement["Resource"]):
            for one in conditions:
                yield json.dumps((action, resource, one), sort_keys=True)


def housekeeping(function, entry):
    """What every function may do besides its grants: write its own log, and give up into its own queue."""
    log = {"Fn::GetAtt": [f"{stem(function)}Log", "Arn"]}
    allowed = [("logs:CreateLogStream", log, None), ("logs:PutLogEvents", log, None)]
    for event in entry["events"]:
        queue = dead_letters(function, event["trigger"])
        if queue:
            allowed += [("sqs:SendMessage", {"Fn::GetAtt": [queue, "Arn"]}, None)]
            allowed += [(action, OPERATIONS_KEY, THROUGH_QUEUES) for action in ("kms:Decrypt", "kms:GenerateDataKey")]
        if event["trigger"] == "table_stream":
            allowed += FOLLOWING
        if event["trigger"] == "queue":
            allowed += [(action, WORK_QUEUE, None) for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")]
    return allowed


def granted(template, function, grant):
    """What a grant is in IAM; e-mail is sent from the one address that the function is told."""
    if grant != "send_mail":
        return GRANTS[grant]
    variables = template["Resources"][f"{stem(function)}Function"]["Properties"]["Environment"]["Variables"]
    condition = {"StringEquals": {"ses:FromAddress": variables["STRONGROOM_MAIL_FROM"]}}
    return [("ses:SendEmail", SENDERS, condition)]


def catalogue_grants(template):
    """Each role allows exactly what its function's grants and housekeeping are: no more and no less."""
    for function, entry in CATALOGUE.items():
        role = template["Resources"].get(f"{stem(function)}Role")
        if role is None:
            continue
        wanted = [*housekeeping(function, entry), *(one for grant in entry["grants"] for one in granted(template, function, grant))]
        wanted = {json.dumps(one, sort_keys=True) for one in wanted}
        policies = role["Properties"]["Policies"]
        statements = [s for policy in policies for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
        found = {atom for statement in statements for atom in atoms(statement)}
        yield from (f"{function} may {atom} and should not" for atom in sorted(found - wanted))
        yield from (f"{function} should be able to {atom}" for atom in sorted(wanted - found))


CHECKS = (catalogue_functions, catalogue_routes, catalogue_events, catalogue_grants)
