"""Turns `infra/template.yaml` (SAM) into the plain CloudFormation that is deployed and checked.

    translate.py TEMPLATE OUTPUT

SAM's shorthand becomes resources, by AWS's own translator. Our exceptions to the checkers' rules (see `README.md`) are
taken out of the template and written beside it, one row per resource and rule, for `check.py` to subtract.
"""

import json
import os
import pathlib
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# The translator insists on code in S3; `package` and `deploy.py` put the real place in.
PACKAGE_BUCKET = "strongroom-packages"


class NoManagedPolicies:
    """The template names no managed policy, so there is nothing to look up at AWS."""

    def load(self):
        return {}


def packaged(template):
    """Points every function at `<name>.zip`, as packaging does with the folder that its `CodeUri` names."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            name = pathlib.PurePosixPath(resource["Properties"]["CodeUri"]).name
            resource["Properties"]["CodeUri"] = f"s3://{PACKAGE_BUCKET}/{name}.zip"
    return template


def exceptions_of(owner, where):
    """Takes the exceptions out of a metadata block, refusing any that does not say why."""
    metadata = owner.get("Metadata") or {}
    found = metadata.pop("Exceptions", None) or []
    for exception in found:
        if not exception.get("Reason", "").strip() or not exception.get("Rules"):
            raise SystemExit(f"{where}: an exception needs `Rules` and a `Reason`: {exception}")
    if not metadata:
        owner.pop("Metadata", None)
    return found


def take_exceptions(template):
    """One row per resource and rule that the template excuses; a general exception names the types it holds for."""
    rows = []
    general = exceptions_of(template, "template")
    for logical_id, resource in template["Resources"].items():
        mine = exceptions_of(resource, logical_id) + [e for e in general if resource["Type"] in e["Types"]]
        for exception in mine:
            rows += [{"resource": logical_id, "rule": rule, "reason": exception["Reason"]} for rule in exception["Rules"]]
    return rows


def translate(text):
    # Any region does: nothing that depends on it is looked up.
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    plain = transform(packaged(yaml_parse(text)), {}, NoManagedPolicies())
    return plain, take_exceptions(plain)


def main(source, output):
    plain, exceptions = translate(pathlib.Path(source).read_text(encoding="utf-8"))
    target = pathlib.Path(output)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    beside = target.with_name(f"{target.stem}-exceptions.json")
    beside.write_text(json.dumps(exceptions, indent=2) + "\n", encoding="utf-8")
    print(f"{output}: {len(plain['Resources'])} resources, {len(exceptions)} exceptions")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
