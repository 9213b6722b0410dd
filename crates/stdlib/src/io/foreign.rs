//! Encodings in which a line end is not a single byte that means nothing else, or in which bytes above 127 are not those of Latin-1 or
//! UTF-8. What is read is made UTF-8 at once, so that the rest is as for other files; lone surrogates are encoded as they are.

use std::cell::{Cell, RefCell};

use toy_object::{Ref, Str};
use toy_vm::{Outcome, Vm};

use crate::module::call_method;

/// The mark of an order of bytes, and the encoding that has this order.
type Order = (&'static [u8], &'static str);

/// Encodings whose first bytes say in which order the bytes of a character come.
const MARKED: &[(&str, &[Order])] = &[
    ("utf16", &[(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]),
    ("utf32", &[(b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be")]),
];

/// One of those encodings, and how far it has been read.
pub(super) struct Foreign {
    /// What stands at the start of a file, and is written only there.
    mark: Vec<u8>,
    pub(super) has_begun: Cell<bool>,
    /// Which of the encodings it is that its name leaves open.
    order: Cell<Option<&'static str>>,
    /// Bytes that are only the beginning of a character.
    rest: RefCell<Vec<u8>>,
}

impl Foreign {
    /// `LookupError` if there is no such encoding.
    pub(super) fn new(vm: &mut Vm, name: &str) -> Outcome<Self> {
        let nothing = vm.new_str("")?;
        let mark = encoded(vm, nothing.get(), name, "strict")?;
        Ok(Self { mark, has_begun: Cell::new(false), order: Cell::new(None), rest: RefCell::default() })
    }

    fn marked(name: &str) -> Option<&'static [Order]> {
        let plain: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = if plain == "u16" || plain == "u32" { plain.replace('u', "utf") } else { plain };
        MARKED.iter().find(|(name, _)| *name == plain).map(|(_, orders)| *orders)
    }

    /// Leaves unfinished characters behind.
    pub(super) fn forget(&self) {
        drop(self.rest.take());
    }

    /// The file stands at its start again.
    pub(super) fn begin(&self) {
        self.forget();
        self.order.set(None);
    }

    /// So many bytes wait for the rest of their character.
    pub(super) fn waiting(&self) -> usize {
        self.rest.borrow().len()
    }

    /// Bytes of the file as UTF-8.
    pub(super) fn decode(&self, vm: &mut Vm, names: (&str, &str), bytes: &[u8], is_final: bool) -> Outcome<Vec<u8>> {
        let (name, errors) = names;
        let mut data = self.rest.take();
        data.extend_from_slice(bytes);
        let mut name = name;
        if let Some(orders) = Self::marked(name) {
            if self.order.get().is_none() {
                if data.len() < orders[0].0.len() && !is_final {
                    *self.rest.borrow_mut() = data;
                    return Ok(Vec::new());
                }
                let (mark, order) =
                    orders.iter().find(|(mark, _)| data.starts_with(mark)).copied().unwrap_or((b"", orders[0].1));
                data.drain(..mark.len());
                self.order.set(Some(order));
            }
            name = self.order.get().unwrap_or(name);
        }
        let cut = if is_final { 0 } else { unfinished(name, &data) };
        let rest = data.split_off(data.len() - cut);
        *self.rest.borrow_mut() = rest;
        if data.is_empty() {
            return Ok(data);
        }
        let data = vm.new_bytes(&data)?;
        let (name, errors) = (vm.new_str(name)?, vm.new_str(errors)?);
        let text = call_method(vm, data.get(), "decode", &[name.get(), errors.get()])?;
        match text.get().as_str().and_then(|text| text.to_utf8().map(|text| text.into_owned())) {
            Some(text) => Ok(text.into_bytes()),
            None => encoded(vm, text.get(), "utf-8", "surrogatepass"),
        }
    }

    /// Text as the bytes of the file.
    pub(super) fn encode(&self, vm: &mut Vm, names: (&str, &str), text: Str<'_>) -> Outcome<Vec<u8>> {
        let mut bytes = encoded(vm, text.as_ref(), names.0, names.1)?;
        if self.has_begun.replace(true) {
            bytes.drain(..self.mark.len());
        }
        Ok(bytes)
    }

    /// How many bytes of the file this UTF-8 was.
    pub(super) fn length_of(&self, vm: &mut Vm, names: (&str, &str), utf8: &[u8]) -> Outcome<usize> {
        let (bytes, utf8_name, errors) = (vm.new_bytes(utf8)?, vm.new_str("utf-8")?, vm.new_str("surrogatepass")?);
        let text = call_method(vm, bytes.get(), "decode", &[utf8_name.get(), errors.get()])?;
        let name = self.order.get().unwrap_or(names.0);
        let length = encoded(vm, text.get(), name, names.1)?.len();
        Ok(if self.order.get().is_some() { length } else { length - self.mark.len() })
    }
}

fn encoded(vm: &mut Vm, text: Ref<'_>, name: &str, errors: &str) -> Outcome<Vec<u8>> {
    let (name, errors) = (vm.new_str(name)?, vm.new_str(errors)?);
    let bytes = call_method(vm, text, "encode", &[name.get(), errors.get()])?;
    Ok(bytes.get().as_bytes().map(|bytes| bytes.as_slice().to_vec()).unwrap_or_default())
}

/// So many bytes at the end are only the beginning of a character.
fn unfinished(name: &str, data: &[u8]) -> usize {
    let name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    if name.starts_with("utf32") {
        return data.len() % 4;
    }
    if !name.starts_with("utf16") {
        return 0;
    }
    let odd = data.len() % 2;
    let units = &data[..data.len() - odd];
    let high = if name.ends_with("be") { units.iter().rev().nth(1) } else { units.last() };
    // A character of two units lacks its second one.
    odd + if high.is_some_and(|byte| byte & 0xfc == 0xd8) { 2 } else { 0 }
}
