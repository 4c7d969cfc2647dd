#pragma once

#include "program/field_options.hpp"
#include "program/interrupt.hpp"
#include "program/label_options.hpp"
#include "program/options.hpp"
#include "program/status.hpp"
#include "program/table_text.hpp"

#include <eucv/classify/train.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/picture_request.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/nn/simd_advice.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

namespace program {

/// What all commands take that train: which pictures, and how.
struct fit_options : common_options {
  eucv::dataset::picture_request pictures;
  label_options labels;
  eucv::classify::train_options fit;
};

/// The options that name the pictures, and those of the training.
inline void describe_fit(CLI::App& command, fit_options& options) {
  command.add_option("images", options.pictures.images, "Folder of images, a folder for each class, or of a download")
      ->type_name("IMAGES")
      ->required();
  add_fields(command, options.fit);
  command.get_option("--init")->type_name("WEIGHTS");
  command
      .add_option("--exclude", options.pictures.exclude, "Leave out the images of this table's column file (an audit)")
      ->type_name("AUDIT.csv");
  command.add_option("--labels", options.pictures.labels, "Give images the labels of this table: file,label")
      ->type_name("LABELS.csv");
  CLI::Option* const table =
      command.add_option("--table", options.pictures.table, "Table that knows the records of the images, by ID");
  command
      .add_option("--group-by", options.pictures.group_by,
                  "Keep images with one value of this column of the table together")
      ->type_name("COLUMN")
      ->needs(table);
  describe_labels_of_pictures(command, options.labels);
}

namespace detail {

/// The pictures that a command line asks for.
inline eucv::dataset::picture_set read_pictures(const fit_options& options) {
  auto request = options.pictures;
  if (options.labels.several) request.labelling = eucv::dataset::labels_per_picture::any;
  request.least = options.labels.least;
  eucv::thread_pool pool(options.threads);
  auto read = eucv::dataset::read_pictures(request, pool);
  if (read.joined != 0 && !options.quiet)
    std::cerr << counted(read.joined, "image") << " left out as copies of others, which have their labels now\n";
  for (const auto& label : read.rare)
    std::cerr << "the label \"" << label << "\" has fewer than " << counted(request.least, "image")
              << ", and is left out (--least)\n";
  return std::move(read.pictures);
}

/// Says what a faster build of this program would bring, once in its life.
inline void advise_on_speed(const fit_options& options) {
  static bool said = options.quiet || eucv::nn::simd_advice().empty();
  if (!std::exchange(said, true)) warn(eucv::nn::simd_advice());
}

/// How the library is to train, with progress shown on `display` and the signals heeded.
inline eucv::classify::train_options how_to_fit(const fit_options& options, progress_display& display,
                                                const interrupt& signals) {
  auto fit = options.fit;
  // A download keeps the concept URIs of its classes beside them.
  const auto vocabulary = options.pictures.images / "vocabulary.json";
  fit.vocabulary = std::filesystem::exists(vocabulary) ? eucv::dataset::read_vocabulary(vocabulary)
                                                       : eucv::dataset::pilot_vocabulary();
  if (options.labels.single_positive) fit.missing = eucv::classify::missing_labels::are_unknown;
  fit.seed = options.seed;
  fit.threads = options.threads;
  fit.progress = display.sink();
  fit.message = [&display, quiet = options.quiet](std::string_view line) {
    display.clear();
    if (!quiet) std::cerr << line << std::endl;
  };
  fit.duplicates = [message = fit.message](const eucv::dataset::duplicate_groups& found) {
    message(std::to_string(found.exact) + " pictures are copies of others byte by byte, " + std::to_string(found.near) +
            " nearly so; copies stay on one side of the split (see: eucv dataset duplicates)");
  };
  fit.stop = signals.token();
  return fit;
}

} // namespace detail
} // namespace program
