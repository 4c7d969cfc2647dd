#pragma once

#include <eucv/classify/classifier.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace eucv::classify {

/// The labels of one picture.
struct labelled_picture {
  std::string_view file;                     ///< its path or address
  std::string_view id = {};                  ///< of the record that it belongs to; empty where none is known
  std::span<const ranked_label> labels = {}; ///< most probable first; may be empty
};

/// Whether pictures of records are among those that are written.
enum class record_ids : std::uint8_t { absent, present };

/// A form in which predictions are written as text: csv.hpp and json_lines.hpp in form/ are two, prediction_forms.hpp
/// lists them. A file is the header, then the text of each picture, in any number of calls.
struct prediction_form {
  std::string_view name;        ///< "csv"
  std::string_view description; ///< for people, without a full stop
  std::string (*header)(record_ids);
  std::string (*text)(const labelled_picture&, record_ids); ///< whole lines; may be none
};

} // namespace eucv::classify
