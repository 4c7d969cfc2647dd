#pragma once

#include <eucv/core/error.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/safetensors.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::nn {

namespace detail {

/// Calls f(name, dims, tensor) for each parameter and buffer of a network.
template <network Network, class Function>
void for_each_tensor(Network& net, Function&& f) {
  for (auto& each : net.parameters()) f(each.name, each.dims, each.value);
  for (auto& each : net.buffers()) f(each.name, each.dims, each.value);
}

template <network Network>
void assign(Network& net, tensor<typename Network::backend_type>& to, const named_array& from) {
  const std::vector<typename Network::backend_type::scalar> flat(from.values.begin(), from.values.end());
  net.backend().assign(to, flat, order::channels_first);
}

// PyTorch counts the batches that a normalisation has seen; nothing here reads that.
[[nodiscard]] inline bool is_counter(std::string_view name) {
  return name.ends_with("num_batches_tracked");
}

} // namespace detail

/// Adds all parameters and buffers of a network to `content`, each name behind `prefix`. Throws non_finite, naming the
/// tensor, where a value is infinite or not a number: what could not be read back is not written.
template <network Network>
void save_weights(Network& net, tensor_file& content, const std::string& prefix = "") {
  detail::for_each_tensor(net, [&](const auto& name, const auto& dims, const auto& values) {
    const auto flat = net.backend().values(values, order::channels_first);
    if (!std::all_of(flat.begin(), flat.end(), [](auto value) { return std::isfinite(value); }))
      throw error(errc::non_finite, {"save weights", content.source, "\"" + name + "\" is infinite or not a number",
                                     "lower the learning rate and go on from the last checkpoint"});
    content.arrays.push_back({prefix + name, dims, {flat.begin(), flat.end()}});
  });
}

/// Sets all parameters and buffers of a network from the arrays of `content` whose names begin with `prefix`.
///
/// Throws missing_tensor where one is absent, or is there that the network has not, and shape_mismatch with both
/// shapes; the network is then partly changed.
template <network Network>
void load_weights(Network& net, const tensor_file& content, const std::string& prefix = "") {
  std::set<std::string> known;
  detail::for_each_tensor(net, [&](const auto& name, const auto& dims, auto& values) {
    detail::assign(net, values, content.at(prefix + name, dims));
    known.insert(prefix + name);
  });
  for (const auto& array : content.arrays)
    if (array.name.starts_with(prefix) && !known.contains(array.name) && !detail::is_counter(array.name))
      throw error(errc::missing_tensor,
                  {"read weights", content.source, "the network has no tensor \"" + array.name + "\"",
                   "check that the file belongs to this architecture"});
}

/// Sets a network from weights that were learned for another task: a state dict of torchvision or timm, or a model of
/// ours with other labels. The head (the last block that has parameters) keeps its fresh values where the file has no
/// head or one of another shape; all else must fit.
///
/// Returns whether the file's head was taken. Throws missing_tensor and shape_mismatch as load_weights() does.
template <network Network>
bool load_pretrained(Network& net, const tensor_file& content) {
  const std::string head(net.parameters().empty() ? "" : net.parameters().back().block);
  const auto in_head = [&](std::string_view name) { return head.empty() || name.starts_with(head + '.'); };
  bool head_fits = true;
  detail::for_each_tensor(net, [&](const auto& name, const auto& dims, auto&) {
    if (!in_head(name)) return;
    const named_array* const array = content.find(name);
    head_fits = head_fits && array != nullptr && array->extents == dims;
  });
  std::set<std::string> known;
  detail::for_each_tensor(net, [&](const auto& name, const auto& dims, auto& values) {
    if (!in_head(name) || head_fits) detail::assign(net, values, content.at(name, dims));
    known.insert(name);
  });
  for (const auto& array : content.arrays)
    if (!in_head(array.name) && !known.contains(array.name) && !detail::is_counter(array.name))
      throw error(errc::missing_tensor,
                  {"read weights", content.source, "the network has no tensor \"" + array.name + "\"",
                   "choose the architecture that the weights were trained for"});
  return head_fits;
}

} // namespace eucv::nn
