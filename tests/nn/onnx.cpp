#include <eucv/nn/onnx.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/protobuf_reader.hpp>

#include <eucv/nn/host.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/weights.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/squeezenet.hpp>

#include <algorithm>
#include <map>

using namespace eucv::nn;

namespace {

template <class Layer>
std::string exported(const Layer& layer, const shape& input) {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model net(layer, input, engine, host<float>(pool));
  tensor_file weights{.source = "test"};
  save_weights(net, weights);
  return test::texts_of(onnx_bytes(layer, input, weights), 7).at(0);
}

// How often each operation stands in a graph.
std::map<std::string, int> operations(const std::string& graph) {
  std::map<std::string, int> counts;
  for (const auto& node : test::texts_of(graph, 1)) ++counts[test::texts_of(node, 4).at(0)];
  return counts;
}

// The integers of an attribute of the first node of an operation.
std::vector<std::uint64_t> integers(const std::string& graph, const std::string& operation, const std::string& name) {
  std::vector<std::uint64_t> values;
  for (const auto& node : test::texts_of(graph, 1)) {
    if (test::texts_of(node, 4).at(0) != operation) continue;
    for (const auto& attribute : test::texts_of(node, 5))
      if (test::texts_of(attribute, 1).at(0) == name)
        for (const auto& field : test::read_protobuf(attribute))
          if (field.number == 3 || field.number == 8) values.push_back(field.integer);
    break;
  }
  return values;
}

} // namespace

TEST_CASE("each layer becomes the operation that does in eval mode what it does") {
  const auto graph = exported(sequence{conv2d{.out = 4, .stride = 2, .bias = false}, batch_norm{}, relu{},
                                       max_pool{.kernel = 3, .stride = 2, .last = rounding::up},
                                       average_pool{.kernel = 2, .padding = 1}, dropout{}, flatten{}, dense{.out = 3}},
                              {1, 3, 12, 16});
  CHECK(operations(graph) == std::map<std::string, int>{{"Conv", 1},
                                                        {"BatchNormalization", 1},
                                                        {"Relu", 1},
                                                        {"MaxPool", 1},
                                                        {"AveragePool", 1},
                                                        {"Flatten", 1},
                                                        {"Gemm", 1},
                                                        {"Identity", 1}});
  CHECK(integers(graph, "Conv", "pads") == std::vector<std::uint64_t>{1, 1, 1, 1});
  CHECK(integers(graph, "Conv", "strides") == std::vector<std::uint64_t>{2, 2});
  // 6 x 8 places: the third window of rows begins at 4 and hangs over by one, the fourth of columns at 6 likewise.
  CHECK(integers(graph, "MaxPool", "pads") == std::vector<std::uint64_t>{0, 0, 1, 1});
  CHECK(integers(graph, "AveragePool", "count_include_pad") == std::vector<std::uint64_t>{1});
  CHECK(integers(graph, "Gemm", "transB") == std::vector<std::uint64_t>{1});
}

TEST_CASE("the zoo's networks become graphs of as many operations as they have layers") {
  const auto residual = operations(exported(eucv::zoo::resnet18({.classes = 5, .width = 8}), {1, 3, 64, 64}));
  CHECK(residual.at("Conv") == 20);
  CHECK(residual.at("BatchNormalization") == 20);
  CHECK(residual.at("Add") == 8);
  CHECK(residual.at("Relu") == 17);
  const auto fire = operations(exported(eucv::zoo::squeezenet1_1({.classes = 5}), {1, 3, 64, 64}));
  CHECK(fire.at("Conv") == 26);
  CHECK(fire.at("Concat") == 8);
  CHECK(fire.at("MaxPool") == 3);
}

TEST_CASE("weights of another network are refused by name") {
  const auto failure = test::failure_of([] {
    (void)onnx_bytes(sequence{named("head", dense{.out = 2})}, shape{.c = 3}, tensor_file{.source = "other"});
  });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::missing_tensor);
  CHECK(std::string(failure->what()).find("head.weight") != std::string::npos);
}
