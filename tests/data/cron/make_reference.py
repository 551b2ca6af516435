#!/usr/bin/env python3
"""Asks cronsim, which follows Debian's cron, when random expressions are due, and writes its answers down.

  python3 -m venv v && v/bin/pip install cronsim==2.8 tzdata && v/bin/python make_reference.py

Zones whose clocks change by half an hour or at midnight are left out: there cronsim 2.8 takes a time that does not
exist for the one after it, or passes over half an hour. The walk in tests/cli/schedule looks at those. The years are
past, so that no new rule of a country makes an answer wrong.
"""

import datetime
import gzip
import pathlib
import random
import zoneinfo

import cronsim

UTC = datetime.timezone.utc
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Pacific/Auckland", "Asia/Kolkata"]
CHANGES = [(3, 8), (3, 13), (3, 28), (4, 4), (9, 26), (10, 25), (11, 1), (11, 6)]


def field(pick, least, most):
    kind = pick.random()
    if kind < 0.4:
        return "*"
    if kind < 0.52:
        return f"*/{pick.randint(1, max(1, (most - least) // 2))}"
    if kind < 0.72:
        return str(pick.randint(least, most))
    first = pick.randint(least, most - 1)
    last = pick.randint(first + 1, most)
    if kind < 0.84:
        return f"{first}-{last}"
    if kind < 0.92:
        return f"{first}-{last}/{pick.randint(1, 5)}"
    return ",".join(str(pick.randint(least, most)) for _ in range(3))


def case(pick):
    near_a_change = pick.random() < 0.6
    hour = pick.choice(["1", "2", "3", "1-3", "*"]) if near_a_change else field(pick, 0, 23)
    days = [field(pick, 1, 31) if pick.random() < 0.4 else "*", field(pick, 1, 12) if pick.random() < 0.3 else "*",
            field(pick, 0, 6) if pick.random() < 0.4 else "*"]
    cron = " ".join([field(pick, 0, 59), hour, *(["*", "*", "*"] if near_a_change else days)])
    month, day = pick.choice(CHANGES) if near_a_change else (pick.randint(1, 12), pick.randint(1, 28))
    after = datetime.datetime(pick.randint(2015, 2024), month, day, pick.randint(0, 23), pick.randint(0, 59), tzinfo=UTC)
    return cron, pick.choice(ZONES), after + datetime.timedelta(days=pick.randint(0, 7) if near_a_change else 0)


def answer(cron, zone, after):
    try:
        due = next(cronsim.CronSim(cron, after.astimezone(zoneinfo.ZoneInfo(zone))))
    except (StopIteration, cronsim.CronSimError):
        return "never"
    if due <= after:
        return None  # lost in a repeated hour
    return f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def main():
    pick = random.Random(20240611)
    lines = []
    while len(lines) < 10_000:
        cron, zone, after = case(pick)
        due = answer(cron, zone, after)
        if due:
            lines.append(f"{cron}\t{zone}\t{after:%Y-%m-%dT%H:%M:%SZ}\t{due}\n")
    packed = gzip.compress("".join(lines).encode(), mtime=0)
    pathlib.Path(__file__).with_name("reference.tsv.gz").write_bytes(packed)


if __name__ == "__main__":
    main()
