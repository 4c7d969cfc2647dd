#pragma once

#include "program/options.hpp"

#include <eucv/classify/export.hpp>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <string>

namespace program {

struct export_options : common_options {
  std::string model, onnx;
};

inline void describe_export(CLI::App& command, export_options& options) {
  command.add_option("model", options.model, "Folder of a trained model")->type_name("MODEL")->required();
  command.add_option("--onnx", options.onnx, "ONNX file to write")->type_name("FILE")->required();
}

/// `eucv export`: the network for other programs.
inline status export_model(const export_options& options) {
  eucv::classify::export_onnx(options.model, options.onnx);
  std::cout << "network in " << options.onnx << ", " << std::filesystem::file_size(options.onnx) / 1000 << " kB\n";
  return status::done;
}

} // namespace program
