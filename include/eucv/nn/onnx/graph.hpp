#pragma once

#include <eucv/nn/detail/name_path.hpp>
#include <eucv/nn/protobuf.hpp>
#include <eucv/nn/safetensors.hpp>
#include <eucv/nn/shape.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::nn {

/// What flows along an edge of an ONNX graph.
struct onnx_value {
  std::string name;
  shape extents{};   ///< of one image
  bool flat = false; ///< whether ONNX sees {n, c} instead of {n, c, h, w}
};

/// An attribute of a node: an integer, a list of integers, or a real number.
struct onnx_attribute {
  std::string_view name;
  std::vector<std::size_t> integers{};
  double real = 0; ///< taken where `integers` is empty
  bool list = true;

  [[nodiscard]] static onnx_attribute integer(std::string_view name, std::size_t value) {
    return {name, {value}, 0, false};
  }
};

/// Collects the nodes and weights of an ONNX graph (github.com/onnx/onnx, onnx.proto; operators of set 13).
class onnx_graph {
public:
  /// Takes the weights from `weights`, by the names that a model of these layers has. It must outlive the graph.
  explicit onnx_graph(const tensor_file& weights) : weights_(&weights) {}

  /// Goes into a child of that name until the returned object dies; an empty name adds no level.
  detail::name_path::scope enter(std::string_view name) { return {path_, name}; }

  /// Adds a weight of the layer at hand and returns its full name. Throws missing_tensor, and shape_mismatch with both
  /// shapes, where the file has none such.
  std::string weight(std::string_view name, const std::vector<std::size_t>& dims) {
    std::string full = path_.full(name);
    const named_array& array = weights_->at(full, dims);
    if (!written_.insert(full).second) return full;
    protobuf_message tensor;
    for (const std::size_t extent : dims) tensor.integer(1, static_cast<std::int64_t>(extent));
    tensor.integer(2, 1).text(8, full); // data_type FLOAT
    std::string raw;
    raw.reserve(array.values.size() * 4);
    for (const float value : array.values)
      for (unsigned shift = 0; shift < 32; shift += 8)
        raw += static_cast<char>(std::bit_cast<std::uint32_t>(value) >> shift & 0xFFU);
    graph_.message(5, tensor.text(9, raw));
    return full;
  }

  /// Adds a node with one output and returns the output's name: `output`, or one of the layer at hand.
  std::string node(std::string_view operation, std::initializer_list<std::string_view> inputs,
                   std::initializer_list<onnx_attribute> attributes = {}, std::string_view output = {}) {
    protobuf_message made;
    for (const auto input : inputs) made.text(1, input);
    std::string name =
        output.empty() ? path_.full(std::string(operation) + "_" + std::to_string(nodes_++)) : std::string(output);
    made.text(2, name).text(3, name).text(4, operation);
    for (const auto& each : attributes) {
      protobuf_message attribute;
      attribute.text(1, each.name);
      if (each.integers.empty())
        attribute.real(2, static_cast<float>(each.real)).integer(20, 1); // type FLOAT
      else if (!each.list)
        attribute.integer(3, static_cast<std::int64_t>(each.integers[0])).integer(20, 2); // INT
      else {
        for (const std::size_t value : each.integers) attribute.integer(8, static_cast<std::int64_t>(value));
        attribute.integer(20, 7); // INTS
      }
      made.message(5, attribute);
    }
    graph_.message(1, made);
    return name;
  }

  /// The bytes of a file whose graph goes from `input` to `output`, both for any number of images.
  [[nodiscard]] std::string file(const onnx_value& input, const onnx_value& output,
                                 const std::map<std::string, std::string>& metadata) const {
    protobuf_message graph = graph_;
    graph.text(2, "eucv").message(11, value_info(input)).message(12, value_info(output));
    protobuf_message whole;
    whole.integer(1, 7).text(2, "eucv"); // ir_version of ONNX 1.8, the first with operator set 13
    whole.message(7, graph).message(8, protobuf_message().text(1, "").integer(2, 13));
    for (const auto& [key, value] : metadata) whole.message(14, protobuf_message().text(1, key).text(2, value));
    return whole.bytes();
  }

private:
  static protobuf_message value_info(const onnx_value& value) {
    protobuf_message extents;
    extents.message(1, protobuf_message().text(2, "n"));
    const auto add = [&](std::size_t extent) {
      extents.message(1, protobuf_message().integer(1, static_cast<std::int64_t>(extent)));
    };
    add(value.extents.c);
    if (!value.flat) add(value.extents.h), add(value.extents.w);
    const auto tensor = protobuf_message().integer(1, 1).message(2, extents); // elem_type FLOAT
    return protobuf_message().text(1, value.name).message(2, protobuf_message().message(1, tensor));
  }

  const tensor_file* weights_;
  detail::name_path path_;
  protobuf_message graph_;
  std::size_t nodes_ = 0;
  std::set<std::string> written_;
};

} // namespace eucv::nn
