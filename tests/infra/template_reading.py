"""Reads a template: resources by kind, references in words, what waits for what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from deployments import NAMES, Synthesized

_HASH = re.compile(r"[0-9A-F]{8}$")


def of(*names: str) -> pytest.MarkDecorator:
    """Parametrize a test with deployments by name; without names, with all of them."""
    return pytest.mark.parametrize("deployed", names or NAMES, indirect=True)


def plain(logical_id: str) -> str:
    """Give a logical id without the digits that the CDK puts behind it."""
    return _HASH.sub("", logical_id)


def written(value: Any) -> str:
    """Write a value in one line, references in angle brackets: `<DeadLetters.Arn>/ingest/*`."""
    if not isinstance(value, dict):
        return str(value)
    ((function, argument),) = value.items()
    match function, argument:
        case "Ref", name:
            return f"<{plain(name)}>"
        case "Fn::GetAtt", [name, attribute]:
            return f"<{plain(name)}.{attribute}>"
        case "Fn::Join", [separator, parts]:
            return str(separator).join(written(part) for part in parts)
        case "Fn::Sub", text:
            return str(text)
        case _:
            return f"<{function} {argument}>"


def references(value: Any) -> Iterator[str]:
    """List the logical ids that a value refers to, pseudo parameters left out."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "Ref" and not each.startswith("AWS::"):
                yield each
            elif key == "Fn::GetAtt":
                yield each[0]
            else:
                yield from references(each)


def listed(value: Any) -> list[Any]:
    """Give a list where a policy may have one thing instead of a list."""
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment's template, to be asked."""

    synthesized: Synthesized

    @property
    def template(self) -> dict[str, Any]:
        return self.synthesized.template

    @property
    def name(self) -> str:
        return self.synthesized.name

    @property
    def resources(self) -> Mapping[str, dict[str, Any]]:
        found: Mapping[str, dict[str, Any]] = self.template["Resources"]
        return found

    @property
    def outputs(self) -> dict[str, str]:
        return {name: written(output["Value"]) for name, output in self.template["Outputs"].items()}

    def all(self, kind: str, part: str = "") -> dict[str, dict[str, Any]]:
        """Give the properties of the resources of a kind by logical id; `part` is somewhere in the id."""
        kind = kind if "::" in kind and kind.startswith(("AWS::", "Custom::")) else f"AWS::{kind}"
        return {
            id_: resource.get("Properties", {})
            for id_, resource in self.resources.items()
            if resource["Type"] == kind and part in id_
        }

    def one(self, kind: str, part: str = "") -> dict[str, Any]:
        """Give the properties of the only such resource."""
        (found,) = self.all(kind, part).values()
        return found

    def id_of(self, kind: str, part: str = "") -> str:
        """Give the logical id of the only such resource."""
        (found,) = self.all(kind, part)
        return found

    def waits_for(self, logical_id: str) -> set[str]:
        """Give all that CloudFormation makes before a resource: what it depends on or refers to, and so on."""
        found: set[str] = set()
        waiting = [logical_id]
        while waiting:
            resource = self.resources[waiting.pop()]
            before = {*listed(resource.get("DependsOn", [])), *references(resource.get("Properties", {}))}
            new = (before & self.resources.keys()) - found
            found |= new
            waiting.extend(new)
        return found

    def functions(self) -> dict[str, dict[str, Any]]:
        """Give our Lambda functions by their folder in functions/; the decorators by theirs and their stream."""
        found = {}
        for id_, function in self.all("Lambda::Function").items():
            handler = str(function["Handler"])
            if handler.startswith("functions."):
                stream = next((name for name in ("search", "lake") if name in id_.lower()), "")
                folder = handler.split(".")[1]
                found[f"{stream} {folder}" if folder == "decorator" else folder] = function
        return found

    def environment(self, function: str) -> dict[str, str]:
        """Give the environment of one of our functions in words."""
        variables = self.functions()[function].get("Environment", {}).get("Variables", {})
        return {name: written(value) for name, value in variables.items()}
