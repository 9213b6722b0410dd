"""Writes the tables that the tests compare with: run with CPython 3.13 and PYTHONHASHSEED=0.

    PYTHONHASHSEED=0 python3.13 generate.py FOLDER [FACTOR]

A line is `operation TAB argument... TAB result`, a result `=text` or `!Class: message`. A larger FACTOR makes larger
random tables for TOY_FORMAT_TABLES=FOLDER; the stored ones have FACTOR 0.3.
"""

import _string
import math
import random
import struct
import sys
import unicodedata

folder = sys.argv[1]
factor = float(sys.argv[2]) if len(sys.argv) > 2 else 0.3
rng = random.Random(313)
assert sys.version_info[:2] == (3, 13) and not sys.flags.hash_randomization


def escaped(value):
    text = value if isinstance(value, str) else str(value)
    out = []
    for character in text:
        code = ord(character)
        if character == "\\":
            out.append("\\\\")
        elif code < 32 or code == 127 or code > 126 and not character.isprintable():
            out.append("\\u{%x}" % code)
        else:
            out.append(character)
    return "".join(out)


def shown(value):
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, tuple):
        return " ".join(map(repr, value))
    return value if isinstance(value, str) else repr(value)


class Table:
    def __init__(self, name):
        self.file = open(f"{folder}/{name}.txt", "w", encoding="utf-8", newline="\n")
        self.seen = set()

    def add(self, operation, arguments, compute):
        sys.set_int_max_str_digits(4300)
        try:
            result = compute()
            sys.set_int_max_str_digits(0)
            result = "=" + shown(result)
        except (ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
            message = error.args[-1] if type(error.args[0]) is int else error.args[0]
            result = f"!{type(error).__name__}: {message}"
        sys.set_int_max_str_digits(0)
        line = "\t".join([operation, *map(escaped, arguments), escaped(result)])
        if line not in self.seen:
            self.seen.add(line)
            self.file.write(line + "\n")


def random_float():
    kind = rng.randrange(9)
    if kind == 0:
        return struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
    if kind == 1:
        return rng.choice([0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308,
                           1e16, 9999999999999998.0, 1e-4, 9.999e-5, 1e22, 1e23, 0.5, 1.5, 2.5, 999999.5, 123456.0])
    if kind == 2:
        return float(rng.randrange(-10**6, 10**6))
    if kind == 3:
        return rng.randrange(-10**6, 10**6) / 2 ** rng.randrange(12)
    if kind == 4:
        return round(rng.uniform(-1000, 1000), rng.randrange(5))
    if kind == 5:
        return rng.uniform(-1, 1) * 10.0 ** rng.randrange(-20, 25)
    if kind == 6:
        return float(rng.choice([1, -1]) * rng.getrandbits(rng.randrange(1, 80)))
    if kind == 7:
        return math.ldexp(rng.getrandbits(53) or 1, rng.randrange(-1074, 960))
    return rng.randrange(-2000, 2000) / 100 + 0.005


def random_int():
    kind = rng.randrange(6)
    if kind == 0:
        return rng.randrange(-20, 20)
    if kind == 1:
        return rng.choice([0, 1, -1, 2**31, 2**53, 2**53 + 1, 2**61 - 1, 2**61 - 2, -(2**61), 2**63 - 1, -(2**63), 2**63, 2**64, 10**18, -10**19])
    if kind == 2:
        return rng.choice([1, -1]) * rng.getrandbits(rng.randrange(1, 64))
    if kind == 3:
        return rng.choice([1, -1]) * rng.getrandbits(rng.randrange(1, 400))
    if kind == 4:
        return rng.choice([1, -1]) * ((rng.getrandbits(54) << rng.randrange(0, 300)) + rng.choice([-1, 0, 1]))
    return rng.choice([1, -1]) * 10 ** rng.randrange(40)


def random_spec(codes):
    pick = lambda items, chance: rng.choice(items) if rng.random() < chance else ""
    return (
        pick(["<", ">", "^", "=", "*<", "é>", "0^", "x=", "😀^"], 0.35)
        + pick(["+", "-", " "], 0.25)
        + pick(["z"], 0.08)
        + pick(["#"], 0.15)
        + pick(["0"], 0.2)
        + pick([str(rng.randrange(30)), "5", "10", "12"], 0.5)
        + pick([",", "_"], 0.25)
        + pick([f".{rng.randrange(12)}", ".0", ".1", ".2", ".25", "."], 0.3)
        + pick(codes, 0.85)
        + pick(["d", "é", " "], 0.01)
    )


def specs():
    table = Table("spec")
    cases = [(1.0, "x"), ("a", "q"), ("a", ",s"), ("a", ","), ("a", "_"), (1, ",x"), (1, ",_"), (1, "_,"), (1, ",,"), (1, "__"), (1, "."),
             (1, "99999999999999999999d"), (1, ".99999999999999999999d"), ("a", "٣"), ("a", "5s "), (1, "\x01"), ("a", "é"),
             (1, ",c"), (10**30, "c"), (-1, "c"), (0x110000, "c"), (65, "=5c"), (65, "05c"), (0x1F600, ">4c"), (1.0, ".3000000000f"),
             (1.0, "\0"), (1, "\0"), ("a", "\0"), (10**400, "f"), (10**400, ".3e"), (10**5000, "d"), (10**5000, ""), (10**4299, "d"),
             (1e300, ",.0f"), (0.1, ".60f"), (5e-324, ".1080f"), (5e-324, ".800e"), (1.5, ".1000g"), (1.5, "#.1000g"), (0.1, ".1100f"),
             (1e-7, "_"), (1e15, ","), (2.5, ".0f"), (-0.04, "z,.1f"), (-0.0, "z+"), (-0.0, "z "), (-1e-9, "z010.3f"), (1e22, "#"), (1.0, "#.3"), (0.0, ".0"),
             (float("nan"), "010,"), (float("-inf"), "+010F"), (float("inf"), "%"), (1e308, "%"), (1, "<<<"), ("", "5"), ("é\u0301x", ".2"), ("naïve", "^9.4")]
    for width in range(16):
        for value in (0, 7, 1234, 1234567, -1234567):
            cases += [(value, f"0{width},"), (value, f"+0{width},d"), (value, f"0{width}_x"), (value, f"#0{width}_b")]
    for value, spec in cases:
        table.add("format_" + type(value).__name__, [value, spec], lambda: format(value, spec))
    for _ in range(int(1000 * factor)):
        value, spec = random_int(), random_spec(list("dddddbcoxXneEfgG%s") + ["q"])
        table.add("format_int", [value, spec], lambda: format(value, spec))
    for _ in range(int(1600 * factor)):
        value, spec = random_float(), random_spec(list("eEfFgGnf%%efg") + ["d", ""])
        table.add("format_float", [repr(value), spec], lambda: format(value, spec))
    for _ in range(int(250 * factor)):
        value, spec = rng.choice(["", "a", "abc", "日本語", "😀é", "x" * 20]), random_spec(list("sssss") + ["d", ""])
        table.add("format_str", [value, spec], lambda: format(value, spec))


def percents():
    table = Table("percent")

    def random_conversion(letters):
        pick = lambda items, chance: rng.choice(items) if rng.random() < chance else ""
        flags = "".join(flag for flag in "-+ #0" if rng.random() < 0.3)
        return "%" + flags + pick([str(rng.randrange(1, 20)), "12"], 0.5) + pick([f".{rng.randrange(12)}", "."], 0.4) + pick("hlL", 0.05) + rng.choice(letters)

    for _ in range(int(500 * factor)):
        value, template = random_int(), random_conversion("diuoxX")
        table.add("percent_int", [template, value], lambda: template % value)
    for _ in range(int(500 * factor)):
        value, template = random_float(), random_conversion("eEfFgG")
        table.add("percent_float", [template, repr(value)], lambda: template % value)
    for _ in range(int(150 * factor)):
        value, template = rng.choice(["", "a", "abcdef", "日本語", "it's"]), random_conversion("sra")
        table.add("percent_str", [template, value], lambda: template % value)
        template = random_conversion("sb")
        table.add("percent_bytes", [template, value.encode("latin-1", "replace").decode("latin-1")],
                  lambda: template.encode() % value.encode("latin-1", "replace"))
    for template in ["", "%", "abc%", "%5", "%5.", "%.", "%l", "%#", "%ll", "%hhd", "%y", "x%yé", "é%é", "%😀", "%\x1f", "%\x1e", "%\x7f", "%1$d", "%.-1f",
                     "%%", "%%%%", "%5%", "%99999999999999999999d", "%.99999999999999999999d", "%.3000000000d", "%.2147483647z", "a%%b%dc%%", "%b"]:
        # One argument that every known letter accepts; a template that takes none gets none.
        table.add("percent_int", [template, 65], lambda: template % (65 if "%" in template.replace("%%", "") else ()))
    for template in ["%(a", "%(a(b)", "%(a)d", "%(a(b)c)5d", "%()d", "%(a)%", "%(é)z", "%(a)", "x%(a)-5d|"]:
        key = template[template.find("(") + 1 : template.rfind(")")]
        table.add("percent_mapping", [template, key], lambda: template % {key: 7})
    for template in [b"%\xff", b"%\x01", b"%y", b"\xe9%z", b"%", b"%r", b"%a", b"%c"]:
        table.add("percent_byte_template", [template.decode("latin-1")], lambda: template % 65)


def templates():
    table = Table("template")
    pieces = ["{", "}", "{{", "}}", "{}", "{0}", "{a}", ":", "!", "r", "!r", "!s", "!x", "[", "]", "[0]", ".", "x", ">5", "{:>{}}", "{1!r:^9}", "é"]
    fixed = ["{0!r", "{0!rx}", "{0!}", "{0!é}", "{0:", "{0:{}", "{:{:{}}}", "{} {0}", "{0} {}", "{a} {}", "{0:{}}", "{:{1}}", "{:{{}}}", "{0:}}}",
             "{99999999999999999999}", "{٠}", "{01}", "{a!r:{b!s}}", "{:{:}}", "{0:{0}{0}}", "{!r:>5}"]
    texts = fixed + ["".join(rng.choice(pieces) for _ in range(rng.randrange(1, 6))) for _ in range(int(600 * factor))]
    for text in texts:
        def parse():
            return "|".join("%s^%s^%s^%s" % piece for piece in _string.formatter_parser(text))
        table.add("template_pieces", [text], parse)

        def render():
            try:
                return text.format(3, 5, 7, 9, a=4, b=6)
            except (KeyError, IndexError, AttributeError):
                raise ValueError("lookup")
            except TypeError:
                raise ValueError("lookup")
        table.add("template_format", [text], render)
    names = ["", "0", "12", "a", "a.b", "0[1]", "0[01]", "0[-1]", "[0]", ".real", "a.b[c].d[1]", "0.", "0[]", "0[", "0[a", "0[a]b", "0..a", "0[99999999999999999999]", "٣", "a[b]]", "]", " 0", "-1"]
    for name in names:
        def split():
            first, rest = _string.formatter_field_name_split(name)
            return "|".join([repr(first)] + ["%s %s" % (is_attribute, repr(key)) for is_attribute, key in rest])
        table.add("field_name", [name], split)


def numbers():
    table = Table("number")
    for _ in range(int(1000 * factor)):
        x = random_float()
        table.add("float_repr", [repr(x)], lambda: repr(x))
    for _ in range(int(120 * factor)):
        x = random_float()
        table.add("float_hex", [repr(x)], lambda: x.hex())
        table.add("as_integer_ratio", [repr(x)], lambda: x.as_integer_ratio())
        table.add("float_to_int", [repr(x)], lambda: int(x))
        table.add("round_to_int", [repr(x)], lambda: round(x))
        if x == x:
            table.add("hash_f64", [repr(x)], lambda: hash(x))
    for _ in range(int(500 * factor)):
        x, n = random_float(), rng.choice([rng.randrange(-5, 12), rng.randrange(-320, 330), 2, 1, 0])
        table.add("round_float", [repr(x), n], lambda: round(x, n))
    for x, n in [(1.7e308, -308), (5e307, -308), (4.9e307, -308), (25.0, -1), (35.0, -1), (25.0001, -1), (2.675, 2), (0.5, 0), (1e300, -400), (-1e300, -400)]:
        table.add("round_float", [repr(x), n], lambda: round(x, n))
    special = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 7.5, -7.5, math.inf, -math.inf, math.nan, 1e300, -1e-300, 0.1]
    pairs = [(x, y) for x in special for y in special] + [(random_float(), random_float()) for _ in range(int(150 * factor))]
    for x, y in pairs:
        for name, operation in [("floor_div", lambda: x // y), ("mod", lambda: x % y), ("divmod", lambda: divmod(x, y))]:
            table.add("float_" + name, [repr(x), repr(y)], operation)
        if x in special and y in special or x != x:
            def power():
                try:
                    result = x**y
                except OverflowError as error:
                    if str(error).startswith("complex"):
                        return "complex"
                    raise
                return "complex" if isinstance(result, complex) else result
            table.add("float_pow", [repr(x), repr(y)], power)
    for _ in range(int(400 * factor)):
        a, b = random_int(), random_int()
        table.add("true_divide", [a, b], lambda: a / b)
        table.add("int_to_f64", [a], lambda: float(a))
        table.add("hash_int", [a], lambda: hash(a))
        x = random_float()
        table.add("compare", [a, repr(x)], lambda: (a > x) - (a < x) if x == x else None)
        table.add("compare", [int(x) if math.isfinite(x) else a, repr(x)], lambda: ((int(x) if math.isfinite(x) else a) > x) - ((int(x) if math.isfinite(x) else a) < x) if x == x else None)
    for a, b in [(3, 0), (10**400, 3), (3, 10**400), (10**400, 10**399), (2**2000, 1), (0, -5), (2**1024 - 2**970, 1), (2**1024 - 2**970 - 1, 1), (1, 2**1074), (1, 2**1075), (3, 2**1075), (1, 2**1076), (2**53 + 1, 2**1100), ((2**53 + 1) * 3, 2**1074 * 2)]:
        table.add("true_divide", [a, b], lambda: a / b)
        table.add("int_to_f64", [a], lambda: float(a))
    for text in ["1_0", "1__0", "_1", "1_", "1_.0", "1._0", "1e_5", "1_e5", "1e1_0", " 1\n", "", " ", "1 2", "infinity", "-iNf", "+nan", "-inf", "in_f", "١.٥", "1\u2003", "é1", "0x1",
                 "1e400", "-1e-400", "1\0", ".", "e5", "1e", ".e1", "5.e1", "infinit", "nan(1)", "\x1c1\x1f", "+.5", "--1", "+-1", "1e+5", "1E-5", "+ 1", "1_000.000_1", "-", "+", "inf ", "٣_٣", "1.e5", "𝟙"]:
        table.add("parse_float", [text], lambda: float(text))
    for _ in range(int(250 * factor)):
        text = rng.choice([repr(random_float()), "%d.%de%d" % (rng.getrandbits(70), rng.getrandbits(60), rng.randrange(-330, 310)), "%.40g" % random_float()])
        table.add("parse_float", [text], lambda: float(text))
    for text in ["", "0x1p1024", "1p-1080", "0x.p1", " -0x1.8p+1 ", "nan", "-inf", "infinity", "0x1.fffffffffffff8p1023", "0x1.fffffffffffff7p1023", "0x1p99999999999999999999", "0x0p99999999999999999999", "1g",
                 "0x1.00000000000008p0", "0x1.000000000000080000001p0", "0x1.00000000000018p0", "0x0.8p-1074", "0x0.80001p-1074", "0x1p", "1 2", "0x1p-99999999999999999999", "-0x1p-99999999999999999999", "١", "0X1P3", "0x", "-", "1.8", "+0xA.8", "0x1..2",
                 "0x12345678901234567890p-80", "0x123456789012345678000000000001p-100", "\u20031"]:
        table.add("from_hex", [text], lambda: float.fromhex(text))
    for _ in range(int(100 * factor)):
        text = "%s0x%x.%xp%d" % (rng.choice(["", "-"]), rng.getrandbits(rng.randrange(1, 90)), rng.getrandbits(rng.randrange(1, 90)), rng.randrange(-1150, 1030))
        table.add("from_hex", [text], lambda: float.fromhex(text))
    for text, base in [("", 10), (" 12 ", 10), ("1_2", 10), ("1__2", 10), ("_1", 10), ("1_", 10), ("+1", 10), ("--1", 10), ("+ 1", 10), ("0x1f", 16), ("0x_1f", 16), ("0x__1f", 16), ("0x", 16), ("x1", 16), ("0b1", 2), ("0b1", 16),
                       ("0b1", 0), ("0o17", 0), ("017", 0), ("00", 0), ("0_0", 0), ("0_", 0), ("0", 0), ("-0x1F", 0), ("1", 1), ("1", 37), ("1", -1), ("z", 36), ("Z", 36), ("12", 2), ("٣", 10), ("٣x", 10), ("\u2003 7\x1c", 10), ("1\0", 10),
                       ("1" * 4300, 10), ("1" * 4301, 10), ("1_" * 4301 + "1", 10), ("x" + "1" * 300, 10), ("1" * 300 + "x", 10), ("f" * 5000, 16), ("1" * 4301, 7), ("1" * 4301, 32), ("0" * 5000, 10), ("é" * 250, 10), ("0x١", 16), ("0_7", 8), ("0o_7", 8),
                       ("0O7", 0), ("0B1", 0), ("0x-1", 16), ("-", 10), ("1e5", 10), ("٣_٣", 10), ("𝟙", 10), ("-9223372036854775808", 10), ("9223372036854775808", 10), ("-9223372036854775809", 10), ("-0", 10), ("0_7", 0), ("1_0", 0), ("-_1", 10), ("'", 10)]:
        table.add("parse_int", [text, base], lambda: int(text, base))
    for _ in range(int(150 * factor)):
        base = rng.randrange(2, 37)
        text = "".join(rng.choice("0123456789abcdefghijklmnopqrstuvwxyz"[:base]) for _ in range(rng.randrange(1, 60)))
        table.add("parse_int", [text, base], lambda: int(text, base))
    for length in range(8):
        for _ in range(int(6 * factor) + 1):
            items = tuple(rng.choice([random_int(), rng.randrange(9)]) for _ in range(length))
            joined = " ".join(map(str, items))
            table.add("hash_tuple", [joined], lambda: hash(items))
            unique = frozenset(items)
            table.add("hash_frozenset", [" ".join(map(str, unique))], lambda: hash(unique))
    table.add("hash_tuple", [" ".join("0" for _ in range(100))], lambda: hash((0,) * 100))


def texts():
    table = Table("text")
    alphabets = ["abcXYZ 019", "a'\"\\\n\t\r\x00\x7f", "éßàÿ\xa0\xad", "日本語\u200b\u2028\ue000\ufeff\uffff", "😀𝕏\U0010ffff\U000e0001", "\ud800\udfff'", "ΣσςΑα ΌΣ.ΑΣ'", "ǅǆǄﬃß İıŉ", "ᾳᾼᾷ ῳ ᲐაᏣꮳ"]
    for _ in range(int(350 * factor)):
        alphabet = "".join(rng.sample(alphabets, rng.randrange(1, 3)))
        text = "".join(rng.choice(alphabet) for _ in range(rng.randrange(12)))
        table.add("repr", [text], lambda: repr(text))
        table.add("ascii", [text], lambda: ascii(text))
        if any("\ud800" <= character <= "\udfff" for character in text):
            continue
        table.add("hash_str", [text], lambda: hash(text))
        for method in ["upper", "lower", "title", "capitalize", "casefold", "swapcase"]:
            table.add(method, [text], lambda: getattr(text, method)())
        for method in ["isupper", "islower", "istitle", "isidentifier"]:
            table.add(method, [text], lambda: getattr(text, method)())
    for length in list(range(20)) + [63, 64, 65, 100]:
        for characters in ["abcdefgh", "é€", "x😀"]:
            text = "".join(rng.choice(characters) for _ in range(length))
            table.add("hash_str", [text], lambda: hash(text))
    for text in ["a1", "1a", "_", "é", "日本", "class", "a b", "", "a·", "·a", "℘", "x́", "ª", "\u2118x", "a\u037a"]:
        table.add("isidentifier", [text], lambda: text.isidentifier())
    for _ in range(int(120 * factor)):
        data = bytes(rng.choice(b"ab'\"\\\n\t\r\x00\x7f\xff~ ") for _ in range(rng.randrange(10)))
        table.add("repr_bytes", [data.decode("latin-1")], lambda: repr(data))
        table.add("repr_bytearray", [data.decode("latin-1")], lambda: repr(bytearray(data)))
        table.add("hash_bytes", [data.decode("latin-1")], lambda: hash(data))


def characters():
    """One line for each run of assigned characters with the same classes, one for each character with a mapping."""
    predicates = ["isalpha", "isdecimal", "isdigit", "isnumeric", "isspace", "isupper", "islower", "istitle", "isprintable"]

    def classes(code):
        character = chr(code)
        if unicodedata.category(character) == "Cn":
            return None
        flags = "".join("X" if getattr(character, predicate)() else "." for predicate in predicates)
        start = "X" if character.isidentifier() else "."
        following = "X" if ("a" + character).isidentifier() else "."
        line = "X" if len(("a" + character + "b").splitlines()) > 1 else "."
        return flags + start + following + line

    with open(f"{folder}/character.txt", "w", encoding="utf-8", newline="\n") as file:
        first, current = 0, classes(0)
        for code in range(1, 0x110001):
            found = classes(code) if code < 0x110000 else None
            if found != current or code == 0x110000:
                if current is not None:
                    file.write(f"classes\t{first:x}\t{code - 1:x}\t={current}\n")
                first, current = code, found
        for code in range(0x110000):
            character = chr(code)
            mappings = [character.upper(), character.lower(), character.title(), character.casefold()]
            if any(mapping != character for mapping in mappings):
                file.write("\t".join(["mappings", character, *mappings[:3], "=" + mappings[3]]) + "\n")


for make in (specs, percents, templates, numbers, texts, characters):
    make()
