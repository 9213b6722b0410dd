//! `repr`: what a value looks like to a programmer.

use toy_format::{
    write_float_repr, write_int, write_repr_bytearray, write_repr_bytes, write_repr_code_points, write_repr_str,
};
use toy_object::{FunctionField, Int, Kind, Name, Owned, Ref, ShapeId, StrBuilder};

use crate::native::{NativeKind, NativeRow, Outcome};
use crate::run::native_row;
use crate::thread::Vm;

/// An integer as the text functions take it.
pub(crate) fn int_ref(int: Int<'_>) -> toy_format::IntRef<'_> {
    match int {
        Int::Small(number) => toy_format::IntRef::Small(number),
        Int::Big(number) => toy_format::IntRef::Big(number),
    }
}

/// What goes on when values lie too deep within each other.
const REPR: &str = "while getting the repr of an object";

/// A text under construction.
struct Writer {
    text: StrBuilder,
    /// For the text functions, which write into Rust strings.
    scratch: String,
}

impl Writer {
    fn new() -> Self {
        Self { text: StrBuilder::new(), scratch: String::new() }
    }

    /// Appends what `write` writes.
    fn push_with<E>(&mut self, write: impl FnOnce(&mut String) -> Result<(), E>) -> Result<(), E> {
        self.scratch.clear();
        write(&mut self.scratch)?;
        self.text.push_str(&self.scratch);
        Ok(())
    }
}

impl Vm {
    /// `repr(value)`: a string.
    pub fn repr(&mut self, value: Ref<'_>) -> Outcome {
        if let Some(number) = value.value().as_small_int() {
            return Ok(self.new_decimal(number)?);
        }
        if self.asks_class(value) {
            return self.repr_by_class(value, "__repr__");
        }
        self.builtin_repr(value)
    }

    /// `repr(value)` as Rust text; lone surrogates are replaced.
    pub fn repr_text(&mut self, value: Ref<'_>) -> Outcome<String> {
        let text = self.repr(value)?;
        Ok(text.get().as_str().map_or_else(String::new, |text| text.to_string_lossy()))
    }

    /// Whether the class of a value may have special methods of its own: it is not one of the builtin kinds.
    pub(crate) fn asks_class(&self, value: Ref<'_>) -> bool {
        match self.kind_of(value) {
            Kind::Instance | Kind::Native | Kind::WeakReference => true,
            Kind::Class => value.shape() != ShapeId::CLASS,
            Kind::Module => value.shape() != ShapeId::MODULE,
            _ => false,
        }
    }

    /// What the class says, which is also what `str` shows if the class says nothing of that: `name` is the one that was asked for.
    pub(super) fn repr_by_class(&mut self, value: Ref<'_>, name: &str) -> Outcome {
        let Some(method) = self.lookup_override(value, Name::Repr) else { return self.builtin_repr(value) };
        self.check_stack_while("while calling a Python object")?;
        self.text_of_method(method.get(), value, name)
    }

    /// The builtin repr of a value: of an instance of a subclass that of the object inside, of others
    /// `<C object at 0x…>`.
    pub fn builtin_repr(&mut self, value: Ref<'_>) -> Outcome {
        let mut writer = Writer::new();
        self.write_builtin_repr(&mut writer, value)?;
        Ok(writer.text.finish(self.heap())?)
    }

    fn write_repr(&mut self, writer: &mut Writer, value: Ref<'_>) -> Outcome<()> {
        if !self.asks_class(value) {
            return self.write_builtin_repr(writer, value);
        }
        let text = self.repr_by_class(value, "__repr__")?;
        if let Some(text) = text.get().as_str() {
            writer.text.push_string(text);
        }
        Ok(())
    }

    fn write_builtin_repr(&mut self, writer: &mut Writer, value: Ref<'_>) -> Outcome<()> {
        match self.kind_of(value) {
            Kind::None => writer.text.push_str("None"),
            Kind::Bool => writer.text.push_str(if value.value().as_bool() == Some(true) { "True" } else { "False" }),
            Kind::Ellipsis => writer.text.push_str("Ellipsis"),
            Kind::NotImplemented => writer.text.push_str("NotImplemented"),
            Kind::Int => {
                let Some(int) = value.as_int() else { return Ok(()) };
                if let Int::Small(number) = int {
                    writer.text.push_str(toy_format::Decimal::new().format(number));
                    return Ok(());
                }
                let limit = self.digit_limit();
                if let Err(failure) = writer.push_with(|out| write_int(out, int_ref(int), limit)) {
                    return Err(self.raise_failure(failure));
                }
            }
            Kind::Float => {
                let number = value.as_float().unwrap_or(0.0);
                let Ok(()) = writer.push_with(|out| {
                    write_float_repr(out, number);
                    Ok::<(), std::convert::Infallible>(())
                });
            }
            Kind::Str => {
                let Some(text) = value.as_str() else { return Ok(()) };
                match text.as_utf8() {
                    Some(text) => write_repr_str(&mut writer.text, text),
                    None => write_repr_code_points(&mut writer.text, text.code_points()),
                }
            }
            Kind::Bytes => {
                let Some(bytes) = value.as_bytes() else { return Ok(()) };
                write_repr_bytes(&mut writer.text, bytes.as_slice());
            }
            Kind::ByteArray => {
                value.with_bytes(|bytes| write_repr_bytearray(&mut writer.text, "bytearray", bytes));
            }
            Kind::List | Kind::Tuple | Kind::Dict | Kind::Set | Kind::FrozenSet => {
                return self.write_container(writer, value, None);
            }
            Kind::Range => {
                let Some(range) = value.as_range() else { return Ok(()) };
                writer.text.push_str("range(");
                self.write_repr(writer, range.start())?;
                writer.text.push_str(", ");
                self.write_repr(writer, range.stop())?;
                if range.step().value().as_small_int() != Some(1) {
                    writer.text.push_str(", ");
                    self.write_repr(writer, range.step())?;
                }
                writer.text.push_str(")");
            }
            Kind::Slice => {
                let Some(slice) = value.as_slice() else { return Ok(()) };
                self.check_stack_while(REPR)?;
                writer.text.push_str("slice(");
                self.write_repr(writer, slice.start())?;
                writer.text.push_str(", ");
                self.write_repr(writer, slice.stop())?;
                writer.text.push_str(", ");
                self.write_repr(writer, slice.step())?;
                writer.text.push_str(")");
            }
            Kind::Instance => match toy_object::wrapped(value) {
                Some(inner) if inner.as_set().is_some() => {
                    let name = self.class_name_of(value);
                    return self.write_container(writer, inner, Some(&name));
                }
                Some(inner) if inner.as_byte_array().is_some() => {
                    let name = self.class_name_of(value);
                    inner.with_bytes(|bytes| write_repr_bytearray(&mut writer.text, &name, bytes));
                }
                // What a builtin class has nothing to say of is shown as an object of the subclass.
                Some(inner) if self.kind_of(inner) != Kind::Native => return self.write_builtin_repr(writer, inner),
                _ => writer.text.push_str(&self.object_repr(value)),
            },
            _ => {
                self.check_stack_while(REPR)?;
                let text = self.special_object_repr(value)?;
                writer.text.push_str(&text);
            }
        }
        Ok(())
    }

    /// A container. `class` is the name of a subclass of set, which its repr shows.
    fn write_container(&mut self, writer: &mut Writer, value: Ref<'_>, class: Option<&str>) -> Outcome<()> {
        self.check_stack_while(REPR)?;
        let kind = self.kind_of(value);
        if !self.enter_repr(value) {
            match kind {
                Kind::List => writer.text.push_str("[...]"),
                Kind::Tuple => writer.text.push_str("(...)"),
                Kind::Dict => writer.text.push_str("{...}"),
                _ => {
                    writer.text.push_str(class.unwrap_or(kind.class_name()));
                    writer.text.push_str("(...)");
                }
            }
            return Ok(());
        }
        let result = match kind {
            Kind::List => self.write_list(writer, value),
            Kind::Tuple => self.write_tuple(writer, value),
            Kind::Dict => self.write_dict(writer, value),
            _ => self.write_set(writer, value, class),
        };
        self.leave_repr(value);
        result
    }

    fn write_list(&mut self, writer: &mut Writer, value: Ref<'_>) -> Outcome<()> {
        writer.text.push_str("[");
        let mut index = 0;
        while let Some(item) = value.as_list().and_then(|list| list.get(index)) {
            if index > 0 {
                writer.text.push_str(", ");
            }
            self.write_repr(writer, item.get())?;
            index += 1;
        }
        writer.text.push_str("]");
        Ok(())
    }

    fn write_tuple(&mut self, writer: &mut Writer, value: Ref<'_>) -> Outcome<()> {
        let Some(tuple) = value.as_tuple() else { return Ok(()) };
        writer.text.push_str("(");
        for (index, item) in tuple.iter().enumerate() {
            if index > 0 {
                writer.text.push_str(", ");
            }
            self.write_repr(writer, item)?;
        }
        writer.text.push_str(if tuple.len() == 1 { ",)" } else { ")" });
        Ok(())
    }

    fn write_dict(&mut self, writer: &mut Writer, value: Ref<'_>) -> Outcome<()> {
        writer.text.push_str("{");
        let mut position = 0;
        while let Some((index, key, item)) = value.as_dict().and_then(|dict| dict.entry_from(position)) {
            if position > 0 {
                writer.text.push_str(", ");
            }
            self.write_repr(writer, key.get())?;
            writer.text.push_str(": ");
            self.write_repr(writer, item.get())?;
            position = index + 1;
        }
        writer.text.push_str("}");
        Ok(())
    }

    fn write_set(&mut self, writer: &mut Writer, value: Ref<'_>, class: Option<&str>) -> Outcome<()> {
        let Some(set) = value.as_set() else { return Ok(()) };
        let name = match (class, set.is_frozen()) {
            (Some(name), _) => Some(name),
            (None, true) => Some("frozenset"),
            (None, false) => None,
        };
        if set.is_empty() {
            writer.text.push_str(name.unwrap_or("set"));
            writer.text.push_str("()");
            return Ok(());
        }
        // A copy, as CPython takes: reprs of elements may change the set.
        let items = self.collect(value)?;
        if let Some(name) = name {
            writer.text.push_str(name);
            writer.text.push_str("(");
        }
        writer.text.push_str("{");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                writer.text.push_str(", ");
            }
            self.write_repr(writer, item.get())?;
        }
        writer.text.push_str(if name.is_some() { "})" } else { "}" });
        Ok(())
    }

    /// `<C object at 0x…>`.
    pub fn object_repr(&mut self, value: Ref<'_>) -> String {
        let class = self.class_of(value).to_owned();
        let name = self.class_path(class.get());
        format!("<{name} object at {:#x}>", self.identity(value))
    }

    /// A class's name with its module, as reprs show it: builtin classes without.
    pub fn class_path(&self, class: Ref<'_>) -> String {
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else { return String::new() };
        let name = view.qualified_name();
        let name = name.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let module = view.dict().get_str(heap.name(Name::Module));
        match module.as_ref().and_then(|module| module.get().as_str()).map(|module| module.to_string_lossy()) {
            Some(module) if module != "builtins" => format!("{module}.{name}"),
            _ => name,
        }
    }

    fn special_object_repr(&mut self, value: Ref<'_>) -> Outcome<String> {
        let place = self.identity(value);
        Ok(match self.kind_of(value) {
            Kind::Class => format!("<class '{}'>", self.class_path(value)),
            Kind::Function => format!("<function {} at {place:#x}>", self.function_name(value)),
            Kind::NativeFunction => match native_row(value) {
                Some(row) => self.native_repr(value, row),
                None => self.object_repr(value),
            },
            Kind::BoundMethod => {
                let Some(method) = value.as_bound_method() else { return Ok(String::new()) };
                let name = self.name(Name::QualifiedName).to_owned();
                let name = match self.find_attribute(method.function(), name.get())? {
                    Some(name) => self.str_text(name.get())?,
                    None => "?".to_owned(),
                };
                let receiver = self.repr_text(method.receiver())?;
                format!("<bound method {name} of {receiver}>")
            }
            Kind::Module => self.module_repr(value)?,
            Kind::Generator => {
                let name = self.name(Name::QualifiedName).to_owned();
                let name = match self.find_attribute(value, name.get())? {
                    Some(name) => self.str_text(name.get())?,
                    None => String::new(),
                };
                format!("<{} object {name} at {place:#x}>", self.type_name(value))
            }
            Kind::Code => {
                let Some(code) = value.as_code() else { return Ok(String::new()) };
                let code = crate::traceback::code_of(code);
                format!("<code object {} at {place:#x}, file \"{}\", line {}>", code.name, code.file, code.first_line)
            }
            Kind::Cell => match value.as_cell().and_then(|cell| cell.get()) {
                Some(content) => {
                    let class = self.type_name(content.get());
                    format!("<cell at {place:#x}: {class} object at {:#x}>", self.identity(content.get()))
                }
                None => format!("<cell at {place:#x}: empty>"),
            },
            _ => self.object_repr(value),
        })
    }

    /// `__qualname__` of a function written in toy.
    pub(crate) fn function_name(&self, function: Ref<'_>) -> String {
        let name = function.as_function().and_then(|function| function.get(FunctionField::QualifiedName));
        name.and_then(|name| name.get().as_str().map(|name| name.to_string_lossy())).unwrap_or_default()
    }

    fn native_repr(&mut self, value: Ref<'_>, row: &NativeRow) -> String {
        let name = row.name;
        let function = value.as_native_function();
        let is_slot = function.is_some_and(|function| function.is_slot());
        let home: Option<Owned> = function.and_then(|function| function.home()).map(Ref::to_owned);
        let home = home.as_ref().and_then(|home| home.get().as_class(self.heap())).map(|class| class.name_text());
        match (function.and_then(|function| function.receiver()), home) {
            (Some(receiver), _) => {
                let noun = if is_slot { "method-wrapper" } else { "built-in method" };
                let quoted = if is_slot { format!("'{name}'") } else { name.to_owned() };
                let class = self.type_name(receiver);
                format!("<{noun} {quoted} of {class} object at {:#x}>", self.identity(receiver))
            }
            // CPython has it as a function that is bound to its class.
            (None, Some(_)) if row.kind == NativeKind::Static => {
                let place = function.and_then(|function| function.home()).map_or(0, |home| self.identity(home));
                format!("<built-in method {name} of type object at {place:#x}>")
            }
            (None, Some(class)) => {
                let noun = if is_slot { "slot wrapper" } else { "method" };
                format!("<{noun} '{name}' of '{class}' objects>")
            }
            (None, None) => format!("<built-in function {name}>"),
        }
    }

    fn module_repr(&mut self, value: Ref<'_>) -> Outcome<String> {
        let heap = self.heap();
        let dict = value.as_module(heap).and_then(|module| module.dict().as_dict());
        let entry = |name: Name| dict.and_then(|dict| dict.get_str(heap.name(name)));
        let name = match entry(Name::Name) {
            Some(name) => self.repr_text(name.get())?,
            None => "'?'".to_owned(),
        };
        if let Some(file) = entry(Name::File).filter(|file| !file.get().is_none()) {
            return Ok(format!("<module {name} from {}>", self.repr_text(file.get())?));
        }
        // A package without a body has a file that is none, and a place.
        if entry(Name::File).is_some()
            && let Some(path) = entry(Name::Path)
        {
            return Ok(format!("<module {name} (namespace) from {}>", self.repr_text(path.get())?));
        }
        // One without a file that no import has found was made by a script.
        let loaded = self.machine().modules().as_dict();
        let loaded = entry(Name::Name).and_then(|name| loaded?.get_str(name.get()));
        let is_loaded = loaded.is_some_and(|loaded| loaded.get().is(value));
        Ok(if is_loaded { format!("<module {name} (built-in)>") } else { format!("<module {name}>") })
    }
}
