"""Random expressions of a wanted type, built from the tables in ``values``."""

from values import BINARY, FUNCTIONS, METHODS, PERCENT, SPECS, TYPES, literal

NAMES = {kind: [kind + str(number) for number in range(3)] for kind in "ifsybltpdz"}


class Expressions:
    """Writes expressions; ``names`` says which variables there are."""

    def __init__(self, random):
        self.random = random
        self.names = {kind: [] for kind in NAMES}
        self.functions = []
        self.depth = 0

    def expression(self, kind="x"):
        """An expression of a type, or of any other with a small chance."""
        random = self.random
        if kind == "x":
            kind = random.choice(TYPES)
        if random.random() < 0.03:
            kind = random.choice(TYPES)
        if kind not in NAMES and kind != "x":
            return literal(random, kind)
        if self.depth > 3 or random.random() < 0.2:
            return self.leaf(kind)
        self.depth += 1
        try:
            return random.choice(self.ways(kind))(kind)
        finally:
            self.depth -= 1

    def leaf(self, kind):
        names = self.names.get(kind)
        if names and self.random.random() < 0.7:
            return self.random.choice(names)
        return literal(self.random, kind)

    def ways(self, kind):
        ways = [self.leaf, self.leaf, self.method, self.function, self.conditional, self.boolean, self.subscript]
        if kind in "if":
            ways += [self.arithmetic] * 5 + [self.unary, self.walrus]
        if kind == "b":
            ways += [self.comparison] * 4 + [self.membership] * 2
        if kind == "s":
            ways += [self.formatted, self.fstring, self.fstring, self.percent, self.join] * 2 + [self.sliced, self.repeated, self.added]
        if kind in "yltp":
            ways += [self.sliced, self.repeated, self.added] * 2
        if kind in "lt":
            ways += [self.comprehension] * 3 + [self.display] * 2
        if kind in "dz":
            ways += [self.comprehension] * 2 + [self.display, self.set_operator] * 2
        if kind == "i":
            ways += [self.call_own, self.call_lambda, self.power]
        return ways

    def method(self, kind):
        random = self.random
        for _ in range(20):
            receiver = random.choice("sssssyyiflltpdz")
            name, parameters, result = random.choice(METHODS[receiver])
            if result == kind or (result == "x" and random.random() < 0.2):
                return f"{self.atom(receiver)}.{name}({self.arguments(parameters)})"
        return self.leaf(kind)

    def function(self, kind):
        random = self.random
        for _ in range(20):
            name, parameters, result = random.choice(FUNCTIONS)
            if result == kind or random.random() < 0.03:
                keyed = random.random() < 0.25 and name in ("sorted", "min", "max") and len(parameters) == 1
                more = f", key={self.key()}" if keyed else ""
                if name == "sorted" and random.random() < 0.2:
                    more += f", reverse={self.expression('b')}"
                return f"{name}({self.arguments(parameters)}{more})"
        return self.leaf(kind)

    def key(self):
        return self.random.choice(["lambda v: -v", "lambda v: (v % 3, v)", "str", "lambda v: v % 2 == 0", "len", "abs", "repr", "lambda v: str(v)[::-1]"])

    def arguments(self, parameters):
        parts = []
        place = 0
        while place < len(parameters):
            optional = parameters[place + 1 : place + 2] == "?"
            if optional and self.random.random() < 0.5:
                break
            parts.append(self.expression(parameters[place]))
            place += 2 if optional else 1
        return ", ".join(parts)

    def atom(self, kind):
        text = self.expression(kind)
        return text if text.isidentifier() or text[0] in "'[{(" and text[-1] in "'])}" and kind in "slt" and self.depth > 3 else f"({text})"

    def arithmetic(self, kind):
        operator = self.random.choice(BINARY[kind])
        left = self.expression(kind if self.random.random() < 0.9 else "i")
        right = self.expression(kind if self.random.random() < 0.9 else self.random.choice("ifb"))
        return f"({left} {operator} {right})"

    def power(self, kind):
        return self.random.choice(["({0} ** {1})", "({0} << {2})", "({0} >> {2})", "pow({0}, {1})"]).format(
            f"clip({self.expression(kind)})", literal(self.random, "N"), literal(self.random, "N")
        )

    def unary(self, kind):
        return f"({self.random.choice('-+~' if kind == 'i' else '-+')}{self.atom(kind)})"

    def walrus(self, kind):
        name = self.random.choice(NAMES[kind])
        return f"({name} := {self.expression(kind)})" if name in self.names[kind] and not self.closed else self.leaf(kind)

    closed = False

    def comparison(self, kind):
        of = self.random.choice("iiffssyltpdzb")
        operators = ["<", "<=", ">", ">=", "==", "!="]
        parts = [self.expression(of)]
        for _ in range(self.random.choice([1, 1, 1, 2])):
            parts.append(self.random.choice(operators))
            parts.append(self.expression(of if self.random.random() < 0.9 else "x"))
        return "(" + " ".join(parts) + ")"

    def membership(self, kind):
        item, container = self.random.choice([("i", "l"), ("s", "s"), ("s", "t"), ("s", "d"), ("i", "z"), ("i", "y"), ("i", "p"), ("y", "y"), ("f", "l")])
        return f"({self.expression(item)} {self.random.choice(['in', 'not in'])} {self.expression(container)})"

    def conditional(self, kind):
        return f"({self.expression(kind)} if {self.expression('b')} else {self.expression(kind)})"

    def boolean(self, kind):
        operator = self.random.choice(["and", "or"])
        text = f"({self.expression(kind)} {operator} {self.expression(kind)})"
        return f"(not {text})" if kind == "b" and self.random.random() < 0.3 else text

    def subscript(self, kind):
        index = self.expression("N" if self.random.random() < 0.7 else "i")
        if kind == "i":
            container = self.random.choice("lyld")
            index = self.expression("s") if container == "d" else index
            return f"{self.atom(container)}[{index}]"
        if kind == "s":
            return f"{self.atom(self.random.choice('st'))}[{index}]"
        return self.leaf(kind)

    def sliced(self, kind):
        def part():
            return self.expression("N" if self.random.random() < 0.8 else "i") if self.random.random() < 0.6 else ""

        text = f"{part()}:{part()}"
        return f"{self.atom(kind)}[{text}:{part()}]" if self.random.random() < 0.4 else f"{self.atom(kind)}[{text}]"

    def repeated(self, kind):
        parts = [f"clip({self.expression(kind)})", literal(self.random, "N")]
        self.random.shuffle(parts)
        return "(" + " * ".join(parts) + ")"

    def added(self, kind):
        return f"({self.expression(kind)} + {self.expression(kind if self.random.random() < 0.95 else 'x')})"

    def set_operator(self, kind):
        operator = self.random.choice("|&-^" if kind == "z" else "|")
        return f"({self.expression(kind)} {operator} {self.expression(kind)})"

    def join(self, kind):
        return f"{self.atom('s')}.join({self.expression('t')})"

    def spec(self, kind):
        return self.random.choice(SPECS.get(kind, SPECS["x"]))

    def formatted(self, kind):
        random = self.random
        of = random.choice("iiffsb")
        if random.random() < 0.4:
            return f"format({self.expression(of)}, {self.spec(of)!r})"
        fields, arguments = [], []
        for number in range(random.randrange(1, 3)):
            of = random.choice("iiffsbl")
            place = random.choice(["", "", str(number), "a"])
            conversion = random.choice(["", "", "", "!r", "!s", "!a"])
            fields.append("{" + place + conversion + ":" + self.spec("s" if conversion else of) + "}")
            arguments.append(("a=" if place == "a" else "") + self.expression(of))
        arguments.sort(key=lambda text: text.startswith("a="))
        arguments = arguments[: len(arguments) - sum(text.startswith("a=") for text in arguments) + 1]
        return f"{'|'.join(fields)!r}.format({', '.join(arguments)})"

    def fstring(self, kind):
        random = self.random
        parts = []
        for _ in range(random.randrange(1, 4)):
            of = random.choice("iiffsbltp")
            conversion = random.choice(["", "", "", "!r", "!s", "!a", "="])
            spec = self.spec("s" if conversion in ("!r", "!s", "!a") else of) if random.random() < 0.7 else ""
            if random.random() < 0.1:
                spec = random.choice(["{" + literal(random, "N") + "}", ">{" + literal(random, "N") + "}", "{'0'}{7}"])
            inner = self.expression(of)
            if "\\" in inner or inner[0] == "{" or "'" in spec and False:
                inner = self.leaf("i")
            if "#" in inner:
                # CPython 3.13.0 takes it for a comment when it shows the text of `=`.
                conversion = ""
            if ":=" in inner or "lambda" in inner or "!=" in inner:
                inner = f"({inner})"
            parts.append(random.choice(["", "a", "é ", "{{", "}}"]) + "{" + inner + conversion + (":" + spec if spec else "") + "}")
        return 'f"' + "".join(parts) + '"' if '"' not in "".join(parts) else self.leaf(kind)

    def percent(self, kind):
        random = self.random
        ofs = [random.choice("iifs") for _ in range(random.randrange(1, 3))]
        template = " ".join(random.choice(PERCENT[of]) for of in ofs)
        arguments = [self.expression(of) for of in ofs]
        if random.random() < 0.1:
            arguments.append(self.leaf("i"))
        return f"({template!r} % ({', '.join(arguments)},))"

    def display(self, kind):
        random = self.random
        item = {"l": "i", "t": "s", "z": "i", "d": "s"}[kind]

        def part():
            if random.random() < 0.2:
                return ("**" if kind == "d" else "*") + self.atom(kind)
            text = self.expression(item)
            return f"{text}: {self.expression('i')}" if kind == "d" else text

        parts = ", ".join(part() for _ in range(random.randrange(1, 5)))
        return f"[{parts}]" if kind in "lt" else "{" + parts + "}"

    def comprehension(self, kind):
        random = self.random
        source = {"l": "lllz", "t": "ts", "z": "ll", "d": "tt"}[kind]
        source = random.choice(source)
        of = "s" if source in "ts" else "i"
        name = of + "v"
        closed, self.closed = self.closed, True
        self.names[of].append(name)
        value = self.expression({"l": "i", "t": "s", "z": "i", "d": "s"}[kind])
        if kind == "d":
            value += f": {self.expression('i')}"
        condition = f" if {self.expression('b')}" if random.random() < 0.4 else ""
        self.names[of].remove(name)
        self.closed = closed
        text = f"{value} for {name} in clip({self.expression(source)}){condition}"
        return f"[{text}]" if kind in "lt" else "{" + text + "}"

    def call_own(self, kind):
        if not self.functions:
            return self.leaf(kind)
        name, count = self.random.choice(self.functions)
        count += self.random.choice([0, 0, 0, 0, 1, -1])
        parts = [self.expression("i") for _ in range(max(count, 0))]
        if parts and self.random.random() < 0.2:
            parts[-1] = f"{self.random.choice('abc')}={parts[-1]}"
        if self.random.random() < 0.1:
            parts.insert(0, "*" + self.atom("l") + "[:2]")
        return f"{name}({', '.join(parts)})"

    def call_lambda(self, kind):
        closed, self.closed = self.closed, True
        self.names["i"].append("v")
        body = self.expression("i")
        self.names["i"].remove("v")
        self.closed = closed
        return f"(lambda v, w=1: {body})({self.expression('i')})"
