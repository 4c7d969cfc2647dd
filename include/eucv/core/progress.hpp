#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace eucv {

/// How far a long job is, for the caller to show: no header of eucv prints.
struct progress {
  std::string_view task;   ///< the name of the job: "harvest", "download", "train"
  std::uint64_t done = 0;  ///< units finished
  std::uint64_t total = 0; ///< units in all; 0 where that is not known
  std::string_view note;   ///< the state in a few words, such as "loss 0.31"; valid during the call only
};

/// A function that receives progress. Called by one thread at a time, that of the job; must not throw.
using progress_sink = std::function<void(const progress&)>;

} // namespace eucv
