"""The rules of the house that a reader can check line by line: layers, sizes, names, heavy headers."""

import collections
import re

# Each folder of lib/kbeat and what it may include besides itself; ARCHITECTURE.md quotes it.
LAYERS = {
    "base": (),
    "model": ("base",),
    "config": ("base",),
    "filter": ("base", "model"),
    "metrics": ("base",),
    "sqlite": ("base",),
    "audio": ("base",),
    "net": ("base", "config"),
    "confine": ("audio", "base", "model"),
    "plot": ("audio", "base"),
    "transport": ("base", "config", "metrics", "model", "sqlite"),
    "access": ("base", "config", "net", "transport"),
    "reading": ("base", "filter", "model", "transport"),
    "store": ("base", "model", "sqlite"),
    "schema": ("base", "model", "net"),
    "handlers": ("audio", "base", "confine", "model", "net", "store", "transport"),
    "pipeline": ("base", "config", "filter", "handlers", "metrics", "model", "reading", "store", "transport"),
    "dlq": ("base", "filter", "handlers", "model", "pipeline", "reading", "store", "transport"),
    "replay": ("base", "dlq", "filter", "handlers", "model", "pipeline", "reading", "store", "transport"),
    "upkeep": ("base", "config", "metrics", "model", "net", "pipeline", "store", "transport"),
    "sending": ("base", "model", "pipeline", "store", "transport"),
    "server": (
        "base", "config", "dlq", "filter", "handlers", "metrics", "model", "pipeline", "sqlite", "store", "transport", "upkeep"),
}

LONGEST_FILE = 400

# They cost a second and more in every file that sees them.
HEAVY_HEADERS = re.compile(
    r"nlohmann/|CLI/|simdjson|sqlite3\.h|librdkafka/|rdkafka\.h|sndfile|curl/|spdlog/|toml\+\+|re2/|soxr|kiss_fft|boost/|openssl/|sodium|cairo")

_OURS = re.compile(r'^\s*#\s*include\s+"kbeat/([^/"]+)/')
_ANY = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')


def sources(root):
    """Returns the C++ files of the library and of the program."""
    return sorted(file for folder in ("lib", "apps") for file in (root / folder).rglob("*.?pp"))


def _domain(root, file):
    parts = file.relative_to(root).parts
    return parts[2] if parts[:2] == ("lib", "kbeat") else None


def forbidden_includes(root):
    """Returns a line for each include from a folder of the library into one that lies above or beside it."""
    found = []
    for file in sources(root):
        domain = _domain(root, file)
        if domain is None:
            continue
        if domain not in LAYERS:
            found.append(f"{file.relative_to(root)}: the folder {domain} is not in the table of layers")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = _OURS.match(line)
            if match and match[1] != domain and match[1] not in LAYERS[domain]:
                found.append(f"{file.relative_to(root)}:{number}: {domain} may not include {match[1]}")
    return found


def heavy_includes(root):
    """Returns a line for each heavy header in a header of ours; those named …handles.hpp may name C types."""
    return [
        f"{file.relative_to(root)}:{number}: {match[1]} belongs into a .cpp file"
        for file in sources(root) if file.suffix == ".hpp" and not file.name.endswith("handles.hpp")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if (match := _ANY.match(line)) and HEAVY_HEADERS.search(match[1])
    ]


def long_files(root):
    return [
        f"{file.relative_to(root)}: {lines} lines, more than {LONGEST_FILE}"
        for file in sources(root) if (lines := len(file.read_text().splitlines())) > LONGEST_FILE
    ]


def ambiguous_names(root):
    """Returns a line for each base name that two files bear: a name says which file is meant."""
    homes = collections.defaultdict(list)
    for file in sources(root):
        homes[file.name].append(str(file.relative_to(root)))
    return [f"{name}: {', '.join(files)}" for name, files in homes.items() if len(files) > 1]


def unopened_files(root):
    """Returns the files that do not begin with a comment saying what they are."""
    return [str(file.relative_to(root)) for file in sources(root) if not file.read_text().startswith("// ")]


def quoted_layers(page):
    """Returns the layers as a page's section on the folders has them: | `folder` | what it is | `may`, `include` |."""
    section = page.read_text().split("## The folders")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", section, re.MULTILINE)
    return {folder: tuple(sorted(re.findall(r"`(\w+)`", may))) for folder, may in rows}


# Where SQL is put together, and from what: never from a value, which is bound.
SQL_FROM_OUR_OWN_WORDS = {
    "apps/cmd_store.cpp": "the name of a table that is in the store's own list",
    "lib/kbeat/server/result_routes.cpp": "one of two columns, by the route",
    "lib/kbeat/sqlite/database.cpp": "the size of a page",
    "lib/kbeat/sqlite/migrations.cpp": "numbers of the schema",
    "lib/kbeat/store/beat_rows.cpp": "the constant list of core metrics",
    "lib/kbeat/store/notifications.cpp": "a constant list of columns",
    "lib/kbeat/store/prune.cpp": "a constant number",
}

_SQL = r"(?:SELECT|INSERT|REPLACE|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|ATTACH) "
_BUILT_SQL = re.compile(rf'format(?:_to)?\(\s*"{_SQL}|"{_SQL}[^"]*"\s*\+\s*(?!k_)\w|\+=\s*"{_SQL}')


def built_sql(root):
    """Returns a line for each file that puts SQL together from text without standing in the table above."""
    return [
        f"{name}: bind values instead of writing them into SQL" for file in sources(root)
        if (name := str(file.relative_to(root))) not in SQL_FROM_OUR_OWN_WORDS and _BUILT_SQL.search(file.read_text())
    ]
