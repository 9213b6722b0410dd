# Stands in front of every batch of programs; a Python 3 program for both interpreters.


def clip(value):
    """Keeps what a loop computes small."""
    if type(value) is int:
        return value if -(10**40) < value < 10**40 else value % 1000003
    if type(value) is float:
        return value
    if type(value) in (str, bytes, list, tuple):
        return value[:40]
    if isinstance(value, (set, frozenset)):
        return ordered(value)
    return value


def ordered(value):
    """A set as it is if its order is known, that is, of numbers; else a list."""
    return value if all(isinstance(item, (int, float)) for item in value) else sorted(value, key=repr)


def show(compute):
    """Prints what an expression gives, or what it raises."""
    try:
        value = compute()
    except RecursionError:
        print("RecursionError")
    except Exception as error:
        print(type(error).__name__, error)
        if error.__cause__ is not None:
            print("  from", type(error.__cause__).__name__)
    else:
        print(text_of(value))


def text_of(value):
    """What can be compared of a value: no addresses."""
    name = type(value).__name__
    if name in ("function", "generator", "builtin_function_or_method", "method", "type", "map", "filter", "zip", "list_reverseiterator"):
        return name + (" " + value.__name__ if hasattr(value, "__name__") else "")
    if isinstance(value, (set, frozenset)):
        value = ordered(value)
    text = repr(value)
    return name + " " + (text if len(text) < 2000 else text[:1000] + "..." + text[-100:])


def hash_of(value):
    """The hash of what has the same one everywhere."""
    is_known = type(value) in (int, float, bool) or "__hash__" in type(value).__dict__ and type(value).__module__ == "__main__"
    # What is no number has the hash of where it is.
    return hash(value) if is_known and value == value else 0


class Manager:
    """A context manager that says what it sees, and swallows ValueErrors if told to."""

    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print("enter", self.name)
        return self

    def __exit__(self, kind, error, traceback):
        print("exit", self.name, kind.__name__ if kind else None, error)
        return self.swallow and kind is ValueError


class Problem(Exception):
    """An exception of the programs' own."""

    def __init__(self, code, *more):
        super().__init__(code, *more)
        self.code = code


def run(number, program):
    """Runs one program of a batch."""
    print(f"#### {number}")
    try:
        program()
    except RecursionError:
        print("uncaught RecursionError")
    except BaseException as error:
        print("uncaught", type(error).__name__, error)
