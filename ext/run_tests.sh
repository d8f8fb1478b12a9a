#!/usr/bin/env bash
# Builds the native core and its tests with CMake and Ninja into build/cpp-{plain,asan,tsan} and runs ctest in each.
# Usage: ext/run_tests.sh [plain|asan|tsan ...]   (default: all three). PYTHON: where cmake and ninja may be found.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${PYTHON:-}" ]; then
    PATH="$(cd "$(dirname "$(command -v "$PYTHON")")" && pwd):$PATH"
fi
for variant in "${@:-plain asan tsan}"; do
    for one in $variant; do
        case "$one" in
            plain) sanitizer="" ;;
            asan) sanitizer=address ;;
            tsan) sanitizer=thread ;;
            *)
                echo "run_tests.sh: unknown variant '$one', expected plain, asan or tsan" >&2
                exit 2
                ;;
        esac
        build="build/cpp-$one"
        cmake -S ext -B "$build" -G Ninja -DEMOHOST_SANITIZER="$sanitizer" >/dev/null
        cmake --build "$build"
        ctest --test-dir "$build" --output-on-failure
    done
done
