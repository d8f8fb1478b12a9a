"""Which activation each layer gets: the file's, the caller's, or the role's."""

from __future__ import annotations

from collections.abc import Sequence

from emohost.networks.formats.draft import Draft
from emohost.networks.formats.layers import ACTIVATIONS, RECURRENT, Layer
from emohost.networks.formats.values import ModelPlace, describe
from emohost.vocabulary import Role


def as_activation(value: object, place: ModelPlace) -> str:
    """A file's name of an activation; absent (null) and "" mean linear."""
    if value is None or value == "":
        return "linear"
    if not isinstance(value, str) or value not in ACTIVATIONS:
        raise place.wrong("activation", f"one of {', '.join(ACTIVATIONS)}", describe(value))
    return value


def settle_activations(
    draft: Draft, role: Role | None, given: Sequence[str] | None, place: ModelPlace
) -> None:
    """Replaces the activations of `draft` by the `given` ones, or fills in the role's where the file names none."""
    if given is not None:
        _replace(draft, given, place)
    elif not draft.names_activations:
        _fill_in(draft, role, place)
    elif role is not None:
        _warn_of_the_last_on_every_layer(draft, role, place)


def _replace(draft: Draft, given: Sequence[str], place: ModelPlace) -> None:
    draft.layers = [layer for layer in draft.layers if layer.kind != "activation"]
    weighted = [layer for layer in draft.layers if layer.weighted]
    if len(given) != len(weighted):
        kinds = ", ".join(layer.kind for layer in weighted)
        raise place.wrong("activations", f"{len(weighted)}, one for each of {kinds}", str(len(given)))
    for layer, name in zip(weighted, given, strict=True):
        here = ModelPlace(place.file, layer.label)
        activation = as_activation(name, here)
        if layer.kind not in RECURRENT:
            layer.activation = activation
        elif activation not in ("linear", "tanh"):
            raise here.wrong("activation", "'' or 'tanh', as its gates are fixed", describe(name))
    if draft.names_activations:
        draft.warnings.append(f"{place.file}: the activations given replace those that the file names")


def _fill_in(draft: Draft, role: Role | None, place: ModelPlace) -> None:
    layers = [layer for layer in draft.layers if layer.weighted]
    if role is None:
        draft.warnings.append(
            f"{place.file}: the file names no activations, and without a role every layer is linear; "
            "give `activations` or `role`"
        )
        return
    for index, layer in enumerate(layers):
        if layer.kind not in RECURRENT:
            layer.activation = role.output if index == len(layers) - 1 else role.hidden
    draft.warnings.append(
        f"{place.file}: the file names no activations; those normal for the role {role.name} apply "
        f"({role.hidden}, and {role.output} on the last layer)"
    )


def _warn_of_the_last_on_every_layer(draft: Draft, role: Role, place: ModelPlace) -> None:
    """Exporters exist that wrote the network's last activation on every layer."""
    layers: list[Layer] = [layer for layer in draft.layers if layer.weighted and layer.kind not in RECURRENT]
    names = {layer.activation for layer in layers}
    if len(layers) < 2 or len(names) != 1 or names <= {"linear", role.hidden}:
        return
    hidden = ", ".join(layer.label for layer in layers[:-1])
    draft.warnings.append(
        f"{place.file}: {hidden}: {names.pop()}, as on the last layer, which looks like an exporter's mistake; "
        f"loaded as the file says. The role {role.name} normally has {role.architecture}; `activations` can replace "
        "what the file says"
    )
