"""What is shown of an exception in the user's code."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from optuna_codeepneat.cli._errors import full_traceback
from optuna_codeepneat.cli._errors import kind_of
from optuna_codeepneat.cli._errors import one_line
from optuna_codeepneat.cli._errors import users_traceback
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import get_problem


MODULE = """
import torch.nn.functional as F

def direct():
    raise KeyError("mine")

def by_library():
    F.cross_entropy(1, 2)

def chained():
    try:
        direct()
    except KeyError as error:
        raise RuntimeError("theirs") from error
"""


@pytest.fixture
def theirs(tmp_path: Path) -> ModuleType:
    path = tmp_path / "theirs.py"
    path.write_text(MODULE)
    spec = importlib.util.spec_from_file_location("theirs", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def raised(module: ModuleType, name: str) -> Exception:
    """What a search meets, with the frames of this package around those of the user."""
    problem = Problem(
        name="theirs",
        title="Theirs",
        make_space=getattr(module, name),
        load_splits=getattr(module, name),
    )
    with pytest.raises(Exception) as caught:  # noqa: PT011
        problem.load()
    # Without the frame of this test, which is no command's.
    return caught.value.with_traceback(caught.tb.tb_next)


def test_the_users_frames_alone(theirs: ModuleType) -> None:
    shown = users_traceback(raised(theirs, "direct")).splitlines()
    assert shown[0] == "Traceback (most recent call last):"
    assert f'File "{theirs.__file__}", line 5, in direct' in shown[1]
    assert shown[-1] == "KeyError: 'mine'"
    assert len(shown) == 4
    assert "optuna_codeepneat" in full_traceback(raised(theirs, "direct"))


def test_what_a_library_says_is_the_users_below_their_line(theirs: ModuleType) -> None:
    pytest.importorskip("torch")
    error = raised(theirs, "by_library")
    shown = users_traceback(error)
    assert shown.index("in by_library") < shown.index("functional.py")
    assert one_line(error).endswith(f"({theirs.__file__}:8)")
    assert kind_of(error) == f"{type(error).__qualname__} {theirs.__file__}:8"


def test_causes_are_shown_too(theirs: ModuleType) -> None:
    shown = users_traceback(raised(theirs, "chained"))
    assert shown.index("KeyError: 'mine'") < shown.index("RuntimeError: theirs")
    assert "optuna_codeepneat" not in shown


def test_mistakes_of_others_have_no_frames_of_the_user() -> None:
    with pytest.raises(ValueError) as caught:
        get_problem("nothing")
    assert users_traceback(caught.value.with_traceback(caught.tb.tb_next)) == ""
