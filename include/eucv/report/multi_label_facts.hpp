#pragma once

#include <eucv/judge/multi_label_assess.hpp>
#include <eucv/judge/multi_label_predictions.hpp>
#include <eucv/report/facts.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::report {

/// A label that a picture has, or is said to have.
struct shown_label {
  std::string label = {};
  double probability = 0;
  bool given = false, stated = false; ///< one of them at least
};

/// A picture that may have several labels, with the maps of what speaks for some. Pictures are JPEG files, as small as
/// they may be shown.
struct shown_labels {
  std::string file = {};
  std::vector<shown_label> labels = {};
  std::string picture = {};
  std::vector<std::pair<std::string, std::string>> maps = {}; ///< a label and its map
  std::string credit = {};                                    ///< as in shown_picture
  std::string address = {};                                   ///< likewise
};

/// What page() and model_card() tell of a model that may give a picture several labels. The learning curve is that of
/// the mean average precision. The figures call a label where it is more probable than not; thresholds stand beside
/// them.
struct multi_label_facts : common_facts {
  judge::multi_label_predictions predictions = {};
  judge::multi_label_assessment figures = {};
  std::vector<std::string> unknown_labels = {}; ///< of the pictures, which the model has not: they count nowhere
  std::vector<shown_labels> wrong = {};         ///< the surest errors
  std::vector<shown_labels> right = {};         ///< of each label the surest picture all of whose labels are right
};

/// The name of one of judge::multi_label_headline_names as people read it.
[[nodiscard]] inline std::string multi_label_figure_name(std::string_view figure) {
  if (figure == "accuracy") return "all labels right";
  if (figure == "hamming_loss") return "Hamming loss";
  return figure_name(figure);
}

} // namespace eucv::report
