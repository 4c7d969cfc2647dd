#pragma once

#include <eucv/nn/activation.hpp>
#include <eucv/nn/concatenate.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/flatten.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/onnx/graph.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/nn/residual.hpp>
#include <eucv/nn/window.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace eucv::nn {

// to_onnx(layer, x, graph) adds what a layer does in mode::eval to a graph and returns where its output is. For a layer
// of your own write such a function in its namespace; without one the call is refused here.
template <class Layer>
onnx_value to_onnx(const Layer&, onnx_value, onnx_graph&) = delete;

inline onnx_value to_onnx(const conv2d& layer, onnx_value x, onnx_graph& graph) {
  const std::size_t border = layer.padding.value_or(layer.kernel / 2);
  const auto weight = graph.weight("weight", {layer.out, x.extents.c, layer.kernel, layer.kernel});
  const onnx_attribute kernel{"kernel_shape", {layer.kernel, layer.kernel}},
      strides{"strides", {layer.stride, layer.stride}}, pads{"pads", {border, border, border, border}};
  const window over{x.extents, {layer.kernel, layer.kernel}, {layer.stride, layer.stride}, {border, border}};
  x.extents = over.out(layer.out);
  if (layer.bias)
    x.name = graph.node("Conv", {x.name, weight, graph.weight("bias", {layer.out})}, {kernel, strides, pads});
  else
    x.name = graph.node("Conv", {x.name, weight}, {kernel, strides, pads});
  return x;
}

inline onnx_value to_onnx(const batch_norm& layer, onnx_value x, onnx_graph& graph) {
  const std::vector<std::size_t> dims{x.extents.c};
  x.name = graph.node("BatchNormalization",
                      {x.name, graph.weight("weight", dims), graph.weight("bias", dims),
                       graph.weight("running_mean", dims), graph.weight("running_var", dims)},
                      {{"epsilon", {}, layer.epsilon}});
  return x;
}

inline onnx_value to_onnx(const relu&, onnx_value x, onnx_graph& graph) {
  x.name = graph.node("Relu", {x.name});
  return x;
}

inline onnx_value to_onnx(const dropout&, onnx_value x, onnx_graph&) {
  return x;
}
inline onnx_value to_onnx(const identity&, onnx_value x, onnx_graph&) {
  return x;
}

inline onnx_value to_onnx(const flatten&, onnx_value x, onnx_graph& graph) {
  if (!x.flat) x.name = graph.node("Flatten", {x.name}, {onnx_attribute::integer("axis", 1)});
  return {x.name, {.c = x.extents.c * x.extents.h * x.extents.w}, true};
}

inline onnx_value to_onnx(const dense& layer, onnx_value x, onnx_graph& graph) {
  x = to_onnx(flatten{}, std::move(x), graph);
  const auto weight = graph.weight("weight", {layer.out, x.extents.c});
  const auto transposed = onnx_attribute::integer("transB", 1);
  x.extents.c = layer.out;
  if (layer.bias)
    x.name = graph.node("Gemm", {x.name, weight, graph.weight("bias", {layer.out})}, {transposed});
  else
    x.name = graph.node("Gemm", {x.name, weight}, {transposed});
  return x;
}

// A window that hangs over the edge is written as padding behind the map, since readers of ceil_mode have differed in
// what they count; a maximum takes padding for less than any number.
inline onnx_value to_onnx(const max_pool& layer, onnx_value x, onnx_graph& graph) {
  const std::size_t stride = layer.stride.value_or(layer.kernel), border = layer.padding;
  const window over{x.extents, {layer.kernel, layer.kernel}, {stride, stride}, {border, border, layer.last}};
  const auto behind = [&](std::size_t places, std::size_t size) {
    const std::size_t end = (places - 1) * stride + layer.kernel;
    return end > size + border ? end - size - border : 0;
  };
  x.name =
      graph.node("MaxPool", {x.name},
                 {{"kernel_shape", {layer.kernel, layer.kernel}},
                  {"strides", {stride, stride}},
                  {"pads", {border, border, behind(over.out_h(), x.extents.h), behind(over.out_w(), x.extents.w)}}});
  x.extents = over.out(x.extents.c);
  return x;
}

inline onnx_value to_onnx(const average_pool& layer, onnx_value x, onnx_graph& graph) {
  const std::size_t stride = layer.stride.value_or(layer.kernel), border = layer.padding;
  x.name = graph.node("AveragePool", {x.name},
                      {{"kernel_shape", {layer.kernel, layer.kernel}},
                       {"strides", {stride, stride}},
                       {"pads", {border, border, border, border}},
                       onnx_attribute::integer("count_include_pad", 1)});
  x.extents = window{x.extents, {layer.kernel, layer.kernel}, {stride, stride}, {border, border}}.out(x.extents.c);
  return x;
}

inline onnx_value to_onnx(const global_average_pool&, onnx_value x, onnx_graph& graph) {
  x.name = graph.node("GlobalAveragePool", {x.name});
  x.extents = {.c = x.extents.c};
  return x;
}

inline onnx_value to_onnx(const global_max_pool&, onnx_value x, onnx_graph& graph) {
  x.name = graph.node("GlobalMaxPool", {x.name});
  x.extents = {.c = x.extents.c};
  return x;
}

namespace detail {

template <class Child>
onnx_value child_to_onnx(const Child& it, std::string otherwise, onnx_value x, onnx_graph& graph) {
  const auto inside = graph.enter(child<Child>::name(it, std::move(otherwise)));
  return to_onnx(child<Child>::of(it), std::move(x), graph);
}

// What onnx_bytes() does behind the layers.
inline std::string finish_onnx(onnx_graph& graph, const onnx_value& images, onnx_value end,
                               const std::map<std::string, std::string>& metadata) {
  end = to_onnx(flatten{}, std::move(end), graph);
  end.name = graph.node("Identity", {end.name}, {}, "logits");
  return graph.file(images, end, metadata);
}

} // namespace detail

template <class... Layers>
onnx_value to_onnx(const sequence<Layers...>& layer, onnx_value x, onnx_graph& graph) {
  std::size_t number = 0;
  std::apply(
      [&](const auto&... each) {
        ((x = detail::child_to_onnx(each, std::to_string(number++), std::move(x), graph)), ...);
      },
      layer.layers);
  return x;
}

template <class Layer>
onnx_value to_onnx(const stack<Layer>& layer, onnx_value x, onnx_graph& graph) {
  for (std::size_t i = 0; i < layer.layers.size(); ++i)
    x = detail::child_to_onnx(layer.layers[i], std::to_string(i), std::move(x), graph);
  return x;
}

inline onnx_value to_onnx(const projection& layer, onnx_value x, onnx_graph& graph) {
  return layer.changes(x.extents) ? to_onnx(layer.inner(), std::move(x), graph) : x;
}

template <class Body, class Shortcut>
onnx_value to_onnx(const residual<Body, Shortcut>& layer, onnx_value x, onnx_graph& graph) {
  auto through = detail::child_to_onnx(layer.body, "body", x, graph);
  const auto around = detail::child_to_onnx(layer.shortcut, "shortcut", std::move(x), graph);
  const std::string_view left = through.name, right = around.name; // nvcc 13 fails on members in the braces
  through.name = graph.node("Add", {left, right});
  return through;
}

template <class First, class Second>
onnx_value to_onnx(const concatenate<First, Second>& layer, onnx_value x, onnx_graph& graph) {
  auto first = detail::child_to_onnx(layer.first, "0", x, graph);
  const auto second = detail::child_to_onnx(layer.second, "1", std::move(x), graph);
  const std::string_view left = first.name, right = second.name;
  first.name = graph.node("Concat", {left, right}, {onnx_attribute::integer("axis", 1)});
  first.extents.c += second.extents.c;
  return first;
}

/// What a network does in mode::eval, as the bytes of an ONNX file (operator set 13): from "images", float
/// {n, c, h, w} with any n, to "logits", float {n, classes}.
///
/// `layer` and `input`, the shape of one image, are those of the model, `weights` what save_weights() wrote or
/// load_weights() reads. `metadata` is shown by viewers. Throws missing_tensor, and shape_mismatch with both shapes,
/// where the weights are another network's.
template <class Layer>
[[nodiscard]] std::string onnx_bytes(const Layer& layer, const shape& input, const tensor_file& weights,
                                     const std::map<std::string, std::string>& metadata = {}) {
  onnx_graph graph(weights);
  const onnx_value images{"images", input.with_images(1)};
  return detail::finish_onnx(graph, images, to_onnx(layer, images, graph), metadata);
}

} // namespace eucv::nn
