//! Hashes.

use toy_object::{Kind, Name, Ref, TupleHasher, hash_i64, hash_int, identity_hash, native_hash};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `hash(value)`.
    #[inline]
    pub fn hash(&mut self, value: Ref<'_>) -> Outcome<i64> {
        match native_hash(value) {
            Some(hash) => Ok(hash),
            None => self.hash_slowly(value),
        }
    }

    fn hash_slowly(&mut self, value: Ref<'_>) -> Outcome<i64> {
        self.check_stack()?;
        match self.kind_of(value) {
            Kind::Instance | Kind::Native | Kind::Class | Kind::Module => self.hash_by_method(value),
            _ => self.builtin_hash(value),
        }
    }

    fn hash_by_method(&mut self, value: Ref<'_>) -> Outcome<i64> {
        let heap = self.heap();
        let Some(method) = self.lookup_special(value, Name::Hash) else {
            return Ok(identity_hash(heap, value));
        };
        if self.is_objects_own(method.get()) {
            return Ok(identity_hash(heap, value));
        }
        if method.get().is_none() {
            return Err(self.unhashable(value));
        }
        let result = self.call_found(method.get(), value, &[])?;
        let Some(int) = result.get().as_int() else {
            return Err(self.raise(ClassName::TypeError, "__hash__ method should return an integer"));
        };
        // What fits a machine word is itself, and not what `hash(result)` would be.
        Ok(match int.to_i64() {
            Some(-1) => -2,
            Some(number) => number,
            None => hash_int(int),
        })
    }

    /// The hash of a builtin object, or of the one inside an instance of a subclass: what the native `__hash__` methods
    /// give.
    pub fn builtin_hash(&mut self, value: Ref<'_>) -> Outcome<i64> {
        if let Some(hash) = native_hash(value) {
            return Ok(hash);
        }
        let heap = self.heap();
        match self.kind_of(value) {
            Kind::Instance => match toy_object::wrapped(value) {
                Some(inner) => self.builtin_hash(inner),
                None => Ok(identity_hash(heap, value)),
            },
            Kind::Tuple => {
                let Some(items) = value.as_tuple() else { return Ok(0) };
                let mut hash = TupleHasher::new();
                for item in items.iter() {
                    hash.add(self.hash(item)?);
                }
                Ok(hash.finish())
            }
            Kind::Slice => {
                let Some(slice) = value.as_slice() else { return Ok(0) };
                let mut hash = TupleHasher::new();
                for part in [slice.start(), slice.stop(), slice.step()] {
                    hash.add(self.hash(part)?);
                }
                Ok(hash.finish_slice())
            }
            Kind::BoundMethod => {
                let Some(method) = value.as_bound_method() else { return Ok(0) };
                let function = self.hash(method.function())?;
                Ok(mix(identity_hash(heap, method.receiver()), function))
            }
            Kind::NativeFunction => {
                let receiver = value.as_native_function().and_then(|function| function.receiver());
                match (receiver, crate::run::native_row(value)) {
                    (Some(receiver), Some(row)) => {
                        let name = row.name.bytes().fold(0, |sum: i64, byte| sum.wrapping_mul(31) ^ i64::from(byte));
                        Ok(mix(identity_hash(heap, receiver), name))
                    }
                    _ => Ok(identity_hash(heap, value)),
                }
            }
            Kind::WeakReference => match self.call_special(value, Name::Hash, &[]) {
                Some(result) => {
                    let result = result?;
                    Ok(result.get().as_int().and_then(|hash| hash.to_i64()).unwrap_or(0))
                }
                None => Ok(identity_hash(heap, value)),
            },
            Kind::List | Kind::Dict | Kind::Set | Kind::ByteArray | Kind::Cell => Err(self.unhashable(value)),
            _ => Ok(identity_hash(heap, value)),
        }
    }

    #[cold]
    fn unhashable(&mut self, value: Ref<'_>) -> Raised {
        let message = format!("unhashable type: '{}'", self.type_name(value));
        self.raise(ClassName::TypeError, message)
    }
}

/// The hash of a method from those of its receiver and its function.
fn mix(receiver: i64, function: i64) -> i64 {
    hash_i64(receiver ^ function)
}
