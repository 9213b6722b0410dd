//! How messages name the class of a value.

use toy_object::{Class, Name, Ref};

use crate::thread::Vm;

/// Classes that are written in toy here, but in C in CPython, whose messages then name them with their modules.
const NAMED_IN_FULL: [(&str, &str); 25] = [
    ("_thread", "_ExceptHookArgs"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("functools", "partial"),
    ("operator", "attrgetter"),
    ("operator", "itemgetter"),
    ("operator", "methodcaller"),
    ("os", "stat_result"),
    ("os", "statvfs_result"),
    ("os", "terminal_size"),
    ("posix", "times_result"),
    ("posix", "uname_result"),
    ("sys", "flags"),
    ("sys", "float_info"),
    ("sys", "hash_info"),
    ("sys", "int_info"),
    ("sys", "thread_info"),
    ("sys", "version_info"),
    ("time", "struct_time"),
    ("types", "SimpleNamespace"),
    ("typing", "ParamSpec"),
    ("typing", "ParamSpecArgs"),
    ("typing", "ParamSpecKwargs"),
    ("typing", "TypeVar"),
    ("typing", "TypeVarTuple"),
];

impl Vm {
    /// The class of a value as messages name it: a native one outside of `builtins` with its module.
    #[inline]
    pub fn type_name(&self, value: Ref<'_>) -> String {
        self.name_in_messages(self.class_view(value))
    }

    /// A class as messages name it.
    pub fn name_in_messages(&self, class: Class<'_>) -> String {
        if class.flags().is_builtin {
            return self.class_path(class.as_ref());
        }
        let name = class.name_text();
        if NAMED_IN_FULL.iter().any(|(_, known)| *known == name) {
            let module = class.dict().get_str(self.heap().name(Name::Module));
            let module =
                module.as_ref().and_then(|module| module.get().as_str()).map(|module| module.to_string_lossy());
            if let Some(module) = module.filter(|module| NAMED_IN_FULL.contains(&(module.as_str(), name.as_str()))) {
                return format!("{module}.{name}");
            }
        }
        name
    }

    /// Whether a value is an OrderedDict, which is written in toy.
    pub fn is_ordered_dict(&self, value: Ref<'_>) -> bool {
        let heap = self.heap();
        let class = self.class_view(value);
        if class.flags().is_builtin {
            return false;
        }
        let ancestors = (0..class.mro_len()).filter_map(|index| class.mro_get(index));
        ancestors.into_iter().any(|ancestor| {
            let Some(ancestor) = ancestor.get().as_class(heap).filter(|class| !class.flags().is_builtin) else {
                return false;
            };
            ancestor.name_text() == "OrderedDict" && self.name_in_messages(ancestor) == "collections.OrderedDict"
        })
    }

    /// `__name__` of the class of a value.
    pub fn class_name_of(&self, value: Ref<'_>) -> String {
        self.class_view(value).name_text()
    }
}
