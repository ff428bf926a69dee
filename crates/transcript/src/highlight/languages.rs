//! The languages that are known, each by its comments, its texts and its words.

/// A language.
#[expect(clippy::struct_excessive_bools, reason = "columns of a table")]
pub(super) struct Language {
    /// What its code blocks are marked with, by spaces.
    names: &'static str,
    /// What begins a comment to the end of the line.
    pub line_comments: &'static [&'static str],
    /// What begins and ends a comment.
    pub block_comments: &'static [(&'static str, &'static str)],
    /// What begins and ends a text, and whether it may go over lines. The longer of two comes first.
    pub texts: &'static [(&'static str, bool)],
    /// Whether a backslash takes the next byte's meaning away.
    pub escapes: bool,
    /// Words, by spaces.
    pub keywords: &'static str,
    /// Words for values, by spaces.
    pub constants: &'static str,
    /// Whether words are the same in capitals.
    pub any_case: bool,
    /// Whether a capital makes a type.
    pub types: bool,
    /// Whether a word may hold dashes.
    pub dashes: bool,
    /// Whether a text before a colon is a key.
    pub keys: bool,
    /// Whether `'a` may be a lifetime.
    pub lifetimes: bool,
    /// What makes the next word a name.
    pub sigils: &'static str,
    /// What makes a line a directive.
    pub directive: Option<u8>,
}

const BASE: Language = Language {
    names: "",
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    texts: &[("\"", false), ("'", false)],
    escapes: true,
    keywords: "",
    constants: "true false null",
    any_case: false,
    types: true,
    dashes: false,
    keys: false,
    lifetimes: false,
    sigils: "",
    directive: None,
};

const HASHED: Language = Language {
    line_comments: &["#"],
    block_comments: &[],
    texts: &[("\"", true), ("'", true)],
    ..BASE
};

pub(super) fn find(name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.names.split(' ').any(|one| one == name))
}

static LANGUAGES: &[Language] = &[
    Language {
        names: "rust rs",
        texts: &[("\"", true), ("'", false)],
        lifetimes: true,
        keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait type union unsafe use where while yield bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize",
        constants: "true false None Some Ok Err",
        ..BASE
    },
    Language {
        names: "js javascript mjs cjs jsx ts typescript tsx",
        texts: &[("`", true), ("\"", false), ("'", false)],
        keywords: "abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends finally for from function get if implements import in infer instanceof interface is keyof let namespace never new number of private protected public readonly return satisfies set static string super switch symbol this throw try type typeof unknown var void while with yield",
        constants: "true false null undefined NaN Infinity",
        ..BASE
    },
    Language { names: "json jsonc json5", keys: true, types: false, ..BASE },
    Language {
        names: "python py python3 gyp",
        texts: &[("\"\"\"", true), ("'''", true), ("\"", false), ("'", false)],
        keywords: "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield",
        constants: "True False None self cls",
        sigils: "@",
        ..HASHED
    },
    Language {
        names: "c h cpp cc hpp c++ cxx objc glsl hlsl arduino ino",
        keywords: "alignas alignof auto bool break case catch char class co_await co_return co_yield concept const consteval constexpr constinit continue decltype default delete do double else enum explicit export extern final float for friend goto if inline int long mutable namespace new noexcept operator override private protected public register requires restrict return short signed sizeof static static_assert struct switch template this throw try typedef typename union unsigned using virtual void volatile while size_t uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t int64_t vec2 vec3 vec4 mat4",
        constants: "true false NULL nullptr",
        directive: Some(b'#'),
        ..BASE
    },
    Language {
        names: "cs csharp c#",
        keywords: "abstract as async await base bool break byte case catch char class const continue decimal default delegate do double else enum event explicit extern finally fixed float for foreach get goto if implicit in init int interface internal is lock long namespace new object operator out override params private protected public readonly record ref required return sbyte sealed set short sizeof static string struct switch this throw try typeof uint ulong unchecked unsafe ushort using value var virtual void volatile when where while with yield",
        directive: Some(b'#'),
        ..BASE
    },
    Language {
        names: "java",
        texts: &[("\"\"\"", true), ("\"", false), ("'", false)],
        keywords: "abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float for goto if implements import instanceof int interface long native new non-sealed package permits private protected public record return sealed short static strictfp super switch synchronized this throw throws transient try var void volatile while yield",
        sigils: "@",
        ..BASE
    },
    Language {
        names: "kotlin kt kts",
        texts: &[("\"\"\"", true), ("\"", false), ("'", false)],
        keywords: "abstract actual annotation as break by catch class companion const constructor continue crossinline data do dynamic else enum expect external final finally for fun get if import in infix init inline inner interface internal is lateinit noinline object open operator out override package private protected public reified return sealed set super suspend tailrec this throw try typealias val var vararg when where while",
        sigils: "@",
        ..BASE
    },
    Language {
        names: "swift",
        texts: &[("\"\"\"", true), ("\"", false)],
        keywords: "actor any as associatedtype async await break case catch class continue default defer deinit do else enum extension fallthrough fileprivate final for func get guard if import in indirect init inout internal is lazy let mutating open operator override private protocol public repeat required rethrows return self set some static struct subscript super switch throw throws try typealias unowned var weak where while",
        constants: "true false nil",
        sigils: "@",
        ..BASE
    },
    Language {
        names: "go golang",
        texts: &[("`", true), ("\"", false), ("'", false)],
        keywords: "any bool break byte case chan comparable complex64 complex128 const continue default defer else error fallthrough float32 float64 for func go goto if import int int8 int16 int32 int64 interface map package range return rune select string struct switch type uint uint8 uint16 uint32 uint64 uintptr var",
        constants: "true false nil iota",
        ..BASE
    },
    Language {
        names: "php",
        line_comments: &["//", "#"],
        texts: &[("\"", true), ("'", true)],
        keywords: "abstract and array as break callable case catch class clone const continue declare default do echo else elseif enum extends final finally fn for foreach function global goto if implements include include_once instanceof insteadof interface isset list match namespace new or print private protected public readonly require require_once return static switch throw trait try unset use var while xor yield int string bool float void mixed",
        sigils: "$",
        ..BASE
    },
    Language {
        names: "dart scala zig groovy gradle solidity sol v proto protobuf",
        texts: &[("\"\"\"", true), ("\"", false), ("'", false)],
        keywords: "abstract as assert async await bool break case catch class const continue contract def default defer do double dynamic else enum errdefer error event export extends extension external factory final finally fn for function get given if implements import in int interface is late lazy library match mapping memory message mixin modifier namespace new num object of on operator override package part payable private protected pub public required return returns sealed service set show static storage string struct super switch sync test then this throw throws trait try type typedef uint256 union using val var view void volatile while with yield",
        ..BASE
    },
    Language {
        names: "css scss sass less",
        line_comments: &[],
        texts: &[("\"", false), ("'", false)],
        keywords: "important inherit initial unset revert auto none block inline flex grid absolute relative fixed sticky solid dashed dotted and not only from to",
        types: false,
        dashes: true,
        sigils: "@.#$",
        ..BASE
    },
    Language {
        names: "ruby rb",
        keywords: "alias and begin break case class def defined do else elsif end ensure extend for if in include module next not or private protected public raise redo require rescue retry return self super then undef unless until when while yield attr_accessor attr_reader attr_writer",
        constants: "true false nil",
        sigils: "@$:",
        ..HASHED
    },
    Language {
        names: "sh bash zsh shell shellscript console fish",
        keywords: "alias break case cd continue do done echo elif else esac eval exec exit export fi for function if in local read readonly return select set shift source sudo test then trap unset until while",
        constants: "true false",
        types: false,
        dashes: true,
        sigils: "$",
        ..HASHED
    },
    Language {
        names: "powershell ps1 pwsh",
        block_comments: &[("<#", "#>")],
        escapes: false,
        keywords: "begin break catch class continue data do dynamicparam else elseif end exit filter finally for foreach from function if in param process return switch throw trap try until using while",
        constants: "$true $false $null",
        any_case: true,
        types: false,
        dashes: true,
        sigils: "$",
        ..HASHED
    },
    Language {
        names: "bat cmd batch",
        line_comments: &["::", "REM ", "rem ", "@rem "],
        block_comments: &[],
        texts: &[("\"", false)],
        escapes: false,
        keywords: "call cd cls copy del do echo else endlocal exit exist for goto if in not pause set setlocal shift start",
        any_case: true,
        types: false,
        sigils: "%",
        ..BASE
    },
    Language {
        names: "perl pl r elixir ex exs crystal cr nim julia jl cmake make makefile dockerfile docker nginx gd gdscript graphql gql hcl tf terraform",
        keywords: "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM LABEL RUN USER VOLUME WORKDIR add_executable alias and begin break case class cond const def defmodule defp do else elsif elseif end endif enum export extends fn for fragment func function if import in include input interface let library let local location match module mutation my next not or our package pass print proc program project proxy_pass query receive repeat require resource return server set signal struct sub subscription target_link_libraries template then type union unless until use using var variable when where while with",
        constants: "true false nil null TRUE FALSE NULL NA self",
        sigils: "$@",
        ..HASHED
    },
    Language {
        names: "sql mysql postgres postgresql pgsql sqlite plsql tsql",
        line_comments: &["--"],
        texts: &[("'", true), ("\"", false)],
        escapes: false,
        keywords: "add all alter analyze and as asc begin between bigint blob boolean by cascade case char check column commit constraint create cross database date default delete desc distinct drop else end exists explain foreign from full function grant group having if in index inner insert int integer intersect into is join key left like limit natural not numeric offset on or order outer over partition primary procedure real references returning right rollback row rows select set table text then timestamp to transaction trigger truncate union unique update using values varchar view when where window with",
        constants: "true false null",
        any_case: true,
        types: false,
        ..BASE
    },
    Language {
        names: "lua luau",
        line_comments: &["--"],
        block_comments: &[("--[[", "]]")],
        keywords: "and break do else elseif end for function goto if in local not or repeat return then until while continue export type",
        constants: "true false nil self",
        ..BASE
    },
    Language {
        names: "haskell hs elm purescript ada vhdl",
        line_comments: &["--"],
        block_comments: &[("{-", "-}")],
        texts: &[("\"", false)],
        keywords: "as begin case class data deriving do else end entity family forall foreign if import in infix infixl infixr instance is let module newtype of package port procedure qualified signal then type where",
        constants: "True False Nothing Just",
        ..BASE
    },
    Language {
        names: "lisp clojure clj scheme scm elisp racket asm nasm x86asm armasm autohotkey ahk",
        line_comments: &[";"],
        block_comments: &[],
        texts: &[("\"", true)],
        keywords: "add and call cmp cond db dec def defn defmacro defun define div do dw else fn for global if inc int ja jb je jmp jne jnz jz lambda lea let loop mov mul nop ns or pop push quote require ret return section set setq shl shr sub test then when while xor",
        constants: "true false nil t",
        types: false,
        dashes: true,
        sigils: ":",
        ..BASE
    },
    Language {
        names: "latex tex matlab octave erlang erl prolog",
        line_comments: &["%"],
        block_comments: &[],
        texts: &[("\"", false)],
        escapes: false,
        keywords: "after and begin break case catch continue else elseif end for function fun global if of otherwise parfor persistent receive return switch try when while",
        types: false,
        sigils: "\\",
        ..BASE
    },
];
