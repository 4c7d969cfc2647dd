#pragma once

#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/classify/train.hpp>

#include <filesystem>

namespace test {

/// The folder of a model of map, painting and unknown_to_all that was trained for a moment, once for all cases.
inline const std::filesystem::path& tiny_model() {
  static const temporary_folder folder;
  static const std::filesystem::path path = [] {
    write_picture_folder(folder / "images", 8);
    eucv::classify::train_options options;
    options.size = 32;
    options.epochs = 1;
    options.batch = 8;
    (void)eucv::classify::train_classifier(folder / "images", folder / "model", options);
    return folder / "model";
  }();
  return path;
}

} // namespace test
