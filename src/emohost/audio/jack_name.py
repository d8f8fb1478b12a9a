"""The name under which PortAudio's streams are known to JACK, in patch bays and by `jack_lsp`."""

from __future__ import annotations

import contextlib
import ctypes
import re
import sys

LONGEST = 60  # bytes; JACK's own limit is 63, and it may add a number
LOOKS = "emohost-look"  # while devices are only listed or tried
_LIBRARIES = {"linux": "libportaudio.so.2", "darwin": "libportaudio.2.dylib"}
_kept: list[ctypes.Array[ctypes.c_char]] = []  # PortAudio keeps a pointer to the name


def name_client(name: str) -> None:
    """From PortAudio's next initialisation on. Does nothing where its library knows no JACK."""
    found = _function("PaJack_SetClientName")
    if found is None:
        return
    plain = re.sub("[^ -~]|:", "-", name).encode()[:LONGEST]
    _kept.append(ctypes.create_string_buffer(plain))
    found.argtypes, found.restype = [ctypes.c_char_p], ctypes.c_int
    found(_kept[-1])


def is_named() -> bool:
    return bool(_kept)


def client_name() -> str:
    """As the JACK server has it: a number may have been added. Only while PortAudio is initialised with JACK."""
    found = _function("PaJack_GetClientName")
    assert found is not None, "there is a device of JACK's, so its functions are there"
    found.argtypes, found.restype = [ctypes.POINTER(ctypes.c_char_p)], ctypes.c_int
    name = ctypes.c_char_p()
    found(ctypes.byref(name))
    return (name.value or b"").decode()


def _function(name: str) -> ctypes._NamedFuncPointer | None:
    """Of the library that sounddevice loads, too: the system gives each program one of a name."""
    with contextlib.suppress(OSError, AttributeError, KeyError):
        found: ctypes._NamedFuncPointer = getattr(ctypes.CDLL(_LIBRARIES[sys.platform]), name)
        return found
    return None
