#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/europeana/annotation.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::enrich {

/// The statement that a picture shows a concept, with its probability.
struct statement {
  std::string subject; ///< URI of the concept
  std::string label;   ///< as the model names it
  double probability = 0;
  double threshold = 0; ///< the least probability for this statement
  friend bool operator==(const statement&, const statement&) = default;
};

/// The statements of a model about the picture of a record, with their provenance: model, data set, picture.
struct evidence {
  std::string id;       ///< of the record: "/DATASET/LOCAL"
  std::string image;    ///< address of the picture
  std::string sha256;   ///< of the received bytes
  std::string model;    ///< classify::model_digest()
  std::string data_set; ///< "pictures" of the model's provenance: what it was trained on; may be empty
  std::string time;     ///< "2026-01-31T12:03:45Z"
  std::vector<statement> statements = {}; ///< new ones; may be empty
  std::vector<statement> known = {};      ///< those that the record or an earlier statement holds already
  friend bool operator==(const evidence&, const evidence&) = default;
};

/// A time in the form of annotations, in UTC: "2026-01-31T12:03:45Z".
[[nodiscard]] std::string utc_text(std::chrono::system_clock::time_point moment);

/// One line of JSON, without the line break.
[[nodiscard]] std::string to_json(const evidence& all);
/// Parses a line of to_json(). Throws errc::bad_format for anything else; `on` names the line in the message.
[[nodiscard]] evidence parse_evidence(std::string_view line, const std::string& on);

/// The annotations of the new statements, in their order.
[[nodiscard]] std::vector<europeana::annotation> annotations_of(const evidence& all);

} // namespace eucv::enrich

#ifdef EUCV_IMPLEMENTATION_ENRICH
#include <eucv/core/error.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/version.hpp>
#include <eucv/europeana/record.hpp>
#include <eucv/net/url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <ctime>

namespace eucv::enrich {

std::string utc_text(std::chrono::system_clock::time_point moment) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string to_json(const evidence& all) {
  const auto list = [](const std::vector<statement>& statements) {
    std::string text;
    for (const auto& each : statements)
      text += (text.empty() ? "{\"concept\": " : ", {\"concept\": ") + json_string(each.subject) +
              ", \"label\": " + json_string(each.label) + ", \"probability\": " + json_number(each.probability) +
              ", \"threshold\": " + json_number(each.threshold) + "}";
    return "[" + text + "]";
  };
  return "{\"id\": " + json_string(all.id) + ", \"image\": " + json_string(all.image) +
         ", \"sha256\": " + json_string(all.sha256) + ", \"model\": " + json_string(all.model) +
         ", \"data_set\": " + json_string(all.data_set) + ", \"time\": " + json_string(all.time) +
         ", \"statements\": " + list(all.statements) + ", \"known\": " + list(all.known) + "}";
}

evidence parse_evidence(std::string_view line, const std::string& on) {
  const boost::json::value whole = parse_json(line, on);
  const auto fault = [&](const std::string& why) {
    return error(errc::bad_format, {"read the evidence", on, why, "restore the file, or begin in another folder"});
  };
  const auto member = [&](const boost::json::value& of, const char* name) -> const boost::json::value& {
    const auto* const found = of.is_object() ? of.get_object().if_contains(name) : nullptr;
    if (found == nullptr) throw fault(std::string("\"") + name + "\" is missing");
    return *found;
  };
  const auto text = [&](const boost::json::value& of, const char* name) {
    const auto& found = member(of, name);
    if (!found.is_string()) throw fault(std::string("\"") + name + "\" is no text");
    return std::string(found.get_string().data(), found.get_string().size());
  };
  const auto number = [&](const boost::json::value& of, const char* name) {
    const auto& found = member(of, name);
    if (!found.is_number()) throw fault(std::string("\"") + name + "\" is no number");
    return found.to_number<double>();
  };
  const auto list = [&](const char* name) {
    const auto& found = member(whole, name);
    if (!found.is_array()) throw fault(std::string("\"") + name + "\" is no list");
    std::vector<statement> statements;
    for (const auto& each : found.get_array())
      statements.push_back(
          {text(each, "concept"), text(each, "label"), number(each, "probability"), number(each, "threshold")});
    return statements;
  };
  evidence all{text(whole, "id"),       text(whole, "image"), text(whole, "sha256"), text(whole, "model"),
               text(whole, "data_set"), text(whole, "time"),  list("statements"),    list("known")};
  if (!europeana::is_record_id(all.id)) throw fault("\"id\" does not read /DATASET/LOCAL");
  return all;
}

std::vector<europeana::annotation> annotations_of(const evidence& all) {
  // The address as the record has it, so that Europeana finds the picture by it; but it must be a URI.
  std::string image = all.image;
  if (!europeana::is_uri(image))
    if (const auto target = net::parse_url(image)) image = target->str();
  std::vector<europeana::annotation> made;
  for (const auto& each : all.statements)
    made.push_back({.subject = each.subject,
                    .item = "http://data.europeana.eu/item" + all.id,
                    .image = image,
                    .created = all.time,
                    .generator = europeana::model_uri(all.model),
                    .generator_name = "eucv " EUCV_VERSION});
  return made;
}

} // namespace eucv::enrich
#endif
