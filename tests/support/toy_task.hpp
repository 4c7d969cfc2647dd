#pragma once

#include <eucv/core/random.hpp>
#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/train/source.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace test {

/// Pictures of noise in which one of three colours is stronger: learnt within a few steps. `count` of them in batches
/// of `batch`, the last of which may be smaller; the noise depends on epoch and picture alone.
inline eucv::train::source colour_source(std::size_t count, std::size_t batch) {
  const std::size_t batches = (count + batch - 1) / batch;
  return {batches, [=](std::size_t epoch, std::size_t first) -> eucv::train::reader {
            return [=, number = first]() mutable -> std::optional<eucv::dataset::batch> {
              if (number == batches) return std::nullopt;
              eucv::dataset::batch made;
              made.height = made.width = 6;
              for (std::size_t item = number * batch; item < std::min(count, (number + 1) * batch); ++item, ++made.n) {
                auto engine = eucv::random(11).fork(1000 * epoch + item);
                made.items.push_back(item);
                made.labels.push_back(item % 3);
                for (std::size_t i = 0; i < 6 * 6 * 3; ++i)
                  made.pixels.push_back(static_cast<float>(engine.normal() + (i % 3 == item % 3 ? 1 : 0)));
              }
              ++number;
              return made;
            };
          }};
}

inline std::vector<std::string> colours() {
  return {"red", "green", "blue"};
}

/// A network for them with batch normalisation and dropout, which both have states that a resume must restore.
inline auto colour_network(eucv::thread_pool& pool, std::uint64_t seed = 3) {
  using namespace eucv::nn;
  eucv::random engine(seed);
  return model(sequence{named("conv", conv2d{.out = 5, .bias = false}), named("norm", batch_norm{}), relu{},
                        global_average_pool{}, dropout{.probability = 0.2}, named("head", dense{.out = 3})},
               shape{1, 3, 6, 6}, engine, host<float>(pool));
}

} // namespace test
