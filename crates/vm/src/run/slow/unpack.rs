//! Unpacking into consecutive registers.

use smallvec::SmallVec;
use toy_code::Instruction;
use toy_object::{Name, Owned, Ref, ShapeId};

use crate::classes::ClassName;
use crate::frame::taken;
use crate::native::Outcome;
use crate::run::registers::Registers;
use crate::thread::Vm;

impl Vm {
    /// The elements of an iterable for unpacking, at most `most` and one more.
    fn unpack_items(&mut self, iterable: Ref<'_>, most: usize) -> Outcome<SmallVec<[Owned; 8]>> {
        if let Some(list) = iterable.as_list().filter(|_| iterable.shape() == ShapeId::LIST) {
            return Ok((0..list.len().min(most + 1)).filter_map(|index| list.get(index)).collect());
        }
        if let Some(tuple) = iterable.as_tuple().filter(|_| iterable.shape() == ShapeId::TUPLE) {
            return Ok(tuple.iter().take(most + 1).map(Ref::to_owned).collect());
        }
        let is_iterable = self.lookup_special(iterable, Name::Iter).is_some()
            || self.lookup_special(iterable, Name::GetItem).is_some();
        if !is_iterable {
            let message = format!("cannot unpack non-iterable {} object", self.type_name(iterable));
            return Err(self.raise(ClassName::TypeError, message));
        }
        let iterator = self.get_iterator(iterable)?;
        let mut items = SmallVec::new();
        while items.len() <= most {
            match self.next(iterator.get())? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        Ok(items)
    }

    /// The tuple that an instance of a subclass stands for, if that is what its class iterates over.
    fn tuple_inside(&self, instance: Ref<'_>) -> Option<Owned> {
        let tuple = toy_object::wrapped(instance).filter(|inner| inner.shape() == ShapeId::TUPLE)?;
        let method = self.lookup_special(instance, Name::Iter)?;
        self.is_of_wrapped(method.get(), Name::Iter, instance).then(|| tuple.to_owned())
    }

    /// Writes consecutive registers; what they held is dropped, in order.
    fn finish_range(&mut self, first: u16, values: impl IntoIterator<Item = Owned>) {
        let registers = Registers(self.top().base);
        for (register, value) in (first as usize..).zip(values) {
            drop(taken(registers.replace(register, value.into_value())));
        }
    }

    #[inline(never)]
    pub(in crate::run) fn perform_unpack(&mut self, instruction: Instruction) -> Outcome<()> {
        let (first, wanted) = (instruction.a(), instruction.c() as usize);
        let mut iterable = self.operand(instruction, 1);
        if iterable.get().shape() == ShapeId::LIST {
            // Nothing that is dropped on the way runs script code, so a list keeps its items meanwhile.
            if let Some(list) = iterable.get().as_list().filter(|list| list.len() == wanted) {
                self.finish_range(first, (0..wanted).filter_map(|index| list.get(index)));
                return Ok(());
            }
        } else {
            if iterable.get().shape() != ShapeId::TUPLE
                && let Some(tuple) = self.tuple_inside(iterable.get())
            {
                iterable = tuple;
            }
            let is_tuple = iterable.get().shape() == ShapeId::TUPLE;
            if let Some(tuple) = iterable.get().as_tuple().filter(|tuple| is_tuple && tuple.len() == wanted) {
                self.finish_range(first, tuple.iter().map(Ref::to_owned));
                return Ok(());
            }
        }
        let items = self.unpack_items(iterable.get(), wanted)?;
        if items.len() != wanted {
            let got = items.len();
            let message = if got < wanted {
                format!("not enough values to unpack (expected {wanted}, got {got})")
            } else {
                format!("too many values to unpack (expected {wanted})")
            };
            return Err(self.raise(ClassName::ValueError, message));
        }
        drop(iterable);
        self.finish_range(first, items);
        Ok(())
    }

    #[inline(never)]
    pub(in crate::run) fn perform_unpack_star(&mut self, instruction: Instruction) -> Outcome<()> {
        let counts = self.data_word();
        let (before, after) = (counts as u32 as usize, (counts >> 32) as usize);
        let iterable = self.operand(instruction, 1);
        let mut items = self.unpack_items(iterable.get(), usize::MAX - 1)?.into_vec();
        if items.len() < before + after {
            let message =
                format!("not enough values to unpack (expected at least {}, got {})", before + after, items.len());
            return Err(self.raise(ClassName::ValueError, message));
        }
        let last = items.split_off(items.len() - after);
        let middle = items.split_off(before);
        let middle = self.new_list(middle)?;
        self.skip(1);
        drop(iterable);
        self.finish_range(instruction.a(), items.into_iter().chain(std::iter::once(middle)).chain(last));
        Ok(())
    }
}
