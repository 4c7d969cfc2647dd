#pragma once

#include <eucv/core/implementation.hpp>

// The only place that translates between our messages and Beast's. Seen where the implementation is compiled.
#ifdef EUCV_IMPLEMENTATION_NET
#include <eucv/core/error.hpp>
#include <eucv/net/http.hpp>

#include <boost/beast/core/span.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/span_body.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace eucv::net::detail {

using beast_request = boost::beast::http::request<boost::beast::http::span_body<const char>>;

// Fields that say how the connection is used: the client's to set. A caller's own would contradict what it does.
bool is_ours(std::string_view name) {
  static constexpr std::array<std::string_view, 7> ours{"Host",    "Connection", "Content-Length",   "TE",
                                                        "Trailer", "Upgrade",    "Transfer-Encoding"};
  return std::ranges::any_of(ours, [&](std::string_view own) { return equal_ignoring_case(own, name); });
}

// Refuses what would end the field early and begin another one, or another request.
void check_field(const header& field) {
  constexpr std::string_view specials = "!#$%&'*+-.^_`|~";
  const bool named = !field.name.empty() && std::ranges::all_of(field.name, [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || specials.find(c) != std::string_view::npos;
  });
  const bool clean = std::ranges::none_of(
      field.value, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
  if (named && clean && !is_ours(field.name)) return;
  throw error(errc::invalid_argument, {"send a header field", named ? field.name : "with a bad name",
                                       !named   ? "the name is no token"
                                       : !clean ? "the value holds control characters" // not shown: it may be a key
                                                : "the client sets this field itself",
                                       "give another field"});
}

// The body is not copied: `question` must outlive the message.
beast_request to_message(const request& question, std::string_view user_agent) {
  namespace http = boost::beast::http;
  beast_request message;
  message.method_string(to_string(question.verb));
  message.target(question.target.target);
  const std::string origin = question.target.origin();
  message.set(http::field::host, std::string_view(origin).substr(origin.find("//") + 2));
  if (!find_header(question.headers, "User-Agent")) message.set(http::field::user_agent, user_agent);
  message.set(http::field::accept_encoding, "identity");
  for (const auto& field : question.headers) {
    check_field(field);
    message.insert(field.name, field.value);
  }
  if (question.verb == method::post) {
    message.body() = boost::beast::span<const char>(question.body.data(), question.body.size());
    message.content_length(question.body.size());
  }
  return message;
}

response to_response(const boost::beast::http::response_header<>& message) {
  response reply;
  reply.status = static_cast<int>(message.result_int());
  for (const auto& field : message)
    reply.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  return reply;
}

} // namespace eucv::net::detail
#endif
