//! Functions of the library that are toy's own and that CPython has in C: it complains about their arguments as about those of
//! builtins.

use crate::report::did_you_mean;
use crate::signature::Signature;

/// File of toy's library; what CPython puts before the name where it shows the name in full; signature; qualified names.
const FUNCTIONS: &[(&str, &str, &str, &str)] = &[
    ("_caches", "_lru_cache_wrapper.", "", "_lru_cache_wrapper.cache_info"),
    ("_getters", "", "*attributes", "attrgetter.__init__ itemgetter.__init__"),
    ("_getters", "", "obj, /", "attrgetter.__call__ itemgetter.__call__ methodcaller.__call__"),
    (
        "_in_place",
        "_operator.",
        "a, b, /",
        "iadd iand iconcat ifloordiv ilshift imatmul imod imul ior ipow irshift isub itruediv ixor",
    ),
    ("_thread_reports", "_thread._", "args, /", "excepthook"),
    ("_weak_proxies", "_weakref.", "object, callback=None, /", "proxy"),
    ("abc", "_abc.", "", "get_cache_token"),
    ("asyncio.events", "_asyncio.", "", "get_event_loop"),
    ("asyncio.futures", "", "*, loop=None", "Future.__init__"),
    ("asyncio.futures", "Future.", "", "Future.done Future.cancelled Future.result"),
    ("asyncio.futures", "", "msg=None", "Future.cancel"),
    ("asyncio.futures", "", "fn, /, *, context=None", "Future.add_done_callback"),
    ("asyncio.task", "", "coro, *, loop=None, name=None, context=None, eager_start=False", "Task.__init__"),
    ("asyncio.tasks", "", "loop=None", "current_task"),
    ("collections", "OrderedDict.", "", "OrderedDict.copy"),
    ("collections", "", "iterable, value=None", "OrderedDict.fromkeys"),
    ("collections", "", "key, last=True", "OrderedDict.move_to_end"),
    ("collections", "", "key, default=None", "OrderedDict.pop OrderedDict.setdefault"),
    ("collections", "", "last=True", "OrderedDict.popitem"),
    ("collections", "defaultdict.", "", "defaultdict.copy"),
    ("collections", "defaultdict.", "key, /", "defaultdict.__missing__"),
    ("functools", "", "iterable, function, initial=None, /", "reduce"),
    ("functools", "_functools.", "mycmp", "cmp_to_key"),
    ("io", "_io.", "encoding, stacklevel=2, /", "text_encoding"),
    ("os", "posix.", "key, /", "unsetenv"),
    ("os", "posix.", "key, value, /", "putenv"),
    ("operator", "_operator.", "a, /", "abs index inv invert neg not_ pos truth"),
    (
        "operator",
        "_operator.",
        "a, b, /",
        "add and_ concat contains countOf delitem eq floordiv ge getitem gt indexOf is_ is_not le lshift lt matmul mod mul ne \
         or_ pow rshift sub truediv xor",
    ),
    ("operator", "_operator.", "a, b, c, /", "setitem"),
    ("operator", "_operator.", "obj, /, *args, **kwargs", "call"),
    ("operator", "_operator.", "obj, default=0, /", "length_hint"),
    ("types", "", "mapping_or_iterable=(), /, **kwargs", "SimpleNamespace.__init__"),
    ("types", "", "**changes", "SimpleNamespace.__replace__"),
];

/// A function that CPython has in C.
pub(super) struct Function {
    prefix: &'static str,
    name: &'static str,
    /// Whether the first argument is not the caller's.
    is_method: bool,
    signature: Signature,
}

impl Function {
    /// The function of this qualified name in a file as tracebacks show it, if CPython has it in C.
    pub(super) fn named(file: &str, qualified_name: &str) -> Option<Self> {
        let file = file.strip_prefix("<frozen ")?.strip_suffix('>')?;
        FUNCTIONS.iter().filter(|(home, ..)| *home == file).find_map(|&(_, prefix, signature, names)| {
            let name = names.split_ascii_whitespace().find(|name| *name == qualified_name)?;
            let (class, short) = name.rsplit_once('.').unwrap_or(("", name));
            let name = if matches!(short, "__init__" | "__call__") { class } else { short };
            Some(Self { prefix, name, is_method: !class.is_empty(), signature: Signature::parse(signature) })
        })
    }

    /// What CPython says of a call with that many arguments by position and these by keyword, if anything is wrong with it.
    pub(super) fn complaint(&self, given: usize, keywords: &[String]) -> Option<String> {
        let (signature, name) = (&self.signature, self.name);
        let given = given.checked_sub(usize::from(self.is_method))?;
        let full = format!("{}{name}", self.prefix);
        let (least, most) = (signature.required(), signature.positional.len());
        let is_surplus = given > most && signature.star.is_none();
        // What takes any keywords reads its arguments by hand.
        if signature.double_star.is_some() && is_surplus && most == 0 {
            return Some(format!("{name}() takes no positional arguments"));
        }
        if signature.double_star.is_some() && (is_surplus || given < least) {
            let (bound, count) = if is_surplus { ("most", most) } else { ("least", least) };
            return Some(format!("{name} expected at {bound} {count} argument, got {given}"));
        }
        if keywords.is_empty() {
            let is_wrong = is_surplus || given < signature.required();
            return is_wrong.then(|| signature.count_error(&full, given));
        }
        if !signature.takes_keywords() {
            return Some(format!("{full}() takes no keyword arguments"));
        }
        if let Some(complaint) = signature.keyword_count_error(name, given, keywords.len()) {
            return Some(complaint);
        }
        let parameters = || signature.positional.iter().chain(&signature.keyword_only).enumerate();
        let is_given = |keyword: &str| keywords.iter().any(|given| given == keyword);
        let is_absent =
            |place: usize, name: &str| place >= given && (place < signature.positional_only || !is_given(name));
        let missing = parameters().find(|&(place, one)| one.is_required && is_absent(place, one.name));
        if let Some((place, parameter)) = missing {
            return Some(match place < signature.positional_only {
                true => signature.count_error(&full, given),
                false => format!("{name}() missing required argument '{}' (pos {})", parameter.name, place + 1),
            });
        }
        let named = || parameters().skip(signature.positional_only);
        if let Some((place, twice)) = named().find(|(place, parameter)| *place < given && is_given(parameter.name)) {
            return Some(format!(
                "argument for {name}() given by name ('{}') and position ({})",
                twice.name,
                place + 1
            ));
        }
        let is_known = |keyword: &str| named().any(|(_, parameter)| parameter.name == keyword);
        let unknown = keywords.iter().find(|keyword| signature.double_star.is_none() && !is_known(keyword))?;
        let hint = did_you_mean(named().map(|(_, parameter)| parameter.name), unknown);
        Some(format!("{name}() got an unexpected keyword argument '{unknown}'{hint}"))
    }
}
