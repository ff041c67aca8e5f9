"""Every small change of a source file that a test should notice, made on its syntax tree."""

import ast
import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)
AROUND = 60
"""Characters of a label before and after what changed."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A whole changed source file. `label`: its path, the line before and the line after.

    `function`: the qualified name of the outermost function whose body is changed, None for a
    change that acts while the module is loaded.
    """

    path: str
    label: str
    source: str
    function: str | None


def mutants_of(root: Path, path: str) -> list[Mutant]:
    """All mutants of a file, in a fixed order; changes that read alike count once."""
    source = (root / path).read_text(encoding="utf-8")
    before = ast.unparse(ast.parse(source))
    found: dict[str, Mutant] = {}
    count = _Mutator.run(source, wanted=-1).offered
    for wanted in range(count):
        made = _Mutator.run(source, wanted)
        after = ast.unparse(ast.fix_missing_locations(made.tree))
        label = f"{path}: {_difference(before, after)}"
        found.setdefault(label, Mutant(path, label, after, made.function))
    return list(found.values())


def recording(source: str) -> str:
    """The source with a call of `__ran__` in each outermost function, given its qualified name."""
    tree = ast.parse(source)
    for name, function in _outermost_functions(tree.body, ""):
        call = ast.Expr(ast.Call(ast.Name("__ran__", ast.Load()), [ast.Constant(name)], []))
        function.body.insert(1 if ast.get_docstring(function) is not None else 0, call)
    return ast.unparse(ast.fix_missing_locations(tree))


def _outermost_functions(
    body: list[ast.stmt], within: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield within + node.name, node
            case ast.ClassDef():
                yield from _outermost_functions(node.body, f"{within}{node.name}.")
            case _:
                pass


def _difference(before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            was, now = (" ".join(map(str.strip, part)) for part in (old[i:j], new[k:m]))
            return _shortened(was, now)
    return "no difference"


def _shortened(was: str, now: str) -> str:
    """Both lines, without what is equal far before and after the change."""
    same = _common_prefix(was, now)
    same_end = _common_prefix(was[same:][::-1], now[same:][::-1])
    begin = max(0, same - AROUND)
    parts = (line[begin : len(line) - max(0, same_end - AROUND)] for line in (was, now))
    return " → ".join(f"`{part}`" for part in parts)


def _common_prefix(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


class _Mutator(ast.NodeTransformer):
    """Offers every change in turn and makes the one that is `wanted`."""

    tree: ast.Module

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._within: list[str] = []
        self._functions = 0
        self.offered = 0
        self.function: str | None = None

    @classmethod
    def run(cls, source: str, wanted: int) -> "_Mutator":
        made = cls(wanted)
        made.tree = made.visit(ast.parse(source))
        return made

    def _offer(self, node: ast.AST, *changes: Callable[[], ast.AST]) -> ast.AST:
        for change in changes:
            self.offered += 1
            if self.offered - 1 == self._wanted:
                self.function = ".".join(self._within) if self._functions else None
                return ast.copy_location(change(), node)
        return node

    def _visit_all(self, nodes: Sequence[N]) -> list[N]:
        return [self.visit(node) for node in nodes]

    # Annotations, decorators and docstrings are not code that a test could notice.

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.args.defaults = self._visit_all(node.args.defaults)
        outermost = not self._functions
        if outermost:
            self._within.append(node.name)
        self._functions += 1
        node.body = self._visit_all(node.body)
        self._functions -= 1
        if outermost:
            self._within.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if self._functions:
            node.body = self._visit_all(node.body)
            return node
        self._within.append(node.name)
        node.body = self._visit_all(node.body)
        self._within.pop()
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return node  # it tells the type checker what is so anyway

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant) or ast.unparse(node).startswith(("log.", "_log.")):
            return node
        self.generic_visit(node)
        return self._offer(node, ast.Pass)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if node.value is None or (
            isinstance(node.value, ast.Constant) and node.value.value is None
        ):
            return node
        return self._offer(node, lambda: ast.Return(ast.Constant(None)))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        return self._offer(node, ast.Pass)

    def visit_If(self, node: ast.If) -> ast.AST:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return node
        self.generic_visit(node)
        node.test = self._condition(node.test)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        node.test = self._condition(node.test)
        return node

    def _condition(self, test: ast.expr) -> ast.expr:
        changed = self._offer(
            test,
            lambda: ast.UnaryOp(ast.Not(), test),
            lambda: ast.Constant(True),
            lambda: ast.Constant(False),
        )
        assert isinstance(changed, ast.expr)
        return changed

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for at, operator in enumerate(node.ops):
            swapped = COMPARISONS[type(operator)]()
            other = ast.Compare(
                node.left, [*node.ops[:at], swapped, *node.ops[at + 1 :]], node.comparators
            )
            changed = self._offer(node, partial(ast.copy_location, other, node))
            if changed is not node:
                return changed
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return self._offer(
            node,
            lambda: ast.BoolOp(other, node.values),
            lambda: node.values[0],
            lambda: node.values[-1],
        )

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return self._offer(node, lambda: node.operand) if isinstance(node.op, ast.Not) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        other = OPERATORS.get(type(node.op))
        return (
            self._offer(node, lambda: ast.BinOp(node.left, other(), node.right)) if other else node
        )

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, bool):
            return self._offer(node, lambda: ast.Constant(not value))
        if isinstance(value, int):
            return self._offer(
                node, lambda: ast.Constant(value + 1), lambda: ast.Constant(value - 1)
            )
        return node
