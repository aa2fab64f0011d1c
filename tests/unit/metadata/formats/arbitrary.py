"""Content of any shape under the names that a format knows: what no program would write and a file might hold."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from hypothesis import strategies as st

from batchdep.metadata.formats.markup import Element

_TEXTS = st.one_of(
    st.sampled_from(
        (
            "",
            " ",
            "10.1234/x",
            "https://orcid.org/0000-0002-1825-0097",
            "2020-01-01/2021",
            ":unkn",
            "\ud800",
            "<p>a",
            ",",
        )
    ),
    st.text(max_size=12),
)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS


def values(names: Iterable[str], words: Iterable[str] = ()) -> st.SearchStrategy[Any]:
    """JSON of any shape; keys are among ``names``, texts sometimes among ``words``."""
    keys = st.sampled_from(sorted(names))
    scalars = _SCALARS | st.sampled_from(sorted(words)) if words else _SCALARS
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=8
    )


def keys_in(value: Any) -> set[str]:
    """Every key that occurs anywhere in an example."""
    if isinstance(value, list):
        return {key for each in value for key in keys_in(each)}
    return {*value, *(key for each in value.values() for key in keys_in(each))} if isinstance(value, dict) else set()


def words_in(value: Any) -> set[str]:
    """Every text that occurs anywhere in an example."""
    if isinstance(value, dict | list):
        return {word for each in (value.values() if isinstance(value, dict) else value) for word in words_in(each)}
    return {value} if isinstance(value, str) else set()


def shaped(example: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The example with some of its values, at the top and one level below, replaced by anything."""
    anything = values(keys_in(example), words_in(example))
    return st.fixed_dictionaries({}, optional={key: _variant(value, anything) for key, value in example.items()})


def _variant(value: Any, anything: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    if isinstance(value, list) and value:
        return st.lists(st.one_of(*(_variant(each, anything) for each in value)), max_size=3) | anything
    if isinstance(value, dict):
        inner = {key: st.just(each) | _variant(each, anything) for key, each in value.items()}
        return st.fixed_dictionaries({}, optional=inner) | anything
    return st.just(value) | anything


def elements(root: Element) -> st.SearchStrategy[Element]:
    """The tree of an example with a fifth of all there is in it changed: elements lost, doubled, put elsewhere, given
    other texts and attributes. Its root stays."""
    return st.integers(0, 2**32).map(lambda seed: _changed(root, Random(seed)))


def _changed(root: Element, random: Random) -> Element:
    known = list(root.everything())
    texts = ["", " ", ",", "\ud800", "<p>a", ":unkn", "2020-01-01/", *(each.text for each in known)]

    def copy(element: Element, path: tuple[int, ...]) -> Element:
        def odd() -> bool:
            return random.random() < 0.2

        attributes = {key: random.choice(texts) if odd() else value for key, value in element.attributes.items()}
        text = random.choice(texts) if odd() else element.text
        made = Element(element.tag, element.namespace, attributes, 1, 1, path, random.randint(0, 5), text)
        children = [random.choice(known) if odd() and len(path) < 4 else child for child in element.children]
        children = [child for child in children for _ in range(random.choice([0, 1, 2]) if odd() else 1)]
        made.children = [copy(child, (*path, index)) for index, child in enumerate(children)] if len(path) < 9 else []
        return made

    return copy(root, ())
