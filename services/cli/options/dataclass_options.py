"""Options that several verbs share, written once as a dataclass: the command line sees each field, the verb receives one value."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints


def expand_dataclass_options(verb: Callable[..., None]) -> Callable[..., None]:
    """Return the verb with an option for each field of its dataclass parameters, after its own options. Each field has a default."""
    parameters = inspect.signature(verb, eval_str=True).parameters.values()
    dataclasses: dict[str, Any] = {parameter.name: parameter.annotation for parameter in parameters if is_dataclass(parameter.annotation)}
    own = [parameter for parameter in parameters if parameter.name not in dataclasses]
    options = {name: list(_options(dataclass)) for name, dataclass in dataclasses.items()}
    signature = sorted([*own, *(option for group in options.values() for option in group)], key=lambda parameter: parameter.kind)

    @wraps(verb)
    def command(**values: Any) -> None:
        grouped = {name: dataclasses[name](**{option.name: values.pop(option.name) for option in group}) for name, group in options.items()}
        verb(**values, **grouped)

    command.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]  # PEP 362
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in signature}
    return command


def _options(dataclass: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(dataclass, include_extras=True)
    for field in fields(dataclass):
        yield inspect.Parameter(field.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=field.default, annotation=hints[field.name])
