//! What instructions read and write of the running frame: registers, constants, data words, the place that goes on.

use toy_code::{Instruction, flag};
use toy_object::{Owned, Value};

use crate::frame::{self, taken};
use crate::run::registers::word;
use crate::thread::Vm;

impl Vm {
    /// The content of a `Read` operand (0 is `a`): moved out if it is consumed, else counted.
    pub(in crate::run) fn operand(&mut self, instruction: Instruction, operand: u8) -> Owned {
        let register = match operand {
            0 => instruction.a(),
            1 => instruction.b(),
            _ => instruction.c(),
        };
        let frame = self.top();
        if Self::consumes(instruction, operand) {
            taken(frame.replace(register as isize, Value::UNBOUND))
        } else {
            frame::owned(frame.register(register as isize))
        }
    }

    pub(crate) fn register(&self, index: u16) -> Owned {
        frame::owned(self.top().register(index as isize))
    }

    /// Takes a register's content out.
    pub(in crate::run) fn take_register(&self, index: u16) -> Owned {
        taken(self.top().replace(index as isize, Value::UNBOUND))
    }

    /// Takes the contents of consecutive registers out.
    pub(in crate::run) fn take_range(&self, first: u16, count: usize) -> Vec<Owned> {
        (first as usize..first as usize + count).map(|index| self.take_register(index as u16)).collect()
    }

    /// Writes the result; what the register held is dropped.
    pub(crate) fn finish(&mut self, register: u16, value: Owned) {
        let old = self.top().replace(register as isize, value.into_value());
        drop(taken(old));
    }

    /// Steps over cache or data words.
    pub(in crate::run) fn skip(&mut self, words: usize) {
        let behind = self.top().pc.wrapping_add(words);
        self.frames.go_on_at(behind);
    }

    pub(crate) fn jump(&mut self, distance: isize) {
        let there = self.top().pc.wrapping_offset(distance);
        self.frames.go_on_at(there);
    }

    /// The data word behind the instruction.
    pub(in crate::run) fn data_word(&self) -> u64 {
        word(self.top().pc)
    }

    pub(in crate::run) fn constant(&self, index: usize) -> Owned {
        frame::owned(self.top().code().constant_values()[index])
    }

    pub(in crate::run) fn jump_if(&mut self, instruction: Instruction, condition: bool, distance: isize) {
        if condition == (instruction.flags() & flag::JUMP_IF_TRUE != 0) {
            self.jump(distance);
        }
    }
}
