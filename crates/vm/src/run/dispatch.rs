//! The dispatch loop.
//!
//! State lives in locals: `pc`, `registers`, `constants`, `limit`. A handler makes no calls; it answers with a [`Step`], and
//! what is rare happens behind the `match`.
//!
//! | local | meaning |
//! |---|---|
//! | `pc` | the instruction that runs; between two, the last word of the one that has run |
//! | `limit` | where `pc` would stand on straight-line code when the budget ends |
//!
//! `limit - pc` is therefore the number of instructions left: a taken jump adds its distance to both, words that are not
//! counted (caches) are added to `limit` as they are skipped, a call carries the difference over.

use std::cell::Cell;
use std::ptr::NonNull;

use toy_code::{Instruction, Op, SAFEPOINT_DISTANCE, flag};
use toy_object::{CodeObject, Header, ShapeId, Value};

use super::quick::{
    append_within_capacity, begin_construction, code_of, list_item, load_cell, load_free, load_global, next_of_range,
    next_of_sequence, quick_truth, set_list_item, slot_of,
};
use super::registers::{
    Registers, bury, cache, consume_living, element, flags, header, operand, operation, release, retain, shape, wide,
    word,
};
use super::slow::Performed;
use super::{Exit, number};
use crate::frame::{Frame, FrameKind, function_of, taken};
use crate::probe::Probe;
use crate::thread::Vm;

const WORD: usize = size_of::<u64>();
const FAST_DISTANCE: usize = SAFEPOINT_DISTANCE * WORD;

/// What a handler answers.
enum Step {
    /// The instruction is done; these objects have lost their last owner.
    Bury(Option<NonNull<Header>>, Option<NonNull<Header>>),
    /// The instruction has not begun: do it the general way.
    Slow,
    /// Call the native in this register with that many arguments behind it.
    Native(u16, usize),
    /// The instruction is done, and it is a place to look at the budget.
    Safepoint,
    /// The top frame has returned this to a frame that is not simply waiting for it, or to Rust.
    Return(Value),
}

/// Runs the top frame and what it calls until the entry frame below it returns, something is raised, or the budget's
/// segment is used up.
pub(super) fn dispatch<P: Probe, const EXACT: bool>(vm: &mut Vm, probe: &mut P) -> Exit {
    let heap = vm.heap();
    let mut pc: *const Cell<u64>;
    let mut registers: Registers;
    let mut constants: *const Value;
    let mut limit: usize;

    macro_rules! load_state {
        () => {{
            // SAFETY: a frame runs.
            let frame = unsafe { vm.frames.top() };
            pc = frame.pc.wrapping_sub(1);
            registers = Registers(frame.base);
            constants = frame.code().constant_values().as_ptr();
            let segment = vm.segment();
            vm.budget_at_limit = vm.budget - segment;
            limit = (pc as usize).wrapping_add(segment as usize * WORD);
        }};
    }
    macro_rules! save_state {
        () => {{
            vm.budget = vm.budget_at_limit + (limit.wrapping_sub(pc as usize) as isize / WORD as isize) as i64;
            // SAFETY: a frame runs.
            unsafe { vm.frames.top() }.pc = pc.wrapping_add(1);
        }};
    }
    macro_rules! skip_words {
        ($count:expr) => {{
            pc = pc.wrapping_add($count);
            limit = limit.wrapping_add($count * WORD);
        }};
    }

    load_state!();
    if !EXACT && limit.wrapping_sub(pc as usize) < FAST_DISTANCE {
        // Too little for the fast loop, but enough of a budget: a shorter segment cannot be.
        return Exit::Safepoint;
    }
    loop {
        if EXACT {
            if pc as usize >= limit {
                save_state!();
                return Exit::Safepoint;
            }
            if P::LISTENS {
                save_state!();
                let frame = &vm.frames[vm.frames.len() - 1];
                probe.instruction(frame.code(), frame.word_index());
            }
        }
        pc = pc.wrapping_add(1);
        // SAFETY: the code is verified: every word that `pc` comes to is an instruction of the table.
        let op: Op = unsafe { std::mem::transmute::<u8, Op>(operation(pc)) };
        // Operands are read from the code where they are needed: taken out of one loaded word, each would cost two shifts.
        macro_rules! a {
            () => {
                operand::<1>(pc)
            };
        }
        macro_rules! b {
            () => {
                operand::<2>(pc)
            };
        }
        macro_rules! c {
            () => {
                operand::<3>(pc)
            };
        }
        macro_rules! flags {
            () => {
                flags(pc)
            };
        }
        macro_rules! wide {
            () => {
                wide(pc)
            };
        }

        macro_rules! write {
            ($value:expr) => {{
                let old = registers.replace(a!(), $value);
                match release(old) {
                    None => continue,
                    victim => Step::Bury(victim, None),
                }
            }};
        }
        // As `write!`, by an instruction with this many cache words.
        macro_rules! write_and_skip {
            ($value:expr, $count:expr) => {{
                let old = registers.replace(a!(), $value);
                skip_words!($count);
                match release(old) {
                    None => continue,
                    victim => Step::Bury(victim, None),
                }
            }};
        }
        macro_rules! jump {
            ($distance:expr) => {{
                let distance = $distance as isize;
                pc = pc.wrapping_offset(distance);
                limit = limit.wrapping_add_signed(distance * WORD as isize);
                if distance < 0 && limit.wrapping_sub(pc as usize) < FAST_DISTANCE && !EXACT {
                    Step::Safepoint
                } else {
                    continue;
                }
            }};
        }
        macro_rules! arithmetic {
            ($function:ident, $right:expr) => {
                match number::$function(registers.get(b!()), $right) {
                    Some(result) => write!(result),
                    None => Step::Slow,
                }
            };
        }
        macro_rules! constant_arithmetic {
            ($function:ident) => {
                arithmetic!($function, element(constants, c!() as usize))
            };
        }
        macro_rules! comparison {
            ($test:tt) => {
                match number::compare(registers.get(b!()), registers.get(c!()), |x, y| x $test y, |x, y| x $test y) {
                    Some(truth) => write!(Value::bool(truth)),
                    None => Step::Slow,
                }
            };
        }
        macro_rules! compare_and_jump {
            ($test:tt, $right:expr) => {
                match number::compare(registers.get(a!()), $right, |x, y| x $test y, |x, y| x $test y) {
                    Some(truth) => {
                        if truth == (flags!() & flag::JUMP_IF_TRUE != 0) {
                            jump!((c!() as i16))
                        } else {
                            continue;
                        }
                    }
                    None => Step::Slow,
                }
            };
        }
        macro_rules! identity {
            ($wanted:expr) => {{
                let (left, right) = (registers.get(b!()), registers.get(c!()));
                let is_done = match flags!() & (flag::CONSUME_B | flag::CONSUME_C) {
                    0 => true,
                    flag::CONSUME_B => consume_living(registers, b!()),
                    flag::CONSUME_C => consume_living(registers, c!()),
                    _ => false,
                };
                if is_done { write!(Value::bool((left == right) == $wanted)) } else { Step::Slow }
            }};
        }
        macro_rules! leave {
            ($value:expr) => {{
                let value = $value;
                // SAFETY: a frame runs.
                let frame = *unsafe { vm.frames.top() };
                // Comparisons, not a `match`: a table of jumps would be predicted badly.
                let is_call = frame.kind == FrameKind::Call;
                let is_plain = is_call || (frame.kind == FrameKind::Init && value.is_none());
                if is_plain && frame.object.is_unbound() {
                    let mut dying = None;
                    for local in 0..frame.code().layout().local_count as u16 {
                        let old = registers.get(local);
                        if old.is_pointer() {
                            registers.set(local, Value::UNBOUND);
                            if let Some(victim) = release(old) {
                                bury(heap, victim);
                                dying = Some(());
                            }
                        }
                    }
                    let function = registers.function();
                    Registers(frame.base.wrapping_sub(1)).set(0, Value::UNBOUND);
                    let function_victim = release(function);
                    let result = if is_call { value } else { frame.link };
                    // SAFETY: a frame of these kinds was pushed upon its caller's.
                    let caller = unsafe { vm.frames.pop_to_caller() };
                    let before = caller.pc.wrapping_sub(1);
                    limit = (before as usize).wrapping_add(limit.wrapping_sub(pc as usize));
                    pc = before;
                    registers = Registers(caller.base);
                    constants = caller.code().constant_values().as_ptr();
                    let old = registers.replace(frame.destination, result);
                    let victim = release(old);
                    if victim.is_none() && function_victim.is_none() && dying.is_none() {
                        continue;
                    }
                    Step::Bury(function_victim, victim)
                } else {
                    Step::Return(value)
                }
            }};
        }
        macro_rules! item {
            ($index:expr) => {
                match list_item(registers.get(b!()), $index) {
                    Some(value) if flags!() & flag::CONSUME_B == 0 || a!() == b!() => {
                        retain(value);
                        write!(value)
                    }
                    _ => Step::Slow,
                }
            };
        }
        // `$consumes` says whether the value is a temporary, in register c.
        macro_rules! store_item {
            ($value:expr, $consumes:expr) => {{
                let (object, index, value) = (registers.get(a!()), registers.get(b!()), $value);
                if flags!() & flag::CONSUME_A == 0 && shape(object) == ShapeId::LIST {
                    match set_list_item(object, index, value) {
                        Some(old) => {
                            if $consumes {
                                registers.set(c!(), Value::UNBOUND);
                            } else {
                                retain(value);
                            }
                            match release(old) {
                                None => continue,
                                victim => Step::Bury(victim, None),
                            }
                        }
                        None => Step::Slow,
                    }
                } else {
                    Step::Slow
                }
            }};
        }
        // Whether a frame of this layout has room at `$base`.
        macro_rules! fits {
            ($base:expr, $layout:expr) => {
                $base.wrapping_add($layout.register_count as usize) < vm.stack.initialised()
                    && vm.frames.has_room(vm.recursion_limit())
            };
        }
        // Pushes the frame of a function whose parameters, `$count` of them, stand bound at `$base`, where it fits.
        macro_rules! push_frame {
            ($base:expr, $code:expr, $count:expr, $kind:expr, $link:expr) => {{
                let base: *mut Value = $base;
                let code: &CodeObject = $code;
                let callee_pc = code.words().as_ptr();
                let frame = Frame {
                    pc: callee_pc,
                    base,
                    code: NonNull::from(code),
                    link: $link,
                    object: Value::UNBOUND,
                    handled_depth: vm.handled.len() as u32,
                    destination: a!(),
                    kind: $kind,
                };
                // SAFETY: a frame runs, and `fits!` looked for room.
                unsafe { vm.frames.push_upon(pc.wrapping_add(1), frame) };
                let callee = Registers(base);
                for local in $count..code.layout().local_count {
                    callee.set(local as u16, Value::UNBOUND);
                }
                let before_callee = callee_pc.wrapping_sub(1);
                limit = (before_callee as usize).wrapping_add(limit.wrapping_sub(pc as usize));
                pc = before_callee;
                registers = callee;
                constants = code.constant_values().as_ptr();
                if limit.wrapping_sub(pc as usize) < FAST_DISTANCE && !EXACT { Step::Safepoint } else { continue }
            }};
        }

        let step = match op {
            Op::LoadConst => {
                let value = element(constants, wide!() as usize);
                retain(value);
                write!(value)
            }
            Op::Move => {
                let value = registers.get(b!());
                if flags!() & flag::CONSUME_B != 0 {
                    registers.set(b!(), Value::UNBOUND);
                } else {
                    retain(value);
                }
                write!(value)
            }
            Op::Clear => write!(Value::UNBOUND),
            Op::CheckBound => {
                if registers.get(a!()).is_unbound() {
                    Step::Slow
                } else {
                    continue;
                }
            }
            Op::LoadCell => match load_cell(registers.get(b!())) {
                Some(value) => write!(value),
                None => Step::Slow,
            },
            Op::LoadFree => match load_free(registers, wide!()) {
                Some(value) => write!(value),
                None => Step::Slow,
            },
            Op::LoadGlobal => match load_global(vm, registers, pc.wrapping_add(1)) {
                Some(value) => write_and_skip!(value, 2),
                None => Step::Slow,
            },

            Op::Add => arithmetic!(add, registers.get(c!())),
            Op::Subtract => arithmetic!(subtract, registers.get(c!())),
            Op::Multiply => arithmetic!(multiply, registers.get(c!())),
            Op::TrueDivide => arithmetic!(true_divide, registers.get(c!())),
            Op::FloorDivide => arithmetic!(floor_divide, registers.get(c!())),
            Op::Modulo => arithmetic!(modulo, registers.get(c!())),
            Op::LeftShift => arithmetic!(left_shift, registers.get(c!())),
            Op::RightShift => arithmetic!(right_shift, registers.get(c!())),
            Op::And => arithmetic!(and, registers.get(c!())),
            Op::Or => arithmetic!(or, registers.get(c!())),
            Op::Xor => arithmetic!(xor, registers.get(c!())),
            Op::AddConst => constant_arithmetic!(add),
            Op::SubtractConst => constant_arithmetic!(subtract),
            Op::MultiplyConst => constant_arithmetic!(multiply),
            Op::TrueDivideConst => constant_arithmetic!(true_divide),
            Op::FloorDivideConst => constant_arithmetic!(floor_divide),
            Op::ModuloConst => constant_arithmetic!(modulo),
            Op::LeftShiftConst => constant_arithmetic!(left_shift),
            Op::RightShiftConst => constant_arithmetic!(right_shift),
            Op::AndConst => constant_arithmetic!(and),
            Op::OrConst => constant_arithmetic!(or),
            Op::XorConst => constant_arithmetic!(xor),
            Op::Negative => match number::negative(registers.get(b!())) {
                Some(result) => write!(result),
                None => Step::Slow,
            },
            Op::Not => match quick_truth(registers.get(b!())) {
                Some(truth) => write!(Value::bool(!truth)),
                None => Step::Slow,
            },

            Op::Equal => comparison!(==),
            Op::NotEqual => comparison!(!=),
            Op::Less => comparison!(<),
            Op::LessEqual => comparison!(<=),
            Op::Greater => comparison!(>),
            Op::GreaterEqual => comparison!(>=),
            Op::Is => identity!(true),
            Op::IsNot => identity!(false),

            Op::Jump => jump!((wide!() as i32)),
            Op::JumpIf => match quick_truth(registers.get(a!())) {
                Some(truth) => {
                    if truth == (flags!() & flag::JUMP_IF_TRUE != 0) {
                        jump!((wide!() as i32))
                    } else {
                        continue;
                    }
                }
                None => Step::Slow,
            },
            Op::JumpOrClear => match quick_truth(registers.get(a!())) {
                Some(truth) => {
                    if truth == (flags!() & flag::JUMP_IF_TRUE != 0) {
                        jump!((wide!() as i32))
                    } else {
                        registers.set(a!(), Value::UNBOUND);
                        continue;
                    }
                }
                None => Step::Slow,
            },
            Op::JumpIfNone => {
                let value = registers.get(a!());
                // If the value dies here, it does so before the jump: that is done the general way.
                if flags!() & flag::CONSUME_A != 0 && !consume_living(registers, a!()) {
                    Step::Slow
                } else if value.is_none() == (flags!() & flag::JUMP_IF_TRUE != 0) {
                    jump!(wide!() as i32)
                } else {
                    continue;
                }
            }
            Op::JumpEqual => compare_and_jump!(==, registers.get(b!())),
            Op::JumpNotEqual => compare_and_jump!(!=, registers.get(b!())),
            Op::JumpLess => compare_and_jump!(<, registers.get(b!())),
            Op::JumpLessEqual => compare_and_jump!(<=, registers.get(b!())),
            Op::JumpGreater => compare_and_jump!(>, registers.get(b!())),
            Op::JumpGreaterEqual => compare_and_jump!(>=, registers.get(b!())),
            Op::JumpEqualConst => compare_and_jump!(==, element(constants, b!() as usize)),
            Op::JumpNotEqualConst => {
                compare_and_jump!(!=, element(constants, b!() as usize))
            }
            Op::JumpLessConst => compare_and_jump!(<, element(constants, b!() as usize)),
            Op::JumpLessEqualConst => {
                compare_and_jump!(<=, element(constants, b!() as usize))
            }
            Op::JumpGreaterConst => compare_and_jump!(>, element(constants, b!() as usize)),
            Op::JumpGreaterEqualConst => {
                compare_and_jump!(>=, element(constants, b!() as usize))
            }
            Op::JumpIs => {
                let (left, right) = (registers.get(a!()), registers.get(b!()));
                let consumed = flags!() & (flag::CONSUME_A | flag::CONSUME_B);
                let is_done = match consumed {
                    0 => true,
                    flag::CONSUME_A => consume_living(registers, a!()),
                    flag::CONSUME_B => consume_living(registers, b!()),
                    _ => false,
                };
                if !is_done {
                    Step::Slow
                } else if (left == right) == (flags!() & flag::JUMP_IF_TRUE != 0) {
                    jump!(c!() as i16)
                } else {
                    continue;
                }
            }
            Op::Safepoint => {
                limit = limit.wrapping_add(WORD);
                if limit.wrapping_sub(pc as usize) < FAST_DISTANCE && !EXACT { Step::Safepoint } else { continue }
            }

            Op::Call => {
                let callee = registers.get(b!());
                match shape(callee) {
                    ShapeId::FUNCTION => {
                        let code = code_of(function_of(callee));
                        let layout = code.layout();
                        let base = registers.0.wrapping_add(b!() as usize + 1);
                        if layout.is_plain && layout.positional_count == u32::from(c!()) && fits!(base, layout) {
                            push_frame!(base, code, u32::from(c!()), FrameKind::Call, Value::UNBOUND)
                        } else {
                            Step::Slow
                        }
                    }
                    ShapeId::CLASS => match begin_construction(vm, registers, b!(), c!()) {
                        Some((code, instance)) => {
                            let base = registers.0.wrapping_add(b!() as usize + 1);
                            push_frame!(base, code, u32::from(c!()) + 1, FrameKind::Init, instance)
                        }
                        None => Step::Slow,
                    },
                    ShapeId::NATIVE_FUNCTION => Step::Native(b!(), c!() as usize),
                    _ => Step::Slow,
                }
            }
            Op::CallMethod => {
                let callee = registers.get(b!());
                if shape(callee) == ShapeId::FUNCTION {
                    let code = code_of(function_of(callee));
                    let layout = code.layout();
                    if registers.get(b!() + 1).is_unbound() {
                        let base = registers.0.wrapping_add(b!() as usize + 2);
                        if layout.is_plain && layout.positional_count == u32::from(c!()) && fits!(base, layout) {
                            // No method after all: the function moves to where the receiver would stand.
                            registers.set(b!(), Value::UNBOUND);
                            registers.set(b!() + 1, callee);
                            push_frame!(base, code, u32::from(c!()), FrameKind::Call, Value::UNBOUND)
                        } else {
                            Step::Slow
                        }
                    } else {
                        let base = registers.0.wrapping_add(b!() as usize + 1);
                        if layout.is_plain && layout.positional_count == u32::from(c!()) + 1 && fits!(base, layout) {
                            push_frame!(base, code, u32::from(c!()) + 1, FrameKind::Call, Value::UNBOUND)
                        } else {
                            Step::Slow
                        }
                    }
                } else if shape(callee) == ShapeId::NATIVE_FUNCTION && !registers.get(b!() + 1).is_unbound() {
                    Step::Native(b!(), c!() as usize + 1)
                } else {
                    Step::Slow
                }
            }
            Op::Return => leave!(registers.take(a!())),
            Op::ReturnConst => {
                let value = element(constants, wide!() as usize);
                retain(value);
                leave!(value)
            }

            Op::GetAttribute => {
                let object = registers.get(b!());
                match slot_of(object, pc.wrapping_add(1)) {
                    Some(slot) if !slot.get().is_unbound() => {
                        let value = slot.get();
                        retain(value);
                        if flags!() & flag::CONSUME_B == 0 || a!() == b!() {
                            // The result takes the place of the object that is consumed.
                            write_and_skip!(value, 2)
                        } else {
                            registers.set(b!(), Value::UNBOUND);
                            let victim = release(object);
                            let old_victim = release(registers.replace(a!(), value));
                            skip_words!(2);
                            if victim.is_none() && old_victim.is_none() {
                                continue;
                            }
                            Step::Bury(victim, old_victim)
                        }
                    }
                    _ => Step::Slow,
                }
            }
            Op::SetAttribute => {
                let object = registers.get(a!());
                match slot_of(object, pc.wrapping_add(1)) {
                    Some(slot) => {
                        let value = registers.get(b!());
                        if flags!() & flag::CONSUME_B != 0 {
                            registers.set(b!(), Value::UNBOUND);
                        } else {
                            retain(value);
                        }
                        let old = slot.replace(value);
                        if let Some(header) = header(object) {
                            // The second cache word holds the shape that the object has with the attribute.
                            let next = ShapeId(cache(pc.wrapping_add(2)).get() as u32);
                            // SAFETY: the cache was filled for objects of this object's shape.
                            unsafe { header.move_to_shape(next) };
                        }
                        let victim = release(old);
                        let object_victim =
                            if flags!() & flag::CONSUME_A != 0 { release(registers.take(a!())) } else { None };
                        skip_words!(2);
                        if victim.is_none() && object_victim.is_none() {
                            continue;
                        }
                        Step::Bury(victim, object_victim)
                    }
                    None => Step::Slow,
                }
            }
            Op::GetMethod => {
                let object = registers.get(b!());
                let first = cache(pc.wrapping_add(1)).get();
                if first != 0 && shape(object).0 == first as u32 {
                    let function = Value::from_bits(cache(pc.wrapping_add(2)).get());
                    retain(function);
                    if flags!() & flag::CONSUME_B != 0 {
                        registers.set(b!(), Value::UNBOUND);
                    } else {
                        retain(object);
                    }
                    registers.set(a!() + 1, object);
                    registers.set(a!(), function);
                    skip_words!(2);
                    continue;
                }
                Step::Slow
            }

            Op::GetItem => item!(registers.get(c!())),
            Op::GetItemConst => item!(element(constants, c!() as usize)),
            Op::SetItem => store_item!(registers.get(c!()), flags!() & flag::CONSUME_C != 0),
            Op::SetItemConst => store_item!(element(constants, c!() as usize), false),
            Op::ListAppend => {
                let value = registers.get(b!());
                if append_within_capacity(registers.get(a!()), value) {
                    if flags!() & flag::CONSUME_B != 0 {
                        registers.set(b!(), Value::UNBOUND);
                    } else {
                        retain(value);
                    }
                    continue;
                }
                Step::Slow
            }

            Op::ForIterator => {
                let iterator = registers.get(b!());
                match shape(iterator) {
                    ShapeId::RANGE_ITERATOR => match next_of_range(iterator) {
                        Some(Some(value)) => write!(value),
                        Some(None) => {
                            registers.set(b!(), Value::UNBOUND);
                            let distance = (c!() as i16) as isize;
                            pc = pc.wrapping_offset(distance);
                            limit = limit.wrapping_add_signed(distance * WORD as isize);
                            match release(iterator) {
                                None => continue,
                                victim => Step::Bury(victim, None),
                            }
                        }
                        None => Step::Slow,
                    },
                    ShapeId::SEQUENCE_ITERATOR => match next_of_sequence(iterator) {
                        Some(value) => {
                            retain(value);
                            write!(value)
                        }
                        None => Step::Slow,
                    },
                    _ => Step::Slow,
                }
            }

            Op::ForNext => {
                let iterator = registers.get(b!());
                // Numbers and elements alike are written in one place, counted.
                let next = match shape(iterator) {
                    ShapeId::RANGE_ITERATOR => next_of_range(iterator),
                    ShapeId::SEQUENCE_ITERATOR => next_of_sequence(iterator).map(|value| {
                        retain(value);
                        Some(value)
                    }),
                    _ => None,
                };
                match next {
                    Some(Some(value)) => {
                        let old = registers.replace(a!(), value);
                        let distance = c!() as i16 as isize;
                        pc = pc.wrapping_offset(distance);
                        limit = limit.wrapping_add_signed(distance * WORD as isize);
                        match release(old) {
                            None if !EXACT && limit.wrapping_sub(pc as usize) < FAST_DISTANCE => Step::Safepoint,
                            None => continue,
                            victim => Step::Bury(victim, None),
                        }
                    }
                    Some(None) => {
                        registers.set(b!(), Value::UNBOUND);
                        match release(iterator) {
                            None => continue,
                            victim => Step::Bury(victim, None),
                        }
                    }
                    None => Step::Slow,
                }
            }

            // Everything below is done the general way.
            Op::DeleteLocal
            | Op::MakeCell
            | Op::StoreCell
            | Op::DeleteCell
            | Op::StoreFree
            | Op::DeleteFree
            | Op::LoadClosure
            | Op::StoreGlobal
            | Op::DeleteGlobal
            | Op::LoadName
            | Op::LoadNameOrCell
            | Op::StoreName
            | Op::DeleteName
            | Op::MatrixMultiply
            | Op::Power
            | Op::MatrixMultiplyConst
            | Op::PowerConst
            | Op::Positive
            | Op::Invert
            | Op::In
            | Op::NotIn
            | Op::JumpIn
            | Op::CallKeywords
            | Op::CallStar
            | Op::CallMethodKeywords
            | Op::MakeFunction
            | Op::LoadBuildClass
            | Op::LoadAssertionError
            | Op::SetupAnnotations
            | Op::BuildTuple
            | Op::BuildList
            | Op::BuildSet
            | Op::BuildDict
            | Op::BuildSlice
            | Op::BuildString
            | Op::FormatValue
            | Op::ListAppendMany
            | Op::ListExtend
            | Op::ListToTuple
            | Op::SetAdd
            | Op::SetUpdate
            | Op::DictSet
            | Op::DictUpdate
            | Op::DictMerge
            | Op::DeleteItem
            | Op::DeleteAttribute
            | Op::GetAttributeBy
            | Op::SetAttributeBy
            | Op::DeleteAttributeBy
            | Op::GetIterator
            | Op::Unpack
            | Op::UnpackStar
            | Op::Yield
            | Op::GetYieldFromIterator
            | Op::Send
            | Op::GetAwaitable
            | Op::GetAsyncIterator
            | Op::GetAsyncNext
            | Op::EndAsyncFor
            | Op::AsyncYield
            | Op::Catch
            | Op::EndCatch
            | Op::Raise
            | Op::RaiseFrom
            | Op::RaiseAgain
            | Op::Reraise
            | Op::JumpUnlessMatch
            | Op::MatchGroup
            | Op::CombineGroups
            | Op::WithEnter
            | Op::WithExcept
            | Op::AsyncWithEnter
            | Op::ImportName
            | Op::ImportFrom
            | Op::ImportStar
            | Op::MatchSequence
            | Op::MatchMapping
            | Op::MatchLength
            | Op::MatchKeys
            | Op::MatchClass
            | Op::CopyWithoutKeys
            | Op::MakeTypeParameter
            | Op::MakeTypeAlias => Step::Slow,
        };

        match step {
            Step::Bury(first, second) => {
                for victim in [first, second].into_iter().flatten() {
                    bury(heap, victim);
                }
                if heap.has_finalisers() {
                    save_state!();
                    vm.run_finalisers();
                    load_state!();
                    if !EXACT && limit.wrapping_sub(pc as usize) < FAST_DISTANCE {
                        return Exit::Safepoint;
                    }
                }
            }
            Step::Slow => {
                save_state!();
                match vm.perform(Instruction(word(pc))) {
                    Ok(Performed::Done) => {}
                    Ok(Performed::Yielded(value)) => return Exit::Returned(value),
                    Err(_) => return Exit::Raised,
                }
                if heap.has_finalisers() {
                    vm.run_finalisers();
                }
                load_state!();
                if !EXACT && limit.wrapping_sub(pc as usize) < FAST_DISTANCE {
                    return Exit::Safepoint;
                }
            }
            Step::Native(callee, count) => {
                save_state!();
                if vm.perform_native(callee, count, a!()).is_err() {
                    return Exit::Raised;
                }
                if heap.has_finalisers() {
                    vm.run_finalisers();
                }
                load_state!();
                if !EXACT && limit.wrapping_sub(pc as usize) < FAST_DISTANCE {
                    return Exit::Safepoint;
                }
            }
            Step::Safepoint => {
                save_state!();
                return Exit::Safepoint;
            }
            Step::Return(value) => {
                save_state!();
                match vm.finish_return(taken(value)) {
                    Ok(Some(value)) => return Exit::Returned(value),
                    Ok(None) => {
                        if heap.has_finalisers() {
                            vm.run_finalisers();
                        }
                        load_state!();
                        if !EXACT && limit.wrapping_sub(pc as usize) < FAST_DISTANCE {
                            return Exit::Safepoint;
                        }
                    }
                    Err(_) => return Exit::Raised,
                }
            }
        }
    }
}
