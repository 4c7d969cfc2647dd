#pragma once

#include "program/status.hpp"
#include "program/table_text.hpp"
#include "program/terminal.hpp"

#include <eucv/classify/rehearse.hpp>
#include <eucv/core/file.hpp>
#include <eucv/dataset/picture_set.hpp>
#include <eucv/report/rate_chart.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <string>

namespace program {

namespace detail {

inline std::string words_of(eucv::train::overfit_advice advice) {
  using eucv::train::overfit_advice;
  switch (advice) {
  case overfit_advice::none: break;
  case overfit_advice::remove_copies: return "remove the copies";
  case overfit_advice::raise_batch: return "with batch normalisation, raise the batch";
  case overfit_advice::raise_rate: return "raise the learning rate, or freeze less";
  case overfit_advice::try_rates:
    return "try another learning rate (--find-rate), freeze less, and check that labels and pictures belong together";
  }
  return {};
}

} // namespace detail

/// `eucv train --check`: whether the network learns one batch by heart.
inline status check_training(const eucv::dataset::picture_set& pictures, const eucv::classify::train_options& fit,
                             progress_display& display) {
  const auto found = eucv::classify::check_training(pictures, fit);
  display.clear();
  const std::string batch = "one batch of " + counted(found.pictures, "picture") + " of " +
                            counted(found.classes, "class", "classes") + " in " + counted(found.steps, "step");
  if (!found.passed)
    return fail("check the training, " + batch + ": the loss fell from " + fixed(found.first_loss) + " to " +
                fixed(found.last_loss) + ", in use it is " + fixed(found.loss) + " and the accuracy " +
                fixed(found.accuracy) + ": " + found.finding + "; " + detail::words_of(found.what));
  std::cout << "the network learns by heart " << batch << ": the loss fell from " << fixed(found.first_loss) << " to "
            << fixed(found.last_loss) << ", in use it is " << fixed(found.loss) << " and the accuracy "
            << fixed(found.accuracy) << '\n';
  return status::done;
}

/// `eucv train --find-rate`: the learning rate to train with, and the curve that it is read from.
inline status find_rate(const eucv::dataset::picture_set& pictures, const eucv::classify::train_options& fit,
                        const std::filesystem::path& folder, progress_display& display) {
  const auto found = eucv::classify::find_rate(pictures, fit);
  display.clear();
  eucv::make_folder(folder);
  eucv::write_file_atomically(folder / "rates.svg", eucv::report::rate_chart(found));
  eucv::write_file_atomically(folder / "rates.csv", eucv::train::to_csv(found));
  const auto least = std::ranges::min_element(found.smoothed);
  std::cout << "train with --lr " << eucv::report::short_number(found.rate)
            << ": in the middle of the fall from a loss of " << fixed(found.smoothed.front()) << " to " << fixed(*least)
            << ", which is reached at "
            << eucv::report::short_number(found.rates[static_cast<std::size_t>(least - found.smoothed.begin())])
            << "\ncurve in " << (folder / "rates.svg").string() << ", numbers in " << (folder / "rates.csv").string()
            << '\n';
  return status::done;
}

} // namespace program
