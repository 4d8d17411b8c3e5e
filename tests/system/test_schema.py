#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold real events, and the documented ones, against docs/events.schema.json.

  test_schema.py SYNWIRE DOCS_FOLDER CAPTURES_FOLDER

Replays a generated capture, and the captures in CAPTURES_FOLDER if there are any, and checks every
line that is of another form than those before, or has a greater or smaller number. Also checks that the schema would notice: that it refuses a field or a word it does not know
wherever one may stand. And that docs/output.md explains each field and each word.
Exit status 77, a skipped test, where Python's jsonschema is missing.
"""

import copy
import ipaddress
import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import best_match
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

CAPTURES_A_RUN = 40
REPLAYED_TYPES = {"connection", "incomplete_handshake", "rst"}
STORMS = {"backscatter", "rst_storm", "ack_storm"}  # of one form
ALARMS = {"syn_flood", "scan"} | STORMS
EVENT_TYPES = REPLAYED_TYPES | ALARMS | {"wire", "stats"}
FREE_TEXT = {"wire", "port", "output", "detail", "path", "trouble", "capture"}  # any words will do
UNEXPLAINED = {"conn_state"}  # Zeek's words, which Zeek explains

synwire, docs, captures = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
schema = json.loads((docs / "events.schema.json").read_text())
manual = (docs / "output.md").read_text()
formats = FormatChecker(formats=("ipv4", "ipv6"))
whole = Draft202012Validator(schema, format_checker=formats)
# One kind's grammar alone gives errors that name the field.
of_type = {name: Draft202012Validator({"$defs": schema["$defs"],
                                       "$ref": f"#/$defs/{'storm' if name in STORMS else name}_event"}, format_checker=formats)
           for name in EVENT_TYPES}
errors = []
seen_forms, seen_range = set(), {}


def check_event(event, where):
    validator = of_type.get(event.get("event_type"), whole)
    error = best_match(validator.iter_errors(event))
    if error:
        errors.append(f"{where}: {'.'.join(map(str, error.absolute_path)) or 'event'}: {error.message[:200]}\n  {json.dumps(event)}")


def form(value, path, numbers):
    """What a schema might say of a value, but for which address it is; its numbers go into a list."""
    if isinstance(value, dict):
        return tuple((key, form(inner, path + (key,), numbers)) for key, inner in value.items())
    if isinstance(value, list):
        return tuple(form(inner, path, numbers) for inner in value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        numbers.append((path, value))
        return type(value)
    if not isinstance(value, str):
        return type(value), value
    if path[-1].endswith("_ip"):
        try:
            return ipaddress.ip_address(value).version
        except ValueError:
            return value
    return re.sub("[0-9]", "0", value)


def is_new(event):
    """Whether none like it was checked before: of its form, and with numbers as great and as small."""
    numbers = []
    shape = form(event, (), numbers)
    new = shape not in seen_forms
    seen_forms.add(shape)
    for path, number in numbers:
        least, most = seen_range.get(path, (number + 1, number))
        new |= not least <= number <= most
        seen_range[path] = min(least, number), max(most, number)
    return new


def documented_events():
    for block in re.findall(r"```json\n(.*?)```", manual, re.S):
        yield json.loads(block)


def places(event, path=()):
    """Every object in an event, every list, and every word: the path to it, and the value."""
    yield path, event
    parts = event.items() if isinstance(event, dict) else enumerate(event) if isinstance(event, list) else ()
    for key, value in parts:
        yield from places(value, path + (key,))


def spoiled(event):
    for path, value in places(event):
        bad = copy.deepcopy(event)
        at = bad
        for key in path[:-1]:
            at = at[key]
        if isinstance(value, dict):
            (at[path[-1]] if path else bad)["nonsense"] = 1
        elif isinstance(value, bool) or value is None:
            at[path[-1]] = "maybe"
        elif isinstance(value, str):
            at[path[-1]] = 7 if path[-1] in FREE_TEXT else "non sense"
        elif isinstance(value, int):
            at[path[-1]] = -1000
        else:
            at[path[-1]] = [None]
        yield ".".join(map(str, path)) or "event", bad


def check_documented():
    seen = set()
    for event in documented_events():
        seen.add(event["event_type"])
        check_event(event, "docs/output.md")
        if not whole.is_valid(event):
            errors.append("docs/output.md: an example is of no kind of event")
        for place, bad in spoiled(event):
            if whole.is_valid(bad):
                errors.append(f"the schema does not notice a wrong {place} in {event['event_type']}")
    if seen != EVENT_TYPES:
        errors.append(f"docs/output.md: no example of {', '.join(EVENT_TYPES - seen)}")


def names(part, under=""):
    """Every field and every word that the schema knows."""
    if isinstance(part, dict):
        if under not in UNEXPLAINED:
            yield from part.get("properties", ())
            yield from (word for word in part.get("enum", ()) if word is not None)
        for key, value in part.items():
            yield from names(value, key)
    elif isinstance(part, list):
        for value in part:
            yield from names(value)


def check_explained():
    for name in sorted(set(names(schema))):
        if f"`{name}`" not in manual:
            errors.append(f"docs/output.md does not explain '{name}'")


def replay(*files):
    command = [synwire, "replay", "--quiet", "--set", "events.rst=all", "--json", "-", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        errors.append(f"replay {' '.join(map(str, files))}: exit status {done.returncode}: {done.stderr.strip()}")
    seen = {}
    for number, line in enumerate(done.stdout.splitlines(), 1):
        where = f"line {number} of the replay of {files[0]}"
        try:
            event = json.loads(line)
        except ValueError as error:
            errors.append(f"{where} is no JSON: {error}: {line[:200]}")
            continue
        if is_new(event):
            check_event(event, where)
        seen[event["event_type"]] = seen.get(event["event_type"], 0) + 1
    return seen


def check_generated():
    with tempfile.TemporaryDirectory() as folder:
        seen = {}
        for kind, *options in ["demo"], ["synflood", "--count", "2000", "--rate", "1000"], ["scan", "--count", "2000"]:
            capture = pathlib.Path(folder) / f"{kind}.pcap"
            subprocess.run([synwire, "generate", kind, *options, "-o", capture], check=True)
            seen[kind] = replay(capture)
    print(f"generated captures: {seen}")
    for missing in sorted(REPLAYED_TYPES - set(seen["demo"])):
        errors.append(f"the generated capture gave no event of type {missing}")


def check_captures():
    files = sorted(captures.glob("*.pcap")) if captures.is_dir() else []
    if not files:
        print(f"no captures in {captures}: only a generated one was replayed")
    totals = {}
    for first in range(0, len(files), CAPTURES_A_RUN):
        for name, count in replay(*files[first:first + CAPTURES_A_RUN]).items():
            totals[name] = totals.get(name, 0) + count
    if files:
        print(f"{len(files)} captures: {totals}")


Draft202012Validator.check_schema(schema)
check_documented()
check_explained()
check_generated()
check_captures()
for error in errors[:20]:
    print(error)
print(f"schema: {len(errors)} errors" if errors else "schema: ok")
sys.exit(bool(errors))
