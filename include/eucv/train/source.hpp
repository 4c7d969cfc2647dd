#pragma once

#include <eucv/dataset/batch.hpp>

#include <cstddef>
#include <functional>
#include <optional>

namespace eucv::train {

/// One pass over the batches of an epoch: each call gives the next, and nothing once they have ended.
using reader = std::function<std::optional<dataset::batch>()>;

/// Where training and evaluation take their pictures from: files, memory, or a generator.
///
/// A reader opened at (epoch, first) must give what one opened at (epoch, 0) gives from its batch `first` on; exact
/// resume rests on that. A batch may hold no picture (none of its files could be read); it still counts.
struct source {
  std::size_t batches = 0; ///< batches an epoch
  std::function<reader(std::size_t epoch, std::size_t first)> open;
};

} // namespace eucv::train
