"""Prints what CPython says about the places in sample.py: `python3.13 derive.py > expected.txt`.

One line a place: function, kind of instruction, line, end line, column, end column.
"""
import dis
import pathlib
import types

KINDS = {
    "call": ["CALL", "CALL_KW", "CALL_FUNCTION_EX"],
    "attribute": ["LOAD_ATTR"],
    "binary": ["BINARY_OP"],
    "compare": ["COMPARE_OP", "CONTAINS_OP", "IS_OP"],
    "subscript": ["BINARY_SUBSCR", "BINARY_SLICE"],
    "set_attribute": ["STORE_ATTR"],
    "set_item": ["STORE_SUBSCR"],
    "delete": ["DELETE_ATTR", "DELETE_SUBSCR"],
    "raise": ["RAISE_VARARGS"],
    "import": ["IMPORT_NAME", "IMPORT_FROM"],
    "iterate": ["GET_ITER", "FOR_ITER"],
    "unpack": ["UNPACK_SEQUENCE", "UNPACK_EX"],
    "name": ["LOAD_GLOBAL", "LOAD_NAME"],
    "with": ["BEFORE_WITH"],
    "yield": ["YIELD_VALUE"],
    "unary": ["UNARY_NEGATIVE", "UNARY_INVERT"],
    "format": ["FORMAT_SIMPLE", "FORMAT_WITH_SPEC"],
    "match": ["CHECK_EXC_MATCH"],
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}


def places(code):
    for instruction in dis.get_instructions(code):
        kind, p = KIND_OF.get(instruction.opname), instruction.positions
        if kind and p and p.lineno:
            yield code.co_qualname, kind, p.lineno, p.end_lineno, p.col_offset, p.end_col_offset
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from places(constant)


sample = pathlib.Path(__file__).with_name("sample.py")
for place in sorted(set(places(compile(sample.read_text(), "sample.py", "exec")))):
    print(*place)
