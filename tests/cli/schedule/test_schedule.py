"""`kbeat schedule`: due moments, one run for each, and the tasks."""

import datetime
import gzip
import itertools
import json
import pathlib
import random
import sqlite3
import time
import zoneinfo

import pytest

from live_server import eventually

UTC = datetime.timezone.utc
REFERENCE = pathlib.Path(__file__).resolve().parents[2] / "data" / "cron" / "reference.tsv.gz"


def config(kbeat, text):
    file = kbeat.home / "config.toml"
    file.write_text(text)
    return file


@pytest.fixture
def script(kbeat):
    def make(body):
        file = kbeat.home / "task"
        file.write_text("#!/bin/sh\n" + body)
        file.chmod(0o755)
        return file
    return make


def reports(process, name):
    """What a running scheduler prints about one schedule; the built-in ones have their moments too."""
    for line in process.stdout:
        report = json.loads(line)
        if report["schedule"] == name:
            yield report


def outcomes(reports, name):
    return [report["outcome"] for report in reports if report["schedule"] == name]


def stopped(process):
    """Ends a scheduler and returns what it printed that nobody had read yet."""
    process.terminate()
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def test_the_built_in_schedules_are_there(kbeat):
    rows = {row["name"]: row for row in kbeat("schedule", "list").rows}
    assert {name: row["when"] for name, row in rows.items()} == {
        "notifications": "every 30s", "dashboard": "every 300s", "prune": "every 900s"}
    assert all(row["enabled"] and row["next"] and row["runs"] == 0 for row in rows.values())


def test_a_config_adds_schedules_and_replaces_built_in_ones(kbeat):
    file = config(kbeat, '[[schedule]]\nname = "prune"\ncron = "0 3 * * *"\nzone = "Europe/Berlin"\ntask = "prune"\n'
                         '[[schedule]]\nname = "report"\nevery = "1h"\ntask = "exec"\ncommand = "true"\nenabled = false\n')
    rows = {row["name"]: row for row in kbeat("schedule", "list", "--config", file).rows}
    assert rows["prune"]["when"] == "0 3 * * * (Europe/Berlin)"
    assert rows["report"]["next"] is None and rows["report"]["enabled"] is False


@pytest.mark.parametrize("table, complaint", [
    ('name = "x"\ntask = "exec"\ncommand = "true"', "every"),
    ('name = "x"\ntask = "fly"\nevery = "1m"', "task"),
    ('name = "x"\ntask = "prune"\ncron = "61 * * * *"', "minute"),
    ('name = "x"\ntask = "prune"\ncron = "0 0 30 2 *"', "never due"),
    ('name = "x"\ntask = "prune"\ncron = "* * * * *"\nzone = "Mars/Base"', "time zone"),
    ('name = "x"\ntask = "prune"\nevery = "1m"\nzone = "Europe/Berlin"', "zone of [[schedule]] goes with cron"),
    ('name = "x"\ntask = "prune"\nevery = "1m"\nflavour = "sweet"', "flavour"),
])
def test_a_schedule_that_cannot_work_is_refused_with_its_line(kbeat, table, complaint):
    result = kbeat("schedule", "run", "--config", config(kbeat, f"[[schedule]]\n{table}\n"))
    assert result.code == 2 and complaint in result.err and "line 1" in result.err


def test_a_task_runs_at_its_moments_and_leaves_its_figures(kbeat, script):
    file = config(kbeat, f'[[schedule]]\nname = "tick"\nevery = "1s"\ntask = "exec"\n'
                         f'command = "{script("cat >> $HOME/ticks")}"\n')
    process = kbeat.start("-q", "schedule", "run", "--config", file, stdout=-1)
    seen = list(itertools.islice(reports(process, "tick"), 4))
    rest = stopped(process)
    assert outcomes(seen, "tick") == ["begun", "done"] * 2
    interrupted = outcomes(rest, "tick").count("failed")
    ticks = [json.loads(line) for line in (kbeat.home / "ticks").read_text().splitlines()]
    assert all(tick["schedule"] == "tick" for tick in ticks)
    assert len({tick["due"] for tick in ticks}) == len(ticks) >= 2
    row = next(row for row in kbeat("schedule", "list", "--config", file).rows if row["name"] == "tick")
    assert row["runs"] in (len(ticks), len(ticks) + interrupted) and row["failures"] == interrupted


def test_two_schedulers_run_each_moment_once(kbeat, script):
    file = config(kbeat, f'[[schedule]]\nname = "tick"\nevery = "1s"\ntask = "exec"\n'
                         f'command = "{script("cat >> $HOME/ticks")}"\n')
    ticks = kbeat.home / "ticks"
    schedulers = [kbeat.start("-q", "schedule", "run", "--config", file, stdout=-1) for _ in range(2)]
    eventually(lambda: ticks.exists() and len(ticks.read_text().splitlines()) >= 3, "three runs")
    for scheduler in schedulers:
        stopped(scheduler)
    dues = [json.loads(line)["due"] for line in ticks.read_text().splitlines()]
    assert len(set(dues)) == len(dues) >= 3


def test_a_run_that_goes_on_is_not_run_beside_itself(kbeat, script):
    file = config(kbeat, f'[[schedule]]\nname = "slow"\nevery = "1s"\ntask = "exec"\n'
                         f'command = "{script("echo in >> $HOME/log; sleep 1.7; echo out >> $HOME/log")}"\n')
    process = kbeat.start("-q", "schedule", "run", "--config", file, stdout=-1)
    assert "skipped" in outcomes(itertools.islice(reports(process, "slow"), 6), "slow")
    stopped(process)
    assert "in in" not in " ".join((kbeat.home / "log").read_text().split())


def test_run_now_tells_how_it_went(kbeat, script):
    file = config(kbeat, f'[[schedule]]\nname = "bad"\nevery = "1h"\ntask = "exec"\n'
                         f'command = "{script("echo broken >&2; exit 3")}"\n')
    result = kbeat("schedule", "run", "--now", "bad", "--config", file)
    assert result.code == 1
    assert result.rows[0]["outcome"] == "failed" and "ended with 3: broken" in result.rows[0]["error"]
    assert kbeat("schedule", "run", "--now", "none", "--config", file).code == 3
    for name in ("notifications", "dashboard", "prune"):
        assert kbeat("schedule", "run", "--now", name).rows[0]["outcome"] == "done"


def test_a_program_past_its_time_is_ended(kbeat, script):
    file = config(kbeat, f'[[schedule]]\nname = "long"\nevery = "1h"\ntask = "exec"\ntimeout = "200ms"\n'
                         f'command = "{script("sleep 30")}"\n')
    result = kbeat("schedule", "run", "--now", "long", "--config", file, timeout=10)
    assert result.code == 1 and "did not end within 0.2s" in result.rows[0]["error"]


@pytest.mark.parametrize("missed, runs", [("skip", 0), ("once", 1)])
def test_a_missed_moment_is_made_up_for_when_asked(kbeat, script, missed, runs):
    far = (datetime.datetime.now(UTC).minute + 30) % 60  # due each hour, but not while this test runs
    file = config(kbeat, f'[[schedule]]\nname = "late"\ncron = "{far} * * * *"\ntask = "exec"\nmissed = "{missed}"\n'
                         f'command = "{script("cat >> $HOME/ticks")}"\n'
                         '[[schedule]]\nname = "beat"\nevery = "1s"\ntask = "exec"\ncommand = "true"\n')
    kbeat("schedule", "list")
    with sqlite3.connect(kbeat.data_dir / "store.db") as rows:
        rows.execute("INSERT INTO schedules(name, last_due) VALUES('late', ?)", (int((time.time() - 86400) * 1000),))
    rows.close()
    process = kbeat.start("-q", "schedule", "run", "--config", file, stdout=-1)
    seen = []  # until another schedule ran twice and the late one has ended
    while sum(report["schedule"] == "beat" for report in seen) < 4 or len(outcomes(seen, "late")) % 2:
        seen.append(json.loads(process.stdout.readline()))
    seen += stopped(process)
    assert outcomes(seen, "late") == ["begun", "done"] * runs


def test_a_schedule_switches_consumers_off_and_on(kbeat):
    file = config(kbeat, '[[schedule]]\nname = "off"\nevery = "1h"\ntask = "consumer-off"\ngroup = "g"\n'
                         '[[schedule]]\nname = "on"\nevery = "1h"\ntask = "consumer-on"\ngroup = "g"\n')
    assert kbeat("schedule", "run", "--now", "off", "--config", file).code == 0
    consumer = kbeat.start("-q", "consume", "generic_topic", "-G", "g", "--batch-timeout", "10ms", stdout=-1)
    eventually(lambda: "is switched off and handles nothing" in kbeat("health", "--deep").text, "switched off")
    kbeat("produce", "generic_topic", stdin="{}\n")
    assert kbeat("schedule", "run", "--now", "on", "--config", file).code == 0
    line = consumer.stdout.readline()
    consumer.terminate()
    assert json.loads(line)["outcome"] == "done"
    consumer.communicate(timeout=20)


# --- cron against a second opinion ---

NAMES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago",
         "Africa/Casablanca", "Pacific/Auckland"]


def random_field(pick, least, most):
    kind = pick.random()
    if kind < 0.45:
        return "*"
    if kind < 0.55:
        return f"*/{pick.randint(1, most)}"
    if kind < 0.75:
        return str(pick.randint(least, most))
    if kind < 0.9:
        first, last = sorted((pick.randint(least, most), pick.randint(least, most)))
        return f"{first}-{last}"
    return ",".join(str(pick.randint(least, most)) for _ in range(3))


def values(field, least, most):
    found = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, last = (least, most) if span == "*" else (int(span.split("-")[0]), int(span.split("-")[-1]))
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def second_opinion(cron, zone, after):
    """Looks at each minute of UTC in turn: what do the zone's clocks show, and did they skip or repeat it?"""
    minute, hour, day, month, weekday = cron.split()
    minutes, hours, days, months = values(minute, 0, 59), values(hour, 0, 23), values(day, 1, 31), values(month, 1, 12)
    weekdays = {value % 7 for value in values(weekday, 0, 7)}
    either = day[0] != "*" and weekday[0] != "*"

    def fits(local):
        if local.month not in months or local.hour not in hours or local.minute not in minutes:
            return False
        by_day, by_weekday = local.day in days, local.isoweekday() % 7 in weekdays
        return by_day or by_weekday if either else by_day and by_weekday

    step = datetime.timedelta(minutes=1)
    moment = after.replace(second=0)
    local = moment.astimezone(zone).replace(tzinfo=None)
    for _ in range(600):
        before, moment = local, moment + step
        shown = moment.astimezone(zone)
        local = shown.replace(tzinfo=None)
        if "*" in (minute[0], hour[0]):
            if fits(local):
                return moment
        else:
            skipped = [before + step * i for i in range(1, int((local - before) / step))]
            if (fits(local) and not shown.fold) or any(fits(one) for one in skipped):
                return moment
    return None


def test_cron_agrees_with_another_implementation(kbeat):
    """The answers are those of cronsim; tests/data/cron/make_reference.py asked it."""
    rows = [line.split("\t") for line in gzip.decompress(REFERENCE.read_bytes()).decode().splitlines()]
    assert len(rows) == 10_000
    result = kbeat("schedule", "preview", "-", stdin="".join("\t".join(row[:3]) + "\n" for row in rows), timeout=60)
    assert result.code == 0, result.err
    wrong = [(row, answer) for row, answer in zip(rows, result.text.splitlines(), strict=True)
             if answer != (row[3] if row[3] == "never" else row[3].replace("Z", ".000Z"))]
    assert wrong == []


def test_cron_agrees_with_a_minute_by_minute_walk(kbeat):
    pick = random.Random(8)
    cases = []
    for _ in range(10_000):
        zone = pick.choice(NAMES)
        cron = " ".join([random_field(pick, 0, 59), random_field(pick, 0, 23),
                         *pick.choice([["*", "*", "*"], [random_field(pick, 1, 31), "*", random_field(pick, 0, 7)]])])
        month, day = pick.choice([(3, 28), (10, 24), (4, 4), (11, 1), (9, 5), (6, 1), (3, 7), (2, 14)])
        after = datetime.datetime(pick.randint(2020, 2029), month, day, pick.randint(0, 23), pick.randint(0, 59), tzinfo=UTC)
        cases.append((cron, zone, after))
    lines = "".join(f"{cron}\t{zone}\t{after:%Y-%m-%dT%H:%M:%SZ}\n" for cron, zone, after in cases)
    result = kbeat("schedule", "preview", "-", stdin=lines, timeout=60)
    assert result.code == 0, result.err
    answers = result.text.splitlines()
    assert len(answers) == len(cases)
    walked = 0
    for (cron, zone, after), answer in zip(cases, answers):
        found = datetime.datetime.fromisoformat(answer.replace("Z", "+00:00")) if answer != "never" else None
        if found is None or found - after > datetime.timedelta(hours=8):
            continue  # too far to walk to; the far ones are the unit tests' matter
        walked += 1
        expected = second_opinion(cron, zoneinfo.ZoneInfo(zone), after)
        assert found == expected, (cron, zone, after)
    assert walked > 4000
