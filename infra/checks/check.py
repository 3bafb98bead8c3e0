"""Runs every checker over the deployment and fails on anything that the template does not excuse.

    check.py TEMPLATE TARGET NODE_MODULES

Translates `TEMPLATE` to `TARGET/template.json`, resolves it as deployed by default and with every option on, and runs
cfn-lint, cfn-guard (AWS's HIPAA rules), cdk-nag (HIPAA Security, AWS Solutions, Serverless) and our own `properties.py`.
Each checker must first find a fault planted in a copy: one that runs no rule at all would otherwise pass for contentment.
"""

import copy
import json
import os
import pathlib
import platform
import subprocess
import sys

import properties
import resolve
import translate

HERE = pathlib.Path(__file__).parent

# As most clinics would deploy it, and with everything optional.
CONFIGURATIONS = {
    "default": {"PortalOrigin": "https://portal.example.org"},
    "everything": {
        "PortalOrigin": "https://portal.example.org",
        "PortalCertificate": "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
        "PortalWebAcl": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/portal/01234567-89ab-cdef-0123-456789abcdef",
        "SignInDomainPrefix": "strongroom-example",
        "TransferAcceleration": "on",
        "ObjectLock": "on",
        "ObjectLockDays": 30,
        "InspectionConcurrency": 5,
        "AlarmEmail": "alarms@example.org",
        "MailFrom": "strongroom@example.org",
    },
    "own issuer": {
        "PortalOrigin": "https://portal.example.org",
        "PortalAccessLogs": "off",
        "IssuerUrl": "https://issuer.example.org/realms/clinic",
        "IssuerTokenOrigin": "https://tokens.example.org",
        "Audience": "strongroom,another",
        "Trail": "off",
    },
}


def run(command, accept):
    """The standard output of a command that may only end in the ways named."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode not in accept:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def finding(resource, rule, text):
    return {"resource": resource, "rule": rule, "text": text}


def cfn_lint(path, _modules):
    # Its exit code is a sum of what kinds of finding there were.
    matches = json.loads(run([pathlib.Path(sys.executable).with_name("cfn-lint"), "--format", "json", "-t", path], range(32)))
    found = []
    for match in matches:
        where = match["Location"].get("Path") or []
        resource = where[1] if len(where) > 1 and where[0] == "Resources" else "template"
        found.append(finding(resource, match["Rule"]["Id"], match["Message"]))
    return found


def resources_in(node):
    """Every resource that a cfn-guard check came to, however deep in its report."""
    if isinstance(node, dict):
        path = node.get("path")
        if isinstance(path, str) and path.startswith("/Resources/"):
            yield path.split("/")[2]
        for item in node.values():
            yield from resources_in(item)
    if isinstance(node, list):
        for item in node:
            yield from resources_in(item)


def cfn_guard(path, modules):
    binary = modules / "@cdklabs/cdk-validator-cfnguard/bin" / guard_platform() / "cfn-guard"
    rules = HERE / "guard/hipaa-security.guard"
    shape = ["--output-format", "json", "--structured", "--show-summary", "none"]
    # 19 is its way to say that a rule failed.
    (report,) = json.loads(run([binary, "validate", "-r", rules, "-d", path, *shape], (0, 19)))
    found = []
    for failed in report["not_compliant"]:
        rule = failed["Rule"]
        for resource in sorted(set(resources_in(rule["checks"]))) or ["template"]:
            found.append(finding(resource, rule["name"], "does not hold"))
    return found


def guard_platform():
    system = {"Linux": "ubuntu", "Darwin": "macos"}[platform.system()]
    machine = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}[platform.machine().lower()]
    return f"{system}/{machine}"


def cdk_nag(path, modules):
    environment = {**os.environ, "NODE_PATH": str(modules)}
    done = subprocess.run(["node", str(HERE / "nag.js"), str(path)], capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"cdk-nag ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


CHECKERS = {"cfn-lint": cfn_lint, "cfn-guard": cfn_guard, "cdk-nag": cdk_nag}


def circular(template):
    template["Resources"]["Table"]["DependsOn"] = "RecordsRole"


def without_recovery(template):
    del template["Resources"]["Table"]["Properties"]["PointInTimeRecoverySpecification"]


def without_key_rotation(template):
    template["Resources"]["RecordsKey"]["Properties"]["EnableKeyRotation"] = False


# A fault per checker, and the finding that must come of it.
FAULTS = {
    "cfn-lint": (circular, "Table", "E3004"),
    "cfn-guard": (without_recovery, "Table", "DYNAMODB_PITR_ENABLED"),
    "cdk-nag": (without_key_rotation, "RecordsKey", "AwsSolutions-KMS5"),
}


def must_find_its_fault(checker, plain, target, modules):
    plant, resource, rule = FAULTS[checker]
    broken = copy.deepcopy(plain)
    plant(broken)
    path = write(target / "template-broken.json", broken)
    if not any(f["resource"] == resource and f["rule"] == rule for f in CHECKERS[checker](path, modules)):
        raise SystemExit(f"{checker} did not notice a planted fault ({rule} on {resource}): it checks nothing")
    path.unlink()


def write(path, template):
    path.write_text(json.dumps(template, indent=2) + "\n", encoding="utf-8")
    return path


def excuses(exception, found):
    """Whether an exception covers a finding; cdk-nag names the very permission in brackets, an exception need not."""
    same_rule = exception["rule"] in (found["rule"], found["rule"].split("[")[0])
    return exception["resource"] == found["resource"] and same_rule


def main(source, target, modules):
    target, modules = pathlib.Path(target).resolve(), pathlib.Path(modules).resolve()
    translate.main(source, target / "template.json")
    template = json.loads((target / "template.json").read_text(encoding="utf-8"))
    exceptions = json.loads((target / "template-exceptions.json").read_text(encoding="utf-8"))

    findings = {"cfn-lint": cfn_lint(target / "template.json", modules)}
    for name, parameters in CONFIGURATIONS.items():
        plain = resolve.resolve(template, parameters)
        path = write(target / f"template-{name.replace(' ', '-')}.json", plain)
        if name == "default":
            for checker in CHECKERS:
                must_find_its_fault(checker, plain, target, modules)
        ours = [finding(f"template ({name})", rule, sentence) for rule, sentence in properties.wrong(plain, name)]
        findings.setdefault("properties", []).extend(ours)
        for checker in ("cfn-guard", "cdk-nag"):
            findings.setdefault(checker, []).extend(CHECKERS[checker](path, modules))
    return report(findings, exceptions)


def report(findings, exceptions):
    """Prints what is left and what is stale; the number of both."""
    wrong, used = [], set()
    for checker, found in findings.items():
        for item in found:
            covering = [i for i, exception in enumerate(exceptions) if excuses(exception, item)]
            used.update(covering)
            line = f"{checker}: {item['rule']} on {item['resource']}: {item['text']}"
            if not covering and line not in wrong:
                wrong.append(line)
    for i, exception in enumerate(exceptions):
        if i not in used:
            wrong.append(f"exception {exception['rule']} on {exception['resource']} excuses nothing: take it out")
    for line in wrong:
        print(line)
    total = sum(len(found) for found in findings.values())
    print(f"template: {len(findings)} checkers, {total} findings, {len(used)} exceptions used, {len(wrong)} left to mend")
    return len(wrong)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    sys.exit(1 if main(*sys.argv[1:]) else 0)
