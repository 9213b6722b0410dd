"""Random values and expressions, each of a known type, as text.

A type is a letter: ``i`` int, ``f`` float, ``s`` str, ``y`` bytes, ``b`` bool, ``l`` list of int, ``t`` list of str,
``p`` tuple, ``d`` dict of str to int, ``z`` set of int. Now and then an expression is of another type than asked for: what
interpreters say then is compared, too.

Two rules keep programs harmless: what could grow without bound goes through ``clip`` (see ``prelude.py``), and exponents, shifts and
repetitions are small. Sets hold numbers only, for the order of texts in a set is chance in CPython.
"""

TYPES = "ifsyblltpdz"

TEXTS = ["", "a", "abc", "Hello World", " x ", "a,b,,c", "éß", "€uro", "😀!", "Tab\\t\\n", "12", "-3.5", "0x1f", "aXbXc", "{}", "%d", "ǅ"]
BYTES = ["", "a", "abc", "a,b,,c", "\\xff\\x00", " x ", "12", "AbC"]

# Methods with the types of their arguments and of their result; "i?" may be left out, "x" is anything.
METHODS = {
    "s": [
        ("upper", "", "s"), ("lower", "", "s"), ("title", "", "s"), ("swapcase", "", "s"), ("capitalize", "", "s"),
        ("casefold", "", "s"), ("strip", "s?", "s"), ("lstrip", "s?", "s"), ("rstrip", "s?", "s"), ("center", "iS?", "s"),
        ("ljust", "iS?", "s"), ("rjust", "iS?", "s"), ("zfill", "i", "s"), ("find", "si?i?", "i"), ("rfind", "si?i?", "i"),
        ("index", "si?i?", "i"), ("rindex", "si?", "i"), ("count", "si?i?", "i"), ("replace", "ssi?", "s"), ("split", "s?i?", "t"),
        ("rsplit", "s?i?", "t"), ("splitlines", "b?", "t"), ("partition", "s", "p"), ("rpartition", "s", "p"), ("join", "t", "s"),
        ("startswith", "si?i?", "b"), ("endswith", "si?i?", "b"), ("isalpha", "", "b"), ("isdigit", "", "b"), ("isalnum", "", "b"),
        ("isspace", "", "b"), ("isupper", "", "b"), ("islower", "", "b"), ("istitle", "", "b"), ("isidentifier", "", "b"),
        ("isprintable", "", "b"), ("isdecimal", "", "b"), ("isnumeric", "", "b"), ("isascii", "", "b"), ("expandtabs", "i?", "s"),
        ("encode", "", "y"), ("removeprefix", "s", "s"), ("removesuffix", "s", "s"), ("format", "x?x?", "s"),
    ],
    "y": [
        ("upper", "", "y"), ("lower", "", "y"), ("strip", "y?", "y"), ("find", "yi?i?", "i"), ("count", "y", "i"),
        ("replace", "yyi?", "y"), ("split", "y?i?", "x"), ("decode", "", "s"), ("hex", "", "s"), ("startswith", "y", "b"),
        ("partition", "y", "p"), ("center", "iY?", "y"), ("zfill", "i", "y"), ("isdigit", "", "b"), ("title", "", "y"),
        ("rfind", "yi?", "i"), ("index", "y", "i"), ("splitlines", "", "x"), ("join", "x", "y"), ("swapcase", "", "y"),
    ],
    "i": [("bit_length", "", "i"), ("bit_count", "", "i"), ("conjugate", "", "i"), ("to_bytes", "i", "y"), ("__index__", "", "i"),
          ("as_integer_ratio", "", "p"), ("is_integer", "", "b")],
    "f": [("is_integer", "", "b"), ("hex", "", "s"), ("as_integer_ratio", "", "p"), ("conjugate", "", "f")],
    "l": [("index", "ii?i?", "i"), ("count", "i", "i"), ("copy", "", "l")],
    "t": [("index", "s", "i"), ("count", "s", "i"), ("copy", "", "t")],
    "p": [("index", "x", "i"), ("count", "x", "i")],
    "d": [("get", "si?", "i"), ("copy", "", "d"), ("keys", "", "x"), ("values", "", "x"), ("items", "", "x")],
    "z": [("union", "z", "z"), ("intersection", "l", "z"), ("difference", "l", "z"), ("symmetric_difference", "z", "z"),
          ("issubset", "z", "b"), ("issuperset", "l", "b"), ("isdisjoint", "z", "b"), ("copy", "", "z")],
}

# Methods that change their receiver.
CHANGES = {
    "l": [("append", "i"), ("extend", "l"), ("insert", "ii"), ("pop", "i?"), ("remove", "i"), ("sort", ""), ("reverse", ""), ("clear", "")],
    "t": [("append", "s"), ("extend", "t"), ("insert", "is"), ("pop", "i?"), ("remove", "s"), ("sort", ""), ("reverse", "")],
    "d": [("pop", "si?"), ("setdefault", "si?"), ("update", "d"), ("popitem", ""), ("clear", "")],
    "z": [("add", "i"), ("discard", "i"), ("remove", "i"), ("update", "l"), ("intersection_update", "l"), ("difference_update", "z"),
          ("symmetric_difference_update", "z"), ("clear", "")],
}

# Functions with the types of their arguments and of their result.
FUNCTIONS = [
    ("abs", "i", "i"), ("abs", "f", "f"), ("len", "s", "i"), ("len", "l", "i"), ("len", "d", "i"), ("len", "z", "i"), ("sum", "l", "i"),
    ("min", "l", "i"), ("max", "l", "i"), ("min", "t", "s"), ("max", "ii", "i"), ("sorted", "l", "l"), ("sorted", "t", "t"),
    ("sorted", "z", "l"), ("list", "l", "l"), ("list", "s", "t"), ("list", "d", "t"), ("list", "z", "l"), ("tuple", "l", "p"),
    ("set", "l", "z"), ("frozenset", "l", "x"), ("int", "f", "i"), ("int", "s", "i"), ("int", "sB", "i"), ("float", "s", "f"),
    ("float", "i", "f"), ("str", "x", "s"), ("repr", "x", "s"), ("ascii", "s", "s"), ("bool", "x", "b"), ("divmod", "ii", "p"),
    ("divmod", "ff", "p"), ("round", "f", "i"), ("round", "fR", "f"), ("round", "iR", "i"), ("bin", "i", "s"), ("hex", "i", "s"),
    ("oct", "i", "s"), ("ord", "S", "i"), ("chr", "C", "s"), ("any", "l", "b"), ("all", "l", "b"), ("pow", "iNM", "i"),
    ("bytes", "l", "y"), ("isinstance", "xT", "b"), ("type", "x", "x"), ("hash_of", "i", "i"), ("hash_of", "f", "i"),
    ("reversed", "l", "x"), ("callable", "x", "b"), ("format", "xs", "s"), ("slice", "ii", "x"), ("range", "NN", "x"),
    ("dict", "", "d"), ("bytearray", "y", "x"), ("complex_free", "f", "f"),
]
FUNCTIONS = [row for row in FUNCTIONS if row[0] != "complex_free"]

BINARY = {
    "i": ["+", "-", "*", "//", "%", "&", "|", "^"],
    "f": ["+", "-", "*", "/", "//", "%"],
}

SPECS = {
    "i": ["", "d", "5", "05", "<6", ">6", "^7", "+", " ", ",", "_", "x", "#x", "X", "b", "#b", "o", "#o", "08b", "_b", "e", ".2f", "g", "%", "n",
          "*^9", "c", "+,d", "=+8", "010,", ".3", "s", "z.1f", "#_X"],
    "f": ["", ".2f", "8.3f", "<10.2e", "+.1f", "g", ".3g", "G", "%", ".1%", ",.2f", "010.3f", "e", "E", "_.4f", "z.0f", "*>12", "n", "#.0f", "d", ".0e",
          "=+9.2f", "F", ".12g", " .3f"],
    "s": ["", "s", "5", "<6", ">6", "^7", ".2", "*^9.3", "10s", "é>5", "=5", "d", ",", "#", "05", "<<3"],
    "b": ["", "d", "5", "<6", "s", "x"],
    "x": ["", "5", ">9", "s", "d"],
}

PERCENT = {
    "i": ["%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%x", "%#x", "%X", "%o", "%#o", "%i", "%u", "%c", "%s", "%r", "%.3d", "%e", "%f", "%g", "%5.1f"],
    "f": ["%f", "%.2f", "%8.3f", "%-9.2e|", "%g", "%G", "%+.1f", "%d", "%s", "%r", "%.0f", "%#.0f", "%E", "%x"],
    "s": ["%s", "%r", "%a", "%5s", "%-5s|", "%.2s", "%c", "%d", "%%%s"],
}


def literal(random, kind):
    """A value of a type as text."""
    if kind == "i":
        return str(random.choice([0, 1, -1, 2, 3, 5, 7, 10, -4, 42, 100, 255, -128, 1000, 65536, 2**31, -2**40, 2**61, 2**62 - 1, -2**62, 2**63, 2**64 + 3, 10**20]
                                 if random.random() < 0.4 else range(-9, 30)))
    if kind == "f":
        return random.choice(["0.0", "-0.0", "1.0", "0.5", "-2.5", "3.14159", "1e10", "1e-7", "1e16", "123456789.125", "0.1", "2.675", "1e22", "1e300",
                              "float('inf')", "float('nan')", "-1.5", "1e-310", "99.995", "1/3"])
    if kind == "s":
        return "'" + random.choice(TEXTS) + "'"
    if kind == "y":
        return "b'" + random.choice(BYTES) + "'"
    if kind == "b":
        return random.choice(["True", "False"])
    if kind == "l":
        return "[" + ", ".join(literal(random, "i") for _ in range(random.randrange(6))) + "]"
    if kind == "t":
        return "[" + ", ".join(literal(random, "s") for _ in range(random.randrange(5))) + "]"
    if kind == "p":
        parts = [literal(random, random.choice("ifsbi")) for _ in range(random.randrange(5))]
        return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
    if kind == "d":
        return "{" + ", ".join(f"{literal(random, 's')}: {literal(random, 'i')}" for _ in range(random.randrange(5))) + "}"
    if kind == "z":
        parts = [literal(random, random.choice("iiiif")) for _ in range(random.randrange(7))]
        return "{" + ", ".join(parts) + "}" if parts and "nan" not in "".join(parts) else "set()"
    if kind == "N":
        return str(random.randrange(-3, 9))
    if kind == "M":
        return str(random.choice([1, 2, 7, 97, -5, 0, 1000]))
    if kind == "B":
        return str(random.choice([2, 8, 10, 16, 36, 0, 1, 40]))
    if kind == "R":
        return str(random.randrange(-3, 5))
    if kind == "S":
        return "'" + random.choice(["x", "é", "*", "", "ab", "0"]) + "'"
    if kind == "Y":
        return random.choice(["b'.'", "b''", "b'ab'"])
    if kind == "C":
        return str(random.choice([0, 10, 65, 127, 233, 8364, 55296, 128512, 1114111, 1114112, -1]))
    if kind == "T":
        return random.choice(["int", "str", "float", "(int, str)", "list", "bool", "object", "int | str", "dict"])
    return literal(random, random.choice(TYPES)) if random.random() < 0.9 else random.choice(["None", "...", "NotImplemented"])
