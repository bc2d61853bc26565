"""What a template may say. Everything not named here is refused when the template is compiled.

Allowed: text, `{{ expressions }}`, `{% if %}`, `{% for %}`, `{% set %}`, the filters of `filters`, the methods below.
Operations that can make a large value are rewritten into bounded filters: `a ~ b`, `[a, b]`, `x.replace(...)`.
"""

from typing import cast

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.visitor import NodeTransformer

from core.errors import listed

ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign,
    nodes.Name, nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair, nodes.Keyword,
    nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Call, nodes.Getitem, nodes.Getattr, nodes.Slice, nodes.Concat,
    nodes.Compare, nodes.Operand, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod,
    nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos,
)  # fmt: skip

METHODS = frozenset({
    "capitalize", "casefold", "changed", "count", "cycle", "endswith", "find", "get", "index", "isalnum", "isalpha",
    "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "isupper", "items", "keys", "lower", "lstrip",
    "partition", "removeprefix", "removesuffix", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split",
    "splitlines", "startswith", "strip", "swapcase", "title", "upper", "values",
})  # fmt: skip
REWRITTEN = frozenset({"join", "replace"})


class Grammar(NodeTransformer):
    """Checks a parsed template and rewrites it into its bounded form. Raises TemplateSyntaxError."""

    def visit(self, node: nodes.Node) -> nodes.Node:  # type: ignore[override]
        if not isinstance(node, ALLOWED):
            raise _refused(node, f"{type(node).__name__.lower()} is not available here")
        visitor = getattr(self, f"visit_{type(node).__name__}", self.generic_visit)
        return cast("nodes.Node", visitor(node))

    def visit_For(self, node: nodes.For) -> nodes.Node:
        if node.recursive:
            raise _refused(node, "a recursive loop is not available here")
        self.generic_visit(node)
        node.iter = _filtered(cast("nodes.Expr", node.iter), "_each")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "_concat")

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "_weighed")

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "_weighed")

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "_weighed") if node.ctx == "load" else node

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        if node.ctx != "load" and node.name == "range":
            raise _refused(node, "range cannot be set")
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise _refused(node, "*arguments are not available here")
        match node.node:
            case nodes.Name(name="range"):
                self.generic_visit(node)
                return node
            case nodes.Getattr(attr=method) if method in METHODS:
                self.generic_visit(node)
                return node
            case nodes.Getattr(attr=method, node=value) if method in REWRITTEN:
                return self.visit(_as_filter(node, value, method))
            case nodes.Getattr(attr=method):
                known = listed(sorted(METHODS | REWRITTEN))
                raise _refused(node, f"the method {method!r} is not available here; there are: {known}")
            case _:
                raise _refused(node, "only methods and range() can be called here")


def _as_filter(node: nodes.Call, value: nodes.Expr, method: str) -> nodes.Filter:
    if method == "replace":
        return nodes.Filter(value, "replace", node.args, node.kwargs, None, None, lineno=node.lineno)
    if len(node.args) != 1 or node.kwargs:
        raise _refused(node, "join takes one list")
    return nodes.Filter(node.args[0], "join", [value], [], None, None, lineno=node.lineno)


def _filtered(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _refused(node: nodes.Node, reason: str) -> TemplateSyntaxError:
    return TemplateSyntaxError(reason, node.lineno)
