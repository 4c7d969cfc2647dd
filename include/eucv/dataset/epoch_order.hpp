#pragma once

#include <eucv/core/random.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace eucv::dataset {

/// The order in which an epoch takes its items.
enum class epoch_order : std::uint8_t {
  listed,   ///< as they are listed, for evaluation
  shuffled, ///< at random, another way in each epoch, for training
  balanced, ///< at random, each class as often as any other: balanced_order()
};

/// A class-balanced epoch: as many places as there are items, and the same number of them for each class, to within
/// one. Small classes are oversampled, large ones undersampled.
///
/// Within an epoch all items of a class occur equally often, to within one time. Classes without items get no place.
/// All that is random comes from `engine`. Items are numbered by their place in `labels`.
[[nodiscard]] inline std::vector<std::size_t> balanced_order(std::span<const std::size_t> labels, random& engine) {
  std::vector<std::vector<std::size_t>> classes;
  for (std::size_t item = 0; item < labels.size(); ++item) {
    if (labels[item] >= classes.size()) classes.resize(labels[item] + 1);
    classes[labels[item]].push_back(item);
  }
  std::erase_if(classes, [](const auto& items) { return items.empty(); });
  engine.shuffle(std::span(classes)); // whose turn it is where the places do not come out even
  std::vector<std::size_t> order;
  order.reserve(labels.size());
  for (std::size_t c = 0; c < classes.size(); ++c) {
    auto& items = classes[c];
    const std::size_t wanted = labels.size() / classes.size() + (c < labels.size() % classes.size() ? 1 : 0);
    engine.shuffle(std::span(items));
    for (std::size_t i = 0; i < wanted; ++i) order.push_back(items[i % items.size()]);
  }
  engine.shuffle(std::span(order));
  return order;
}

/// The places of an epoch in the order wanted. Nothing is drawn from `engine` for a listed one.
[[nodiscard]] inline std::vector<std::size_t> places_of_epoch(epoch_order wanted, std::span<const std::size_t> labels,
                                                              random& engine) {
  if (wanted == epoch_order::balanced) return balanced_order(labels, engine);
  std::vector<std::size_t> places(labels.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (wanted == epoch_order::shuffled) engine.shuffle(std::span(places));
  return places;
}

} // namespace eucv::dataset
