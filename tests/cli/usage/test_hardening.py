"""The program as it was linked: nothing that an attacker could use is left open."""

import pathlib
import subprocess

import pytest


def described(file, what):
    return subprocess.run(["readelf", what, "--wide", str(file)], capture_output=True, text=True, check=True).stdout


def parts(program):
    folder = pathlib.Path(program).parent / "lib"
    libraries = [file for file in folder.glob("libkbeat*.so.*") if not file.is_symlink()]
    assert libraries, f"there are no libraries in {folder}"
    return [pathlib.Path(program), *libraries]


def test_libraries_are_looked_for_beside_the_program_and_never_in_the_current_directory(program):
    for file in parts(program):
        paths = [line.split("[")[1].rstrip("]") for line in described(file, "--dynamic").splitlines() if "PATH)" in line]
        assert paths, f"{file} has no search path"
        for entry in paths[0].split(":"):
            assert entry.startswith("$ORIGIN"), (file, paths)


@pytest.mark.parametrize("what, mark", [("--dynamic", "BIND_NOW"), ("--program-headers", "GNU_RELRO"),
                                        ("--file-header", "DYN"), ("--dyn-syms", "__stack_chk_fail")])
def test_every_part_is_position_independent_bound_at_once_and_guards_its_stack(program, what, mark):
    for file in parts(program):
        assert mark in described(file, what), file
    stacks = [line for line in described(program, "--program-headers").splitlines() if "GNU_STACK" in line]
    assert len(stacks) == 1 and " RW " in stacks[0]
