// Writes networks of the zoo as ONNX files into a folder, each with pictures and the logits that eucv computes from
// them: what tests/nn/check_onnx.py runs in ONNX Runtime.
#include <support/hashed_weights.hpp>

#include <eucv/nn/any_model.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/onnx.hpp>
#include <eucv/nn/weights.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/resnet9.hpp>
#include <eucv/zoo/small.hpp>
#include <eucv/zoo/squeezenet.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace nn = eucv::nn;

namespace {

template <class Layer>
void write(const std::filesystem::path& folder, const std::string& name, const Layer& layer, std::size_t size) {
  eucv::thread_pool pool;
  eucv::random engine(1);
  const nn::shape one{1, 3, size, size}, three{3, 3, size, size};
  nn::model net(layer, one, engine, nn::host<float>(pool));
  const auto fill = [&](auto& each) {
    const auto values = test::hashed_weights(each.name, each.dims);
    net.backend().assign(each.value, std::vector<float>(values.begin(), values.end()), nn::order::channels_first);
  };
  for (auto& each : net.parameters()) fill(each);
  for (auto& each : net.buffers()) fill(each);
  nn::tensor_file weights{.source = name};
  nn::save_weights(net, weights);
  eucv::write_file_atomically(folder / (name + ".onnx"), nn::onnx_bytes(layer, one, weights, {{"network", name}}));

  const auto values = test::hashed("pictures", three.size());
  const std::vector<float> pixels(values.begin(), values.end());
  auto pictures = net.backend().make(three);
  net.backend().assign(pictures, pixels, nn::order::channels_first);
  const auto logits = net.forward(pictures, nn::mode::eval);
  nn::tensor_file expected{.source = name};
  expected.arrays.push_back({"images", {3, 3, size, size}, pixels});
  expected.arrays.push_back({"logits", {3, logits.shape.c}, net.backend().values(logits, nn::order::channels_first)});
  nn::write_safetensors(folder / (name + ".safetensors"), expected);
}

} // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  eucv::make_folder(folder);
  write(folder, "small", eucv::zoo::small({.classes = 7}), 64);
  write(folder, "resnet9", eucv::zoo::resnet9({.classes = 7, .width = 8}), 41);
  write(folder, "squeezenet1_1", eucv::zoo::squeezenet1_1({.classes = 7}), 115); // its windows hang over the edge
  write(folder, "resnet18", eucv::zoo::resnet18({.classes = 7}), 97);
  write(folder, "resnet50", eucv::zoo::resnet50({.classes = 7}), 64);
}
