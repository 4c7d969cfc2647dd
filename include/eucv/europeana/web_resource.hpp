#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/record.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/url.hpp>

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eucv::europeana {

/// A file of an item on the web, with the properties that Europeana found at its last check.
struct web_resource {
  std::string address;
  std::string mime_type;               ///< "image/jpeg"; empty where it is not known
  std::uint64_t bytes = 0;             ///< 0 where it is not known
  std::uint64_t width = 0, height = 0; ///< pixels of a picture; 0 where they are not known
  std::vector<std::string> iiif = {};  ///< addresses of IIIF image services, which give pictures in any size
};

/// Parses the files of a record from the JSON of the Record API, in its order. Throws errc::bad_response where it is no
/// JSON, errc::bad_record where a field has another type than documented. `on` is the address for the message.
[[nodiscard]] std::vector<web_resource> parse_web_resources(std::string_view body, std::string_view on);

namespace detail {

/// The member "object" of a reply of the Record API. Throws errc::bad_response where it is no JSON or reports no
/// success, errc::bad_record where the member is missing. `address` is that of the reply, without a key.
[[nodiscard]] boost::json::value parse_record_reply(std::string_view body, const std::string& address);

} // namespace detail

/// The address for a request about a record, at the host of the Search API. `id` is "/DATASET/LOCAL"; anything else
/// throws errc::invalid_argument.
[[nodiscard]] net::url record_address(const net::url& endpoint, std::string_view id);

namespace detail {

/// Fetches a record and returns parse(body, address). See find_web_resources().
template <net::transport Transport, class Answer>
net::task<Answer> ask_for_record(client<Transport>& api, const std::string& id,
                                 Answer (*parse)(std::string_view body, std::string_view on)) {
  net::request question;
  question.target = record_address(api.endpoint(), id);
  const auto read = [parse, on = question.target.str()](const net::response& reply) { return parse(reply.body, on); };
  co_return co_await api.ask(question, "ask for a record", read);
}

} // namespace detail

/// Fetches the files of the record `id` by one request of the Record API. Throws as service::ask() does; an unknown
/// record is status 404. The client and the id must live until the task ends.
template <net::transport Transport>
net::task<std::vector<web_resource>> find_web_resources(client<Transport>& api, const std::string& id) {
  return detail::ask_for_record(api, id, &parse_web_resources);
}

} // namespace eucv::europeana

#ifdef EUCV_IMPLEMENTATION_EUROPEANA
#include <eucv/core/json.hpp>
#include <eucv/net/secret.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace eucv::europeana {

boost::json::value detail::parse_record_reply(std::string_view body, const std::string& address) {
  boost::json::value whole;
  try {
    whole = parse_json(body, address);
  } catch (const error& failure) {
    throw error(errc::bad_response, {"read a record", address, failure.text().why, "try again later"});
  }
  const auto member = [&](const char* name) {
    const auto* const found = whole.is_object() ? whole.get_object().if_contains(name) : nullptr;
    return found == nullptr || found->is_null() ? nullptr : found;
  };
  if (const auto* const success = member("success"); success != nullptr && *success == false)
    throw error(errc::bad_response, {"read a record", address, "the service reports no success", "try again later"});
  const auto* const object = member("object");
  if (object == nullptr)
    throw error(errc::bad_record, {"read a record", address, "\"object\" is missing", "leave the record out"});
  return *object;
}

std::vector<web_resource> parse_web_resources(std::string_view body, std::string_view on) {
  const std::string address = net::redact(on);
  const auto fault = [&](const std::string& why) {
    return error(errc::bad_record, {"read a record", address, why, "leave the item out"});
  };
  const auto object = [&](const boost::json::value& value, const char* name) -> const boost::json::object& {
    if (!value.is_object()) throw fault(std::string("\"") + name + "\" is no object");
    return value.get_object();
  };
  // The elements of a list that may be left out.
  const auto each = [&](const boost::json::object& of, const char* name, auto&& use) {
    const auto* const member = of.if_contains(name);
    if (member == nullptr || member->is_null()) return;
    if (!member->is_array()) throw fault(std::string("\"") + name + "\" is no list");
    for (const auto& element : member->get_array()) use(element);
  };
  const auto text = [&](const boost::json::value& value, const char* name) {
    if (!value.is_string()) throw fault(std::string("\"") + name + "\" is no text");
    return one_line({value.get_string().data(), value.get_string().size()});
  };
  const auto number = [&](const boost::json::object& of, const char* name) -> std::uint64_t {
    const auto* const member = of.if_contains(name);
    if (member == nullptr || member->is_null()) return 0;
    if (!member->is_int64() || member->get_int64() < 0) throw fault(std::string("\"") + name + "\" is no count");
    return static_cast<std::uint64_t>(member->get_int64());
  };

  const boost::json::value record = detail::parse_record_reply(body, address);
  std::vector<web_resource> found;
  each(object(record, "object"), "aggregations", [&](const boost::json::value& aggregation) {
    each(object(aggregation, "aggregations"), "webResources", [&](const boost::json::value& element) {
      const auto& fields = object(element, "webResources");
      const auto* const about = fields.if_contains("about");
      if (about == nullptr) throw fault("\"about\" of a web resource is missing");
      web_resource resource;
      resource.address = without_key(text(*about, "about"));
      if (const auto* type = fields.if_contains("ebucoreHasMimeType"); type != nullptr && !type->is_null())
        resource.mime_type = text(*type, "ebucoreHasMimeType");
      resource.bytes = number(fields, "ebucoreFileByteSize");
      resource.width = number(fields, "ebucoreWidth");
      resource.height = number(fields, "ebucoreHeight");
      for (const char* name : {"svcsHasService", "svcsHasServices"}) // both are seen
        each(fields, name, [&](const boost::json::value& service) { resource.iiif.push_back(text(service, name)); });
      found.push_back(std::move(resource));
    });
  });
  return found;
}

net::url record_address(const net::url& endpoint, std::string_view id) {
  if (!is_record_id(id))
    throw error(errc::invalid_argument, {"ask for a record", one_line(id.substr(0, 200)),
                                         "it does not read /DATASET/LOCAL", "give the ID as it stands in a table"});
  net::url address = endpoint;
  address.target = "/record/v2" + std::string(id) + ".json";
  return address;
}

} // namespace eucv::europeana
#endif
