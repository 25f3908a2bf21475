"""Writes what the examples of docs/reference/events.md use of the OCSF schema, for the test that holds them to it.

    python3 tests/ocsf/extract.py CHECKOUT-OF-OCSF-SCHEMA > tests/ocsf/schema.json

CHECKOUT is https://github.com/ocsf/ocsf-schema (Apache-2.0) at the release that the page names.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
PAGE = pathlib.Path(__file__).parents[2] / "docs/reference/events.md"
READ = {}


def read(path):
    if path not in READ:
        READ[path] = json.loads((ROOT / path).read_text())
    return READ[path]


DICTIONARY = read("dictionary.json")["attributes"]
CLASSES = {it["name"]: it for it in map(read, (p.relative_to(ROOT) for p in ROOT.glob("events/**/*.json")))}
OBJECTS = {it["name"]: it for it in map(read, (p.relative_to(ROOT) for p in ROOT.glob("objects/*.json")))}
CATEGORIES = read("categories.json")["attributes"]


def attributes(of, known, profiles=()):
    """The attributes of a class or object with those of what it extends and of the profiles that it takes."""
    here = dict(attributes(known[of["extends"]], known, profiles)) if of.get("extends") in known else {}
    own = dict(of.get("attributes", {}))
    included = own.pop("$include", [])
    for path in [included] if isinstance(included, str) else included:
        fragment = read(path)
        for name, it in fragment["attributes"].items():
            if fragment["name"] in profiles or not path.startswith("profiles/"):
                here[name] = {**here.get(name, {}), **it}
    for name, it in own.items():
        here[name] = {**here.get(name, {}), **it}
    return here


def described(of, known, profiles=()):
    told = {}
    for name, it in attributes(of, known, profiles).items():
        base = DICTIONARY.get(name, {})
        enum = {**base.get("enum", {}), **it.get("enum", {})}
        told[name] = {
            "type": base.get("type"),
            "object": base.get("type") in OBJECTS,
            "array": base.get("is_array", False),
            "required": it.get("requirement") == "required",
        }
        # What the compiled schema puts there is the class's own number; the test knows it.
        if enum and name not in ("class_uid", "category_uid"):
            told[name]["enum"] = sorted(enum)
    return told


def used(example, of, objects):
    """Every object that an example holds."""
    for name, value in example.items():
        it = of.get(name)
        if it and it["object"]:
            objects[it["type"]] = described(OBJECTS[it["type"]], OBJECTS)
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    used(inner, objects[it["type"]], objects)


def main():
    classes, objects = {}, {}
    for text in re.findall(r"```json\n(\{.*?\n)```", PAGE.read_text(), re.S):
        example = json.loads(text)
        category, number = divmod(example["class_uid"], 1000)
        named = [
            it
            for it in CLASSES.values()
            if it.get("uid") == number
            and CATEGORIES.get(category_of(it), {}).get("uid") == category
        ]
        profiles = example["metadata"].get("profiles", [])
        it = {
            "name": named[0]["name"],
            "category_uid": category,
            "attributes": described(named[0], CLASSES, profiles),
            "at_least_one": named[0].get("constraints", {}).get("at_least_one", []),
        }
        classes[str(example["class_uid"])] = it
        used(example, it["attributes"], objects)
    constraints = {name: OBJECTS[name].get("constraints", {}).get("at_least_one", []) for name in objects}
    schema = {
        "version": read("version.json")["version"],
        "classes": classes,
        "objects": {
            name: {"attributes": it, "at_least_one": constraints[name]} for name, it in sorted(objects.items())
        },
    }
    json.dump(schema, sys.stdout, indent=1, sort_keys=True)
    print()


def category_of(it):
    while "category" not in it:
        it = CLASSES.get(it.get("extends"), {"category": None})
    return it["category"]


main()
