"""Builds the native core: one extension, its inference kernels compiled once per instruction set; packs the data."""

import os
import platform
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

CORE = Path("ext/core")
MSVC = sys.platform == "win32"
X86 = platform.machine().lower() in {"x86_64", "amd64", "i686", "x86"}

# No -march=native and no -ffast-math: a wheel runs anywhere, and rounds the same everywhere it can.
BASE_FLAGS = (
    ["/std:c++17", "/O2", "/EHsc"]
    if MSVC
    else ["-std=c++17", "-O3", "-fvisibility=hidden", "-ffp-contract=off"]
)

# Kernel variants come from one source (nn/kernels.inl); each file is empty where its target is not the compiler's.
KERNEL_FLAGS = {}
for line in Path("ext/kernel_flags.txt").read_text().splitlines() if X86 else ():
    compiler, kernels, *flags = line.split()
    if compiler == ("msvc" if MSVC else "gcc"):
        KERNEL_FLAGS[kernels] = flags

# Python's own flags say -fwrapv, with which GCC 12 makes a sixth of the speed of a dot product. The core needs no
# wrapping (its tests run under the sanitizer of undefined behaviour); Cython's code keeps it.
CORE_FLAGS = [] if MSVC else ["-fno-wrapv"]

# Cython's file is large, and nothing that takes time runs in it: it is compiled in half the time.
BINDING_FLAGS = [] if MSVC else ["-O1", "-g0", "-Wno-maybe-uninitialized"]

# What the audio thread runs can neither throw nor ask for a type: every source but those that the list names.
REALTIME_FLAGS = [] if MSVC else ["-fno-exceptions", "-fno-rtti"]
NOT_REALTIME = {
    CORE / line for line in Path("ext/not_realtime.txt").read_text().splitlines() if not line.startswith("#")
}

# What goes into the wheel beside the code, as emohost/data/KIND.
DATA = {
    "models": ["*.json", "*.npz", "*.md"],
    "configs": ["*.yaml", "*.json", "*.flac", "*.md"],
    "styles": ["*.yaml"],
}

# Counts heap calls and locks of an armed thread. Preloaded, not imported: no Python in it.
TRAP = [
    Extension(
        "emohost._trap",
        ["ext/trap/trap.cpp"],
        depends=["ext/trap/trap.h"],
        include_dirs=["ext"],
        extra_compile_args=BASE_FLAGS,
        libraries=["dl"],
        language="c++",
    )
]

core_sources = [str(path) for path in sorted(CORE.rglob("*.cpp"))]
core_headers = [str(path) for path in sorted(CORE.rglob("*")) if path.suffix in {".h", ".inl"}]


class BuildExt(build_ext):
    """Compiles the sources side by side, each with its own flags, and only those that are out of date."""

    def build_extensions(self):
        if MSVC and not self.compiler.initialized:
            self.compiler.initialize()  # once, before there are threads
        compile_one = self.compiler.compile

        def compile_source(source, depends, output_dir, extra_postargs, **settings):
            (target,) = self.compiler.object_filenames([source], output_dir=output_dir)
            if not self.force and up_to_date(target, [source, *depends]):
                return [target]
            flags = [*(extra_postargs or []), *KERNEL_FLAGS.get(Path(source).stem, [])]
            if Path(source).stem == "_core":
                flags += BINDING_FLAGS
            if CORE in Path(source).parents:
                flags += CORE_FLAGS
            if CORE in Path(source).parents and Path(source) not in NOT_REALTIME:
                flags += REALTIME_FLAGS
            return compile_one([source], output_dir=output_dir, extra_postargs=flags, **settings)

        def compile_all(sources, depends=(), output_dir=None, extra_postargs=None, **settings):
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                jobs = [
                    pool.submit(compile_source, source, depends or [], output_dir, extra_postargs, **settings)
                    for source in sources
                ]
                return [target for job in jobs for target in job.result()]

        self.compiler.compile = compile_all
        super().build_extensions()


def up_to_date(target, sources):
    path = Path(target)
    return path.exists() and all(path.stat().st_mtime > Path(source).stat().st_mtime for source in sources)


class BuildPy(build_py):
    """Puts models and configurations into the package, unless it is installed to run from its sources."""

    def run(self):
        super().run()
        if self.editable_mode:
            return
        data = Path(self.build_lib) / "emohost" / "data"
        shutil.rmtree(data, ignore_errors=True)
        for kind, patterns in DATA.items():
            (data / kind).mkdir(parents=True)
            for file in sorted(file for pattern in patterns for file in Path(kind).glob(pattern)):
                shutil.copyfile(file, data / kind / file.name)


setup(
    cmdclass={"build_ext": BuildExt, "build_py": BuildPy},
    ext_modules=(TRAP if sys.platform == "linux" else [])
    + cythonize(
        [
            Extension(
                "emohost._core",
                ["ext/_core.pyx", *core_sources],
                depends=[*core_headers, "setup.py", "ext/not_realtime.txt", "ext/kernel_flags.txt"],
                include_dirs=["ext", np.get_include()],
                extra_compile_args=BASE_FLAGS,
                # Every symbol resolved when the module is loaded, none by the audio thread.
                extra_link_args=["-Wl,-z,now"] if sys.platform == "linux" else [],
                define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
                language="c++",
            )
        ],
        language_level=3,
        compiler_directives={"binding": True, "embedsignature": True},
    ),
)
