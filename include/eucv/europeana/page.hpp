#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>
#include <eucv/europeana/record.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// A value of a field, and the number of matching items that have it.
struct facet_value {
  std::string label;
  std::uint64_t count = 0;
};

/// One page of a search.
struct page {
  std::uint64_t total = 0;           ///< items on all pages together, as the service counts them now
  std::vector<result<record>> items; ///< in the order of the search; an error for a malformed item
  std::string next;                  ///< the mark of the next page; empty on the last one
  std::map<std::string, std::vector<facet_value>> facets = {}; ///< by field, the most frequent value first
};

/// Parses the body of a reply with status 200. Throws errc::bad_response where it is no JSON or says `"success":
/// false`, errc::bad_record where `totalResults` or `items` is missing, or a field is of another type. `on` is the
/// address for the message.
[[nodiscard]] page parse_page(std::string_view body, std::string_view on);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/json.hpp>
#include <eucv/net/secret.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace eucv::europeana {

namespace detail {

// False where it is no array of {"name", "fields": [{"label", "count"}]}.
bool read_facets(const boost::json::value& facets, page& into) {
  const auto member = [](const boost::json::value& of, const char* name) {
    return of.is_object() ? of.get_object().if_contains(name) : nullptr;
  };
  if (!facets.is_array()) return false;
  for (const auto& facet : facets.get_array()) {
    const auto *const name = member(facet, "name"), *const values = member(facet, "fields");
    if (name == nullptr || !name->is_string()) return false;
    auto& found = into.facets[std::string(name->get_string().data(), name->get_string().size())];
    if (values == nullptr) continue; // empty arrays are left out
    if (!values->is_array()) return false;
    for (const auto& value : values->get_array()) {
      const auto *const label = member(value, "label"), *const count = member(value, "count");
      if (label == nullptr || !label->is_string() || count == nullptr || !count->is_int64() || count->get_int64() < 0)
        return false;
      found.push_back({one_line({label->get_string().data(), label->get_string().size()}),
                       static_cast<std::uint64_t>(count->get_int64())});
    }
  }
  return true;
}

} // namespace detail

page parse_page(std::string_view body, std::string_view on) {
  const std::string address = net::redact(on);
  boost::json::value whole;
  try {
    whole = parse_json(body, address);
  } catch (const error& failure) {
    throw error(errc::bad_response,
                {"read a page of the search", address, failure.text().why, "check the endpoint; try again later"});
  }
  const auto fault = [&](const char* name, const char* why) {
    return error(errc::bad_record, {"read a page of the search", address, std::string("\"") + name + "\" " + why,
                                    "check that the endpoint is that of the Search API"});
  };
  if (!whole.is_object()) throw fault("items", "is missing: the reply is no object");
  const auto& fields = whole.get_object();
  if (const auto* success = fields.if_contains("success"); success != nullptr && *success != true)
    throw error(errc::bad_response,
                {"read a page of the search", address, "the service reports no success", "try again later"});
  page found;
  const auto* const total = fields.if_contains("totalResults");
  if (total == nullptr) throw fault("totalResults", "is missing");
  if (!total->is_int64() || total->get_int64() < 0) throw fault("totalResults", "is no count");
  found.total = static_cast<std::uint64_t>(total->get_int64());
  const auto* const items = fields.if_contains("items");
  if (items == nullptr) throw fault("items", "is missing");
  if (!items->is_array()) throw fault("items", "is no array");
  found.items.reserve(items->get_array().size());
  for (const auto& item : items->get_array()) found.items.push_back(parse_record(item));
  if (const auto* next = fields.if_contains("nextCursor"); next != nullptr && !next->is_null()) {
    if (!next->is_string()) throw fault("nextCursor", "is no string");
    found.next.assign(next->get_string().data(), next->get_string().size());
  }
  if (const auto* facets = fields.if_contains("facets"); facets != nullptr && !facets->is_null()) {
    if (!detail::read_facets(*facets, found)) throw fault("facets", "have another form than documented");
  }
  return found;
}

} // namespace eucv::europeana
#endif
