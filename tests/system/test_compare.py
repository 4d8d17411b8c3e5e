#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the records of many captures against the truth beside them.

  test_compare.py SYNWIRE CAPTURES_FOLDER KNOWN.tsv

The folder holds captures, tables of what happens in them, and the program `compare` that replays
the one and reads the other. At least 99 % of the captures must agree in every row, and 99 % of the
rows in each field; each capture must replay. Where synwire is right and a table wrong, KNOWN.tsv has a line:
capture, row, field and reason, separated by tabs; a line that no longer holds is an error.
Exit status 77, a skipped test, where the folder does not exist.

Each replay starts DPDK, which waits a tenth of a second to learn the speed of the clock; so several
shares of the captures are compared side by side, and what they say is added up.
"""

import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys

WANT = 99.0
SHARES = 6
DISAGREEMENT = re.compile(r"^(?P<capture>\S+\.pcap): (?:row (?P<row>\d+): (?:(?P<field>\w+): .* said$|no record)|\d+ records without)")
FAILED = re.compile(r"; (\d+) captures did not replay,")
ERROR = re.compile(r"\S+\.pcap: (?!row \d|\d+ records without)")
FIELD = re.compile(r"^(\w+) +(\d+) of +(\d+) rows ")
AGREE = re.compile(r"captures that agree in every row: (\d+) of (\d+) ")


def known_lines(path):
    lines = path.read_text().splitlines()
    return {tuple(line.split("\t")[:3]) for line in lines if line and not line.startswith("#")}


def disagreements(output):
    for line in output.splitlines():
        match = DISAGREEMENT.match(line)
        if match:
            yield (match["capture"], match["row"] or "-", match["field"] or "record"), line


def compare(program, synwire, captures):
    """What it prints, and what is wrong with it as a program; a share of the captures may agree less."""
    done = subprocess.run([sys.executable, str(program), "--synwire", synwire, "--want", "0", "--list",
                           "--seconds", "300", *map(str, captures)], capture_output=True, text=True)
    return done.stdout, f"compare: exit status {done.returncode}: {done.stderr.strip()}" if done.returncode else None


def added_up(pattern, outputs):
    """{first group, or None: the sum of each other}, of lines that hold so many of so many."""
    sums = collections.defaultdict(lambda: [0, 0])
    for match in (match for output in outputs for line in output.splitlines() if (match := pattern.match(line))):
        *name, part, whole = match.groups()
        total = sums[name[0] if name else None]
        total[0] += int(part)
        total[1] += int(whole)
    return sums


def check(outputs, known):
    errors = []
    found = dict(pair for output in outputs for pair in disagreements(output))
    for place, line in found.items():
        print(f"{'known' if place in known else 'NEW  '}  {line}")
    for place in sorted(known - set(found)):
        errors.append(f"known, but agrees now: {' '.join(place)}")
    for output in outputs:
        failed = FAILED.search(output)
        if failed is None or failed[1] != "0":
            errors.append("not every capture could be replayed")
            errors += filter(ERROR.match, output.splitlines())
    sums = {**added_up(FIELD, outputs), "captures that agree in every row": added_up(AGREE, outputs)[None]}
    for name, (part, whole) in sums.items():
        print(f"{name:14} {part:7} of {whole:7}  {100 * part / max(whole, 1):7.3f} %")
        if whole == 0 or 100 * part < WANT * whole:
            errors.append(f"{name}: fewer than {WANT} %")
    return errors


synwire, folder, known_path = sys.argv[1:]
program = pathlib.Path(folder) / "compare"
if not program.exists():
    print(f"skipped: there are no captures with tables in {folder}")
    sys.exit(77)
captures = sorted(pathlib.Path(folder, "dev").glob("*.pcap"))
shares = [captures[i::SHARES] for i in range(SHARES)]
with concurrent.futures.ThreadPoolExecutor(SHARES) as pool:
    compared = list(pool.map(lambda share: compare(program, synwire, share), shares))
errors = check([output for output, _ in compared], known_lines(pathlib.Path(known_path)))
errors += [error for _, error in compared if error]
print("\n".join(errors))
sys.exit(bool(errors))
