from . import sibling
from ..top import value

found = (__name__, __package__, __spec__.name, __spec__.parent, sibling.__name__, value)
