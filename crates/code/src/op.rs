//! The instruction table.

/// What an operand means. The disassembler prints by it, the verifier checks by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperandKind {
    /// Not used; must be 0.
    Unused,
    /// A register that is written, last of all. What a local held is dropped afterwards; a temporary holds nothing then
    /// (or is consumed by the same instruction).
    Write,
    /// A register that is read; consumed if its `CONSUME_*` flag is set.
    Read,
    /// The first of several consecutive registers, all of which the instruction consumes (how many: see its doc).
    ConsumedRange,
    /// The first of several consecutive registers that are written, as [`OperandKind::Write`] (how many: see its doc).
    WrittenRange,
    /// A register that is read and written in place (a container under construction, an iterator); never consumed.
    Update,
    /// A register that holds a cell.
    Cell,
    /// An index into `constants`.
    Constant,
    /// An index into `names`.
    Name,
    /// An index into the function's closure tuple.
    Free,
    /// A number of elements, arguments or registers.
    Count,
    /// A signed jump distance in words, from the word behind the instruction and its data words.
    Jump,
}

/// One row of the table, for consumers that want data rather than code.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// As the disassembler prints it.
    pub name: &'static str,
    /// What operand `a` means.
    pub a: OperandKind,
    /// What operand `b` means; for a wide instruction what `b` and `c` together mean.
    pub b: OperandKind,
    /// What operand `c` means.
    pub c: OperandKind,
    /// Whether `b` and `c` are one operand of 32 bits.
    pub is_wide: bool,
    /// How many uncounted words follow: caches and data.
    pub extra_words: u8,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// Hands the whole table to a macro. A row reads
/// `Variant "mnemonic" form (a: Kind, b: Kind, c: Kind) extra "meaning";` where form is `abc` or `wide` (then `b` is 32 bits
/// and `c` is `Unused`) and `extra` is the number of words behind it (caches first written 0, or data).
#[macro_export]
macro_rules! for_each_op {
    ($consumer:ident) => {
        $consumer! {
            // Moving values.
            LoadConst "load_const" wide (Write, Constant, Unused) 0 "a = constants[wide]";
            Move "move" abc (Write, Read, Unused) 0 "a = b";
            Clear "clear" abc (Write, Unused, Unused) 0 "a becomes unbound; what it held is dropped";
            CheckBound "check_bound" abc (Read, Unused, Unused) 0 "UnboundLocalError (NameError if a is not a local) when a is unbound";
            DeleteLocal "delete_local" abc (Write, Unused, Unused) 0 "del a; UnboundLocalError when it is unbound";

            // Cells and closures.
            MakeCell "make_cell" abc (Update, Unused, Unused) 0 "a becomes a new cell that holds what a held (unbound: an empty cell)";
            LoadCell "load_cell" abc (Write, Cell, Unused) 0 "a = content of cell b; NameError when empty";
            StoreCell "store_cell" abc (Cell, Read, Unused) 0 "content of cell a = b";
            DeleteCell "delete_cell" abc (Cell, Unused, Unused) 0 "empties cell a; NameError when empty";
            LoadFree "load_free" wide (Write, Free, Unused) 0 "a = content of closure[wide]; NameError when empty";
            StoreFree "store_free" wide (Read, Free, Unused) 0 "content of closure[wide] = a";
            DeleteFree "delete_free" wide (Unused, Free, Unused) 0 "empties closure[wide]; NameError when empty";
            LoadClosure "load_closure" wide (Write, Free, Unused) 0 "a = the cell closure[wide] itself";

            // Names.
            LoadGlobal "load_global" wide (Write, Name, Unused) 2 "a = globals[name], else builtins[name]; NameError. Two cache words";
            StoreGlobal "store_global" wide (Read, Name, Unused) 1 "globals[name] = a. One cache word";
            DeleteGlobal "delete_global" wide (Unused, Name, Unused) 0 "del globals[name]; NameError";
            LoadName "load_name" wide (Write, Name, Unused) 0 "a = namespace in register 0 [name], else global, else builtin; NameError";
            LoadNameOrCell "load_name_or_cell" abc (Write, Name, Free) 0 "a = namespace in register 0 [name b], else content of closure[c]; NameError";
            StoreName "store_name" wide (Read, Name, Unused) 0 "namespace in register 0 [name] = a";
            DeleteName "delete_name" wide (Unused, Name, Unused) 0 "del namespace in register 0 [name]; NameError";

            // Arithmetic: registers, then register and constant.
            Add "add" abc (Write, Read, Read) 0 "a = b + c";
            Subtract "sub" abc (Write, Read, Read) 0 "a = b - c";
            Multiply "mul" abc (Write, Read, Read) 0 "a = b * c";
            MatrixMultiply "matmul" abc (Write, Read, Read) 0 "a = b @ c";
            TrueDivide "div" abc (Write, Read, Read) 0 "a = b / c";
            FloorDivide "floordiv" abc (Write, Read, Read) 0 "a = b // c";
            Modulo "mod" abc (Write, Read, Read) 0 "a = b % c";
            Power "pow" abc (Write, Read, Read) 0 "a = b ** c";
            LeftShift "lshift" abc (Write, Read, Read) 0 "a = b << c";
            RightShift "rshift" abc (Write, Read, Read) 0 "a = b >> c";
            And "and" abc (Write, Read, Read) 0 "a = b & c";
            Or "or" abc (Write, Read, Read) 0 "a = b | c";
            Xor "xor" abc (Write, Read, Read) 0 "a = b ^ c";
            AddConst "add_const" abc (Write, Read, Constant) 0 "a = b + constants[c]";
            SubtractConst "sub_const" abc (Write, Read, Constant) 0 "a = b - constants[c]";
            MultiplyConst "mul_const" abc (Write, Read, Constant) 0 "a = b * constants[c]";
            MatrixMultiplyConst "matmul_const" abc (Write, Read, Constant) 0 "a = b @ constants[c]";
            TrueDivideConst "div_const" abc (Write, Read, Constant) 0 "a = b / constants[c]";
            FloorDivideConst "floordiv_const" abc (Write, Read, Constant) 0 "a = b // constants[c]";
            ModuloConst "mod_const" abc (Write, Read, Constant) 0 "a = b % constants[c]";
            PowerConst "pow_const" abc (Write, Read, Constant) 0 "a = b ** constants[c]";
            LeftShiftConst "lshift_const" abc (Write, Read, Constant) 0 "a = b << constants[c]";
            RightShiftConst "rshift_const" abc (Write, Read, Constant) 0 "a = b >> constants[c]";
            AndConst "and_const" abc (Write, Read, Constant) 0 "a = b & constants[c]";
            OrConst "or_const" abc (Write, Read, Constant) 0 "a = b | constants[c]";
            XorConst "xor_const" abc (Write, Read, Constant) 0 "a = b ^ constants[c]";
            Negative "neg" abc (Write, Read, Unused) 0 "a = -b";
            Positive "pos" abc (Write, Read, Unused) 0 "a = +b";
            Invert "invert" abc (Write, Read, Unused) 0 "a = ~b";
            Not "not" abc (Write, Read, Unused) 0 "a = not b";

            // Comparison for a value.
            Equal "eq" abc (Write, Read, Read) 0 "a = b == c";
            NotEqual "ne" abc (Write, Read, Read) 0 "a = b != c";
            Less "lt" abc (Write, Read, Read) 0 "a = b < c";
            LessEqual "le" abc (Write, Read, Read) 0 "a = b <= c";
            Greater "gt" abc (Write, Read, Read) 0 "a = b > c";
            GreaterEqual "ge" abc (Write, Read, Read) 0 "a = b >= c";
            Is "is" abc (Write, Read, Read) 0 "a = b is c";
            IsNot "is_not" abc (Write, Read, Read) 0 "a = b is not c";
            In "in" abc (Write, Read, Read) 0 "a = b in c";
            NotIn "not_in" abc (Write, Read, Read) 0 "a = b not in c";

            // Jumps. A negative distance is a back-edge, hence a safepoint.
            Jump "jump" wide (Unused, Jump, Unused) 0 "jumps by wide";
            JumpIf "jump_if" wide (Read, Jump, Unused) 0 "jumps by wide if the truth of a is as JUMP_IF_TRUE says";
            JumpIfNone "jump_if_none" wide (Read, Jump, Unused) 0 "jumps by wide if (a is None) is as JUMP_IF_TRUE says";
            JumpOrClear "jump_or_clear" wide (Update, Jump, Unused) 0 "if the truth of a is as JUMP_IF_TRUE says, jumps by wide and a stays; else what a held is dropped and a becomes unbound";
            JumpEqual "jump_eq" abc (Read, Read, Jump) 0 "jumps by c if the truth of a == b is as JUMP_IF_TRUE says";
            JumpNotEqual "jump_ne" abc (Read, Read, Jump) 0 "jumps by c if the truth of a != b is as JUMP_IF_TRUE says";
            JumpLess "jump_lt" abc (Read, Read, Jump) 0 "jumps by c if the truth of a < b is as JUMP_IF_TRUE says";
            JumpLessEqual "jump_le" abc (Read, Read, Jump) 0 "jumps by c if the truth of a <= b is as JUMP_IF_TRUE says";
            JumpGreater "jump_gt" abc (Read, Read, Jump) 0 "jumps by c if the truth of a > b is as JUMP_IF_TRUE says";
            JumpGreaterEqual "jump_ge" abc (Read, Read, Jump) 0 "jumps by c if the truth of a >= b is as JUMP_IF_TRUE says";
            JumpEqualConst "jump_eq_const" abc (Read, Constant, Jump) 0 "jumps by c if the truth of a == constants[b] is as JUMP_IF_TRUE says";
            JumpNotEqualConst "jump_ne_const" abc (Read, Constant, Jump) 0 "jumps by c if the truth of a != constants[b] is as JUMP_IF_TRUE says";
            JumpLessConst "jump_lt_const" abc (Read, Constant, Jump) 0 "jumps by c if the truth of a < constants[b] is as JUMP_IF_TRUE says";
            JumpLessEqualConst "jump_le_const" abc (Read, Constant, Jump) 0 "jumps by c if the truth of a <= constants[b] is as JUMP_IF_TRUE says";
            JumpGreaterConst "jump_gt_const" abc (Read, Constant, Jump) 0 "jumps by c if the truth of a > constants[b] is as JUMP_IF_TRUE says";
            JumpGreaterEqualConst "jump_ge_const" abc (Read, Constant, Jump) 0 "jumps by c if the truth of a >= constants[b] is as JUMP_IF_TRUE says";
            JumpIs "jump_is" abc (Read, Read, Jump) 0 "jumps by c if (a is b) is as JUMP_IF_TRUE says";
            JumpIn "jump_in" abc (Read, Read, Jump) 0 "jumps by c if (a in b) is as JUMP_IF_TRUE says";
            Safepoint "safepoint" abc (Unused, Unused, Unused) 0 "a place to leave the fast loop; counts as no instruction";

            // Calls. The callee and its arguments stand in consecutive registers, all consumed; the callee's frame starts
            // at its first argument, so nothing is copied.
            Call "call" abc (Write, ConsumedRange, Count) 0 "a = call of register b with the c arguments behind it";
            CallKeywords "call_kw" abc (Write, ConsumedRange, Count) 1 "as call; the last arguments are keywords, their names the tuple constants[data word]";
            CallStar "call_star" abc (Write, ConsumedRange, Unused) 0 "a = call of register b with the arguments of the iterable in b+1 (TypeError that names the callee if it is none) and the dict (or unbound) in b+2";
            GetMethod "get_method" abc (WrittenRange, Read, Name) 2 "a = the function, a+1 = b itself, if b.name is a method; else a = b.name, a+1 = unbound. Two cache words";
            GetSuperMethod "get_super_method" abc (WrittenRange, Read, Name) 4 "as get_method of b(), where b is what the name super means: a super object is only made if its attribute is no method. Four cache words";
            CallMethod "call_method" abc (Write, ConsumedRange, Count) 0 "a = call of what get_method left in b and b+1, with the c arguments behind it";
            CallMethodKeywords "call_method_kw" abc (Write, ConsumedRange, Count) 1 "as call_method; names of the last arguments in constants[data word]";
            Return "return" abc (Read, Unused, Unused) 0 "returns a";
            ReturnConst "return_const" wide (Unused, Constant, Unused) 0 "returns constants[wide]";

            // Functions and classes.
            MakeFunction "make_function" abc (Write, ConsumedRange, Unused) 1 "a = function of codes[data word]; what the flags name stands in registers from b: defaults, keyword defaults, annotations, closure, type parameters";
            LoadBuildClass "load_build_class" abc (Write, Unused, Unused) 0 "a = the builtin that makes classes";
            LoadAssertionError "load_assertion_error" abc (Write, Unused, Unused) 0 "a = AssertionError, whatever the name means here";
            SetupAnnotations "setup_annotations" abc (Unused, Unused, Unused) 0 "makes sure that the namespace (register 0 of a class body, else the globals) has __annotations__";

            // Displays. Long ones are built in chunks with the extending forms.
            BuildTuple "build_tuple" abc (Write, ConsumedRange, Count) 0 "a = tuple of the c registers from b";
            BuildList "build_list" abc (Write, ConsumedRange, Count) 0 "a = list of the c registers from b";
            BuildSet "build_set" abc (Write, ConsumedRange, Count) 0 "a = set of the c registers from b";
            BuildDict "build_dict" abc (Write, ConsumedRange, Count) 0 "a = dict of the c pairs key, value in the registers from b";
            BuildSlice "build_slice" abc (Write, ConsumedRange, Count) 0 "a = slice of the c (2 or 3) registers from b";
            BuildString "build_string" abc (Write, ConsumedRange, Count) 0 "a = the strings in the c registers from b, joined";
            FormatValue "format_value" abc (Write, Read, Read) 0 "a = format(conversion(b), c or ''), see the flags";
            ListAppend "list_append" abc (Update, Read, Unused) 0 "appends b to the list a";
            ListAppendMany "list_append_many" abc (Update, ConsumedRange, Count) 0 "appends the c registers from b to the list a";
            ListExtend "list_extend" abc (Update, Read, Unused) 0 "appends all of the iterable b to the list a, for [*b] and f(*b)";
            ListToTuple "list_to_tuple" abc (Write, Read, Unused) 0 "a = tuple of the list b";
            SetAdd "set_add" abc (Update, Read, Unused) 0 "adds b to the set a";
            SetUpdate "set_update" abc (Update, Read, Unused) 0 "adds all of the iterable b to the set a";
            DictSet "dict_set" abc (Update, Read, Read) 0 "dict a [b] = c, without asking a subclass";
            DictUpdate "dict_update" abc (Update, Read, Unused) 0 "adds the mapping b to the dict a, later keys winning, for {**b}";
            DictMerge "dict_merge" abc (Update, Read, Read) 0 "adds the mapping b to the keyword dict a; a repeated or non-string key is a TypeError that names the callee c, which is only read";

            // Items, attributes.
            GetItem "get_item" abc (Write, Read, Read) 0 "a = b[c]";
            GetItemConst "get_item_const" abc (Write, Read, Constant) 0 "a = b[constants[c]]";
            SetItem "set_item" abc (Read, Read, Read) 0 "a[b] = c";
            SetItemConst "set_item_const" abc (Read, Read, Constant) 0 "a[b] = constants[c]";
            DeleteItem "delete_item" abc (Read, Read, Unused) 0 "del a[b]";
            GetAttribute "get_attr" abc (Write, Read, Name) 2 "a = b.name. Two cache words";
            SetAttribute "set_attr" abc (Read, Read, Name) 2 "a.name = b. Two cache words";
            DeleteAttribute "delete_attr" abc (Read, Unused, Name) 0 "del a.name";
            GetAttributeBy "get_attr_by" abc (Write, Read, Read) 0 "a = b.(name in c): for code objects with more than 65,536 names";
            SetAttributeBy "set_attr_by" abc (Read, Read, Read) 0 "a.(name in c) = b";
            DeleteAttributeBy "delete_attr_by" abc (Read, Read, Unused) 0 "del a.(name in b)";

            // Iteration.
            GetIterator "get_iter" abc (Write, Read, Unused) 0 "a = iter(b)";
            ForIterator "for_iter" abc (Write, Update, Jump) 0 "a = next value of iterator b; at its end b is dropped and unbound and it jumps by c";
            ForNext "for_next" abc (Write, Update, Jump) 0 "a = next value of iterator b and it jumps by c; at its end b is dropped and unbound";
            Unpack "unpack" abc (WrittenRange, Read, Count) 0 "the c values of iterable b into the registers from a";
            UnpackStar "unpack_star" abc (WrittenRange, Read, Unused) 1 "as unpack with a star: data word = before | after << 32; before values, a list, after values into the registers from a";

            // Generators.
            Yield "yield" abc (Write, Read, Unused) 0 "suspends with b; a = what is sent in";
            GetYieldFromIterator "get_yield_from_iter" abc (Write, Read, Unused) 0 "a = b itself if it is a generator, else iter(b)";
            Send "send" abc (Update, Update, Jump) 0 "sends a to the iterator b (None: next): on a yield a = the value and it goes on; on its end a = the returned value, b is dropped and it jumps by c";
            // Async.
            GetAwaitable "get_awaitable" abc (Write, Read, Count) 0 "a = the iterator behind await b; c: what b is the result of, for the message (0 nothing, 1 __aenter__, 2 __aexit__)";
            GetAsyncIterator "get_aiter" abc (Write, Read, Unused) 0 "a = aiter(b)";
            GetAsyncNext "get_anext" abc (Write, Read, Unused) 0 "a = the awaitable of anext(b); b is never consumed";
            EndAsyncFor "end_async_for" abc (Read, Unused, Unused) 0 "goes on if the exception a is StopAsyncIteration, else raises it again; a is consumed";
            AsyncYield "async_yield" abc (Write, Read, Unused) 0 "yield of an asynchronous generator";

            // Exceptions. A handler starts with catch at the place that the exception table names.
            Catch "catch" abc (WrittenRange, Unused, Unused) 0 "a = the exception that is being raised, a+1 = the one handled before (or unbound); a is now the one being handled";
            EndCatch "end_catch" abc (Update, Unused, Unused) 0 "the one in a+1 is handled again; a and a+1 become unbound";
            Raise "raise" abc (Read, Unused, Unused) 0 "raises a";
            RaiseFrom "raise_from" abc (Read, Read, Unused) 0 "raises a with cause b";
            RaiseAgain "raise_again" abc (Unused, Unused, Unused) 0 "raises the exception being handled, for a bare raise; RuntimeError when there is none";
            Reraise "reraise" abc (Read, Unused, Unused) 0 "raises the exception a on, its traceback as it is, for the end of a finally or of unmatched handlers; a is consumed";
            JumpUnlessMatch "jump_unless_match" abc (Read, Read, Jump) 0 "jumps by c unless exception a is an instance of b, a class or tuple of classes (else TypeError)";
            MatchGroup "match_group" abc (WrittenRange, Read, Read) 0 "except*: splits the exception b by class c: a = what matches (or None), a+1 = the rest (or None)";
            CombineGroups "combine_groups" abc (Write, Read, Read) 0 "end of except*: a = what is to be raised of the list b of raised and unmatched parts and the original c, or None";

            // With.
            WithEnter "with_enter" abc (WrittenRange, Read, Unused) 0 "a = bound __exit__ of b, a+1 = result of __enter__ of b";
            WithExcept "with_except" abc (Write, Read, Read) 0 "a = result of the exit method b called with the exception c, its class and traceback";
            AsyncWithEnter "async_with_enter" abc (WrittenRange, Read, Unused) 0 "a = bound __aexit__ of b, a+1 = what __aenter__ of b returned, to be awaited";

            // Imports.
            ImportName "import_name" abc (Write, Constant, Name) 1 "a = __import__(names[c], fromlist = constants[b], level = data word)";
            ImportFrom "import_from" abc (Write, Read, Name) 0 "a = attribute or submodule of the module b; b is never consumed";
            ImportStar "import_star" abc (Read, Unused, Unused) 0 "takes the public names of module a into the globals (register 0's namespace in a class)";

            // Patterns.
            MatchSequence "match_sequence" abc (Write, Read, Unused) 0 "a = whether b is a sequence as patterns understand it; b is never consumed";
            MatchMapping "match_mapping" abc (Write, Read, Unused) 0 "a = whether b is a mapping; b is never consumed";
            MatchLength "match_length" abc (Write, Read, Unused) 0 "a = len(b); b is never consumed";
            MatchKeys "match_keys" abc (Write, Read, Read) 0 "a = tuple of the values of mapping b under the keys of tuple c, or None; nothing is consumed";
            MatchClass "match_class" abc (Write, Read, ConsumedRange) 1 "a = tuple of attributes of b, an instance of the class in c, or None; the tuple of keyword names in c+1, data word = number of positional patterns";
            CopyWithoutKeys "copy_without_keys" abc (Write, Read, Read) 0 "a = dict of the mapping b without the keys of tuple c";

            // Type parameters and aliases.
            MakeTypeParameter "make_type_parameter" abc (Write, ConsumedRange, Name) 1 "a = TypeVar (data 0; 3 with constraints), TypeVarTuple (1) or ParamSpec (2) names[c]; b = function that gives the bound or None, b+1 = the one that gives the default or None";
            MakeTypeAlias "make_type_alias" abc (Write, ConsumedRange, Name) 0 "a = alias names[c]: b = tuple of type parameters or None, b+1 = function that gives the value";
        }
    };
}

macro_rules! define_ops {
    ($($variant:ident $name:literal $form:ident ($a:ident, $b:ident, $c:ident) $extra:literal $doc:literal;)*) => {
        /// The operations.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Op {
            $(#[doc = concat!("`", $doc, "`")] $variant,)*
        }

        impl Op {
            /// All operations in the order of their numbers.
            pub const ALL: &'static [Op] = &[$(Op::$variant,)*];

            const INFO: &'static [OpInfo] = &[$(OpInfo {
                name: $name,
                a: OperandKind::$a,
                b: OperandKind::$b,
                c: OperandKind::$c,
                is_wide: define_ops!(@wide $form),
                extra_words: $extra,
                doc: $doc,
            },)*];
        }
    };
    (@wide abc) => { false };
    (@wide wide) => { true };
}

for_each_op!(define_ops);

impl Op {
    /// The row of the table.
    pub fn info(self) -> &'static OpInfo {
        &Self::INFO[self as usize]
    }

    /// The operation with this number.
    pub fn from_byte(byte: u8) -> Option<Op> {
        Self::ALL.get(byte as usize).copied()
    }

    /// Whether it calls; every call is a safepoint.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Call | Self::CallKeywords | Self::CallStar | Self::CallMethod | Self::CallMethodKeywords)
    }

    /// Whether control never goes on behind it.
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Jump
                | Self::Return
                | Self::ReturnConst
                | Self::Raise
                | Self::RaiseFrom
                | Self::RaiseAgain
                | Self::Reraise
        )
    }
}
