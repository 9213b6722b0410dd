//! Fills the builtin classes and the builtin namespace. The tables here are the whole list.

use toy_object::{Name, Owned, Ref};
use toy_vm::{ClassName, ITERATOR_METHODS, ImplicitAttribute, NativeRow, Outcome, STATE_ITERATOR_METHODS, Vm};

use crate::documentation::CLASS_DOCUMENTATION;
use crate::support::{
    BIT_OPERATORS, DICT_OPERATORS, EQUALITY_METHODS, FLOAT_OPERATORS, INT_COMPARISONS, INT_OPERATORS, ORDER_METHODS,
    SEQUENCE_CHANGES, SEQUENCE_OPERATORS, SET_CHANGES, SET_OPERATORS, TEMPLATE_OPERATORS,
};
use crate::{builtin, bytes, class, exception, float, function, int, iterator, mapping, sequence, set, text};

/// What calls by position of classes run that would otherwise run both `__new__` and `__init__`.
static MAKERS: &[(ClassName, &[NativeRow])] = &[
    (ClassName::Type, class::TYPE_MAKER),
    (ClassName::List, sequence::LIST_MAKER),
    (ClassName::Dict, mapping::DICT_MAKER),
    (ClassName::Set, set::SET_MAKER),
];

/// Rows of the builtin classes other than exceptions.
static METHODS: &[(ClassName, &[&[NativeRow]])] = &[
    (ClassName::Object, &[class::OBJECT_METHODS, class::OBJECT_COMPARISONS, class::OBJECT_REDUCTION]),
    (ClassName::Type, &[class::TYPE_METHODS, class::TYPE_ATTRIBUTES]),
    (ClassName::NoneType, &[function::NONE_METHODS]),
    (ClassName::Ellipsis, &[function::ELLIPSIS_METHODS, class::ELLIPSIS_REDUCTION]),
    (ClassName::NotImplemented, &[function::NOT_IMPLEMENTED_METHODS, class::NOT_IMPLEMENTED_REDUCTION]),
    (
        ClassName::Int,
        &[int::INT_CONSTRUCT, int::INT_METHODS, int::INT_BYTES, INT_OPERATORS, BIT_OPERATORS, INT_COMPARISONS],
    ),
    (ClassName::Bool, &[int::BOOL_CONSTRUCT, int::BOOL_METHODS]),
    (ClassName::Float, &[float::FLOAT_METHODS, FLOAT_OPERATORS, ORDER_METHODS]),
    (
        ClassName::Str,
        &[
            text::STR_METHODS,
            text::STR_CASE,
            text::STR_ENCODE,
            text::STR_FORMAT,
            text::STR_LAYOUT,
            text::STR_PREDICATES,
            text::STR_REPLACE,
            text::STR_SEARCH,
            text::STR_SPLIT,
            text::STR_TRANSLATE,
            SEQUENCE_OPERATORS,
            TEMPLATE_OPERATORS,
            ORDER_METHODS,
        ],
    ),
    (
        ClassName::Bytes,
        &[
            bytes::BYTES_CONSTRUCT,
            bytes::BYTES_ONLY,
            bytes::BYTES_METHODS,
            bytes::BYTES_CASE,
            bytes::BYTES_LAYOUT,
            bytes::BYTES_SEARCH,
            bytes::BYTES_SPLIT,
            bytes::BYTES_TEXT,
            SEQUENCE_OPERATORS,
            TEMPLATE_OPERATORS,
            ORDER_METHODS,
        ],
    ),
    (
        ClassName::ByteArray,
        &[
            bytes::BYTE_ARRAY_CONSTRUCT,
            bytes::BYTE_ARRAY_OPERATORS,
            bytes::BYTE_ARRAY_METHODS,
            class::BYTE_ARRAY_REDUCTION,
            bytes::BYTES_METHODS,
            bytes::BYTES_CASE,
            bytes::BYTES_LAYOUT,
            bytes::BYTES_SEARCH,
            bytes::BYTES_SPLIT,
            bytes::BYTES_TEXT,
            SEQUENCE_OPERATORS,
            SEQUENCE_CHANGES,
            TEMPLATE_OPERATORS,
            ORDER_METHODS,
        ],
    ),
    (ClassName::List, &[sequence::LIST_METHODS, SEQUENCE_OPERATORS, SEQUENCE_CHANGES, ORDER_METHODS]),
    (ClassName::Tuple, &[sequence::TUPLE_METHODS, SEQUENCE_OPERATORS, ORDER_METHODS]),
    (ClassName::Range, &[sequence::RANGE_METHODS, class::RANGE_REDUCTION, EQUALITY_METHODS]),
    (ClassName::Slice, &[sequence::SLICE_METHODS, class::SLICE_REDUCTION, ORDER_METHODS]),
    (ClassName::Dict, &[mapping::DICT_METHODS, DICT_OPERATORS, EQUALITY_METHODS]),
    (ClassName::DictKeys, &[mapping::DICT_VALUES, mapping::DICT_KEYS]),
    (ClassName::DictItems, &[mapping::DICT_VALUES, mapping::DICT_KEYS]),
    (ClassName::DictValues, &[mapping::DICT_VALUES]),
    (
        ClassName::Set,
        &[
            set::SET_CONSTRUCT,
            set::SET_METHODS,
            set::SET_MUTATIONS,
            class::SET_REDUCTION,
            SET_OPERATORS,
            SET_CHANGES,
            ORDER_METHODS,
        ],
    ),
    (
        ClassName::FrozenSet,
        &[
            set::FROZEN_SET_CONSTRUCT,
            set::SET_METHODS,
            set::FROZEN_SET_METHODS,
            class::SET_REDUCTION,
            SET_OPERATORS,
            ORDER_METHODS,
        ],
    ),
    (ClassName::Function, &[function::FUNCTION_METHODS]),
    (ClassName::NativeFunction, &[function::NATIVE_METHODS, class::NATIVE_REDUCTION, EQUALITY_METHODS]),
    (ClassName::MethodDescriptor, &[function::NATIVE_METHODS, class::NATIVE_REDUCTION, EQUALITY_METHODS]),
    (ClassName::SlotWrapper, &[function::NATIVE_METHODS, class::NATIVE_REDUCTION, EQUALITY_METHODS]),
    (ClassName::MethodWrapper, &[function::NATIVE_METHODS, class::NATIVE_REDUCTION, EQUALITY_METHODS]),
    (ClassName::BoundMethod, &[function::METHOD_METHODS, class::METHOD_REDUCTION, EQUALITY_METHODS]),
    (ClassName::Module, &[function::MODULE_METHODS]),
    (ClassName::Code, &[function::CODE_ATTRIBUTES]),
    (ClassName::Cell, &[function::CELL_METHODS, ORDER_METHODS]),
    (ClassName::Frame, &[function::FRAME_ATTRIBUTES]),
    (ClassName::Traceback, &[function::TRACEBACK_ATTRIBUTES]),
    (ClassName::Generator, &[iterator::GENERATOR_METHODS]),
    (ClassName::Coroutine, &[iterator::COROUTINE_METHODS]),
    (ClassName::CoroutineWrapper, &[iterator::COROUTINE_WRAPPER_METHODS]),
    (ClassName::AsyncGenerator, &[iterator::ASYNC_GENERATOR_METHODS]),
    (ClassName::AsyncSend, &[iterator::AWAITABLE_METHODS]),
    (ClassName::AsyncThrow, &[iterator::AWAITABLE_METHODS]),
    (ClassName::AnextAwaitable, &[iterator::AWAITABLE_METHODS]),
    (ClassName::RangeIterator, &[ITERATOR_METHODS]),
    (ClassName::ListIterator, &[ITERATOR_METHODS, STATE_ITERATOR_METHODS]),
    (ClassName::TupleIterator, &[ITERATOR_METHODS, STATE_ITERATOR_METHODS]),
    (ClassName::StrIterator, &[ITERATOR_METHODS, STATE_ITERATOR_METHODS]),
    (ClassName::AsciiStrIterator, &[ITERATOR_METHODS, STATE_ITERATOR_METHODS]),
    (ClassName::BytesIterator, &[ITERATOR_METHODS, STATE_ITERATOR_METHODS]),
    (ClassName::ByteArrayIterator, &[ITERATOR_METHODS, STATE_ITERATOR_METHODS]),
    (ClassName::DictKeyIterator, &[ITERATOR_METHODS]),
    (ClassName::DictValueIterator, &[ITERATOR_METHODS]),
    (ClassName::DictItemIterator, &[ITERATOR_METHODS]),
    (ClassName::DictReverseKeyIterator, &[ITERATOR_METHODS]),
    (ClassName::DictReverseValueIterator, &[ITERATOR_METHODS]),
    (ClassName::DictReverseItemIterator, &[ITERATOR_METHODS]),
    (ClassName::SetIterator, &[ITERATOR_METHODS]),
    (ClassName::CallIterator, &[ITERATOR_METHODS]),
    (ClassName::GetItemIterator, &[ITERATOR_METHODS, STATE_ITERATOR_METHODS]),
    (ClassName::LongRangeIterator, &[ITERATOR_METHODS, STATE_ITERATOR_METHODS]),
    (ClassName::Property, &[class::PROPERTY_METHODS]),
    (ClassName::StaticMethod, &[class::STATIC_METHOD_METHODS]),
    (ClassName::ClassMethod, &[class::CLASS_METHOD_METHODS]),
    (ClassName::Super, &[class::SUPER_METHODS]),
    (ClassName::GetSet, &[class::GET_SET_METHODS]),
    (ClassName::Member, &[class::GET_SET_METHODS]),
    (ClassName::MappingProxy, &[class::MAPPING_PROXY_METHODS]),
    (ClassName::GenericAlias, &[class::GENERIC_ALIAS_METHODS]),
    (ClassName::UnionType, &[class::UNION_METHODS]),
];

/// Classes whose instances have no hash, although `object` has one.
static UNHASHABLE: &[ClassName] = &[
    ClassName::Cell,
    ClassName::List,
    ClassName::Dict,
    ClassName::Set,
    ClassName::ByteArray,
    ClassName::DictKeys,
    ClassName::DictItems,
];

/// The builtin functions.
static FUNCTIONS: &[&[NativeRow]] = &[
    builtin::AGGREGATE_FUNCTIONS,
    builtin::ATTRIBUTE_FUNCTIONS,
    builtin::CLASS_FUNCTIONS,
    builtin::ITERATE_FUNCTIONS,
    builtin::BREAKPOINT_FUNCTIONS,
    builtin::LEFT_OUT_FUNCTIONS,
    builtin::NUMBER_FUNCTIONS,
    builtin::PRINT_FUNCTIONS,
    builtin::SCOPE_FUNCTIONS,
    builtin::SUM_FUNCTIONS,
    builtin::TEXT_FUNCTIONS,
];

/// The functions behind the class and the import statement.
const BEHIND_STATEMENTS: &[&str] = &["__build_class__", "__import__"];

/// The classes that have a builtin name, besides exceptions and the iterator classes.
static CLASSES: &[ClassName] = &[
    ClassName::Bool,
    ClassName::ByteArray,
    ClassName::Bytes,
    ClassName::ClassMethod,
    ClassName::Dict,
    ClassName::Float,
    ClassName::FrozenSet,
    ClassName::Int,
    ClassName::List,
    ClassName::Object,
    ClassName::Property,
    ClassName::Range,
    ClassName::Set,
    ClassName::Slice,
    ClassName::StaticMethod,
    ClassName::Str,
    ClassName::Super,
    ClassName::Tuple,
    ClassName::Type,
];

/// Fills the builtin classes with their methods and puts everything that has a builtin name into the builtins of `vm`.
///
/// # Errors
/// `MemoryError` if the heap's limit is that small.
pub fn install(vm: &mut Vm) -> Outcome<()> {
    for &(class, tables) in METHODS {
        for table in tables {
            vm.add_methods(class, table)?;
        }
    }
    for &(class, maker) in MAKERS {
        vm.set_maker(class, &maker[0])?;
    }
    for class in [ClassName::TypeVar, ClassName::TypeVarTuple, ClassName::ParamSpec] {
        vm.add_methods(class, toy_vm::TYPE_PARAMETER_METHODS)?;
    }
    vm.add_methods(ClassName::TypeVar, toy_vm::TYPE_VAR_METHODS)?;
    vm.add_methods(ClassName::TypeVarTuple, toy_vm::TYPE_VAR_TUPLE_METHODS)?;
    vm.add_methods(ClassName::ParamSpec, toy_vm::PARAM_SPEC_METHODS)?;
    vm.add_methods(ClassName::TypeAlias, toy_vm::TYPE_ALIAS_METHODS)?;
    for class in [ClassName::Function, ClassName::Module, ClassName::BaseException] {
        let class = vm.class(class);
        vm.add_implicit(class.get(), ImplicitAttribute::Dict)?;
    }
    for &class in UNHASHABLE {
        set_class_attribute(vm, class, Name::Hash, Owned::none())?;
    }
    for &(class, doc) in CLASS_DOCUMENTATION {
        // Where instances have documentation of their own, that attribute stays in the class: see `documentation`.
        let has_attribute = {
            let (class, heap) = (vm.class(class), vm.heap());
            class.get().as_class(heap).is_some_and(|class| class.dict().get_str(heap.name(Name::Doc)).is_some())
        };
        if !has_attribute {
            let doc = vm.new_str(doc)?;
            set_class_attribute(vm, class, Name::Doc, doc)?;
        }
    }
    let builtins = vm.machine().builtins();
    for table in FUNCTIONS {
        for row in *table {
            let function = vm.new_function_of_row(row, None, None)?;
            if BEHIND_STATEMENTS.contains(&row.name) {
                // The statement knows it by that, whatever the builtins are changed to.
                vm.machine().set_extra(row.name, function.clone());
            }
            publish(vm, builtins, row.name, function)?;
        }
    }
    for &name in CLASSES {
        let class = vm.class(name);
        publish(vm, builtins, name.text(), class)?;
    }
    for (name, value) in [
        ("Ellipsis", Owned::ellipsis()),
        ("NotImplemented", Owned::not_implemented()),
        ("None", Owned::none()),
        ("True", Owned::bool(true)),
        ("False", Owned::bool(false)),
        ("__debug__", Owned::bool(true)),
    ] {
        publish(vm, builtins, name, value)?;
    }
    let name = vm.new_str("builtins")?;
    publish(vm, builtins, "__name__", name)?;
    iterator::define(vm, builtins)?;
    exception::install(vm, builtins)
}

/// The documentation of a builtin class.
pub(crate) fn documentation(vm: &Vm, class: Ref<'_>) -> Option<&'static str> {
    CLASS_DOCUMENTATION.iter().find(|(name, _)| vm.class(*name).get().is(class)).map(|&(_, doc)| doc)
}

fn publish(vm: &mut Vm, builtins: Ref<'_>, name: &str, value: Owned) -> Outcome<()> {
    let name = vm.intern(name)?;
    vm.dict_set(builtins, name.get(), value.get())
}

fn set_class_attribute(vm: &mut Vm, class: ClassName, name: Name, value: Owned) -> Outcome<()> {
    let class = vm.class(class);
    let heap = vm.heap();
    if let Some(class) = class.get().as_class(heap) {
        drop(class.set(heap, heap.name(name), value)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use toy_vm::NativeKind;

    use super::*;

    /// Every table with what it belongs to.
    fn tables() -> impl Iterator<Item = (String, &'static [NativeRow])> {
        let classes =
            METHODS.iter().flat_map(|(class, tables)| tables.iter().map(|table| (class.text().to_owned(), *table)));
        let exceptions = exception::METHODS.iter().map(|&(class, table)| (class.text().to_owned(), table));
        let functions = FUNCTIONS.iter().map(|&table| ("builtins".to_owned(), table));
        classes.chain(exceptions).chain(functions)
    }

    fn is_attribute(row: &NativeRow) -> bool {
        matches!(row.kind, NativeKind::Getter | NativeKind::Member)
    }

    #[test]
    fn a_name_stands_once_in_the_tables_of_a_class() {
        let mut seen = HashMap::new();
        for (home, table) in tables() {
            for row in table {
                let is_setter = row.kind == NativeKind::Setter;
                let before = seen.insert((home.clone(), row.name, is_setter), row.doc);
                assert_eq!(before, None, "{home}.{} stands twice", row.name);
            }
        }
    }

    #[test]
    fn a_setter_stands_behind_its_getter_in_the_same_table() {
        for (home, table) in tables() {
            for (index, row) in table.iter().enumerate().filter(|(_, row)| row.kind == NativeKind::Setter) {
                let has_getter = table[..index].iter().any(|other| is_attribute(other) && other.name == row.name);
                assert!(has_getter, "{home}.{} can be set, but not read", row.name);
                assert_eq!(row.parameters, "value, /", "{home}.{}", row.name);
            }
        }
    }

    #[test]
    fn every_row_is_documented_and_takes_parameters_of_different_names() {
        for (home, table) in tables() {
            for row in table {
                assert!(!row.doc.is_empty(), "{home}.{} lacks its documentation", row.name);
                let signature = row.signature();
                let names: Vec<&str> = signature
                    .positional
                    .iter()
                    .chain(&signature.keyword_only)
                    .map(|parameter| parameter.name)
                    .collect();
                let different: HashSet<&&str> = names.iter().collect();
                assert_eq!(different.len(), names.len(), "{home}.{}({})", row.name, row.parameters);
                if is_attribute(row) {
                    assert_eq!(row.parameters, "", "{home}.{} is an attribute", row.name);
                }
            }
        }
    }

    #[test]
    fn only_what_reads_and_writes_may_let_the_lock_go() {
        let releasing: Vec<&str> =
            tables().flat_map(|(_, table)| table.iter().filter(|row| row.releases).map(|row| row.name)).collect();
        assert_eq!(releasing, ["print", "input"]);
    }

    /// The functions of CPython 3.13's `builtins` that are no classes, but for `open`, which the library adds.
    const FUNCTIONS_OF_CPYTHON: &str = "__build_class__ __import__ abs aiter all anext any ascii bin breakpoint callable chr \
        compile delattr dir divmod eval exec format getattr globals hasattr hash hex id input isinstance issubclass iter len \
        locals max min next oct ord pow print repr round setattr sorted sum vars";

    #[test]
    fn every_builtin_function_of_cpython_exists() {
        let known: HashSet<&str> = FUNCTIONS.iter().flat_map(|table| table.iter().map(|row| row.name)).collect();
        let missing: Vec<&str> = FUNCTIONS_OF_CPYTHON.split_whitespace().filter(|name| !known.contains(name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
