"""What the program needs is pinned to ranges, and these are the ranges that are tested."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


def listed(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("wanted", listed("requirements.txt"), ids=str)
def test_a_requirement_is_a_range_and_the_tests_run_inside_it(wanted):
    assert {bound.operator for bound in wanted.specifier} == {">=", "<"}, "it needs a lowest and a highest version"
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        pytest.skip(f"{wanted.name} is not installed here")
    assert wanted.specifier.contains(found, prereleases=True)
