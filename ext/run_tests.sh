#!/usr/bin/env bash
# Builds the native core and its tests with CMake and Ninja into build/cpp-{plain,asan,tsan} and runs ctest in each.
# The thread sanitizer runs the tests that have threads. `arm` builds for 64-bit ARM and runs under an emulator what needs
# neither its clock nor its system calls (Debian: g++-aarch64-linux-gnu, qemu-user). `windows` builds with MinGW and runs
# under Wine (Debian: g++-mingw-w64-x86-64-posix, wine), in a Wine folder of its own.
# Usage: ext/run_tests.sh [plain|asan|tsan|ring|arm|windows ...]   (default: the first three). PYTHON: where cmake and ninja may be found.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${PYTHON:-}" ]; then
    PATH="$(cd "$(dirname "$(command -v "$PYTHON")")" && pwd):$PATH"
fi
for variant in "${@:-plain asan tsan}"; do
    for one in $variant; do
        case "$one" in
            plain) sanitizer="" targets=(all) tests=. ;;
            asan) sanitizer=address targets=(all) tests=. ;;
            tsan) sanitizer=thread targets=(test_ring test_emotion_ring test_engine test_exchange test_record) tests='^test_(ring|emotion_ring|engine|exchange|record)$' ;;
            ring) sanitizer=thread targets=(test_emotion_ring) tests= ;;
            arm) sanitizer="" targets=(all) tests='^test_[^rst]|^test_(ring|rt|schedule|shared|side_b)$' ;;
            windows) sanitizer="" targets=(all) tests=. ;;
            *)
                echo "run_tests.sh: unknown variant '$one', expected plain, asan, tsan, ring, arm or windows" >&2
                exit 2
                ;;
        esac
        build="build/cpp-${one/ring/tsan}"
        target=()
        if [ "$one" = arm ]; then
            target=(-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
                -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++
                "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu")
        elif [ "$one" = windows ]; then
            # Posix threads, which std::thread needs in older MinGWs; their library and GCC's go into each program.
            target=(-DCMAKE_SYSTEM_NAME=Windows -DCMAKE_SYSTEM_PROCESSOR=AMD64
                -DCMAKE_CXX_COMPILER=x86_64-w64-mingw32-g++-posix
                -DCMAKE_EXE_LINKER_FLAGS=-static -DCMAKE_CROSSCOMPILING_EMULATOR=wine)
            export WINEPREFIX="$PWD/build/wine" WINEDEBUG=-all
            command -v wine >/dev/null || { echo "run_tests.sh: there is no wine (Debian: wine)" >&2; exit 1; }
        fi
        cmake -S ext -B "$build" -G Ninja -DEMOHOST_SANITIZER="$sanitizer" ${target[@]+"${target[@]}"} >/dev/null
        cmake --build "$build" --target "${targets[@]}"
        if [ "$one" = ring ]; then
            "$build/test_emotion_ring" # takes longer than ctest waits, and says what it saw
        else
            ctest --test-dir "$build" --tests-regex "$tests" --output-on-failure
        fi
    done
done
