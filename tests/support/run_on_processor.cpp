// Runs a program that was compiled for some processors only, where this is one of them: run_on_processor avx2 PROGRAM.
// Elsewhere it says so and ends with 77. The program cannot look for itself: its initialisers run before its main().
#include <unistd.h>

#include <cstdio>
#include <string_view>

namespace {

bool has(std::string_view instructions) {
  if (instructions == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (instructions == "avx512")
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return false;
}

} // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fputs("usage: run_on_processor avx2|avx512 PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  if (!has(arguments[1])) {
    std::printf("skipped: this processor has no %s\n", arguments[1]);
    return 77;
  }
  execv(arguments[2], arguments + 2);
  std::perror(arguments[2]);
  return 1;
}
