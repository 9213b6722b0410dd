//! Displays of lists, tuples, sets, dicts and slices; comprehensions; text building.

use toy_code::{Instruction, Op, flag};
use toy_object::{Heap, Name, OutOfMemory, Owned, Ref, ShapeId, Value};

use crate::classes::ClassName;
use crate::frame::{borrowed, taken};
use crate::native::Outcome;
use crate::protocol::Repeated;
use crate::thread::Vm;

impl Vm {
    #[inline(never)]
    pub(in crate::run) fn perform_build(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let (a, b, c) = (instruction.a(), instruction.b(), instruction.c() as usize);
        let result = match op {
            Op::BuildTuple => self.build_of_registers(b, c, |heap, items| {
                // SAFETY: the counts in the registers are given away.
                unsafe { heap.new_tuple_from_values(items) }
            })?,
            Op::BuildList => self.build_of_registers(b, c, |heap, items| {
                // SAFETY: as above.
                unsafe { heap.new_list_from_values(items) }
            })?,
            Op::BuildSet => {
                let set = self.new_set()?;
                for place in 0..c {
                    let item = self.take_register(b + place as u16);
                    self.set_add(set.get(), item.get())?;
                }
                set
            }
            Op::BuildDict => {
                let dict = self.new_dict()?;
                for pair in 0..c {
                    let place = b + 2 * pair as u16;
                    let (key, value) = (self.take_register(place), self.take_register(place + 1));
                    self.dict_set(dict.get(), key.get(), value.get())?;
                }
                dict
            }
            Op::BuildSlice => {
                let (start, stop) = (self.take_register(b), self.take_register(b + 1));
                let step = if c == 3 { self.take_register(b + 2) } else { Owned::none() };
                self.new_slice(start, stop, step)?
            }
            Op::BuildString => self.build_string(b, c)?,
            Op::FormatValue => self.format_operand(instruction)?,
            Op::ListToTuple => {
                let list = self.operand(instruction, 1);
                let items = self.collect(list.get())?;
                self.new_tuple(items)?
            }
            Op::ListAppendMany => {
                let (list, items) = (self.register(a), self.take_range(b, c));
                if let Some(list) = list.get().as_list() {
                    list.extend(self.heap(), items)?;
                }
                return Ok(());
            }
            Op::ListExtend => {
                let (list, iterable) = (self.register(a), self.operand(instruction, 1));
                let is_iterable = self.lookup_special(iterable.get(), Name::Iter).is_some()
                    || self.lookup_special(iterable.get(), Name::GetItem).is_some();
                if !is_iterable {
                    let message = format!("Value after * must be an iterable, not {}", self.type_name(iterable.get()));
                    return Err(self.raise(ClassName::TypeError, message));
                }
                let items = self.collect(iterable.get())?;
                if let Some(list) = list.get().as_list() {
                    list.extend(self.heap(), items)?;
                }
                return Ok(());
            }
            Op::SetUpdate => {
                let (set, iterable) = (self.register(a), self.operand(instruction, 1));
                self.set_update(set.get(), iterable.get())?;
                return Ok(());
            }
            Op::DictUpdate => {
                let (dict, mapping) = (self.register(a), self.operand(instruction, 1));
                if self.is_plain_dict(mapping.get()) {
                    return self.dict_merge(dict.get(), mapping.get());
                }
                let updated = self.dict_update_by_keys(dict.get(), mapping.get(), Repeated::Replaced);
                return match updated {
                    // Whoever raised it: a mapping has `keys`, and what goes with it.
                    Err(_) if self.raised_is(ClassName::AttributeError) => {
                        drop(self.take_raised());
                        let message = format!("'{}' object is not a mapping", self.type_name(mapping.get()));
                        Err(self.raise(ClassName::TypeError, message))
                    }
                    updated => updated,
                };
            }
            Op::DictMerge => return self.merge_keywords(instruction),
            _ => unreachable!("not a building instruction"),
        };
        self.finish(a, result);
        Ok(())
    }

    /// Makes an object of the contents of consecutive registers, which it takes over.
    fn build_of_registers(
        &mut self,
        first: u16,
        count: usize,
        make: impl FnOnce(&Heap, &[Value]) -> Result<Owned, OutOfMemory>,
    ) -> Outcome {
        let start = self.top().base.wrapping_add(first as usize);
        // SAFETY: the instruction names registers of the running frame.
        let registers = unsafe { std::slice::from_raw_parts_mut(start, count) };
        let made = make(self.heap(), registers);
        registers.fill(Value::UNBOUND);
        Ok(made?)
    }

    /// The texts in consecutive registers, one behind the other.
    fn build_string(&mut self, first: u16, count: usize) -> Outcome {
        let start = self.top().base.wrapping_add(first as usize);
        // SAFETY: the instruction names registers of the running frame.
        let registers = unsafe { std::slice::from_raw_parts_mut(start, count) };
        let heap = self.heap();
        let empty = heap.empty_str();
        let joined = match empty.get().as_str() {
            Some(nothing) => nothing.join_refs(heap, registers.iter().map(|&part| borrowed(part))),
            None => unreachable!("the empty string is one"),
        };
        for part in registers {
            drop(taken(std::mem::replace(part, Value::UNBOUND)));
        }
        match joined? {
            Ok(text) => Ok(text),
            Err(_) => Err(self.raise(ClassName::SystemError, "an f-string is made of strings")),
        }
    }

    fn format_operand(&mut self, instruction: Instruction) -> Outcome {
        let value = self.operand(instruction, 1);
        let conversion = (instruction.flags() & flag::CONVERSION_MASK) >> flag::CONVERSION_SHIFT;
        let converted = match conversion {
            1 => self.str(value.get())?,
            2 => self.repr(value.get())?,
            3 => self.ascii(value.get())?,
            _ => value,
        };
        if instruction.flags() & flag::HAS_SPEC != 0 {
            let spec = self.operand(instruction, 2);
            return self.format(converted.get(), spec.get());
        }
        if converted.get().as_exact_str().is_some() {
            return Ok(converted);
        }
        if let Some(number) = converted.value().as_small_int() {
            return Ok(self.new_decimal(number)?);
        }
        let empty = self.empty_str();
        self.format(converted.get(), empty.get())
    }

    /// The pairs of a mapping; `None` if it has no `keys`.
    pub(in crate::run) fn mapping_items(&mut self, mapping: Ref<'_>) -> Outcome<Option<Vec<(Owned, Owned)>>> {
        if (mapping.shape() == ShapeId::DICT || self.is_plain_dict_subclass(mapping))
            && let Some(dict) = mapping.as_dict()
        {
            let mut pairs = Vec::with_capacity(dict.len());
            let mut position = 0;
            while let Some((index, key, value)) = dict.entry_from(position) {
                pairs.push((key, value));
                position = index + 1;
            }
            return Ok(Some(pairs));
        }
        let keys_name = self.name(Name::Keys).to_owned();
        let Some(keys) = self.find_attribute(mapping, keys_name.get())? else { return Ok(None) };
        let keys = self.call(keys.get(), &[])?;
        let mut pairs = Vec::new();
        for key in self.collect(keys.get())? {
            let value = self.get_item(mapping, key.get())?;
            pairs.push((key, value));
        }
        Ok(Some(pairs))
    }
}
