//! `Memory`: bytes that several processes see, as numbers of the types that `array` knows.

use toy_object::{Int, Owned, Payload, Ref};
use toy_process::Block;
use toy_vm::{Args, Outcome, Vm, natives};

use super::{block_of_handle, handle_of_block, length};
use crate::argument::{bytes, index_error, real, type_error};
use crate::class;

/// Full name of the class.
pub(super) const MEMORY: &str = "_multiprocessing.Memory";

struct Memory(Block);

impl Payload for Memory {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

natives! {
    /// The methods of `Memory`.
    pub(super) METHODS:
    static "__new__" ("size") "So many bytes, all zero." => |vm, args| {
        let size = length(vm, args.at(1))?;
        let block = Block::new(size).map_err(|error| vm.raise_os_error(&error, None))?;
        class::construct(vm, MEMORY, args.at(0), Memory(block))
    };
    class "_rebuild" ("descriptor, offset, length") "The bytes that another process has made." => |vm, args| {
        let block = block_of_handle(vm, args, 1)?;
        class::construct(vm, MEMORY, args.at(0), Memory(block))
    };
    method "_handle" ("") "Where it is found: a descriptor's number, and a place and a length there." => |vm, args| {
        let block = this(vm, args)?;
        handle_of_block(vm, block)
    };
    method "__len__" ("") "Number of bytes." => |vm, args| {
        let size = this(vm, args)?.len();
        Ok(vm.new_int_from_usize(size)?)
    };
    method "get" ("typecode, index, /") "The element of this type at an index." => get;
    method "set" ("typecode, index, value, /") "Change the element of this type at an index." => set;
    method "read" ("place, size, /") "A copy of bytes." => |vm, args| {
        let (place, size) = (length(vm, args.at(1))?, length(vm, args.at(2))?);
        let block = checked(vm, args, place, size)?;
        if !vm.has_room_for(size) {
            return Err(toy_object::OutOfMemory.into());
        }
        let mut copy = vec![0; size];
        block.read(place, &mut copy);
        Ok(vm.new_bytes(&copy)?)
    };
    method "write" ("place, data, /") "Change bytes." => |vm, args| {
        let (place, data) = (length(vm, args.at(1))?, bytes(vm, args.at(2))?);
        checked(vm, args, place, data.len())?.write(place, &data);
        Ok(Owned::none())
    };
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Block> {
    class::this::<Memory>(vm, args.at(0), MEMORY).map(|memory| &memory.0)
}

/// The block, if these bytes lie in it.
fn checked<'a>(vm: &mut Vm, args: Args<'a>, place: usize, size: usize) -> Outcome<&'a Block> {
    let block = this(vm, args)?;
    match place.checked_add(size) {
        Some(end) if end <= block.len() => Ok(block),
        _ => Err(index_error(vm, "invalid index")),
    }
}

/// How an element is stored.
#[derive(Clone, Copy)]
enum Element {
    Character,
    Signed(usize),
    Unsigned(usize),
    Float,
    Double,
}

impl Element {
    fn size(self) -> usize {
        match self {
            Self::Character => 1,
            Self::Signed(size) | Self::Unsigned(size) => size,
            Self::Float => 4,
            Self::Double => 8,
        }
    }
}

/// The letters of `array`, and `c` of `ctypes.c_char`.
const ELEMENTS: &[(&str, Element)] = &[
    ("c", Element::Character),
    ("b", Element::Signed(1)),
    ("B", Element::Unsigned(1)),
    ("h", Element::Signed(2)),
    ("H", Element::Unsigned(2)),
    ("i", Element::Signed(4)),
    ("I", Element::Unsigned(4)),
    ("l", Element::Signed(8)),
    ("L", Element::Unsigned(8)),
    ("q", Element::Signed(8)),
    ("Q", Element::Unsigned(8)),
    ("f", Element::Float),
    ("d", Element::Double),
];

/// The type, the place of the element, and the block it lies in.
fn element<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<(Element, usize, &'a Block)> {
    let letter = args.at(1).as_str().map(|letter| letter.to_string_lossy());
    let found = ELEMENTS.iter().find(|(name, _)| letter.as_deref() == Some(*name));
    let Some((_, element)) = found else { return Err(type_error(vm, "this type does not exist")) };
    let place = length(vm, args.at(2))?.saturating_mul(element.size());
    Ok((*element, place, checked(vm, args, place, element.size())?))
}

fn get(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (element, place, block) = element(vm, args)?;
    let mut stored = [0; 8];
    let stored = &mut stored[..element.size()];
    block.read(place, stored);
    Ok(match element {
        Element::Character => vm.new_bytes(stored)?,
        Element::Signed(_) => vm.new_int_from_bytes_le(stored, true)?,
        Element::Unsigned(_) => vm.new_int_from_bytes_le(stored, false)?,
        Element::Float => vm.new_float(f64::from(f32::from_le_bytes(stored.try_into().expect("four bytes"))))?,
        Element::Double => vm.new_float(f64::from_le_bytes(stored.try_into().expect("eight bytes")))?,
    })
}

fn set(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (element, place, block) = element(vm, args)?;
    let value = args.at(3);
    let mut stored = [0; 8];
    match element {
        Element::Character => stored[0] = character(vm, value)?,
        Element::Signed(_) | Element::Unsigned(_) => {
            let Some(number) = value.as_int() else {
                let got = vm.type_name(value);
                return Err(type_error(vm, format!("'{got}' object cannot be interpreted as an integer")));
            };
            stored = low_bytes(vm, number)?;
        }
        Element::Float => stored[..4].copy_from_slice(&(real(vm, value)? as f32).to_le_bytes()),
        Element::Double => stored = real(vm, value)?.to_le_bytes(),
    }
    block.write(place, &stored[..element.size()]);
    Ok(Owned::none())
}

/// The lowest 64 bits of an integer: as in C, numbers wrap around.
fn low_bytes(vm: &Vm, number: Int<'_>) -> Outcome<[u8; 8]> {
    if let Some(number) = number.to_i64() {
        return Ok(number.to_le_bytes());
    }
    let bytes = number.to_signed_bytes_le(vm.heap())?;
    let mut low = [bytes.last().map_or(0, |&last| if last >= 0x80 { 0xff } else { 0 }); 8];
    let count = bytes.len().min(8);
    low[..count].copy_from_slice(&bytes[..count]);
    Ok(low)
}

fn character(vm: &mut Vm, value: Ref<'_>) -> Outcome<u8> {
    let byte = match value.with_bytes(|bytes| if let [byte] = *bytes { Some(byte) } else { None }) {
        Some(byte) => byte,
        None => value.as_int().and_then(|number| number.to_i64()).and_then(|number| u8::try_from(number).ok()),
    };
    byte.ok_or_else(|| type_error(vm, "one character bytes, bytearray or integer expected"))
}
