"""Every construct that can raise, for the places that tracebacks underline."""
import os, sys as system
from os import path as p, \
    sep


def operators(a, b, o):
    x = a + b * -a
    y = (a
         - b)
    o.count += a
    o.items[a] -= b
    z = ~a if a < b else not a
    if a in o.items and (a > b
                         or b):
        return a[b].name[1:2]
    while a < b < x:
        a += 1
    return o.first.second[z](y)


def calls(f, o, *args, **kwargs):
    f(o, 1, key=2)
    o.method(f)
    o.one(1).two(
        2,
    ).three()
    (o
     .attribute
     .method(f)
     .other)
    f(*args, **kwargs)
    return f"{o!r:>{f}} {o.x=}"


def statements(o, items):
    for key, value in items.pairs():
        o.key = key
        o[key] = value
        del o.key, o[value]
    first, *rest = items
    with o.manager() as m, o:
        raise ValueError(m) from None
    assert items, rest
    assert first
    raise


def handlers(f):
    try:
        f()
    except (KeyError, f.error) as e:
        raise
    except ValueError:
        return [x.y for x in f() if x > 1], {k: v for k, v in f}
    return (x for x in f)


@operators
@calls(1)
class Class(Base, metaclass=Meta):
    attribute: list[int] = value

    @property
    def method(self: "Class") -> Class:
        yield self.x
        yield from self
        return -self


unknown
