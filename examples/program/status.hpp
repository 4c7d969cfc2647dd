#pragma once

#include <eucv/core/error.hpp>

#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace program {

/// What the program tells its caller; see `eucv --help`.
enum class status : int {
  done = 0,
  failed = 1,        ///< the last line on stderr says what, on what, why, and what to do
  usage = 2,         ///< the command line itself is wrong
  incomplete = 3,    ///< done, but some items failed: their counts by reason were printed
  interrupted = 130, ///< Ctrl-C; the state is saved, the same command goes on
};

/// What a command line asks for.
using action = std::function<status()>;

/// Runs one command line, without the name of the program in front. Never throws. Defined in program.hpp.
status run_command(std::vector<std::string> arguments);

/// Prints the one line that every failure ends with.
inline status fail(std::string_view line, status code = status::failed) {
  std::cout.flush();
  std::cerr << "eucv: " << line << std::endl;
  return code;
}

/// Prints what the user should know, though the command goes on.
inline void warn(std::string_view line) {
  std::cout.flush();
  std::cerr << "eucv: warning: " << line << std::endl;
}

/// The line and the status for an exception of the library.
inline status fail(const eucv::error& failure) {
  return fail(failure.what(), failure.code() == eucv::errc::interrupted ? status::interrupted : status::failed);
}

} // namespace program
