#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace eucv {

/// One step of a long job, told to whoever wants to show it. No header of eucv prints.
struct progress {
  std::string_view task;   ///< which job: "harvest", "download", "train"
  std::uint64_t done = 0;  ///< units finished
  std::uint64_t total = 0; ///< units in all, or 0 where that is not known
  std::string_view note;   ///< a few words on the state, such as "loss 0.31"; valid during the call only
};

/// Receives progress. Called from the thread that runs the job, never from two at once; must not throw.
using progress_sink = std::function<void(const progress&)>;

} // namespace eucv
