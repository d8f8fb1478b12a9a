// Which instruction sets the running machine has: processor and operating system.
#include "core/nn/kernels.h"
#include "core/nn/model.h"
#include "core/nn/network.h"

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <immintrin.h>
#include <intrin.h>
#elif defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace emohost::nn {

namespace {

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))

bool bits(int value, int mask) { return (value & mask) == mask; }

// XCR0 says which registers the operating system saves: SSE and AVX, and the three parts of AVX-512.
bool system_saves(unsigned long long mask) {
    int leaf[4];
    __cpuid(leaf, 1);
    const int osxsave = 1 << 27;
    return bits(leaf[2], osxsave) && (_xgetbv(0) & mask) == mask;
}

void leaf7(int* registers) {
    int leaf[4];
    __cpuid(leaf, 0);
    if (leaf[0] >= 7) __cpuidex(registers, 7, 0);
}

bool has_avx2() {
    int leaf[4];
    int extended[4] = {};
    __cpuid(leaf, 1);
    leaf7(extended);
    const int fma = 1 << 12, f16c = 1 << 29, avx2 = 1 << 5;
    return system_saves(0x6) && bits(leaf[2], fma | f16c) && bits(extended[1], avx2);
}

bool has_avx2_vnni() { return false; }  // kernels_avx2_vnni.cpp is for GCC and Clang

bool has_avx512() {
    int extended[4] = {};
    leaf7(extended);
    const int f = 1 << 16, dq = 1 << 17, bw = 1 << 30, vl = static_cast<int>(1u << 31);
    return has_avx2() && system_saves(0xe6) && bits(extended[1], f | dq | bw | vl);
}

bool has_avx512_vnni() {
    int extended[4] = {};
    leaf7(extended);
    return has_avx512() && bits(extended[2], 1 << 11);
}

#elif (defined(__GNUC__) || defined(__clang__)) && (defined(__x86_64__) || defined(__i386__))

// These ask the operating system's part, too.
bool has_avx2() {
    unsigned a, b, c, d;
    const bool half = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
    return half && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
bool has_avx2_vnni() {
    unsigned a, b, c, d;
    return has_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1u << 4));
}
bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
bool has_avx512_vnni() { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

#else

bool has_avx2() { return false; }
bool has_avx2_vnni() { return false; }
bool has_avx512() { return false; }
bool has_avx512_vnni() { return false; }

#endif

}  // namespace

const Kernels* kernels_for(Isa isa) {
    switch (isa) {
        case Isa::automatic:
            return kernels_for(available_isas().back());
        case Isa::plain:
            return kernels_plain();
        case Isa::avx2:
            return has_avx2() ? kernels_avx2() : nullptr;
        case Isa::avx2_vnni:
            return has_avx2_vnni() ? kernels_avx2_vnni() : nullptr;
        case Isa::avx512:
            return has_avx512() ? kernels_avx512() : nullptr;
        case Isa::avx512_vnni:
            return has_avx512_vnni() ? kernels_avx512_vnni() : nullptr;
        case Isa::neon:
            return kernels_neon();
    }
    return nullptr;
}

std::vector<Isa> available_isas() {
    std::vector<Isa> isas;
    for (const Isa isa : {Isa::plain, Isa::avx2, Isa::avx2_vnni, Isa::avx512, Isa::avx512_vnni, Isa::neon}) {
        if (kernels_for(isa)) isas.push_back(isa);
    }
    return isas;
}

const char* name(Isa isa) {
    switch (isa) {
        case Isa::automatic:
            return "automatic";
        case Isa::plain:
            return "plain";
        case Isa::avx2:
            return "avx2";
        case Isa::avx2_vnni:
            return "avx2_vnni";
        case Isa::avx512:
            return "avx512";
        case Isa::avx512_vnni:
            return "avx512_vnni";
        case Isa::neon:
            return "neon";
    }
    return "unknown";
}

const char* name(Precision precision) {
    switch (precision) {
        case Precision::float32:
            return "float32";
        case Precision::float16:
            return "float16";
        case Precision::int8:
            return "int8";
    }
    return "unknown";
}

}  // namespace emohost::nn
