//! `_random`: the generator of random numbers. `random` is built on it.

mod twister;

use std::cell::RefCell;

use num_bigint::{BigInt, Sign};
use sha2::{Digest, Sha512};
use toy_object::{Int, Owned, Payload, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::argument::{bytes, integer, present, type_error, value_error};
use crate::class;
use crate::module::NewModule;

use twister::{Twister, WORDS};

const RANDOM: &str = "_random.Random";

struct Generator {
    twister: RefCell<Twister>,
}

impl Payload for Generator {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let class = class::define(vm, RANDOM, METHODS)?;
    let mut module = NewModule::new(vm, "_random", "The Mersenne Twister.", FUNCTIONS)?;
    module.set("Random", class)?;
    module.finish()
}

natives! {
    /// The functions of `_random`.
    FUNCTIONS:
    function "sha512" ("data, /") "The SHA-512 digest of bytes, which seeds are made of." => |vm, args| {
        let data = bytes(vm, args.at(0))?;
        let digest = Sha512::digest(&data);
        Ok(vm.new_bytes(&digest)?)
    };
}

natives! {
    /// The methods of `Random`.
    METHODS:
    static "__new__" ("*args, **kwargs") "A generator, seeded by the operating system." => |vm, args| {
        let twister = RefCell::new(from_system(vm)?);
        class::construct(vm, RANDOM, args.at(0), Generator { twister })
    };
    method "__init__" ("seed=None, /") "Seed the generator." => seed;
    method "seed" ("seed=None, /") "Start again from a seed; None: one from the operating system." => seed;
    method "random" ("") "A float from 0 up to but not including 1." => |vm, args| {
        let number = this(vm, args)?.twister.borrow_mut().float();
        Ok(vm.new_float(number)?)
    };
    method "getrandbits" ("k, /") "An integer of k random bits." => random_bits;
    method "getstate" ("") "The state, a tuple of integers." => get_state;
    method "setstate" ("state, /") "Go on from a state." => set_state;
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Generator> {
    class::this(vm, args.at(0), RANDOM)
}

fn from_system(vm: &mut Vm) -> Outcome<Twister> {
    let bytes = crate::posix::random_bytes(vm, WORDS * 4)?;
    let (words, _) = bytes.as_chunks::<4>();
    let key: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    Ok(Twister::with_key(&key))
}

fn seed(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let generator = this(vm, args)?;
    let twister = match present(args.get(1)) {
        None => from_system(vm)?,
        Some(seed) => {
            let number = match seed.as_int() {
                Some(number) => number.to_bigint(),
                None => BigInt::from(vm.hash(seed)? as u64),
            };
            let (_, key) = number.to_u32_digits();
            Twister::with_key(if key.is_empty() { &[0] } else { &key })
        }
    };
    *generator.twister.borrow_mut() = twister;
    Ok(Owned::none())
}

fn random_bits(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let generator = this(vm, args)?;
    let count = integer(vm, args.at(1))?;
    let Ok(count) = u64::try_from(count) else {
        return Err(value_error(vm, "number of bits must be non-negative"));
    };
    if count == 0 {
        return Ok(vm.new_int(0)?);
    }
    let mut twister = generator.twister.borrow_mut();
    if count <= 32 {
        let number = twister.word() >> (32 - count);
        return Ok(vm.new_int(i64::from(number))?);
    }
    let words = count.div_ceil(32) as usize;
    if !vm.has_room_for(words.saturating_mul(4)) {
        return Err(toy_object::OutOfMemory.into());
    }
    let mut digits: Vec<u32> = (0..words).map(|_| twister.word()).collect();
    let rest = count % 32;
    if rest > 0
        && let Some(last) = digits.last_mut()
    {
        *last >>= 32 - rest;
    }
    Ok(vm.new_bigint(BigInt::from_slice(Sign::Plus, &digits))?)
}

fn get_state(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let generator = this(vm, args)?;
    let mut numbers = Vec::with_capacity(WORDS + 1);
    let twister = generator.twister.borrow();
    for word in twister.state.iter().copied().chain([twister.place as u32]) {
        numbers.push(vm.new_int(i64::from(word))?);
    }
    Ok(vm.new_tuple(numbers)?)
}

fn set_state(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let generator = this(vm, args)?;
    let Some(tuple) = args.at(1).as_tuple() else { return Err(type_error(vm, "state vector must be a tuple")) };
    if tuple.len() != WORDS + 1 {
        return Err(value_error(vm, "state vector is the wrong size"));
    }
    let mut state = [0; WORDS];
    let mut place = 0;
    for (index, item) in tuple.iter().enumerate() {
        let word = item.as_int().and_then(Int::to_i64).and_then(|word| u32::try_from(word).ok());
        let Some(word) = word else { return Err(type_error(vm, "state vector must hold integers of 32 bits")) };
        if index < WORDS { state[index] = word } else { place = word as usize }
    }
    if place > WORDS {
        return Err(value_error(vm, "invalid state"));
    }
    *generator.twister.borrow_mut() = Twister { state, place };
    Ok(Owned::none())
}
