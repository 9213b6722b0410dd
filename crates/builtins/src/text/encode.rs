//! `str.encode`.

use toy_vm::{Args, Outcome, Vm, natives};

use crate::codec;
use crate::support::{text_or, this_str};

natives! {
    /// `str.encode`.
    pub(crate) STR_ENCODE:
    method "encode" ("encoding='utf-8', errors='strict'")
        "The text as bytes in an encoding.\n\nerrors says what to do with characters that it lacks: strict, ignore, replace, xmlcharrefreplace, backslashreplace, surrogateescape."
        => encode;
}

fn encode(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let encoding = text_or(vm, args.get(1), "utf-8", "encode() argument 'encoding' must be str")?;
    let errors = text_or(vm, args.get(2), "strict", "encode() argument 'errors' must be str")?;
    let bytes = codec::encode(vm, text, &encoding, &errors)?;
    Ok(vm.new_bytes(&bytes)?)
}
