#pragma once

#include "program/options.hpp"

#include <eucv/judge/calibrate.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace program {

/// What commands that train take where images may have several labels.
struct label_options {
  bool several = false, single_positive = false;
  std::size_t least = 10;
  eucv::judge::calibration_method calibration = eucv::judge::calibration_method::parametric;
};

/// Precondition: the options of the training were added.
inline void describe_labels_of_pictures(CLI::App& command, label_options& options) {
  CLI::Option* const several = command.add_flag(
      "--multi-label", options.several, "Images may have several labels: folders named by all of them, blanks between");
  command.get_option("--loss")->needs(several);
  command
      .add_flag("--single-positive", options.single_positive,
                "Of the labels of an image only some are known, such as the one that it was found by")
      ->needs(several);
  command
      .add_option("--least", options.least,
                  "Leave labels out that fewer images have; otherwise " + std::to_string(options.least))
      ->check(at_least(2))
      ->needs(several);
}

/// For commands that calibrate, too. Precondition: describe_labels_of_pictures() was called.
inline void describe_calibration(CLI::App& command, label_options& options) {
  using eucv::judge::calibration_method;
  static const std::map<std::string, calibration_method> ways{{"platt", calibration_method::parametric},
                                                              {"isotonic", calibration_method::isotonic}};
  command
      .add_option("--calibration", options.calibration,
                  "Probabilities of several labels are calibrated by a sigmoid (platt), or by the steps of isotonic "
                  "regression (isotonic); otherwise platt")
      ->transform(CLI::CheckedTransformer(ways, CLI::ignore_case).description(""))
      ->type_name("WAY")
      ->needs(command.get_option("--multi-label"));
}

} // namespace program
