//! The parameters of natives and how arguments are bound to them, with CPython's complaints.

/// Parsed parameters.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Parameters by position, names included.
    pub positional: Vec<Parameter>,
    /// How many of them cannot be named.
    pub positional_only: usize,
    /// Name of `*args`.
    pub star: Option<&'static str>,
    /// Keyword-only parameters.
    pub keyword_only: Vec<Parameter>,
    /// Name of `**kwargs`.
    pub double_star: Option<&'static str>,
    required: usize,
    filled: usize,
    is_collected: bool,
    requires_keyword: bool,
}

/// One parameter.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be passed.
    pub is_required: bool,
}

impl Signature {
    /// Parses Python's notation: `"a, b=1, /, c, *args, d=None, **kwargs"`.
    pub fn parse(text: &'static str) -> Self {
        let mut signature = Self::default();
        let mut behind_star = false;
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            if part == "/" {
                signature.positional_only = signature.positional.len();
            } else if part == "*" {
                behind_star = true;
            } else if let Some(name) = part.strip_prefix("**") {
                signature.double_star = Some(name);
            } else if let Some(name) = part.strip_prefix('*') {
                signature.star = Some(name);
                behind_star = true;
            } else {
                let (name, is_required) = match part.split_once('=') {
                    Some((name, _)) => (name.trim(), false),
                    None => (part, true),
                };
                let list = if behind_star { &mut signature.keyword_only } else { &mut signature.positional };
                list.push(Parameter { name, is_required });
            }
        }
        signature.required = signature.positional.iter().filter(|parameter| parameter.is_required).count();
        signature.filled = if signature.is_positional_only() { 0 } else { signature.places() };
        signature.requires_keyword = signature.keyword_only.iter().any(|parameter| parameter.is_required);
        signature.is_collected =
            signature.star.is_some() || signature.double_star.is_some() || signature.requires_keyword;
        signature
    }

    /// Number of places of the bound window, without a receiver.
    pub fn places(&self) -> usize {
        self.positional.len()
            + self.keyword_only.len()
            + usize::from(self.star.is_some())
            + usize::from(self.double_star.is_some())
    }

    /// Whether arguments by position can be used as they stand.
    fn is_positional_only(&self) -> bool {
        self.positional_only == self.positional.len()
            && self.keyword_only.is_empty()
            && self.star.is_none()
            && self.double_star.is_none()
    }

    /// Whether any argument can be given by keyword.
    pub fn takes_keywords(&self) -> bool {
        self.positional_only < self.positional.len() || !self.keyword_only.is_empty() || self.double_star.is_some()
    }

    /// Number of places that a native sees in any case, the absent ones filled with nothing.
    #[inline]
    pub(crate) fn filled(&self) -> usize {
        self.filled
    }

    /// Whether arguments by position, and nothing behind them, are not what a native sees: some are collected, or missing.
    #[inline]
    pub(crate) fn is_collected(&self) -> bool {
        self.is_collected
    }

    /// Whether a keyword-only parameter must be passed.
    pub(crate) fn requires_keyword(&self) -> bool {
        self.requires_keyword
    }

    /// How many arguments by position must be passed.
    #[inline]
    pub fn required(&self) -> usize {
        self.required
    }

    /// As [`count_error`](Self::count_error), for `__new__` or `__init__` of a builtin class: CPython parses the arguments of
    /// most of them by hand, and says so in other words.
    pub fn constructor_count_error(&self, class: &str, given: usize) -> String {
        let (least, most) = (self.required(), self.positional.len());
        if self.positional_only == 0 {
            return self.count_error(class, given);
        }
        let (bound, count) = match () {
            () if least == most => ("", least),
            () if given < least => ("at least ", least),
            () => ("at most ", most),
        };
        format!("{class} expected {bound}{count} argument{}, got {given}", plural(count))
    }

    /// As [`count_error`](Self::count_error), for functions whose arguments CPython reads by a format.
    pub fn format_count_error(&self, name: &str, given: usize) -> String {
        let (least, most) = (self.required(), self.positional.len());
        let (bound, count) = match () {
            () if least == most => ("exactly", least),
            () if given < least => ("at least", least),
            () => ("at most", most),
        };
        format!("{name}() takes {bound} {count} argument{} ({given} given)", plural(count))
    }

    /// As [`count_error`](Self::count_error), for methods behind operators.
    pub fn slot_count_error(&self, given: usize) -> String {
        let (least, most) = (self.required(), self.positional.len());
        let bound = match () {
            () if least == most => "",
            () if given < least => "at least ",
            () => "at most ",
        };
        let count = if given < least { least } else { most };
        format!("expected {bound}{count} argument{}, got {given}", plural(count))
    }

    /// CPython's complaint about the number of arguments of a call with keywords, if they are too many.
    pub fn keyword_count_error(&self, short: &str, given: usize, keywords: usize) -> Option<String> {
        let most = self.positional.len();
        let (count, total) = (most + self.keyword_only.len(), given + keywords);
        let kind = if given == 0 || self.star.is_some() { "keyword " } else { "" };
        if self.star.is_some() {
            let is_surplus = self.double_star.is_none() && keywords > count;
            return is_surplus.then(|| {
                format!("{short}() takes at most {count} {kind}argument{} ({keywords} given)", plural(count))
            });
        }
        if self.double_star.is_none() && total > count {
            return Some(format!("{short}() takes at most {count} {kind}argument{} ({total} given)", plural(count)));
        }
        if given > most { Some(self.count_error(short, given)) } else { None }
    }

    /// CPython's complaint about a wrong number of arguments by position. `name` is the function's (with its class for
    /// methods: `list.append`), `given` counts without the receiver.
    pub fn count_error(&self, name: &str, given: usize) -> String {
        let (least, most) = (self.required(), self.positional.len());
        let short = name.rsplit('.').next().unwrap_or(name);
        if self.is_positional_only() {
            return match (least, most) {
                (0, 0) => format!("{name}() takes no arguments ({given} given)"),
                (1, 1) => format!("{name}() takes exactly one argument ({given} given)"),
                _ if least == most => format!("{short} expected {least} argument{}, got {given}", plural(least)),
                _ if given < least => {
                    format!("{short} expected at least {least} argument{}, got {given}", plural(least))
                }
                _ => format!("{short} expected at most {most} argument{}, got {given}", plural(most)),
            };
        }
        if given > most + self.keyword_only.len() && self.double_star.is_none() && self.star.is_none() {
            let count = most + self.keyword_only.len();
            return format!("{short}() takes at most {count} argument{} ({given} given)", plural(count));
        }
        if most == 0 && given > 0 {
            return format!("{short}() takes no positional arguments");
        }
        if given > most {
            let exactly = if least == most { "exactly" } else { "at most" };
            let kind = if self.keyword_only.is_empty() { "" } else { "positional " };
            return format!("{short}() takes {exactly} {most} {kind}argument{} ({given} given)", plural(most));
        }
        if given < self.positional_only.min(least) {
            let bound = if least == most { "exactly" } else { "at least" };
            let least = self.positional_only.min(least);
            return format!("{short}() takes {bound} {least} positional argument{} ({given} given)", plural(least));
        }
        let missing = self.positional.get(given).map_or("", |parameter| parameter.name);
        format!("{short}() missing required argument '{missing}' (pos {})", given + 1)
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_parameter_is_read() {
        let signature = Signature::parse("a, b=1, /, c, *args, d=None, **kwargs");
        assert_eq!(signature.positional.iter().map(|p| p.name).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(signature.positional_only, 2);
        assert_eq!((signature.star, signature.double_star), (Some("args"), Some("kwargs")));
        assert_eq!(signature.keyword_only, [Parameter { name: "d", is_required: false }]);
        assert_eq!((signature.places(), signature.required()), (6, 2));
    }

    #[test]
    fn complaints_read_as_cpythons() {
        assert_eq!(Signature::parse("obj, /").count_error("len", 2), "len() takes exactly one argument (2 given)");
        assert_eq!(Signature::parse("").count_error("list.clear", 1), "list.clear() takes no arguments (1 given)");
        assert_eq!(
            Signature::parse("index=-1, /").count_error("list.pop", 2),
            "pop expected at most 1 argument, got 2"
        );
        assert_eq!(
            Signature::parse("index, object, /").count_error("list.insert", 1),
            "insert expected 2 arguments, got 1"
        );
    }
}
