#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>

namespace eucv::zoo {

/// What the logits of a network are for.
enum class logits {
  exclusive,  ///< softmax over all classes
  independent ///< a sigmoid for each class: logits must be able to be of either sign
};

/// What a network of the registry is built for.
struct architecture_options {
  std::size_t classes = 10; ///< number of logits
  zoo::logits logits = logits::exclusive;
};

/// What is known of an architecture.
struct architecture_facts {
  std::string_view name;       ///< stable: command lines and model folders hold it
  std::size_t input = 224;     ///< rows and columns of the pictures that it was designed for
  double learning_rate = 1e-3; ///< peak rate of AdamW, for training from scratch
};

/// An entry of the registry: `facts`, and layers() that makes the network. layers() had better be a template, so that
/// it costs compile time only where the network is built.
template <class T>
concept architecture_entry = requires(const architecture_options& wanted) {
  { T::facts } -> std::convertible_to<architecture_facts>;
  T::layers(wanted);
};

} // namespace eucv::zoo
