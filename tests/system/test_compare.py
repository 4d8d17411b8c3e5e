#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the records of many captures against the truth beside them.

  test_compare.py SYNWIRE CAPTURES_FOLDER KNOWN.tsv

The folder holds captures, tables of what happens in them, and the program `compare` that replays
the one and reads the other. At least 99 % of the captures must agree in every row, and 99 % of the
rows in each field; each capture must replay. Where synwire is right and a table wrong, KNOWN.tsv has a line:
capture, row, field and reason, separated by tabs; a line that no longer holds is an error.
Exit status 77, a skipped test, where the folder does not exist.
"""

import pathlib
import re
import subprocess
import sys

WANT = 99.0
DISAGREEMENT = re.compile(r"^(?P<capture>\S+\.pcap): (?:row (?P<row>\d+): (?:(?P<field>\w+): .* said$|no record)|\d+ records without)")
FAILED = re.compile(r"; (\d+) captures did not replay,")
FIELD = re.compile(r"^(\w+) +(\d+) of +(\d+) rows ")


def known_lines(path):
    lines = path.read_text().splitlines()
    return {tuple(line.split("\t")[:3]) for line in lines if line and not line.startswith("#")}


def disagreements(output):
    for line in output.splitlines():
        match = DISAGREEMENT.match(line)
        if match:
            yield (match["capture"], match["row"] or "-", match["field"] or "record"), line


def check(output, known):
    errors = []
    found = dict(disagreements(output))
    for place, line in found.items():
        print(f"{'known' if place in known else 'NEW  '}  {line}")
    for place in sorted(known - set(found)):
        errors.append(f"known, but agrees now: {' '.join(place)}")
    failed = FAILED.search(output)
    if failed is None or failed[1] != "0":
        errors.append("not every capture could be replayed")
    for line in output.splitlines():
        field = FIELD.match(line)
        if field:
            print(line)
            if 100 * int(field[2]) < WANT * int(field[3]):
                errors.append(f"{field[1]}: fewer than {WANT} % of the rows agree")
    return errors


synwire, folder, known_path = sys.argv[1:]
program = pathlib.Path(folder) / "compare"
if not program.exists():
    print(f"skipped: there are no captures with tables in {folder}")
    sys.exit(77)
done = subprocess.run([sys.executable, str(program), "--synwire", synwire, "--want", str(WANT), "--list"],
                      capture_output=True, text=True)
errors = check(done.stdout, known_lines(pathlib.Path(known_path)))
print(done.stdout.splitlines()[-1] if done.stdout else done.stderr)
if done.returncode != 0:
    errors.append(f"compare: exit status {done.returncode}: {done.stderr.strip()}")
print("\n".join(errors))
sys.exit(bool(errors))
