#pragma once

#include <eucv/core/error.hpp>
#include <eucv/explain/heat_map.hpp>
#include <eucv/nn/any_model.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::explain {

/// A network whose layer outputs and their gradients can be read: model, and any_model.
template <class M>
concept inspectable = nn::network<M> && requires(M& m, nn::tensor<typename M::backend_type> x, std::size_t at) {
  { m.places() } -> std::convertible_to<std::span<const nn::output_place>>;
  { m.look_into(x, at, x) } -> std::same_as<nn::insight<typename M::backend_type>>;
};

/// How the channels of a layer are weighted in a class activation map.
enum class method {
  grad_cam,          ///< the mean of their gradients: Selvaraju et al. (2017, arXiv:1610.02391)
  grad_cam_plus_plus ///< gradients weighted at each position: Chattopadhay et al. (2018, arXiv:1710.11063)
};

/// The names of the layers whose output has more than one position, in the order of the forward pass.
template <inspectable Network>
[[nodiscard]] std::vector<std::string> layers_of(Network& net) {
  std::vector<std::string> names;
  for (const auto& each : net.places())
    if (each.extents.h * each.extents.w > 1) {
      std::erase(names, each.name); // of equal names the last is the output of the container
      names.push_back(each.name);
    }
  return names;
}

/// The number in places() of the layer with that name, one of layers_of(). Throws errc::not_found, which lists them.
template <inspectable Network>
[[nodiscard]] std::size_t find_layer(Network& net, std::string_view name) {
  const std::span<const nn::output_place> places = net.places();
  for (std::size_t i = places.size(); i-- > 0;)
    if (places[i].name == name && places[i].extents.h * places[i].extents.w > 1) return i;
  std::string known;
  for (const auto& each : layers_of(net)) known += (known.empty() ? "" : ", ") + each;
  throw error(errc::not_found, {"explain a prediction", "the layer \"" + std::string(name) + "\"",
                                "the network has no such layer with a map", "choose one of " + known});
}

/// The number in places() of the default layer: the output of the last block before the head, before it pools, whose
/// features are the most specific to classes. Throws errc::not_found for a network without a convolution before its
/// head.
template <inspectable Network>
[[nodiscard]] std::size_t last_layer(Network& net) {
  const auto parameters = net.parameters();
  const std::string_view head = parameters.empty() ? std::string_view() : parameters.back().block;
  std::size_t last = parameters.size(); // the weight of the last convolution outside of the head
  while (last > 0 && (parameters[last - 1].dims.size() != 4 || parameters[last - 1].block == head)) --last;
  if (last == 0)
    throw error(errc::not_found, {"explain a prediction", "the network", "it has no convolution before its head",
                                  "take a convolutional network"});
  const std::span<const nn::output_place> places = net.places();
  const std::string& block = parameters[last - 1].block;
  std::size_t at = 0, found = places.size();
  while (at < places.size() && places[at].parameters < last) ++at; // the convolution's own
  const nn::shape size = at < places.size() ? places[at].extents : nn::shape{};
  std::size_t head_begins = 0;
  while (parameters[head_begins].block != head) ++head_begins;
  const bool bare = at < places.size() && places[at].name == block; // no container, but the convolution by itself
  for (; at < places.size() && places[at].parameters <= head_begins; ++at) {
    const bool inside = bare || places[at].name == block || places[at].name.starts_with(block + '.');
    if (inside && places[at].extents.h == size.h && places[at].extents.w == size.w) found = at;
  }
  if (found == places.size())
    throw error(errc::not_found, {"explain a prediction", "the network", "its last convolution stands in no container",
                                  "put the layers into a sequence"});
  return found;
}

/// The class activation map of one image, from the values {c, h, w} of a layer and the gradients of the logit of the
/// class with respect to them. All values of the map are at least 0.
///
/// Grad-CAM: relu(sum over channels c of a_c A_c), where a_c is the mean of the gradients of channel c. Grad-CAM++: a_c
/// is the sum of relu(g) / (2 + S_c g) over the positions, S_c the sum of the values of channel c. That is equations 10
/// and 19 of the paper for the exponential of a logit, up to a factor that all channels share. The paper assumes layers
/// that end in a relu; for others max(S_c, 0) is taken, so that nothing is divided by 0.
template <std::floating_point Scalar>
[[nodiscard]] heat_map class_activation(std::span<const Scalar> values, std::span<const Scalar> gradients,
                                        const nn::shape& extents, method how = method::grad_cam) {
  const std::size_t cells = extents.h * extents.w;
  heat_map map{extents.h, extents.w, std::vector<double>(cells)};
  for (std::size_t c = 0; c < extents.c; ++c) {
    const auto a = values.subspan(c * cells, cells), g = gradients.subspan(c * cells, cells);
    double weight = 0;
    if (how == method::grad_cam) {
      for (const Scalar each : g) weight += static_cast<double>(each) / static_cast<double>(cells);
    } else {
      double sum = 0;
      for (const Scalar each : a) sum += static_cast<double>(each);
      for (const Scalar each : g)
        if (each > 0) weight += static_cast<double>(each) / (2 + std::max(sum, 0.0) * static_cast<double>(each));
    }
    for (std::size_t i = 0; i < cells; ++i) map.values[i] += weight * static_cast<double>(a[i]);
  }
  for (double& each : map.values) each = std::max(each, 0.0);
  return map;
}

/// Options of grad_cam().
struct grad_cam_options {
  std::size_t place = static_cast<std::size_t>(-1);   ///< of find_layer(); -1: last_layer()
  explain::method method = explain::method::grad_cam; ///< how channels are weighted
};

/// The class activation maps of N images {N, c, h, w}, of class `classes[i]` for image i. Gradients are those of the
/// logit: those of the probability depend on the other classes too, and vanish where the network is certain.
///
/// One forward pass, and one backward pass from the logits to the layer, in mode::eval; the network is unchanged, see
/// model::look_into(). The map of an image does not depend on the others in the batch. Throws errc::invalid_argument
/// where the number of classes is not N or a class does not exist, and as look_into() and last_layer() do.
template <inspectable Network>
[[nodiscard]] std::vector<heat_map> grad_cam(Network& net, nn::tensor<typename Network::backend_type> images,
                                             std::span<const std::size_t> classes,
                                             const grad_cam_options& options = {}) {
  using scalar = typename Network::backend_type::scalar;
  auto& on = net.backend();
  const nn::shape logits = nn::shape(net.output_shape()).with_images(images.shape.n);
  const bool known = std::ranges::all_of(classes, [&](std::size_t each) { return each < logits.c; });
  if (classes.size() != logits.n || !known)
    throw error(errc::invalid_argument, {"explain predictions", std::to_string(logits.n) + " images",
                                         std::to_string(classes.size()) + " classes do not fit them and " +
                                             std::to_string(logits.c) + " logits",
                                         "give a class below the number of logits for each image"});
  std::vector<scalar> ones(logits.size());
  for (std::size_t i = 0; i < classes.size(); ++i) ones[i * logits.c + classes[i]] = 1;
  auto weights = on.make(logits);
  on.assign(weights, ones, nn::order::channels_first);
  const std::size_t place = options.place == static_cast<std::size_t>(-1) ? last_layer(net) : options.place;
  const auto seen = net.look_into(std::move(images), place, std::move(weights));
  const auto values = on.values(seen.output, nn::order::channels_first);
  const auto gradients = on.values(seen.gradient, nn::order::channels_first);
  const nn::shape one = seen.output.shape.with_images(1);
  std::vector<heat_map> maps;
  for (std::size_t i = 0; i < logits.n; ++i)
    maps.push_back(class_activation<scalar>(std::span(values).subspan(i * one.size(), one.size()),
                                            std::span(gradients).subspan(i * one.size(), one.size()), one,
                                            options.method));
  return maps;
}

} // namespace eucv::explain
