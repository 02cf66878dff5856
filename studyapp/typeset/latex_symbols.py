"""What LaTeX's names look like in a terminal: data only.

Where Unicode offers several forms, the one that reads best in a terminal font wins: a one-row sum sign, box-drawing
fences, plain capitals for script letters.
"""

from typing import Final, NamedTuple

from studyapp.typeset.nodes import Kind

ORDINARY: Final = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "omicron": "ο", "pi": "π", "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ",
    "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω", "nabla": "∇", "partial": "∂", "infty": "∞", "top": "⊤", "bot": "⊥", "ell": "ℓ", "hbar": "ℏ",
    "prime": "′", "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃", "nexists": "∄", "neg": "¬",
    "lnot": "¬", "Re": "ℜ", "Im": "ℑ", "wp": "℘", "aleph": "ℵ", "imath": "ı", "jmath": "ȷ", "angle": "∠",
    "triangle": "△", "square": "□", "Box": "□", "blacksquare": "■", "checkmark": "✓", "dagger": "†", "ddagger": "‡",
    "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "degree": "°", "backslash": "\\", "surd": "√",
    "clubsuit": "♣", "diamondsuit": "♢", "heartsuit": "♡", "spadesuit": "♠", "sharp": "♯", "flat": "♭",
    "vert": "|", "Vert": "‖", "|": "‖", "dots": "…", "ldots": "…", "dotsc": "…", "dotso": "…", "cdots": "⋯",
    "textellipsis": "…", "dotsb": "⋯", "dotsm": "⋯", "dotsi": "⋯", "vdots": "⋮", "ddots": "⋱", "%": "%", "$": "$",
    "_": "_", "#": "#", "&": "&", "textbackslash": "\\", "lq": "‘", "rq": "’", "therefore": "∴", "because": "∵",
    "qed": "∎", "intercal": "⊺", "complement": "∁", "mho": "℧", "eth": "ð", "beth": "ℶ", "gimel": "ℷ", "daleth": "ℸ",
    "digamma": "ϝ", "varkappa": "ϰ", "hslash": "ℏ", "natural": "♮", "measuredangle": "∡", "sphericalangle": "∢",
    "backprime": "‵",
    "lozenge": "◊", "blacklozenge": "⧫", "bigstar": "★", "blacktriangle": "▲", "vartriangle": "△", "triangledown": "▽",
    "cdotp": "·", "ldotp": ".", "Alpha": "Α", "Beta": "Β", "Epsilon": "Ε", "Zeta": "Ζ", "Eta": "Η", "Iota": "Ι",
    "Kappa": "Κ", "Mu": "Μ", "Nu": "Ν", "Omicron": "Ο", "Rho": "Ρ", "Tau": "Τ", "Chi": "Χ", "varGamma": "Γ",
    "varDelta": "Δ", "varTheta": "Θ", "varLambda": "Λ", "varPi": "Π", "varSigma": "Σ", "varPhi": "Φ", "varPsi": "Ψ",
    "varOmega": "Ω",
}  # fmt: skip

RELATIONS: Final = {
    "sim": "∼", "simeq": "≃", "approx": "≈", "cong": "≅", "equiv": "≡", "propto": "∝", "le": "≤", "leq": "≤",
    "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "neq": "≠", "ne": "≠", "lt": "<", "gt": ">",
    "lesssim": "≲", "gtrsim": "≳", "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆", "supset": "⊃",
    "supseteq": "⊇", "subsetneq": "⊊", "to": "→", "rightarrow": "→", "longrightarrow": "⟶", "gets": "←",
    "leftarrow": "←", "longleftarrow": "⟵", "Rightarrow": "⇒", "Leftarrow": "⇐", "Longrightarrow": "⟹",
    "implies": "⟹", "impliedby": "⟸", "iff": "⟺", "Leftrightarrow": "⇔", "leftrightarrow": "↔", "mapsto": "↦",
    "longmapsto": "⟼", "hookrightarrow": "↪", "rightharpoonup": "⇀", "rightsquigarrow": "⇝", "leadsto": "⇝",
    "nearrow": "↗", "searrow": "↘", "uparrow": "↑", "downarrow": "↓", "updownarrow": "↕", "Uparrow": "⇑",
    "Downarrow": "⇓", "succ": "≻", "prec": "≺", "succeq": "⪰", "preceq": "⪯", "succcurlyeq": "≽",
    "preccurlyeq": "≼", "mid": "|", "nmid": "∤", "parallel": "∥", "perp": "⊥", "ll": "≪", "gg": "≫", "doteq": "≐",
    "triangleq": "≜", "coloneqq": "≔", "coloneq": "≔", "eqqcolon": "≕", "defeq": "≔", "vdash": "⊢", "dashv": "⊣",
    "models": "⊨", "vDash": "⊨", "asymp": "≍", "bowtie": "⋈", "colon": ":", "rightleftharpoons": "⇌",
    "trianglelefteq": "⊴", "sqsubseteq": "⊑", "lessgtr": "≶", "gtrless": "≷", "lesseqgtr": "⋚", "gtreqless": "⋛",
    "trianglerighteq": "⊵", "sqsupseteq": "⊒", "sqsubset": "⊏", "sqsupset": "⊐", "supsetneq": "⊋", "nparallel": "∦",
    "longleftrightarrow": "⟷", "Longleftrightarrow": "⟺", "Longleftarrow": "⟸", "lessapprox": "⪅", "gtrapprox": "⪆",
    "approxeq": "≊", "thickapprox": "≈", "thicksim": "∼", "eqsim": "≂", "backsim": "∽", "nless": "≮", "ngtr": "≯",
    "nleq": "≰", "ngeq": "≱", "nsim": "≁", "ncong": "≇", "nsubseteq": "⊈", "nsupseteq": "⊉", "nprec": "⊀",
    "nsucc": "⊁", "precsim": "≾", "succsim": "≿", "varpropto": "∝", "between": "≬", "pitchfork": "⋔", "smile": "⌣",
    "frown": "⌢", "Vdash": "⊩", "nvdash": "⊬", "nvDash": "⊭", "nrightarrow": "↛", "nleftarrow": "↚",
    "nRightarrow": "⇏", "nLeftarrow": "⇍", "nLeftrightarrow": "⇎", "twoheadrightarrow": "↠", "rightarrowtail": "↣",
    "leftharpoonup": "↼", "leftharpoondown": "↽", "rightharpoondown": "⇁", "leftrightharpoons": "⇋",
    "upharpoonright": "↾", "hookleftarrow": "↩", "nwarrow": "↖", "swarrow": "↙", "multimap": "⊸", "Updownarrow": "⇕",
    "rightrightarrows": "⇉", "rightleftarrows": "⇄", "leftrightarrows": "⇆", "Rrightarrow": "⇛", "Lleftarrow": "⇚",
    "circlearrowleft": "↺", "circlearrowright": "↻", "curvearrowleft": "↶", "curvearrowright": "↷", "ratio": ":",
    "vcentcolon": ":", "dblcolon": "∷", "eqcolon": "≕",
}  # fmt: skip

BINARY: Final = {
    "times": "×", "pm": "±", "mp": "∓", "cdot": "·", "odot": "⊙", "otimes": "⊗", "oplus": "⊕", "ominus": "⊖",
    "circ": "∘", "bullet": "•", "cup": "∪", "cap": "∩", "wedge": "∧", "land": "∧", "vee": "∨", "lor": "∨",
    "setminus": "∖", "div": "÷", "ast": "∗", "star": "⋆", "diamond": "⋄", "sqcup": "⊔", "sqcap": "⊓", "uplus": "⊎",
    "amalg": "⨿", "bmod": "mod", "oslash": "⊘", "triangleright": "▹", "triangleleft": "◃", "boxplus": "⊞",
    "boxminus": "⊟", "boxtimes": "⊠", "boxdot": "⊡", "bigcirc": "○", "circledast": "⊛", "circledcirc": "⊚",
    "circleddash": "⊝", "ltimes": "⋉", "rtimes": "⋊", "barwedge": "⊼", "veebar": "⊻", "curlyvee": "⋎",
    "curlywedge": "⋏", "dotplus": "∔", "Join": "⋈",
}  # fmt: skip

CHARACTERS: Final[dict[str, tuple[str, Kind]]] = {
    "+": ("+", "bin"), "-": ("−", "bin"), "*": ("*", "bin"), "=": ("=", "rel"), "<": ("<", "rel"), ">": (">", "rel"),
    ":": (":", "rel"), ",": (",", "punct"), ";": (";", "punct"), "(": ("(", "open"), "[": ("[", "open"),
    ")": (")", "close"), "]": ("]", "close"), "!": ("!", "close"),
    "−": ("−", "bin"), "×": ("×", "bin"), "·": ("·", "bin"), "±": ("±", "bin"),
    **{sign: (sign, "rel") for sign in "≤≥≠≈∼≡∝∈∉⊂⊆→←⇒⇔↦≻≺≪≫≔"},
}  # fmt: skip

FUNCTIONS: Final = (
    "log", "ln", "lg", "exp", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "arcsin",
    "arccos", "arctan", "arg", "deg", "dim", "hom", "ker",
)  # fmt: skip
LIMIT_FUNCTIONS: Final = {
    "max": "max", "min": "min", "sup": "sup", "inf": "inf", "lim": "lim", "det": "det", "gcd": "gcd", "Pr": "Pr",
    "argmax": "arg max", "argmin": "arg min", "limsup": "lim sup", "liminf": "lim inf",
}  # fmt: skip
BIG_OPERATORS: Final = {
    "sum": "∑", "prod": "∏", "coprod": "∐", "bigcup": "⋃", "bigcap": "⋂", "bigoplus": "⨁", "bigotimes": "⨂",
    "bigodot": "⨀", "bigvee": "⋁", "bigwedge": "⋀", "bigsqcup": "⨆", "biguplus": "⨄",
}  # fmt: skip
INTEGRALS: Final = {"int": "∫", "iint": "∬", "iiint": "∭", "oint": "∮"}  # their limits stand beside them

OPENERS: Final = {
    "lbrace": "{", "lbrack": "[", "langle": "⟨", "lfloor": "⌊", "lceil": "⌈", "lvert": "|", "lVert": "‖", "{": "{",
    "lparen": "(", "llbracket": "⟦", "ulcorner": "⌜", "llcorner": "⌞",
}  # fmt: skip
CLOSERS: Final = {
    "rbrace": "}", "rbrack": "]", "rangle": "⟩", "rfloor": "⌋", "rceil": "⌉", "rvert": "|", "rVert": "‖", "}": "}",
    "rparen": ")", "rrbracket": "⟧", "urcorner": "⌝", "lrcorner": "⌟",
}  # fmt: skip
# What may follow \left, \right, \middle and \big; "." and an angle sign stand for themselves.
DELIMITERS: Final = (
    {"\\" + name: sign for name, sign in (OPENERS | CLOSERS).items()}
    | {sign: sign for sign in "()[]|/"}
    | {".": "", "<": "⟨", ">": "⟩", "\\|": "‖", "\\vert": "|", "\\Vert": "‖", "\\mid": "|", "\\backslash": "\\"}
    | {"\\uparrow": "↑", "\\downarrow": "↓"}
)

# One row, then for taller fences: top, middle, bottom.
FENCES: Final = {
    "(": "(╭│╰", ")": ")╮│╯", "[": "[┌│└", "]": "]┐│┘", "{": "{╭│╰", "}": "}╮│╯", "|": "││││", "‖": "‖║║║",
    "⟨": "⟨╱⟨╲", "⟩": "⟩╲⟩╱", "⌊": "⌊││└", "⌋": "⌋││┘", "⌈": "⌈┌││", "⌉": "⌉┐││", "⟦": "⟦║║║", "⟧": "⟧║║║",
    "/": "/╱╱╱", "\\": "\\╲╲╲",
}  # fmt: skip
BRACE_POINTS: Final = {"{": "┤", "}": "├"}

# In cells. An em is about two cells wide; a quad gets three, since it separates formulas on one line.
SPACES: Final = {
    ",": 1, ":": 1, ";": 1, ">": 1, " ": 1, "!": -1, "quad": 3, "qquad": 6, "enspace": 1, "thinspace": 1,
    "medspace": 1, "thickspace": 1, "negthinspace": -1, "space": 1, "nobreakspace": 1, "hfill": 3,
    "enskip": 1, "negmedspace": -1, "negthickspace": -1,
}  # fmt: skip

# The combining character over one cell; the row over several: one sign, or (last field) a rule as wide as the body.
ACCENTS: Final = {
    "hat": ("\u0302", "^"), "widehat": ("\u0302", "^"), "tilde": ("\u0303", "~"), "widetilde": ("\u0303", "~"),
    "bar": ("\u0304", "─"), "overline": ("\u0304", "─"), "vec": ("\u20d7", "→"), "overrightarrow": ("\u20d7", "→"),
    "overleftarrow": ("\u20d6", "←"), "overleftrightarrow": ("\u20e1", "↔"),
    "dot": ("\u0307", "˙"), "ddot": ("\u0308", "¨"), "check": ("\u030c", "ˇ"), "breve": ("\u0306", "˘"),
    "acute": ("\u0301", "´"), "grave": ("\u0300", "`"), "mathring": ("\u030a", "˚"),
}  # fmt: skip
STRIKES: Final = {"sout": "\u0336", "cancel": "\u0338", "bcancel": "\u0338", "xcancel": "\u0338", "underline": "\u0332"}
NEGATIONS: Final = {
    "=": "≠", "∈": "∉", "∋": "∌", "<": "≮", ">": "≯", "≤": "≰", "≥": "≱", "∼": "≁", "≈": "≉", "≡": "≢", "⊂": "⊄",
    "⊆": "⊈", "∃": "∄", "|": "∤", "∥": "∦", "≻": "⊁", "≺": "⊀", "⊢": "⊬", "⊨": "⊭", "→": "↛", "⇒": "⇏",
}  # fmt: skip
ARROWS: Final = {
    "xrightarrow": "──→", "xleftarrow": "←──", "xRightarrow": "══⇒", "xLeftarrow": "⇐══", "xleftrightarrow": "←─→",
    "xmapsto": "├─→", "xlongequal": "═══",
}  # start, shaft, end  # fmt: skip

# Fonts that keep the letter as it is: script and fraktur capitals proved hard to read in terminals.
PLAIN_FONTS: Final = (
    "mathrm", "mathit", "mathsf", "mathtt", "mathnormal", "mathcal", "mathscr", "mathfrak", "mathinner", "smash",
    "mathsfit",
)  # fmt: skip
# What changes nothing in a terminal and takes no argument.
IGNORED: Final = (
    "rm", "it", "sf", "tt", "cal", "displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "mathstrut",
    "strut", "nonumber", "notag", "allowbreak", "nobreak", "relax", "tiny", "small", "normalsize", "large", "Large",
    "nonscript",
)  # fmt: skip


class Alphabet(NamedTuple):
    """Where a Unicode alphabet has its A, a, 0, Α and α, and the letters that stand elsewhere."""

    starts: tuple[int, ...]
    exceptions: dict[str, str]


_DOUBLE_STRUCK = Alphabet(
    (0x1D538, 0x1D552, 0x1D7D8), {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
)
_BOLD = Alphabet((0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2), {"ϵ": "𝛜", "ϕ": "𝛟", "∇": "𝛁"})
FONTS: Final = dict.fromkeys(("mathbb", "mathds", "mathbbm"), _DOUBLE_STRUCK) | dict.fromkeys(
    ("mathbf", "boldsymbol", "bm", "pmb", "bold", "mathbold", "mathbfit", "symbf"), _BOLD
)

SUPERSCRIPTS: Final = dict(
    zip(
        "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθ⊤⊺",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵀᵀ",
        strict=True,
    )
) | {"*": "*", "∗": "*", "⋆": "*", "†": "†", "∘": "°", "°": "°", "′": "′"}  # fmt: skip
SUBSCRIPTS: Final = dict(
    zip("0123456789+−=()aehijklmnoprstuvxβγρχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵪ", strict=True)
) | {",": ",", "′": "′"}  # fmt: skip
