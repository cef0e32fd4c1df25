"""The functions an expression may call, and with how many arguments.

Left out, and refused at import: those that print (`trace`), read the clock (`now`, `timeOfDay`),
fetch (`resolve`, `memberOf`), or whose cost is in a pattern (`matches`, `replace`…).
"""

_NONE = (
    *("empty", "not", "allTrue", "anyTrue", "allFalse", "anyFalse", "isDistinct", "distinct"),
    *("count", "single", "first", "last", "tail", "toInteger", "toBoolean", "toDecimal"),
    *("toString", "toDate", "toDateTime", "toTime", "upper", "lower", "length", "trim"),
    *("toChars", "abs", "ceiling", "floor", "sqrt", "truncate", "exp", "ln"),
    *("sum", "min", "max", "avg", "children", "descendants", "today", "weight", "ordinal"),
    *("convertsToBoolean", "convertsToInteger", "convertsToDecimal", "convertsToString"),
    *("convertsToDate", "convertsToDateTime", "convertsToTime"),
)
_ONE = (
    *("all", "union", "combine", "exclude", "intersect", "subsetOf", "supersetOf", "repeat"),
    *("where", "select", "extension", "ofType", "is", "as", "take", "skip", "indexOf"),
    *("startsWith", "endsWith", "contains", "split", "log", "power"),
)
FUNCTIONS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(_NONE, (0,)),
    **dict.fromkeys(_ONE, (1,)),
    "exists": (0, 1),
    "iif": (2, 3),
    "join": (0, 1),
    "round": (0, 1),
    "substring": (1, 2),
    "aggregate": (1, 2),
    "coalesce": (1, 2, 3, 4, 5, 6),
}
WITH_TYPES = ("ofType", "is", "as")
PATHS = ("item", "answer")
"""What `repeat` may follow: anything else could go on for ever."""
LINKED = "linked"
"""The name of our own function; nobody can call it, for it is not among `FUNCTIONS`."""
