#pragma once

#include "program/status.hpp"
#include "program/table_text.hpp"
#include "program/terminal.hpp"

#include <eucv/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>

#include <unistd.h>

namespace program {

/// How far a stream of images is, and those of them that failed, by reason.
class stream_counts {
public:
  /// Progress is shown where the results do not go to the same terminal, which they would tear.
  stream_counts(progress_display::style style, std::uint64_t total, bool results_on_stdout)
      : display_(results_on_stdout && ::isatty(STDOUT_FILENO) != 0 ? progress_display::style::none : style),
        sink_(display_.sink()), total_(total) {}

  /// An image is done; `failure` says why it came to nothing, or is null.
  void add(const eucv::error* failure) {
    ++done_;
    if (failure != nullptr) {
      ++failed_, ++reasons_[failure->reason()];
      std::cout.flush();
      display_.clear();
      std::cerr << "passed over: " << failure->what() << std::endl;
    }
    if (sink_) sink_({"classify", done_, total_, std::to_string(failed_) + " failed"});
  }

  /// Prints the failures by reason; what the command ends with.
  [[nodiscard]] status finish() {
    display_.clear();
    for (const auto& [reason, count] : reasons_) std::cerr << counted(count, "file") << ": " << reason << '\n';
    return reasons_.empty() ? status::done : status::incomplete;
  }
  /// Wipes the progress away, before something else is printed.
  void clear() { display_.clear(); }

private:
  progress_display display_;
  eucv::progress_sink sink_;
  std::uint64_t total_, done_ = 0, failed_ = 0;
  std::map<std::string, std::size_t> reasons_;
};

} // namespace program
