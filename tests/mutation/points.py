"""Where a source file can be made wrong: its mutation points, found in clang's syntax tree.

A point is a set of insertions, none of which breaks a line; each asks `::mutation::on(ID)` (mutant.h)
whether it is the one that is on. Left alone is what is decided while compiling: constants'
initialisers, template arguments, array sizes, case labels, declarations.
"""
import ctypes.util
import glob
import re
from dataclasses import dataclass, field

try:
    from clang import cindex
except ImportError:  # another python3 than the one that the package was made for
    import sys
    sys.path.append("/usr/lib/python3/dist-packages")
    from clang import cindex

K = cindex.CursorKind
T = cindex.TypeKind

# Each with what it becomes; written as a call of the function of mutant.h.
ORDERS = {"<": ("less", "<="), "<=": ("less_equal", "<"), ">": ("greater", ">="), ">=": ("greater_equal", ">")}
ARITHMETIC = {"+": ("plus", "-"), "-": ("minus", "+"), "*": ("times", "/"), "/": ("divided", "*"), "%": ("modulo", "/"),
              "<<": ("left", ">>"), ">>": ("right", "<<"), "&": ("bits_and", "|"), "|": ("bits_or", "&"), "^": ("bits_xor", "|")}
FUNCTIONS = (K.FUNCTION_DECL, K.CXX_METHOD, K.CONSTRUCTOR, K.DESTRUCTOR, K.FUNCTION_TEMPLATE, K.CONVERSION_FUNCTION)
LITERAL_ORDERS = ("==", "!=", "<", "<=", ">", ">=")


@dataclass
class Point:
    file: str
    function: str
    line: int
    text: str  # of the line, stripped
    what: str  # "`a < b`: < becomes <="
    edits: list = field(default_factory=list)  # (offset, end, text): an insertion where offset == end; ID in text
    after: list = field(default_factory=list)  # the same for insertions that close something

    @property
    def key(self):
        return f"{self.file} | {self.text} | {self.what}"


def open_library():
    if not cindex.Config.loaded:
        found = sorted(glob.glob("/usr/lib/llvm-19/lib/libclang*.so*")) or [ctypes.util.find_library("clang-19")]
        names = [name for name in found if name and re.search(r"libclang(-19)?\.so", name)]
        if names:
            cindex.Config.set_library_file(names[0])
    return cindex.Index.create()


def is_number(kind):
    return kind in (T.BOOL, T.CHAR_S, T.CHAR_U, T.SCHAR, T.UCHAR, T.SHORT, T.USHORT, T.INT, T.UINT, T.LONG, T.ULONG, T.LONGLONG,
                    T.ULONGLONG, T.ENUM, T.FLOAT, T.DOUBLE)


class Finder:
    """Walks one file's functions."""

    def __init__(self, file, source, points):
        self.file, self.source, self.points, self.function = file, source, points, ""

    # Text and places -------------------------------------------------------------------------------------

    def span(self, cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def slice(self, cursor):
        start, end = self.span(cursor)
        return self.source[start:end].decode()

    def short(self, cursor):
        text = re.sub(r"\s+", " ", self.slice(cursor))
        return text if len(text) <= 70 else text[:45] + " ... " + text[-20:]

    def point(self, cursor, what, before=(), after=(), replaced=()):
        start = cursor.extent.start
        first = self.source.rfind(b"\n", 0, start.offset) + 1
        last = self.source.find(b"\n", start.offset)
        text = self.source[first:last].decode().strip()
        made = Point(self.file, self.function, start.line, text, f"`{self.short(cursor)}`: {what}")
        made.edits = [(at, at, text) for at, text in before] + list(replaced)
        made.after = [(at, at, text) for at, text in after]
        self.points.append(made)

    def wrap(self, cursor, what, prefix, suffix):
        start, end = self.span(cursor)
        self.point(cursor, what, before=[(start, prefix)], after=[(end, suffix)])

    def operator(self, left, right):
        """The operator's token between two operands: (start, end, text)."""
        start, end = left.extent.end.offset, right.extent.start.offset
        between = self.source[start:end].decode()
        found = re.fullmatch(r"([\s)]*)([^\w\s()]+)([\s(]*)", between)
        if not found:
            return None
        return start + found.start(2), start + found.end(2), found.group(2)

    # The walk --------------------------------------------------------------------------------------------

    def functions(self, cursor, name):
        for child in cursor.get_children():
            place = child.location.file
            if place is None or place.name != name:
                continue
            if child.kind in FUNCTIONS and child.is_definition():
                self.function = child.spelling
                for part in child.get_children():
                    if part.kind == K.COMPOUND_STMT:
                        self.statement(part)
            elif child.kind in (K.NAMESPACE, K.CLASS_DECL, K.STRUCT_DECL, K.CLASS_TEMPLATE, K.UNEXPOSED_DECL, K.LINKAGE_SPEC,
                                K.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION):
                self.functions(child, name)

    def statement(self, cursor):
        kind = cursor.kind
        children = list(cursor.get_children())
        if kind == K.COMPOUND_STMT:
            for child in children:
                self.statement(child)
        elif kind == K.IF_STMT:
            self.if_statement(cursor, children)
        elif kind in (K.WHILE_STMT, K.FOR_STMT, K.CXX_FOR_RANGE_STMT, K.DO_STMT):
            for child in children[:-1] if kind != K.DO_STMT else children[1:]:
                # A loop's condition may end it early; one that never ends is only ever killed by the clock.
                self.statement(child) if child.kind == K.DECL_STMT else self.expression(child, is_condition=False)
            self.statement(children[-1] if kind != K.DO_STMT else children[0])
        elif kind == K.SWITCH_STMT:
            self.expression(children[0])
            for child in children[1:]:
                self.statement(child)
        elif kind in (K.CASE_STMT, K.DEFAULT_STMT):
            self.statement(children[-1])
        elif kind in (K.CXX_TRY_STMT, K.CXX_CATCH_STMT):
            for child in children:
                if child.kind != K.VAR_DECL:
                    self.statement(child)
        elif kind in (K.BREAK_STMT, K.CONTINUE_STMT):
            self.point(cursor, "dropped", before=[(self.span(cursor)[0], "if (::mutation::on(ID)) {} else ")])
        elif kind == K.RETURN_STMT:
            for child in children:
                self.returned(child)
        elif kind == K.DECL_STMT:
            for child in children:
                self.variable(child)
        elif kind.is_expression():
            start, end = self.span(cursor)
            self.point(cursor, "dropped", before=[(start, "::mutation::on(ID) ? static_cast<void>(0) : static_cast<void>(")], after=[(end, ")")])
            self.expression(cursor)

    def if_statement(self, cursor, children):
        head = self.source[self.span(cursor)[0]:].split(b"(", 1)[0]
        rest = children
        if children[0].kind.is_expression():
            condition, rest = children[0], children[1:]
            if b"constexpr" not in head:
                start, end = self.span(condition)
                for what, text in (("never holds", "!::mutation::on(ID) && ("), ("always holds", "::mutation::on(ID) || (")):
                    self.point(condition, what, before=[(start, text)], after=[(end, ")")])
                self.expression(condition, is_condition=True)
        for child in rest:
            if not child.kind.is_expression() or child in rest[-2:]:
                self.statement(child)

    def variable(self, cursor):
        if cursor.kind != K.VAR_DECL:
            return
        end = self.span(cursor)[1]
        # The declaration may begin before this variable: `constexpr int a = 1, b = 2`.
        before = self.source[:cursor.location.offset]
        declared = before[max(before.rfind(sign) for sign in (b";", b"{", b"}")) + 1:]
        if re.search(rb"\bconstexpr\b", declared) or cursor.storage_class == cindex.StorageClass.STATIC:
            return
        # An array's size comes before what the variable begins with.
        begin = cursor.location.offset + len(cursor.spelling)
        sizes = re.match(r"(\s*\[[^\]]*\])*", self.source[begin:end].decode())
        for child in cursor.get_children():
            if child.kind.is_expression() and child.extent.start.offset >= begin + sizes.end():
                self.expression(child)

    def returned(self, cursor):
        inner = cursor
        while inner.kind == K.UNEXPOSED_EXPR and len(list(inner.get_children())) == 1:
            inner = next(iter(inner.get_children()))
        plain_call = inner.kind == K.CALL_EXPR and not inner.spelling.startswith("operator")
        if cursor.type.get_canonical().kind == T.BOOL and (plain_call or inner.kind in (K.DECL_REF_EXPR, K.MEMBER_REF_EXPR)):
            self.wrap(cursor, "negated", "(static_cast<bool>(", ") != ::mutation::on(ID))")
        self.expression(cursor)

    # Expressions -----------------------------------------------------------------------------------------

    def expression(self, cursor, is_condition=False):
        kind = cursor.kind
        children = list(cursor.get_children())
        if kind == K.LAMBDA_EXPR:
            for child in children:
                if child.kind == K.COMPOUND_STMT:
                    self.statement(child)
            return
        if kind in (K.UNEXPOSED_EXPR, K.PAREN_EXPR):
            for child in children:
                self.expression(child, is_condition)
            return
        if kind == K.BINARY_OPERATOR and len(children) == 2:
            self.binary(cursor, children, is_condition)
        elif kind == K.COMPOUND_ASSIGNMENT_OPERATOR:
            self.compound(cursor, children)
        elif kind == K.UNARY_OPERATOR and self.slice(cursor).startswith("!") and not is_condition:
            self.wrap(cursor, "! dropped", "(", " != ::mutation::on(ID))")
        elif kind == K.CONDITIONAL_OPERATOR and not self.is_comparison(children[0]):
            start, end = self.span(children[0])
            self.point(children[0], "chosen the other way", before=[(start, "(static_cast<bool>(")], after=[(end, ") != ::mutation::on(ID))")])
        elif kind == K.CALL_EXPR:
            self.call(cursor, children, is_condition)
        elif kind == K.CXX_BOOL_LITERAL_EXPR:
            self.wrap(cursor, "negated", "(", " != ::mutation::on(ID))")
        elif kind in (K.INTEGER_LITERAL, K.CHARACTER_LITERAL):
            self.wrap(cursor, "one more", "::mutation::more(ID, ", ")")
        elif kind == K.DECL_REF_EXPR:
            self.name(cursor)
            return
        elif kind == K.CXX_UNARY_EXPR:  # sizeof
            return
        for child in children:
            if child.kind.is_expression():
                self.expression(child)

    def is_comparison(self, cursor):
        while cursor.kind in (K.UNEXPOSED_EXPR, K.PAREN_EXPR) and len(list(cursor.get_children())) == 1:
            cursor = next(iter(cursor.get_children()))
        children = list(cursor.get_children())
        if cursor.kind == K.BINARY_OPERATOR and len(children) == 2:
            found = self.operator(*children)
            return found is not None and found[2] in LITERAL_ORDERS
        return cursor.kind == K.CALL_EXPR and cursor.spelling[8:] in LITERAL_ORDERS or cursor.kind == K.UNARY_OPERATOR

    def binary(self, cursor, children, is_condition):
        found = self.operator(*children)
        if found is None:
            return
        at, end, sign = found
        (first, left_end), (right, last) = self.span(children[0]), self.span(children[1])
        if sign in LITERAL_ORDERS and not is_condition:
            self.wrap(cursor, f"{sign} negated", "(", " != ::mutation::on(ID))")
        if sign in ORDERS or (sign in ARITHMETIC and all(is_number(child.type.get_canonical().kind) for child in children)):
            name, other = (ORDERS.get(sign) or ARITHMETIC[sign])
            self.point(cursor, f"{sign} becomes {other}", before=[(first, f"::mutation::{name}(ID, ")], after=[(last, ")")], replaced=[(at, end, ",")])
        elif sign in ("&&", "||"):
            # By De Morgan, so that no operand is written twice.
            self.point(cursor, f"{sign} becomes {'||' if sign == '&&' else '&&'}",
                       before=[(first, "(((static_cast<bool>("), (right, "(static_cast<bool>(")],
                       after=[(left_end, ") != ::mutation::on(ID))"), (last, ") != ::mutation::on(ID))) != ::mutation::on(ID))")])

    def compound(self, cursor, children):
        found = self.operator(*children)
        if found and found[2] in ("+=", "-="):
            start, end = self.span(children[1])
            self.point(cursor, f"{found[2]} becomes {'-=' if found[2] == '+=' else '+='}", before=[(start, "::mutation::sign(ID, ")], after=[(end, ")")])

    def call(self, cursor, children, is_condition):
        if cursor.spelling[8:] in LITERAL_ORDERS and cursor.spelling.startswith("operator") and not is_condition:
            self.wrap(cursor, f"{cursor.spelling[8:]} negated", "(", " != ::mutation::on(ID))")
        callee = re.match(r"std::(min|max)(?=\()", self.slice(cursor))
        if callee:
            start = self.span(cursor)[0]
            name, other = {"min": ("Least", "max"), "max": ("Most", "min")}[callee.group(1)]
            self.point(cursor, f"{callee.group(1)} becomes {other}", replaced=[(start, start + callee.end(), f"::mutation::{name}{{ID}}")])

    def name(self, cursor):
        meant = cursor.referenced
        if meant is None:
            return
        if meant.kind == K.ENUM_CONSTANT_DECL:
            other = self.other_enumerator(meant)
            if other:
                self.wrap(cursor, f"becomes {other.rsplit('::', 1)[1]}", "::mutation::pick(ID, ", f", {other})")
        elif meant.kind == K.VAR_DECL and re.match(r"k[A-Z]", meant.spelling) and is_number(meant.type.get_canonical().kind):
            self.wrap(cursor, "one more", "::mutation::more(ID, ", ")")

    def other_enumerator(self, meant):
        names = [child.spelling for child in meant.semantic_parent.get_children() if child.kind == K.ENUM_CONSTANT_DECL]
        if len(names) < 2:
            return None
        swapped = {"allow": "deny", "deny": "allow", "ask": "allow"} if "deny" in names and "allow" in names else {}
        other = swapped.get(meant.spelling) or names[(names.index(meant.spelling) + 1) % len(names)]
        scopes, parent = [], meant.semantic_parent
        while parent is not None and parent.kind != K.TRANSLATION_UNIT:
            if parent.spelling and "(" not in parent.spelling:
                scopes.insert(0, parent.spelling)
            parent = parent.semantic_parent
        return "::" + "::".join([*scopes, other])


def points_of(index, unit, arguments, wanted):
    """The points of every wanted file (absolute name -> name in the tree) that this unit reads."""
    parsed = index.parse(unit, args=arguments)
    faults = [str(fault) for fault in parsed.diagnostics if fault.severity >= cindex.Diagnostic.Error]
    if faults:
        raise SystemExit(f"mutate: clang cannot read {unit}: {faults[0]}")
    read = {unit} | {str(included.include) for included in parsed.get_includes()}
    found = {}
    for name in sorted(read & wanted.keys()):
        points = []
        with open(name, "rb") as file:
            Finder(wanted[name], file.read(), points).functions(parsed.cursor, name)
        found[name] = points
    return found
