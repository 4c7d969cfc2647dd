#pragma once

#include <eucv/core/result.hpp>
#include <eucv/europeana/record.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// One page of a search.
struct page {
  std::uint64_t total = 0;           ///< items that match, on all pages together, as the service counts them now
  std::vector<result<record>> items; ///< in the order of the search; an error for an item that breaks the rules
  std::string next;                  ///< the mark of the page after this; empty on the last one
};

/// Reads the body of a reply with status 200. Throws errc::bad_response where it is no JSON or says `"success": false`,
/// errc::bad_record where `totalResults` or `items` is missing or of another type. `on` is the address for the message.
[[nodiscard]] page parse_page(std::string_view body, std::string_view on);

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION
#include <eucv/core/json.hpp>
#include <eucv/net/secret.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace eucv::europeana {

page parse_page(std::string_view body, std::string_view on) {
  const std::string address = net::redact(on);
  boost::json::value whole;
  try {
    whole = parse_json(body, address);
  } catch (const error& failure) {
    throw error(errc::bad_response, {"read a page of the search", address, failure.text().why,
                                     "check the endpoint; run the same command again later"});
  }
  const auto fault = [&](const char* name, const char* why) {
    return error(errc::bad_record, {"read a page of the search", address, std::string("\"") + name + "\" " + why,
                                    "check that the endpoint is that of the Search API"});
  };
  if (!whole.is_object()) throw fault("items", "is missing: the reply is no object");
  const auto& fields = whole.get_object();
  if (const auto* success = fields.if_contains("success"); success != nullptr && *success != true)
    throw error(errc::bad_response, {"read a page of the search", address, "the service reports no success",
                                     "run the same command again later"});
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
  return found;
}

} // namespace eucv::europeana
#endif
