#pragma once

#include <eucv/core/implementation.hpp>

#include <filesystem>

namespace eucv::classify {

/// Writes the network of a model's folder as an ONNX file, which ONNX Runtime, OpenCV and others run, and Netron shows.
///
/// The input "images" is float {n, 3, size, size}, red, green, blue, prepared as model.json says; the output "logits"
/// is float {n, labels}, whose softmax are the probabilities; of a model with several labels a picture, whose logistic
/// function they are, before calibration. Among the file's metadata are "architecture", "labels" (a JSON array in the
/// order of the logits), "mode" (single-label or multi-label), "size", "mean" and "std". The file is written whole or
/// not at all. Throws what classifier::load() throws, and io.
void export_onnx(const std::filesystem::path& model, const std::filesystem::path& file);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/description.hpp>
#include <eucv/classify/device_of.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/core/version.hpp>
#include <eucv/nn/onnx.hpp>
#include <eucv/nn/safetensors.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <string>

namespace eucv::classify {

void export_onnx(const std::filesystem::path& model, const std::filesystem::path& file) {
  const auto about = read_description(model);
  const auto weights = nn::read_safetensors(model / "weights.safetensors");
  const std::size_t size = about.pictures.size;
  std::string labels;
  for (const auto& each : about.labels) labels += (labels.empty() ? "" : ", ") + json_string(each.name);
  const auto options = detail::layer_options(about.labels.size(), *about.task);
  const std::map<std::string, std::string> metadata{{"architecture", about.architecture},
                                                    {"labels", "[" + labels + "]"},
                                                    {"mode", std::string(about.task->name())},
                                                    {"size", std::to_string(size)},
                                                    {"mean", numbers_text(about.pictures.mean)},
                                                    {"std", numbers_text(about.pictures.deviation)},
                                                    {"eucv", EUCV_VERSION}};
  const auto bytes = zoo::registry::build<std::string>(about.architecture, options, [&](const auto& layers) {
    return nn::onnx_bytes(layers, {1, 3, size, size}, weights, metadata);
  });
  write_file_atomically(file, bytes);
}

} // namespace eucv::classify
#endif
