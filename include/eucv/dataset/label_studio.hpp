#pragma once

#include <eucv/core/implementation.hpp>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::dataset {

/// A task for Label Studio: a picture whose labels a person checks.
struct labelling_task {
  std::string file;                        ///< its name below the folder of pictures; an answer is matched by it
  std::string image;                       ///< address that Label Studio shows it from
  std::string label;                       ///< the label that it has now, or labels with blanks between
  std::vector<std::string> suggested = {}; ///< labels that a model predicts; shown as a prediction. Empty: none
  double score = 0;                        ///< the probability that the model gives
};

/// How many labels a person may choose for a picture.
enum class label_choice { single, multiple };

/// Tasks that Label Studio imports: a JSON list, each with `data` {image, file, label} and, where there is a
/// suggestion, a prediction for the control `category` on the object `image`.
[[nodiscard]] std::string label_studio_tasks(std::span<const labelling_task> tasks);

/// The labelling configuration (XML) for such tasks: a picture, and the labels to choose from.
[[nodiscard]] std::string label_studio_config(std::span<const std::string> labels,
                                              label_choice choice = label_choice::single);

/// The answers in an export of such tasks in the format "JSON", as file -> label. Of several answers to one task the
/// last counts; a cancelled one, and one without a choice, is left out. `on` names the text in messages. Throws
/// bad_format for what is no such export, a task without file, or an answer with two choices.
[[nodiscard]] std::map<std::string, std::string> parse_label_studio(std::string_view text, const std::string& on);

/// The same from a file; also throws what read_file() throws.
[[nodiscard]] std::map<std::string, std::string> read_label_studio(const std::filesystem::path& path);

/// The answers for pictures that may have several labels, as file -> labels in the order of the answer. An answer
/// without a choice is left out, so "no label" cannot be given in this way.
[[nodiscard]] std::map<std::string, std::vector<std::string>> parse_label_studio_multi(std::string_view text,
                                                                                       const std::string& on);
[[nodiscard]] std::map<std::string, std::vector<std::string>>
read_label_studio_multi(const std::filesystem::path& path);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET

#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/json_text.hpp>

#include <cstddef>
#include <utility>

namespace eucv::dataset {

std::string label_studio_tasks(std::span<const labelling_task> tasks) {
  std::string out = "[";
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto& each = tasks[i];
    out += std::string(i == 0 ? "" : ",") + "\n  {\"data\": {\"image\": " + json_string(each.image) +
           ", \"file\": " + json_string(each.file) + ", \"label\": " + json_string(each.label) + "}";
    std::string choices;
    for (const auto& label : each.suggested) choices += (choices.empty() ? "" : ", ") + json_string(label);
    if (!choices.empty())
      out += ", \"predictions\": [{\"model_version\": \"eucv\", \"score\": " + json_number(each.score) +
             ", \"result\": [{\"from_name\": \"category\", \"to_name\": \"image\", \"type\": \"choices\", "
             "\"value\": {\"choices\": [" +
             choices + "]}}]}]";
    out += "}";
  }
  return out + "\n]\n";
}

std::string label_studio_config(std::span<const std::string> labels, label_choice choice) {
  const auto xml = [](std::string_view text) {
    std::string safe;
    for (const char c : text)
      if (c == '&')
        safe += "&amp;";
      else if (c == '<')
        safe += "&lt;";
      else if (c == '"')
        safe += "&quot;";
      else
        safe += c;
    return safe;
  };
  std::string out = "<View>\n  <Image name=\"image\" value=\"$image\"/>\n  <Header value=\"Now: $label\"/>\n"
                    "  <Choices name=\"category\" toName=\"image\" choice=\"" +
                    std::string(choice == label_choice::single ? "single" : "multiple") + "\">\n";
  for (const auto& label : labels) out += "    <Choice value=\"" + xml(label) + "\"/>\n";
  return out + "  </Choices>\n</View>\n";
}

namespace detail {

// The choices of one annotation, or nothing where it has none.
inline std::vector<std::string> choices_of(const boost::json::value& annotation, const auto& refuse) {
  const auto* const object = annotation.if_object();
  if (object == nullptr) throw refuse("an annotation is no object");
  if (const auto* const cancelled = object->if_contains("was_cancelled"); cancelled && *cancelled == true) return {};
  std::vector<std::string> chosen;
  const auto* const results = object->contains("result") ? object->at("result").if_array() : nullptr;
  if (results == nullptr) throw refuse("an annotation has no \"result\"");
  for (const auto& result : *results) {
    const auto* const part = result.if_object();
    const auto* const type = part == nullptr ? nullptr : part->if_contains("type");
    if (type == nullptr || *type != "choices") continue;
    const auto* const value = part->if_contains("value");
    const auto* const choices =
        value != nullptr && value->is_object() ? value->get_object().if_contains("choices") : nullptr;
    if (choices == nullptr || !choices->is_array()) throw refuse("a result has no \"choices\"");
    for (const auto& each : choices->get_array()) {
      if (!each.is_string()) throw refuse("a choice is no text");
      chosen.emplace_back(each.get_string().c_str());
    }
  }
  return chosen;
}

// Calls f(file, choices, refuse) for each answer that has a choice.
inline void for_each_answer(std::string_view text, const std::string& on, const auto& f) {
  const auto document = parse_json(text, on);
  std::size_t number = 0;
  const auto refuse = [&](const std::string& why) {
    return error(errc::bad_format, {"read labels of Label Studio", on + " task " + std::to_string(number), why,
                                    "export the project in the format JSON"});
  };
  if (!document.is_array()) throw refuse("the text is no list of tasks");
  for (const auto& task : document.get_array()) {
    ++number;
    const auto* const object = task.if_object();
    const auto* const data = object == nullptr ? nullptr : object->if_contains("data");
    const auto* const file = data != nullptr && data->is_object() ? data->get_object().if_contains("file") : nullptr;
    if (file == nullptr || !file->is_string()) throw refuse("it has no \"file\" in its \"data\"");
    const auto* const annotations = object->if_contains("annotations");
    if (annotations == nullptr || !annotations->is_array()) throw refuse("it has no \"annotations\"");
    for (const auto& annotation : annotations->get_array())
      if (auto chosen = choices_of(annotation, refuse); !chosen.empty())
        f(std::string(file->get_string().c_str()), std::move(chosen), refuse);
  }
}

} // namespace detail

std::map<std::string, std::string> parse_label_studio(std::string_view text, const std::string& on) {
  std::map<std::string, std::string> labels;
  detail::for_each_answer(text, on, [&](const std::string& file, std::vector<std::string> chosen, const auto& refuse) {
    if (chosen.size() > 1)
      throw refuse("an answer has two choices, and a picture has one label; for several labels a picture say so");
    labels[file] = std::move(chosen.front());
  });
  return labels;
}

std::map<std::string, std::vector<std::string>> parse_label_studio_multi(std::string_view text, const std::string& on) {
  std::map<std::string, std::vector<std::string>> labels;
  detail::for_each_answer(text, on, [&](const std::string& file, std::vector<std::string> chosen, const auto&) {
    labels[file] = std::move(chosen);
  });
  return labels;
}

std::map<std::string, std::string> read_label_studio(const std::filesystem::path& path) {
  return parse_label_studio(read_file(path), path.string());
}
std::map<std::string, std::vector<std::string>> read_label_studio_multi(const std::filesystem::path& path) {
  return parse_label_studio_multi(read_file(path), path.string());
}

} // namespace eucv::dataset
#endif
