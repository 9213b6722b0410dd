//! Deep structures die without deep recursion.

use crate::prints;

#[test]
fn a_linked_list_of_a_million_nodes_is_dropped() {
    prints(
        "class Node:\n    def __init__(self, next):\n        self.next = next\n\
         n = None\nfor i in range(1_000_000):\n    n = Node(n)\n\
         n = None\nprint('dropped')",
        "dropped",
    );
}

#[test]
fn a_linked_list_of_a_million_nodes_is_left_for_the_end() {
    prints("n = None\nfor i in range(1_000_000):\n    n = [n]\nprint('end')", "end");
}

#[test]
fn a_cycle_of_a_million_nodes_is_collected() {
    prints(
        "import gc\nfirst = n = []\nfor i in range(1_000_000):\n    n = [n]\nfirst.append(n)\n\
         first = n = None\nprint(gc.collect() >= 1_000_000)",
        "True",
    );
}

#[test]
fn a_chain_of_generators_iterators_and_exceptions_is_dropped() {
    prints("g = iter([])\nfor i in range(300_000):\n    g = map(abs, g)\ng = None\nprint(1)", "1");
    prints(
        "e = None\nfor i in range(300_000):\n    n = ValueError()\n    n.__context__ = e\n    e = n\ne = n = None\nprint(1)",
        "1",
    );
}
