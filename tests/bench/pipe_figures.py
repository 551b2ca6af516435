"""The parts of bench_pipes beside the races on a broker: what is lost, the embedded log, start-up, memory, ends."""

import json
import os
import statistics
import subprocess
import threading
import time

import awkward_records


class Bench:
    """The program, its broker and a folder; topics made here are deleted at the end."""

    def __init__(self, program, broker, folder, rounds):
        self.program, self.broker, self.folder, self.rounds = program, broker, folder, rounds
        self.ours = [program, "-q", "-b", broker]
        self.embedded = [program, "-q", "--transport", "embedded", "--data-dir", str(folder / "data")]
        self._topics = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._topics:
            self.kbeat("topics", "delete", *self._topics, "--yes")

    def kbeat(self, *arguments, **options):
        return subprocess.run([*self.ours, *arguments], check=True, **options)

    def topic(self, name, partitions=1):
        topic = f"bench-{os.getpid()}-{name}"
        self.kbeat("topics", "create", topic, "-p", str(partitions))
        self._topics.append(topic)
        return topic


def read_back(command, topic):
    """Everything about the records but the topic's name, in the order of partitions and offsets."""
    out = subprocess.run([*command, "consume", topic, "-J", "-e"], capture_output=True, check=True).stdout
    rows = sorted((json.loads(line) for line in out.splitlines()), key=lambda row: (row["partition"], row["offset"]))
    return [{**row, "topic": None} for row in rows]


def lossless(bench):
    first = bench.topic("awkward", 3)
    bench.kbeat("produce", first, "-J", input=awkward_records.envelopes())
    wanted = read_back(bench.ours, first)

    def told(name, got):
        same = sum(a == b for a, b in zip(wanted, got))
        print(f"{name}: {same} of {len(wanted)} awkward records identical", flush=True)

    for name, middle in (("consume -J | produce -J", ["cat"]), ("the same through jq -c .", ["jq", "-c", "."])):
        copy = bench.topic("copy-" + middle[0], 3)
        out = subprocess.run([*bench.ours, "consume", first, "-J", "-e"], capture_output=True, check=True).stdout
        out = subprocess.run(middle, input=out, capture_output=True, check=True).stdout
        bench.kbeat("produce", copy, "-J", input=out)
        told(name, read_back(bench.ours, copy))
    subprocess.run([*bench.embedded, "topics", "create", "awkward", "-p", "3"], check=True)
    out = subprocess.run([*bench.ours, "consume", first, "-J", "-e"], capture_output=True, check=True).stdout
    subprocess.run([*bench.embedded, "produce", "awkward", "-J"], input=out, check=True)
    told("into the embedded log", read_back(bench.embedded, "awkward"))
    back = bench.topic("back", 3)
    out = subprocess.run([*bench.embedded, "consume", "awkward", "-J", "-e"], capture_output=True, check=True).stdout
    bench.kbeat("produce", back, "-J", input=out)
    told("and back to Kafka", read_back(bench.ours, back))


def seconds(command, **options):
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.monotonic() - begun


def embedded(bench, lines, records, log_records):
    """The program's own rates: reading the lines and printing the records are part of them."""
    writes = [seconds([*bench.embedded, "produce", f"r{number}", "-l", lines]) for number in range(bench.rounds)]
    reads = [seconds([*bench.embedded, "consume", "r0", "--print", "-e"]) for _ in range(bench.rounds)]
    print(f"durable append: {records / statistics.median(writes):.0f} records/s, promised 500000", flush=True)
    print(f"read: {records / statistics.median(reads):.0f} records/s, promised 2000000", flush=True)
    for number in range(max(0, -(-log_records // records) - bench.rounds)):
        subprocess.run([*bench.embedded, "produce", f"more{number}", "-l", lines], check=True)
    opens = [seconds([*bench.embedded, "topics", "list"]) for _ in range(bench.rounds)]
    print(f"a log of {max(log_records, bench.rounds * records)} records, opened and listed: "
          f"{statistics.median(opens) * 1000:.0f} ms, promised 100", flush=True)
    latency(bench)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def latency(bench, count=5000):
    """From a line written to one process's stdin to the line read from another's stdout."""
    subprocess.run([*bench.embedded, "topics", "create", "latency"], check=True)
    reader = subprocess.Popen([*bench.embedded, "stream", "latency", "-o", "beginning"], stdout=subprocess.PIPE)
    writer = subprocess.Popen([*bench.embedded, "produce", "latency"], stdin=subprocess.PIPE)
    writer.stdin.write(b"0\n")
    writer.stdin.flush()
    reader.stdout.readline()
    before, idle_s = cpu_seconds(reader.pid), 3
    time.sleep(idle_s)
    idle = (cpu_seconds(reader.pid) - before) / idle_s * 100

    def feed():
        due = time.monotonic()
        for _ in range(count):
            due += 0.001
            time.sleep(max(0.0, due - time.monotonic()))
            writer.stdin.write(b"%d\n" % time.monotonic_ns())
            writer.stdin.flush()
        writer.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    waits = sorted((time.monotonic_ns() - int(reader.stdout.readline())) / 1e6 for _ in range(count))
    feeder.join()
    writer.wait()
    reader.terminate()
    reader.wait()
    print(f"produce to a waiting reader at 1000/s: median {waits[count // 2]:.1f} ms, p99 {waits[count * 99 // 100]:.1f} ms, "
          f"promised 20; idle reader {idle:.1f} % of a core, promised under 5", flush=True)


def startup(bench, runs=40):
    one = bench.topic("one")
    bench.kbeat("produce", one, input=b"x\n")
    for name, ours, peer, promised in (
            ("--version against kcat -V", [bench.program, "--version"], ["kcat", "-V"], 3),
            ("topics list against kcat -L", [*bench.ours, "topics", "list"], ["kcat", "-b", bench.broker, "-L"], 2),
            ("one record read against kcat -C -e", [*bench.ours, "consume", one, "--print", "-e"],
             ["kcat", "-q", "-b", bench.broker, "-C", "-t", one, "-e"], 1.1)):
        pairs = [(seconds(ours), seconds(peer, stderr=subprocess.DEVNULL)) for _ in range(runs)]
        mine, theirs = (statistics.median(side) * 1000 for side in zip(*pairs))
        print(f"{name}: {mine:.1f} ms against {theirs:.1f} ms, ratio {mine / theirs:.2f}, promised at most {promised}",
              flush=True)


def peak_mb(process):
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss / 1024


def memory(bench, lines, gigabytes):
    topic, size = bench.topic("large"), os.path.getsize(lines)
    copies = max(1, round(gigabytes * 1e9 / size))
    for _ in range(copies):
        bench.kbeat("produce", topic, "-l", lines)
    reading = subprocess.Popen([*bench.ours, "consume", topic, "-J", "-e"], stdout=subprocess.DEVNULL)
    print(f"consume -J of {copies * size / 1e9:.1f} GB: peak {peak_mb(reading):.0f} MB, promised under 150", flush=True)
    slow = subprocess.Popen([*bench.ours, "consume", topic, "-J", "-e"], stdout=subprocess.PIPE)
    for _ in range(50):
        slow.stdout.read(1 << 20)
        time.sleep(0.1)
    slow.stdout.close()
    print(f"the same with a reader of 10 MB/s: peak {peak_mb(slow):.0f} MB", flush=True)


def ends(bench, lines):
    topic = bench.topic("ends")
    bench.kbeat("produce", topic, "-l", lines)
    begun = time.monotonic()
    reading = subprocess.Popen([*bench.ours, "consume", topic, "--print"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    reading.stdout.readline()
    reading.stdout.close()
    error = reading.stderr.read()
    print(f"consume | head -1: exit {reading.wait()}, {len(error)} bytes on stderr, {time.monotonic() - begun:.2f} s", flush=True)
    begun = time.monotonic()
    dead = subprocess.run([bench.program, "-b", "127.0.0.1:1", "--timeout", "2s", "consume", topic, "--print", "-e"],
                          capture_output=True, check=False)
    print(f"a dead broker with --timeout 2s: exit {dead.returncode} after {time.monotonic() - begun:.1f} s: "
          f"{dead.stderr.decode().strip()}", flush=True)
    narrow = f"{topic}-narrow"
    bench.kbeat("topics", "create", narrow, "--set", "max.message.bytes=1000")
    value = "x" * 5000
    large = bench.folder / "large"
    large.write_text(value)
    codes = {}
    for name, flags, text in (
            ("lines", [], value), ("-l", ["-l", str(large)], ""), ("-J", ["-J"], json.dumps({"payload": value})),
            ("-K", ["-K", ":"], "k:" + value), ("a file", [str(large)], ""), ("--txn", ["--txn"], value),
            ("--event", ["--event", "X", "--field", "a=" + value], "")):
        done = subprocess.run([*bench.ours, "produce", narrow, "-z", "none", *flags], input=text.encode(),
                              capture_output=True, check=False)
        codes[name] = done.returncode
    bench.kbeat("topics", "delete", narrow, "--yes")
    print(f"exit of a failed delivery: {', '.join(f'{name} {code}' for name, code in codes.items())}", flush=True)
