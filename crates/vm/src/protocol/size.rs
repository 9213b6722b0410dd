//! How much memory an object takes: what `__sizeof__` says.

use toy_object::{Kind, Ref};

use crate::thread::Vm;

impl Vm {
    /// The size of an object: its block and, as far as it is known, what belongs to it alone.
    pub fn size_of(&self, object: Ref<'_>) -> usize {
        const HEADER: usize = 8;
        const WORD: usize = 8;
        let own = match self.kind_of(object) {
            Kind::Str => object.as_str().map_or(0, |text| 2 * WORD + text.len() * text.width()),
            Kind::Bytes => object.as_bytes().map_or(0, |bytes| 2 * WORD + bytes.len()),
            Kind::ByteArray => object.as_byte_array().map_or(0, |bytes| 3 * WORD + bytes.len()),
            Kind::List => object.as_list().map_or(0, |list| 3 * WORD + list.len() * WORD),
            Kind::Tuple => object.as_tuple().map_or(0, |tuple| WORD + tuple.len() * WORD),
            // Hash, key, value, and an index that is at most two thirds full.
            Kind::Dict => object.as_dict().map_or(0, |dict| 6 * WORD + dict.len() * (3 * WORD + 6)),
            Kind::Set | Kind::FrozenSet => object.as_set().map_or(0, |set| 5 * WORD + set.len() * 4 * WORD),
            Kind::Int => object.as_int().map_or(0, |int| (int.bit_length() as usize).div_ceil(8 * WORD) * WORD),
            Kind::Instance => WORD + self.shape(object.shape()).capacity() * WORD,
            _ => 2 * WORD,
        };
        HEADER + own
    }
}
