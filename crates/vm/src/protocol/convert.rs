//! Numbers that the conversion methods of classes give: `__int__`, `__index__`, `__float__`.

use toy_object::{Name, Owned, Ref, wrapped};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    /// The integer that `__int__` or `__index__` gives. `None`: there is no such method.
    pub fn int_by_method(&mut self, value: Ref<'_>, method: Name) -> Outcome<Option<Owned>> {
        let Some(answer) = self.call_special(value, method, &[]) else { return Ok(None) };
        let answer = answer?;
        if answer.get().as_exact_int().is_some() {
            return Ok(Some(answer));
        }
        let name = if method == Name::Int { "__int__" } else { "__index__" };
        let message = format!("{name} returned non-int (type {})", self.type_name(answer.get()));
        let Some(int) = answer.get().as_int() else { return Err(self.raise(ClassName::TypeError, message)) };
        let int = int.to_owned(self.heap())?;
        self.warn_of_strict_subclass(&message, "int");
        Ok(Some(int))
    }

    /// The float that `__float__` gives. `None`: there is no such method.
    pub fn float_by_method(&mut self, value: Ref<'_>) -> Outcome<Option<f64>> {
        let Some(answer) = self.call_special(value, Name::Float, &[]) else { return Ok(None) };
        let answer = answer?;
        if let Some(number) = answer.get().as_exact_float() {
            return Ok(Some(number));
        }
        let (class, got) = (self.type_name(value), self.type_name(answer.get()));
        let message = format!("{class}.__float__ returned non-float (type {got})");
        match wrapped(answer.get()).unwrap_or(answer.get()).as_float() {
            Some(number) => {
                self.warn_of_strict_subclass(&message, "float");
                Ok(Some(number))
            }
            None => Err(self.raise(ClassName::TypeError, message)),
        }
    }

    #[cold]
    fn warn_of_strict_subclass(&mut self, message: &str, class: &str) {
        self.warn_deprecated(&format!(
            "{message}.  The ability to return an instance of a strict subclass of {class} is deprecated, and may be removed in a \
             future version of Python."
        ));
    }
}
