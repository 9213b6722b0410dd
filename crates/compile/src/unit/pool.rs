//! Pools: each constant and each name of a code object is stored once.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use toy_code::Constant;

/// Names in order of first use.
#[derive(Default)]
pub(crate) struct NamePool {
    index: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl NamePool {
    /// The index of `name`, added if it is new.
    pub(crate) fn intern(&mut self, name: &str) -> u32 {
        if let Some(&index) = self.index.get(name) {
            return index;
        }
        let index = self.names.len() as u32;
        self.names.push(name.into());
        self.index.insert(name.into(), index);
        index
    }

    pub(crate) fn into_names(self) -> Vec<Box<str>> {
        self.names
    }
}

/// Constants in order of first use.
#[derive(Default)]
pub(crate) struct ConstantPool {
    index: HashMap<Identical, u32>,
    constants: Vec<Constant>,
}

impl ConstantPool {
    /// The index of `constant`, added if no identical one is there.
    pub(crate) fn intern(&mut self, constant: Constant) -> u32 {
        let key = Identical(constant);
        if let Some(&index) = self.index.get(&key) {
            return index;
        }
        let index = self.constants.len() as u32;
        self.constants.push(key.0.clone());
        self.index.insert(key, index);
        index
    }

    pub(crate) fn into_constants(self) -> Vec<Constant> {
        self.constants
    }
}

/// A constant compared by kind and bits: `0.0` is not `-0.0`, a NaN is itself.
struct Identical(Constant);

impl PartialEq for Identical {
    fn eq(&self, other: &Self) -> bool {
        identical(&self.0, &other.0)
    }
}

impl Eq for Identical {}

impl Hash for Identical {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.0, state);
    }
}

fn identical(left: &Constant, right: &Constant) -> bool {
    match (left, right) {
        (Constant::Float(left), Constant::Float(right)) => left.to_bits() == right.to_bits(),
        (Constant::Tuple(left), Constant::Tuple(right)) | (Constant::FrozenSet(left), Constant::FrozenSet(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| identical(left, right))
        }
        _ => left == right,
    }
}

fn hash<H: Hasher>(constant: &Constant, state: &mut H) {
    std::mem::discriminant(constant).hash(state);
    match constant {
        Constant::None | Constant::Ellipsis => {}
        Constant::Bool(value) => value.hash(state),
        Constant::Integer(value) => value.hash(state),
        Constant::BigInteger(digits) => digits.hash(state),
        Constant::Float(value) => value.to_bits().hash(state),
        Constant::Text(text) => text.hash(state),
        Constant::Bytes(bytes) => bytes.hash(state),
        Constant::Tuple(items) | Constant::FrozenSet(items) => {
            items.len().hash(state);
            items.iter().for_each(|item| hash(item, state));
        }
    }
}
