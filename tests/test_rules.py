"""The shape of the package: who imports what."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted([ROOT / "app.py", *(ROOT / "imgsearch").rglob("*.py")])


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imported(path):
    """Every module that a file imports, also inside functions, but not only for annotations."""
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            skipped.update(id(child) for child in ast.walk(node))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(filter(None, [*package.split(".")[: len(package.split(".")) - node.level + 1], base]))
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def within(name, *packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_page_knows_streamlit_and_only_the_training_knows_tensorflow(path):
    here = name_of(path)
    for name in imported(path):
        if within(name, "streamlit"):
            assert within(here, "app", "imgsearch.page"), f"{here} imports {name}"
        if within(name, "tensorflow", "keras", "torch"):
            assert within(here, "imgsearch.training"), f"{here} imports {name}"
        if within(name, "pymilvus", "milvus_lite", "grpc"):
            assert here == "imgsearch.ranking.milvus", f"{here} imports {name}"
        if within(name, "dask", "distributed"):
            assert here == "imgsearch.gallery.cluster", f"{here} imports {name}"
        if within(name, "imgsearch.page"):
            assert within(here, "app", "imgsearch.page"), f"{here} imports {name}"
        if within(name, "imgsearch.training"):
            assert within(here, "imgsearch.training", "imgsearch.__main__"), f"{here} imports {name}"


LAYERS = (
    {"assets"},
    {"images", "ranking"},
    {"methods", "local_features"},
    {"gallery"},
    {"search"},
    {"presentation"},
    {"page", "training", "commands"},
    {"__main__"},
)
"""Rooms of the package from the ground up: a room imports from those below it, and from no neighbour."""


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_only_from_rooms_below_it(path):
    def room(name):
        parts = name.split(".")
        return parts[1] if parts[0] == "imgsearch" and len(parts) > 1 else None

    floor = {name: number for number, rooms in enumerate(LAYERS) for name in rooms}
    here = room(name_of(path))
    for name in imported(path):
        other = room(name)
        if here is None or other not in floor or other == here:
            continue
        assert floor[other] < floor[here], f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    functions = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > 60} == {}


def test_every_widget_has_a_callback():
    # One without is not heard if another's callback, in the same message, asks for certain parts of the page only.
    widgets = {"button", "camera_input", "file_uploader", "multiselect", "radio", "segmented_control", "selectbox"}
    widgets |= {"pills", "slider", "text_input", "toggle"}
    deaf = []
    for path in sorted((ROOT / "imgsearch" / "page").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in widgets):
                continue
            if ast.unparse(node.func.value) == "st" and not {"on_click", "on_change"} & {a.arg for a in node.keywords}:
                deaf.append(f"{path.name}:{node.lineno}")
    assert deaf == []


def test_only_three_modules_lie_outside_the_rooms():
    loose = {path.name for path in (ROOT / "imgsearch").glob("*.py")}
    assert loose == {"__init__.py", "__main__.py", "assets.py"}


def test_imports_go_one_way():
    known = {name_of(path) for path in MODULES}
    graph = {name_of(path): {name for name in imported(path) if name in known} for path in MODULES}
    for name in graph:
        # A package's own name comes with every import from it and says nothing.
        graph[name] -= {name, *(parent for parent in graph if name.startswith(f"{parent}."))}
    done = set()

    def visit(name, trail):
        assert name not in trail, " → ".join([*trail, name])
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, [*trail, name])
            done.add(name)

    for name in graph:
        visit(name, [])


def test_nothing_but_methods_and_metrics_asks_which_metric_it_is():
    allowed = {"metrics", "histogram", "siamese"}
    for path in MODULES:
        if path.stem in allowed or within(name_of(path), "imgsearch.training"):
            continue
        text = path.read_text(encoding="utf-8")
        for word in ("metric.title ==", "is COSINE", "is EUCLIDEAN", "isinstance(metric"):
            assert word not in text, f"{name_of(path)} says {word}"


def test_a_search_loads_no_heavy_library_that_it_does_not_need():
    program = """
import sys
from imgsearch.search import evaluation
from imgsearch.search.search import search
from imgsearch.gallery import persistence, builder
heavy = {"tensorflow", "keras", "streamlit", "plotly", "cv2", "ai_edge_litert", "torch", "pandas"}
print(sorted(heavy & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_what_the_browser_gets_first_imports_nothing_heavy():
    program = """
import sys
import streamlit
from imgsearch.page import header
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("numpy", "cv2", "imgsearch")))
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = ast.literal_eval(run.stdout)
    own = {
        "assets",
        "page",
        "page.components",
        "page.components.encoded",
        "page.components.keys",
        "page.components.mount",
        "page.components.offline",
        "page.header",
        "page.server",
        "page.server.process",
    }
    assert set(loaded) == {"imgsearch", *(f"imgsearch.{name}" for name in own)}


def test_no_fragment_of_the_page_is_drawn_within_another():
    # When Streamlit draws one again, it takes back what it has not sent of it, but not what it has of those within: the
    # browser ends with "Cannot set a node at a delta path".
    fragments, calls = set(), {}
    for path in (path for path in MODULES if within(name_of(path), "imgsearch.page")):
        tree, here = ast.parse(path.read_text(encoding="utf-8")), name_of(path)
        known = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
            if any("st.fragment" in ast.unparse(decorator) for decorator in function.decorator_list):
                fragments.add(f"{here}.{function.name}")
            called = {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
            calls[f"{here}.{function.name}"] = {
                ".".join([known.get(first, f"{here}.{first}"), *rest])
                for first, *rest in (name.split(".") for name in called)
            }

    def drawn_by(name, seen):
        for other in calls.get(name, set()) - seen:
            seen.add(other)
            drawn_by(other, seen)
        return seen

    assert len(fragments) > 8
    assert {name: found for name in fragments if (found := drawn_by(name, set()) & fragments)} == {}
