"""Deploys the real template with real binaries to an AWS of our own on loopback, and keeps it up for a driver.

    deploy.py --template target/template.json --bootstraps target/lambda --data target/deploy-check \
        --user administrator@north.example --user practitioner@north.example

`--bootstraps` holds one folder per function with its `bootstrap` in it. Starts ministack (IAM evaluated, every function
under its own role), deploys the translated template through CloudFormation, signs each user in with password and second
factor, and prints one line of JSON:

    { "api_endpoint", "address", "region", "resources": { logical id: physical id },
      "outputs": { name: value }, "credentials": { ... of the account's root, for looking at what happened },
      "users": { e-mail: { "subject", "id_token", "access_token" } } }

The name in `api_endpoint` need not resolve: connect to `address` and send the name as host. Everything ends when standard
input does. What is changed for the emulator is in `for_emulator`, and each change is asserted on the template instead.
"""

import argparse
import base64
import copy
import hashlib
import hmac
import io
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config

import resolve

REGION = "eu-central-1"
STACK = "strongroom"
HOST = "localhost"
PACKAGES = "strongroom-packages"
PARAMETERS = {"PortalOrigin": "https://portal.example.org", "Architecture": "x86_64", "Trail": "off", "LogLevel": "info"}

# The emulator's user pools write no activity, and it takes no order to.
UNKNOWN_TYPES = ("AWS::Cognito::LogDeliveryConfiguration",)

# Condition keys that the emulator never sets, so that an allowance which names one would never hold there.
UNKNOWN_KEYS = ("kms:encryptioncontext:", "kms:signingalgorithm", "s3:requestobjecttag/", "dynamodb:leadingkeys")
# A key that says which service is asking on somebody's behalf; the emulator's services never ask one another.
ON_BEHALF = "kms:viaservice"


def main():
    arguments = parse_arguments()
    data = pathlib.Path(arguments.data).resolve()
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    root = {"access_key_id": "AKIA" + secrets.token_hex(8).upper(), "secret_access_key": secrets.token_hex(20)}
    port = arguments.port or free_port()
    emulator = start_emulator(data, port, root)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        account = Account(port, root)
        wait_until_ready(emulator, port, data)
        template = json.loads(pathlib.Path(arguments.template).read_text(encoding="utf-8"))
        template = for_emulator(template, port)
        for grant in arguments.without:
            take_away(template, *grant.split("/"))
        deployed = deploy(account, template, pathlib.Path(arguments.bootstraps))
        deployed["users"] = {email: sign_in(account, deployed["outputs"], email) for email in arguments.user}
        print(json.dumps({"address": f"127.0.0.1:{port}", "region": REGION, "credentials": root, **deployed}), flush=True)
        sys.stdin.read()
    finally:
        stop(emulator)


def parse_arguments():
    parser = argparse.ArgumentParser(description="deploys the template to an AWS on loopback")
    parser.add_argument("--template", required=True, help="the translated template")
    parser.add_argument("--bootstraps", required=True, help="folder of `<function>/bootstrap`")
    parser.add_argument("--data", required=True, help="folder for logs and scratch; emptied first")
    parser.add_argument("--port", type=int, help="where to listen; any free port if not given")
    parser.add_argument("--user", action="append", default=[], help="e-mail address of somebody to sign in")
    parser.add_argument(
        "--without", action="append", default=[], help="a grant to leave out, as `Records/dynamodb:PutItem`: the story must fail"
    )
    return parser.parse_args()


# ---- The emulator.


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_emulator(data, port, root):
    scratch = data / "tmp"
    scratch.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(data),
        "TMPDIR": str(scratch),
        "S3_DATA_DIR": str(data / "s3"),
        "STATE_DIR": str(data / "state"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": "123456789012",
        # The whole point: requests are signed, and each function is held to its role.
        "AUTH": "true",
        "CLOUDTRAIL_RECORDING": "1",
        "AWS_ACCESS_KEY_ID": root["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": root["secret_access_key"],
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "LAMBDA_EXECUTOR": "local",
        # These would open ports on every interface, or look for a container runtime.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "COGNITO_EMAIL_ENABLED": "false",
        "LOG_LEVEL": "INFO",
    }
    log = open(data / "ministack.log", "wb")
    return subprocess.Popen(
        [sys.executable, "-m", "ministack"],
        env=environment,
        cwd=data,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def wait_until_ready(emulator, port, data, limit_s=60):
    url = f"http://127.0.0.1:{port}/_ministack/ready"
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if emulator.poll() is not None:
            raise SystemExit(f"ministack ended with {emulator.returncode}; see {data / 'ministack.log'}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    raise SystemExit(f"ministack was not ready after {limit_s} s; see {data / 'ministack.log'}")


def stop(emulator):
    """Ends the emulator and the bootstraps that it started: they share its process group, made for them alone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(emulator.pid, number)
        except ProcessLookupError:
            return
        try:
            emulator.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue


class Account:
    """Clients of the deployed account, as its root."""

    def __init__(self, port, root):
        self.session = boto3.session.Session(
            aws_access_key_id=root["access_key_id"], aws_secret_access_key=root["secret_access_key"], region_name=REGION
        )
        self.endpoint = f"http://127.0.0.1:{port}"

    def client(self, service):
        return self.session.client(service, endpoint_url=self.endpoint, config=Config(s3={"addressing_style": "path"}))


# ---- What the emulator cannot take as it is.


def for_emulator(template, port):
    """The resolved template less what the emulator does not know, plus where its functions find it."""
    plain = resolve.resolve(copy.deepcopy(template), PARAMETERS)
    plain["Resources"] = {name: r for name, r in plain["Resources"].items() if r["Type"] not in UNKNOWN_TYPES}
    for resource in plain["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] in ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"):
            without_tls_statements(properties["PolicyDocument"])
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                without_unknown_conditions(policy["PolicyDocument"])
        if resource["Type"] == "AWS::Lambda::Function":
            variables = properties["Environment"]["Variables"]
            variables["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"
    return plain


def condition_keys(statement):
    return {key.lower() for block in statement.get("Condition", {}).values() for key in block}


def without_tls_statements(document):
    """The emulator is spoken to in clear over loopback, which these statements rightly deny."""
    over_tls = {"aws:securetransport", "s3:tlsversion"}
    document["Statement"] = [s for s in document["Statement"] if not over_tls & condition_keys(s)]


def without_unknown_conditions(document):
    """Takes the unknown keys out of allowances, and allowances on a service's behalf out altogether; denials stay."""
    document["Statement"] = [s for s in document["Statement"] if ON_BEHALF not in condition_keys(s)]
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow" and "Condition" in statement:
            known = {operator: known_keys(block) for operator, block in statement.pop("Condition").items()}
            known = {operator: block for operator, block in known.items() if block}
            if known:
                statement["Condition"] = known


def known_keys(block):
    return {key: value for key, value in block.items() if not key.lower().startswith(UNKNOWN_KEYS)}


def take_away(template, function, action):
    """Leaves one action out of a function's role, to show that the check would notice."""
    (policy,) = template["Resources"][f"{function}Role"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    found = [s for s in statements if s["Effect"] == "Allow" and action in s["Action"]]
    if not found:
        raise SystemExit(f"the role of `{function}` has no grant of `{action}` to leave out")
    for statement in found:
        statement["Action"].remove(action)
        if not statement["Action"]:
            statements.remove(statement)


# ---- Deploying.


def deploy(account, template, bootstraps):
    upload_packages(account, template, bootstraps)
    formation = account.client("cloudformation")
    account.client("s3").put_object(Bucket=PACKAGES, Key="template.json", Body=json.dumps(template).encode())
    formation.create_stack(
        StackName=STACK,
        TemplateURL=f"{account.endpoint}/{PACKAGES}/template.json",
        Capabilities=["CAPABILITY_IAM"],
    )
    stack = wait_for_stack(formation)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    rows = formation.describe_stack_resources(StackName=STACK)["StackResources"]
    resources = {row["LogicalResourceId"]: row["PhysicalResourceId"] for row in rows}
    missing = sorted(set(template["Resources"]) - set(resources))
    if missing:
        raise SystemExit(f"the stack came up without {missing}")
    restore_cors(account, template, resources)
    return {"api_endpoint": outputs["ApiEndpoint"], "outputs": outputs, "resources": resources}


def upload_packages(account, template, bootstraps):
    storage = account.client("s3")
    storage.create_bucket(Bucket=PACKAGES, CreateBucketConfiguration={"LocationConstraint": REGION})
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            key = resource["Properties"]["Code"]["S3Key"]
            storage.put_object(Bucket=PACKAGES, Key=key, Body=package(bootstraps / key.removesuffix(".zip") / "bootstrap"))


def package(binary):
    """The zip that Lambda is given: one executable called `bootstrap`."""
    if not binary.is_file():
        raise SystemExit(f"{binary} is missing: build the functions first")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, binary.read_bytes())
    return buffer.getvalue()


def wait_for_stack(formation, limit_s=120):
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        (stack,) = formation.describe_stacks(StackName=STACK)["Stacks"]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return stack
        if not stack["StackStatus"].endswith("_IN_PROGRESS") or "ROLLBACK" in stack["StackStatus"]:
            raise SystemExit(f"the stack ended as {stack['StackStatus']}:\n" + "\n".join(failures(formation)))
        time.sleep(0.2)
    raise SystemExit(f"the stack was not complete after {limit_s} s")


def failures(formation):
    for event in formation.describe_stack_events(StackName=STACK)["StackEvents"]:
        if "FAILED" in event.get("ResourceStatus", ""):
            yield f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"


def restore_cors(account, template, resources):
    """The emulator keeps the API's CORS settings from a template, but only heeds those of an update."""
    settings = template["Resources"]["Api"]["Properties"]["CorsConfiguration"]
    account.client("apigatewayv2").update_api(ApiId=resources["Api"], CorsConfiguration=settings)


# ---- Signing in, with a second factor, as the pool demands.


def sign_in(account, outputs, email):
    pool, client_id = outputs["UserPoolId"], outputs["UserPoolClientId"]
    identity = account.client("cognito-idp")
    allow_password_flow(identity, pool, client_id)
    password = "Aa1!" + secrets.token_urlsafe(24)
    user = identity.admin_create_user(
        UserPoolId=pool,
        Username=email,
        MessageAction="SUPPRESS",
        TemporaryPassword=password,
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": email.split("@")[0]},
        ],
    )["User"]
    identity.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    tokens = authenticate(identity, pool, client_id, email, password)
    subject = next(a["Value"] for a in user["Attributes"] if a["Name"] == "sub")
    return {"subject": subject, "id_token": tokens["IdToken"], "access_token": tokens["AccessToken"]}


def allow_password_flow(identity, pool, client_id):
    """The portal signs in on the hosted page; here nobody sits at a browser, so the client is told to take a password."""
    client = identity.describe_user_pool_client(UserPoolId=pool, ClientId=client_id)["UserPoolClient"]
    flow = "ALLOW_ADMIN_USER_PASSWORD_AUTH"
    if flow in client["ExplicitAuthFlows"]:
        return
    # An update takes everything anew, and nothing empty.
    kept = {k: v for k, v in client.items() if v != "" and k not in ("ClientSecret", "LastModifiedDate", "CreationDate")}
    identity.update_user_pool_client(**{**kept, "ExplicitAuthFlows": [*client["ExplicitAuthFlows"], flow]})


def authenticate(identity, pool, client_id, email, password):
    """Enrols an authenticator app, then signs in with both factors."""
    # AWS answers a first password with the challenge to enrol; the emulator answers with tokens, good for enrolling.
    first = identity.admin_initiate_auth(**password_flow(pool, client_id, email, password))
    token = first["AuthenticationResult"]["AccessToken"]
    secret = identity.associate_software_token(AccessToken=token)["SecretCode"]
    identity.verify_software_token(AccessToken=token, UserCode=one_time_code(secret))
    preferred = {"Enabled": True, "PreferredMfa": True}
    identity.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings=preferred)

    challenge = identity.admin_initiate_auth(**password_flow(pool, client_id, email, password))
    if challenge.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
        raise SystemExit(f"a password alone signed `{email}` in: the pool does not demand the second factor")
    return identity.admin_respond_to_auth_challenge(
        UserPoolId=pool,
        ClientId=client_id,
        ChallengeName="SOFTWARE_TOKEN_MFA",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": email, "SOFTWARE_TOKEN_MFA_CODE": one_time_code(secret)},
    )["AuthenticationResult"]


def password_flow(pool, client_id, email, password):
    return {
        "UserPoolId": pool,
        "ClientId": client_id,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": email, "PASSWORD": password},
    }


def one_time_code(secret):
    """RFC 6238 with the defaults of every authenticator app."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


if __name__ == "__main__":
    main()
