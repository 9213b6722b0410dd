from .both import kind
from . import both
