"""The sources keep the rules of the house, and the rules catch what breaks them."""

import pathlib

import house

ROOT = pathlib.Path(__file__).resolve().parents[2]


def write(root, name, text):
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_no_folder_includes_another_that_it_does_not_stand_on():
    assert len(house.sources(ROOT)) > 50, "the sources were not found"
    assert house.forbidden_includes(ROOT) == []


def test_heavy_headers_stay_out_of_our_headers():
    assert house.heavy_includes(ROOT) == []


def test_no_file_is_too_long():
    assert house.long_files(ROOT) == []


def test_every_file_has_a_name_of_its_own():
    assert house.ambiguous_names(ROOT) == []


def test_every_file_begins_by_saying_what_it_is():
    assert house.unopened_files(ROOT) == []


def test_the_architecture_page_quotes_the_table_of_layers():
    assert house.quoted_layers(ROOT / "ARCHITECTURE.md") == {
        folder: tuple(sorted(may)) for folder, may in house.LAYERS.items()}


def test_an_include_upwards_is_named_with_its_place(tmp_path):
    write(tmp_path, "lib/kbeat/base/clock.hpp", '// A clock.\n#include "kbeat/base/x.hpp"\n#include "kbeat/store/store.hpp"\n')
    assert house.forbidden_includes(tmp_path) == ["lib/kbeat/base/clock.hpp:3: base may not include store"]


def test_a_folder_outside_the_table_is_named(tmp_path):
    write(tmp_path, "lib/kbeat/utils/x.cpp", "// Things.\n")
    assert house.forbidden_includes(tmp_path) == [
        "lib/kbeat/utils/x.cpp: the folder utils is not in the table of layers"]


def test_a_heavy_header_is_found_in_a_header_and_allowed_in_a_source(tmp_path):
    write(tmp_path, "lib/kbeat/model/a.hpp", "// A.\n#include <nlohmann/json.hpp>\n")
    write(tmp_path, "lib/kbeat/model/a.cpp", "// A.\n#include <nlohmann/json.hpp>\n")
    write(tmp_path, "lib/kbeat/sqlite/handles.hpp", "// Handles.\n#include <sqlite3.h>\n")
    assert house.heavy_includes(tmp_path) == ["lib/kbeat/model/a.hpp:2: nlohmann/json.hpp belongs into a .cpp file"]


def test_a_long_file_and_a_doubled_name_are_found(tmp_path):
    write(tmp_path, "lib/kbeat/base/x.cpp", "// X.\n" * 401)
    write(tmp_path, "apps/x.cpp", "int main() {}\n")
    assert house.long_files(tmp_path) == ["lib/kbeat/base/x.cpp: 401 lines, more than 400"]
    assert house.ambiguous_names(tmp_path) == ["x.cpp: apps/x.cpp, lib/kbeat/base/x.cpp"]
    assert house.unopened_files(tmp_path) == ["apps/x.cpp"]


def test_values_are_bound_and_not_written_into_sql():
    assert house.built_sql(ROOT) == []
    for name in house.SQL_FROM_OUR_OWN_WORDS:
        assert (ROOT / name).is_file(), f"{name} is gone: take it off the list"


def test_sql_built_from_a_value_is_found(tmp_path):
    write(tmp_path, "lib/kbeat/store/a.cpp", '// A.\nauto q = fmt::format(\n    "SELECT x FROM t WHERE id = {}", id);\n')
    write(tmp_path, "lib/kbeat/store/b.cpp", '// B.\nauto q = "DELETE FROM t WHERE id = " + id;\n')
    write(tmp_path, "lib/kbeat/store/c.cpp", '// C.\nStatement q(db, "SELECT x FROM t WHERE id = ?");\n')
    assert [line.split(":")[0] for line in house.built_sql(tmp_path)] == ["lib/kbeat/store/a.cpp", "lib/kbeat/store/b.cpp"]
