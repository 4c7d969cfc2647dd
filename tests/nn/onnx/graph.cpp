#include <eucv/nn/onnx/graph.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/protobuf_reader.hpp>

using namespace eucv::nn;

TEST_CASE("nodes and weights stand under the names of their places, each weight once") {
  tensor_file weights{.source = "test"};
  weights.arrays.push_back({"head.weight", {2, 1}, {1.5F, -2}});
  onnx_graph graph(weights);
  {
    const auto inside = graph.enter("head");
    CHECK(graph.weight("weight", {2, 1}) == "head.weight");
    CHECK(graph.weight("weight", {2, 1}) == "head.weight");
    CHECK(graph.node("Gemm", {"x", "head.weight"}, {onnx_attribute::integer("transB", 1)}) == "head.Gemm_0");
    CHECK(test::failure_of([&] { (void)graph.weight("bias", {2}); })->code() == eucv::errc::missing_tensor);
    CHECK(test::failure_of([&] { (void)graph.weight("weight", {1, 2}); })->code() == eucv::errc::shape_mismatch);
  }
  CHECK(graph.node("Relu", {"head.Gemm_0"}, {}, "y") == "y");
  const auto file = graph.file({"x", {.c = 1}}, {"y", {.c = 2}, true}, {{"a", "b"}});
  CHECK(test::read_protobuf(file)[0].integer == 7);
  const auto bytes = test::texts_of(file, 7).at(0);
  REQUIRE(test::texts_of(bytes, 1).size() == 2);
  REQUIRE(test::texts_of(bytes, 5).size() == 1);
  const auto tensor = test::texts_of(bytes, 5)[0];
  CHECK(test::texts_of(tensor, 8).at(0) == "head.weight");
  CHECK(test::texts_of(tensor, 9).at(0) == std::string("\x00\x00\xc0\x3f\x00\x00\x00\xc0", 8));
  CHECK(test::texts_of(test::texts_of(file, 14).at(0), 2).at(0) == "b");
}
