"""Mutants: change one node of a module, run the tests that concern it, and see whether one fails.

``python tests/mutants.py [MODULE ...]`` goes through the modules of ``mutants.toml``, which names
their tests, and the survivors that are known with the reason why each may live. One session of
pytest is collected for a module, and each mutant lives in a fork of it that ends with the first
test that fails; a mutant of what runs while importing gets a session of its own. Programs that a
test starts see the module unchanged. Generated examples are few and always the same.

Exit 1 if a survivor has no reason, a reason no survivor, or too few were killed.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import inspect
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import hypothesis
import pytest
from hypothesis import Phase

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "plugins" / "mkdocs_apparatus"
LEAST = 85  # per cent of a module's mutants that must be killed
CPU_SECONDS = 20  # a mutant that runs longer hangs
WALL_SECONDS = 90
MEMORY = 4 << 30  # bytes
KILLED, SURVIVED, INVALID = "killed", "survived", "invalid"
CODES = {0: SURVIVED, 99: INVALID}  # of a fork; all others are a death

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CALLS = {"any": "all", "min": "max", "sorted": "list", "removeprefix": "removesuffix"}
CALLS |= {"lower": "upper", "lstrip": "rstrip", "startswith": "endswith", "partition": "rpartition"}
CALLS |= {"match": "search", "fullmatch": "match"}
CALLS |= {new: old for old, new in CALLS.items() if new not in {*CALLS, "list"}}
DROPPED = {"strip", "rstrip", "casefold", "lower", "title"}  # x.strip() becomes x
REGEX_SIGNS = re.compile(
    r"\\.|(?P<ahead>\(\?<?[!=])|(?P<set>\[\^?\]?)(?:\\.|[^\]\\])*\]"
    r"|(?<!\()(?P<more>[*+])|(?<![(*+?}])(?P<maybe>\?)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Mutant:
    """What stands at a place in the tree of a module, and what is put there instead."""

    owner: ast.AST
    field: str
    index: int | None
    new: object
    outer: str  # the outermost function that it is in, or nothing
    constant: str  # the one at the module's level that it is in, or nothing
    name: str = ""
    line: int = 0

    @property
    def old(self) -> object:
        value = getattr(self.owner, self.field)
        return value if self.index is None else value[self.index]

    def put(self, value: object) -> None:
        if self.index is None:
            setattr(self.owner, self.field, value)
        else:
            getattr(self.owner, self.field)[self.index] = value


def mutants(tree: ast.Module) -> list[Mutant]:
    """Return the mutants of a module in the order of its text, each with a name of its own."""
    seen: Counter[str] = Counter()
    named = []
    for mutant, shown, place in _walk(tree, [tree], ""):
        before, old = " ".join(ast.unparse(shown).split()), mutant.old
        mutant.put(mutant.new)
        changed = mutant.new if shown is old else shown
        after = " ".join(ast.unparse(ast.fix_missing_locations(changed)).split())
        mutant.put(old)
        name = f"{place}: {_difference(before, after)}".removeprefix(": ")
        seen[name] += 1
        name += f" ({seen[name]})" if seen[name] > 1 else ""
        values = {"name": name, "line": getattr(shown, "lineno", 0)}
        named.append(Mutant(**{**mutant.__dict__, **values}))
    return named


def _difference(before: str, after: str) -> str:
    """Write a change of a text, with a little of what stays around it."""
    start = _shared(before, after)
    same = _shared(before[start:][::-1], after[start:][::-1])
    cut = max(0, start - 30)
    ends = (
        text[cut : len(text) - same + min(same, 15)].replace("\\\\", "\\")
        for text in (before, after)
    )
    return " → ".join(f"`{'…' if cut else ''}{end}`" for end in ends)


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _walk(node: ast.AST, above: list[ast.AST], outer: str) -> Iterator[tuple[Mutant, ast.AST, str]]:
    """Yield the mutants below a node, each with the node to show and the name of its place."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "ops", "op", "ctx"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_quiet(child, node):
                continue
            inner = outer
            if isinstance(child, ast.FunctionDef) and not outer:
                inner = ".".join(one.name for one in (*above, child) if hasattr(one, "name"))
            place = _place([*above, child])
            for new in _changes(child, above):
                top = [*above, child][1]
                constant = ast.unparse(top.targets[0]) if isinstance(top, ast.Assign) else ""
                mutant = Mutant(node, field, index, new, outer, constant)
                yield mutant, _shown([*above, child]), place
            yield from _walk(child, [*above, child], inner)


def _is_quiet(node: ast.AST, parent: ast.AST) -> bool:
    """Say whether a node changes nothing that a test could see: imports, docstrings, types."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.arg):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return (isinstance(target, ast.Name) and target.id == "__all__") or (
        isinstance(node, ast.keyword) and isinstance(parent, ast.ClassDef)
    )


def _place(path: list[ast.AST]) -> str:
    names = [one.name for one in path if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    if not names and isinstance(path[1], ast.Assign):
        names = [ast.unparse(path[1].targets[0])]
    return ".".join(names)


def _shown(path: list[ast.AST]) -> ast.AST:
    """Return the node that shows a change best: what is changed, with something around it."""
    for at in range(len(path) - 1, 0, -1):
        stands = isinstance(path[at], ast.expr | ast.comprehension | ast.keyword)
        if isinstance(path[at], ast.stmt | ast.Module):
            return path[at]
        parent = path[at - 1]
        fine = stands and isinstance(parent, ast.stmt)
        if fine and not isinstance(parent, ast.Assign | ast.Return | ast.AugAssign | ast.AnnAssign):
            return path[at]
        large = at < len(path) - 1 and len(ast.unparse(path[at])) > 24
        if stands and large and not any(isinstance(one, ast.JoinedStr) for one in path[1:at]):
            return path[at]
    return path[-1]


def _changes(node: ast.AST, above: list[ast.AST]) -> Iterator[ast.AST]:  # noqa: PLR0912
    """Yield what may stand in the place of a node."""
    match node:
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                changed = [*ops[:at], COMPARISONS[type(op)](), *ops[at + 1 :]]
                yield ast.Compare(node.left, changed, node.comparators)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), values)
            for at in range(len(values)):
                rest = [*values[:at], *values[at + 1 :]]
                yield ast.BoolOp(op, rest) if rest[1:] else rest[0]
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.AugAssign(target=target, op=op, value=value):
            if type(op) in OPERATORS:
                yield ast.AugAssign(target, OPERATORS[type(op)](), value)
            yield ast.Pass()
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(value)):
            yield from map(ast.Constant, _texts(value, above))
        case ast.Expr() | ast.Delete():
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.Call(func=func, args=args, keywords=keywords):
            yield from _calls(func, args, keywords)
    parent = above[-1]
    if (
        isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.NamedExpr)
        and isinstance(parent, ast.If | ast.IfExp | ast.While | ast.comprehension)
        and (parent.test if hasattr(parent, "test") else None) is node
    ) or (isinstance(parent, ast.comprehension) and node in parent.ifs and not _turns(node)):
        yield ast.UnaryOp(ast.Not(), node)


def _turns(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp)


def _texts(text: str, above: list[ast.AST]) -> Iterator[str]:
    yield f"{text}XX" if text else "XX"
    if not any(
        isinstance(one, ast.Call) and ast.unparse(one.func) in ("re.compile", "re.sub")
        for one in above
    ):
        return
    for sign in REGEX_SIGNS.finditer(text):
        what = sign.lastgroup
        if what is None:
            continue
        start, end = sign.span(what)
        swaps = {
            "ahead": lambda old: old[:-1] + ("=" if old[-1] == "!" else "!"),
            "set": lambda old: old.replace("[^", "[") if "^" in old else old.replace("[", "[^"),
            "more": lambda old: "*" if old == "+" else "+",
            "maybe": lambda _: "",
        }
        yield text[:start] + swaps[what](sign[what]) + text[end:]


def _calls(func: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]) -> Iterator[ast.expr]:
    for at, keyword in enumerate(keywords):
        if keyword.arg:
            yield ast.Call(func, args, [*keywords[:at], *keywords[at + 1 :]])
    if isinstance(func, ast.Name) and func.id in CALLS:
        yield ast.Call(ast.Name(CALLS[func.id], ast.Load()), args, keywords)
    if isinstance(func, ast.Attribute):
        if func.attr in CALLS:
            yield ast.Call(ast.Attribute(func.value, CALLS[func.attr], ast.Load()), args, keywords)
        if func.attr in DROPPED and not args:
            yield func.value


class Few:
    """Hypothesis with few examples, the same each time, and no search for the smallest one."""

    def __init__(self, examples: int) -> None:
        self.values = {"max_examples": examples, "derandomize": True, "database": None}
        self.values |= {"phases": (Phase.explicit, Phase.generate), "deadline": None}
        self.values |= {"suppress_health_check": list(hypothesis.HealthCheck)}

    def install(self) -> None:
        """Make it the profile, and what a test asks for itself."""
        original, values = hypothesis.settings, self.values

        class Settings(original):  # type: ignore[misc,valid-type]
            def __new__(cls, *args: object, **more: object) -> object:
                return original(*args, **(more | values))

        original.register_profile("mutants", **values)
        original.load_profile("mutants")
        hypothesis.settings = Settings  # type: ignore[misc]


class Session:
    """A plugin for pytest that runs a function once, in the place of the tests."""

    def __init__(self, run: Callable[[pytest.Session], None]) -> None:
        self.run = run

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.run(session)
        return True


def run_tests(session: pytest.Session, items: Sequence[pytest.Item]) -> bool:
    """Run tests of a session up to the first that fails, and say whether none did."""
    for item, following in zip(items, (*items[1:], None), strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return False
    return True


class Watch:
    """A plugin for pytest that notes which functions of a file each test calls, and its time.

    What is called while a test is set up may serve the other tests of its file as well.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.called: dict[str, set[int]] = {}  # test or test file: first lines of functions
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        with self.tracing(str(item.path)):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        start = time.perf_counter()
        with self.tracing(item.nodeid):
            result = yield
        self.seconds[item.nodeid] = time.perf_counter() - start
        return result

    def tests(self, items: Sequence[pytest.Item], wanted: set[int]) -> list[pytest.Item]:
        """Return the tests that call one of some functions, file by file the quick ones first."""
        files = {path: at for at, path in enumerate(dict.fromkeys(item.path for item in items))}

        def calls(item: pytest.Item) -> bool:
            return bool((self.called[item.nodeid] | self.called[str(item.path)]) & wanted)

        return sorted(
            filter(calls, items), key=lambda item: (files[item.path], self.seconds[item.nodeid])
        )

    @contextmanager
    def tracing(self, key: str) -> Iterator[None]:
        lines = self.called.setdefault(key, set())

        def trace(frame: FrameType, _event: str, _argument: object) -> None:
            if frame.f_code.co_filename == self.file:
                lines.add(frame.f_code.co_firstlineno)

        threading.settrace(trace)
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Module:
    """A module of the package, its tree and what concerns it in ``mutants.toml``."""

    name: str
    tree: ast.Module
    tests: list[str]
    without: list[str]
    survivors: dict[str, str]

    @classmethod
    def read(cls, name: str, table: dict[str, Any]) -> Module:
        tree = ast.parse((PACKAGE / f"{name}.py").read_text("utf-8"))
        tests = [str(ROOT / "tests" / f"test_{test}.py") for test in table["tests"]]
        return cls(name, tree, tests, table["without"], dict(table["survivors"]))

    @property
    def full_name(self) -> str:
        return f"mkdocs_apparatus.{self.name}"

    def code(self) -> CodeType:
        file = str(PACKAGE / f"{self.name}.py")
        return compile(ast.fix_missing_locations(self.tree), file, "exec")

    def constants(self) -> list[str]:
        """Return the names that simple assignments give at the module's level."""
        values = [one for one in self.tree.body if isinstance(one, ast.Assign)]
        return [one.id for value in values for one in value.targets if isinstance(one, ast.Name)]

    def first_line(self, name: str) -> int:
        """Return the first line of a function or method."""
        found: ast.AST = self.tree
        for part in name.split("."):
            found = next(one for one in found.body if getattr(one, "name", "") == part)  # type: ignore[attr-defined]
        return min([found.lineno, *(one.lineno for one in found.decorator_list)])  # type: ignore[attr-defined]

    def readers(self, constant: str) -> set[int]:
        """Return the first lines of the functions that read a constant, or another made of it."""
        names, before = {constant}, 0
        while len(names) > before:
            before = len(names)
            for node in self.tree.body:
                if isinstance(node, ast.Assign) and names & _names(node.value):
                    names |= _names(node.targets[0])
        return {
            min([node.lineno, *(one.lineno for one in node.decorator_list)])
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef) and names & _names(node)
        }

    def session(self, run: Callable[[pytest.Session], None]) -> int:
        """Collect the tests and hand them to a function."""
        options = ["-p", "no:cacheprovider", "--rootdir", str(ROOT)]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # Hypothesis is loaded
        without = " and ".join(f"not {one}" for one in self.without)
        return pytest.main([*options, "-k", without, *self.tests], plugins=[Session(run)])


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def fork(work: Callable[[], int]) -> str:
    """Do work in a fork within limits, and say what became of it by the code it gave."""
    temporary = tempfile.mkdtemp(prefix="mutants-")
    child = os.fork()
    if child == 0:
        code = 98
        try:
            os.setsid()
            silence = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(silence, stream)
            os.environ["PYTEST_DEBUG_TEMPROOT"] = temporary
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            code = work()
        finally:
            os._exit(code)
    end = time.monotonic() + WALL_SECONDS
    status = None
    pause = 0.002
    while status is None and time.monotonic() < end:
        done, found = os.waitpid(child, os.WNOHANG)
        if done:
            status = found
        else:
            time.sleep(pause)
            pause = min(0.05, pause * 1.3)
    if status is None:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a test has left behind
    shutil.rmtree(temporary, ignore_errors=True)
    return CODES.get(os.waitstatus_to_exitcode(status), KILLED)


def in_session(
    module: Module, mutant: Mutant, session: pytest.Session, items: Sequence[pytest.Item]
) -> int:
    """Put a mutated function, or constants, into the module as it was imported; run the tests."""
    mutant.put(mutant.new)
    changed = ModuleType(module.full_name)
    changed.__package__ = "mkdocs_apparatus"
    try:
        exec(module.code(), changed.__dict__)  # noqa: S102 - it is our own module
    except Exception:
        return 99
    imported = sys.modules[module.full_name]
    if mutant.outer:
        old, new = find_function(imported, mutant.outer), find_function(changed, mutant.outer)
        assert old is not None
        assert new is not None
        old.__code__ = new.__code__
        old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    else:
        put_constants(module.constants(), imported, changed)
    return 0 if run_tests(session, items) else 1


def put_constants(names: Sequence[str], imported: ModuleType, changed: ModuleType) -> None:
    """Put the constants of a changed module wherever those of the imported one are known."""
    for name in names:
        old, new = getattr(imported, name), getattr(changed, name)
        for other in list(sys.modules.values()):
            if getattr(other, "__dict__", {}).get(name) is old:
                setattr(other, name, new)


def find_function(module: ModuleType, name: str) -> FunctionType | None:
    """Return the plain function or method of a name, if it is one."""
    found: object = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part, None)
    plain = isinstance(found, FunctionType) and not found.__closure__
    return found if plain and found.__qualname__ == name else None  # type: ignore[return-value]


def on_its_own(module: Module, mutant: Mutant | None) -> int:
    """Import the module mutated, and run its tests in a session of their own."""
    if mutant:
        mutant.put(mutant.new)
    spec = importlib.util.find_spec(module.full_name)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.get_code = lambda _: module.code()  # type: ignore[attr-defined]
    whole = importlib.util.module_from_spec(spec)
    sys.modules[module.full_name] = whole
    try:
        spec.loader.exec_module(whole)
    except Exception:
        return 99
    passed = []
    module.session(lambda session: passed.append(run_tests(session, session.items)))
    return 0 if passed == [True] else 1


def measure(module: Module, share: float, only: str, known: bool) -> dict[str, str]:
    """Return what became of each mutant, by name; ``share`` of them, drawn by a fixed seed."""
    every = [one for one in mutants(module.tree) if only in one.name]
    every = [one for one in every if not known or one.name in module.survivors]
    chosen = set(random.Random(1).sample(range(len(every)), round(len(every) * share)))  # noqa: S311
    todo = [one for at, one in enumerate(every) if at in chosen]
    fates: dict[str, str] = {}

    def note(mutant: Mutant, work: Callable[[], int]) -> None:
        fates[mutant.name] = fork(work)
        if fates[mutant.name] == SURVIVED:
            known = "known" if mutant.name in module.survivors else "NEW"
            print(f"{module.name}.py:{mutant.line}: {known}: {mutant.name}", file=sys.stderr)

    def each(session: pytest.Session) -> None:
        watched = watch(module, session)
        imported = sys.modules[module.full_name]
        for mutant in todo:
            if mutant.outer and find_function(imported, mutant.outer):
                lines = {module.first_line(mutant.outer)}
            elif mutant.constant:
                lines = module.readers(mutant.constant)
            else:
                continue
            items = watched.tests(session.items, lines)
            note(mutant, lambda: in_session(module, mutant, session, items))  # noqa: B023

    # What runs while importing needs a process that has not imported the module.
    alone = [one for one in todo if not one.constant and not one.outer]
    if alone and fork(lambda: on_its_own(module, None)) != SURVIVED:
        raise SystemExit(f"{module.name}: a test fails before anything is changed")
    for mutant in alone:
        note(mutant, lambda: on_its_own(module, mutant))  # noqa: B023
    module.session(each)
    assert set(fates) == {one.name for one in todo}
    return fates


def watch(module: Module, session: pytest.Session) -> Watch:
    """Run the tests of a session unchanged, in a fork, and return what they call."""
    with tempfile.NamedTemporaryFile(prefix="mutants-") as kept:

        def work() -> int:
            watch = Watch(str(PACKAGE / f"{module.name}.py"))
            session.config.pluginmanager.register(watch)
            passed = run_tests(session, session.items)
            called = {key: sorted(lines) for key, lines in watch.called.items()}
            Path(kept.name).write_text(json.dumps([called, watch.seconds]), "utf-8")
            return 0 if passed else 1

        if fork(work) != SURVIVED:
            raise SystemExit(f"{module.name}: a test fails before anything is changed")
        called, seconds = json.loads(Path(kept.name).read_text("utf-8"))
    watched = Watch("")
    watched.called = {key: set(lines) for key, lines in called.items()}
    watched.seconds = seconds
    return watched


def main() -> int:
    tables = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text("utf-8"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help=f"some of {', '.join(tables)}; else all")
    parser.add_argument("--share", type=float, default=1.0, help="of the mutants, 0 to 1")
    parser.add_argument("--only", default="", help="mutants whose name holds these words")
    parser.add_argument("--known", action="store_true", help="the survivors that are known")
    parser.add_argument("--examples", type=int, default=30, help="that hypothesis makes for a test")
    options = parser.parse_args()
    Few(options.examples).install()
    names = options.modules or list(tables)
    if names[1:]:  # each in a process that has imported nothing of ours
        shown = ["--share", options.share, "--only", options.only, "--examples", options.examples]
        command = [sys.executable, __file__, *map(str, shown), *["--known"] * options.known]
        return max(subprocess.run([*command, name], check=False).returncode for name in names)
    code = 0
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what pytest says
    for name in names:
        module = Module.read(name, tables[name])
        start = time.monotonic()
        fates = measure(module, options.share, options.only, options.known)
        seconds = time.monotonic() - start
        count = Counter(fates.values())
        valid = count[KILLED] + count[SURVIVED]
        score = 100 * count[KILLED] / valid if valid else 100.0
        print(
            f"{name}: {valid} mutants, {count[KILLED]} killed, {count[SURVIVED]} survived, "
            f"{score:.1f} %, {seconds:.0f} s",
            file=sys.stderr,
        )
        alive = {one for one, fate in fates.items() if fate == SURVIVED}
        whole = options.share == 1 and not options.only and not options.known
        stale = module.survivors.keys() - alive if whole else set()
        for gone in sorted(stale):
            print(f"{name}: has a reason and does not survive: {gone}", file=sys.stderr)
        if (whole and score < LEAST) or stale or alive - module.survivors.keys():
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
