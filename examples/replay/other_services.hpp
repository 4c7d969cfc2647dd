#pragma once

#include "replay/collection.hpp"
#include "replay/parameters.hpp"
#include "replay/search.hpp"

#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/entity.hpp>
#include <eucv/image/formats.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace replay {

/// The MIME type of a picture, by its name.
[[nodiscard]] inline std::string_view media_type(const std::filesystem::path& file) {
  const auto* const format = eucv::image::format_by_ending(file.string());
  return format == nullptr ? "application/octet-stream" : format->mime_type;
}

/// What the Entity API says of the pilot's subjects: GET /entity/concept/N.json, and /entity/resolve?uri= for the equal
/// AAT term. Labels are those of the pilot in English, and a few in German. A redirect has its address as the body.
[[nodiscard]] inline reply entity_answer(const parameters& asked) {
  const auto missing = [&] {
    boost::json::object body{{"type", "ErrorResponse"},
                             {"success", false},
                             {"status", 404},
                             {"error", "Not Found"},
                             {"path", asked.path.c_str()}};
    return reply{404, boost::json::serialize(body)};
  };
  const auto& subjects = eucv::dataset::pilot_vocabulary();
  const auto number_of = [](const eucv::dataset::subject& subject) {
    const auto number = eucv::europeana::concept_number(subject.uri);
    // A few classes of the pilot are AAT terms: here they have numbers of their own.
    return number.empty() ? "9" + subject.aat.substr(subject.aat.rfind('/') + 1) : std::string(number);
  };
  if (asked.path == "/entity/resolve") {
    const std::string uri = asked.first("uri").value_or("");
    const auto found = std::ranges::find_if(subjects, [&](const auto& s) { return s.uri == uri || s.aat == uri; });
    if (found == subjects.end()) return missing();
    return {301, "http://data.europeana.eu/concept/" + number_of(*found)};
  }
  const std::string number(eucv::europeana::concept_number(asked.path));
  const auto found = std::ranges::find_if(subjects, [&](const auto& s) { return number_of(s) == number; });
  if (number.empty() || found == subjects.end()) return missing();
  std::string words = found->label;
  std::ranges::replace(words, '_', ' ');
  boost::json::object labels{{"en", words}};
  if (found->label == "map") labels["de"] = "Landkarte";
  if (found->label == "painting") labels["de"] = "Gem\xc3\xa4lde";
  boost::json::object body{{"@context", "http://www.europeana.eu/schemas/context/entity.jsonld"},
                           {"id", "http://data.europeana.eu/concept/" + number},
                           {"type", "Concept"},
                           {"prefLabel", std::move(labels)},
                           {"exactMatch", boost::json::array{boost::json::value(found->aat)}}};
  return {200, boost::json::serialize(body)};
}

/// What the Record API says of a record: its picture, with the file's size and type, its rights and concepts; those
/// that are subjects of the pilot come with their equal AAT terms. `origin` is that of the image host.
[[nodiscard]] inline reply record_answer(const collection& records, const std::string& origin, std::string_view path,
                                         const std::string& key) {
  constexpr std::string_view head = "/record/v2", tail = ".json";
  const std::string id(path.substr(head.size(), path.size() - std::min(path.size(), head.size() + tail.size())));
  for (std::size_t i = 0; i < records.size(); ++i) {
    const item record = records.at(i);
    if (record.id != id) continue;
    boost::json::array resources;
    std::error_code none;
    if (!record.file.empty()) {
      const auto size = std::filesystem::file_size(record.file, none);
      resources.push_back({{"about", image_address(origin, record, static_cast<std::uint32_t>(i))},
                           {"ebucoreHasMimeType", media_type(record.file)},
                           {"ebucoreFileByteSize", none ? 0 : size}});
    }
    boost::json::object aggregation{{"about", "/aggregation/provider" + id},
                                    {"edmRights", {{"def", boost::json::array{boost::json::value(record.rights)}}}},
                                    {"webResources", std::move(resources)}};
    if (!record.file.empty())
      aggregation["edmIsShownBy"] = image_address(origin, record, static_cast<std::uint32_t>(i));
    boost::json::array concepts;
    for (const auto& uri : record.concepts) {
      boost::json::object shown{{"about", uri}};
      for (const auto& subject : eucv::dataset::pilot_vocabulary())
        if (subject.uri == uri) shown["exactMatch"] = boost::json::array{boost::json::value(subject.aat)};
      concepts.push_back(std::move(shown));
    }
    boost::json::object object{
        {"about", id}, {"type", record.type}, {"aggregations", boost::json::array{std::move(aggregation)}}};
    if (!concepts.empty()) object["concepts"] = std::move(concepts);
    boost::json::object body{{"apikey", key}, {"success", true}, {"requestNumber", 999}, {"object", std::move(object)}};
    return {200, boost::json::serialize(body)};
  }
  return refusal(404, key, "Invalid record identifier: " + id, {}, {});
}

} // namespace replay
