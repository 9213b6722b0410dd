//! `str.translate` and `str.maketrans`.

use toy_object::{Owned, Ref, StrBuilder};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::support::{is_exactly, text_argument, this_str, type_error, value_error};

natives! {
    /// The methods of str that replace characters by a table.
    pub(crate) STR_TRANSLATE:
    method "translate" ("table, /")
        "Every character replaced by what a table gives for its number: text, a number, or None for nothing.\n\nCharacters that the table lacks stay."
        => translate;
    function "maketrans" ("x, y=None, z=None, /")
        "Return a translation table usable for str.translate().\n\nIf there is only one argument, it must be a dictionary mapping Unicode\nordinals (integers) or characters to Unicode ordinals, strings or None.\nCharacter keys will be then converted to ordinals.\nIf there are two arguments, they must be strings of equal length, and\nin the resulting dictionary, each character in x will be mapped to the\ncharacter at the same position in y. If there is a third argument, it\nmust be a string, whose characters will be mapped to None in the result."
        => maketrans;
}

fn translate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let mut builder = StrBuilder::with_capacity(text.len());
    for code_point in text.code_points() {
        translate_one(vm, args.at(1), code_point, &mut builder)?;
    }
    Ok(builder.finish(vm.heap())?)
}

fn translate_one(vm: &mut Vm, table: Ref<'_>, code_point: u32, builder: &mut StrBuilder) -> Outcome<()> {
    let key = vm.new_int(i64::from(code_point))?;
    let replacement = match vm.get_item(table, key.get()) {
        Ok(replacement) => replacement,
        Err(raised) => {
            if !vm.raised_is(ClassName::LookupError) {
                return Err(raised);
            }
            drop(vm.take_raised());
            builder.push_code_point(code_point);
            return Ok(());
        }
    };
    let replacement = replacement.get();
    if let Some(text) = replacement.as_str() {
        builder.push_string(text);
    } else if replacement.as_int().is_some() {
        let number = vm.index_clamped(replacement)?;
        match u32::try_from(number).ok().filter(|&number| number < 0x11_0000) {
            Some(code_point) => builder.push_code_point(code_point),
            None => return Err(value_error(vm, "character mapping must be in range(0x110000)")),
        }
    } else if !replacement.is_none() {
        return Err(type_error(vm, "character mapping must return integer, None or str"));
    }
    Ok(())
}

fn maketrans(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.get(1) {
        Some(to) => table_of_characters(vm, args.at(0), to, args.get(2)),
        None => table_of_dict(vm, args.at(0)),
    }
}

fn table_of_characters(vm: &mut Vm, from: Ref<'_>, to: Ref<'_>, deleted: Option<Ref<'_>>) -> Outcome {
    let to = text_argument(vm, to, "maketrans() argument 2 must be str")?;
    let deleted =
        deleted.map(|deleted| text_argument(vm, deleted, "maketrans() argument 3 must be str")).transpose()?;
    let Some(from) = from.as_str() else {
        return Err(type_error(vm, "first maketrans argument must be a string if there is a second argument"));
    };
    if from.len() != to.len() {
        return Err(value_error(vm, "the first two maketrans arguments must have equal length"));
    }
    let table = vm.new_dict()?;
    for (from, to) in from.code_points().zip(to.code_points()) {
        let (from, to) = (vm.new_int(i64::from(from))?, vm.new_int(i64::from(to))?);
        vm.dict_set(table.get(), from.get(), to.get())?;
    }
    for code_point in deleted.iter().flat_map(|deleted| deleted.code_points()) {
        let key = vm.new_int(i64::from(code_point))?;
        vm.dict_set(table.get(), key.get(), Ref::NONE)?;
    }
    Ok(table)
}

fn table_of_dict(vm: &mut Vm, mapping: Ref<'_>) -> Outcome {
    let Some(dict) = mapping.as_dict().filter(|_| is_exactly(vm, mapping, ClassName::Dict)) else {
        return Err(type_error(vm, "if you give only one argument to maketrans it must be a dict"));
    };
    let table = vm.new_dict()?;
    let mut position = 0;
    while let Some((index, key, value)) = dict.entry_from(position) {
        position = index + 1;
        let key = table_key(vm, key)?;
        vm.dict_set(table.get(), key.get(), value.get())?;
    }
    Ok(table)
}

fn table_key(vm: &mut Vm, key: Owned) -> Outcome {
    if let Some(text) = key.get().as_str() {
        if text.len() != 1 {
            return Err(value_error(vm, "string keys in translate table must be of length 1"));
        }
        return Ok(vm.new_int(i64::from(text.code_point(0)))?);
    }
    if key.get().as_int().is_some() {
        return Ok(key);
    }
    Err(type_error(vm, "keys in translate table must be strings or integers"))
}
