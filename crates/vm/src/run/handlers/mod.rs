//! One handler an instruction: what the loop does by itself.
//!
//! A handler works on [`Running`](super::running::Running), calls nothing that is not inlined, and answers a
//! [`Step`](super::running::Step). An instruction without a handler, and every case that a handler gives up
//! ([`Step::Slow`](super::running::Step::Slow)), is done by `Vm::perform`.

pub(super) mod attributes;
pub(super) mod calls;
pub(super) mod generators;
pub(super) mod items;
pub(super) mod iteration;
pub(super) mod jumps;
pub(super) mod names;
pub(super) mod numbers;

/// The table: hands `$receiver` the instructions that have a handler, as `Op => handler;` or `Op => handler, second;`. The
/// second one is asked when the first one gives up: it deals with what is less common but not rare.
macro_rules! for_each_handler {
    ($receiver:ident) => {
        $receiver! {
            LoadConst => names::load_const;
            Move => names::move_value;
            Clear => names::clear;
            CheckBound => names::check_bound;
            LoadCell => names::load_cell;
            LoadFree => names::load_free;
            LoadGlobal => names::load_global;
            Add => numbers::add, numbers::mixed::add;
            Subtract => numbers::subtract, numbers::mixed::subtract;
            Multiply => numbers::multiply, numbers::mixed::multiply;
            TrueDivide => numbers::true_divide, numbers::mixed::true_divide;
            FloorDivide => numbers::floor_divide;
            Modulo => numbers::modulo;
            LeftShift => numbers::left_shift;
            RightShift => numbers::right_shift;
            And => numbers::and;
            Or => numbers::or;
            Xor => numbers::xor;
            AddConst => numbers::add_const, numbers::mixed::add_const;
            SubtractConst => numbers::subtract_const, numbers::mixed::subtract_const;
            MultiplyConst => numbers::multiply_const, numbers::mixed::multiply_const;
            TrueDivideConst => numbers::true_divide_const, numbers::mixed::true_divide_const;
            FloorDivideConst => numbers::floor_divide_const;
            ModuloConst => numbers::modulo_const;
            LeftShiftConst => numbers::left_shift_const;
            RightShiftConst => numbers::right_shift_const;
            AndConst => numbers::and_const;
            OrConst => numbers::or_const;
            XorConst => numbers::xor_const;
            Negative => numbers::negative;
            Not => numbers::not;
            Equal => numbers::equal, numbers::mixed::equal;
            NotEqual => numbers::not_equal, numbers::mixed::not_equal;
            Less => numbers::less, numbers::mixed::less;
            LessEqual => numbers::less_equal, numbers::mixed::less_equal;
            Greater => numbers::greater, numbers::mixed::greater;
            GreaterEqual => numbers::greater_equal, numbers::mixed::greater_equal;
            Is => numbers::is;
            IsNot => numbers::is_not;
            JumpEqual => numbers::jump_equal, numbers::mixed::jump_equal;
            JumpNotEqual => numbers::jump_not_equal, numbers::mixed::jump_not_equal;
            JumpLess => numbers::jump_less, numbers::mixed::jump_less;
            JumpLessEqual => numbers::jump_less_equal, numbers::mixed::jump_less_equal;
            JumpGreater => numbers::jump_greater, numbers::mixed::jump_greater;
            JumpGreaterEqual => numbers::jump_greater_equal, numbers::mixed::jump_greater_equal;
            JumpEqualConst => numbers::jump_equal_const, numbers::mixed::jump_equal_const;
            JumpNotEqualConst => numbers::jump_not_equal_const, numbers::mixed::jump_not_equal_const;
            JumpLessConst => numbers::jump_less_const, numbers::mixed::jump_less_const;
            JumpLessEqualConst => numbers::jump_less_equal_const, numbers::mixed::jump_less_equal_const;
            JumpGreaterConst => numbers::jump_greater_const, numbers::mixed::jump_greater_const;
            JumpGreaterEqualConst => numbers::jump_greater_equal_const, numbers::mixed::jump_greater_equal_const;
            Jump => jumps::jump;
            JumpIf => jumps::jump_if;
            JumpOrClear => jumps::jump_or_clear;
            JumpIfNone => jumps::jump_if_none;
            JumpIs => jumps::jump_is;
            Safepoint => jumps::safepoint;
            Call => calls::call;
            CallMethod => calls::call_method, calls::call_without_receiver;
            Return => calls::return_register, calls::return_elsewhere;
            ReturnConst => calls::return_const;
            GetAttribute => attributes::get_attribute, attributes::get_attribute_apart;
            SetAttribute => attributes::set_attribute, attributes::set_attribute_of_temporary;
            GetMethod => attributes::get_method, attributes::get_method_elsewhere;
            GetSuperMethod => attributes::get_super_method;
            GetItem => items::get_item;
            GetItemConst => items::get_item_const;
            SetItem => items::set_item;
            SetItemConst => items::set_item_const;
            ListAppend => items::list_append, items::collect;
            ForIterator => iteration::for_iterator, generators::for_generator;
            ForNext => iteration::for_next, generators::for_generator;
            Unpack => iteration::unpack;
            Yield => generators::yield_value, generators::yield_to_rust;
            SetAdd => items::collect;
            DictSet => items::collect;
            Send => generators::send;
        }
    };
}
pub(super) use for_each_handler;
