#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/record.hpp>
#include <eucv/europeana/web_resource.hpp>
#include <eucv/net/http.hpp>

#include <string>
#include <string_view>

namespace eucv::europeana {

/// Parses a record of the Record API: id, type, the first http or https address of `edmIsShownBy`, rights,
/// and in `concepts` the URIs of its contextual concepts and of their exact matches. The other fields of
/// `record` stay empty. Throws errc::bad_response where it is no JSON, errc::bad_record where it is no record or a
/// field has another type than documented. `on` is the address for the message.
[[nodiscard]] record parse_full_record(std::string_view body, std::string_view on);

/// Fetches the record `id` by one request of the Record API. Throws as service::ask() does; an unknown record is status
/// 404. The client and the id must live until the task ends.
template <net::transport Transport>
net::task<record> find_record(client<Transport>& api, const std::string& id) {
  return detail::ask_for_record(api, id, &parse_full_record);
}

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/error.hpp>
#include <eucv/net/secret.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <vector>

namespace eucv::europeana {

record parse_full_record(std::string_view body, std::string_view on) {
  const std::string address = net::redact(on);
  const boost::json::value object = detail::parse_record_reply(body, address);
  const auto fault = [&](const std::string& why) {
    return error(errc::bad_record, {"read a record", address, why, "leave the record out"});
  };
  const auto member = [](const boost::json::value& of, const char* name) -> const boost::json::value* {
    const auto* const found = of.is_object() ? of.get_object().if_contains(name) : nullptr;
    return found == nullptr || found->is_null() ? nullptr : found;
  };
  // The texts of a member that is a text, a list of texts, or a map from languages to such; all three are seen.
  const auto texts = [&](const boost::json::value& of, const char* name) {
    std::vector<std::string> values;
    const auto add = [&](const boost::json::value& value) {
      if (!value.is_string()) throw fault(std::string("\"") + name + "\" holds something that is no text");
      values.push_back(one_line({value.get_string().data(), value.get_string().size()}));
    };
    const auto add_all = [&](const boost::json::value& value) {
      if (!value.is_array()) return add(value);
      for (const auto& element : value.get_array()) add(element);
    };
    const auto* const found = member(of, name);
    if (found == nullptr) return values;
    if (!found->is_object()) add_all(*found);
    if (found->is_object())
      for (const auto& entry : found->get_object()) add_all(entry.value());
    return values;
  };
  const auto for_each = [&](const boost::json::value& of, const char* name, auto&& use) {
    const auto* const found = member(of, name);
    if (found == nullptr) return;
    if (!found->is_array()) throw fault(std::string("\"") + name + "\" is no list");
    for (const auto& element : found->get_array()) use(element);
  };

  record found;
  const auto about = texts(object, "about");
  if (about.size() != 1 || !is_record_id(about.front())) throw fault("\"about\" does not read /DATASET/LOCAL");
  found.id = about.front();
  if (const auto type = texts(object, "type"); !type.empty()) found.type = type.front();
  for_each(object, "aggregations", [&](const boost::json::value& aggregation) {
    for (const auto& image : texts(aggregation, "edmIsShownBy"))
      if (found.image.empty() && (image.starts_with("http://") || image.starts_with("https://")))
        found.image = without_key(image);
    for (const auto& statement : texts(aggregation, "edmRights")) {
      if (found.rights.empty()) found.rights = statement, found.reuse = reusability_of(statement);
      found.reuse = std::max(found.reuse, reusability_of(statement));
    }
  });
  for_each(object, "concepts", [&](const boost::json::value& each) {
    for (const char* name : {"about", "exactMatch"})
      for (auto& uri : texts(each, name)) found.concepts.push_back(std::move(uri));
  });
  return found;
}

} // namespace eucv::europeana
#endif
