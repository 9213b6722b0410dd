//! The walk over a value that writes its text.

use hashbrown::HashSet;
use toy_object::{Int, Owned, Ref, ShapeId, Str, StrBuilder, Value};
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::entries::{self, Entries};
use super::quote::push_quoted;
use super::{DEEPEST, Patience};
use crate::argument::{flag_or, shown_type, type_error, value_error};

/// What has begun, with the object itself, which keeps its identity for itself meanwhile.
enum Open {
    /// A list or a tuple, its items, and which one is next.
    Array(Owned, Owned, usize),
    /// The entries of a dict, and whether one was written.
    Object(Owned, Entries, bool),
    /// An object for which another value stands that has been written.
    Other(Owned),
}

impl Open {
    fn object(&self) -> &Owned {
        match self {
            Self::Array(object, ..) | Self::Object(object, ..) | Self::Other(object) => object,
        }
    }
}

/// How the text looks.
pub(super) struct Style<'a> {
    pub(super) is_ascii: bool,
    pub(super) allows_nan: bool,
    pub(super) sorts_keys: bool,
    pub(super) skips_keys: bool,
    /// By what each level is moved to the right; `None`: all stands in one line.
    pub(super) indent: Option<Str<'a>>,
    key_separator: Str<'a>,
    item_separator: Str<'a>,
}

struct Encoder<'a> {
    out: StrBuilder,
    style: Style<'a>,
    default: Ref<'a>,
    open: Vec<Open>,
    /// How many containers have begun.
    level: usize,
    /// What has begun, to be recognised inside of itself; `None`: nobody wants to know.
    begun: Option<HashSet<Value>>,
    scratch: String,
    patience: Patience,
}

/// `encode(value, default, ensure_ascii, check_circular, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)`
pub(super) fn encode(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let flag = |vm: &mut Vm, place: usize| flag_or(vm, args.get(place), false);
    let style = Style {
        is_ascii: flag(vm, 2)?,
        indent: args.at(4).as_str(),
        key_separator: separator(vm, args, 5)?,
        item_separator: separator(vm, args, 6)?,
        sorts_keys: flag(vm, 7)?,
        skips_keys: flag(vm, 8)?,
        allows_nan: flag(vm, 9)?,
    };
    let mut encoder = Encoder {
        out: StrBuilder::new(),
        style,
        default: args.at(1),
        open: Vec::new(),
        level: 0,
        begun: flag(vm, 3)?.then(HashSet::default),
        scratch: String::new(),
        patience: Patience::new(),
    };
    encoder.write(vm, args.at(0).to_owned())?;
    while let Some(open) = encoder.open.pop() {
        encoder.go_on(vm, open)?;
    }
    Ok(encoder.out.finish(vm.heap())?)
}

fn separator<'a>(vm: &mut Vm, args: Args<'a>, place: usize) -> Outcome<Str<'a>> {
    match args.at(place).as_str() {
        Some(text) => Ok(text),
        None => {
            let got = shown_type(vm, args.at(place));
            Err(type_error(vm, format!("make_encoder() argument {place} must be str, not {got}")))
        }
    }
}

impl Encoder<'_> {
    /// Writes a value, or begins one that has others inside.
    fn write(&mut self, vm: &mut Vm, value: Owned) -> Outcome<()> {
        if self.write_simple(vm, value.get())? { Ok(()) } else { self.begin(vm, value) }
    }

    /// Writes a value that has no others inside. `false`: it is something else.
    #[inline]
    fn write_simple(&mut self, vm: &mut Vm, value: Ref<'_>) -> Outcome<bool> {
        self.patience.spend(vm)?;
        let bits = value.value();
        if let Some(number) = bits.as_small_int() {
            self.out.push_str(toy_format::Decimal::new().format(number));
            return Ok(true);
        }
        match bits {
            Value::NONE => self.out.push_str("null"),
            Value::TRUE => self.out.push_str("true"),
            Value::FALSE => self.out.push_str("false"),
            _ => match bits.is_pointer().then(|| value.shape()) {
                Some(ShapeId::LIST | ShapeId::TUPLE | ShapeId::DICT) => return Ok(false),
                _ => return self.write_text_or_number(vm, value),
            },
        }
        Ok(true)
    }

    fn write_text_or_number(&mut self, vm: &mut Vm, value: Ref<'_>) -> Outcome<bool> {
        if let Some(text) = value.as_str() {
            push_quoted(&mut self.out, text, self.style.is_ascii);
            return Ok(true);
        }
        if let Some(number) = value.as_float() {
            self.scratch.clear();
            push_float(vm, &mut self.scratch, number, value, &self.style)?;
            self.out.push_str(&self.scratch);
            return Ok(true);
        }
        match value.as_int() {
            Some(number) => push_int(vm, &mut self.out, number, value).map(|()| true),
            None => Ok(false),
        }
    }

    /// Begins a value that has others inside.
    fn begin(&mut self, vm: &mut Vm, value: Owned) -> Outcome<()> {
        let object = value.get();
        let open = if object.as_list().is_some() || object.as_tuple().is_some() {
            let Some(items) = entries::items_of(vm, object, &self.style)? else {
                self.out.push_str("[]");
                return Ok(());
            };
            self.enter(vm, object)?;
            self.out.push('[');
            self.level += 1;
            Open::Array(value, items, 0)
        } else if object.as_dict().is_some() {
            if entries::is_empty(vm, object, &self.style)? {
                self.out.push_str("{}");
                return Ok(());
            }
            self.enter(vm, object)?;
            self.out.push('{');
            self.level += 1;
            let entries = Entries::of(vm, object, &self.style)?;
            Open::Object(value, entries, false)
        } else {
            self.enter(vm, object)?;
            let substitute = vm.call(self.default, &[object])?;
            self.open.push(Open::Other(value));
            return self.write(vm, substitute);
        };
        self.open.push(open);
        Ok(())
    }

    /// Makes sure that a value is not inside of itself, and not too deep inside of others.
    fn enter(&mut self, vm: &mut Vm, object: Ref<'_>) -> Outcome<()> {
        if let Some(begun) = &mut self.begun
            && !begun.insert(object.value())
        {
            return Err(value_error(vm, "Circular reference detected"));
        }
        if self.open.len() == DEEPEST {
            let message = "maximum recursion depth exceeded while encoding a JSON object";
            return Err(vm.raise(ClassName::RecursionError, message));
        }
        Ok(())
    }

    fn leave(&mut self, open: &Open) {
        if let Some(begun) = &mut self.begun {
            begun.remove(&open.object().value());
        }
    }

    /// Writes what is left of the innermost container, up to a value that has others inside.
    fn go_on(&mut self, vm: &mut Vm, open: Open) -> Outcome<()> {
        match open {
            Open::Array(array, items, next) => self.go_on_with_array(vm, array, items, next),
            Open::Object(object, entries, has_begun) => self.go_on_with_object(vm, object, entries, has_begun),
            Open::Other(_) => {
                self.leave(&open);
                Ok(())
            }
        }
    }

    fn go_on_with_array(&mut self, vm: &mut Vm, array: Owned, items: Owned, mut next: usize) -> Outcome<()> {
        while let Some(item) = entries::item(&items, next) {
            self.separate(next > 0);
            next += 1;
            if !self.write_simple(vm, item.get())? {
                self.open.push(Open::Array(array, items, next));
                return self.begin(vm, item);
            }
        }
        self.close(']', next > 0, &Open::Array(array, items, next));
        Ok(())
    }

    fn go_on_with_object(
        &mut self,
        vm: &mut Vm,
        object: Owned,
        mut entries: Entries,
        mut has_begun: bool,
    ) -> Outcome<()> {
        while let Some((key, value)) = entries.next() {
            let Some(key) = entries::key_text(vm, key, &self.style)? else { continue };
            self.separate(has_begun);
            has_begun = true;
            push_quoted(&mut self.out, key.get().as_str().expect("a key is text"), self.style.is_ascii);
            self.out.push_string(self.style.key_separator);
            if !self.write_simple(vm, value.get())? {
                self.open.push(Open::Object(object, entries, has_begun));
                return self.begin(vm, value);
            }
        }
        self.close('}', has_begun, &Open::Object(object, entries, has_begun));
        Ok(())
    }

    /// Writes what stands before an item.
    #[inline]
    fn separate(&mut self, is_behind_another: bool) {
        if is_behind_another {
            self.out.push_string(self.style.item_separator);
        }
        self.begin_line();
    }

    fn begin_line(&mut self) {
        if let Some(indent) = self.style.indent {
            self.out.push('\n');
            for _ in 0..self.level {
                self.out.push_string(indent);
            }
        }
    }

    fn close(&mut self, closing: char, has_items: bool, open: &Open) {
        self.level -= 1;
        if has_items {
            self.begin_line();
        }
        self.out.push(closing);
        self.leave(open);
    }
}

fn push_int(vm: &mut Vm, out: &mut StrBuilder, number: Int<'_>, value: Ref<'_>) -> Outcome<()> {
    match number {
        Int::Small(number) => out.push_str(toy_format::Decimal::new().format(number)),
        Int::Big(_) => {
            let text = vm.builtin_repr(value)?;
            out.push_string(text.get().as_str().expect("a repr is text"));
        }
    }
    Ok(())
}

/// Appends a float as JSON, or rather JavaScript, writes it.
pub(super) fn push_float(vm: &mut Vm, out: &mut String, number: f64, value: Ref<'_>, style: &Style<'_>) -> Outcome<()> {
    if number.is_finite() {
        toy_format::write_float_repr(out, number);
        return Ok(());
    }
    if !style.allows_nan {
        let shown = vm.repr_text(value)?;
        return Err(value_error(vm, format!("Out of range float values are not JSON compliant: {shown}")));
    }
    out.push_str(match number {
        number if number.is_nan() => "NaN",
        number if number > 0.0 => "Infinity",
        _ => "-Infinity",
    });
    Ok(())
}
