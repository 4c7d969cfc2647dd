#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/detail/card_entries.hpp>

#include <string>

namespace eucv::dataset {

/// The text of croissant.json: JSON-LD of the Croissant format 1.0 (mlcommons.org/croissant). A FileObject with
/// SHA-256, licence and credit for each picture that was downloaded, and a record set over ATTRIBUTION.csv, whose
/// digest it holds. The format demands `published`, `url` and `creator`; those that are empty are left out.
[[nodiscard]] std::string croissant_json(const card& about);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <eucv/core/digest.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/image/formats.hpp>

#include <set>
#include <string_view>

namespace eucv::dataset {
namespace detail {

// "Title, by Creator, from Data provider": what a licence wants to be said.
static std::string credit_of(const card_entry& each) {
  std::string credit = each.title.empty() ? each.id : each.title;
  if (!each.creator.empty()) credit += ", by " + each.creator;
  if (!each.data_provider.empty()) credit += ", from " + each.data_provider;
  return credit;
}

static bool is_web_address(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

// An address relative to the data set (RFC 3986): what is no plain letter of a path is encoded.
static std::string relative_url(std::string_view file) {
  std::string out;
  for (const char c : file) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      ((out += '%') += "0123456789ABCDEF"[byte >> 4]) += "0123456789ABCDEF"[byte & 15];
    }
  }
  return out;
}

} // namespace detail

std::string croissant_json(const card& about) {
  const auto pair = [](const char* name, std::string_view value) {
    return "\"" + std::string(name) + "\": " + json_string(value);
  };
  std::set<std::string> licences;
  for (const auto& each : about.entries)
    if (detail::is_web_address(each.rights)) licences.insert(each.rights);
  std::string licence_list;
  for (const auto& each : licences) licence_list += (licence_list.empty() ? "" : ", ") + json_string(each);
  std::string text = R"({
  "@context": {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform"
  },
  "@type": "sc:Dataset",
  )" + pair("name", about.name) +
                     ",\n  " + pair("description", about.made) +
                     ",\n  \"conformsTo\": \"http://mlcommons.org/croissant/1.0\",\n  " +
                     (about.published.empty() ? "" : pair("datePublished", about.published) + ",\n  ") +
                     (about.url.empty() ? "" : pair("url", about.url) + ",\n  ") +
                     (about.creator.empty()
                          ? ""
                          : "\"creator\": {\"@type\": \"sc:Organization\", " + pair("name", about.creator) + "},\n  ") +
                     "\"license\": [" + licence_list +
                     "],\n  \"distribution\": [\n    {\"@type\": \"cr:FileObject\", \"@id\": \"attribution\", "
                     "\"name\": \"attribution\", \"contentUrl\": \"ATTRIBUTION.csv\", \"encodingFormat\": "
                     "\"text/csv\", " +
                     pair("sha256", sha256_text(attribution_csv(about))) + "}";
  for (const auto& each : about.entries) {
    if (each.file.empty()) continue;
    const std::string address = detail::relative_url(each.file);
    const auto* const format = image::format_by_ending(each.file);
    text += ",\n    {\"@type\": \"cr:FileObject\", " + pair("@id", address) + ", " + pair("name", each.file) + ", " +
            pair("contentUrl", address) + ", " +
            pair("encodingFormat", format != nullptr ? format->mime_type : "application/octet-stream") + ", " +
            pair("sha256", each.sha256) + ", " + pair("creditText", detail::credit_of(each));
    if (!each.rights.empty()) text += ", " + pair("license", each.rights);
    if (detail::is_web_address(each.landing_page)) text += ", " + pair("isBasedOn", each.landing_page);
    text += "}";
  }
  text += "\n  ],\n  \"recordSet\": [\n    {\"@type\": \"cr:RecordSet\", \"@id\": \"pictures\", \"name\": "
          "\"pictures\", \"field\": [";
  const char* gap = "\n      ";
  for (const auto& [name, member] : detail::card_columns) {
    text += std::string(gap) + "{\"@type\": \"cr:Field\", " + pair("@id", std::string("pictures/") + name) + ", " +
            pair("name", name) +
            ", \"dataType\": \"sc:Text\", \"source\": {\"fileObject\": {\"@id\": "
            "\"attribution\"}, \"extract\": {" +
            pair("column", name) + "}}}";
    gap = ",\n      ";
  }
  return text + "\n    ]}\n  ]\n}\n";
}

} // namespace eucv::dataset
#endif
