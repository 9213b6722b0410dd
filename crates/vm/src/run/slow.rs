//! Instructions done the general way: everything that calls, allocates more than a little, or fails.
//!
//! The frame's `pc` stands behind the instruction word; whoever finishes an instruction with cache or data words skips them.
//! Results are written last, and what they replace is dropped after that.

mod callback;
mod calls;
mod collect;
mod definitions;
mod displays;
mod exceptions;
mod items;
mod iterate;
mod names;
mod operands;
mod operators;
mod patterns;
mod resume;
mod star_calls;
mod unpack;
mod waiting;

use toy_code::{Instruction, Op};
use toy_object::Owned;

use crate::classes::ClassName;
use crate::frame::Frame;
use crate::native::Outcome;
use crate::thread::Vm;

/// What became of an instruction.
pub(crate) enum Performed {
    /// It is done; the top frame goes on, which may be another one.
    Done,
    /// The entry frame has returned this, or a generator that Rust code resumes has yielded it; the frame is gone.
    Returned(Owned),
}

impl Vm {
    /// The running frame.
    #[inline(always)]
    pub(crate) fn top(&self) -> &Frame {
        self.frames.running()
    }

    /// Does one instruction of the top frame.
    #[inline(never)]
    pub(super) fn perform(&mut self, instruction: Instruction) -> Outcome<Performed> {
        let Some(op) = instruction.op() else { return Err(self.raise(ClassName::SystemError, "unknown instruction")) };
        let done = match op {
            Op::ForIterator | Op::ForNext | Op::Yield | Op::AsyncYield | Op::Send | Op::ReturnConst => {
                return self.perform_move(op, instruction);
            }
            Op::Clear | Op::Jump | Op::Safepoint | Op::Return => unreachable!("the loop does these by itself"),
            Op::Unpack => self.perform_unpack(instruction),
            Op::UnpackStar => self.perform_unpack_star(instruction),
            Op::SetAdd | Op::DictSet | Op::ListAppend => self.perform_collect(instruction),
            Op::FormatValue
            | Op::BuildTuple
            | Op::BuildString
            | Op::BuildList
            | Op::BuildSet
            | Op::BuildDict
            | Op::BuildSlice
            | Op::ListAppendMany
            | Op::ListExtend
            | Op::ListToTuple
            | Op::SetUpdate
            | Op::DictUpdate
            | Op::DictMerge => self.perform_build(op, instruction),
            Op::MatchSequence
            | Op::MatchMapping
            | Op::MatchLength
            | Op::MatchKeys
            | Op::MatchClass
            | Op::CopyWithoutKeys => self.perform_match(op, instruction),
            Op::LoadConst
            | Op::Move
            | Op::CheckBound
            | Op::DeleteLocal
            | Op::MakeCell
            | Op::LoadCell
            | Op::StoreCell
            | Op::DeleteCell
            | Op::LoadFree
            | Op::StoreFree
            | Op::DeleteFree
            | Op::LoadClosure
            | Op::LoadGlobal
            | Op::StoreGlobal
            | Op::DeleteGlobal
            | Op::LoadName
            | Op::LoadNameOrCell
            | Op::StoreName
            | Op::DeleteName => self.perform_name(op, instruction),
            Op::Call | Op::CallKeywords | Op::CallStar | Op::CallMethod | Op::CallMethodKeywords => {
                self.perform_calling(op, instruction)
            }
            Op::GetItem
            | Op::GetItemConst
            | Op::SetItem
            | Op::SetItemConst
            | Op::DeleteItem
            | Op::GetAttribute
            | Op::SetAttribute
            | Op::DeleteAttribute
            | Op::GetAttributeBy
            | Op::SetAttributeBy
            | Op::DeleteAttributeBy
            | Op::GetMethod
            | Op::GetSuperMethod => self.perform_access(op, instruction),
            Op::GetIterator => self.perform_get_iterator(instruction),
            Op::GetYieldFromIterator | Op::GetAwaitable | Op::GetAsyncIterator | Op::GetAsyncNext | Op::EndAsyncFor => {
                self.perform_waiting(op, instruction)
            }
            Op::Catch
            | Op::EndCatch
            | Op::Raise
            | Op::RaiseFrom
            | Op::RaiseAgain
            | Op::Reraise
            | Op::JumpUnlessMatch
            | Op::MatchGroup
            | Op::CombineGroups
            | Op::WithEnter
            | Op::AsyncWithEnter
            | Op::WithExcept => self.perform_exception(op, instruction),
            Op::MakeFunction
            | Op::LoadBuildClass
            | Op::LoadAssertionError
            | Op::SetupAnnotations
            | Op::ImportName
            | Op::ImportFrom
            | Op::ImportStar
            | Op::MakeTypeParameter
            | Op::MakeTypeAlias => self.perform_definition(op, instruction),
            _ => self.perform_operator(op, instruction),
        };
        done.map(|()| Performed::Done)
    }

    /// What may go on in another frame. Apart, so that the others need not keep what these need.
    #[inline(never)]
    fn perform_move(&mut self, op: Op, instruction: Instruction) -> Outcome<Performed> {
        match op {
            Op::Yield => self.perform_yield(instruction, false),
            Op::AsyncYield => self.perform_yield(instruction, true),
            Op::Send => self.perform_send(instruction),
            Op::ReturnConst => {
                let value = self.constant(instruction.wide() as usize);
                Ok(self.finish_return(value)?.map_or(Performed::Done, Performed::Returned))
            }
            _ => self.perform_for(instruction),
        }
    }
}
