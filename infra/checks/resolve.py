"""Puts parameters into a plain template and takes the branch of each condition, as CloudFormation does on deploying.

Checkers that meet a `Ref` to a parameter or an `Fn::If` skip the rule or, worse, pass it; over a resolved template they
see the values that will be deployed. References to resources stay as they are.
"""

import re

_DROP = object()


def parameters_of(template, given):
    """The defaults overlaid with what is given; a parameter with neither is an error."""
    values = {}
    for name, declared in template.get("Parameters", {}).items():
        value = given.get(name, declared.get("Default"))
        if value is None:
            raise ValueError(f"parameter `{name}` has no default and was not given")
        if declared["Type"] == "CommaDelimitedList" and isinstance(value, str):
            value = value.split(",")
        if declared["Type"] == "Number":
            value = int(value)
        values[name] = value
    unknown = set(given) - set(values)
    if unknown:
        raise ValueError(f"the template has no parameter {sorted(unknown)}")
    return values


class Resolver:
    def __init__(self, template, given):
        self.values = parameters_of(template, given)
        self.conditions = template.get("Conditions", {})

    def condition(self, name):
        return self.holds(self.conditions[name])

    def holds(self, expression):
        ((function, argument),) = expression.items()
        if function == "Condition":
            return self.condition(argument)
        if function == "Fn::Not":
            return not self.holds(argument[0])
        if function == "Fn::And":
            return all(self.holds(part) for part in argument)
        if function == "Fn::Or":
            return any(self.holds(part) for part in argument)
        if function == "Fn::Equals":
            left, right = (self.value(side) for side in argument)
            return str(left) == str(right)
        raise ValueError(f"unknown condition `{function}`")

    def value(self, node):
        if isinstance(node, dict):
            return self.mapping(node)
        if isinstance(node, list):
            resolved = (self.value(item) for item in node)
            return [item for item in resolved if item is not _DROP]
        return node

    def mapping(self, node):
        if set(node) == {"Ref"}:
            if node["Ref"] == "AWS::NoValue":
                return _DROP
            return self.values.get(node["Ref"], node)
        if set(node) == {"Fn::If"}:
            name, yes, no = node["Fn::If"]
            return self.value(yes if self.condition(name) else no)
        if set(node) == {"Fn::Sub"}:
            text, own = node["Fn::Sub"] if isinstance(node["Fn::Sub"], list) else (node["Fn::Sub"], {})
            own = {name: as_text(self.value(item)) for name, item in own.items()}
            text = re.sub(r"\$\{([^!}]+)\}", lambda found: self.named(found, own), text)
            return {"Fn::Sub": text} if "${" in text else text
        if set(node) == {"Fn::Split"}:
            separator, text = (self.value(part) for part in node["Fn::Split"])
            return text.split(separator) if isinstance(text, str) else {"Fn::Split": [separator, text]}
        if set(node) == {"Fn::Select"}:
            index, items = (self.value(part) for part in node["Fn::Select"])
            return items[int(index)] if isinstance(items, list) else {"Fn::Select": [index, items]}
        resolved = {key: self.value(item) for key, item in node.items()}
        return {key: item for key, item in resolved.items() if item is not _DROP}

    def named(self, found, own):
        """What stands in a text for `${name}`: itself, if it is no name of the text's own and no parameter."""
        name = found.group(1)
        return str(own.get(name, self.values.get(name, found.group())))


def as_text(value):
    """A resolved value as it stands within `Fn::Sub`: a reference is written `${so}`."""
    match value:
        case {"Fn::Sub": text}:
            return text
        case {"Ref": name}:
            return "${" + name + "}"
        case {"Fn::GetAtt": [resource, attribute]}:
            return "${" + f"{resource}.{attribute}" + "}"
    return value


def resolve(template, given):
    """The template that would be deployed with these parameters, without parameters and conditions."""
    resolver = Resolver(template, given)
    kept = {}
    for section in ("Resources", "Outputs"):
        for name, item in template.get(section, {}).items():
            item = dict(item)
            condition = item.pop("Condition", None)
            if condition is None or resolver.condition(condition):
                kept.setdefault(section, {})[name] = resolver.value(item)
    return {"AWSTemplateFormatVersion": "2010-09-09", **kept}
