//! The verifier refuses code objects that were tampered with, and no bytes make it or the disassembler panic.

mod common;

use toy_code::{CodeObject, Constant, Fault, Instruction, Op, flag, verify};

const PROGRAM: &str = "\
def f(items, limit):
    total = 0
    try:
        for item in items:
            if item < limit: continue
            total += g(item, [item, 1]) * 2
            with item as x:
                yield x
    except ValueError as e:
        return str(e)
    finally:
        print(total)
    match total:
        case [a, *b] | (a, b): return a < f(b) < limit and b
    return {k: v for k, v in items}
";

fn function() -> CodeObject {
    common::compile(PROGRAM).codes.remove(0)
}

/// Changes the first instruction with this operation.
fn change(op: Op, change: impl Fn(Instruction) -> Instruction) -> CodeObject {
    let mut code = function();
    let word = find(&code, op);
    code.words[word] = change(Instruction(code.words[word])).0;
    code
}

fn find(code: &CodeObject, wanted: Op) -> usize {
    let mut word = 0;
    loop {
        let op = Instruction(code.words[word]).op().unwrap();
        if op == wanted {
            return word;
        }
        word += 1 + usize::from(op.info().extra_words);
    }
}

fn fault(code: &CodeObject) -> Option<Fault> {
    verify(code).err().map(|error| error.fault)
}

fn with_flags(i: Instruction, flags: u8) -> Instruction {
    Instruction::new(i.op().unwrap(), flags, i.a(), i.b(), i.c())
}

#[test]
fn each_kind_of_damage_is_found() {
    assert_eq!(fault(&function()), None);
    let cases: Vec<(CodeObject, Fault)> = vec![
        (change(Op::ForIterator, |_| Instruction(0xFF)), Fault::UnknownWord),
        (change(Op::LoadConst, |i| Instruction::new_wide(Op::LoadConst, 0, i.a(), 60_000)), Fault::OperandOutOfRange),
        (change(Op::LoadGlobal, |i| Instruction::new_wide(Op::LoadGlobal, 0, i.a(), 60_000)), Fault::OperandOutOfRange),
        (change(Op::Move, |i| Instruction::new(Op::Move, 0, 64_000, i.b(), 0)), Fault::OperandOutOfRange),
        (change(Op::Move, |i| Instruction::new(Op::Move, 0, i.a(), i.b(), 1)), Fault::UnusedOperand),
        (change(Op::Move, |i| with_flags(i, flag::CONSUME_B)), Fault::BadFlags),
        (change(Op::DictSet, |i| with_flags(i, flag::CONSUME_A)), Fault::BadFlags),
        (change(Op::Jump, |_| Instruction::new_wide(Op::Jump, 0, 0, 100_000)), Fault::BadTarget),
        (change(Op::Catch, |i| Instruction::new(Op::Catch, 0, i.a() + 1, 0, 0)), Fault::BadRange),
        (change(Op::Return, |_| Instruction::new(Op::Safepoint, 0, 0, 0, 0)), Fault::AliveAtReturn),
        (change(Op::Clear, |_| Instruction::new(Op::Safepoint, 0, 0, 0, 0)), Fault::Disagreement),
        (change(Op::GetIterator, |_| Instruction::new(Op::Safepoint, 0, 0, 0, 0)), Fault::DeadRead),
    ];
    for (index, (code, expected)) in cases.iter().enumerate() {
        let found = fault(code);
        // Another fault may be met before the one meant; being refused is what counts.
        assert!(found.is_some(), "case {index} passed, {expected:?} was expected");
        let exact = matches!(
            expected,
            Fault::UnknownWord | Fault::OperandOutOfRange | Fault::UnusedOperand | Fault::BadFlags | Fault::BadTarget
        );
        assert!(!exact || found == Some(*expected), "case {index}: {found:?} instead of {expected:?}");
    }
}

#[test]
fn a_consumption_left_out_is_found() {
    let code = function();
    let mut word = 0;
    let mut tried = 0;
    while let Some(instruction) = code.words.get(word).map(|&word| Instruction(word)) {
        let op = instruction.op().unwrap();
        for (kind, consumed) in instruction.operands(op).iter().zip([flag::CONSUME_A, flag::CONSUME_B, flag::CONSUME_C])
        {
            let is_read = kind.0 == toy_code::OperandKind::Read;
            // What raises ends the life of all temporaries anyway.
            let raises = matches!(op, Op::Raise | Op::RaiseFrom | Op::Reraise);
            if is_read && instruction.flags() & consumed != 0 && !raises {
                let mut changed = code.clone();
                changed.words[word] = instruction.0 & !(u64::from(consumed) << 8);
                assert!(fault(&changed).is_some(), "{} at {word} keeps its operand", op.info().name);
                tried += 1;
            }
        }
        word += 1 + usize::from(op.info().extra_words);
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn safepoints_too_far_apart_are_found() {
    let text = format!("def f(a, b):\n{}", "    x = a + b\n".repeat(400));
    let mut code = common::compile(&text).codes.remove(0);
    let word = find(&code, Op::Safepoint);
    let move_nothing = Instruction::new(Op::Move, 0, 0, 0, 0);
    code.words[word] = move_nothing.0;
    assert_eq!(fault(&code), Some(Fault::TooFarFromSafepoint));
}

#[test]
fn random_damage_never_panics() {
    let code = function();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut refused = 0;
    for _ in 0..10_000 {
        let mut changed = code.clone();
        for _ in 0..=next() % 3 {
            match next() % 8 {
                0 => changed.exception_ranges[0].start = next() as u32 % 200,
                1 => changed.exception_ranges[0].handler = next() as u32 % 200,
                2 => changed.register_count = next() as u16 % 64,
                3 => {
                    changed.constants.truncate(next() as usize % 4);
                    changed.constants.push(Constant::None);
                }
                4 => changed.words.truncate(next() as usize % changed.words.len()),
                5 => changed.local_names.truncate(next() as usize % 4),
                _ => {
                    let index = next() as usize % changed.words.len().max(1);
                    if let Some(word) = changed.words.get_mut(index) {
                        *word ^= 1 << (next() % 64);
                    }
                }
            }
            if changed.words.is_empty() {
                break;
            }
        }
        refused += usize::from(verify(&changed).is_err());
        toy_code::disassemble(&changed);
    }
    assert!(refused > 5_000, "{refused}");
}

#[test]
fn bytes_give_the_same_code_back_or_an_error() {
    let code = common::compile(PROGRAM);
    let bytes = code.to_bytes();
    assert_eq!(CodeObject::from_bytes(&bytes).as_ref(), Ok(&code));
    let (outer, inner) = toy_code::StoredCode::new(&bytes).unwrap().decode().unwrap();
    assert!(outer.codes.is_empty());
    assert_eq!(inner[0].decode().unwrap().0.qualified_name, code.codes[0].qualified_name);
    assert_eq!(CodeObject::from_bytes(b"else"), Err(toy_code::DecodeError::NotCode));
    for end in (0..bytes.len()).step_by(5) {
        assert!(CodeObject::from_bytes(&bytes[..end]).is_err(), "{end}");
    }
    let mut other = bytes.clone();
    other[5] ^= 1;
    assert_eq!(CodeObject::from_bytes(&other), Err(toy_code::DecodeError::OtherVersion));
    for index in (12..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[index] ^= 0x55;
        if let Ok(code) = CodeObject::from_bytes(&damaged) {
            let _ = verify(&code);
            toy_code::disassemble(&code);
        }
    }
}
