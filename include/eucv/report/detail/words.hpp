#pragma once

#include <eucv/judge/task_type.hpp>

#include <string_view>

namespace eucv::report {

/// The words of a report that depend on whether labels exclude each other.
struct task_words {
  std::string_view label, labels;      ///< what a label is called, and several of them
  std::string_view pictures_with;      ///< stands before the number of labels: "in", as in "pictures in 13 classes"
  std::string_view suggests;           ///< likewise: "one of"
  std::string_view labels_a_picture;   ///< stands behind it
  std::string_view about_figures;      ///< a sentence about how the figures are made, or nothing
  std::string_view loss, loss_axis;    ///< what the loss of a training is
  std::string_view coverage;           ///< what the curve of the surest predictions is drawn over
  std::string_view coverage_axis;      ///< the same as the label of an axis
  std::string_view reliability;        ///< what the reliability diagram shows
  std::string_view calibration_error;  ///< stands behind the value of the calibration error
  std::string_view probability, right; ///< axes of the reliability diagram
  std::string_view wrong, missed, hit; ///< stand before labels of a picture: predicted wrongly, not predicted, right
  std::string_view right_pictures;     ///< heading of the pictures without an error
  std::string_view limit;              ///< a sentence about the limits of such a model
};

/// The words for a task.
[[nodiscard]] constexpr task_words words_of(const judge::task_type& task) noexcept {
  if (task.exclusive())
    return {.label = "class",
            .labels = "classes",
            .pictures_with = "in",
            .suggests = "one of",
            .labels_a_picture = "",
            .about_figures = "",
            .loss = "cross-entropy",
            .loss_axis = "cross-entropy (nats)",
            .coverage = "coverage",
            .coverage_axis = "part of the pictures, surest first",
            .reliability = "Part that is right by the probability of the predicted label",
            .calibration_error = "",
            .probability = "probability of the predicted label",
            .right = "part that is right",
            .wrong = "",
            .missed = "given ",
            .hit = "",
            .right_pictures = "Right, the surest of each class",
            .limit = "A picture that shows none of the classes gets one all the same; only its probability may tell."};
  return {.label = "label",
          .labels = "labels",
          .pictures_with = "with any of",
          .suggests = "any of",
          .labels_a_picture = ", any number of them a picture",
          .about_figures =
              "A label is predicted where it is more probable than not; mean average precision, coverage (how far down "
              "the ranked labels all of a picture's are met), ranking loss and label ranking average precision depend "
              "on no threshold.",
          .loss = "loss",
          .loss_axis = "loss",
          .coverage = "recall",
          .coverage_axis = "part of the given labels that is found",
          .reliability = "Part of the pictures that has a label by the probability of the label, all labels together",
          .calibration_error = " in the mean of the labels",
          .probability = "probability of a label",
          .right = "part that has it",
          .wrong = "wrong: ",
          .missed = "missed: ",
          .hit = "right: ",
          .right_pictures = "All labels right, the surest of each label",
          .limit = "What is not given counts as wrong: where labels are missing from the truth, the true precision is "
                   "higher."};
}

} // namespace eucv::report
