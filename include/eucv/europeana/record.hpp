#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/result.hpp>
#include <eucv/europeana/rights.hpp>

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// One item of a search, with the fields that a table of images needs.
///
/// Texts are one line each: control characters are replaced by blanks. The query parameters `wskey` and `utm_campaign`,
/// in which the service returns the key of the caller, are removed from addresses. All fields but `id` may be empty.
struct record {
  std::string id;            ///< "/DATASET/LOCAL"
  std::string type;          ///< "IMAGE", "TEXT", "VIDEO", "SOUND", "3D"
  std::string image;         ///< the first http or https address of `edmIsShownBy`
  std::string rights;        ///< address of the rights statement
  std::string title;         ///< the first of several
  std::string creator;       ///< the first that is a name; a URI where there is none
  std::string data_provider; ///< the institution
  std::string provider;      ///< the aggregator
  std::string country;
  std::string landing_page;                       ///< the page of the provider, else that of Europeana
  std::string preview;                            ///< the address of a thumbnail at Europeana
  std::vector<std::string> concepts;              ///< `edmConcept`: URIs of its concepts, of several vocabularies
  reusability reuse = reusability::uncategorized; ///< what the strictest of its rights statements allows

  /// The URI of the item in Europeana's linked data.
  [[nodiscard]] std::string uri() const { return "http://data.europeana.eu/item" + id; }
};

/// Whether `id` has the form "/DATASET/LOCAL", both of letters, digits and '_'. Only such an id is used in addresses.
[[nodiscard]] constexpr bool is_record_id(std::string_view id) noexcept {
  if (id.size() > 512 || !id.starts_with('/')) return false;
  id.remove_prefix(1);
  const std::size_t slash = id.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == id.size()) return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const char c = id[i];
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!word && i != slash) return false;
  }
  return true;
}

/// `text` on one line: each run of blanks and control characters becomes one blank, those at the ends are removed.
[[nodiscard]] std::string one_line(std::string_view text);

/// `address` without the query parameters that hold the key of the caller.
[[nodiscard]] std::string without_key(std::string_view address);

/// Parses one element of `items`. Its fields are arrays of strings, and missing where empty; a field of another type or
/// an invalid id gives errc::bad_record.
result<record> parse_record(const boost::json::value& item);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>

namespace eucv::europeana {

namespace detail {

bool is_web_address(std::string_view text) {
  std::string head(text.substr(0, 8));
  std::ranges::transform(head, head.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  const bool web = head.starts_with("http://") || head.starts_with("https://");
  return web && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// The strings of a field. Thrown and caught inside parse_record(), where each field would else need its own check.
std::vector<std::string> strings(const boost::json::object& item, std::string_view name) {
  const auto fault = [&](std::string_view why) {
    return error(errc::bad_record, {"read an item of the Search API", std::string(name), std::string(why),
                                    "leave the item out; report it to Europeana where it stays so"});
  };
  std::vector<std::string> values;
  const auto* const member = item.if_contains({name.data(), name.size()});
  if (member == nullptr || member->is_null()) return values;
  if (!member->is_array()) throw fault("it is no array");
  for (const auto& element : member->get_array()) {
    if (!element.is_string()) throw fault("it holds something that is no string");
    const auto& text = element.get_string();
    if (!text.empty()) values.emplace_back(text.data(), text.size());
  }
  return values;
}

std::string first_line(const boost::json::object& item, std::string_view name) {
  const auto values = strings(item, name);
  return values.empty() ? std::string() : one_line(values.front());
}

std::string first_address(const boost::json::object& item, std::string_view name) {
  const auto values = strings(item, name);
  const auto found = std::ranges::find_if(values, is_web_address);
  return found == values.end() ? std::string() : without_key(*found);
}

std::string single(const boost::json::object& item, std::string_view name) {
  const auto* const member = item.if_contains({name.data(), name.size()});
  if (member == nullptr || !member->is_string())
    throw error(errc::bad_record, {"read an item of the Search API", std::string(name),
                                   member == nullptr ? "it is missing" : "it is no string", "leave the item out"});
  return {member->get_string().data(), member->get_string().size()};
}

} // namespace detail

std::string one_line(std::string_view text) {
  std::string line;
  bool gap = false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
      gap = !line.empty();
      continue;
    }
    if (std::exchange(gap, false)) line += ' ';
    line += c;
  }
  return line;
}

std::string without_key(std::string_view address) {
  const std::size_t question = address.find('?');
  if (question == std::string_view::npos) return std::string(address);
  const std::size_t end = std::min(address.find('#', question), address.size());
  std::string clean(address.substr(0, question));
  char separator = '?';
  for (std::size_t begin = question + 1; begin <= end;) {
    const std::size_t stop = std::min(address.find('&', begin), end);
    const std::string_view parameter = address.substr(begin, stop - begin);
    std::string name(parameter.substr(0, parameter.find('=')));
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    if (name != "wskey" && name != "utm_campaign") (clean += std::exchange(separator, '&')) += parameter;
    begin = stop + 1;
  }
  return clean.append(address.substr(end));
}

result<record> parse_record(const boost::json::value& item) {
  try {
    if (!item.is_object())
      throw error(errc::bad_record, {"read an item of the Search API", {}, "it is no object", "leave the item out"});
    const auto& fields = item.get_object();
    record found;
    found.id = detail::single(fields, "id");
    if (!is_record_id(found.id))
      throw error(errc::bad_record,
                  {"read an item of the Search API", "id", "it does not read /DATASET/LOCAL", "leave the item out"});
    found.type = one_line(detail::single(fields, "type"));
    found.image = detail::first_address(fields, "edmIsShownBy");
    const auto statements = detail::strings(fields, "rights");
    if (!statements.empty()) {
      found.rights = one_line(statements.front());
      found.reuse = reusability_of(found.rights);
      for (const auto& statement : statements) found.reuse = std::max(found.reuse, reusability_of(statement));
    }
    found.title = detail::first_line(fields, "title");
    const auto creators = detail::strings(fields, "dcCreator");
    const auto named = std::ranges::find_if_not(creators, detail::is_web_address);
    if (!creators.empty()) found.creator = one_line(named == creators.end() ? creators.front() : *named);
    found.data_provider = detail::first_line(fields, "dataProvider");
    found.provider = detail::first_line(fields, "provider");
    found.country = detail::first_line(fields, "country");
    found.landing_page = detail::first_address(fields, "edmIsShownAt");
    if (found.landing_page.empty()) found.landing_page = "https://www.europeana.eu/item" + found.id;
    found.preview = detail::first_address(fields, "edmPreview");
    for (const auto& uri : detail::strings(fields, "edmConcept")) found.concepts.push_back(one_line(uri));
    return found;
  } catch (const error& failure) {
    return failure;
  }
}

} // namespace eucv::europeana
#endif
