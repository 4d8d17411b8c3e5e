# SPDX-License-Identifier: Apache-2.0
"""What is computed of what was measured: nothing here touches the machine."""

import math
import statistics

BASE = "testpmd io"


def per_cpu_second(before, after):
    """Of two samples (packets, processor seconds): packets in each of these seconds."""
    packets, seconds = after[0] - before[0], after[1] - before[1]
    if seconds <= 0 or packets < 0:
        raise ValueError(f"{packets} packets in {seconds:g} seconds of the processor")
    return packets / seconds


def ratio(rate, base):
    return rate / base


def added_ns(rate, base):
    """Nanoseconds that each packet takes longer."""
    return 1e9 / rate - 1e9 / base


def spread(values):
    """The median, the least and the most."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def compare(rounds, base=BASE):
    """
    Of rounds, each {name: rate}, all taken in turn: {name: {figure: spread}}. Each round is
    compared with its own base, as what the machine did meanwhile fell on both.
    """
    result = {}
    for name in rounds[0]:
        rates = [one[name] for one in rounds]
        result[name] = {"mpps": spread([rate / 1e6 for rate in rates])}
        if base in rounds[0] and name != base:
            pairs = [(one[name], one[base]) for one in rounds]
            result[name]["ratio"] = spread([ratio(*pair) for pair in pairs])
            result[name]["added_ns"] = spread([added_ns(*pair) for pair in pairs])
    return result


def percentile(values, share):
    """The smallest value that so many percent of them do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share / 100) - 1)]


def in_turn(names, number):
    """Each round begins with another one."""
    start = number % len(names)
    return names[start:] + names[:start]


def show(value, digits=2):
    return (f"{value['median']:.{digits}f} ({value['least']:.{digits}f} to "
            f"{value['most']:.{digits}f})")
