//! Any graph of values, with parts that are shared and parts that hold themselves, is read as it was written.

use std::collections::HashMap;

use crate::wire::{Event, Limits, Reader, Writer};

/// A value; those that it holds are named by their places in the graph.
#[derive(Clone, PartialEq, Debug)]
enum Node {
    None,
    Int(i64),
    Str(String),
    Bytes(Vec<u8>),
    Global(String, String),
    List(Vec<usize>),
    Dict(Vec<usize>),
    Set(Vec<usize>),
    Tuple(Vec<usize>),
    FrozenSet(Vec<usize>),
    /// The class, the arguments, and the state if it has one.
    Object(usize, usize, Option<usize>),
}

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// A graph. What is made full holds only what stands before it, or what can be remembered while it is empty.
fn graph(chance: &mut Chance) -> Vec<Node> {
    let size = 1 + chance.below(30);
    let is_made_full: Vec<bool> = (0..size).map(|_| chance.below(3) == 0).collect();
    let mut nodes = Vec::new();
    for place in 0..size {
        let node = if is_made_full[place] {
            let mut held = some(chance, size);
            held.retain(|&other| other < place || !is_made_full[other]);
            match chance.below(2) {
                0 => Node::Tuple(held),
                _ => Node::FrozenSet(held),
            }
        } else {
            match chance.below(9) {
                0 => Node::None,
                1 => Node::Int((chance.below(usize::MAX) as u64).cast_signed() >> chance.below(64)),
                2 => Node::Str("käse☃🐍".chars().cycle().take(chance.below(200)).collect()),
                3 => Node::Bytes(vec![chance.below(256) as u8; chance.below(300)]),
                4 => Node::Global("module".to_owned(), format!("Class{}", chance.below(3))),
                5 => Node::List(some(chance, size)),
                6 => Node::Set(some(chance, size)),
                7 => {
                    let mut held = some(chance, size);
                    held.truncate(held.len() / 2 * 2);
                    Node::Dict(held)
                }
                _ => Node::List(vec![place]),
            }
        };
        nodes.push(node);
    }
    // Objects: their classes and arguments must be whole before they are, so they come from behind.
    let class = nodes.len();
    nodes.push(Node::Global("module".to_owned(), "Class".to_owned()));
    let arguments = nodes.len();
    nodes.push(Node::Tuple(vec![class]));
    for node in nodes.iter_mut().filter(|node| **node == Node::None) {
        let state = chance.below(2 * size);
        *node = Node::Object(class, arguments, (state < size).then_some(state));
    }
    nodes
}

/// Some of the places below `size`, some of them twice.
fn some(chance: &mut Chance, size: usize) -> Vec<usize> {
    let count = chance.below(6);
    (0..count).map(|_| chance.below(size)).collect()
}

/// Writes values as a pickler does.
struct Walk<'a> {
    nodes: &'a [Node],
    writer: Writer,
    memo: HashMap<usize, u64>,
    /// How many values turned out to hold themselves when they were to be made.
    popped: usize,
}

impl Walk<'_> {
    fn remember(&mut self, place: usize) {
        let number = self.writer.remember();
        self.memo.insert(place, number);
    }

    /// Writes the value, or recalls it.
    fn write(&mut self, place: usize) {
        if let Some(&number) = self.memo.get(&place) {
            return self.writer.recall(number);
        }
        let nodes = self.nodes;
        match &nodes[place] {
            Node::None => self.writer.none(),
            Node::Int(value) => self.writer.int(*value),
            Node::Str(text) => self.writer.str(text),
            Node::Bytes(bytes) => self.writer.bytes(bytes),
            Node::Global(module, name) => self.writer.global(module, name),
            Node::List(held) => {
                self.writer.empty_list();
                self.remember(place);
                let count = self.write_all(held);
                self.writer.append(count);
            }
            Node::Dict(held) => {
                self.writer.empty_dict();
                self.remember(place);
                let count = self.write_all(held);
                self.writer.set_items(count / 2);
            }
            Node::Set(held) => {
                self.writer.empty_set();
                self.remember(place);
                let count = self.write_all(held);
                self.writer.add_items(count);
            }
            Node::Tuple(held) => self.write_full(place, held, Writer::tuple),
            Node::FrozenSet(held) => self.write_full(place, held, Writer::frozen_set),
            Node::Object(class, arguments, state) => {
                self.write(*class);
                self.write(*arguments);
                self.writer.new_object();
                self.remember(place);
                if let Some(state) = state {
                    self.write(*state);
                    self.writer.build();
                }
            }
        }
    }

    fn write_all(&mut self, held: &[usize]) -> u64 {
        held.iter().for_each(|&other| self.write(other));
        held.len() as u64
    }

    /// Writes what is made full: on the way it may turn out that it held itself, and is written.
    fn write_full(&mut self, place: usize, held: &[usize], make: fn(&mut Writer, u64)) {
        let count = self.write_all(held);
        if let Some(&number) = self.memo.get(&place) {
            self.popped += 1;
            self.writer.pop(count);
            return self.writer.recall(number);
        }
        make(&mut self.writer, count);
        self.remember(place);
    }
}

/// Reads values: the graph, and the place of the first.
fn read(bytes: &[u8]) -> (Vec<Node>, usize) {
    let mut nodes: Vec<Node> = Vec::new();
    let mut stack: Vec<usize> = Vec::new();
    let mut memo = Vec::new();
    for event in Reader::new(bytes, Limits::default()).expect("it begins well") {
        let event = event.expect("it makes sense");
        let mut take = |count: u64| stack.split_off(stack.len() - count as usize);
        let made = match event {
            Event::None => Node::None,
            Event::Int(value) => Node::Int(value),
            Event::Str(text) => Node::Str(text.to_owned()),
            Event::Bytes(bytes) => Node::Bytes(bytes.to_owned()),
            Event::Global(module, name) => Node::Global(module.to_owned(), name.to_owned()),
            Event::EmptyList => Node::List(Vec::new()),
            Event::EmptyDict => Node::Dict(Vec::new()),
            Event::EmptySet => Node::Set(Vec::new()),
            Event::Tuple(count) => Node::Tuple(take(count)),
            Event::FrozenSet(count) => Node::FrozenSet(take(count)),
            Event::NewObject => {
                let taken = take(2);
                Node::Object(taken[0], taken[1], None)
            }
            Event::Append(count) | Event::AddItems(count) => {
                let taken = take(count);
                fill(&mut nodes[stack[stack.len() - 1]], taken);
                continue;
            }
            Event::SetItems(count) => {
                let taken = take(2 * count);
                fill(&mut nodes[stack[stack.len() - 1]], taken);
                continue;
            }
            Event::Build => {
                let taken = take(1);
                let Node::Object(_, _, state) = &mut nodes[stack[stack.len() - 1]] else { panic!("it is an object") };
                *state = Some(taken[0]);
                continue;
            }
            Event::Remember => {
                memo.push(stack[stack.len() - 1]);
                continue;
            }
            Event::Recall(number) => {
                stack.push(memo[number as usize]);
                continue;
            }
            Event::Pop(count) => {
                take(count);
                continue;
            }
            Event::Stop => return (nodes, stack[0]),
            other => panic!("{other:?} was not written"),
        };
        stack.push(nodes.len());
        nodes.push(made);
    }
    panic!("there is no end");
}

fn fill(node: &mut Node, taken: Vec<usize>) {
    match node {
        Node::List(held) | Node::Dict(held) | Node::Set(held) => held.extend(taken),
        other => panic!("{other:?} cannot be filled"),
    }
}

/// The graph as it is seen from one of its values: each named by when it was first met, those that have no identity by each time.
fn seen_from(nodes: &[Node], place: usize) -> Vec<Node> {
    let mut names = HashMap::from([(place, 0)]);
    let mut met = vec![place];
    let mut seen = Vec::new();
    while let Some(&place) = met.get(seen.len()) {
        let mut node = nodes[place].clone();
        let rename = |other: &mut usize| {
            let name = if has_identity(&nodes[*other]) { *names.entry(*other).or_insert(met.len()) } else { met.len() };
            if name == met.len() {
                met.push(*other);
            }
            *other = name;
        };
        match &mut node {
            Node::List(held) | Node::Dict(held) | Node::Set(held) | Node::Tuple(held) | Node::FrozenSet(held) => {
                held.iter_mut().for_each(rename);
            }
            Node::Object(class, arguments, state) => [class, arguments].into_iter().chain(state).for_each(rename),
            Node::None | Node::Int(_) | Node::Str(_) | Node::Bytes(_) | Node::Global(..) => {}
        }
        seen.push(node);
    }
    seen
}

/// Whether it is told from its equals: the walk remembers only such values.
fn has_identity(node: &Node) -> bool {
    !matches!(node, Node::None | Node::Int(_) | Node::Str(_) | Node::Bytes(_) | Node::Global(..))
}

#[test]
fn any_graph_comes_back() {
    let mut popped = 0;
    for seed in 1..=3000 {
        let mut chance = Chance(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15));
        (0..10).for_each(|_| _ = chance.below(2));
        let nodes = graph(&mut chance);
        let first = chance.below(nodes.len());
        let mut walk = Walk { nodes: &nodes, writer: Writer::new(), memo: HashMap::new(), popped: 0 };
        walk.write(first);
        popped += walk.popped;
        let bytes = walk.writer.into_bytes().expect("it is short");
        let (read, place) = read(&bytes);
        assert_eq!(seen_from(&read, place), seen_from(&nodes, first), "seed {seed}");
    }
    assert!(popped > 100, "few tuples held themselves: {popped}");
}
