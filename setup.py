"""Builds the native core: one extension, with the inference kernels compiled once per instruction set."""

import platform
import sys
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup

CORE = Path("ext/core")
MSVC = sys.platform == "win32"
X86 = platform.machine().lower() in {"x86_64", "amd64", "i686", "x86"}

# No -march=native and no -ffast-math: a wheel runs anywhere, and rounds the same everywhere it can.
BASE_FLAGS = ["/std:c++17", "/O2", "/EHsc"] if MSVC else ["-std=c++17", "-O3", "-fvisibility=hidden", "-ffp-contract=off"]

# Kernel variants come from one source (nn/kernels.inl); each file is empty where its target is not the compiler's.
KERNEL_FLAGS = {
    "kernels_plain": [],
    "kernels_avx2": (["/arch:AVX2"] if MSVC else ["-mavx2", "-mfma", "-mf16c"]) if X86 else [],
    "kernels_avx512": (
        (["/arch:AVX512"] if MSVC else ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mfma", "-mf16c"])
        if X86
        else []
    ),
    "kernels_neon": [],
}


def kernel_library(name: str, flags: list[str]) -> tuple[str, dict[str, list[str]]]:
    headers = [str(path) for path in CORE.rglob("*") if path.suffix in {".h", ".inl"}]
    source = str(CORE / "nn" / f"{name}.cpp")
    pic = [] if MSVC else ["-fPIC"]
    return f"emohost_{name}", {
        "sources": [source],
        "obj_deps": {"": headers},
        "include_dirs": ["ext"],
        "cflags": [*BASE_FLAGS, *pic, *flags],
    }


core_sources = [str(path) for path in sorted(CORE.rglob("*.cpp")) if path.stem not in KERNEL_FLAGS]
core_headers = [str(path) for path in sorted(CORE.rglob("*")) if path.suffix in {".h", ".inl"}]

setup(
    libraries=[kernel_library(name, flags) for name, flags in KERNEL_FLAGS.items() if (CORE / "nn" / f"{name}.cpp").exists()],
    ext_modules=cythonize(
        [
            Extension(
                "emohost._core",
                ["ext/_core.pyx", *core_sources],
                depends=core_headers,
                include_dirs=["ext", np.get_include()],
                extra_compile_args=BASE_FLAGS,
                define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
                language="c++",
            )
        ],
        language_level=3,
        compiler_directives={"binding": True, "embedsignature": True},
    ),
)
