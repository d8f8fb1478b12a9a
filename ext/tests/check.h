// A test is TEST("what is promised") { CHECK(...); }. One program per test_*.cpp, which includes this once
// and gets its main() from here. A failed check is printed with its place and the test goes on; the program
// then exits with 1. A test that cannot be run here returns after check::skip(why); the program then exits with 77.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

namespace check {

struct Test {
    const char* name;
    void (*run)();
};

inline std::vector<Test>& tests() {
    static std::vector<Test> all;
    return all;
}
inline int failures = 0;
inline std::string skipped;   // why the test that runs could not be run; empty: it could
constexpr int kSkipped = 77;  // exit status, which ctest reports as skipped

struct Register {
    Register(const char* name, void (*run)()) { tests().push_back({name, run}); }
};

inline void fail(const char* file, int line, const std::string& what) {
    ++failures;
    std::printf("    %s:%d: %s\n", file, line, what.c_str());
}

inline void skip(const std::string& why) { skipped = why; }

template <typename A, typename B>
void equal(const char* file, int line, const char* text, const A& found, const B& expected) {
    if (found == expected) return;
    std::ostringstream what;
    what << text << ": found " << found << ", expected " << expected;
    fail(file, line, what.str());
}

inline void is_near(const char* file, int line, const char* text, double found, double expected,
                    double tolerance) {
    if (std::fabs(found - expected) <= tolerance) return;  // false for NaN
    std::ostringstream what;
    what.precision(9);
    what << text << ": found " << found << ", expected " << expected << " within " << tolerance;
    fail(file, line, what.str());
}

// Runs all tests, or those whose name contains argv[1].
inline int run_all(int argc, char** argv) {
    int ran = 0, failed = 0, left_out = 0;
    for (const Test& test : tests()) {
        if (argc > 1 && !std::strstr(test.name, argv[1])) continue;
        const int before = failures;
        skipped.clear();
        test.run();
        ++ran;
        if (failures != before) {
            ++failed;
            std::printf("FAILED %s\n", test.name);
        } else if (!skipped.empty()) {
            ++left_out;
            std::printf("skip   %s: %s\n", test.name, skipped.c_str());
        } else {
            std::printf("ok     %s\n", test.name);
        }
        std::fflush(stdout);
    }
    std::printf("%d tests, %d failed, %d skipped\n", ran, failed, left_out);
    if (failed || ran == 0) return 1;
    return left_out ? kSkipped : 0;
}

}  // namespace check

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)
#define TEST(name) TEST_AT(name, __LINE__)
#define TEST_AT(name, line)                                                                   \
    static void CHECK_JOIN(test_, line)();                                                    \
    static const check::Register CHECK_JOIN(register_, line)(name, &CHECK_JOIN(test_, line)); \
    static void CHECK_JOIN(test_, line)()

#define CHECK(condition)                                                           \
    do {                                                                           \
        if (!(condition)) check::fail(__FILE__, __LINE__, #condition " is false"); \
    } while (false)
#define CHECK_EQ(found, expected) check::equal(__FILE__, __LINE__, #found, found, expected)
#define CHECK_NEAR(found, expected, tolerance) \
    check::is_near(__FILE__, __LINE__, #found, found, expected, tolerance)

int main(int argc, char** argv) { return check::run_all(argc, argv); }
