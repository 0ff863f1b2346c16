"""Which names of an assignment are the student's, read off its code without running it.

The tests run in a process that never runs a student's code. What a test cell uses comes from there, if the cells
that were handed out define it without the student's help; all else is the student's, and is asked for in
the student's process.
"""

import ast
import builtins
import dataclasses
import symtable
from collections.abc import Sequence

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbgrader import utils

_BUILTINS = frozenset(dir(builtins))


@dataclasses.dataclass
class Plan:
    """How the cells of an assignment are divided between the two processes.

    Attributes:
      given: ids of the cells that run in the process of the tests too, because a test needs what they define.
      asked: the student's names that each test cell uses, by the cell's id.
    """

    given: list[str] = dataclasses.field(default_factory=list)
    asked: dict[str, list[str]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class _Use:
    """The global names that a cell binds, and those that it takes from cells before it."""

    binds: frozenset[str]
    takes: frozenset[str]


def is_test(cell: NotebookNode) -> bool:
    """Whether a cell is an autograded test."""
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def plan(cells: Sequence[NotebookNode]) -> Plan:
    """Divide the cells of an assignment, as it was handed out and with all of its tests.

    Raises:
      SyntaxError: a cell that was handed out is no Python.
      ValueError: a cell that is no test uses what only a test defines.
    """
    uses = {cell.id: names(cell.source) for cell in cells if cell.cell_type == "code"}
    students, owner, needs = set(), {}, {}  # owner: the cell in the process of the tests that binds a name
    found = Plan()
    for cell in cells:
        if cell.cell_type != "code":
            continue
        use = uses[cell.id]
        if is_test(cell):
            own = {name for name in use.takes if name in owner and name not in students}
            found.asked[cell.id] = sorted(use.takes - own)
        elif utils.is_solution(cell) or any(name in students or name not in owner for name in use.takes):
            students |= use.binds
            _check_needs_no_test(cell, use, owner, cells)
            continue
        else:
            own = use.takes
            students -= use.binds
            _check_needs_no_test(cell, use, owner, cells)
        needs[cell.id] = {owner[name] for name in own}
        owner |= dict.fromkeys(use.binds, cell.id)
        if is_test(cell):
            students -= use.binds
    wanted = _all_that(needs, list(found.asked))
    found.given = [cell.id for cell in cells if cell.id in wanted and cell.id not in found.asked]
    return found


def _check_needs_no_test(cell, use: _Use, owner: dict[str, str], cells) -> None:
    tests = {other.id for other in cells if is_test(other)}
    if wrong := sorted(name for name in use.takes if owner.get(name) in tests):
        raise ValueError(
            f"The cell {cell.id} uses {', '.join(wrong)}, which a test cell defines. Test cells run in a process of "
            "their own: define it in a cell that is no test."
        )


def _all_that(needs: dict[str, set[str]], wanted: list[str]) -> set[str]:
    """The cells that these need, with all that those need."""
    found, open_ends = set(), list(wanted)
    while open_ends:
        cell = open_ends.pop()
        if cell not in found:
            found.add(cell)
            open_ends += needs.get(cell, ())
    return found


def names(source: str) -> _Use:
    """What a cell binds and takes among global names; Python's own names count as neither taken nor bound.

    Raises:
      SyntaxError: the cell is no Python, IPython's magic commands apart.
    """
    tree = ast.parse(TransformerManager().transform_cell(source))
    visitor = _Names()
    visitor.visit(tree)
    deferred = visitor.deferred - visitor.bound
    return _Use(frozenset(visitor.bound), frozenset((visitor.taken | deferred) - _BUILTINS))


class _Names(ast.NodeVisitor):
    """Follows a cell in the order in which it runs. What functions use counts when the cell has been run."""

    def __init__(self):
        self.bound, self.taken, self.deferred = set(), set(), set()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._take(node.id)
        else:
            self.bound.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self._take(node.target.id)
        self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.visit(node.target)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        for part in (*node.body, *node.orelse):
            self.visit(part)

    def visit_Import(self, node: ast.Import) -> None:
        self.bound.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        # The name of the exception is gone after the block, so that it is nothing that another cell could take.
        inner = _Names()
        inner.bound = self.bound | ({node.name} if node.name else set())
        for part in ([node.type] if node.type else []) + node.body:
            inner.visit(part)
        self._merge(inner, inner.bound - self.bound - {node.name})

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(part)
        self.deferred |= _free_names(node)
        self.bound.add(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(part)
        self.deferred |= _free_names(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(part)
        inner = _Names()
        for part in node.body:
            inner.visit(part)
        self.taken |= inner.taken - self.bound
        self.deferred |= inner.deferred
        self.bound.add(node.name)

    def _comprehension(self, node: ast.AST) -> None:
        # A walrus in a comprehension binds outside of it.
        bound = {part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)}
        for name in _free_names(node) - bound:
            self._take(name)
        self.bound |= bound

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _take(self, name: str) -> None:
        if name not in self.bound:
            self.taken.add(name)

    def _merge(self, inner: "_Names", bound: set[str]) -> None:
        self.taken |= inner.taken
        self.deferred |= inner.deferred
        self.bound |= bound


def _free_names(node: ast.AST) -> set[str]:
    """The global names that a function or a comprehension uses, or changes by a global statement."""
    expression = isinstance(node, ast.expr)
    code = ast.unparse(ast.fix_missing_locations(ast.Expression(node) if expression else node))
    table = symtable.symtable(code, "cell", "eval" if expression else "exec")
    return set().union(*(_globals(child) for child in table.get_children())) | _first_iterable(node)


def _first_iterable(node: ast.AST) -> set[str]:
    # The outermost iterable of a comprehension is evaluated outside of it.
    if not isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return set()
    visitor = _Names()
    visitor.visit(node.generators[0].iter)
    return visitor.taken | visitor.deferred


def _globals(table: symtable.SymbolTable) -> set[str]:
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return own.union(*(_globals(child) for child in table.get_children()))
