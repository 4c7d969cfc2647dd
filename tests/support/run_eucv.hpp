#pragma once

#include "replay_server.hpp"
#include "support/process.hpp"

#include <string>
#include <utility>
#include <vector>

namespace test {

/// The key that a replay takes, and nothing else from the tester's own environment.
[[nodiscard]] inline surroundings with_key(const replay::server& server) {
  return {.environment = {{"EUROPEANA_API_KEY", server.key()}}};
}

/// Runs the program eucv to its end.
inline outcome run_eucv(std::vector<std::string> arguments,
                        surroundings around = {.environment = {{"EUROPEANA_API_KEY", ""}}}) {
  return process(EUCV_PROGRAM, std::move(arguments), std::move(around)).wait();
}

/// "eucv: what failed, on what: why; what to do", the line that each failure ends with.
[[nodiscard]] inline bool is_failure_line(const std::string& line) {
  return line.starts_with("eucv: ") && line.find(": ", 6) != std::string::npos && line.find("; ") != std::string::npos;
}

} // namespace test
