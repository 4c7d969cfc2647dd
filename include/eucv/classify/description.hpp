#pragma once

#include <eucv/classify/decision_rule.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/judge/tasks.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::classify {

/// How a picture becomes the input of a network: its shorter side is brought to `size` pixels, the middle square is cut
/// out, and each channel becomes (value / 255 - mean) / deviation.
struct preprocessing {
  std::size_t size = 128;
  std::array<double, 3> mean{0.485, 0.456, 0.406};      ///< of ImageNet, red, green, blue
  std::array<double, 3> deviation{0.229, 0.224, 0.225}; ///< likewise
  friend bool operator==(const preprocessing&, const preprocessing&) = default;
};

/// The preprocessing that a file of weights asks for by its metadata, for pictures of `size` pixels.
///
/// Understood are "mean" and "std" (three numbers from 0 to 1 each, as classifier::save() writes them), and "input"
/// with the words "0..255, minus mean R G B". Without either it is ImageNet's, which torchvision and timm use for their
/// networks. Throws bad_format, naming `source`, for numbers that are none.
[[nodiscard]] preprocessing preprocessing_of(const std::map<std::string, std::string>& metadata, std::size_t size,
                                             const std::string& source);

/// Three numbers as preprocessing_of() reads them in metadata.
[[nodiscard]] std::string numbers_text(const std::array<double, 3>& values);

/// All that model.json says of a model: what its weights mean, and where they come from.
struct description {
  std::string architecture;
  std::vector<label> labels; ///< in the order of the logits
  preprocessing pictures;
  const judge::task_type* task = &judge::single_label; ///< what the labels of a picture are to each other
  decision_rule decisions = {};
  std::map<std::string, std::string> provenance; ///< version of eucv, options of the training, counts of pictures
  friend bool operator==(const description&, const description&) = default;
};

/// The number that stands in model.json and changes when its meaning does: 2 since there are models with several labels
/// a picture, which a reader that knows 1 alone would misunderstand. A model with one label a picture is still a 1.
inline constexpr int format_version = 2;

/// The text of model.json.
[[nodiscard]] std::string to_json(const description& about);

/// Reads the text of model.json. `on` names it in messages. Throws bad_format, and wrong_version for a model that
/// another version of eucv wrote in a way that this one does not read.
[[nodiscard]] description parse_description(std::string_view text, const std::string& on);

/// The description in the folder of a model. Throws not_found, with advice, where the folder holds none.
[[nodiscard]] description read_description(const std::filesystem::path& folder);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/classify/detail/model_json.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/json_text.hpp>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>

namespace eucv::classify {
namespace detail {

// Reads three numbers, separated by spaces or commas.
[[nodiscard]] inline std::array<double, 3> three_numbers(std::string text, double least, const std::string& source) {
  for (char& letter : text)
    if (letter == ',' || letter == '[' || letter == ']' || letter == ';') letter = ' ';
  std::array<double, 3> values{};
  const char* at = text.c_str();
  for (double& value : values) {
    char* end = nullptr;
    value = std::strtod(at, &end);
    if (end == at || !std::isfinite(value) || value < least)
      throw error(errc::bad_format,
                  {"read the preprocessing", source, "its metadata has no three fitting numbers in \"" + text + "\"",
                   "mend the metadata, or take the entry out"});
    at = end;
  }
  return values;
}

} // namespace detail

std::string numbers_text(const std::array<double, 3>& values) {
  return json_number(values[0]) + " " + json_number(values[1]) + " " + json_number(values[2]);
}

preprocessing preprocessing_of(const std::map<std::string, std::string>& metadata, std::size_t size,
                               const std::string& source) {
  preprocessing wanted{.size = size};
  if (metadata.contains("mean") && metadata.contains("std")) {
    wanted.mean = detail::three_numbers(metadata.at("mean"), -1e3, source);
    wanted.deviation = detail::three_numbers(metadata.at("std"), 1e-6, source);
    return wanted;
  }
  const auto input = metadata.find("input");
  if (input == metadata.end()) return wanted;
  const std::string words = "minus mean ";
  const auto at = input->second.find(words);
  if (input->second.find("0..255") == std::string::npos || at == std::string::npos) return wanted;
  wanted.mean = detail::three_numbers(input->second.substr(at + words.size()), 0, source);
  for (double& each : wanted.mean) each /= 255;
  wanted.deviation.fill(1.0 / 255);
  return wanted;
}

std::string to_json(const description& about) {
  const auto three = [](const std::array<double, 3>& values) {
    return "[" + json_number(values[0]) + ", " + json_number(values[1]) + ", " + json_number(values[2]) + "]";
  };
  const bool by_default = *about.task == judge::single_label;
  std::string out =
      "{\n  \"format\": \"eucv classifier\",\n  \"format_version\": " + std::string(by_default ? "1" : "2") +
      ",\n  \"architecture\": " + json_string(about.architecture) +
      (by_default ? "" : ",\n  \"mode\": \"" + std::string(about.task->name()) + "\"") + ",\n  \"labels\": [";
  const char* gap = "\n    ";
  for (const auto& each : about.labels) {
    out += gap + ("{\"label\": " + json_string(each.name)) + ", \"concept\": " + json_string(each.uri) + "}";
    gap = ",\n    ";
  }
  out += "],\n  \"preprocessing\": {\"size\": " + std::to_string(about.pictures.size) +
         ", \"mean\": " + three(about.pictures.mean) + ", \"deviation\": " + three(about.pictures.deviation) + "}";
  out += to_json(about.decisions, about.labels);
  out += ",\n  \"provenance\": {";
  gap = "\n    ";
  for (const auto& [name, value] : about.provenance) {
    out += gap + json_string(name) + ": " + json_string(value);
    gap = ",\n    ";
  }
  return out + "}\n}\n";
}

description parse_description(std::string_view text, const std::string& on) {
  const boost::json::value value = parse_json(text, on);
  const detail::model_json document(value, on, "model.json");
  if (document.at("format").text() != "eucv classifier") document.at("format").refuse("is not that of a classifier");
  const double version = document.at("format_version").number();
  if (version != 1 && version != format_version)
    throw error(errc::wrong_version, {"read the model", on,
                                      "its format version is " + json_number(version) +
                                          ", and this program reads 1 and " + std::to_string(format_version),
                                      "use the version of eucv that wrote it, or train the model anew"});
  description about;
  about.architecture = document.at("architecture").text();
  if (document.has("mode")) {
    about.task = judge::find_task(document.at("mode").text());
    if (version == 1 || about.task == nullptr) document.at("mode").refuse("is none that is known");
  }
  std::set<std::string> names;
  document.at("labels").for_each([&](const detail::model_json& each) {
    about.labels.push_back({each.at("label").text(), each.at("concept").text()});
    if (!names.insert(about.labels.back().name).second) each.refuse("holds a label twice");
  });
  if (about.labels.empty()) document.at("labels").refuse("is empty");
  const auto pictures = document.at("preprocessing");
  const double size = pictures.at("size").number();
  if (!(size >= 1 && size <= 4096) || size != std::floor(size)) pictures.at("size").refuse("is no number of pixels");
  about.pictures.size = static_cast<std::size_t>(size);
  const auto three = [&](const char* key, std::array<double, 3>& values, double least) {
    std::size_t count = 0;
    pictures.at(key).for_each([&](const detail::model_json& each) {
      if (count == 3 || !(each.number() >= least)) each.refuse("holds no three fitting numbers");
      values[count++] = each.number();
    });
    if (count != 3) pictures.at(key).refuse("holds no three fitting numbers");
  };
  three("mean", about.pictures.mean, -1e3);
  three("deviation", about.pictures.deviation, 1e-6);
  about.decisions = detail::parse_decisions(document, about.labels);
  document.at("provenance").for_each_member([&](const std::string& name, const detail::model_json& each) {
    about.provenance[name] = each.text();
  });
  return about;
}

description read_description(const std::filesystem::path& folder) {
  const auto path = folder / "model.json";
  if (!std::filesystem::exists(path))
    throw error(errc::not_found, {"read the model", path.string(), "there is no such file",
                                  "name a folder that a finished training wrote"});
  return parse_description(read_file(path, std::uint64_t{1} << 26), path.string());
}

} // namespace eucv::classify
#endif
