//! The one table of tokens: the lexer, the dump and the messages are made from it.

use logos::Logos;

macro_rules! tokens {
    (
        fixed { $($fixed:ident $text:tt,)* }
        keywords { $($keyword:ident $word:tt,)* }
        scanned { $($(#[$($pattern:tt)*])* $scanned:ident $shown:literal,)* }
    ) => {
        /// A kind of token. What it says is the source text at its span.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Logos)]
        #[logos(skip r"[ \t\x0c]+")]
        #[logos(skip(r"#[^\r\n]*", allow_greedy = true))]
        pub enum Token {
            $(#[doc = concat!("`", $text, "`.")] #[token($text)] $fixed,)*
            $(#[doc = concat!("The keyword `", $word, "`.")] #[token($word)] $keyword,)*
            $(#[doc = $shown] $(#[$($pattern)*])* $scanned,)*
        }

        impl Token {
            /// The text of a token that is always written alike, else what kind of token it is.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$fixed => $text,)*
                    $(Self::$keyword => $word,)*
                    $(Self::$scanned => $shown,)*
                }
            }
        }
    };
}

tokens! {
    fixed {
        LeftParenthesis "(", RightParenthesis ")", LeftBracket "[", RightBracket "]", LeftBrace "{", RightBrace "}",
        Comma ",", Colon ":", ColonEqual ":=", Semicolon ";", Dot ".", Ellipsis "...", Arrow "->", At "@", Equal "=",
        Exclamation "!",
        Plus "+", Minus "-", Star "*", DoubleStar "**", Slash "/", DoubleSlash "//", Percent "%",
        Ampersand "&", Bar "|", Caret "^", Tilde "~", LeftShift "<<", RightShift ">>",
        EqualEqual "==", NotEqual "!=", LessGreater "<>", Less "<", LessEqual "<=", Greater ">", GreaterEqual ">=",
        PlusEqual "+=", MinusEqual "-=", StarEqual "*=", DoubleStarEqual "**=", SlashEqual "/=",
        DoubleSlashEqual "//=", PercentEqual "%=", AtEqual "@=", AmpersandEqual "&=", BarEqual "|=", CaretEqual "^=",
        LeftShiftEqual "<<=", RightShiftEqual ">>=",
    }
    keywords {
        And "and", As "as", Assert "assert", Async "async", Await "await", Break "break", Class "class",
        Continue "continue", Def "def", Del "del", Elif "elif", Else "else", Except "except", False "False",
        Finally "finally", For "for", From "from", Global "global", If "if", Import "import", In "in", Is "is",
        Lambda "lambda", None "None", Nonlocal "nonlocal", Not "not", Or "or", Pass "pass", Raise "raise",
        Return "return", True "True", Try "try", While "while", With "with", Yield "yield",
    }
    scanned {
        #[regex(r"[A-Za-z_\u{80}-\u{10FFFF}][A-Za-z0-9_\u{80}-\u{10FFFF}]*", priority = 1)]
        Name "NAME",
        #[regex(r"\.?[0-9]", priority = 3)]
        Number "NUMBER",
        #[regex(r#"([rR]|[uU]|[bB][rR]?|[rR][bB])?['"]"#)]
        String "STRING",
        #[regex(r#"([fF][rR]?|[rR][fF])['"]"#)]
        FStringStart "FSTRING_START",
        FStringMiddle "FSTRING_MIDDLE",
        FStringEnd "FSTRING_END",
        #[regex(r"\r\n|\r|\n")]
        Newline "NEWLINE",
        Indent "INDENT",
        Dedent "DEDENT",
        // The words below are names except where a statement or a case starts with them.
        Match "match",
        Case "case",
        Type "type",
        // The parenthesis behind `with` that holds items rather than an expression.
        WithParenthesis "( of with",
        #[token("\\")]
        Backslash "\\",
        // A character that no token starts with.
        #[regex(r"[$?`]")]
        Unknown "UNKNOWN",
    }
}

impl Token {
    /// Whether it opens a bracket.
    pub fn is_open(self) -> bool {
        matches!(self, Self::LeftParenthesis | Self::LeftBracket | Self::LeftBrace | Self::WithParenthesis)
    }

    /// Whether it assigns and does something else as well.
    pub fn is_augmented_assignment(self) -> bool {
        use Token::*;
        matches!(
            self,
            PlusEqual
                | MinusEqual
                | StarEqual
                | DoubleStarEqual
                | SlashEqual
                | DoubleSlashEqual
                | PercentEqual
                | AtEqual
                | AmpersandEqual
                | BarEqual
                | CaretEqual
                | LeftShiftEqual
                | RightShiftEqual
        )
    }

    /// Whether it closes a bracket.
    pub fn is_close(self) -> bool {
        matches!(self, Self::RightParenthesis | Self::RightBracket | Self::RightBrace)
    }
}
