"""Random programs: statements around the expressions of ``expressions``."""

import random as randoms
import warnings

from expressions import NAMES, Expressions
from values import CHANGES, literal

ERRORS = ["ValueError", "TypeError", "ZeroDivisionError", "IndexError", "KeyError", "(ValueError, TypeError)", "Exception", "LookupError", "Problem", "ArithmeticError"]


class Programs(Expressions):
    """Writes the body of one program from a seed."""

    def __init__(self, seed):
        super().__init__(randoms.Random(seed))
        self.lines = []
        self.indent = 0
        self.serial = 0
        self.in_loop = False
        self.blocks = 0

    def write(self, text):
        self.lines.append("    " * self.indent + text)

    def fresh(self, prefix):
        self.serial += 1
        return f"{prefix}{self.serial}"

    @classmethod
    def text(cls, seed):
        """A program that compiles, from a seed: statements of a function's body, not indented."""
        for attempt in range(100):
            program = cls(f"{seed}.{attempt}").program()
            body = "".join(f"    {line}\n" for line in program.splitlines())
            try:
                with warnings.catch_warnings(action="ignore"):
                    compile("def program():\n" + body, "program", "exec")
            except SyntaxError:
                continue
            return program
        raise RuntimeError(f"no program of seed {seed} compiles")

    def program(self):
        for kind in self.random.sample(list(NAMES), 6) + ["i", "s", "l"]:
            if not self.names[kind]:
                name = self.random.choice(NAMES[kind])
                self.write(f"{name} = {literal(self.random, kind)}")
                self.names[kind].append(name)
        for _ in range(self.random.randrange(4, 12)):
            if self.random.random() < 0.25:
                self.statement()
                continue
            # An exception ends the statement, not the program.
            self.write("try:")
            self.indent += 1
            self.statement()
            self.indent -= 1
            self.write("except Exception as error:")
            self.write("    print(type(error).__name__, error)")
        for kind, names in self.names.items():
            for name in names:
                self.write(f"print({name!r}, text_of({name}))")
        return "\n".join(self.lines) + "\n"

    def assign(self, kind=None):
        kind = kind or self.random.choice(list(NAMES))
        name = self.random.choice(NAMES[kind])
        text = self.expression(kind)
        self.write(f"{name} = {text}" if name not in self.names[kind] else f"{name} = clip({text})")
        if name not in self.names[kind] and self.indent == 0:
            self.names[kind].append(name)
        elif name not in self.names[kind]:
            self.lines.pop()
            self.write(f"show(lambda: {text})")

    def block(self, least=1):
        """Some statements, one level deeper."""
        self.indent += 1
        self.blocks += 1
        before = len(self.lines)
        for _ in range(self.random.randrange(least, 4)):
            self.statement()
        if len(self.lines) == before:
            self.write("pass")
        self.blocks -= 1
        self.indent -= 1

    def statement(self):
        simple = [self.assign, self.show, self.show, self.show, self.change, self.change, self.augmented, self.unpack, self.item]
        compound = [self.branch, self.loop, self.counted, self.attempt, self.attempt, self.managed, self.function_definition, self.generator, self.closure,
                    self.class_definition, self.match]
        if self.in_loop and self.random.random() < 0.1:
            return self.write(f"if {self.expression('b')}: {self.random.choice(['break', 'continue'])}")
        if self.random.random() < 0.07:
            return self.fail()
        deep = self.blocks >= 2 or len(self.lines) > 60
        return self.random.choice(simple if deep or self.random.random() < 0.6 else compound)()

    def show(self):
        closed, self.closed = self.closed, True
        self.write(f"show(lambda: {self.expression()})")
        self.closed = closed

    def change(self):
        kind = self.random.choice("lltdz")
        if not self.names[kind]:
            return self.show()
        name, parameters = self.random.choice(CHANGES[kind])
        variable = self.random.choice(self.names[kind])
        text = self.arguments(parameters)
        if name == "sort" and self.random.random() < 0.5:
            text = f"key={self.key()}"
        self.write(f"show(lambda: {variable}.{name}({text}))" if ":=" not in text else f"print({variable}.{name}({text}))")
        if name in ("extend", "update"):
            self.write(f"{variable} = clip({variable})")
        return None

    def augmented(self):
        kind = self.random.choice("iifslltz")
        if not self.names[kind]:
            return self.show()
        variable = self.random.choice(self.names[kind])
        operator = self.random.choice({"i": ["+", "-", "*", "//", "%", "&", "|", "^"], "f": ["+", "-", "*", "/"], "z": "|&-^"}.get(kind, ["+"]))
        self.write(f"{variable} {operator}= {self.expression(kind)}")
        self.write(f"{variable} = clip({variable})")
        return None

    def unpack(self):
        kind = self.random.choice("lt")
        of = {"l": "i", "t": "s"}[kind]
        names = [name for name in NAMES[of] if name in self.names[of]]
        if not names:
            return self.show()
        self.random.shuffle(names)
        star = self.names[kind][0] if self.names[kind] and self.random.random() < 0.5 else None
        targets = list(names[: self.random.randrange(1, 3)])
        if star:
            targets.insert(self.random.randrange(len(targets) + 1), "*" + star)
        self.write(f"{', '.join(targets)}{',' * (len(targets) == 1)} = clip({self.expression(kind)})")
        return None

    def item(self):
        kind = self.random.choice("ltdl")
        if not self.names[kind]:
            return self.show()
        variable = self.random.choice(self.names[kind])
        key = self.expression("s") if kind == "d" else literal(self.random, "N")
        if kind != "d" and self.random.random() < 0.4:
            key = f"{literal(self.random, 'N')}:{literal(self.random, 'N')}" + (f":{literal(self.random, 'N')}" if self.random.random() < 0.3 else "")
            value = self.expression(kind)
        else:
            value = self.expression("s" if kind == "t" else "i")
        self.guarded(f"del {variable}[{key}]" if self.random.random() < 0.3 else f"{variable}[{key}] = {value}")
        if kind != "d":
            self.write(f"{variable} = clip({variable})")
        return None

    def guarded(self, line):
        self.write("try:")
        self.write("    " + line)
        self.write("except Exception as error:")
        self.write("    print(type(error).__name__, error)")

    def fail(self):
        self.write(
            self.random.choice(
                [
                    f"assert {self.expression('b')}, {self.expression()}",
                    f"if {self.expression('b')}: raise ValueError({self.expression()})",
                    f"if {self.expression('b')}: raise Problem({self.expression('i')}, 2)",
                    f"if {self.expression('b')}: raise KeyError({self.expression('s')})",
                ]
            )
        )

    def branch(self):
        self.write(f"if {self.expression('b')}:")
        self.block()
        if self.random.random() < 0.4:
            self.write(f"elif {self.expression(self.random.choice('bislz'))}:")
            self.block()
        if self.random.random() < 0.5:
            self.write("else:")
            self.block()

    def looped(self):
        before, self.in_loop = self.in_loop, True
        self.block()
        self.in_loop = before
        if self.random.random() < 0.25:
            self.write("else:")
            self.block()

    def loop(self):
        kind = self.random.choice("lltsdz")
        of = "i" if kind in "lz" else "s"
        name = self.fresh(of + "n")
        source = self.random.choice(
            [f"clip({self.expression(kind)})", f"range({literal(self.random, 'N')})" if of == "i" else f"clip({self.expression('s')})", f"list({self.expression(kind)})[:4]"]
        )
        if self.random.random() < 0.25:
            self.write(f"for k{name}, {name} in enumerate(list({source})[:5], {literal(self.random, 'N')}):")
        else:
            self.write(f"for {name} in list({source})[:5]:")
        self.names[of].append(name)
        self.looped()
        self.names[of].remove(name)

    def counted(self):
        name = self.fresh("c")
        self.write(f"{name} = 0")
        self.write(f"while {name} < {self.random.randrange(1, 5)} and {self.expression('b')}:")
        self.write(f"    {name} += 1")
        self.looped()

    def attempt(self):
        self.write("try:")
        self.block()
        if self.random.random() < 0.9:
            for error in self.random.sample(ERRORS, self.random.randrange(1, 3)):
                self.write(f"except {error} as error:")
                self.write("    print('caught', type(error).__name__, error)")
                if self.random.random() < 0.15:
                    self.write("    " + self.random.choice(["raise", f"raise Problem({self.leaf('i')}) from error", "raise ValueError('again') from None"]))
            if self.random.random() < 0.3:
                self.write("else:")
                self.block()
        else:
            self.write("finally:")
            self.block()
            return
        if self.random.random() < 0.3:
            self.write("finally:")
            before, self.in_loop = self.in_loop, False
            self.block()
            self.in_loop = before

    def managed(self):
        name = self.fresh("m")
        self.write(f"with Manager({name!r}, {self.expression('b')}) as {name}:")
        self.block()

    def inside(self, names):
        """Writes a function's body; only the parameters can be assigned."""
        saved = (self.names, self.in_loop, self.closed, self.functions)
        self.names = {kind: list(values) for kind, values in self.names.items()}
        self.names["i"] += names
        self.in_loop, self.closed = False, True
        return saved

    def outside(self, saved):
        self.names, self.in_loop, self.closed, self.functions = saved

    def quiet(self, count):
        """Statements of a function: what does not rebind variables around it."""
        for _ in range(self.random.randrange(count)):
            self.random.choice([self.show, self.show, self.quiet_branch])()

    def quiet_branch(self):
        self.write(f"if {self.expression('b')}:")
        self.indent += 1
        self.show()
        self.indent -= 1

    def function_definition(self):
        name = self.fresh("f")
        header = self.random.choice(["a", "a, b", "a, b=2", "a, /, b", "a, *, b=3", "*a", "a, *b", "a, b=1, *c", "a, **b", "a=1, b=2, c=3"])
        self.write(f"def {name}({header}):")
        plain = [part.split("=")[0].strip() for part in header.split(",") if part.strip()[0] not in "*/"]
        saved = self.inside(plain)
        self.functions = []
        self.indent += 1
        if "*" in header:
            self.write(f"print({', '.join(part.split('=')[0].strip(' *') for part in header.split(',') if part.strip() not in ('*', '/'))})")
        self.quiet(3)
        if self.random.random() < 0.3 and plain:
            self.write(f"if type({plain[0]}) is int and 0 < {plain[0]} < 6: return {name}({plain[0]} - 1) + {self.expression('i')}")
        self.write(f"return {self.expression('i')}")
        self.indent -= 1
        self.outside(saved)
        self.write(f"show(lambda: {name}({self.expression('i')}))")
        if self.indent == 0:
            self.functions.append((name, max(len(plain), 1)))

    def generator(self):
        name = self.fresh("g")
        self.write(f"def {name}(n):")
        saved = self.inside(["n"])
        self.indent += 1
        self.write("try:")
        self.indent += 1
        self.write(f"for step in range({self.random.randrange(1, 4)}):")
        self.write(f"    got = yield {self.expression('i')}")
        self.write("    if got: print('got', got)")
        if self.random.random() < 0.4:
            self.write(f"yield from clip({self.expression('l')})")
        if self.random.random() < 0.3:
            self.write(f"return {self.expression('i')}")
        self.indent -= 1
        self.write("finally:")
        self.write(f"    print('end of {name}')")
        self.indent -= 1
        self.outside(saved)
        use = self.random.choice(
            [
                f"list({name}({self.leaf('i')}))",
                f"sum({name}({self.leaf('i')}))",
                f"dict(zip({self.leaf('t')}, {name}({self.leaf('i')})))",
                f"[v for v in {name}(2) if v]",
                f"(lambda it: (next(it), it.send({self.leaf('i')}), it.close()))({name}(1))",
                f"(lambda it: (next(it), it.throw(ValueError('thrown'))))({name}(1))",
            ]
        )
        self.write(f"show(lambda: {use})")

    def closure(self):
        outer, inner = self.fresh("o"), self.fresh("h")
        self.write(f"def {outer}():")
        self.write(f"    count = {self.leaf('i')}")
        self.write(f"    def {inner}(a=1):")
        self.write("        nonlocal count")
        self.write("        count = clip(count + a)")
        self.write(f"        return count, {self.leaf('i')}")
        self.write(f"    return {inner}")
        self.write(f"{inner} = {outer}()")
        self.write(f"show(lambda: [{inner}(), {inner}({self.leaf('i')}), {outer}()()])")

    def class_definition(self):
        name = self.fresh("C")
        base = self.random.choice(["", "", "(int)", "(str)", "(list)", "(dict)", "(tuple)", "(Exception)", "(float)"])
        self.write(f"class {name}{base}:")
        self.write(f"    shared = {self.leaf('i')}")
        saved = self.inside([])
        pieces = {
            "__repr__": "return 'a %s'" % name,
            "__len__": f"return {literal(self.random, 'N')}",
            "__getitem__": f"return {self.leaf('i')} if args[0] != 3 else [][0]",
            "__eq__": f"return {self.leaf('b')}",
            "__lt__": f"return {self.leaf('b')}",
            "__add__": f"return {self.random.choice([self.leaf('i'), 'NotImplemented'])}",
            "__radd__": f"return {self.leaf('s')}",
            "__bool__": f"return {self.random.choice([self.leaf('b'), self.leaf('i')])}",
            "__contains__": f"return {self.leaf('b')}",
            "__iter__": f"return iter({self.leaf('l')})",
            "__call__": "return (args, 'called')",
            "__hash__": f"return {literal(self.random, 'N')}",
            "__index__": f"return {literal(self.random, 'N')}",
            "__getattr__": "return args[0] + '?'",
            "__format__": "return '<' + args[0] + '>'",
            "__str__": f"return {self.leaf('s')}",
            "__int__": f"return {self.leaf('i')}",
            "__neg__": f"return {self.leaf('i')}",
            "__missing__": "return args",
            "method": "return self.shared",
        }
        self.outside(saved)
        chosen = self.random.sample(list(pieces), self.random.randrange(1, 6))
        for method in chosen:
            self.write(f"    def {method}(self, *args):")
            self.write(f"        {pieces[method]}")
        if "__repr__" not in chosen and not base:
            self.write(f"    def __repr__(self): return '{name}()'")
        argument = {"(int)": "i", "(str)": "s", "(list)": "l", "(dict)": "d", "(tuple)": "p", "(Exception)": "s", "(float)": "f"}.get(base)
        made = f"{name}({self.leaf(argument) if argument else ''})"
        uses = ["len({0})", "{0}[1]", "{0} == {0}", "{0} == 5", "{0} < 3", "sorted([{0}, {0}])", "{0} + 1", "1 + {0}", "bool({0})", "1 in {0}", "list({0})", "{0}(1, 2)",
                "hash_of({0})", "[1, 2, 3][{0}]", "{0}.nothing", "format({0}, 'x')", "str({0})", "repr({0})", "int({0})", "-{0}", "{0}.method()", "{0}.shared", "'%s %r' % ({0}, {0})",
                "{0} * 2", "isinstance({0}, object)", "{{{0}: 1}}", "{0}['zz']", "{0} and 1", "max({0}, {0})", "abs({0})", "'{{}}'.format({0})", "[*{0}]", "range(3)[{0}]"]
        for use in self.random.sample(uses, 4):
            self.write(f"show(lambda: {use.format(made)})")

    def match(self):
        self.write(f"match {self.expression(self.random.choice('ispldlt'))}:")
        patterns = ["0 | 1", "int(x)", "str(x)", "[x]", "[x, *y]", "[x, y]", "{'a': x}", "(1, x)", "'abc'", "{**y}", "[int(x), str(y)]", "x if x", "float() as x", "[[*y], x]", "None"]
        for pattern in self.random.sample(patterns, 3):
            self.write(f"    case {pattern}:")
            shown = " , ".join(name for name in "xy" if name in pattern.replace("[x, y]", "x y").replace("str", "").replace("int", ""))
            self.write(f"        print({pattern!r}, {shown})" if shown else f"        print({pattern!r})")
        self.write("    case _:")
        self.write("        print('no case')")
