"""Makes a program that shows a difference as small as it goes on showing one.

All ways to make a program one step smaller are tried in one batch; the smallest of those that still differ is made smaller in turn.
"""

import ast
import copy

MOST_CANDIDATES = 150


def reduced(interpreters, program, is_wanted=lambda expected, got: True):
    """The smallest program found that both interpreters run differently."""
    while True:
        candidates = sorted(set(smaller(program)), key=len)
        for start in range(0, len(candidates), MOST_CANDIDATES):
            batch = candidates[start : start + MOST_CANDIDATES]
            different = [(number, expected, got) for number, expected, got in interpreters.compare(batch) if is_wanted(expected, got)]
            if different:
                program = batch[different[0][0]]
                break
        else:
            return program


def smaller(program):
    """Programs that are one step smaller."""
    tree = ast.parse(program)
    for count, node in enumerate(ast.walk(tree)):
        if count > 400:
            return
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                yield from without_parts(program, tree, node, field, value)
            elif isinstance(value, ast.expr) and not isinstance(getattr(value, "ctx", None), (ast.Store, ast.Del)):
                for simpler in simpler_expressions(value):
                    yield from changed(program, tree, lambda: setattr(node, field, simpler), lambda: setattr(node, field, value))


def without_parts(program, tree, node, field, value):
    """The program without one part of a list, or with what stands inside that part in its place."""
    for place, part in enumerate(value):
        replacements = [[]]
        if isinstance(part, ast.stmt):
            replacements += [getattr(part, name) for name in ("body", "orelse", "finalbody") if getattr(part, name, None)]
        elif isinstance(part, ast.expr) and not isinstance(getattr(part, "ctx", None), (ast.Store, ast.Del)):
            replacements += [[simpler] for simpler in simpler_expressions(part)]
        for replacement in replacements:
            new = value[:place] + replacement + value[place + 1 :]
            if not new and field == "body":
                new = [ast.Pass()]
            yield from changed(program, tree, lambda: setattr(node, field, new), lambda: setattr(node, field, value))


def simpler_expressions(expression):
    """Parts of an expression that may stand for it, and plain values."""
    if isinstance(expression, (ast.Constant, ast.Name)):
        return
    for child in ast.iter_child_nodes(expression):
        if isinstance(child, ast.expr) and not isinstance(getattr(child, "ctx", None), (ast.Store, ast.Del)):
            yield child
    for value in (0, 1, "a", None):
        yield ast.Constant(value)


def changed(program, tree, change, restore):
    """The text of a program with a change, if it is one and the text has become shorter."""
    change()
    try:
        text = ast.unparse(ast.fix_missing_locations(copy.copy(tree)))
        compile("def program():\n" + "".join(f"    {line}\n" for line in text.splitlines()), "candidate", "exec")
    except (SyntaxError, ValueError, AttributeError, TypeError, RecursionError):
        text = program
    finally:
        restore()
    if len(text) < len(program):
        yield text + "\n"
