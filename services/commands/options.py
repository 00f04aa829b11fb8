"""Options that several verbs have alike, as one dataclass: a verb takes it whole, the command line sees each of its fields."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints


def spread(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb an option for each field of the dataclasses it takes, behind those it has itself; each field has a default."""
    takes = inspect.signature(verb, eval_str=True).parameters.values()
    whole: dict[str, Any] = {each.name: each.annotation for each in takes if is_dataclass(each.annotation)}
    its_own = [each for each in takes if each.name not in whole]
    options = [option for shape in whole.values() for option in _options(shape)]

    @wraps(verb)
    def command(**given: Any) -> None:
        made = {name: shape(**{option.name: given.pop(option.name) for option in _options(shape)}) for name, shape in whole.items()}
        verb(**given, **made)

    command.__signature__ = inspect.Signature(sorted(its_own + options, key=lambda each: each.kind))  # type: ignore[attr-defined]  # PEP 362
    command.__annotations__ = {each.name: each.annotation for each in its_own + options}
    return command


def _options(shape: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(shape, include_extras=True)
    for field in fields(shape):
        yield inspect.Parameter(field.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=field.default, annotation=hints[field.name])
